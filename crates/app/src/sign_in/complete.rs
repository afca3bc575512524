//! The end of a sign-in: everything was proved, so a session begins with a secret of its own.

use authn::flow::Step;
use model::{
    Actor,
    audit::AuditKind,
    ids::SessionId,
    pending_request::{PendingRequest, Purpose},
    session::{Session, SessionAudience},
    user::User,
};
use store::{Tx, audit_log, known_devices, pending_requests, sessions, users};

use crate::{
    Error, House, Result, Visitor,
    remembered::Settled,
    visitor::{self, Secret},
};

/// A session that just began: what the browser gets, and where it goes.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The session's secret, for its cookie.
    pub token: Secret,
    /// Which cookie.
    pub audience: SessionAudience,
    /// The familiar-browser secret, for its cookie (R017).
    pub device: Secret,
    /// The secret of a remembered browser, for its cookie, where it got a new one (R056).
    pub remembered: Option<Secret>,
    /// Where the person wanted to go.
    pub purpose: Purpose,
}

impl House {
    /// Opens the session of a sign-in whose every step was passed; `None` when it was not, is over, or
    /// another tab was quicker to use what spares the second factor. The half-finished state is gone afterwards.
    pub async fn complete_sign_in(
        &self,
        handle: &Secret,
        visitor: &Visitor,
    ) -> Result<Option<SignedIn>> {
        let (house, handle, visitor) = (self.clone(), handle.clone(), visitor.clone());
        self.store()
            .write(move |tx| {
                let Some(begun) = house.pending(tx, &handle, &visitor)? else { return Ok(None) };
                if let Some(id) = begun.user_id {
                    // Whoever takes the proofs back just now has the row: then they are gone.
                    users::lock(tx, id)?;
                }
                let Some(mut request) = house.pending(tx, &handle, &visitor)? else {
                    return Ok(None);
                };
                let Step::Granted(proof) = house.step(tx, &request, &visitor)? else {
                    return Ok(None);
                };
                request.events = proof.events().to_vec();
                let id = request.user_id.ok_or_else(|| Error::not_found("sign-in"))?;
                let person = users::by_id(tx, id)?.ok_or_else(|| Error::not_found("person"))?;
                let settled = house.settle_device(tx, (&request, &proof), id, &visitor)?;
                let Some(settled) = settled else { return Ok(None) };
                house.open_session(tx, &visitor, &mut request, (&person, settled)).map(Some)
            })
            .await
    }

    fn open_session(
        &self,
        tx: &mut Tx,
        visitor: &Visitor,
        request: &mut PendingRequest,
        (person, settled): (&User, Settled),
    ) -> Result<SignedIn> {
        let (now, token) = (self.now(), Secret::draw(self.random()));
        let device = visitor.device.clone().unwrap_or_else(|| Secret::draw(self.random()));
        let audience = match request.purpose {
            Purpose::Console => SessionAudience::Admin,
            _ => SessionAudience::Employee,
        };
        let session = Session {
            id: SessionId(self.new_id()),
            user_id: person.id,
            audience,
            events: std::mem::take(&mut request.events),
            created_at: now,
            last_seen_at: now,
            ended_at: None,
            client: visitor.client.clone(),
            remembered: settled.spared_by,
        };
        sessions::open(tx, &session, &token.digest())?;
        known_devices::put(tx, person.id, &device.digest(), now)?;
        request.user_id = None;
        request.enrolling = None;
        pending_requests::update(tx, request)?;
        let waits =
            matches!(request.purpose, Purpose::WsFed { .. } | Purpose::Saml2(_) | Purpose::Oidc(_));
        if !waits {
            pending_requests::redeem(tx, request.id, now)?;
        }
        let (actor, kind) = (Actor::Person(person.id), AuditKind::SessionOpened);
        let mut row = visitor.audit(self, actor, kind, person.upn.as_str());
        let said = match settled.spared_by {
            Some(_) => "no second factor: this browser is remembered",
            None => "",
        };
        row.detail = visitor::detail(said, request.purpose.client_request_id());
        audit_log::record(tx, &row)?;
        let (remembered, purpose) = (settled.secret, request.purpose.clone());
        Ok(SignedIn { token, audience, device, remembered, purpose })
    }

    /// Ends the session behind a cookie, if there is one.
    pub async fn sign_out(&self, token: &Secret, visitor: &Visitor) -> Result<()> {
        let (house, digest, visitor) = (self.clone(), token.digest(), visitor.clone());
        self.store()
            .write(move |tx| {
                let Some(session) = sessions::by_token(tx, &digest)? else { return Ok(()) };
                sessions::end(tx, session.id, house.now())?;
                let upn = users::by_id(tx, session.user_id)?.map(|u| u.upn.to_string());
                let actor = Actor::Person(session.user_id);
                let subject = upn.unwrap_or_default();
                let row = visitor.audit(&house, actor, AuditKind::SessionEnded, &subject);
                Ok(audit_log::record(tx, &row)?)
            })
            .await
    }
}
