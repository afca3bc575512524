//! What was written to a tenant, for the audit log: one row for each step that sent something, with what
//! was there before, what is after, the run and the calls (Y29).

use std::sync::{Arc, Mutex, PoisonError};

use model::{
    Actor,
    attribute::Attribute,
    audit::{AuditEvent, AuditKind, Outcome},
    detail::Detail,
    ids::{RunId, TenantId},
    plan::{Action, Scope, Step, StepOutcome},
};
use store::{Tx, audit_log, sync_runs};
use uuid::Uuid;

use crate::{House, Result, visitor};

/// The writes that left for the step that is under way, by their ids.
#[derive(Debug, Clone, Default)]
pub(super) struct Sent(Arc<Mutex<Vec<Uuid>>>);

impl Sent {
    pub(super) fn note(&self, call: Uuid) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(call);
    }

    pub(super) fn all(&self) -> Vec<Uuid> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Begins anew, once what left is written down.
    pub(super) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// A step that sent something.
pub(super) struct Written<'a> {
    pub(super) step: &'a Step,
    pub(super) run: RunId,
    pub(super) by: Actor,
    pub(super) calls: &'a [Uuid],
}

impl Written<'_> {
    /// Its row, under the run's id.
    pub(super) fn audit(&self, house: &House, outcome: &StepOutcome) -> AuditEvent {
        let calls: Vec<String> = self.calls.iter().map(Uuid::to_string).collect();
        let (ended, said) = match outcome {
            StepOutcome::Done => (Outcome::Done, String::new()),
            StepOutcome::Skipped(why) | StepOutcome::Failed(why) => {
                (Outcome::Refused, format!("; {why}"))
            }
            StepOutcome::Planned | StepOutcome::Sending => (Outcome::Refused, UNHEARD.to_owned()),
        };
        let calls =
            if calls.is_empty() { String::new() } else { format!("; calls {}", calls.join(", ")) };
        let Step { action, upn, .. } = self.step;
        let inside = visitor::inside(&self.run.to_string());
        let mut row = inside.audit(house, self.by, AuditKind::SyncStep, upn);
        row.outcome = ended;
        row.detail = format!("{}: {}{said}{calls}", action.label(), changed(self.step));
        row
    }
}

/// What was there and what is; where details such as a phone are written, the names of the attributes
/// alone: the run has their values, and a log that nobody can shorten doesn't.
fn changed(step: &Step) -> String {
    match &step.action {
        Action::Update { attributes } if attributes.0.keys().any(|it| is_detail(*it)) => {
            let names: Vec<&str> = attributes.0.keys().map(|it| it.label()).collect();
            names.join(", ")
        }
        _ => format!("{} -> {}", step.before, step.after),
    }
}

fn is_detail(attribute: Attribute) -> bool {
    Detail::by_word(attribute.word()).is_some()
}

/// What is said of a step whose process ended while its call was on the wire.
const UNHEARD: &str = "; nobody heard the answer";

/// Rows for the steps whose call may have been on the wire and whose end nobody could write down: their
/// process went away, or the database did. Whoever calls holds the scope's lease, so that no run is under
/// way whose steps they are; `calls` are those that the caller itself sent.
pub(super) fn audit_unheard(
    tx: &mut Tx,
    house: &House,
    (tenant, scope): (TenantId, Scope),
    calls: &[Uuid],
) -> Result<()> {
    for (run, left) in sync_runs::untold(tx, tenant, scope)? {
        let by = sync_runs::by_id(tx, run)?.map_or(Actor::Schedule, |run| run.started_by);
        let written = Written { step: &left.step, run, by, calls };
        audit_log::record(tx, &written.audit(house, &left.outcome))?;
        sync_runs::tell(tx, left.id)?;
    }
    Ok(())
}
