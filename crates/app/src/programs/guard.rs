//! From how many people a program may take something in 24 hours before an admin looks (Y01): whoever it
//! blocks, removes or takes out of a group, each of them once.

use std::{collections::BTreeSet, time::Duration};

use model::{Ts, audit::AuditKind, ids::UserId, program::Program};
use provisioning::guard::limit;
use store::{Tx, audit_log, program_bindings, programs};

use super::{Told, Trouble, actor};
use crate::{House, Result, Visitor};

const A_DAY: Duration = Duration::from_hours(24);

/// From how many people a program may take something, and since when those are counted from whom it did.
pub(super) fn terms(tx: &mut Tx, program: &Program, now: Ts) -> Result<(usize, Ts)> {
    let a_day_ago = now - A_DAY;
    if let Some(let_on) = program.let_on.filter(|let_on| let_on.at > a_day_ago) {
        return Ok((usize::try_from(let_on.people).unwrap_or(usize::MAX), let_on.at));
    }
    let managed = program_bindings::people(tx, program.id, (0, 0))?.total;
    Ok((limit(usize::try_from(managed).unwrap_or_default()), a_day_ago))
}

impl House {
    /// Counts that a program takes something from these people, before it does. Where they are too many,
    /// the program is held, which is written down, and this is why it must not.
    pub(super) fn hold_back(
        &self,
        tx: &mut Tx,
        program: &mut Program,
        losing: &[UserId],
        visitor: &Visitor,
    ) -> Told<Option<Trouble>> {
        if losing.is_empty() {
            return Ok(None);
        }
        if program.held_at.is_some() {
            return Ok(Some(held(program)));
        }
        let now = self.now();
        let (most, since) = terms(tx, program, now)?;
        let before = program_bindings::losers_since(tx, program.id, since)?;
        let all: BTreeSet<UserId> = before.iter().chain(losing).copied().collect();
        if all.len() <= most {
            program_bindings::note_losses(tx, losing, now)?;
            return Ok(None);
        }
        program.held_at = Some(now);
        programs::update(tx, program)?;
        let kind = AuditKind::ProgramHeld;
        let mut row = visitor.audit(self, actor(program), kind, &program.name);
        row.detail = format!(
            "{} people would have lost something within 24 hours; {most} is the most without an admin's \
             word",
            all.len()
        );
        audit_log::record(tx, &row)?;
        Ok(Some(held(program)))
    }
}

fn held(program: &Program) -> Trouble {
    Trouble::Held(format!(
        "{} would take something from too many people within 24 hours. It may block, remove and take \
         out of groups again when an admin of Gatehouse lets it go on, under People, Other systems.",
        program.name
    ))
}
