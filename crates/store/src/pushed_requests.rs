//! Requests that clients brought before they send a browser: known by their digest, used once.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use model::{Ts, ids::RelyingPartyId, oidc::PushedRequest};

use crate::{Error, Tx, schema::pushed_requests, text::Row};

/// Keeps a request.
pub fn put(tx: &mut Tx, pushed: &PushedRequest) -> Result<(), Error> {
    diesel::insert_into(pushed_requests::table)
        .values((
            pushed_requests::digest.eq(pushed.digest.to_vec()),
            pushed_requests::relying_party_id.eq(pushed.relying_party_id.to_string()),
            pushed_requests::domain_id.eq(pushed.domain_id.to_string()),
            pushed_requests::request.eq(&pushed.request),
            pushed_requests::expires_at.eq(pushed.expires_at.0),
        ))
        .execute(&mut tx.conn)?;
    Ok(())
}

/// How many of a client are still good.
pub fn waiting(tx: &mut Tx, client: RelyingPartyId, now: Ts) -> Result<i64, Error> {
    let good = pushed_requests::table
        .filter(pushed_requests::relying_party_id.eq(client.to_string()))
        .filter(pushed_requests::expires_at.gt(now.0))
        .count();
    Ok(good.get_result(&mut tx.conn)?)
}

/// Uses up the request with this digest: of many at once exactly one gets it. It may have expired.
pub fn take(tx: &mut Tx, digest: &[u8; 32]) -> Result<Option<PushedRequest>, Error> {
    type Found = (String, String, String, i64);
    let this = pushed_requests::table.find(digest.to_vec());
    let found: Option<Found> = this
        .select((
            pushed_requests::relying_party_id,
            pushed_requests::domain_id,
            pushed_requests::request,
            pushed_requests::expires_at,
        ))
        .first(&mut tx.conn)
        .optional()?;
    let Some((party, domain, request, expires_at)) = found else { return Ok(None) };
    let this = pushed_requests::table.find(digest.to_vec());
    let taken = diesel::delete(this).execute(&mut tx.conn)? == 1;
    let row = Row { table: "pushed_requests", id: "a request of a client" };
    let pushed = PushedRequest {
        digest: *digest,
        relying_party_id: row.id(&party)?,
        domain_id: row.id(&domain)?,
        request,
        expires_at: Ts(expires_at),
    };
    Ok(taken.then_some(pushed))
}

/// Forgets requests that expired before `before`.
pub fn purge(tx: &mut Tx, before: Ts) -> Result<(), Error> {
    let old = pushed_requests::table.filter(pushed_requests::expires_at.lt(before.0));
    diesel::delete(old).execute(&mut tx.conn)?;
    Ok(())
}
