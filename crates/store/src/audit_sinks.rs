//! Places that the audit log is brought to, and how far each is.

use diesel::{AsChangeset, Insertable, OptionalExtension, QueryDsl, Queryable, RunQueryDsl};
use model::{Ts, audit_chain::Sink};

use crate::{Error, Tx, connection::both, schema::audit_sinks};

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = audit_sinks, treat_none_as_default_value = false, treat_none_as_null = true)]
struct SinkRow {
    name: String,
    number: i64,
    tried_at: i64,
    delivered_at: Option<i64>,
    failing_since: Option<i64>,
    trouble: String,
}

/// How far a place is; `None` before anything was brought there.
pub fn get(tx: &mut Tx, name: &str) -> Result<Option<Sink>, Error> {
    let found: Option<SinkRow> = audit_sinks::table.find(name).first(&mut tx.conn).optional()?;
    Ok(found.map(SinkRow::read))
}

/// Every place, by name.
pub fn all(tx: &mut Tx) -> Result<Vec<Sink>, Error> {
    let rows: Vec<SinkRow> = audit_sinks::table.order(audit_sinks::name).load(&mut tx.conn)?;
    Ok(rows.into_iter().map(SinkRow::read).collect())
}

/// A place has the log up to a row.
pub fn delivered(tx: &mut Tx, name: &str, number: i64, now: Ts) -> Result<(), Error> {
    put(
        tx,
        &SinkRow {
            name: name.to_owned(),
            number,
            tried_at: now.0,
            delivered_at: Some(now.0),
            failing_since: None,
            trouble: String::new(),
        },
    )
}

/// A place did not take what was brought to it.
pub fn failed(tx: &mut Tx, name: &str, now: Ts, why: &str) -> Result<(), Error> {
    let before = get(tx, name)?;
    let since = before.as_ref().and_then(|sink| sink.failing_since).unwrap_or(now);
    put(
        tx,
        &SinkRow {
            name: name.to_owned(),
            number: before.as_ref().map_or(0, |sink| sink.number),
            tried_at: now.0,
            delivered_at: before.and_then(|sink| sink.delivered_at).map(|at| at.0),
            failing_since: Some(since.0),
            trouble: why.to_owned(),
        },
    )
}

fn put(tx: &mut Tx, row: &SinkRow) -> Result<(), Error> {
    both!(tx, conn => diesel::insert_into(audit_sinks::table)
        .values(row)
        .on_conflict(audit_sinks::name)
        .do_update()
        .set(row)
        .execute(conn))?;
    Ok(())
}

impl SinkRow {
    fn read(self) -> Sink {
        Sink {
            name: self.name,
            number: self.number,
            tried_at: Ts(self.tried_at),
            delivered_at: self.delivered_at.map(Ts),
            failing_since: self.failing_since.map(Ts),
            trouble: self.trouble,
        }
    }
}
