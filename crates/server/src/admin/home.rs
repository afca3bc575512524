//! The console's first page: how everything stands, and what needs somebody.

use app::{
    accounts::Headcount,
    alarms::AlarmsView,
    audit::AuditSearch,
    office365::{Office365View, TenantAdmins},
    sync::RunSummary,
};
use model::{
    Ts,
    plan::{RunState, Scope},
};

use crate::{
    answer::{Answer, Desk},
    error::Failure,
    pages::{
        Rail,
        admin::home::{Home, OpenProblem, Tile},
        parts::{AuditRow, Tone, Verdict},
    },
    visitor::Console,
    wording::{count, events, products, rows, times},
};

mod problems;

/// Everything that the page is made from.
struct Seen {
    alarms: AlarmsView,
    views: Vec<Office365View>,
    runs: Vec<RunSummary>,
    keys: Vec<app::keys::KeyView>,
    people: Headcount,
    /// Who administers each tenant.
    tenant_admins: Vec<TenantAdmins>,
    now: Ts,
}

/// The page.
pub(super) async fn show(admin: Console, desk: Desk) -> Answer {
    let seen = look(&admin, &desk).await?;
    let (alarms, open_problems) = (problems::alarms(&seen), problems::find(&seen));
    let all: Vec<&OpenProblem> = alarms.iter().chain(&open_problems).collect();
    let page = Home {
        verdict: verdict(&seen, &all),
        tiles: tiles(&seen, &all, open_problems.is_empty()),
        alarms,
        open_problems,
        guide: desk.counter.house.guide_is_open(&admin).await?,
        begin: seen.views.is_empty(),
        recent: recent(&admin, &desk).await?,
    };
    desk.page(&desk.console_chrome(&admin, Rail::Home).await?, &page)
}

async fn look(admin: &Console, desk: &Desk) -> Result<Seen, Failure> {
    let house = &desk.counter.house;
    let views = house.office365(admin).await?;
    let (mut runs, mut tenant_admins) = (Vec::new(), Vec::new());
    for view in &views {
        runs.extend(house.runs(admin, view.tenant.id).await?);
        tenant_admins.push(house.tenant_admins(admin, view.tenant.id).await?);
    }
    runs.sort_by_key(|run| std::cmp::Reverse(run.run.started_at));
    Ok(Seen {
        alarms: house.alarms(admin).await?,
        views,
        runs,
        keys: house.signing_keys(app::keys::Keeper::Admin(admin)).await?,
        people: house.headcount(admin).await?,
        tenant_admins,
        now: house.now(),
    })
}

async fn recent(admin: &Console, desk: &Desk) -> Result<Vec<AuditRow>, Failure> {
    let house = &desk.counter.house;
    let mut found = house.audit_rows(admin, AuditSearch::default()).await?.rows;
    found.truncate(8);
    let names = house.names(admin, events::actors(&found)).await?;
    let (programs, now) = (house.program_names(admin).await?, house.now());
    Ok(found.iter().map(|event| events::row(event, (&names, &programs), now)).collect())
}

fn verdict(seen: &Seen, problems: &[&OpenProblem]) -> Verdict {
    let worst_is = |tone| problems.iter().any(|problem| problem.tone == tone);
    let many = count(rows(problems.len()), "thing needs you", "things need you");
    if worst_is(Tone::Danger) && problems.len() == 1 {
        Verdict::new(Tone::Danger, &format!("{many} and can't wait."))
    } else if worst_is(Tone::Danger) {
        Verdict::new(Tone::Danger, &format!("{many}; at least one can't wait."))
    } else if !problems.is_empty() {
        Verdict::new(Tone::Warn, &format!("{many}; nobody is locked out."))
    } else if seen.views.is_empty() {
        Verdict::new(Tone::Neutral, "No tenant is connected yet.")
    } else {
        Verdict::new(Tone::Ok, "Everything is in step with Microsoft 365.")
    }
}

/// `above`: whatever needs somebody is an alarm, and those stand above.
fn tiles(seen: &Seen, problems: &[&OpenProblem], above: bool) -> Vec<Tile> {
    let tile = |label: &str, value: String, note: String, tone, href: &str| Tile {
        label: label.to_owned(),
        value,
        note,
        tone,
        href: href.to_owned(),
    };
    let seats: u32 = seen.views.iter().flat_map(|view| &view.skus).map(|sku| sku.enabled).sum();
    let people = &seen.people;
    let worst = if problems.iter().any(|problem| problem.tone == Tone::Danger) {
        Tone::Danger
    } else {
        Tone::Warn
    };
    let (tone, note, href) = match problems {
        [] => (Tone::Ok, "nothing needs you", "#problems"),
        _ if above => (worst, "see above", "/admin/alarms"),
        _ => (worst, "see below", "#problems"),
    };
    let blocked = format!("{} blocked", people.blocked);
    let assigned = people.assigned.to_string();
    vec![
        tile("People", people.people.to_string(), blocked, Tone::Neutral, "/admin/users"),
        tile(
            "Assigned to Office 365",
            assigned,
            format!("of {seats} seats"),
            Tone::Neutral,
            "/admin/applications/office365",
        ),
        last_run(seen),
        tile("Open problems", problems.len().to_string(), note.to_owned(), tone, href),
    ]
}

fn last_run(seen: &Seen) -> Tile {
    let last = seen.runs.iter().find(|run| run.run.state != RunState::Preview);
    let (value, note, tone) = match last {
        None => ("None yet".to_owned(), "preview one".to_owned(), Tone::Neutral),
        Some(run) => {
            let scope = match run.run.scope {
                Scope::Everyone => "everybody",
                Scope::Person(_) => "one person",
            };
            let steps = count(rows(run.steps), "step", "steps");
            let failed = if run.failed == 0 { "none".to_owned() } else { run.failed.to_string() };
            let tone = match run.run.state {
                RunState::NeedsApproval => Tone::Warn,
                RunState::Stopped => Tone::Danger,
                _ if run.failed > 0 => Tone::Warn,
                _ => Tone::Ok,
            };
            let note = format!("{scope}: {steps}, {failed} failed");
            (times::relative(run.run.started_at, seen.now), note, tone)
        }
    };
    let href = "/admin/sync-runs".to_owned();
    Tile { label: "Last sync run".to_owned(), value, note, tone, href }
}

/// Products without a free seat.
fn full_products(view: &Office365View) -> impl Iterator<Item = &str> {
    view.skus.iter().filter(|sku| sku.usable && products::free(sku) == 0).map(products::product)
}
