//! How *Office 365* is provisioned.

use std::time::Duration;

use app::office365::Office365View;
use model::application::{Office365Settings, OnUnassign};

use super::{assignments::office365, leavers};
use crate::{
    answer::{Answer, Desk, field_problem, see_other},
    csrf::Form,
    error::Failure,
    pages::{
        Rail,
        admin::applications::Office365,
        parts::{Choice, Fact, Link, Problem, Tone, Verdict},
    },
    visitor::Console,
    wording::count,
};

/// The fields as text: as stored, or as typed.
struct Typed {
    usage_location: String,
    on_unassign: String,
    licence_grace_days: String,
    delete_days: String,
    blocked_licence_days: String,
    blocked_delete_days: String,
    quota_percent: String,
}

/// The fields, as forms name them.
const FIELDS: [&str; 7] = [
    "usage_location",
    "on_unassign",
    "licence_grace_days",
    "delete_days",
    "blocked_licence_days",
    "blocked_delete_days",
    "quota_percent",
];

/// How far the page looks ahead.
const AHEAD: Duration = Duration::from_hours(14 * 24);
/// How many of what is due are listed.
const MOST_DUE: usize = 50;

/// The page.
pub(super) async fn show(admin: Console, desk: Desk) -> Answer {
    let view = office365(&admin, &desk).await?;
    let settings = &view.application.settings;
    let typed = stored(settings);
    let page = page(&admin, &desk, &view, typed, Vec::new()).await?;
    desk.page(&desk.console_chrome(&admin, Rail::Applications).await?, &page)
}

/// Saves the settings.
pub(super) async fn save(admin: Console, desk: Desk, form: Form) -> Answer {
    let typed = typed(form.exactly(FIELDS)?);
    let view = office365(&admin, &desk).await?;
    let (house, visitor) = (&desk.counter.house, desk.guest.visitor());
    let problem = match settings(&typed) {
        Err(problem) => problem,
        Ok(settings) => {
            match house.save_office365(&admin, view.application.id, settings, visitor).await {
                Ok(()) => return Ok(see_other("/admin/applications/office365?done=saved")),
                Err(error) => field_problem(error, &[])?,
            }
        }
    };
    let page = page(&admin, &desk, &view, typed, vec![problem]).await?;
    desk.again(&desk.console_chrome(&admin, Rail::Applications).await?, &page)
}

fn stored(settings: &Office365Settings) -> Typed {
    let days = |days: Option<u32>| days.map(|days| days.to_string()).unwrap_or_default();
    Typed {
        usage_location: settings.usage_location.clone(),
        on_unassign: word(settings.on_unassign).to_owned(),
        licence_grace_days: settings.licence_grace_days.to_string(),
        delete_days: days(settings.delete_days),
        blocked_licence_days: days(settings.blocked_licence_days),
        blocked_delete_days: days(settings.blocked_delete_days),
        quota_percent: settings.quota_percent.to_string(),
    }
}

fn typed(fields: [String; 7]) -> Typed {
    let [
        usage_location,
        on_unassign,
        licence_grace_days,
        delete_days,
        blocked_licence_days,
        blocked_delete_days,
        quota_percent,
    ] = fields;
    Typed {
        usage_location,
        on_unassign,
        licence_grace_days,
        delete_days,
        blocked_licence_days,
        blocked_delete_days,
        quota_percent,
    }
}

/// Days as typed; nothing typed is never.
fn days_or_never(field: &str, text: &str) -> Result<Option<u32>, Problem> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let cause = "The days are not a number that fits.";
    let action = "Type a whole number such as 90, or nothing.";
    text.parse().map(Some).map_err(|_| Problem::of_field(field, cause, action))
}

/// What was typed as settings. Whether they make sense is the use case's to say.
fn settings(typed: &Typed) -> Result<Office365Settings, Problem> {
    let wrong = |field, cause| Problem::of_field(field, cause, "Type a whole number such as 30.");
    let days = typed.licence_grace_days.trim().parse();
    let share = typed.quota_percent.trim().parse();
    Ok(Office365Settings {
        usage_location: typed.usage_location.trim().to_uppercase(),
        on_unassign: match typed.on_unassign.as_str() {
            "block" => OnUnassign::Block,
            "keep" => OnUnassign::Keep,
            _ => {
                let cause = "Something must happen when somebody is unassigned.";
                return Err(Problem::of_form(cause, "Choose one of the two."));
            }
        },
        licence_grace_days: days
            .map_err(|_| wrong("licence_grace_days", "The days are not a number that fits."))?,
        delete_days: days_or_never("delete_days", &typed.delete_days)?,
        blocked_licence_days: days_or_never("blocked_licence_days", &typed.blocked_licence_days)?,
        blocked_delete_days: days_or_never("blocked_delete_days", &typed.blocked_delete_days)?,
        quota_percent: share
            .map_err(|_| wrong("quota_percent", "The share is not a number that fits."))?,
        // The use case keeps what is stored: a form can't confirm a plan.
        first_plan_confirmed: false,
        licences_changed_at: None,
        deletion_changed_at: None,
        saved_at: None,
    })
}

fn word(on_unassign: OnUnassign) -> &'static str {
    match on_unassign {
        OnUnassign::Block => "block",
        OnUnassign::Keep => "keep",
    }
}

async fn page(
    admin: &Console,
    desk: &Desk,
    view: &Office365View,
    typed: Typed,
    problems: Vec<Problem>,
) -> Result<Office365, Failure> {
    let house = &desk.counter.house;
    let people = house.headcount(admin).await?.assigned;
    let now = house.now();
    let due = house.due_until(admin, view.application.id, now + AHEAD).await?;
    let confirmed = view.application.settings.first_plan_confirmed;
    let assigned = count(people, "person is", "people are");
    let choice = |value, label| Choice::new(value, label, &typed.on_unassign);
    Ok(Office365 {
        verdict: if confirmed {
            Verdict::new(Tone::Ok, &format!("{assigned} assigned."))
        } else {
            Verdict::new(
                Tone::Warn,
                "Nothing is written to the tenant until you confirm the first plan.",
            )
        },
        facts: vec![
            Fact::text("Tenant", &view.tenant.alias),
            Fact::text("User access", "Only people who are assigned"),
            Fact::text("Assigned", &count(people, "person", "people")),
        ],
        first_plan: (!confirmed).then(|| Link::new("Preview the first plan", "/admin/sync-runs")),
        on_unassign: vec![
            choice("block", "Block sign-in and revoke sessions at once"),
            choice("keep", "Leave the account as it is"),
        ],
        usage_location: typed.usage_location,
        licence_grace_days: typed.licence_grace_days,
        delete_days: typed.delete_days,
        blocked_licence_days: typed.blocked_licence_days,
        blocked_delete_days: typed.blocked_delete_days,
        more_due: u32::try_from(due.len().saturating_sub(MOST_DUE)).unwrap_or(u32::MAX),
        due: due.iter().take(MOST_DUE).map(|due| leavers::due(due, now)).collect(),
        quota_percent: typed.quota_percent,
        problems,
    })
}
