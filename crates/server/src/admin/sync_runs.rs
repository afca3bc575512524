//! The list of sync runs, and beginning one.

use app::sync::RunSummary;
use model::{
    Ts,
    ids::{RunId, UserId},
    plan::{RunState, Scope},
};
use std::collections::HashMap;

use super::{assignments::office365, microsoft365::PATIENCE};
use crate::{
    answer::{Answer, Desk, see_other},
    csrf::Form,
    error::Failure,
    pages::{
        Rail,
        admin::sync_runs::{Row, SyncRuns},
        parts::{Badge, Pager, Tone, Verdict},
    },
    visitor::Console,
    wording::{count, events, rows, times},
};

/// The page.
pub(super) async fn show(admin: Console, desk: Desk) -> Answer {
    let house = &desk.counter.house;
    let mut runs = Vec::new();
    for view in house.office365(&admin).await? {
        runs.extend(house.runs(&admin, view.tenant.id).await?);
    }
    runs.sort_by_key(|run| std::cmp::Reverse(run.run.started_at));
    let names = names(&admin, &desk, &runs).await?;
    let total = u64::try_from(runs.len()).unwrap_or(u64::MAX);
    let now = house.now();
    let page = SyncRuns {
        verdict: verdict(&runs),
        next: String::new(),
        rows: runs.iter().map(|run| row(run, &names, now)).collect(),
        pager: Pager { first: total.min(1), last: total, total, previous: None, next: None },
    };
    desk.page(&desk.console_chrome(&admin, Rail::Microsoft365).await?, &page)
}

/// The names of those who began runs and of those whom they looked at.
async fn names(
    admin: &Console,
    desk: &Desk,
    runs: &[RunSummary],
) -> Result<HashMap<UserId, String>, Failure> {
    let ids = runs.iter().flat_map(|run| people_of(&run.run)).collect();
    Ok(desk.counter.house.names(admin, ids).await?)
}

/// Who began a run and whom it looked at.
pub(super) fn people_of(run: &app::sync::SyncRun) -> impl Iterator<Item = UserId> {
    let looked_at = match run.scope {
        Scope::Everyone => None,
        Scope::Person(id) => Some(id),
    };
    events::actor_id(run.started_by).into_iter().chain(looked_at)
}

/// Plans for everybody and writes nothing.
pub(super) async fn preview(admin: Console, desk: Desk, form: Form) -> Answer {
    let [] = form.exactly([])?;
    let tenant = office365(&admin, &desk).await?.tenant.id;
    let (house, admin) = (desk.counter.house.clone(), (*admin).clone());
    let run = carry_on(async move { house.preview(&admin, tenant).await }).await?;
    Ok(see_other(&address(run)))
}

/// Runs for everybody.
pub(super) async fn run(admin: Console, desk: Desk, form: Form) -> Answer {
    let [] = form.exactly([])?;
    let tenant = office365(&admin, &desk).await?.tenant.id;
    let (house, admin) = (desk.counter.house.clone(), (*admin).clone());
    let run = carry_on(async move { house.run_now(&admin, tenant).await }).await?;
    Ok(see_other(&address(run)))
}

/// The run that ended, or the list in which it is under way.
fn address(run: Option<RunId>) -> String {
    run.map_or_else(
        || "/admin/sync-runs?done=plan-begun".to_owned(),
        |run| format!("/admin/sync-runs/{run}"),
    )
}

/// Does something long on its own, so that it ends even when the browser goes away; `None` while
/// it is still under way.
pub(super) async fn carry_on<T: Send + 'static>(
    work: impl Future<Output = app::Result<T>> + Send + 'static,
) -> Result<Option<T>, Failure> {
    let task = tokio::spawn(work);
    match tokio::time::timeout(PATIENCE, task).await {
        Err(_) => Ok(None),
        Ok(Err(lost)) => Err(app::Error::from(lost).into()),
        Ok(Ok(done)) => Ok(Some(done?)),
    }
}

fn verdict(runs: &[RunSummary]) -> Verdict {
    let waiting = runs.iter().filter(|run| run.run.state == RunState::NeedsApproval).count();
    let last = runs.iter().find(|run| run.run.state != RunState::Preview);
    match last {
        _ if waiting > 0 => {
            let many = count(rows(waiting), "plan waits", "plans wait");
            Verdict::new(Tone::Warn, &format!("{many} for your approval."))
        }
        None => Verdict::new(Tone::Neutral, "No run yet."),
        Some(run) if run.run.state == RunState::Stopped => {
            Verdict::new(Tone::Danger, &format!("The last run was stopped: {}.", run.run.reason))
        }
        Some(run) if run.failed > 0 => {
            let many = count(rows(run.failed), "step", "steps");
            Verdict::new(Tone::Warn, &format!("{many} of the last run failed."))
        }
        Some(_) => Verdict::new(Tone::Ok, "The last run ended well."),
    }
}

fn row(summary: &RunSummary, names: &HashMap<UserId, String>, now: Ts) -> Row {
    let run = &summary.run;
    Row {
        href: format!("/admin/sync-runs/{}", run.id),
        began: times::when(run.started_at, now),
        scope: scope(run.scope, names),
        trigger: events::actor(run.started_by, names),
        steps: match run.state {
            RunState::Preview => format!("{} planned", summary.steps),
            _ => format!("{} of {}", summary.done, summary.steps),
        },
        state: state(run.state, summary.failed),
    }
}

/// Whom a run looks at.
pub(super) fn scope(scope: Scope, names: &HashMap<UserId, String>) -> String {
    match scope {
        Scope::Everyone => "Everybody".to_owned(),
        Scope::Person(id) => names.get(&id).cloned().unwrap_or_else(|| "One person".to_owned()),
    }
}

/// How a run stands.
pub(super) fn state(state: RunState, failed: usize) -> Badge {
    match state {
        RunState::Preview => Badge::new(Tone::Neutral, "Preview"),
        RunState::NeedsApproval => Badge::new(Tone::Warn, "Needs approval"),
        RunState::Running => Badge::new(Tone::Neutral, "Running"),
        RunState::Finished if failed > 0 => Badge::new(Tone::Warn, "Finished with failures"),
        RunState::Finished => Badge::new(Tone::Ok, "Finished"),
        RunState::Stopped => Badge::new(Tone::Danger, "Stopped"),
    }
}
