//! The journal by what a rule of the policy can ask for: tokens that no rule can tell apart are one line.

use diesel::{
    ExpressionMethods, QueryDsl, RunQueryDsl,
    dsl::{count_star, max},
};
use model::{
    Ts,
    ids::{RelyingPartyId, UserId},
    issued_token::Protocol,
};

use crate::{Error, Tx, schema::issued_tokens, text::Row};

/// Tokens of a person that no rule can tell apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIns {
    /// About whom.
    pub user_id: UserId,
    /// For which party.
    pub relying_party_id: RelyingPartyId,
    /// By which protocol.
    pub protocol: Protocol,
    /// They came from a session, and so from a browser; else the request brought the password.
    pub in_session: bool,
    /// From which address.
    pub address: String,
    /// What the program called itself.
    pub agent: String,
    /// How many.
    pub times: u32,
    /// The last of them.
    pub last: Ts,
}

type Alike = (String, String, String, String, String);

/// What was issued since a moment, the latest first; at most so many lines of each kind, and whether
/// there were more of one.
pub fn sign_ins(tx: &mut Tx, since: Ts, most: usize) -> Result<(Vec<SignIns>, bool), Error> {
    let (mut all, mut is_cut) = (Vec::new(), false);
    for in_session in [true, false] {
        let asked = i64::try_from(most).unwrap_or(i64::MAX).saturating_add(1);
        let mut found = alike(tx, since, asked, in_session)?;
        is_cut |= found.len() > most;
        found.truncate(most);
        all.extend(found);
    }
    all.sort_by_key(|line| std::cmp::Reverse(line.last));
    Ok((all, is_cut))
}

fn alike(tx: &mut Tx, since: Ts, most: i64, in_session: bool) -> Result<Vec<SignIns>, Error> {
    let columns = (
        issued_tokens::user_id,
        issued_tokens::relying_party_id,
        issued_tokens::protocol,
        issued_tokens::client_address,
        issued_tokens::client_agent,
    );
    let rows: Vec<(Alike, i64, Option<i64>)> = issued_tokens::table
        .filter(issued_tokens::issued_at.ge(since.0))
        .filter(issued_tokens::session_id.is_not_null().eq(in_session))
        .group_by(columns)
        .select((columns, count_star(), max(issued_tokens::issued_at)))
        .order(max(issued_tokens::issued_at).desc())
        .limit(most)
        .load(&mut tx.conn)?;
    let read =
        |((user, party, protocol, address, agent), times, last): (Alike, i64, Option<i64>)| {
            let row = Row { table: "issued_tokens", id: &user };
            Ok(SignIns {
                user_id: row.id(&user)?,
                relying_party_id: row.id(&party)?,
                protocol: row.word(&protocol)?,
                in_session,
                times: row.number(times)?,
                last: Ts(last.unwrap_or_default()),
                address,
                agent,
            })
        };
    rows.into_iter().map(read).collect()
}
