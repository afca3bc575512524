//! The journal of tokens: written before a token leaves (R095). It outlives what it names.

mod of_person;
mod sign_ins;

use diesel::{
    ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, RunQueryDsl,
    TextExpressionMethods, define_sql_function,
    dsl::{count_star, max, min},
    sql_types::Text,
};
use model::{
    Ts,
    ids::{FederatedDomainId, RelyingPartyId, SessionId, UserId},
    issued_token::{IssuedToken, Protocol},
};

use crate::{
    Error, Page, Tx,
    schema::issued_tokens,
    text::{self, Row},
};

pub use of_person::{TokensOfPerson, without_session};
pub use sign_ins::{SignIns, sign_ins};

#[derive(Queryable, Insertable)]
#[diesel(table_name = issued_tokens, treat_none_as_default_value = false)]
struct TokenRow {
    id: String,
    token_id: String,
    user_id: String,
    session_id: Option<String>,
    domain_id: String,
    relying_party_id: String,
    protocol: String,
    signing_key_id: String,
    issued_at: i64,
    events: String,
    says_mfa: bool,
    client_address: String,
    digest: Vec<u8>,
    claims: String,
    client_agent: String,
    asked: String,
}

/// Writes a token down; it may leave once the transaction is on the disk.
pub fn record(tx: &mut Tx, token: &IssuedToken) -> Result<(), Error> {
    let row = TokenRow {
        id: token.id.to_string(),
        token_id: token.token_id.clone(),
        user_id: token.user_id.to_string(),
        session_id: token.session_id.map(|id| id.to_string()),
        domain_id: token.domain_id.to_string(),
        relying_party_id: token.relying_party_id.to_string(),
        protocol: text::word(token.protocol),
        signing_key_id: token.signing_key_id.to_string(),
        issued_at: token.issued_at.0,
        events: text::json(&token.events),
        says_mfa: token.says_mfa,
        client_address: token.client_address.clone(),
        digest: token.digest.to_vec(),
        claims: text::json(&token.claims),
        client_agent: token.client_agent.clone(),
        asked: token.asked.as_ref().map(text::json).unwrap_or_default(),
    };
    diesel::insert_into(issued_tokens::table).values(&row).execute(&mut tx.conn)?;
    Ok(())
}

/// A person's newest tokens.
pub fn of_user(tx: &mut Tx, user: UserId, limit: i64) -> Result<Vec<IssuedToken>, Error> {
    let rows: Vec<TokenRow> = issued_tokens::table
        .filter(issued_tokens::user_id.eq(user.to_string()))
        .order((issued_tokens::issued_at.desc(), issued_tokens::id.desc()))
        .limit(limit)
        .load(&mut tx.conn)?;
    rows.into_iter().map(TokenRow::read).collect()
}

/// A part of everything that a person was ever vouched for, newest first.
pub fn page_of_user(
    tx: &mut Tx,
    user: UserId,
    limit: i64,
    offset: i64,
) -> Result<Page<IssuedToken>, Error> {
    let (limit, offset) = text::page(limit, offset);
    let theirs = || issued_tokens::table.filter(issued_tokens::user_id.eq(user.to_string()));
    let total = theirs().count().get_result(&mut tx.conn)?;
    let rows: Vec<TokenRow> = theirs()
        .order((issued_tokens::issued_at.desc(), issued_tokens::id.desc()))
        .limit(limit)
        .offset(offset)
        .load(&mut tx.conn)?;
    Ok(Page { rows: rows.into_iter().map(TokenRow::read).collect::<Result<_, _>>()?, total })
}

/// The token with this id of its own.
pub fn by_token_id(tx: &mut Tx, token_id: &str) -> Result<Option<IssuedToken>, Error> {
    let row: Option<TokenRow> = issued_tokens::table
        .filter(issued_tokens::token_id.eq(token_id))
        .first(&mut tx.conn)
        .optional()?;
    row.map(TokenRow::read).transpose()
}

/// The tokens that one session got by one protocol, oldest first.
pub fn of_session(
    tx: &mut Tx,
    user: UserId,
    session: SessionId,
    protocol: Protocol,
) -> Result<Vec<IssuedToken>, Error> {
    let rows: Vec<TokenRow> = issued_tokens::table
        .filter(issued_tokens::user_id.eq(user.to_string()))
        .filter(issued_tokens::session_id.eq(session.to_string()))
        .filter(issued_tokens::protocol.eq(text::word(protocol)))
        .order((issued_tokens::issued_at, issued_tokens::id))
        .load(&mut tx.conn)?;
    rows.into_iter().map(TokenRow::read).collect()
}

/// The parties that got tokens in some of a person's sessions, each once a session and protocol.
pub fn parties_of(
    tx: &mut Tx,
    user: UserId,
    sessions: &[SessionId],
) -> Result<Vec<(SessionId, RelyingPartyId, Protocol)>, Error> {
    let sessions: Vec<Option<String>> = sessions.iter().map(|id| Some(id.to_string())).collect();
    let rows: Vec<(Option<String>, String, String)> = issued_tokens::table
        .filter(issued_tokens::user_id.eq(user.to_string()))
        .filter(issued_tokens::session_id.eq_any(sessions))
        .select((
            issued_tokens::session_id,
            issued_tokens::relying_party_id,
            issued_tokens::protocol,
        ))
        .distinct()
        .load(&mut tx.conn)?;
    let read = |(session, party, protocol): (Option<String>, String, String)| {
        let row = Row { table: "issued_tokens", id: &party };
        Ok((row.id(&session.unwrap_or_default())?, row.id(&party)?, row.word(&protocol)?))
    };
    rows.into_iter().map(read).collect()
}

