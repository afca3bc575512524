//! One sync run: its plan with what became of each step, and the yes that carries it out.

use actix_web::web;
use app::sync::{RunStep, SyncRun as Run};
use model::{
    ids::RunId,
    plan::{Action, RunState, StepOutcome},
};

use super::{domain::script::attachment, sync_runs};
use crate::{
    answer::{Answer, Desk, id, see_other},
    csrf::Form,
    error::Failure,
    pages::{
        Rail,
        admin::sync_run::{Conflict, Guard, Step, SyncRun},
        parts::{Badge, Fact, Problem, Tone, Verdict},
    },
    visitor::Console,
    wording::{count, events, explanations, products, rows, times},
};

pub(super) mod csv;

/// From this many people on, the approval must be typed.
const TYPED_FROM: usize = 6;

/// The page.
pub(super) async fn show(admin: Console, desk: Desk, path: web::Path<String>) -> Answer {
    let page = page(&admin, &desk, id(&path)?).await?;
    desk.page(&desk.console_chrome(&admin, Rail::Microsoft365).await?, &page)
}

/// Carries out a plan that was shown as a preview.
pub(super) async fn apply(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let [plan_hash] = form.exactly(["plan_hash"])?;
    approve_shown(&admin, &desk, id(&path)?, &plan_hash).await
}

/// Approves a plan that the guard has stopped, and carries it out.
pub(super) async fn approve(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let run = id(&path)?;
    let (_, steps) = desk.counter.house.run(&admin, run).await?;
    let Some(wanted) = confirmation(&steps) else {
        let [plan_hash] = form.exactly(["plan_hash"])?;
        return approve_shown(&admin, &desk, run, &plan_hash).await;
    };
    let [plan_hash, typed] = form.exactly(["plan_hash", "confirmation"])?;
    if typed.trim() != wanted {
        let mut page = page(&admin, &desk, run).await?;
        let cause = "The approval was not typed as it stands there.";
        let action = format!("Type exactly: {wanted}.");
        page.problems.push(Problem::of_field("confirmation", cause, &action));
        return desk.again(&desk.console_chrome(&admin, Rail::Microsoft365).await?, &page);
    }
    approve_shown(&admin, &desk, run, &plan_hash).await
}

/// The plan that was on the page is the one that is carried out (Y02).
async fn approve_shown(admin: &Console, desk: &Desk, run: RunId, plan_hash: &str) -> Answer {
    let house = &desk.counter.house;
    let (stored, _) = house.run(admin, run).await?;
    if stored.plan_hash != plan_hash {
        let public = "This is not the plan that was shown. Load the page again.";
        return Err(app::Error::new(app::Kind::Conflict, public).into());
    }
    let (house, admin, visitor) = (house.clone(), (**admin).clone(), desk.guest.visitor().clone());
    let work = async move { house.approve(&admin, run, &visitor).await };
    let done = sync_runs::carry_on(work).await?.map_or("plan-begun", |_| "plan-done");
    Ok(see_other(&format!("/admin/sync-runs/{run}?done={done}")))
}

/// The plan as a table for a spreadsheet (Y05, R142). An export needs a fresh factor (R147).
pub(super) async fn csv(admin: Console, desk: Desk, path: web::Path<String>) -> Answer {
    let run: RunId = id(&path)?;
    let (known, steps) = desk.counter.house.run(&admin, run).await?;
    let name = format!("plan-{run}.csv");
    let table = csv::table(&steps, is_over(known.state));
    Ok(attachment("text/csv; charset=utf-8", &name, table))
}

async fn page(admin: &Console, desk: &Desk, id: RunId) -> Result<SyncRun, Failure> {
    let house = &desk.counter.house;
    let (run, steps) = house.run(admin, id).await?;
    let names = house.names(admin, sync_runs::people_of(&run).collect()).await?;
    let mut facts = vec![
        Fact::text("Scope", &sync_runs::scope(run.scope, &names)),
        Fact::text("Begun by", &events::actor(run.started_by, &names)),
        Fact::text("Began", &times::exact(run.started_at)),
    ];
    facts.extend(run.finished_at.map(|at| Fact::text("Ended", &times::exact(at))));
    facts.push(Fact::id("Plan", &run.plan_hash));
    let is_over = is_over(run.state);
    Ok(SyncRun {
        id: run.id.to_string(),
        title: match run.state {
            RunState::Preview => "Preview".to_owned(),
            _ => format!("Sync run of {}", times::exact(run.started_at)),
        },
        verdict: verdict(&run, &steps),
        explain: explanations::of_sentence(&run.reason),
        facts,
        guard: (run.state == RunState::NeedsApproval).then(|| guard(&run, &steps)),
        may_apply: run.state == RunState::Preview && !steps.is_empty(),
        plan_hash: run.plan_hash,
        csv: format!("/admin/sync-runs/{id}/plan.csv"),
        steps: steps.iter().map(|row| step(row, is_over)).collect(),
        problems: Vec::new(),
        conflicts: run
            .conflicts
            .iter()
            .map(|conflict| Conflict {
                upn: conflict.upn.clone(),
                href: format!("/admin/users/{}", conflict.user_id),
                reason: conflict.reason.clone(),
            })
            .collect(),
    })
}

