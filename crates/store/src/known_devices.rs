//! Browsers that a person has signed in with before, by the digest of a cookie (R017). The newest
//! twenty are kept.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use model::{Ts, ids::UserId};

use crate::{Error, Tx, connection::both, schema::known_devices};

const KEPT: i64 = 20;

/// Remembers a browser.
pub fn put(tx: &mut Tx, user: UserId, digest: &[u8; 32], now: Ts) -> Result<(), Error> {
    let user = user.to_string();
    let seen = known_devices::seen_at.eq(now.0);
    both!(tx, conn => diesel::insert_into(known_devices::table)
        .values((known_devices::user_id.eq(&user), known_devices::digest.eq(&digest[..]), seen))
        .on_conflict((known_devices::user_id, known_devices::digest))
        .do_update()
        .set(seen)
        .execute(conn))?;
    let oldest_kept: Option<i64> = known_devices::table
        .filter(known_devices::user_id.eq(&user))
        .order(known_devices::seen_at.desc())
        .offset(KEPT - 1)
        .limit(1)
        .select(known_devices::seen_at)
        .first(&mut tx.conn)
        .optional()?;
    if let Some(at) = oldest_kept {
        let older = known_devices::table
            .filter(known_devices::user_id.eq(&user))
            .filter(known_devices::seen_at.lt(at));
        diesel::delete(older).execute(&mut tx.conn)?;
    }
    Ok(())
}

/// Whether a browser was seen at `since` or later.
pub fn seen(tx: &mut Tx, user: UserId, digest: &[u8; 32], since: Ts) -> Result<bool, Error> {
    let at: Option<i64> = known_devices::table
        .find((user.to_string(), &digest[..]))
        .select(known_devices::seen_at)
        .first(&mut tx.conn)
        .optional()?;
    Ok(at.is_some_and(|at| at >= since.0))
}
