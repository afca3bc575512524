//! The newest look at each thing at Microsoft. A try that saw nothing keeps what was seen before.

use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, query_dsl::methods::FilterDsl as _,
};
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

/// Keeps what a look saw that began at a time, in the place of what was seen before. False, and nothing
/// is kept, when a later look was first: a slow one knows less.
pub fn put_seen<T: Serialize>(
    tx: &mut Tx,
    (kind, subject): (LookKind, &str),
    seen: &T,
    began: Ts,
) -> Result<bool, Error> {
    let seen = text::json(seen);
    let changes = (
        looks::tried_at.eq(began.0),
        looks::trouble.eq(None::<&str>),
        looks::seen_at.eq(Some(began.0)),
        looks::seen.eq(Some(seen.as_str())),
    );
    let kept = both!(tx, conn => diesel::insert_into(looks::table)
        .values((looks::kind.eq(text::word(kind)), looks::subject.eq(subject), changes))
        .on_conflict((looks::kind, looks::subject))
        .do_update()
        .set(changes)
        .filter(looks::tried_at.le(began.0))
        .execute(conn))?;
    Ok(kept > 0)
}

/// Keeps why a look saw nothing that began at a time, beside what was seen before; not when a later
/// look was first.
pub fn put_trouble(
    tx: &mut Tx,
    (kind, subject): (LookKind, &str),
    trouble: &str,
    began: Ts,
) -> Result<bool, Error> {
    let changes = (looks::tried_at.eq(began.0), looks::trouble.eq(Some(trouble)));
    let kept = both!(tx, conn => diesel::insert_into(looks::table)
        .values((looks::kind.eq(text::word(kind)), looks::subject.eq(subject), changes))
        .on_conflict((looks::kind, looks::subject))
        .do_update()
        .set(changes)
        .filter(looks::tried_at.le(began.0))
        .execute(conn))?;
    Ok(kept > 0)
}

/// Forgets the look at a subject: what it saw is so no more.
pub fn forget(tx: &mut Tx, (kind, subject): (LookKind, &str)) -> Result<(), Error> {
    let one = looks::table.find((text::word(kind), subject));
    diesel::delete(one).execute(&mut tx.conn)?;
    Ok(())
}

type LookRow = (String, String, i64, Option<String>, Option<i64>, Option<String>);

/// The newest look at a subject, if there was one. What another version of ours saw and this one can't
/// read was not seen.
pub fn get<T: DeserializeOwned>(
    tx: &mut Tx,
    (kind, subject): (LookKind, &str),
) -> Result<Option<Look<T>>, Error> {
    let row: Option<LookRow> =
        looks::table.find((text::word(kind), subject)).first(&mut tx.conn).optional()?;
    let Some((_, _, tried_at, trouble, seen_at, seen)) = row else { return Ok(None) };
    let row = Row { table: "looks", id: subject };
    let seen = seen_at.zip(seen).and_then(|(at, seen)| Some((Ts(at), row.json(&seen).ok()?)));
    Ok(Some(Look { seen, tried_at: Ts(tried_at), trouble }))
}
