//! Signed-in browsers. The cookie's secret is known only by its digest.

use diesel::{ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, RunQueryDsl};
use model::{
    FactorEvent, Ts,
    ids::{SessionId, UserId},
    session::{ClientInfo, Session},
};

use crate::{
    Error, Tx, client_sessions,
    connection::first_locked,
    revision,
    schema::{sessions, users},
    text::{self, Row},
};

/// How many live sessions a person has at most; the oldest ends (R055).
const LIVE_AT_MOST: i64 = 20;

#[derive(Queryable, Insertable)]
#[diesel(table_name = sessions, treat_none_as_default_value = false)]
struct SessionRow {
    id: String,
    user_id: String,
    audience: String,
    token_digest: Vec<u8>,
    events: String,
    created_at: i64,
    last_seen_at: i64,
    ended_at: Option<i64>,
    address: String,
    user_agent: String,
    remembered_device: Option<String>,
}

/// Begins a session; beyond twenty live ones, the person's oldest ends.
pub fn open(tx: &mut Tx, session: &Session, token_digest: &[u8; 32]) -> Result<(), Error> {
    let user = session.user_id.to_string();
    // Two browsers at once must not both count nineteen.
    first_locked!(tx, String, users::table.find(&user).select(users::id))?;
    let row = SessionRow {
        id: session.id.to_string(),
        user_id: user,
        audience: text::word(session.audience),
        token_digest: token_digest.to_vec(),
        events: text::json(&session.events),
        created_at: session.created_at.0,
        last_seen_at: session.last_seen_at.0,
        ended_at: session.ended_at.map(|at| at.0),
        address: session.client.address.clone(),
        user_agent: session.client.user_agent.clone(),
        remembered_device: session.remembered.map(|id| id.to_string()),
    };
    diesel::insert_into(sessions::table).values(&row).execute(&mut tx.conn)?;
    end_oldest(tx, &row.user_id, session.created_at)
}

fn end_oldest(tx: &mut Tx, user: &str, now: Ts) -> Result<(), Error> {
    let too_many: Vec<String> = sessions::table
        .filter(sessions::user_id.eq(user))
        .filter(sessions::ended_at.is_null())
        .order((sessions::created_at.desc(), sessions::id.desc()))
        .offset(LIVE_AT_MOST)
        .limit(1000)
        .select(sessions::id)
        .load(&mut tx.conn)?;
    for id in too_many {
        let id = Row { table: "sessions", id: &id }.id(&id)?;
        end(tx, id, now)?;
    }
    Ok(())
}

/// The session that a cookie opens, unless it was ended.
pub fn by_token(tx: &mut Tx, token_digest: &[u8; 32]) -> Result<Option<Session>, Error> {
    let row: Option<SessionRow> = sessions::table
        .filter(sessions::token_digest.eq(&token_digest[..]))
        .filter(sessions::ended_at.is_null())
        .first(&mut tx.conn)
        .optional()?;
    row.map(SessionRow::read).transpose()
}

/// One session, ended ones included.
pub fn by_id(tx: &mut Tx, id: SessionId) -> Result<Option<Session>, Error> {
    let row: Option<SessionRow> =
        sessions::table.find(id.to_string()).first(&mut tx.conn).optional()?;
    row.map(SessionRow::read).transpose()
}

/// Remembers that a session was used.
pub fn touch(tx: &mut Tx, id: SessionId, now: Ts) -> Result<(), Error> {
    let changed = diesel::update(sessions::table.find(id.to_string()))
        .set(sessions::last_seen_at.eq(now.0))
        .execute(&mut tx.conn)?;
    text::found(changed, "session")
}

/// Adds something that was proved.
pub fn add_event(tx: &mut Tx, id: SessionId, event: FactorEvent) -> Result<(), Error> {
    let query = sessions::table.find(id.to_string()).select((sessions::id, sessions::events));
    let found = first_locked!(tx, (String, String), query)?;
    let (id, events) = found.ok_or(Error::NotFound { what: "session" })?;
    let mut events: Vec<FactorEvent> = Row { table: "sessions", id: &id }.json(&events)?;
    events.push(event);
    diesel::update(sessions::table.find(&id))
        .set(sessions::events.eq(text::json(&events)))
        .execute(&mut tx.conn)?;
    Ok(())
}

/// Gives the session a new cookie; the old one opens nothing.
pub fn rotate(tx: &mut Tx, id: SessionId, token_digest: &[u8; 32]) -> Result<(), Error> {
    let changed = diesel::update(sessions::table.find(id.to_string()))
        .set(sessions::token_digest.eq(&token_digest[..]))
        .execute(&mut tx.conn)?;
    text::found(changed, "session")
}

