//! The external MFA provider of Entra (`graph.md` 12): Entra has asked a person's first factor, posts
//! what it says of them, and has the second factor proved here. What follows is a sign-in's own second
//! step and nothing else: no password, no enrolment, no session. A second factor alone is no sign-in.

mod answer;
mod declined;
mod published;
mod reader;

use std::{collections::BTreeSet, time::Duration};

use authn::{flow::Factors, lockout};
use federation::external_mfa::{
    Refusal,
    request::{self, Request, Terms},
};
use model::{
    Actor, Method,
    audit::{AuditKind, Outcome},
    external_mfa::{ExternalMfaRequest, Hint},
    microsoft_account::Identity,
    pending_request::{Demand, PendingRequest, Purpose},
    user::User,
};
use sha2::{Digest as _, Sha256};
use store::{
    Tx, audit_log, entra_links, external_mfa, microsoft_accounts, pending_requests, tenants, users,
};

pub use declined::Declined;
pub(crate) use reader::Readers;

use super::wsfed::Refused;
use crate::{
    House, Result, Visitor,
    premises::Asking,
    sign_in::{Key, place_keys, uncount},
    visitor::Secret,
};

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
        match self.believe(&asking, &request, visitor).await? {
            Believed::Hint(hint) => {
                self.begin_external_mfa((asking, request), hint, back, visitor).await
            }
            Believed::No(detail) => self.refuse_external_mfa(visitor, Refusal::Hint, detail).await,
            Believed::Unknown(why) => Ok(back.declined(why)),
        }
    }

    /// Whom the hint names, counted like a guess from there, and taken back when it was none.
    async fn believe(
        &self,
        asking: &Asking,
        request: &Request,
        visitor: &Visitor,
    ) -> Result<Believed> {
        let (house, keys) = (self.clone(), hint_keys(visitor));
        let counted = keys.clone();
        if !self.store().write(move |tx| house.count(tx, &counted)).await? {
            return Ok(Believed::Unknown(Declined::Throttled));
        }
        let read = self.hint_reader(asking)?.read(&request.hint, self.now(), self.new_id()).await;
        if let Ok(Err(fault)) = read {
            return Ok(Believed::No(fault.as_str()));
        }
        self.store().write(move |tx| uncount(tx, &keys)).await?;
        Ok(match read {
            Ok(Ok(hint)) => Believed::Hint(hint),
            Ok(Err(fault)) => Believed::No(fault.as_str()),
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(tenant = %asking.tenant, error, "the tenant's keys can't be read");
                Believed::Unknown(Declined::Silent)
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
        let (signed, _) = request.hint.rsplit_once('.').unwrap_or_default();
        let (digest, until) = (Sha256::digest(signed).into(), self.now() + REMEMBERED);
        let fresh = self.store().write(move |tx| external_mfa::use_hint(tx, &digest, until));
        if !fresh.await? {
            return self.refuse_external_mfa(visitor, Refusal::Replayed, "").await;
        }
        let terms = match request.terms {
            Ok(terms) => terms,
            Err(fault) => return Ok(back.declined(Declined::Odd(fault))),
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
        let Some(person) = whose(tx, hint.identity)? else {
            let whose = (Actor::Anonymous, hint.name.as_str());
            self.audit_asked(tx, visitor, asking, whose, Some(Declined::Unknown))?;
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
            relying_party: premises.microsoft_of(asking.tenant),
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
        let whose = (Actor::Person(person.id), person.upn.as_str());
        self.audit_asked(tx, visitor, asking, whose, declined)?;
        if let Some(why) = declined {
            return Ok(Err(why));
        }
        pending_requests::put(tx, &waiting)?;
        Ok(Ok(handle))
    }

    fn audit_asked(
        &self,
        tx: &mut Tx,
        visitor: &Visitor,
        asking: &Asking,
        (actor, subject): (Actor, &str),
        declined: Option<Declined>,
    ) -> Result<()> {
        let subject = crate::sign_in::subject(subject);
        let mut row = visitor.audit(self, actor, AuditKind::ExternalMfaAsked, &subject);
        row.detail = format!("by {}", asking.alias);
        if let Some(why) = declined {
            row.outcome = Outcome::Refused;
            row.detail = format!("by {}: {}", asking.alias, why.as_str());
        }
        Ok(audit_log::record(tx, &row)?)
    }

    async fn refuse_external_mfa(
        &self,
        visitor: &Visitor,
        refusal: Refusal,
        detail: &str,
    ) -> Result<Entered> {
        let refused = Refused::from(refusal);
        let mut written = refused.clone();
        if !detail.is_empty() {
            written.sentence = format!("{} ({detail})", written.sentence);
        }
        self.record_request_refusal(visitor, "Entra", &written).await?;
        Ok(Entered::Refused(refused))
    }
}

/// What became of a hint.
enum Believed {
    Hint(Hint),
    /// It is not believed, for this reason.
    No(&'static str),
    /// It could not be looked at.
    Unknown(Declined),
}

/// Where hints come from, counted apart from passwords.
fn hint_keys(visitor: &Visitor) -> Vec<Key> {
    let place = place_keys(visitor).into_iter();
    place.map(|(key, limit)| (lockout::by_hint(&key), limit)).collect()
}

/// The person behind an account, by what links the two: provisioning, or the person's own word. A name
/// finds nobody, and neither does an account that is linked to two people.
fn whose(tx: &mut Tx, identity: Identity) -> Result<Option<User>> {
    let mut found = BTreeSet::new();
    for connection in tenants::to_directory(tx, identity.tenant)? {
        let link = entra_links::by_object(tx, connection, identity.object)?;
        found.extend(link.map(|link| link.user_id));
    }
    found.extend(microsoft_accounts::by_identity(tx, identity)?.map(|account| account.user_id));
    let mut found = found.into_iter();
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(users::by_id(tx, one)?),
        _ => Ok(None),
    }
}

/// Of what a person has, what can be answered with.
pub(crate) fn narrowed(factors: Factors, request: &PendingRequest) -> Factors {
    let Purpose::ExternalMfa(asked) = &request.purpose else { return factors };
    let Factors::Enrolled(with) = factors else { return factors };
    let app = with.has_app() && asked.wanted.takes(Method::Totp);
    let keys = with.has_keys() && asked.wanted.takes(Method::Passkey);
    authn::flow::Devices::of(app, keys).map_or(Factors::None, Factors::Enrolled)
}
