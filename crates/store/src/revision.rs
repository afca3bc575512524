//! One number that grows with every change that a token must not miss: people, assignments,
//! relying parties, domains, keys, ended sessions. A token is decided on one snapshot; its journal
//! write checks that the number is still the same (R095).

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};

use crate::{
    Error, Tx,
    connection::{AnyConn, Mode},
    schema::revision,
};

const ROW: i64 = 1;

/// The number as this transaction sees it.
pub fn current(tx: &mut Tx) -> Result<i64, Error> {
    let value = revision::table.find(ROW).select(revision::value).first(&mut tx.conn)?;
    Ok(value)
}

/// Whether the number is still `expected`. In a writing transaction it stays so until the commit:
/// call it after everything that takes locks.
pub fn check(tx: &mut Tx, expected: i64) -> Result<bool, Error> {
    if tx.mode == Mode::Read {
        return Ok(current(tx)? == expected);
    }
    Ok(hold(tx)? == expected)
}

/// The number, which stays so until this writing transaction ends: no change that a token must not
/// miss gets ahead of it. Take every other lock before.
pub fn hold(tx: &mut Tx) -> Result<i64, Error> {
    let query = revision::table.find(ROW).select(revision::value);
    Ok(match &mut tx.conn {
        AnyConn::Sqlite(conn) => query.first(conn)?,
        // Many tokens may share the row; a change waits for them.
        AnyConn::Postgres(conn) => query.for_share().first(conn)?,
    })
}

/// Marks this transaction as one that a token must not miss.
pub(crate) fn bump(tx: &mut Tx) {
    tx.revision_moves = true;
}

/// Lets the number grow, just before the commit.
pub(crate) fn advance(tx: &mut Tx) -> Result<(), Error> {
    diesel::update(revision::table.find(ROW))
        .set(revision::value.eq(revision::value + 1))
        .execute(&mut tx.conn)?;
    Ok(())
}
