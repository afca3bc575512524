//! OpenID Connect: a request comes in, a code goes out with the browser, and the client changes it
//! into tokens by itself. What a code stands for is decided when it is given, so that the person sees
//! why there is none, and once more when it comes back: the tokens rest on what holds then.

mod back_channel;
mod code;
mod published;
mod pushed;
mod sign_out;
mod tokens;

use std::time::Duration;

use federation::oidc::{
    Fault, Refusal,
    answer::{self, Outgoing, Told},
    pushed::named,
    request::{self, Request, Wanted},
};
use model::{
    Ts,
    issued_token::Protocol,
    oidc::{ClientProof, OidcRequest},
    pending_request::{Demand, PendingRequest, Purpose},
    relying_party::RelyingParty,
};

pub use federation::oidc::answer::Outgoing as Answer;
pub use published::KeySet;
pub use sign_out::Asked as SignOutAsked;
pub(super) use sign_out::onward;
pub(super) use tokens::Redeemed;
pub use tokens::{Brought, Reply, UserInfo};

use super::{Ask, Denial, Envelope, Who, wsfed::Refused};
use crate::{
    House, Result, Visitor,
    visitor::{Bounces, Secret},
};
use code::Coded;

/// No ID token, and no access token, is good for longer (R089).
const LONGEST: Duration = Duration::from_hours(1);

/// How a request came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// In an address: the session's cookie came along.
    Address,
    /// In a form of another site: it stayed behind.
    Form,
}

/// Where a request leads.
#[derive(Debug, Clone)]
pub enum Entered {
    /// An answer for the client.
    Answer {
        /// In an address or a form.
        answer: Outgoing,
        /// What people call the client.
        party: String,
        /// What the browser keeps of the codes that it got lately, when this brings one.
        bounces: Option<Bounces>,
    },
    /// The person must sign in first, under this handle.
    Ask(Secret),
    /// The request itself is refused: no code, no redirect.
    Refused(Refused),
    /// The person is who they say, but gets no code.
    Denied(Denial),
    /// The waiting request is over, used, or another browser's.
    Expired,
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self { code: refusal.code(), sentence: refusal.sentence() }
    }
}

/// A request that waits for its answer, and whose it is.
type Waiting = (OidcRequest, RelyingParty);

impl House {
    /// A request at the authorization endpoint of a domain.
    pub async fn enter_oidc(
        &self,
        slug: &str,
        (way, raw): (Way, &str),
        visitor: &Visitor,
        session: Option<&Secret>,
    ) -> Result<Entered> {
        let pushed = match named(raw) {
            Some(name) => match self.take_pushed(slug, name).await? {
                Some(text) => Some(text),
                None => return self.refuse_oidc(visitor, slug, Refusal::UnknownPushed).await,
            },
            None => None,
        };
        let request = match request::parse(pushed.as_deref().unwrap_or(raw)) {
            Ok(request) => request,
            Err(refusal) => return self.refuse_oidc(visitor, slug, refusal).await,
        };
        let found = self.addressee(slug, &request.client_id, Protocol::Oidc).await?;
        let Some((domain, party)) = found else {
            return self.refuse_oidc(visitor, slug, Refusal::UnknownClient).await;
        };
        let Some(reply) = request.redirect_uri.clone().filter(|it| party.replies.contains(it))
        else {
            return self.refuse_oidc(visitor, slug, Refusal::ForeignReply).await;
        };
        if !self.leads_to(domain, &party).await? {
            self.record_denial(visitor, &Denial::SwitchedOff).await?;
            return Ok(Entered::Denied(Denial::SwitchedOff));
        }
        let Request { state, mode, wanted, .. } = request;
        let mut asked = OidcRequest {
            domain,
            relying_party: party.id,
            reply,
            state,
            mode,
            passive: false,
            subject: None,
            terms: model::oidc::Terms::default(),
        };
        if party.settings.oidc.pushes && pushed.is_none() {
            return Ok(self.answer_fault(slug, (asked, party), Fault::NOT_PUSHED));
        }
        let wanted = match wanted.and_then(|wanted| bound(wanted, &party)) {
            Ok(wanted) => wanted,
            Err(fault) => return Ok(self.answer_fault(slug, (asked, party), fault)),
        };
        (asked.passive, asked.terms) = (wanted.passive, wanted.terms.clone());
        if let Some(known) = &wanted.known {
            let Some(hint) = self.own_hint(slug, known, &party.realm).await? else {
                let fault = Fault::invalid("id_token_hint is no ID token of this client");
                return Ok(self.answer_fault(slug, (asked, party), fault));
            };
            asked.subject = Some(hint.subject);
        }
        self.enter_known(slug, (asked, party), wanted, way, (visitor, session)).await
    }

