//! Product settings by name, edited on pages: the organisation's name and the like.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};

use crate::{
    Error, Tx,
    connection::{AnyConn, both},
    revision,
    schema::settings,
};

/// The value of a setting.
pub fn get(tx: &mut Tx, name: &str) -> Result<Option<String>, Error> {
    let value =
        settings::table.find(name).select(settings::value).first(&mut tx.conn).optional()?;
    Ok(value)
}

/// The value of a setting, which nobody else changes until this writing transaction ends.
pub(crate) fn hold(tx: &mut Tx, name: &str) -> Result<Option<String>, Error> {
    let query = settings::table.find(name).select(settings::value);
    Ok(match &mut tx.conn {
        AnyConn::Sqlite(conn) => query.first(conn).optional()?,
        AnyConn::Postgres(conn) => query.for_update().first(conn).optional()?,
    })
}

/// Sets a setting.
pub fn put(tx: &mut Tx, name: &str, value: &str) -> Result<(), Error> {
    revision::bump(tx);
    note(tx, name, value)
}

/// The same for what no token depends on.
pub(crate) fn note(tx: &mut Tx, name: &str, value: &str) -> Result<(), Error> {
    both!(tx, conn => diesel::insert_into(settings::table)
        .values((settings::name.eq(name), settings::value.eq(value)))
        .on_conflict(settings::name)
        .do_update()
        .set(settings::value.eq(value))
        .execute(conn))?;
    Ok(())
}
