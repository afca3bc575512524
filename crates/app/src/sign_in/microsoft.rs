//! Signing in with Microsoft: a browser leaves with a state of its own, and comes back once.
//!
//! The state is random and known here by its digest. Nonce and verifier follow from it and from the
//! browser's cookie, so that neither a reader of the database nor whoever sees the address that the
//! browser comes back to can use a code: both halves are needed. What Microsoft says is believed for
//! nothing but who it is; from there it is a sign-in like any other.

mod comeback;
mod link;
mod stopped;

use std::time::Duration;

use authn::flow;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use graph::Ask;
use model::{
    Upn,
    ids::{MicrosoftRoundId, RegistrationId, SessionId, UserId},
    microsoft_account::{Errand, MicrosoftRound},
    pending_request::PendingRequest,
    registration::Registration,
    relying_party::PartyKind,
};
use sha2::{Digest as _, Sha256};
use store::{Tx, microsoft_rounds, registrations};
use url::Url;

use super::Screen;
use crate::{
    Employee, Error, House, Result, Visitor, passkeys::require_strength, registrations::Offered,
    visitor::Secret,
};
pub use comeback::{Comeback, Declined, Returned};
pub use stopped::Stopped;

/// How long somebody may take at Microsoft.
const ROUND_FOR: Duration = Duration::from_mins(10);

/// Where a browser that wants to sign in with Microsoft is led.
#[derive(Debug)]
pub enum Away {
    /// To Microsoft.
    To(Url),
    /// Microsoft can't be asked just now, or this sign-in is not for it: the screen where it stands.
    Here(Screen, Option<Stopped>),
    /// The request is over, used, or another browser's.
    Expired,
}

/// What binds a browser's way there to its way back.
pub(super) struct Bond {
    state: Secret,
    nonce: String,
    verifier: String,
}

impl Bond {
    /// The bond of a state and a browser.
    fn of(state: Secret, browser: &Secret) -> Self {
        let derive = |what: &str| {
            let text =
                format!("sign in with microsoft\n{what}\n{}\n{}", browser.expose(), state.expose());
            hex::encode(Sha256::digest(text))
        };
        let (nonce, verifier) = (derive("nonce"), derive("verifier"));
        Self { state, nonce, verifier }
    }

    fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(&self.verifier))
    }
}

impl House {
    /// The registrations that the page of a sign-in offers where it stands.
    pub async fn microsoft_offers(
        &self,
        handle: &Secret,
        visitor: &Visitor,
    ) -> Result<Vec<Offered>> {
        let (house, handle, visitor) = (self.clone(), handle.clone(), visitor.clone());
        self.store()
            .read_briefly(move |tx| {
                let offered = registrations::offered(tx)?;
                if offered.is_empty() {
                    return Ok(offered);
                }
                let Some(request) = house.pending(tx, &handle, &visitor)? else {
                    return Ok(Vec::new());
                };
                let open = house.takes_microsoft(tx, &request, &visitor)?;
                Ok(if open { offered } else { Vec::new() })
            })
            .await
    }

    /// Sends a browser to Microsoft for a sign-in that waits.
    pub async fn leave_for_microsoft(
        &self,
        handle: &Secret,
        visitor: &Visitor,
        id: RegistrationId,
    ) -> Result<Away> {
        let (house, wanted, from) = (self.clone(), handle.clone(), visitor.clone());
        let found = self.store().read(move |tx| {
            let Some(request) = house.pending(tx, &wanted, &from)? else { return Ok(None) };
            let screen = house.screen(tx, &request, &from)?;
            let open = house.takes_microsoft(tx, &request, &from)?;
            let registration = registrations::by_id(tx, id)?.filter(|it| it.enabled && open);
            let hint = house.hint_for_microsoft(tx, &request)?;
            Ok::<_, Error>(Some((request, screen, registration, hint)))
        });
        let Some((request, screen, registration, hint)) = found.await? else {
            return Ok(Away::Expired);
        };
        let Some(registration) = registration else { return Ok(Away::Here(screen, None)) };
        let errand = Errand::SignIn { request: request.id };
        match self.begin_round(&registration, errand, visitor, hint.as_deref()).await? {
            Ok(address) => Ok(Away::To(address)),
            Err(stopped) => Ok(Away::Here(screen, Some(stopped))),
        }
    }

