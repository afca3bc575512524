//! *Import from Microsoft 365*: the people of a tenant, searched and ticked.

mod asked;
mod row;

use app::tenant_people::{PAGE, PeoplePage};
use model::{
    ids::ObjectId,
    tenant_people::{Choice, Tick},
};

use super::sync_runs::carry_on;
use crate::{
    answer::{Answer, Desk, field_problem, id, see_other},
    csrf::Form,
    error::Failure,
    pages::{
        Rail,
        admin::tenant_people::{Around, TenantPeople},
        parts::{self, Link, Problem, Tone, Verdict},
    },
    visitor::Console,
    wording::{count, times},
};
use app::imports::TickAll;
use asked::Wanted;

const PATH: &str = "/admin/tenant-people";

/// The page.
pub(super) async fn show(admin: Console, desk: Desk) -> Answer {
    let wanted = Wanted::of_address(&desk);
    let page = page(&admin, &desk, &wanted, Vec::new()).await?;
    desk.page(&desk.console_chrome(&admin, Rail::Microsoft365).await?, &page)
}

/// Looks at everybody in the tenant anew.
pub(super) async fn look(admin: Console, desk: Desk, form: Form) -> Answer {
    let [tenant] = form.exactly(["tenant"])?;
    let tenant = id(&tenant)?;
    let (house, admin) = (desk.counter.house.clone(), (*admin).clone());
    let looked = carry_on(async move { house.look_for_matches(&admin, tenant).await }).await?;
    let done = looked.map_or("plan-begun", |()| "looked");
    Ok(see_other(&format!("{PATH}?tenant={tenant}&done={done}")))
}

/// Keeps the ticks of a page, and goes where the pressed button says.
pub(super) async fn tick(admin: Console, desk: Desk, form: Form) -> Answer {
    let lists = ["shown", "sync", "sso", "bind"];
    let fields = form.with_lists(asked::FIELDS, &lists)?;
    let [.., go] = &fields;
    let (go, wanted) = (go.clone(), Wanted::of_form(&fields));
    let (house, visitor) = (&desk.counter.house, desk.guest.visitor());
    let tenant = id(&wanted.tenant)?;
    let ticks = ticks(&form)?;
    house.tick_accounts(&admin, tenant, ticks.clone(), visitor).await?;
    let all = match go.as_str() {
        "all-sync" => Some(TickAll::Sync),
        "all-sso" => Some(TickAll::Sso),
        "all-nothing" => Some(TickAll::Nothing),
        _ => None,
    };
    if let Some(what) = all {
        let done = house.tick_all(&admin, tenant, (wanted.filters(), what), visitor).await;
        let problem = match done {
            Ok(done) if done.more => only_some(done.many),
            Ok(done) => return Ok(see_other(&wanted.ticked(done.many))),
            Err(error) => field_problem(error, &[])?,
        };
        let page = page(&admin, &desk, &wanted, vec![problem]).await?;
        return desk.again(&desk.console_chrome(&admin, Rail::Microsoft365).await?, &page);
    }
    let (shown, _) = ticks;
    match go.as_str() {
        "next" => Ok(see_other(&wanted.after(shown.last().copied()))),
        "previous" => Ok(see_other(&wanted.before(shown.first().copied()))),
        "preview" => preview(&admin, &desk, &wanted).await,
        _ => Ok(see_other(&wanted.here("ticks-kept"))),
    }
}

/// What is said when more fit than one import takes.
fn only_some(many: usize) -> Problem {
    let many = count(crate::wording::rows(many), "account is", "accounts are");
    let cause = format!("The first {many} changed, as many as one import takes; more match.");
    Problem::of_field("all", &cause, "Import these, and come back for the others.")
}

/// Of how many accounts the ticks were changed at once.
fn said(many: &str) -> String {
    let Ok(many) = many.parse::<u32>() else { return String::new() };
    format!(
        "The ticks of {} changed. Guests, administrators, emergency accounts and those that another \
         synchronisation keeps are passed over unless their kind is shown alone; Sync user passes \
         over those that are somebody's here already.",
        count(many, "account", "accounts")
    )
}

/// Leads to the draft; without one there is nothing to see.
async fn preview(admin: &Console, desk: &Desk, wanted: &Wanted) -> Answer {
    let asked = wanted.asked(id(&wanted.tenant)?);
    let found = desk.counter.house.tenant_people(admin, asked).await?;
    match found.draft {
        Some((draft, ticked)) if ticked > 0 => {
            Ok(see_other(&format!("/admin/imports/{}", draft.id)))
        }
        _ => {
            let action = "Tick Sync user or SSO enabled of somebody, and look then.";
            let problem = Problem::of_field("all", "Nothing is ticked.", action);
            let page = page(admin, desk, wanted, vec![problem]).await?;
            desk.again(&desk.console_chrome(admin, Rail::Microsoft365).await?, &page)
        }
    }
}

