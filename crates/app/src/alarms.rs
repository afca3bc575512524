//! Alarms: what needs an admin, and who knows of it. They are raised and ended by the round of
//! [`House::keep_watch`].

mod audit;
mod clock;
mod figures;
mod keys;
mod raise;
mod round;
mod sign_ins;
mod spray;

use std::time::Duration;

use model::{
    Role,
    alarm::{Acknowledgement, Alarm, Severity},
    audit::AuditKind,
    ids::AlarmId,
    watch::{Sight, Watch, WatchKind},
};
use store::{Tx, alarms, audit_log, watches};

use crate::{Admin, Error, House, Result, Visitor};

pub use figures::Figures;
pub(crate) use raise::{Finding, over, raise};

/// How many ended alarms the page shows.
const ENDED: i64 = 20;
/// After so long without a round nobody watches any more: three rounds that did not come.
const ROUND_IS_LATE: Duration = Duration::from_mins(45);

/// What the page of alarms shows.
#[derive(Debug, Clone)]
pub struct AlarmsView {
    /// What is open, the worst first.
    pub open: Vec<Alarm>,
    /// What ended last.
    pub ended: Vec<Alarm>,
    /// When each thing was last looked at.
    pub watches: Vec<Watch>,
    /// How it all stands.
    pub state: AlarmState,
}

/// How everything stands, in a word that is no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AlarmState {
    /// Nothing is open that nobody knows of.
    Quiet,
    /// Somebody must look soon, or something can't be seen.
    Warning,
    /// Somebody must act now.
    Danger,
    /// Nobody has looked for a long time.
    Unwatched,
}

impl House {
    /// What is open, what was, and when somebody last looked.
    pub async fn alarms(&self, _admin: &Admin) -> Result<AlarmsView> {
        let house = self.clone();
        self.store()
            .read(move |tx| {
                let mut open = alarms::open(tx)?;
                open.sort_by_key(|alarm| {
                    (!alarm.needs_somebody(), std::cmp::Reverse(alarm.cause.severity()))
                });
                let watches = watches::all(tx)?;
                let state = house.state(&open, &watches);
                Ok(AlarmsView { open, ended: alarms::ended(tx, ENDED)?, watches, state })
            })
            .await
    }

    /// How everything stands; for probes.
    pub async fn alarm_state(&self) -> Result<AlarmState> {
        let house = self.clone();
        self.store().read(move |tx| Ok(house.state(&alarms::open(tx)?, &watches::all(tx)?))).await
    }

    fn state(&self, open: &[Alarm], watches: &[Watch]) -> AlarmState {
        let late = |watch: &Watch| self.now().since(watch.tried_at) > ROUND_IS_LATE;
        let round = watches.iter().find(|watch| watch.kind == WatchKind::Round);
        if round.is_none_or(late) {
            return AlarmState::Unwatched;
        }
        let news = open.iter().filter(|alarm| alarm.needs_somebody());
        let blind = watches.iter().any(|watch| matches!(watch.sight, Sight::Blind(_)));
        match news.map(|alarm| alarm.cause.severity()).max() {
            Some(Severity::Danger) => AlarmState::Danger,
            Some(Severity::Warning) => AlarmState::Warning,
            None if blind => AlarmState::Warning,
            None => AlarmState::Quiet,
        }
    }

    /// An admin says that they know of an alarm. One that has happened and can't be undone ends.
    pub async fn acknowledge_alarm(
        &self,
        admin: &Admin,
        id: AlarmId,
        visitor: &Visitor,
    ) -> Result<()> {
        admin.require(Role::SecurityAdmin)?;
        let known = Acknowledgement { by: admin.user().id, at: self.now() };
        let (house, actor, visitor) = (self.clone(), admin.actor(), visitor.clone());
        self.store()
            .write(move |tx| {
                let Some(alarm) = acknowledged(tx, id, known)? else { return Ok(()) };
                let kind = AuditKind::AlarmAcknowledged;
                let mut row = visitor.audit(&house, actor, kind, &alarm.subject);
                row.detail = alarm.sentence();
                Ok::<_, Error>(audit_log::record(tx, &row)?)
            })
            .await
    }
}

/// The alarm with the acknowledgement in it; `None` when there was nothing to acknowledge.
fn acknowledged(tx: &mut Tx, id: AlarmId, known: Acknowledgement) -> Result<Option<Alarm>> {
    let mut alarm = alarms::by_id(tx, id)?.ok_or_else(|| Error::not_found("alarm"))?;
    if !alarm.needs_somebody() {
        return Ok(None);
    }
    alarm.acknowledged = Some(known);
    alarm.ended_at = alarm.cause.is_event().then_some(known.at);
    Ok(alarms::update(tx, &alarm)?.then_some(alarm))
}