/// Whether a person got a token for one of these parties in a stretch of time, its ends included.
pub fn were_issued(
    tx: &mut Tx,
    user: UserId,
    parties: &[RelyingPartyId],
    (from, to): (Ts, Ts),
) -> Result<bool, Error> {
    let parties: Vec<String> = parties.iter().map(ToString::to_string).collect();
    let found: i64 = issued_tokens::table
        .filter(issued_tokens::user_id.eq(user.to_string()))
        .filter(issued_tokens::issued_at.between(from.0, to.0))
        .filter(issued_tokens::relying_party_id.eq_any(parties))
        .count()
        .get_result(&mut tx.conn)?;
    Ok(found > 0)
}

/// The first token of a domain's people for one of these parties since a moment, that one included.
pub fn first_since(
    tx: &mut Tx,
    domain: FederatedDomainId,
    parties: &[RelyingPartyId],
    since: Ts,
) -> Result<Option<IssuedToken>, Error> {
    let parties: Vec<String> = parties.iter().map(ToString::to_string).collect();
    let row: Option<TokenRow> = issued_tokens::table
        .filter(issued_tokens::domain_id.eq(domain.to_string()))
        .filter(issued_tokens::issued_at.ge(since.0))
        .filter(issued_tokens::relying_party_id.eq_any(parties))
        .order((issued_tokens::issued_at, issued_tokens::id))
        .first(&mut tx.conn)
        .optional()?;
    row.map(TokenRow::read).transpose()
}

define_sql_function! {
    /// Folded: `LIKE` alone tells cases apart in `PostgreSQL` and not in `SQLite`.
    fn lower(text: Text) -> Text;
}

/// Tokens of WS-Trust that programs with this mark in their name, in any case, got since a moment, put
/// together: of whom, from where, how many; the latest first. At most 1,000 sorts.
pub fn by_program(tx: &mut Tx, mark: &str, since: Ts) -> Result<Vec<TokensOfProgram>, Error> {
    let rows: Vec<Sort> = issued_tokens::table
        .filter(issued_tokens::protocol.eq(text::word(Protocol::WsTrust)))
        .filter(issued_tokens::issued_at.ge(since.0))
        .filter(lower(issued_tokens::client_agent).like(format!("%{}%", mark.to_lowercase())))
        .group_by((issued_tokens::user_id, issued_tokens::client_address))
        .select((
            (issued_tokens::user_id, issued_tokens::client_address),
            count_star(),
            (min(issued_tokens::issued_at), max(issued_tokens::issued_at)),
        ))
        .order(max(issued_tokens::issued_at).desc())
        .limit(1_000)
        .load(&mut tx.conn)?;
    let read = |((user, address), times, (first, last)): Sort| {
        let row = Row { table: "issued_tokens", id: &user };
        Ok(TokensOfProgram {
            user_id: row.id(&user)?,
            address,
            times: row.number(times)?,
            first: Ts(first.unwrap_or_default()),
            last: Ts(last.unwrap_or_default()),
        })
    };
    rows.into_iter().map(read).collect()
}

/// Person and address of tokens that are alike, how many, the first and the last.
type Sort = ((String, String), i64, (Option<i64>, Option<i64>));

/// Some tokens that a program got for somebody at one address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokensOfProgram {
    /// About whom.
    pub user_id: UserId,
    /// From which address.
    pub address: String,
    /// How many.
    pub times: u32,
    /// The first of them.
    pub first: Ts,
    /// The last.
    pub last: Ts,
}

/// How many tokens were ever issued.
pub fn count(tx: &mut Tx) -> Result<i64, Error> {
    Ok(issued_tokens::table.count().get_result(&mut tx.conn)?)
}

impl TokenRow {
    fn read(self) -> Result<IssuedToken, Error> {
        let row = Row { table: "issued_tokens", id: &self.id };
        Ok(IssuedToken {
            id: row.id(&self.id)?,
            user_id: row.id(&self.user_id)?,
            session_id: self.session_id.as_deref().map(|id| row.id(id)).transpose()?,
            domain_id: row.id(&self.domain_id)?,
            relying_party_id: row.id(&self.relying_party_id)?,
            protocol: row.word(&self.protocol)?,
            signing_key_id: row.id(&self.signing_key_id)?,
            issued_at: Ts(self.issued_at),
            events: row.json(&self.events)?,
            says_mfa: self.says_mfa,
            digest: row.digest(&self.digest)?,
            claims: row.json(&self.claims)?,
            asked: Some(&self.asked)
                .filter(|asked| !asked.is_empty())
                .map(|asked| row.json(asked))
                .transpose()?,
            token_id: self.token_id,
            client_address: self.client_address,
            client_agent: self.client_agent,
        })
    }
}
