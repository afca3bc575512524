//! Protocol requests that wait while their person signs in: found by the digest of their handle,
//! redeemed once.

use diesel::{ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, RunQueryDsl};
use model::{
    FactorEvent, Ts,
    ids::{PendingRequestId, UserId},
    pending_request::{PendingRequest, Purpose},
};

use crate::{
    Error, Tx,
    schema::pending_requests,
    text::{self, Row},
};

#[derive(Queryable, Insertable)]
#[diesel(table_name = pending_requests, treat_none_as_default_value = false)]
struct RequestRow {
    id: String,
    handle_digest: Vec<u8>,
    browser_digest: Vec<u8>,
    purpose: String,
    demand: String,
    hint: Option<String>,
    user_id: Option<String>,
    events: String,
    enrolling: Option<String>,
    created_at: i64,
    expires_at: i64,
    used_at: Option<i64>,
    remember: bool,
}

/// Stores a request.
pub fn put(tx: &mut Tx, request: &PendingRequest) -> Result<(), Error> {
    let row = RequestRow {
        id: request.id.to_string(),
        handle_digest: request.handle_digest.to_vec(),
        browser_digest: request.browser_digest.to_vec(),
        purpose: text::json(&request.purpose),
        demand: text::json(&request.demand),
        hint: request.hint.clone(),
        user_id: request.user_id.map(|id| id.to_string()),
        events: text::json(&request.events),
        enrolling: request.enrolling.map(|id| id.to_string()),
        created_at: request.created_at.0,
        expires_at: request.expires_at.0,
        used_at: request.used_at.map(|at| at.0),
        remember: request.remember,
    };
    diesel::insert_into(pending_requests::table).values(&row).execute(&mut tx.conn)?;
    Ok(())
}

/// The request with this handle, used and expired ones included.
pub fn by_handle(tx: &mut Tx, digest: &[u8; 32]) -> Result<Option<PendingRequest>, Error> {
    let row: Option<RequestRow> = pending_requests::table
        .filter(pending_requests::handle_digest.eq(&digest[..]))
        .first(&mut tx.conn)
        .optional()?;
    row.map(RequestRow::read).transpose()
}

/// The request with this id, used and expired ones included.
pub fn by_id(tx: &mut Tx, id: PendingRequestId) -> Result<Option<PendingRequest>, Error> {
    let row: Option<RequestRow> =
        pending_requests::table.find(id.to_string()).first(&mut tx.conn).optional()?;
    row.map(RequestRow::read).transpose()
}

/// Gives an open request another handle: the one before finds it no more.
pub fn set_handle(tx: &mut Tx, id: PendingRequestId, digest: &[u8; 32]) -> Result<(), Error> {
    let open =
        pending_requests::table.find(id.to_string()).filter(pending_requests::used_at.is_null());
    let changed = diesel::update(open)
        .set(pending_requests::handle_digest.eq(&digest[..]))
        .execute(&mut tx.conn)?;
    text::found(changed, "pending request")
}

/// Writes how far the sign-in has come: the address, who, what was proved, what is being enrolled,
/// and what is wished. A redeemed request doesn't change any more.
pub fn update(tx: &mut Tx, request: &PendingRequest) -> Result<(), Error> {
    let open = pending_requests::table
        .find(request.id.to_string())
        .filter(pending_requests::used_at.is_null());
    let changed = diesel::update(open)
        .set((
            pending_requests::hint.eq(&request.hint),
            pending_requests::user_id.eq(request.user_id.map(|id| id.to_string())),
            pending_requests::events.eq(text::json(&request.events)),
            pending_requests::enrolling.eq(request.enrolling.map(|id| id.to_string())),
            pending_requests::remember.eq(request.remember),
        ))
        .execute(&mut tx.conn)?;
    text::found(changed, "pending request")
}

/// Writes what is left of a purpose that is done in steps.
pub fn set_purpose(tx: &mut Tx, id: PendingRequestId, purpose: &Purpose) -> Result<(), Error> {
    let open =
        pending_requests::table.find(id.to_string()).filter(pending_requests::used_at.is_null());
    let changed = diesel::update(open)
        .set(pending_requests::purpose.eq(text::json(purpose)))
        .execute(&mut tx.conn)?;
    text::found(changed, "pending request")
}

/// Takes back whatever a person has proved in sign-ins that are not finished yet.
pub fn forget_proofs_of(tx: &mut Tx, user: UserId) -> Result<(), Error> {
    let open = pending_requests::table
        .filter(pending_requests::user_id.eq(user.to_string()))
        .filter(pending_requests::used_at.is_null());
    diesel::update(open)
        .set((
            pending_requests::user_id.eq(None::<String>),
            pending_requests::events.eq(text::json(&Vec::<FactorEvent>::new())),
            pending_requests::enrolling.eq(None::<String>),
        ))
        .execute(&mut tx.conn)?;
    Ok(())
}

/// Uses the request up: true exactly once, and never after it has expired.
pub fn redeem(tx: &mut Tx, id: PendingRequestId, now: Ts) -> Result<bool, Error> {
    let open = pending_requests::table
        .find(id.to_string())
        .filter(pending_requests::used_at.is_null())
        .filter(pending_requests::expires_at.gt(now.0));
    let changed =
        diesel::update(open).set(pending_requests::used_at.eq(now.0)).execute(&mut tx.conn)?;
    Ok(changed == 1)
}

/// Forgets requests that expired before `before`.
pub fn purge_expired(tx: &mut Tx, before: Ts) -> Result<usize, Error> {
    let old = pending_requests::table.filter(pending_requests::expires_at.lt(before.0));
    Ok(diesel::delete(old).execute(&mut tx.conn)?)
}

impl RequestRow {
    fn read(self) -> Result<PendingRequest, Error> {
        let row = Row { table: "pending_requests", id: &self.id };
        Ok(PendingRequest {
            id: row.id(&self.id)?,
            handle_digest: row.digest(&self.handle_digest)?,
            browser_digest: row.digest(&self.browser_digest)?,
            purpose: row.json(&self.purpose)?,
            demand: row.json(&self.demand)?,
            user_id: self.user_id.as_deref().map(|id| row.id(id)).transpose()?,
            events: row.json(&self.events)?,
            enrolling: self.enrolling.as_deref().map(|id| row.id(id)).transpose()?,
            created_at: Ts(self.created_at),
            expires_at: Ts(self.expires_at),
            used_at: self.used_at.map(Ts),
            remember: self.remember,
            hint: self.hint,
        })
    }
}
