//! What needs somebody, worst first, each with the place where it is mended.

use app::{alarms::AlarmState, office365::Office365View};
use model::{
    plan::{RunState, Scope},
    signing_key::SigningKeyState,
    watch::Sight,
};

use super::{Seen, full_products};
use crate::{
    pages::{
        admin::home::OpenProblem,
        parts::{Link, Tone},
    },
    wording::{alarms as words, count, rows},
};

/// Everything that is open.
pub(super) fn find(seen: &Seen) -> Vec<OpenProblem> {
    let mut all = keys(seen);
    all.extend(runs(seen));
    all.extend(tenant_admins(seen));
    for view in &seen.views {
        all.extend(connection(view));
        all.extend(federation(view));
        all.extend(full_products(view).map(|name| {
            let text = format!("No seat of {name} is free: nobody more can be assigned it.");
            problem(Tone::Warn, text, "Look at the seats", "/admin/microsoft365")
        }));
    }
    all.sort_by_key(|problem| problem.tone != Tone::Danger);
    all
}

/// The alarms that nobody has acknowledged, and whether anybody looks at all.
pub(super) fn alarms(seen: &Seen) -> Vec<OpenProblem> {
    let slugs = words::slugs(&seen.views);
    let news = seen.alarms.open.iter().filter(|alarm| alarm.needs_somebody());
    let row = |alarm| OpenProblem {
        tone: words::tone(alarm),
        text: alarm.sentence(),
        link: words::mend(alarm, &slugs),
    };
    let mut all: Vec<OpenProblem> = news.map(row).collect();
    let unseen = match seen.alarms.state {
        AlarmState::Unwatched => "Nobody has looked for alarms lately, so none can be raised.",
        _ if seen.alarms.watches.iter().any(|watch| matches!(watch.sight, Sight::Blind(_))) => {
            "Not everything that alarms watch over could be looked at."
        }
        _ => return all,
    };
    all.push(problem(Tone::Warn, unseen.to_owned(), "Look at the alarms", "/admin/alarms"));
    all
}

fn problem(tone: Tone, text: String, label: &str, href: &str) -> OpenProblem {
    OpenProblem { tone, text, link: Link::new(label, href) }
}

fn keys(seen: &Seen) -> Vec<OpenProblem> {
    let href = "/admin/keys";
    let active = seen.keys.iter().find(|key| key.state == SigningKeyState::Active);
    let next = seen.keys.iter().find(|key| key.state == SigningKeyState::Next);
    let mut found = Vec::new();
    if active.is_none() {
        let text = "There is no signing key: nobody can sign in.".to_owned();
        found.push(problem(Tone::Danger, text, "Signing keys", href));
    }
    if next.is_none() && active.is_some() {
        let text = "There is no next signing key for Entra to learn in time.".to_owned();
        found.push(problem(Tone::Warn, text, "Make one", href));
    }
    found
}

fn runs(seen: &Seen) -> Vec<OpenProblem> {
    let mut found = Vec::new();
    let waiting = seen.runs.iter().filter(|run| run.run.state == RunState::NeedsApproval);
    if let Some(run) = waiting.clone().next() {
        let many = count(rows(waiting.count()), "plan waits", "plans wait");
        let text = format!("{many} for your approval.");
        let href = format!("/admin/sync-runs/{}", run.run.id);
        found.push(problem(Tone::Warn, text, "Look at the plan", &href));
    }
    let last = seen.runs.iter().find(|run| {
        run.run.scope == Scope::Everyone && !matches!(run.run.state, RunState::Preview)
    });
    if let Some(run) = last
        && (run.run.state == RunState::Stopped || run.failed > 0)
    {
        let href = format!("/admin/sync-runs/{}", run.run.id);
        let text = match run.run.state {
            RunState::Stopped => format!("The last sync run was stopped: {}.", run.run.reason),
            _ => {
                format!("{} of the last sync run failed.", count(rows(run.failed), "step", "steps"))
            }
        };
        found.push(problem(Tone::Danger, text, "Look at the run", &href));
    }
    found
}

/// Administrators who need us to get into the tenant that they mend, and those who are to be kept out
/// of it while nobody knows who they are (R087).
fn tenant_admins(seen: &Seen) -> impl Iterator<Item = OpenProblem> {
    seen.views.iter().zip(&seen.tenant_admins).filter_map(|(view, admins)| {
        let alias = &view.tenant.alias;
        let text = match (view.tenant.admins_kept_out, admins.looked_at, admins.people.len()) {
            (true, None, _) => {
                format!("Nobody has looked yet who administers {alias}: nobody is kept out.")
            }
            (true, Some(_), _) | (false, _, 0) => return None,
            (false, _, many) => {
                let many = count(rows(many), "administrator", "administrators");
                format!("{many} of {alias} can't sign in there when this server is away.")
            }
        };
        Some(problem(Tone::Warn, text, "Look at them", "/admin/microsoft365#tenant-admins"))
    })
}

fn connection(view: &Office365View) -> Vec<OpenProblem> {
    let (tenant, href) = (&view.tenant, "/admin/microsoft365");
    let mut found = Vec::new();
    if tenant.writes_stopped {
        let text = format!("Writes to {} are stopped: assignments don't reach it.", tenant.alias);
        found.push(problem(Tone::Danger, text, "Allow them again", href));
    }
    if !view.application.settings.first_plan_confirmed {
        let text = "Nothing is written to the tenant until you confirm the first plan.".to_owned();
        found.push(problem(Tone::Warn, text, "Preview it", "/admin/sync-runs"));
    }
    found
}

fn federation(view: &Office365View) -> Vec<OpenProblem> {
    let managed = view.domains.iter().filter(|d| d.enabled && d.federated_at.is_none());
    managed
        .map(|domain| {
            let text = format!(
                "{} isn't federated yet: its people still sign in at Microsoft.",
                domain.name
            );
            let href = format!("/admin/domains/{}", domain.slug);
            problem(Tone::Warn, text, "Show the script", &href)
        })
        .collect()
}
