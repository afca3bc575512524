//! The external MFA provider of Entra (`graph.md` 12): Entra has asked a person's first factor, posts
//! what it says of them, and has the second factor proved here. What follows is a sign-in's own second
//! step and nothing else: no password, no enrolment, no session. A second factor alone is no sign-in.

mod answer;
mod declined;
mod noted;
mod published;
mod reader;

use std::time::Duration;

use authn::flow::Factors;
use federation::external_mfa::{
    Refusal,
    request::{self, Request, Terms},
};
use model::{
    Actor, Method,
    external_mfa::{ExternalMfaRequest, Hint},
    microsoft_account::Identity,
    pending_request::{Demand, PendingRequest, Purpose},
    user::User,
};
use sha2::{Digest as _, Sha256};
use store::{Tx, entra_links, external_mfa, pending_requests, users};

pub use declined::Declined;
pub(crate) use reader::Readers;

use super::wsfed::Refused;
use crate::{House, Result, Visitor, premises::Asking, visitor::Secret};

/// A hint that came is remembered for longer than it would be believed.
const REMEMBERED: Duration = Duration::from_hours(1);
/// Every way to prove a second factor here.
const WAYS: [Method; 2] = [Method::Totp, Method::Passkey];

/// Where a request leads.
#[derive(Debug, Clone)]
pub enum Entered {
    /// The person proves their second factor, under this handle.
    Ask(Secret),
    /// An answer for Entra.
    Answer(Posted),
    /// A page that says why there is none, with a way back that tells Entra so.
    Declined(Declined, Posted),
    /// The request itself is refused, and nothing is posted anywhere.
    Refused(Refused),
    /// The waiting request is over, used, or another browser's.
    Expired,
}

/// A form for Entra.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// Where to: an address of Microsoft's.
    pub to: String,
    /// Its fields.
    pub fields: Vec<(&'static str, String)>,
}

/// Where answers go and what goes along.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Back {
    reply: String,
    state: Option<String>,
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self { code: refusal.code(), sentence: refusal.sentence() }
    }
}

impl Back {
    fn with(self, mut fields: Vec<(&'static str, String)>) -> Posted {
        fields.extend(self.state.map(|state| ("state", state)));
        Posted { to: self.reply, fields }
    }

    fn declined(self, why: Declined) -> Entered {
        let fields = vec![
            ("error", why.error().to_owned()),
            ("error_description", format!("{}: {}", why.code(), why.sentence())),
        ];
        Entered::Declined(why, self.with(fields))
    }
}

impl House {
    /// A request that Entra has a browser post.
    pub async fn enter_external_mfa(&self, raw: &str, visitor: &Visitor) -> Result<Entered> {
        let request = match request::parse(raw) {
            Ok(request) => request,
            Err(refusal) => return self.refuse_external_mfa(visitor, refusal, "").await,
        };
        let (house, wanted) = (self.clone(), request.client_id.clone());
        let known = move |tx: &mut Tx| Ok::<_, crate::Error>(house.premises(tx)?.asking(&wanted));
        let Some(asking) = self.store().read_briefly(known).await? else {
            return self.refuse_external_mfa(visitor, Refusal::UnknownClient, "").await;
        };
        let reply = federation::external_mfa::reply(&asking.hosts.login);
        if request.redirect_uri.as_ref() != Some(&reply) {
            return self.refuse_external_mfa(visitor, Refusal::ForeignReply, "").await;
        }
        let back = Back { reply, state: request.state.clone() };
        match self.believe(&asking, &request).await? {
            Believed::Hint(hint) => {
                self.begin_external_mfa((asking, request), hint, back, visitor).await
            }
            Believed::No(detail) => self.refuse_external_mfa(visitor, Refusal::Hint, detail).await,
            Believed::Unknown => {
                self.note_silence(asking, visitor).await?;
                Ok(back.declined(Declined::Silent))
            }
        }
    }

    /// Whom the hint names. Any page can have a browser bring one, so what others brought from there
    /// never stands in the way of a good one.
    async fn believe(&self, asking: &Asking, request: &Request) -> Result<Believed> {
        let reader = self.hint_reader(asking)?;
        Ok(match reader.read(&request.hint, self.now(), self.new_id()).await {
            Ok(Ok(hint)) => Believed::Hint(hint),
            Ok(Err(fault)) => Believed::No(fault.as_str()),
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(tenant = %asking.tenant, error, "the tenant's keys can't be read");
                Believed::Unknown
            }
        })
    }