    /// Sends somebody who is signed in to Microsoft, to link their account there. Needs what adding a
    /// passkey needs (R032): it opens their account from then on.
    pub async fn leave_to_link(
        &self,
        me: &Employee,
        visitor: &Visitor,
        id: RegistrationId,
    ) -> Result<std::result::Result<Url, Stopped>> {
        let (house, who) = (self.clone(), me.clone());
        let found = self.store().read(move |tx| {
            require_strength(tx, &who, house.now())?;
            Ok::<_, Error>(registrations::by_id(tx, id)?.filter(|it| it.enabled))
        });
        let registration = found.await?.ok_or_else(|| Error::not_found("registration"))?;
        let errand = Errand::Link { user: me.user().id, session: me.session().id };
        self.begin_round(&registration, errand, visitor, None).await
    }

    async fn begin_round(
        &self,
        registration: &Registration,
        errand: Errand,
        visitor: &Visitor,
        hint: Option<&str>,
    ) -> Result<std::result::Result<Url, Stopped>> {
        let (now, bond) = (self.now(), Bond::of(Secret::draw(self.random()), &visitor.browser));
        let redirect_uri = self.redirect_uri(registration.id)?;
        let ask = Ask {
            redirect_uri: redirect_uri.as_str(),
            state: bond.state.expose(),
            nonce: &bond.nonce,
            challenge: &bond.challenge(),
            login_hint: hint,
        };
        let client = self.sign_in_client(registration)?;
        let address = match client.address(&ask, now, self.new_id()).await {
            Ok(address) => address,
            Err(error) => return Ok(Err(stopped::by(&error))),
        };
        let round = self.new_round(&bond.state, (registration.id, errand), visitor);
        self.store().write(move |tx| Ok::<_, Error>(microsoft_rounds::put(tx, &round)?)).await?;
        Ok(Ok(address))
    }

    /// Writes down that a browser leaves on an errand that needs no code; the state that it takes along.
    pub(crate) async fn put_round(
        &self,
        id: RegistrationId,
        errand: Errand,
        visitor: &Visitor,
    ) -> Result<Secret> {
        let state = Secret::draw(self.random());
        let round = self.new_round(&state, (id, errand), visitor);
        self.store().write(move |tx| Ok::<_, Error>(microsoft_rounds::put(tx, &round)?)).await?;
        Ok(state)
    }

    fn new_round(
        &self,
        state: &Secret,
        (registration_id, errand): (RegistrationId, Errand),
        visitor: &Visitor,
    ) -> MicrosoftRound {
        let now = self.now();
        MicrosoftRound {
            id: MicrosoftRoundId(self.new_id()),
            state_digest: state.digest(),
            browser_digest: visitor.browser.digest(),
            registration_id,
            errand,
            created_at: now,
            expires_at: now + ROUND_FOR,
        }
    }

    /// Whether a request that was just made closes a circle: Microsoft sends this browser here while it
    /// is there on an errand of ours. The errand ends then.
    pub async fn stop_circle(&self, handle: &Secret, visitor: &Visitor) -> Result<bool> {
        let (house, handle, visitor) = (self.clone(), handle.clone(), visitor.clone());
        let (now, browser) = (self.now(), visitor.browser.digest());
        let out = move |tx: &mut Tx| microsoft_rounds::any_of_browser(tx, &browser, now);
        if !self.store().read_briefly(move |tx| Ok::<_, Error>(out(tx)?)).await? {
            return Ok(false);
        }
        self.store()
            .write(move |tx| {
                let Some(request) = house.pending(tx, &handle, &visitor)? else { return Ok(false) };
                let premises = house.premises(tx)?;
                let party = request.purpose.relying_party().and_then(|id| premises.party(id));
                if party.is_none_or(|party| party.kind != PartyKind::Microsoft) {
                    return Ok(false);
                }
                Ok::<_, Error>(microsoft_rounds::forget_of_browser(tx, &browser, now)? > 0)
            })
            .await
    }

    /// Whether a linked Microsoft account may take the place of the password here (R040).
    pub(super) fn takes_microsoft(
        &self,
        tx: &mut Tx,
        request: &PendingRequest,
        visitor: &Visitor,
    ) -> Result<bool> {
        let step = self.step(tx, request, visitor)?;
        Ok(matches!(step, flow::Step::FirstFactor { microsoft: true, .. }))
    }

    /// The address that Microsoft may fill in: none of a domain of ours, which it would send back here.
    fn hint_for_microsoft(&self, tx: &mut Tx, request: &PendingRequest) -> Result<Option<String>> {
        let typed = request.hint.as_deref().and_then(|hint| Upn::parse(hint).ok());
        let premises = self.premises(tx)?;
        let foreign = typed.filter(|upn| !premises.vouches_for(&upn.domain()));
        Ok(foreign.map(|upn| upn.to_string()))
    }
}

/// Whether a comeback is of the session that went away.
fn is_of(me: &Employee, (user, session): (UserId, SessionId)) -> bool {
    me.user().id == user && me.session().id == session
}
