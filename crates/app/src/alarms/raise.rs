//! The one place where alarms begin, get worse and end. The same finding again raises nothing new:
//! there is an audit row when an alarm begins or gets worse, and one when it ends.

use model::{
    Actor,
    alarm::{Alarm, Cause},
    audit::AuditKind,
    ids::AlarmId,
};
use store::{Tx, alarms, audit_log};

use crate::{House, Result, letters::Turn, visitor};

/// Something that a look found.
#[derive(Debug)]
pub(crate) struct Finding {
    /// A domain's name, a certificate's thumbprint or a sign-in name.
    pub(crate) subject: String,
    pub(crate) cause: Cause,
}

impl Finding {
    pub(super) fn is(&self, alarm: &Alarm) -> bool {
        self.subject == alarm.subject && self.cause.kind() == alarm.cause.kind()
    }
}

/// Brings the open alarms in step with what a round found. `unseen` says which alarms it could not
/// see the causes of; they stay as they are.
pub(super) fn settle(
    tx: &mut Tx,
    house: &House,
    findings: Vec<Finding>,
    unseen: impl Fn(&Alarm) -> bool,
) -> Result<()> {
    for alarm in alarms::open(tx)? {
        let gone = !findings.iter().any(|finding| finding.is(&alarm));
        if gone && !alarm.cause.is_event() && !unseen(&alarm) {
            end(tx, house, alarm)?;
        }
    }
    findings.into_iter().try_for_each(|finding| raise(tx, house, finding))
}

/// Begins an alarm, or notes that its cause is still there.
pub(crate) fn raise(tx: &mut Tx, house: &House, finding: Finding) -> Result<()> {
    let old = alarms::open(tx)?.into_iter().find(|alarm| finding.is(alarm));
    match old {
        Some(alarm) => see_again(tx, house, alarm, finding.cause),
        None => begin(tx, house, finding),
    }
}

/// Ends the open alarms of which somebody did what there was to do.
pub(crate) fn over(tx: &mut Tx, house: &House, which: impl Fn(&Alarm) -> bool) -> Result<()> {
    let open = alarms::open(tx)?.into_iter().filter(which);
    open.into_iter().try_for_each(|alarm| end(tx, house, alarm))
}

fn begin(tx: &mut Tx, house: &House, finding: Finding) -> Result<()> {
    let now = house.now();
    let alarm = Alarm {
        id: AlarmId(house.new_id()),
        subject: finding.subject,
        cause: finding.cause,
        first_seen_at: now,
        last_seen_at: now,
        ended_at: None,
        acknowledged: None,
    };
    if alarms::begin(tx, &alarm)? {
        tell(tx, house, Turn::Raised, &alarm)?;
    }
    Ok(())
}

/// What gets worse is news: whoever knew of it does not know that.
fn see_again(tx: &mut Tx, house: &House, mut alarm: Alarm, cause: Cause) -> Result<()> {
    let worse = cause.is_worse_than(&alarm.cause);
    alarm.cause = cause.after(&alarm.cause);
    alarm.last_seen_at = house.now();
    if worse {
        alarm.acknowledged = None;
    }
    if alarms::update(tx, &alarm)? && worse {
        tell(tx, house, Turn::Raised, &alarm)?;
    }
    Ok(())
}

fn end(tx: &mut Tx, house: &House, mut alarm: Alarm) -> Result<()> {
    alarm.ended_at = Some(house.now());
    if alarms::update(tx, &alarm)? {
        tell(tx, house, Turn::Ended, &alarm)?;
    }
    Ok(())
}

/// To the log, which others may listen to, to the audit log, to the admins by mail, and to another
/// system.
fn tell(tx: &mut Tx, house: &House, turn: Turn, alarm: &Alarm) -> Result<()> {
    let sentence = alarm.sentence();
    let (kind, subject) = (alarm.cause.kind(), alarm.subject.as_str());
    if turn == Turn::Ended {
        tracing::info!(?kind, subject, "an alarm ended");
    } else {
        tracing::warn!(?kind, subject, "{sentence}");
    }
    house.ring(tx, alarm, turn)?;
    house.tell_others(tx, alarm, turn)?;
    let what = match turn {
        Turn::Raised => AuditKind::AlarmRaised,
        Turn::Ended => AuditKind::AlarmEnded,
    };
    let mut row =
        visitor::inside(&house.correlation_id()).audit(house, Actor::Schedule, what, subject);
    row.detail = sentence + &alarm.cause.evidence();
    Ok(audit_log::record(tx, &row)?)
}
