//! SAML 2.0 web single sign-on: a message comes in, a form for the relying party goes out.

mod ecp;
mod logout;
mod prepare;

pub use ecp::{Answer as EcpAnswer, Basic};
pub use federation::saml2::binding::{Binding, PostForm, carries_message};
use federation::saml2::{
    Refusal, Sha1, TrustedKeys,
    binding::{self, Direction, Received},
    message::{self, Expected, Message, Signing},
    request::AuthnRequest,
    response::{self, Addressing, Outer, Status},
};
use model::{
    Ts,
    ids::FederatedDomainId,
    issued_token::Protocol,
    pending_request::{Demand, PendingRequest, Purpose, SamlRequest},
    relying_party::{PartyKind, RelyingParty, SignedParts, SignedRequests},
};
pub(super) use prepare::envelope;
use prepare::{Prepared, prepare};
use store::{federated_domains, signing_keys};

use super::{
    Ask, Denial, Envelope, Issuance, Issued, Who,
    wsfed::{Refused, sign_out::Parting},
};
use crate::{
    Error, House, Result, Visitor,
    visitor::{Bounces, Secret},
};

/// Where a SAML message leads.
#[derive(Debug, Clone)]
pub enum Entered {
    /// A message for the relying party, which the browser posts.
    Post {
        /// The form.
        form: PostForm,
        /// What people call the party.
        party: String,
        /// What the browser keeps of the tokens that it got lately, when this brings one.
        bounces: Option<Bounces>,
    },
    /// A message for the relying party, in an address.
    Redirect(String),
    /// The person must sign in first, under this handle.
    Ask(Secret),
    /// The session's cookie may have stayed behind: the same message again, as an address of ours.
    ComeAgain(String),
    /// The person is signed out, and nobody waits for an answer.
    SignedOut(Parting),
    /// The person is signed out; applications are told by images before the browser goes on to
    /// whoever waits for the answer, at an address of ours.
    CleanUp(Parting, String),
    /// The message itself is refused: no token, no redirect.
    Refused(Refused),
    /// The person is who they say, but gets no token.
    Denied(Denial),
    /// The waiting request is over, used, or another browser's.
    Expired,
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self { code: refusal.code(), sentence: refusal.sentence() }
    }
}

impl House {
    /// A message at `/d/{slug}/adfs/ls/`, in the query of an address or in a form.
    pub async fn enter_saml2(
        &self,
        slug: &str,
        binding: Binding,
        raw: &str,
        visitor: &Visitor,
        session: Option<&Secret>,
    ) -> Result<Entered> {
        let address = |house: &Self| house.endpoints(slug).passive_sign_in_uri();
        match self.open_saml2(slug, binding, raw, &address(self)).await? {
            Err(refusal) => self.refuse_saml2(visitor, slug, refusal).await,
            Ok(opened) => match opened.message {
                Message::Authn(request) => {
                    let Opened { domain, party, received, .. } = opened;
                    let at = (domain, party, received);
                    self.enter_authn(slug, *request, at, visitor, session).await
                }
                Message::Logout(_) | Message::LoggedOut(_) => {
                    self.refuse_saml2(visitor, slug, Refusal::UnknownMessage).await
                }
            },
        }
    }