/// Ends a session; nothing happens when it has ended.
pub fn end(tx: &mut Tx, id: SessionId, now: Ts) -> Result<(), Error> {
    let live = sessions::table.find(id.to_string()).filter(sessions::ended_at.is_null());
    let ended = diesel::update(live).set(sessions::ended_at.eq(now.0)).execute(&mut tx.conn)?;
    if ended > 0 {
        client_sessions::note_ended(tx, id, now)?;
        revision::bump(tx);
    }
    Ok(())
}

/// Ends all sessions of a person but one; says how many.
pub fn end_all_of(
    tx: &mut Tx,
    user: UserId,
    except: Option<SessionId>,
    now: Ts,
) -> Result<usize, Error> {
    // No session has an empty id.
    let except = except.map(|id| id.to_string()).unwrap_or_default();
    let live = sessions::table
        .filter(sessions::user_id.eq(user.to_string()))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::id.ne(except));
    let ended = diesel::update(live).set(sessions::ended_at.eq(now.0)).execute(&mut tx.conn)?;
    if ended > 0 {
        client_sessions::note_all_ended(tx, Some(user), now)?;
        revision::bump(tx);
    }
    Ok(ended)
}

/// Ends everybody's sessions but one; says how many.
pub fn end_everybodys(tx: &mut Tx, except: Option<SessionId>, now: Ts) -> Result<usize, Error> {
    // No session has an empty id.
    let except = except.map(|id| id.to_string()).unwrap_or_default();
    let live = sessions::table.filter(sessions::ended_at.is_null()).filter(sessions::id.ne(except));
    let ended = diesel::update(live).set(sessions::ended_at.eq(now.0)).execute(&mut tx.conn)?;
    if ended > 0 {
        client_sessions::note_all_ended(tx, None, now)?;
        revision::bump(tx);
    }
    Ok(ended)
}

/// Ends those sessions of a person of which something holds.
pub fn end_those(
    tx: &mut Tx,
    user: UserId,
    holds: impl Fn(&Session) -> bool,
    now: Ts,
) -> Result<(), Error> {
    for session in live_of(tx, user)?.iter().filter(|session| holds(session)) {
        end(tx, session.id, now)?;
    }
    Ok(())
}

/// A person's sessions that were not ended, newest first.
pub fn live_of(tx: &mut Tx, user: UserId) -> Result<Vec<Session>, Error> {
    let rows: Vec<SessionRow> = sessions::table
        .filter(sessions::user_id.eq(user.to_string()))
        .filter(sessions::ended_at.is_null())
        .order((sessions::created_at.desc(), sessions::id.desc()))
        .load(&mut tx.conn)?;
    rows.into_iter().map(SessionRow::read).collect()
}

/// A person's newest sessions that began since a moment, ended ones included.
pub fn begun_since(
    tx: &mut Tx,
    user: UserId,
    since: Ts,
    limit: i64,
) -> Result<Vec<Session>, Error> {
    let rows: Vec<SessionRow> = sessions::table
        .filter(sessions::user_id.eq(user.to_string()))
        .filter(sessions::created_at.ge(since.0))
        .order((sessions::created_at.desc(), sessions::id.desc()))
        .limit(limit)
        .load(&mut tx.conn)?;
    rows.into_iter().map(SessionRow::read).collect()
}

/// Whether a person has had a session lately, ended ones included.
pub fn any_of(tx: &mut Tx, user: UserId) -> Result<bool, Error> {
    let found: Option<String> = sessions::table
        .filter(sessions::user_id.eq(user.to_string()))
        .select(sessions::id)
        .first(&mut tx.conn)
        .optional()?;
    Ok(found.is_some())
}

/// Forgets sessions that were last used before `before`, which no lifetime reaches.
pub fn purge(tx: &mut Tx, before: Ts) -> Result<usize, Error> {
    let old = sessions::table.filter(sessions::last_seen_at.lt(before.0));
    Ok(diesel::delete(old).execute(&mut tx.conn)?)
}

impl SessionRow {
    fn read(self) -> Result<Session, Error> {
        let row = Row { table: "sessions", id: &self.id };
        Ok(Session {
            id: row.id(&self.id)?,
            user_id: row.id(&self.user_id)?,
            audience: row.word(&self.audience)?,
            events: row.json(&self.events)?,
            created_at: Ts(self.created_at),
            last_seen_at: Ts(self.last_seen_at),
            ended_at: self.ended_at.map(Ts),
            remembered: self.remembered_device.as_deref().map(|id| row.id(id)).transpose()?,
            client: ClientInfo { address: self.address, user_agent: self.user_agent },
        })
    }
}
