//! The newest look at each thing at Microsoft. A try that saw nothing keeps what was seen before.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use model::{
    Ts,
    look::{Look, LookKind},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Error, Tx,
    connection::both,
    schema::looks,
    text::{self, Row},
};

/// Keeps what a look saw, in the place of what was seen before.
pub fn put_seen<T: Serialize>(
    tx: &mut Tx,
    (kind, subject): (LookKind, &str),
    seen: &T,
    now: Ts,
) -> Result<(), Error> {
    let seen = text::json(seen);
    let changes = (
        looks::tried_at.eq(now.0),
        looks::trouble.eq(None::<&str>),
        looks::seen_at.eq(Some(now.0)),
        looks::seen.eq(Some(seen.as_str())),
    );
    both!(tx, conn => diesel::insert_into(looks::table)
        .values((looks::kind.eq(text::word(kind)), looks::subject.eq(subject), changes))
        .on_conflict((looks::kind, looks::subject))
        .do_update()
        .set(changes)
        .execute(conn))?;
    Ok(())
}

/// Keeps why a look saw nothing, beside what was seen before.
pub fn put_trouble(
    tx: &mut Tx,
    (kind, subject): (LookKind, &str),
    trouble: &str,
    now: Ts,
) -> Result<(), Error> {
    let changes = (looks::tried_at.eq(now.0), looks::trouble.eq(Some(trouble)));
    both!(tx, conn => diesel::insert_into(looks::table)
        .values((looks::kind.eq(text::word(kind)), looks::subject.eq(subject), changes))
        .on_conflict((looks::kind, looks::subject))
        .do_update()
        .set(changes)
        .execute(conn))?;
    Ok(())
}

type LookRow = (String, String, i64, Option<String>, Option<i64>, Option<String>);

/// The newest look at a subject, if there was one.
pub fn get<T: DeserializeOwned>(
    tx: &mut Tx,
    (kind, subject): (LookKind, &str),
) -> Result<Option<Look<T>>, Error> {
    let row: Option<LookRow> =
        looks::table.find((text::word(kind), subject)).first(&mut tx.conn).optional()?;
    let Some((_, _, tried_at, trouble, seen_at, seen)) = row else { return Ok(None) };
    let row = Row { table: "looks", id: subject };
    let seen = match seen_at.zip(seen) {
        None => None,
        Some((at, seen)) => Some((Ts(at), row.json(&seen)?)),
    };
    Ok(Some(Look { seen, tried_at: Ts(tried_at), trouble }))
}
