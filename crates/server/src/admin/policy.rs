//! The sign-in policy: its rules, and what may be done with its draft.

mod campaign;
mod devices;
mod history;
mod replay;
mod review;
mod rule;
mod what_if;

use actix_web::{HttpResponse, http::StatusCode, web};
use app::policy::PolicyView;
use model::{ids::RuleId, policy::Rule};

use crate::{
    answer::{Answer, Desk, id, see_other},
    csrf::Form,
    error::Failure,
    pages::{
        Page, Rail,
        admin::policy::{Policy, RuleRow, tabs},
        parts::{Problem, Tone, Verdict},
    },
    visitor::Console,
    wording::{count, policy as words, rows, times},
};

pub(super) use campaign::{
    allow_mailed_codes, end_exemption, exempt, exemption, invite, save as save_campaign,
    show as campaign,
};
pub(super) use devices::{add as add_device_rules, show as devices};
pub(super) use history::{restore, show as history};
pub(super) use replay::show as replay;
pub(super) use review::{discard, publish, show as review};
pub(super) use rule::{ask, ask_new, save, save_new};
pub(super) use what_if::show as what_if;

const LIST: &str = "/admin/policy";

/// The rules.
pub(super) async fn show(admin: Console, desk: Desk) -> Answer {
    let view = desk.counter.house.policy(&admin).await?;
    fine(&admin, &desk, &page(&view, Vec::new())).await
}

/// What a button beside a rule does.
pub(super) async fn change(
    admin: Console,
    desk: Desk,
    path: web::Path<(String, String)>,
    form: Form,
) -> Answer {
    let [] = form.exactly([])?;
    let (rule, action) = path.into_inner();
    let rule: RuleId = id(&rule)?;
    let (house, visitor) = (&desk.counter.house, desk.guest.visitor());
    let done = match action.as_str() {
        "up" => house.move_rule(&admin, rule, true, visitor).await,
        "down" => house.move_rule(&admin, rule, false, visitor).await,
        "on" => house.switch_rule(&admin, rule, true, visitor).await,
        "off" => house.switch_rule(&admin, rule, false, visitor).await,
        "remove" => house.remove_rule(&admin, rule, visitor).await,
        _ => return Err(Failure::NoSuchPage),
    };
    drafted(&admin, &desk, done).await
}

/// Back to the list, which says what went wrong if something did.
async fn drafted(admin: &Console, desk: &Desk, done: app::Result<()>) -> Answer {
    match done {
        Ok(()) => Ok(see_other(&format!("{LIST}?done=policy-drafted"))),
        Err(error) if error.kind == app::Kind::Conflict => {
            let view = desk.counter.house.policy(admin).await?;
            let problem = Problem::of_form(&error.public, "This is how it is now.");
            conflict(admin, desk, &page(&view, vec![problem])).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn fine<P: Page>(admin: &Console, desk: &Desk, page: &P) -> Answer {
    desk.page(&desk.console_chrome(admin, Rail::Policy).await?, page)
}

/// The page again, with what was wrong on its form.
async fn wrong<P: Page>(admin: &Console, desk: &Desk, page: &P) -> Answer {
    desk.again(&desk.console_chrome(admin, Rail::Policy).await?, page)
}

/// The page as it is now: what was wanted does not go with it.
async fn conflict<P: Page>(admin: &Console, desk: &Desk, page: &P) -> Answer {
    let mut answer: HttpResponse = fine(admin, desk, page).await?;
    *answer.status_mut() = StatusCode::CONFLICT;
    Ok(answer)
}

fn page(view: &PolicyView, problems: Vec<Problem>) -> Policy {
    let row = |rule: &Rule| RuleRow {
        id: rule.id.to_string(),
        name: rule.name.clone(),
        when: words::when(view, &rule.when),
        then: words::then(rule.then),
        is_on: rule.enabled,
    };
    Policy {
        verdict: verdict(view),
        tabs: tabs(0),
        is_draft: view.draft.is_some(),
        rules: view.rules().iter().map(row).collect(),
        fallback: "Everybody else: a second factor at every sign-in, but for who has a permit for a program without a browser, or an exemption.".to_owned(),
        problems,
    }
}

fn verdict(view: &PolicyView) -> Verdict {
    if view.draft.is_some() {
        let text = "This is a draft: nothing of it counts until it is published.";
        return Verdict::new(Tone::Warn, text);
    }
    let published = view.published.as_ref().filter(|it| it.rules.iter().any(|rule| rule.enabled));
    let since = published.and_then(|version| Some((version, version.published_at?)));
    let Some((version, since)) = since else {
        let text = "No rule counts: everybody needs a second factor at every sign-in.";
        return Verdict::new(Tone::Ok, text);
    };
    let on = version.rules.iter().filter(|rule| rule.enabled).count();
    let many = count(rows(on), "rule counts", "rules count");
    Verdict::new(Tone::Ok, &format!("{many}, since {}.", times::day(since)))
}
