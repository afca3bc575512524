//! Codes that were sent to a mailbox: one a sign-in under way, known by its digest, used once.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use model::{
    Ts,
    ids::{PendingRequestId, UserId},
};

use crate::{Error, Tx, connection::both, schema::mailed_codes};

/// Keeps what is remembered of a code; an older one of the same sign-in is void.
pub fn put(
    tx: &mut Tx,
    (request, user): (PendingRequestId, UserId),
    digest: &[u8; 32],
    expires_at: Ts,
) -> Result<(), Error> {
    let terms = (
        mailed_codes::user_id.eq(user.to_string()),
        mailed_codes::digest.eq(digest.to_vec()),
        mailed_codes::expires_at.eq(expires_at.0),
    );
    both!(tx, conn => diesel::insert_into(mailed_codes::table)
        .values((mailed_codes::request_id.eq(request.to_string()), terms.clone()))
        .on_conflict(mailed_codes::request_id)
        .do_update()
        .set(terms)
        .execute(conn))?;
    Ok(())
}

/// Whether a code was sent to somebody in a sign-in and is still good.
pub fn was_sent(
    tx: &mut Tx,
    (request, user): (PendingRequestId, UserId),
    now: Ts,
) -> Result<bool, Error> {
    let good = mailed_codes::table
        .find(request.to_string())
        .filter(mailed_codes::user_id.eq(user.to_string()))
        .filter(mailed_codes::expires_at.gt(now.0))
        .count();
    Ok(good.get_result::<i64>(&mut tx.conn)? == 1)
}

/// Uses up a code that is still good: true exactly once.
pub fn take(
    tx: &mut Tx,
    request: PendingRequestId,
    digest: &[u8; 32],
    now: Ts,
) -> Result<bool, Error> {
    let good = mailed_codes::table
        .find(request.to_string())
        .filter(mailed_codes::digest.eq(&digest[..]))
        .filter(mailed_codes::expires_at.gt(now.0));
    Ok(diesel::delete(good).execute(&mut tx.conn)? == 1)
}

/// Forgets codes that expired before `before`.
pub fn purge(tx: &mut Tx, before: Ts) -> Result<(), Error> {
    let old = mailed_codes::table.filter(mailed_codes::expires_at.lt(before.0));
    diesel::delete(old).execute(&mut tx.conn)?;
    Ok(())
}