/// The accounts of the page, and what is wanted of each.
fn ticks(form: &Form) -> Result<(Vec<ObjectId>, Vec<Tick>), Failure> {
    let ids = |name: &str| {
        form.list(name).iter().map(|text| id(text)).collect::<Result<Vec<ObjectId>, _>>()
    };
    let (shown, sync, sso) = (ids("shown")?, ids("sync")?, ids("sso")?);
    if shown.len() > usize::try_from(PAGE).unwrap_or(usize::MAX) {
        return Err(Failure::bad_input("The form has more accounts than a page."));
    }
    let mut chosen = std::collections::HashMap::new();
    for bind in form.list("bind") {
        let (object, choice) = bind.split_once(':').ok_or(Failure::NoSuchPage)?;
        chosen.insert(id::<ObjectId>(object)?, choice_of(choice)?);
    }
    let tick = |object: &ObjectId| Tick {
        object: *object,
        sync: sync.contains(object),
        sso: sso.contains(object),
        choice: chosen.get(object).copied().unwrap_or_default(),
    };
    let ticks = shown.iter().map(tick).collect();
    Ok((shown, ticks))
}

fn choice_of(text: &str) -> Result<Choice, Failure> {
    match text.split_once(':') {
        Some(("person", person)) => Ok(Choice::Bind(id(person)?)),
        None if text == "suggested" => Ok(Choice::Suggested),
        None if text == "create" => Ok(Choice::Create),
        None if text == "ignore" => Ok(Choice::Ignore),
        _ => Err(Failure::NoSuchPage),
    }
}

async fn page(
    admin: &Console,
    desk: &Desk,
    wanted: &Wanted,
    problems: Vec<Problem>,
) -> Result<TenantPeople, Failure> {
    let house = &desk.counter.house;
    let views = house.office365(admin).await?;
    let chosen = views.iter().find(|view| view.tenant.id.to_string() == wanted.tenant);
    let Some(view) = chosen.or_else(|| views.first()) else {
        admin.require(model::Role::UserAdmin)?;
        return Ok(unconnected());
    };
    let id = view.tenant.id;
    let wanted = &wanted.of_tenant(id);
    let found = house.tenant_people(admin, wanted.asked(id)).await?;
    let now = house.now();
    let tenants = views.iter().map(|view| {
        let id = view.tenant.id.to_string();
        parts::Choice::new(&id, &view.tenant.alias, &wanted.tenant)
    });
    let draft = found.draft.as_ref().filter(|(_, ticked)| *ticked > 0);
    Ok(TenantPeople {
        verdict: verdict(&found),
        tenants: tenants.collect(),
        looked: found.look.as_ref().map(|look| times::when(look.at, now)),
        q: wanted.q.clone(),
        filters: wanted.choices(&found),
        carried: wanted.carried(),
        rows: found.accounts.iter().map(|account| row::row(&found, account)).collect(),
        total: format!("{} in this list", count(found.total, "account", "accounts")),
        around: Around { previous: found.around.0, next: found.around.1 },
        draft: draft.map(|(draft, ticked)| {
            let label = count(*ticked, "account is ticked", "accounts are ticked");
            Link::new(&label, &format!("/admin/imports/{}", draft.id))
        }),
        said: said(&desk.asked("ticked")),
        problems,
    })
}

fn unconnected() -> TenantPeople {
    TenantPeople {
        verdict: Verdict::new(Tone::Neutral, "No tenant is connected yet."),
        tenants: Vec::new(),
        looked: None,
        q: String::new(),
        filters: Vec::new(),
        carried: Vec::new(),
        rows: Vec::new(),
        total: String::new(),
        around: Around { previous: false, next: false },
        draft: None,
        said: String::new(),
        problems: Vec::new(),
    }
}

fn verdict(found: &PeoplePage) -> Verdict {
    let Some(look) = &found.look else {
        return Verdict::new(Tone::Neutral, "Nobody has looked at the tenant yet.");
    };
    let accounts = count(look.found, "account", "accounts");
    match found.left_over {
        0 => Verdict::new(Tone::Ok, &format!("{accounts}; nobody is left over.")),
        left => {
            let left = count(left, "is left over", "are left over");
            let text = format!("{accounts}; {left}: nobody here has them.");
            Verdict::new(Tone::Warn, &text)
        }
    }
}
