//! The guided path, and the small way back to it from the pages of its steps.

mod way_back;

use app::guide::{Age, Guide, Standing, Step, StepState};
use model::Role;

use crate::{
    answer::{Answer, Desk, see_other},
    csrf::Form,
    error::Failure,
    pages::{
        Rail,
        admin::setup::{GuideStep, Setup},
        parts::{Tab, Tone, Verdict},
    },
    sign_in::set_cookie,
    visitor::Console,
    wording::{guide as words, times},
};

pub(crate) use way_back::{Note, way_back};

const PATH: &str = "/admin/setup";

/// The path. The browser remembers which one is open until it is walked to its end.
pub(super) async fn show(admin: Console, desk: Desk) -> Answer {
    let asked = desk.asked("domain");
    let slug = Some(asked.as_str()).filter(|slug| !slug.is_empty());
    let guide = desk.counter.house.guide(&admin, slug).await?;
    let page = page(&admin, &desk, &guide);
    let chrome = desk.console_chrome(&admin, Rail::Microsoft365).await?;
    let mut answer = desk.page(&chrome, &page)?;
    let secure = desk.counter.is_secure();
    let cookie = match guide.next() {
        Some(next) => Note { slug: page.slug, step: next.step }.set(secure),
        None => Note::clear(secure),
    };
    set_cookie(&mut answer, &cookie)?;
    Ok(answer)
}

/// Looks at the tenant anew.
pub(super) async fn look(admin: Console, desk: Desk, form: Form) -> Answer {
    admin.require(Role::UserAdmin)?;
    let [slug] = form.exactly(["domain"])?;
    let house = &desk.counter.house;
    let asked = Some(slug.as_str()).filter(|slug| !slug.is_empty());
    let guide = house.guide(&admin, asked).await?;
    let Some(tenant) = guide.tenant else {
        return Err(Failure::bad_input("No tenant is connected that could be looked at."));
    };
    let (house, admin) = (house.clone(), (*admin).clone());
    let domain = guide.domain.as_ref().map(|domain| domain.id);
    let work = async move { house.look_for_guide(&admin, tenant.id, domain).await };
    // What stood in the way is said by the steps.
    let done = match super::sync_runs::carry_on(work).await? {
        None => "&done=plan-begun",
        Some(None) => "&done=looked",
        Some(Some(_)) => "",
    };
    let slug = guide.domain.map(|domain| domain.slug).unwrap_or_default();
    Ok(see_other(&format!("{PATH}?domain={slug}{done}")))
}

fn page(admin: &Console, desk: &Desk, guide: &Guide) -> Setup {
    let slug = guide.domain.as_ref().map(|domain| domain.slug.clone()).unwrap_or_default();
    let next = guide.next().map(|state| state.step);
    let tab = |domain: &model::federated_domain::FederatedDomain| Tab {
        label: domain.name.clone(),
        href: format!("{PATH}?domain={}", domain.slug),
        active: domain.slug == slug,
    };
    let tabs = match guide.domains.as_slice() {
        [] | [_] => Vec::new(),
        several => several.iter().map(tab).collect(),
    };
    Setup {
        verdict: verdict(guide),
        tabs,
        may_look: guide.tenant.is_some() && admin.role().covers(Role::UserAdmin),
        steps: guide.steps.iter().map(|state| step((admin, desk), state, (&slug, next))).collect(),
        slug,
    }
}

fn step(
    (admin, desk): (&Console, &Desk),
    state: &StepState,
    (slug, next): (&str, Option<Step>),
) -> GuideStep {
    let needed = words::opened_by(state.place);

    GuideStep {
        title: words::title(state.step).to_owned(),
        state: words::standing(state.standing),
        says: state.says.clone(),
        seen: state.seen_at.map(|at| times::when(at, desk.counter.house.now())),
        age: words::age(state),
        link: Some(words::link(state.place, slug, desk.counter.outlook()))
            .filter(|_| admin.role().covers(needed)),
        whose: needed.label().to_owned(),
        next: next == Some(state.step),
    }
}

fn verdict(guide: &Guide) -> Verdict {
    let all = guide.steps.len();
    let Some(next) = guide.next() else {
        let name = guide.domain.as_ref().map(|domain| domain.name.as_str()).unwrap_or_default();
        if guide.steps.iter().any(|step| step.age == Age::Old) {
            let text = format!(
                "All {all} steps are proved, some by what was seen more than a day ago: look again."
            );
            return Verdict::new(Tone::Neutral, &text);
        }
        let text = format!("All {all} steps are proved: people of {name} sign in here.");
        return Verdict::new(Tone::Ok, &text);
    };
    let undone = guide.steps.iter().any(|state| state.standing == Standing::Undone);
    let tone = if undone { Tone::Warn } else { Tone::Neutral };
    let text =
        format!("{} of {all} steps are proved. Next: {}.", guide.done(), words::title(next.step));
    Verdict::new(tone, &text)
}
