//! What needs an admin. One subject has at most one open alarm of each kind: of two nodes that
//! raise the same one, one wins.

use diesel::{ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, RunQueryDsl};
use model::{
    Ts,
    alarm::{Acknowledgement, Alarm, AlarmKind},
    ids::AlarmId,
};

use crate::{
    Error, Tx,
    connection::both,
    schema::alarms,
    text::{self, Row},
};

#[derive(Queryable, Insertable)]
#[diesel(table_name = alarms, treat_none_as_default_value = false)]
struct AlarmRow {
    id: String,
    kind: String,
    subject: String,
    cause: String,
    first_seen_at: i64,
    last_seen_at: i64,
    ended_at: Option<i64>,
    acknowledged_by: Option<String>,
    acknowledged_at: Option<i64>,
}

/// Begins an alarm; whether it did, for there may be the same one already.
pub fn begin(tx: &mut Tx, alarm: &Alarm) -> Result<bool, Error> {
    let row = AlarmRow::from(alarm);
    let begun = both!(tx, conn => diesel::insert_into(alarms::table)
        .values(&row)
        .on_conflict_do_nothing()
        .execute(conn))?;
    Ok(begun == 1)
}

/// Writes what was seen of an open alarm; whether it still was open.
pub fn update(tx: &mut Tx, alarm: &Alarm) -> Result<bool, Error> {
    let row = AlarmRow::from(alarm);
    let changed = diesel::update(alarms::table.find(row.id))
        .filter(alarms::ended_at.is_null())
        .set((
            alarms::cause.eq(row.cause),
            alarms::last_seen_at.eq(row.last_seen_at),
            alarms::ended_at.eq(row.ended_at),
            alarms::acknowledged_by.eq(row.acknowledged_by),
            alarms::acknowledged_at.eq(row.acknowledged_at),
        ))
        .execute(&mut tx.conn)?;
    Ok(changed == 1)
}

/// One alarm, whether it is open or not.
pub fn by_id(tx: &mut Tx, id: AlarmId) -> Result<Option<Alarm>, Error> {
    let rows: Vec<AlarmRow> = alarms::table.find(id.to_string()).load(&mut tx.conn)?;
    rows.into_iter().next().map(AlarmRow::read).transpose()
}

/// Every open alarm, the oldest first.
pub fn open(tx: &mut Tx) -> Result<Vec<Alarm>, Error> {
    let rows: Vec<AlarmRow> = alarms::table
        .filter(alarms::ended_at.is_null())
        .order((alarms::first_seen_at, alarms::id))
        .load(&mut tx.conn)?;
    rows.into_iter().map(AlarmRow::read).collect()
}

/// The alarms that ended last.
pub fn ended(tx: &mut Tx, limit: i64) -> Result<Vec<Alarm>, Error> {
    let rows: Vec<AlarmRow> = alarms::table
        .filter(alarms::ended_at.is_not_null())
        .order((alarms::ended_at.desc(), alarms::id.desc()))
        .limit(limit)
        .load(&mut tx.conn)?;
    rows.into_iter().map(AlarmRow::read).collect()
}

/// The alarm of this kind about a subject that somebody acknowledged last.
pub fn last_acknowledged(
    tx: &mut Tx,
    kind: AlarmKind,
    subject: &str,
) -> Result<Option<Alarm>, Error> {
    let row: Option<AlarmRow> = alarms::table
        .filter(alarms::kind.eq(text::word(kind)))
        .filter(alarms::subject.eq(subject))
        .filter(alarms::acknowledged_at.is_not_null())
        .order((alarms::acknowledged_at.desc(), alarms::id.desc()))
        .first(&mut tx.conn)
        .optional()?;
    row.map(AlarmRow::read).transpose()
}

impl From<&Alarm> for AlarmRow {
    fn from(alarm: &Alarm) -> Self {
        Self {
            id: alarm.id.to_string(),
            kind: text::word(alarm.cause.kind()),
            subject: alarm.subject.clone(),
            cause: text::json(&alarm.cause),
            first_seen_at: alarm.first_seen_at.0,
            last_seen_at: alarm.last_seen_at.0,
            ended_at: alarm.ended_at.map(|at| at.0),
            acknowledged_by: alarm.acknowledged.map(|known| known.by.to_string()),
            acknowledged_at: alarm.acknowledged.map(|known| known.at.0),
        }
    }
}

impl AlarmRow {
    fn read(self) -> Result<Alarm, Error> {
        let row = Row { table: "alarms", id: &self.id };
        let by = self.acknowledged_by.as_deref().map(|by| row.id(by)).transpose()?;
        Ok(Alarm {
            id: row.id(&self.id)?,
            cause: row.json(&self.cause)?,
            first_seen_at: Ts(self.first_seen_at),
            last_seen_at: Ts(self.last_seen_at),
            ended_at: self.ended_at.map(Ts),
            acknowledged: by
                .zip(self.acknowledged_at)
                .map(|(by, at)| Acknowledgement { by, at: Ts(at) }),
            subject: self.subject,
        })
    }
}
