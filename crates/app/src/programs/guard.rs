//! From how many people a program may take something in 24 hours before an admin looks (Y01): whoever it
//! blocks, removes, renames or takes out of a group, each of them once. And how many it may make.

use std::{collections::BTreeSet, time::Duration};

use model::{Ts, alarm::Cause, audit::AuditKind, ids::UserId, program::Program};
use provisioning::guard::limit;
use store::{Tx, audit_log, program_bindings, programs};

use super::{Told, Trouble, actor};
use crate::{
    House, Result, Visitor,
    alarms::{Finding, raise},
};

const A_DAY: Duration = Duration::from_hours(24);
/// So many people may a program make in a day, or more by an admin's word.
const MOST_NEW: usize = 5_000;

/// From how many people a program may take something, and since when those are counted from whom it did.
/// Whom it brought within the last day raises no limit: it could make people to be let take from others.
pub(super) fn terms(tx: &mut Tx, program: &Program, now: Ts) -> Result<(usize, Ts)> {
    let a_day_ago = now - A_DAY;
    if let Some(let_on) = program.let_on.filter(|let_on| let_on.at > a_day_ago) {
        return Ok((usize::try_from(let_on.people).unwrap_or(usize::MAX), let_on.at));
    }
    let managed = program_bindings::settled_people(tx, program.id, a_day_ago)?;
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
        let (lost, would) = (all.len(), "people would have lost something within 24 hours");
        self.hold(tx, program, format!("{lost} {would}; {most} {THE_MOST}"), visitor)?;
        Ok(Some(held(program)))
    }

    /// Counts that a program makes one more person, before it does.
    pub(super) fn hold_makers_back(
        &self,
        tx: &mut Tx,
        program: &mut Program,
        visitor: &Visitor,
    ) -> Told<Option<Trouble>> {
        let a_day_ago = self.now() - A_DAY;
        let let_on = program.let_on.filter(|let_on| let_on.at > a_day_ago);
        let since = let_on.map_or(a_day_ago, |let_on| let_on.at);
        let word = let_on.map_or(0, |let_on| usize::try_from(let_on.people).unwrap_or(usize::MAX));
        let most = MOST_NEW.max(word);
        let made = program_bindings::new_people(tx, program.id, since)?;
        if usize::try_from(made).unwrap_or_default() < most {
            return Ok(None);
        }
        if program.held_at.is_none() {
            let would = "people would have been made within 24 hours";
            let why = format!("more than {most} {would}; {most} {THE_MOST}");
            self.hold(tx, program, why, visitor)?;
        }
        Ok(Some(Trouble::Held(format!(
            "{} made {most} people within 24 hours. It may make more later, or when an admin of \
             Gatehouse lets it go on, under People, Other systems.",
            program.name
        ))))
    }

    /// Holds a program, and rings.
    fn hold(&self, tx: &mut Tx, program: &mut Program, why: String, visitor: &Visitor) -> Told<()> {
        let since = self.now();
        program.held_at = Some(since);
        programs::update(tx, program)?;
        let kind = AuditKind::ProgramHeld;
        let mut row = visitor.audit(self, actor(program), kind, &program.name);
        row.detail = why;
        audit_log::record(tx, &row)?;
        let (subject, cause) = (program.name.clone(), Cause::ProgramHeld { since });
        Ok(raise(tx, self, Finding { subject, cause })?)
    }
}

const THE_MOST: &str = "is the most without an admin's word";

fn held(program: &Program) -> Trouble {
    Trouble::Held(format!(
        "{} would take something from too many people within 24 hours. It may block, remove, rename \
         and take out of groups again when an admin of Gatehouse lets it go on, under People, Other \
         systems.",
        program.name
    ))
}
