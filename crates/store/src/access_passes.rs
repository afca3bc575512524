//! Temporary access passes: one a person, known by their digest, used once.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use model::{Ts, factor::AccessPass, ids::UserId};

use crate::{Error, Tx, connection::both, schema::access_passes, text::Row};

/// Keeps a pass; an older one of the same person is void.
pub fn put(tx: &mut Tx, pass: &AccessPass) -> Result<(), Error> {
    let terms = (
        access_passes::digest.eq(pass.digest.to_vec()),
        access_passes::reason.eq(pass.reason.clone()),
        access_passes::given_by.eq(pass.given_by.to_string()),
        access_passes::given_at.eq(pass.given_at.0),
        access_passes::expires_at.eq(pass.expires_at.0),
    );
    both!(tx, conn => diesel::insert_into(access_passes::table)
        .values((access_passes::user_id.eq(pass.user_id.to_string()), terms.clone()))
        .on_conflict(access_passes::user_id)
        .do_update()
        .set(terms)
        .execute(conn))?;
    Ok(())
}

/// A person's pass, if they have one that is still good.
pub fn of_user(tx: &mut Tx, user: UserId, now: Ts) -> Result<Option<AccessPass>, Error> {
    type Found = (String, Vec<u8>, String, String, i64, i64);
    let found: Option<Found> = access_passes::table
        .find(user.to_string())
        .filter(access_passes::expires_at.gt(now.0))
        .first(&mut tx.conn)
        .optional()?;
    let Some((user_id, digest, reason, given_by, given_at, expires_at)) = found else {
        return Ok(None);
    };
    let row = Row { table: "access_passes", id: &user_id };
    Ok(Some(AccessPass {
        user_id: row.id(&user_id)?,
        digest: row.digest(&digest)?,
        reason,
        given_by: row.id(&given_by)?,
        given_at: Ts(given_at),
        expires_at: Ts(expires_at),
    }))
}

/// Uses up a pass that is still good: true exactly once.
pub fn take(tx: &mut Tx, user: UserId, digest: &[u8; 32], now: Ts) -> Result<bool, Error> {
    let good = access_passes::table
        .find(user.to_string())
        .filter(access_passes::digest.eq(&digest[..]))
        .filter(access_passes::expires_at.gt(now.0));
    Ok(diesel::delete(good).execute(&mut tx.conn)? == 1)
}

/// Makes a person's pass void; false when there was none.
pub fn forget(tx: &mut Tx, user: UserId) -> Result<bool, Error> {
    let there = access_passes::table.find(user.to_string());
    Ok(diesel::delete(there).execute(&mut tx.conn)? == 1)
}

/// Forgets passes that expired before `before`.
pub fn purge(tx: &mut Tx, before: Ts) -> Result<(), Error> {
    let old = access_passes::table.filter(access_passes::expires_at.lt(before.0));
    diesel::delete(old).execute(&mut tx.conn)?;
    Ok(())
}
