//! Sessions that clients of OpenID Connect want to hear the end of. The end is noted in the transaction
//! that ends the session; telling it is tried until the client has heard.

use diesel::{
    AsChangeset, BoolExpressionMethods, ExpressionMethods, Insertable, OptionalExtension, QueryDsl,
    Queryable, RunQueryDsl,
};
use model::{
    Ts,
    ids::{RelyingPartyId, SessionId, UserId},
    oidc::ClientSession,
};

use crate::{
    Error, Tx,
    connection::{both, first_locked},
    schema::{client_sessions, sessions},
    text::Row,
};

#[derive(Queryable, Insertable)]
#[diesel(table_name = client_sessions, treat_none_as_default_value = false)]
struct ClientSessionRow {
    session_id: String,
    relying_party_id: String,
    domain_id: String,
    user_id: String,
    ended_at: Option<i64>,
    due_at: Option<i64>,
    attempts: i64,
    made_at: i64,
}

#[derive(AsChangeset)]
#[diesel(table_name = client_sessions)]
struct Over {
    ended_at: i64,
    due_at: i64,
}

/// Remembers that a client has a token of a session; nothing happens when that is known. Whoever ends
/// the session waits until this transaction is over, and finds it.
pub fn remember(tx: &mut Tx, heard: &ClientSession, now: Ts) -> Result<(), Error> {
    let session = sessions::table.find(heard.session_id.to_string()).select(sessions::id);
    first_locked!(tx, String, session)?;
    let row = ClientSessionRow {
        session_id: heard.session_id.to_string(),
        relying_party_id: heard.relying_party_id.to_string(),
        domain_id: heard.domain_id.to_string(),
        user_id: heard.user_id.to_string(),
        ended_at: None,
        due_at: None,
        attempts: 0,
        made_at: now.0,
    };
    both!(tx, conn => diesel::insert_into(client_sessions::table)
        .values(&row)
        .on_conflict_do_nothing()
        .execute(conn))?;
    Ok(())
}

/// Notes that a session ended: its clients are told as soon as may be.
pub(crate) fn note_ended(tx: &mut Tx, id: SessionId, now: Ts) -> Result<(), Error> {
    let open = client_sessions::table
        .filter(client_sessions::session_id.eq(id.to_string()))
        .filter(client_sessions::ended_at.is_null());
    diesel::update(open).set(over(now)).execute(&mut tx.conn)?;
    Ok(())
}

/// The same for whatever is over among the sessions of a person, or everybody's.
pub(crate) fn note_all_ended(tx: &mut Tx, of: Option<UserId>, now: Ts) -> Result<(), Error> {
    let ended = sessions::table.filter(sessions::ended_at.is_not_null()).select(sessions::id);
    let open = client_sessions::table
        .filter(client_sessions::session_id.eq_any(ended))
        .filter(client_sessions::ended_at.is_null());
    match of {
        Some(user) => {
            let theirs = open.filter(client_sessions::user_id.eq(user.to_string()));
            diesel::update(theirs).set(over(now)).execute(&mut tx.conn)?
        }
        None => diesel::update(open).set(over(now)).execute(&mut tx.conn)?,
    };
    Ok(())
}

/// It is over, and due.
fn over(now: Ts) -> Over {
    Over { ended_at: now.0, due_at: now.0 }
}

/// Whose client is to be told now, the longest due first.
pub fn due(tx: &mut Tx, now: Ts, most: i64) -> Result<Vec<ClientSession>, Error> {
    let rows: Vec<ClientSessionRow> = client_sessions::table
        .filter(client_sessions::due_at.le(now.0))
        .order(client_sessions::due_at)
        .limit(most)
        .load(&mut tx.conn)?;
    rows.into_iter().map(ClientSessionRow::read).collect()
}

/// Takes one to tell it: false when somebody else was quicker. Nobody else tries before `until`.
pub fn take(tx: &mut Tx, seen: &ClientSession, until: Ts) -> Result<bool, Error> {
    let this = client_sessions::table
        .find((seen.session_id.to_string(), seen.relying_party_id.to_string()))
        .filter(client_sessions::due_at.eq(seen.due_at.map(|at| at.0)));
    let taken = diesel::update(this)
        .set((
            client_sessions::due_at.eq(until.0),
            client_sessions::attempts.eq(client_sessions::attempts + 1),
        ))
        .execute(&mut tx.conn)?;
    Ok(taken == 1)
}

/// Puts off whatever else a client is to be told that is due before `until`: it does not listen.
pub fn put_off(tx: &mut Tx, client: RelyingPartyId, until: Ts) -> Result<(), Error> {
    let others = client_sessions::table
        .filter(client_sessions::relying_party_id.eq(client.to_string()))
        .filter(client_sessions::due_at.lt(until.0));
    diesel::update(others).set(client_sessions::due_at.eq(until.0)).execute(&mut tx.conn)?;
    Ok(())
}

/// Forgets one: the client was told, or can't be.
pub fn forget(tx: &mut Tx, told: &ClientSession) -> Result<(), Error> {
    let this = client_sessions::table
        .find((told.session_id.to_string(), told.relying_party_id.to_string()));
    diesel::delete(this).execute(&mut tx.conn)?;
    Ok(())
}

/// Forgets those that began before `before` and never ended: no session lasts so long.
pub fn purge(tx: &mut Tx, before: Ts) -> Result<(), Error> {
    let old = client_sessions::made_at.lt(before.0).and(client_sessions::ended_at.is_null());
    diesel::delete(client_sessions::table.filter(old)).execute(&mut tx.conn)?;
    Ok(())
}

impl ClientSessionRow {
    fn read(self) -> Result<ClientSession, Error> {
        let row = Row { table: "client_sessions", id: &self.session_id };
        Ok(ClientSession {
            session_id: row.id(&self.session_id)?,
            relying_party_id: row.id(&self.relying_party_id)?,
            domain_id: row.id(&self.domain_id)?,
            user_id: row.id(&self.user_id)?,
            ended_at: self.ended_at.map(Ts),
            due_at: self.due_at.map(Ts),
            attempts: u32::try_from(self.attempts).unwrap_or(u32::MAX),
        })
    }
}