fn guard(run: &Run, steps: &[RunStep]) -> Guard {
    let reason = run.reason.trim_end_matches('.');
    let mut letters = reason.chars();
    let cause = letters
        .next()
        .map(|first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
        .unwrap_or_default();
    Guard { cause, confirmation: confirmation(steps) }
}

/// What must be typed to approve a plan that takes something away from many.
fn confirmation(steps: &[RunStep]) -> Option<String> {
    let hit = steps.iter().filter(|step| step.step.action.is_destructive());
    let people: std::collections::HashSet<_> = hit.map(|step| step.step.user_id).collect();
    (people.len() >= TYPED_FROM).then(|| format!("change {} people", people.len()))
}

fn verdict(run: &Run, steps: &[RunStep]) -> Verdict {
    let people: std::collections::HashSet<_> = steps.iter().map(|step| step.step.user_id).collect();
    let done = steps.iter().filter(|step| step.outcome == StepOutcome::Done).count();
    let failed = steps.iter().filter(|s| matches!(s.outcome, StepOutcome::Failed(_))).count();
    let many = count(rows(steps.len()), "step", "steps");
    let (tone, text) = match run.state {
        _ if steps.is_empty() && run.conflicts.is_empty() && run.state != RunState::Stopped => {
            (Tone::Ok, "Nothing to do: everybody is in step.".to_owned())
        }
        RunState::Preview => {
            let who = count(rows(people.len()), "person", "people");
            (Tone::Neutral, format!("{many} for {who}; nothing is written yet."))
        }
        RunState::NeedsApproval => {
            (Tone::Warn, "Stopped before the first write: it needs your yes.".to_owned())
        }
        RunState::Running => (Tone::Neutral, format!("Under way: {done} of {many} done.")),
        RunState::Stopped => {
            (Tone::Danger, format!("Stopped after {done} of {many}: {}.", run.reason))
        }
        RunState::Finished if failed > 0 => {
            (Tone::Warn, format!("{done} of {many} are done; {failed} failed."))
        }
        RunState::Finished => (Tone::Ok, format!("{done} of {many} are done.")),
    };
    Verdict::new(tone, &text)
}

fn step(row: &RunStep, is_over: bool) -> Step {
    let step = &row.step;
    let (result, detail) = outcome(&row.outcome, is_over);
    let said = |text: &str| match step.action {
        Action::SetLicences { .. } => products::spelled_out(text),
        _ => text.to_owned(),
    };
    Step {
        action: step.action.label().to_owned(),
        tone: match step.action {
            _ if step.action.is_destructive() => Tone::Danger,
            Action::Create { .. } | Action::UnblockSignIn | Action::SetLicences { .. } => Tone::Ok,
            _ => Tone::Neutral,
        },
        upn: step.upn.clone(),
        href: format!("/admin/users/{}", step.user_id),
        reason: step.reason.clone(),
        before: said(&step.before),
        after: said(&step.after),
        result,
        detail: detail.to_owned(),
        explain: explanations::of_sentence(detail),
    }
}

const UNANSWERED: &str = "no answer was written down before the run ended; the next run looks at what \
                          is there";

/// Whether nothing more comes of a run.
const fn is_over(state: RunState) -> bool {
    matches!(state, RunState::Finished | RunState::Stopped)
}

/// How a step ended; what a run that is over left open ended without a word.
fn outcome(outcome: &StepOutcome, is_over: bool) -> (Badge, &str) {
    match outcome {
        StepOutcome::Planned if is_over => (Badge::new(Tone::Neutral, "Not begun"), ""),
        StepOutcome::Sending if is_over => (Badge::new(Tone::Warn, "Unanswered"), UNANSWERED),
        StepOutcome::Planned => (Badge::new(Tone::Neutral, "Planned"), ""),
        StepOutcome::Sending => (Badge::new(Tone::Neutral, "Sending"), ""),
        StepOutcome::Done => (Badge::new(Tone::Ok, "Done"), ""),
        StepOutcome::Skipped(why) => (Badge::new(Tone::Warn, "Skipped"), why),
        StepOutcome::Failed(why) => (Badge::new(Tone::Danger, "Failed"), why),
    }
}
