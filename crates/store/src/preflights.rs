//! The newest pre-flight of each domain.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use model::{Ts, ids::FederatedDomainId, preflight::Preflight};

use crate::{
    Error, Tx,
    connection::both,
    schema::preflights,
    text::{self, Row},
};

/// Keeps a pre-flight in the place of the one before.
pub fn put(tx: &mut Tx, preflight: &Preflight) -> Result<(), Error> {
    let (state, findings) = (text::json(&preflight.state), text::json(&preflight.findings));
    let seen = (
        preflights::at.eq(preflight.at.0),
        preflights::state.eq(state.as_str()),
        preflights::findings.eq(findings.as_str()),
    );
    both!(tx, conn => diesel::insert_into(preflights::table)
        .values((preflights::domain_id.eq(preflight.domain.to_string()), seen))
        .on_conflict(preflights::domain_id)
        .do_update()
        .set(seen)
        .execute(conn))?;
    Ok(())
}

/// The newest pre-flight of a domain, if there was one.
pub fn of_domain(tx: &mut Tx, domain: FederatedDomainId) -> Result<Option<Preflight>, Error> {
    let id = domain.to_string();
    let row: Option<(String, i64, String, String)> =
        preflights::table.find(&id).first(&mut tx.conn).optional()?;
    let Some((_, at, state, findings)) = row else { return Ok(None) };
    let row = Row { table: "preflights", id: &id };
    let (state, findings) = (row.json(&state)?, row.json(&findings)?);
    Ok(Some(Preflight { domain, at: Ts(at), state, findings }))
}
