//! Links by which people choose a new password (R041): one a person, known by their digest, used
//! once.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use model::{Ts, ids::UserId};

use crate::{Error, Tx, connection::both, schema::reset_links, text::Row};

/// A link as it is remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResetLink {
    /// Whose password.
    pub user_id: UserId,
    /// The digest of the link's secret.
    pub digest: [u8; 32],
    /// The digest of what must not have changed when it is used.
    pub basis: [u8; 32],
    /// It is good until then.
    pub expires_at: Ts,
}

/// Keeps a link; an older one of the same person is void.
pub fn put(tx: &mut Tx, link: &ResetLink) -> Result<(), Error> {
    let terms = (
        reset_links::digest.eq(link.digest.to_vec()),
        reset_links::basis.eq(link.basis.to_vec()),
        reset_links::expires_at.eq(link.expires_at.0),
    );
    both!(tx, conn => diesel::insert_into(reset_links::table)
        .values((reset_links::user_id.eq(link.user_id.to_string()), terms.clone()))
        .on_conflict(reset_links::user_id)
        .do_update()
        .set(terms)
        .execute(conn))?;
    Ok(())
}

/// Uses up the link with this digest: of many at once exactly one gets it. It may have expired.
pub fn take(tx: &mut Tx, digest: &[u8; 32]) -> Result<Option<ResetLink>, Error> {
    let found: Option<(String, Vec<u8>, i64)> = reset_links::table
        .filter(reset_links::digest.eq(&digest[..]))
        .select((reset_links::user_id, reset_links::basis, reset_links::expires_at))
        .first(&mut tx.conn)
        .optional()?;
    let Some((user, basis, expires_at)) = found else { return Ok(None) };
    let this = reset_links::table.find(&user).filter(reset_links::digest.eq(&digest[..]));
    let taken = diesel::delete(this).execute(&mut tx.conn)? == 1;
    let row = Row { table: "reset_links", id: &user };
    let link = ResetLink {
        user_id: row.id(&user)?,
        digest: *digest,
        basis: row.digest(&basis)?,
        expires_at: Ts(expires_at),
    };
    Ok(taken.then_some(link))
}

/// Makes a person's link void.
pub fn forget(tx: &mut Tx, user: UserId) -> Result<(), Error> {
    diesel::delete(reset_links::table.find(user.to_string())).execute(&mut tx.conn)?;
    Ok(())
}

/// Forgets links that expired before `before`.
pub fn purge(tx: &mut Tx, before: Ts) -> Result<(), Error> {
    let old = reset_links::table.filter(reset_links::expires_at.lt(before.0));
    diesel::delete(old).execute(&mut tx.conn)?;
    Ok(())
}
