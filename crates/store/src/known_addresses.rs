//! Addresses that a person has signed in from before (R017). The newest twenty are kept.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use model::{Ts, ids::UserId};

use crate::{Error, Tx, connection::both, schema::known_addresses};

const KEPT: i64 = 20;

/// Remembers an address.
pub fn put(tx: &mut Tx, user: UserId, address: &str, now: Ts) -> Result<(), Error> {
    let user = user.to_string();
    let seen = known_addresses::seen_at.eq(now.0);
    both!(tx, conn => diesel::insert_into(known_addresses::table)
        .values((known_addresses::user_id.eq(&user), known_addresses::address.eq(address), seen))
        .on_conflict((known_addresses::user_id, known_addresses::address))
        .do_update()
        .set(seen)
        .execute(conn))?;
    let oldest_kept: Option<i64> = known_addresses::table
        .filter(known_addresses::user_id.eq(&user))
        .order(known_addresses::seen_at.desc())
        .offset(KEPT - 1)
        .limit(1)
        .select(known_addresses::seen_at)
        .first(&mut tx.conn)
        .optional()?;
    if let Some(at) = oldest_kept {
        let older = known_addresses::table
            .filter(known_addresses::user_id.eq(&user))
            .filter(known_addresses::seen_at.lt(at));
        diesel::delete(older).execute(&mut tx.conn)?;
    }
    Ok(())
}

/// Whether an address was seen at `since` or later.
pub fn seen(tx: &mut Tx, user: UserId, address: &str, since: Ts) -> Result<bool, Error> {
    let at: Option<i64> = known_addresses::table
        .find((user.to_string(), address))
        .select(known_addresses::seen_at)
        .first(&mut tx.conn)
        .optional()?;
    Ok(at.is_some_and(|at| at >= since.0))
}
