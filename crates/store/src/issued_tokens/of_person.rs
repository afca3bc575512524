//! The journal as its person reads it: what programs got that have no session.

use diesel::{
    ExpressionMethods, QueryDsl, RunQueryDsl,
    dsl::{count_star, max},
};
use model::{
    Ts,
    ids::{RelyingPartyId, UserId},
};

use crate::{Error, Tx, schema::issued_tokens, text::Row};

/// Tokens of a person for which the request itself brought the password, and which they can't tell apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokensOfPerson {
    /// For which party.
    pub relying_party_id: RelyingPartyId,
    /// From which address.
    pub address: String,
    /// What the program called itself.
    pub agent: String,
    /// How many.
    pub times: u32,
    /// The last of them.
    pub last: Ts,
}

/// Party, address and agent of tokens that are alike, how many, and the last.
type Alike = ((String, String, String), i64, Option<i64>);

/// What a person's programs got without a session since a moment, the latest first.
pub fn without_session(
    tx: &mut Tx,
    user: UserId,
    since: Ts,
    limit: i64,
) -> Result<Vec<TokensOfPerson>, Error> {
    let columns = (
        issued_tokens::relying_party_id,
        issued_tokens::client_address,
        issued_tokens::client_agent,
    );
    let rows: Vec<Alike> = issued_tokens::table
        .filter(issued_tokens::user_id.eq(user.to_string()))
        .filter(issued_tokens::issued_at.ge(since.0))
        .filter(issued_tokens::session_id.is_null())
        .group_by(columns)
        .select((columns, count_star(), max(issued_tokens::issued_at)))
        .order(max(issued_tokens::issued_at).desc())
        .limit(limit)
        .load(&mut tx.conn)?;
    let read = |((party, address, agent), times, last): Alike| {
        let row = Row { table: "issued_tokens", id: &party };
        Ok(TokensOfPerson {
            relying_party_id: row.id(&party)?,
            times: row.number(times)?,
            last: Ts(last.unwrap_or_default()),
            address,
            agent,
        })
    };
    rows.into_iter().map(read).collect()
}
