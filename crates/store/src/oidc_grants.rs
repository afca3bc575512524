//! What sign-ins gave to clients of OpenID Connect: a code, redeemed once, then an access token.

use diesel::{ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, RunQueryDsl};
use model::{Ts, ids::OidcGrantId, oidc::OidcGrant};

use crate::{
    Error, Tx,
    connection::first_locked,
    schema::oidc_grants,
    text::{self, Row},
};

#[derive(Queryable, Insertable)]
#[diesel(table_name = oidc_grants, treat_none_as_default_value = false)]
struct GrantRow {
    id: String,
    code_digest: Vec<u8>,
    relying_party_id: String,
    domain_id: String,
    user_id: String,
    session_id: String,
    browser: String,
    reply: String,
    terms: String,
    code_expires_at: i64,
    used_at: Option<i64>,
    access_digest: Option<Vec<u8>>,
    expires_at: i64,
    revoked_at: Option<i64>,
}

/// Stores a grant with its code.
pub fn put(tx: &mut Tx, grant: &OidcGrant) -> Result<(), Error> {
    let row = GrantRow {
        id: grant.id.to_string(),
        code_digest: grant.code_digest.to_vec(),
        relying_party_id: grant.relying_party_id.to_string(),
        domain_id: grant.domain_id.to_string(),
        user_id: grant.user_id.to_string(),
        session_id: grant.session_id.to_string(),
        browser: text::json(&grant.browser),
        reply: grant.reply.clone(),
        terms: text::json(&grant.terms),
        code_expires_at: grant.code_expires_at.0,
        used_at: grant.used_at.map(|at| at.0),
        access_digest: grant.access_digest.map(|digest| digest.to_vec()),
        expires_at: grant.expires_at.0,
        revoked_at: grant.revoked_at.map(|at| at.0),
    };
    diesel::insert_into(oidc_grants::table).values(&row).execute(&mut tx.conn)?;
    Ok(())
}

/// The grant of a code, used and expired ones included. Nobody else changes it before this
/// transaction ends.
pub fn by_code_locked(tx: &mut Tx, digest: &[u8; 32]) -> Result<Option<OidcGrant>, Error> {
    let query = oidc_grants::table.filter(oidc_grants::code_digest.eq(&digest[..]));
    first_locked!(tx, GrantRow, query)?.map(GrantRow::read).transpose()
}

/// The grant of an access token, expired and revoked ones included.
pub fn by_access(tx: &mut Tx, digest: &[u8; 32]) -> Result<Option<OidcGrant>, Error> {
    let row: Option<GrantRow> = oidc_grants::table
        .filter(oidc_grants::access_digest.eq(&digest[..]))
        .first(&mut tx.conn)
        .optional()?;
    row.map(GrantRow::read).transpose()
}

/// Uses the code up: true exactly once, and never after it has expired.
pub fn use_code(tx: &mut Tx, id: OidcGrantId, now: Ts) -> Result<bool, Error> {
    let fresh = oidc_grants::table
        .find(id.to_string())
        .filter(oidc_grants::used_at.is_null())
        .filter(oidc_grants::code_expires_at.gt(now.0));
    let changed =
        diesel::update(fresh).set(oidc_grants::used_at.eq(now.0)).execute(&mut tx.conn)?;
    Ok(changed == 1)
}

/// Gives the access token of a used code, unless everything was taken back meanwhile.
pub fn give_access(
    tx: &mut Tx,
    id: OidcGrantId,
    access_digest: &[u8; 32],
    expires_at: Ts,
) -> Result<bool, Error> {
    let used = oidc_grants::table
        .find(id.to_string())
        .filter(oidc_grants::used_at.is_not_null())
        .filter(oidc_grants::access_digest.is_null())
        .filter(oidc_grants::revoked_at.is_null());
    let changed = diesel::update(used)
        .set((
            oidc_grants::access_digest.eq(&access_digest[..]),
            oidc_grants::expires_at.eq(expires_at.0),
        ))
        .execute(&mut tx.conn)?;
    Ok(changed == 1)
}

/// Takes back whatever a code gave: true exactly once.
pub fn revoke(tx: &mut Tx, id: OidcGrantId, now: Ts) -> Result<bool, Error> {
    let held = oidc_grants::table.find(id.to_string()).filter(oidc_grants::revoked_at.is_null());
    let changed =
        diesel::update(held).set(oidc_grants::revoked_at.eq(now.0)).execute(&mut tx.conn)?;
    Ok(changed == 1)
}

/// Forgets grants that were of use until `before`.
pub fn purge(tx: &mut Tx, before: Ts) -> Result<usize, Error> {
    let old = oidc_grants::table.filter(oidc_grants::expires_at.lt(before.0));
    Ok(diesel::delete(old).execute(&mut tx.conn)?)
}

impl GrantRow {
    fn read(self) -> Result<OidcGrant, Error> {
        let row = Row { table: "oidc_grants", id: &self.id };
        Ok(OidcGrant {
            id: row.id(&self.id)?,
            code_digest: row.digest(&self.code_digest)?,
            relying_party_id: row.id(&self.relying_party_id)?,
            domain_id: row.id(&self.domain_id)?,
            user_id: row.id(&self.user_id)?,
            session_id: row.id(&self.session_id)?,
            browser: row.json(&self.browser)?,
            terms: row.json(&self.terms)?,
            code_expires_at: Ts(self.code_expires_at),
            used_at: self.used_at.map(Ts),
            access_digest: self.access_digest.as_deref().map(|it| row.digest(it)).transpose()?,
            expires_at: Ts(self.expires_at),
            revoked_at: self.revoked_at.map(Ts),
            reply: self.reply,
        })
    }
}