    /// Uses the hint up, and begins a request for whoever it names.
    async fn begin_external_mfa(
        &self,
        (asking, request): (Asking, Request),
        hint: Hint,
        back: Back,
        visitor: &Visitor,
    ) -> Result<Entered> {
        let (digest, until) = (digest(&request), self.now() + REMEMBERED);
        let fresh = self.store().write(move |tx| external_mfa::use_hint(tx, &digest, until));
        if !fresh.await? {
            return self.refuse_external_mfa(visitor, Refusal::Replayed, "").await;
        }
        let terms = match request.terms {
            Ok(terms) => terms,
            Err(fault) => {
                let why = Declined::Odd(fault);
                self.note_decline((asking, hint.name, None), why.as_str(), visitor).await?;
                return Ok(back.declined(why));
            }
        };
        let asked = (asking, request.client_id, terms);
        let (house, visitor, to) = (self.clone(), visitor.clone(), back.clone());
        let begun = move |tx: &mut Tx| house.ask_whoever(tx, &asked, &hint, &to, &visitor);
        match self.store().write(begun).await? {
            Ok(handle) => Ok(Entered::Ask(handle)),
            Err(why) => Ok(back.declined(why)),
        }
    }

    fn ask_whoever(
        &self,
        tx: &mut Tx,
        (asking, client_id, terms): &(Asking, String, Terms),
        hint: &Hint,
        back: &Back,
        visitor: &Visitor,
    ) -> Result<std::result::Result<Secret, Declined>> {
        let Some(person) = whose(tx, asking, hint.identity)? else {
            let whose = (Actor::Anonymous, hint.name.as_str());
            self.audit_asked(tx, visitor, asking, whose, Some(Declined::Unknown.as_str()))?;
            return Ok(Err(Declined::Unknown));
        };
        let premises = self.premises(tx)?;
        let asked = ExternalMfaRequest {
            tenant: asking.tenant,
            user: person.id,
            identity: hint.identity,
            subject: hint.subject.clone(),
            client_id: client_id.clone(),
            reply: back.reply.clone(),
            state: back.state.clone(),
            nonce: terms.nonce.clone(),
            wanted: terms.wanted.clone(),
            relying_party: premises.microsoft_of(asking.tenant, &person.upn.domain()),
        };
        let handle = Secret::draw(self.random());
        let can = WAYS.into_iter().any(|way| terms.wanted.takes(way));
        let purpose = Purpose::ExternalMfa(Box::new(asked));
        let demand = Demand { mfa: true, ..Demand::default() };
        let named = Some(person.upn.to_string());
        let mut waiting = self.waiting(&handle, (purpose, demand), named, visitor);
        waiting.user_id = Some(person.id);
        let denied = self.screen(tx, &waiting, visitor)?.denial();
        let declined = if can { denied.map(Declined::Denied) } else { Some(Declined::Unmet) };
        let words = match declined {
            Some(why) => Some(self.words(tx, visitor, (&waiting, &person), why)?),
            None => None,
        };
        let whose = (Actor::Person(person.id), person.upn.as_str());
        self.audit_asked(tx, visitor, asking, whose, words.as_deref())?;
        if let Some(why) = declined {
            return Ok(Err(why));
        }
        pending_requests::put(tx, &waiting)?;
        Ok(Ok(handle))
    }
}

/// What became of a hint.
enum Believed {
    Hint(Hint),
    /// It is not believed, for this reason.
    No(&'static str),
    /// It could not be looked at.
    Unknown,
}

/// By which a request is known again. The hints of two requests about one person within a second are
/// the same to the byte; how the signature is spelled makes no difference.
fn digest(request: &Request) -> [u8; 32] {
    let (signed, _) = request.hint.rsplit_once('.').unwrap_or_default();
    let nonce = request.terms.as_ref().map_or("", |terms| &terms.nonce);
    let parts = [signed, request.state.as_deref().unwrap_or_default(), nonce];
    Sha256::digest(parts.map(Sha256::digest).concat()).into()
}

/// The person behind an account, by the link that provisioning made in the tenant that asks. A name
/// finds nobody. Neither does a Microsoft account that somebody linked to sign in with: a password that
/// was stolen there links it to whoever has it, and their own factor would be its owner's.
fn whose(tx: &mut Tx, asking: &Asking, identity: Identity) -> Result<Option<User>> {
    if identity.tenant != asking.directory {
        return Ok(None);
    }
    let Some(link) = entra_links::by_object(tx, asking.tenant, identity.object)? else {
        return Ok(None);
    };
    Ok(users::by_id(tx, link.user_id)?)
}

/// Of what a person has, what can be answered with.
pub(crate) fn narrowed(factors: Factors, request: &PendingRequest) -> Factors {
    let Purpose::ExternalMfa(asked) = &request.purpose else { return factors };
    let Factors::Enrolled(with) = factors else { return factors };
    let app = with.has_app() && asked.wanted.takes(Method::Totp);
    let keys = with.has_keys() && asked.wanted.takes(Method::Passkey);
    authn::flow::Devices::of(app, keys).map_or(Factors::None, Factors::Enrolled)
}
