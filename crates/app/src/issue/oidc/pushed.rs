//! Requests that clients bring beforehand (RFC 9126): the client is proved and the request judged before
//! any browser is sent, and the browser brings a name that is good once and for a minute.

use std::time::Duration;

use federation::oidc::{
    Fault,
    pushed::{self, Brought as Pushed},
    request::Wanted,
};
use model::{
    ids::FederatedDomainId,
    oidc::{ClientProof, PushedRequest},
    relying_party::RelyingParty,
};
use store::pushed_requests;

use super::{
    bound,
    tokens::{Brought, Reply, refused},
};
use crate::{Error, House, Result, Visitor, visitor::Secret};

/// A browser is sent straight away.
const KEPT_FOR: Duration = Duration::from_mins(1);
/// Whoever brings more than this within that time is no client with people before it.
const MOST: i64 = 2_000;
const KEEPS_NO_SECRET: Fault = Fault::new(
    "unauthorized_client",
    "this client keeps no secret, so it sends its requests along",
);
const TOO_MANY: Fault =
    Fault::new("temporarily_unavailable", "too many requests of this client wait for a browser");

impl House {
    /// Keeps a request for the browser that comes with its name.
    pub async fn push_request(&self, brought: &Brought<'_>, visitor: &Visitor) -> Result<Reply> {
        let pushed = match pushed::parse(brought.body, brought.authorization) {
            Ok(pushed) => pushed,
            Err(fault) => return Ok(refused(fault)),
        };
        let (domain, party) = match self.client(brought.slug, &pushed.client, visitor).await? {
            Ok(known) => known,
            Err(reply) => return Ok(reply),
        };
        // Anybody may say that they are a client without a secret: nothing would be proved by it, and
        // whoever likes could fill its place.
        if party.settings.oidc.proof == ClientProof::Public {
            return Ok(refused(KEEPS_NO_SECRET));
        }
        match judged(&pushed, &party) {
            Ok(_) => self.keep_request((domain, party), pushed.text).await,
            Err(fault) => Ok(refused(fault)),
        }
    }

    async fn keep_request(
        &self,
        (domain, party): (FederatedDomainId, RelyingParty),
        request: String,
    ) -> Result<Reply> {
        let (secret, now) = (Secret::draw(self.random()), self.now());
        let kept = PushedRequest {
            digest: secret.digest(),
            relying_party_id: party.id,
            domain_id: domain,
            request,
            expires_at: now + KEPT_FOR,
        };
        let has_room = self
            .store()
            .write(move |tx| {
                let has_room = pushed_requests::waiting(tx, party.id, now)? < MOST;
                if has_room {
                    pushed_requests::put(tx, &kept)?;
                }
                Ok::<_, Error>(has_room)
            })
            .await?;
        Ok(if has_room {
            Reply::Kept(pushed::kept(secret.expose(), KEPT_FOR.as_secs()))
        } else {
            refused(TOO_MANY)
        })
    }

    /// The request of this name, used up; `None` when it is another client's or domain's, too old, used,
    /// or none.
    pub(super) async fn take_pushed(
        &self,
        slug: &str,
        (client_id, secret): (String, String),
    ) -> Result<Option<String>> {
        let (house, slug, now) = (self.clone(), slug.to_owned(), self.now());
        let digest = Secret::from_cookie(&secret).digest();
        self.store()
            .write(move |tx| {
                let Some(pushed) = pushed_requests::take(tx, &digest)? else { return Ok(None) };
                let premises = house.premises(tx)?;
                let here = premises.domain_at(&slug).is_some_and(|it| it.id == pushed.domain_id);
                let party = premises.party(pushed.relying_party_id);
                let is_theirs = party.is_some_and(|party| party.realm == client_id);
                let is_good = here && is_theirs && now < pushed.expires_at;
                Ok::<_, Error>(is_good.then_some(pushed.request))
            })
            .await
    }
}

/// Whether a browser that comes with it would be let on.
fn judged(pushed: &Pushed, party: &RelyingParty) -> std::result::Result<Wanted, Fault> {
    let registered = |reply: &String| party.replies.contains(reply);
    if !pushed.request.redirect_uri.as_ref().is_some_and(registered) {
        return Err(Fault::invalid("redirect_uri is missing, or not registered"));
    }
    bound(pushed.request.wanted.clone()?, party)
}