    /// A request of a client that is known, for an address of its own.
    async fn enter_known(
        &self,
        slug: &str,
        waiting: Waiting,
        wanted: Wanted,
        way: Way,
        (visitor, session): (&Visitor, Option<&Secret>),
    ) -> Result<Entered> {
        let Wanted { demand, hint, .. } = wanted;
        if let Some(session) = session {
            let ask = ask(&waiting, demand, self.now(), (visitor, session));
            match self.give_code(&ask, (&waiting.0, &visitor.client), None).await? {
                Coded::SignInFirst => {}
                other => return self.conclude_oidc(other, slug, waiting, visitor).await,
            }
        }
        // Whether anybody is signed in shows when the browser comes back.
        if waiting.0.passive && way == Way::Address {
            return Ok(self.answer_fault(slug, waiting, Fault::LOGIN_REQUIRED));
        }
        let purpose = Purpose::Oidc(Box::new(waiting.0));
        self.begin(purpose, demand, hint, visitor).await.map(Entered::Ask)
    }

    /// The waiting request `pending`, after its person has signed in.
    pub(super) async fn redeem_oidc(
        &self,
        pending: &PendingRequest,
        waiting: Waiting,
        handle: &Secret,
        (visitor, session): (&Visitor, Option<&Secret>),
    ) -> Result<Entered> {
        let slug = self.slug_of(&waiting.0).await?;
        if let Some(session) = session {
            let ask = ask(&waiting, pending.demand, pending.created_at, (visitor, session));
            match self.give_code(&ask, (&waiting.0, &visitor.client), Some(pending)).await? {
                Coded::SignInFirst => {}
                other => return self.conclude_oidc(other, &slug, waiting, visitor).await,
            }
        }
        if waiting.0.passive {
            return Ok(self.answer_fault(&slug, waiting, Fault::LOGIN_REQUIRED));
        }
        Ok(Entered::Ask(handle.clone()))
    }

    async fn slug_of(&self, asked: &OidcRequest) -> Result<String> {
        let (house, domain) = (self.clone(), asked.domain);
        let premises = self.store().read_briefly(move |tx| house.premises(tx)).await?;
        Ok(premises.domain(domain).map(|domain| domain.slug.clone()).unwrap_or_default())
    }

    async fn conclude_oidc(
        &self,
        coded: Coded,
        slug: &str,
        waiting: Waiting,
        visitor: &Visitor,
    ) -> Result<Entered> {
        match coded {
            Coded::Given(code) => {
                let bounces = visitor.bounces.clone().and(waiting.1.id, self.now());
                let answer = self.packed(slug, &waiting.0, Told::Code(code.expose()));
                Ok(Entered::Answer { answer, party: waiting.1.name, bounces: Some(bounces) })
            }
            Coded::SignInFirst => Ok(Entered::Expired),
            Coded::SomebodyElse => Ok(self.answer_fault(slug, waiting, Fault::SOMEBODY_ELSE)),
            Coded::Denied(denial) => {
                self.record_denial(visitor, &denial).await?;
                let told = match denial {
                    Denial::SwitchedOff => None,
                    Denial::Loop(_) => Some(Fault::GOES_ROUND),
                    _ => Some(Fault::ACCESS_DENIED),
                };
                match told.filter(|_| waiting.0.passive) {
                    Some(fault) => Ok(self.answer_fault(slug, waiting, fault)),
                    None => Ok(Entered::Denied(denial)),
                }
            }
        }
    }

    /// Says to the client why there is no code.
    fn answer_fault(&self, slug: &str, waiting: Waiting, fault: Fault) -> Entered {
        let answer = self.packed(slug, &waiting.0, Told::Fault(fault));
        Entered::Answer { answer, party: waiting.1.name, bounces: None }
    }

    fn packed(&self, slug: &str, asked: &OidcRequest, told: Told<'_>) -> Outgoing {
        let issuer = self.endpoints(slug).oidc_issuer();
        answer::pack(&asked.reply, asked.mode, (&issuer, asked.state.as_deref()), told)
    }

    async fn refuse_oidc(
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

/// A client without a secret must bind its code to itself (RFC 9700 2.1.1); one with a secret must at
/// least be able to tell that a code is from a request of its own (RFC 9700 4.5.3).
fn bound(wanted: Wanted, party: &RelyingParty) -> std::result::Result<Wanted, Fault> {
    let is_public = party.settings.oidc.proof == ClientProof::Public;
    if is_public && wanted.terms.challenge.is_none() {
        return Err(Fault::invalid("code_challenge is missing"));
    }
    if wanted.terms.challenge.is_none() && wanted.terms.nonce.is_none() {
        return Err(Fault::invalid("code_challenge or nonce is missing"));
    }
    Ok(wanted)
}

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
        envelope: Envelope::OidcCode,
        who: Who::Session(session.digest()),
    }
}