    /// Decodes a message, finds whose it is, and checks it with that party's keys.
    async fn open_saml2(
        &self,
        slug: &str,
        binding: Binding,
        raw: &str,
        destination: &str,
    ) -> Result<std::result::Result<Opened, Refusal>> {
        let received = match binding {
            Binding::Redirect => binding::from_query(raw),
            Binding::Post => binding::from_form(raw),
            Binding::Soap => federation::saml2::ecp::request(raw),
        };
        let received = match received {
            Ok(received) => received,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let issuer = match message::claimed_issuer(&received) {
            Ok(issuer) => issuer,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let found = self.addressee(slug, &issuer, Protocol::Saml2).await?;
        let Some((domain, party)) = found else { return Ok(Err(Refusal::UnknownIssuer)) };
        let certificates = crate::relying_parties::certificates(&party)?;
        let now = self.now();
        let sha1 = match party.settings.sha1_until {
            Some(until) if now < until => Sha1::Accepted,
            _ => Sha1::Refused,
        };
        let expected = Expected {
            issuer: &issuer,
            keys: TrustedKeys::new(&certificates, sha1),
            signing: match (party.settings.requests, party.kind) {
                (SignedRequests::Required, PartyKind::Microsoft) => Signing::RequiredToSignIn,
                (SignedRequests::Required, _) => Signing::Required,
                (SignedRequests::Optional, _) => Signing::Optional,
            },
            destination,
            now,
        };
        Ok(match message::read(&received, &expected) {
            Ok(message) => Ok(Opened { message, domain, party, received }),
            Err(refusal) => Err(refusal),
        })
    }

    async fn enter_authn(
        &self,
        slug: &str,
        request: AuthnRequest,
        (domain, party, received): (FederatedDomainId, RelyingParty, Received),
        visitor: &Visitor,
        session: Option<&Secret>,
    ) -> Result<Entered> {
        let binding = received.binding;
        let state = received.relay_state;
        let Prepared { waiting, demand, obstacle } =
            match prepare(request, domain, party, state, federation::uris::BINDING_POST) {
                Ok(prepared) => prepared,
                Err(refusal) => return self.refuse_saml2(visitor, slug, refusal).await,
            };
        if !self.leads_to(waiting.0.domain, &waiting.1).await? {
            self.record_denial(visitor, &Denial::SwitchedOff).await?;
            return Ok(Entered::Denied(Denial::SwitchedOff));
        }
        if let Some(status) = obstacle {
            return self.answer_status(waiting, status).await;
        }
        if let Some(session) = session {
            let ask = ask(&waiting, demand, self.now(), (visitor, session));
            match self.issue(&ask, &visitor.client, None).await? {
                Issuance::SignInFirst => {}
                Issuance::Replayed => return self.ask_afresh(waiting, demand, visitor).await,
                other => return self.conclude_saml2(other, waiting, visitor).await,
            }
        }
        // A form from another site comes without the session's cookie: whether anybody is signed in
        // shows when the browser comes back.
        if waiting.0.passive && binding == Binding::Redirect {
            return self.answer_status(waiting, Status::NoPassive).await;
        }
        let purpose = Purpose::Saml2(Box::new(waiting.0));
        self.begin(purpose, demand, None, visitor).await.map(Entered::Ask)
    }

    /// The waiting request `pending`, after its person has signed in.
    pub(super) async fn redeem_saml2(
        &self,
        pending: &PendingRequest,
        waiting: Waiting,
        handle: &Secret,
        (visitor, session): (&Visitor, Option<&Secret>),
    ) -> Result<Entered> {
        let Some(session) = session else {
            return self.sign_in_or_say_no(waiting, handle).await;
        };
        let ask = ask(&waiting, pending.demand, pending.created_at, (visitor, session));
        match self.issue(&ask, &visitor.client, Some(pending)).await? {
            Issuance::SignInFirst => self.sign_in_or_say_no(waiting, handle).await,
            Issuance::Replayed => self.ask_afresh(waiting, pending.demand, visitor).await,
            other => self.conclude_saml2(other, waiting, visitor).await,
        }
    }

    async fn sign_in_or_say_no(&self, waiting: Waiting, handle: &Secret) -> Result<Entered> {
        if waiting.0.passive {
            return self.answer_status(waiting, Status::NoPassive).await;
        }
        Ok(Entered::Ask(handle.clone()))
    }

    /// A request that has its token already: whoever sends it once more proves anew who they are.
    async fn ask_afresh(
        &self,
        waiting: Waiting,
        demand: Demand,
        visitor: &Visitor,
    ) -> Result<Entered> {
        if waiting.0.passive {
            return self.answer_status(waiting, Status::NoPassive).await;
        }
        let (purpose, demand) =
            (Purpose::Saml2(Box::new(waiting.0)), Demand { max_age: Some(0), ..demand });
        self.begin(purpose, demand, None, visitor).await.map(Entered::Ask)
    }

    async fn conclude_saml2(
        &self,
        issuance: Issuance,
        waiting: Waiting,
        visitor: &Visitor,
    ) -> Result<Entered> {
        match issuance {
            Issuance::Issued(issued) => {
                let xml = self.token_response(&issued, &waiting)?;
                let bounces = visitor.bounces.clone().and(waiting.1.id, issued.stamp.now);
                Ok(form(&xml, waiting, Some(bounces)))
            }
            Issuance::SignInFirst | Issuance::Replayed => Ok(Entered::Expired),
            Issuance::Denied(denial) => {
                self.record_denial(visitor, &denial).await?;
                if waiting.0.passive && denial != Denial::SwitchedOff {
                    return self.answer_status(waiting, Status::RequestDenied).await;
                }
                Ok(Entered::Denied(denial))
            }
        }
    }

    /// The message around a token.
    fn token_response(&self, issued: &Issued, waiting: &Waiting) -> Result<String> {
        let addressing = Addressing {
            issuer: &issued.statement.issuer,
            to: &waiting.0.reply,
            in_response_to: Some(&waiting.0.request_id),
            id: self.draw(),
            now: issued.stamp.now,
        };
        let outer = match waiting.1.settings.signs {
            SignedParts::Assertion => Outer::Plain,
            SignedParts::Both => Outer::Signed(&issued.signer),
        };
        Ok(response::success(&addressing, &issued.token, outer)?)
    }

    /// Says to the party why there is no token, where the protocol wants it said (signed).
    async fn answer_status(&self, waiting: Waiting, status: Status) -> Result<Entered> {
        Ok(form(&self.status_response(&waiting, status).await?, waiting, None))
    }

    async fn status_response(&self, waiting: &Waiting, status: Status) -> Result<String> {
        let domain = waiting.0.domain;
        let found = self
            .store()
            .read_briefly(move |tx| {
                let domain = federated_domains::by_id(tx, domain)?;
                Ok::<_, Error>(domain.zip(signing_keys::active(tx)?))
            })
            .await?;
        let (domain, key) = found.ok_or_else(|| Error::not_found("signing key"))?;
        let addressing = Addressing {
            issuer: &domain.issuer_uri,
            to: &waiting.0.reply,
            in_response_to: Some(&waiting.0.request_id),
            id: self.draw(),
            now: self.now(),
        };
        Ok(response::failure(&addressing, status, &*self.signer(&key)?)?)
    }

    async fn refuse_saml2(
        &self,
        visitor: &Visitor,
        slug: &str,
        refusal: Refusal,
    ) -> Result<Entered> {
        let refused = Refused::from(refusal);
        self.record_request_refusal(visitor, slug, &refused).await?;
        Ok(Entered::Refused(refused))
    }
}

/// A message that was checked, and whose it is.
struct Opened {
    message: Message,
    domain: FederatedDomainId,
    party: RelyingParty,
    received: Received,
}

/// A request that waits for its answer, and whose it is.
type Waiting = (SamlRequest, RelyingParty);

fn ask(
    (asked, party): &Waiting,
    demand: Demand,
    asked_at: Ts,
    (visitor, session): (&Visitor, &Secret),
) -> Ask {
    Ask {
        domain_id: asked.domain,
        party: party.clone(),
        demand,
        asked_at,
        is_loop: visitor.bounces.is_loop(party.id),
        envelope: Envelope::Saml2(Box::new(asked.clone())),
        who: Who::Session(session.digest()),
    }
}

fn form(xml: &str, (asked, party): Waiting, bounces: Option<Bounces>) -> Entered {
    let form = binding::post(&asked.reply, Direction::Response, xml, asked.relay_state);
    Entered::Post { form, party: party.name, bounces }
}
