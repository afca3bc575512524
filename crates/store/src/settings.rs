//! Product settings by name, edited on pages: the organisation's name and the like.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};

use crate::{Error, Tx, connection::both, revision, schema::settings};

/// The value of a setting.
pub fn get(tx: &mut Tx, name: &str) -> Result<Option<String>, Error> {
    let value =
        settings::table.find(name).select(settings::value).first(&mut tx.conn).optional()?;
    Ok(value)
}

/// Sets a setting.
pub fn put(tx: &mut Tx, name: &str, value: &str) -> Result<(), Error> {
    both!(tx, conn => diesel::insert_into(settings::table)
        .values((settings::name.eq(name), settings::value.eq(value)))
        .on_conflict(settings::name)
        .do_update()
        .set(settings::value.eq(value))
        .execute(conn))?;
    revision::bump(tx);
    Ok(())
}
