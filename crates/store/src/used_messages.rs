//! Protocol messages that were taken already and must not be taken again (R113).

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use model::{Ts, ids::RelyingPartyId};

use crate::{Error, Tx, connection::both, schema::used_messages};

/// Uses a message up: true the first time, and of two at once for one of them; false ever after until
/// it is forgotten.
pub fn use_up(
    tx: &mut Tx,
    party: RelyingPartyId,
    message_id: &str,
    expires_at: Ts,
) -> Result<bool, Error> {
    let added = both!(tx, conn => diesel::insert_into(used_messages::table)
        .values((
            used_messages::relying_party_id.eq(party.to_string()),
            used_messages::message_id.eq(message_id),
            used_messages::expires_at.eq(expires_at.0),
        ))
        .on_conflict_do_nothing()
        .execute(conn))?;
    Ok(added == 1)
}

/// Forgets messages that are too old to be taken anyway.
pub fn purge(tx: &mut Tx, before: Ts) -> Result<usize, Error> {
    let old = used_messages::table.filter(used_messages::expires_at.lt(before.0));
    Ok(diesel::delete(old).execute(&mut tx.conn)?)
}
