//! Protocol messages that were taken already and must not be taken again (R113).

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use model::{Ts, ids::RelyingPartyId};

use crate::{Error, Tx, schema::used_messages};

/// Uses a message up: true the first time, false ever after until `expires_at` has passed.
pub fn use_up(
    tx: &mut Tx,
    party: RelyingPartyId,
    message_id: &str,
    expires_at: Ts,
) -> Result<bool, Error> {
    let key = (party.to_string(), message_id.to_owned());
    let known: Option<i64> = used_messages::table
        .find(key.clone())
        .select(used_messages::expires_at)
        .first(&mut tx.conn)
        .optional()?;
    if known.is_some() {
        return Ok(false);
    }
    diesel::insert_into(used_messages::table)
        .values((
            used_messages::relying_party_id.eq(key.0),
            used_messages::message_id.eq(key.1),
            used_messages::expires_at.eq(expires_at.0),
        ))
        .execute(&mut tx.conn)?;
    Ok(true)
}

/// Forgets messages that are too old to be taken anyway.
pub fn purge(tx: &mut Tx, before: Ts) -> Result<usize, Error> {
    let old = used_messages::table.filter(used_messages::expires_at.lt(before.0));
    Ok(diesel::delete(old).execute(&mut tx.conn)?)
}
