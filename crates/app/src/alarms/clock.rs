//! A clock that was set while the house ran: codes and tokens may go by a wrong time (R029). Once a
//! security admin has acknowledged it, the clock counts from where it was set to.

use model::alarm::{AlarmKind, Cause};
use store::{Tx, alarms};

use super::Finding;
use crate::{House, Result, clock::TRUSTED};

impl House {
    /// By how many seconds the clock was set while the house ran, if that is too much to trust it with
    /// codes and nobody has acknowledged it.
    pub(crate) fn clock_was_set(&self, tx: &mut Tx) -> Result<Option<i64>> {
        let seconds = self.clock_set_by();
        if seconds.unsigned_abs() <= TRUSTED {
            return Ok(None);
        }
        let known = alarms::last_acknowledged(tx, AlarmKind::ClockSet, &self.own_clock())?;
        let is_known = known.is_some_and(|alarm| match alarm.cause {
            Cause::ClockSet { seconds: known } => seconds.abs_diff(known) <= TRUSTED,
            _ => false,
        });
        Ok((!is_known).then_some(seconds))
    }

    /// What a round finds of this server's clock.
    pub(super) fn look_at_clock(&self, tx: &mut Tx) -> Result<Option<Finding>> {
        let found = self.clock_was_set(tx)?;
        let cause = found.map(|seconds| Cause::ClockSet { seconds });
        Ok(cause.map(|cause| Finding { subject: self.own_clock(), cause }))
    }

    /// An acknowledgement is good for the process that rang: another one compares with another time.
    fn own_clock(&self) -> String {
        format!("clock of {}", self.node())
    }
}
