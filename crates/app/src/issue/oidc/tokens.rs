//! Tokens for a code, and what the access token opens.

use std::time::Duration;

use authn::lockout::{self, Limit};
use federation::oidc::{
    Fault, id_token, pkce,
    token_request::{self, Client, Request},
};
use model::{
    Actor, Ts,
    audit::{AuditEvent, AuditKind, Outcome},
    ids::{FederatedDomainId, OidcGrantId, SessionId},
    issued_token::Protocol,
    oidc::{ClientProof, ClientSession, OidcGrant, Terms},
    pending_request::Demand,
    relying_party::RelyingParty,
};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use store::{audit_log, guess_counters, oidc_grants};
use subtle::ConstantTimeEq as _;

use super::super::{Ask, Decision, Envelope, Facts, Issuance, Who};
use super::LONGEST;
use crate::{Error, House, Kind, Result, Visitor, relying_parties::about_in_oidc, visitor::Secret};

/// What a client sends to the token endpoint.
#[derive(Debug, Clone, Copy)]
pub struct Brought<'a> {
    /// The domain whose address was called.
    pub slug: &'a str,
    /// The header `Authorization`.
    pub authorization: Option<&'a str>,
    /// The form.
    pub body: &'a str,
}

/// What goes back, as JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// The tokens.
    Tokens(String),
    /// A request was kept.
    Kept(String),
    /// An error of the protocol.
    Refused {
        /// Its word.
        error: &'static str,
        /// The body.
        body: String,
    },
    /// Too many wrong secrets.
    TooMany {
        /// The body.
        body: String,
        /// How long no secret is looked at.
        wait: Duration,
    },
}

/// What an access token opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserInfo {
    /// What the client may know of the person, as JSON.
    About(String),
    /// It opens nothing, or no longer.
    Nothing,
}

/// A code that came back, and the access token that goes out for it.
#[derive(Debug, Clone)]
pub(in crate::issue) struct Redeemed {
    pub(in crate::issue) grant: OidcGrantId,
    pub(in crate::issue) access_token: Secret,
    pub(in crate::issue) access_until: Ts,
    /// The client hears when the session ends.
    pub(in crate::issue) hears: Option<ClientSession>,
    session: SessionId,
    terms: Terms,
}

impl Redeemed {
    /// How new the sign-in had to be when the code was given.
    pub(in crate::issue) const fn max_age(&self) -> Option<u64> {
        self.terms.max_age
    }

    /// What the ID token says beyond the statement.
    pub(in crate::issue) fn envelope(&self, facts: &Facts) -> id_token::Envelope {
        id_token::Envelope {
            about: about_in_oidc(&facts.party, &facts.user, &self.terms.scopes),
            nonce: self.terms.nonce.clone(),
            session: self.session.to_string(),
            access_token: self.access_token.expose().to_owned(),
        }
    }
}

/// Whether a client is who it says.
enum Proved {
    Yes,
    No,
    TooOften(Duration),
}

impl House {
    /// Answers a client that brings a code.
    pub async fn answer_code(&self, brought: &Brought<'_>, visitor: &Visitor) -> Result<Reply> {
        let request = match token_request::parse(brought.body, brought.authorization) {
            Ok(request) => request,
            Err(fault) => return Ok(refused(fault)),
        };
        let (_, party) = match self.client(brought.slug, &request.client, visitor).await? {
            Ok(known) => known,
            Err(reply) => return Ok(reply),
        };
        match self.take_code(&party, request, visitor).await? {
            None => Ok(refused(Fault::INVALID_GRANT)),
            Some(grant) => self.tokens_for(party, grant, visitor).await,
        }
    }

    /// The client that sends a form, with the domain that was called, once it has proved who it is.
    pub(super) async fn client(
        &self,
        slug: &str,
        client: &Client,
        visitor: &Visitor,
    ) -> Result<std::result::Result<(FederatedDomainId, RelyingParty), Reply>> {
        let found = self.addressee(slug, &client.id, Protocol::Oidc).await?;
        let Some((domain, party)) = found.filter(|(_, party)| party.enabled) else {
            return Ok(Err(refused(Fault::INVALID_CLIENT)));
        };
        Ok(match self.prove_client(&party, client.secret.clone(), visitor).await? {
            Proved::Yes => Ok((domain, party)),
            Proved::No => Err(refused(Fault::INVALID_CLIENT)),
            Proved::TooOften(wait) => {
                let body = token_request::refused(Fault::INVALID_CLIENT);
                Err(Reply::TooMany { body, wait })
            }
        })
    }

    /// Whether the client is who it says. Wrong secrets are counted per address, and a right one that
    /// comes after too many of them is not looked at.
    async fn prove_client(
        &self,
        party: &RelyingParty,
        secret: Option<SecretString>,
        visitor: &Visitor,
    ) -> Result<Proved> {
        let ClientProof::Secret(known) = party.settings.oidc.proof.clone() else {
            return Ok(if secret.is_none() { Proved::Yes } else { Proved::No });
        };
        let Some(secret) = secret else { return Ok(Proved::No) };
        let key = lockout::client_secret(party.id, &visitor.client.address);
        let (at, limit) = (self.now(), Limit::CLIENT_SECRET);
        let held = key.clone();
        let counter =
            self.store().read_briefly(move |tx| Ok::<_, Error>(guess_counters::get(tx, &held)?));
        match lockout::count(counter.await?, limit, at) {
            lockout::Verdict::Allowed(..) => {}
            lockout::Verdict::Wait { until } => return Ok(Proved::TooOften(until.since(at))),
            lockout::Verdict::Exhausted => return Ok(Proved::No),
        }
        let digest = hex::encode(Sha256::digest(secret.expose_secret().as_bytes()));
        if digest.as_bytes().ct_eq(known.as_bytes()).into() {
            return Ok(Proved::Yes);
        }
        let row = self.client_refusal(party, visitor, "a wrong client secret");
        self.store()
            .write(move |tx| {
                if let lockout::Verdict::Allowed(next, _) =
                    lockout::count(guess_counters::lock(tx, &key)?, limit, at)
                {
                    guess_counters::put(tx, &key, &next)?;
                }
                Ok::<_, Error>(audit_log::record(tx, &row)?)
            })
            .await?;
        Ok(Proved::No)
    }

    /// Uses a code up and says whether it fits the request. A code that its client brings is used up
    /// even when it does not fit; one that comes twice takes back whatever it gave (RFC 6749 4.1.2).
    /// One that went to an address which was taken off the list meanwhile may be in wrong hands.
    async fn take_code(
        &self,
        client: &RelyingParty,
        request: Request,
        visitor: &Visitor,
    ) -> Result<Option<OidcGrant>> {
        let (house, visitor, now) = (self.clone(), visitor.clone(), self.now());
        let client = client.clone();
        let digest = Secret::from_cookie(request.code.expose_secret()).digest();
        self.store()
            .write(move |tx| {
                let found = oidc_grants::by_code_locked(tx, &digest)?;
                let Some(grant) = found.filter(|grant| grant.relying_party_id == client.id) else {
                    return Ok(None);
                };
                if grant.used_at.is_some() {
                    // Once: whoever holds a used code writes no rows without end.
                    if oidc_grants::revoke(tx, grant.id, now)? {
                        let why = "a code came a second time: whatever it gave is taken back";
                        audit_log::record(tx, &house.client_refusal(&client, &visitor, why))?;
                    }
                    return Ok(None);
                }
                if !oidc_grants::use_code(tx, grant.id, now)? {
                    return Ok(None);
                }
                let unfit = unfit(&grant, &request, &client);
                if let Some(why) = unfit {
                    audit_log::record(tx, &house.client_refusal(&client, &visitor, why))?;
                }
                Ok::<_, Error>(unfit.is_none().then_some(grant))
            })
            .await
    }

    /// A client refused; who holds its codes and secrets is not known.
    fn client_refusal(&self, client: &RelyingParty, visitor: &Visitor, why: &str) -> AuditEvent {
        let kind = AuditKind::RequestRefused;
        let mut row = visitor.audit(self, Actor::Anonymous, kind, &client.name);
        row.outcome = Outcome::Refused;
        why.clone_into(&mut row.detail);
        row
    }

    async fn tokens_for(
        &self,
        party: RelyingParty,
        grant: OidcGrant,
        visitor: &Visitor,
    ) -> Result<Reply> {
        let lifetime = self.settings().token_lifetime.min(LONGEST);
        let redeemed = Redeemed {
            grant: grant.id,
            access_token: Secret::draw(self.random()),
            access_until: self.now() + lifetime,
            hears: hears(&party, &grant),
            session: grant.session_id,
            terms: grant.terms.clone(),
        };
        let access_token = redeemed.access_token.clone();
        let ask = self.ask_granted(party, &grant, Envelope::Oidc(Box::new(redeemed)));
        // Where the person is counts, not where the client runs.
        match self.issue(&ask, &grant.browser, None).await {
            Ok(Issuance::Issued(issued)) => {
                let (seconds, scopes) = (lifetime.as_secs(), &grant.terms.scopes);
                let id_token = &issued.token.text;
                let body = token_request::granted(access_token.expose(), seconds, id_token, scopes);
                Ok(Reply::Tokens(body))
            }
            Ok(Issuance::Denied(denial)) => {
                self.record_denial(visitor, &denial).await?;
                Ok(refused(Fault::INVALID_GRANT))
            }
            // The session is over, or the code came a second time meanwhile.
            Ok(Issuance::SignInFirst | Issuance::Replayed)
            | Err(Error { kind: Kind::Conflict, .. }) => Ok(refused(Fault::INVALID_GRANT)),
            Err(error) => Err(error),
        }
    }

    /// How old the sign-in may be was asked when the code was given.
    fn ask_granted(&self, party: RelyingParty, grant: &OidcGrant, envelope: Envelope) -> Ask {
        Ask {
            domain_id: grant.domain_id,
            party,
            demand: Demand { mfa: grant.terms.mfa, ..Demand::default() },
            asked_at: self.now(),
            is_loop: false,
            envelope,
            who: Who::Granted(grant.session_id),
        }
    }

    /// What an access token opens: it is decided anew, so a session that is over, a person who is
    /// blocked and a client that is switched off open nothing.
    pub async fn user_info(&self, slug: &str, access_token: &str) -> Result<UserInfo> {
        let (house, slug, now) = (self.clone(), slug.to_owned(), self.now());
        let digest = Secret::from_cookie(access_token).digest();
        self.store()
            .read_briefly(move |tx| {
                let found = oidc_grants::by_access(tx, &digest)?;
                let live = |it: &OidcGrant| it.revoked_at.is_none() && it.expires_at > now;
                let Some(grant) = found.filter(live) else { return Ok(UserInfo::Nothing) };
                let premises = house.premises(tx)?;
                let here = premises.domain_at(&slug).is_some_and(|it| it.id == grant.domain_id);
                let party = premises.party(grant.relying_party_id).filter(|_| here);
                let Some(party) = party.cloned() else { return Ok(UserInfo::Nothing) };
                let ask = house.ask_granted(party, &grant, Envelope::OidcCode);
                let Decision::Issue(facts) = house.decide(tx, &ask, &grant.browser)? else {
                    return Ok(UserInfo::Nothing);
                };
                let about = about_in_oidc(&facts.party, &facts.user, &grant.terms.scopes);
                let (_, subject) = about.subject.name_id("");
                Ok(UserInfo::About(token_request::user_info(&subject, &about.attributes)))
            })
            .await
    }
}

/// What a client wants to hear of, if it said where.
fn hears(party: &RelyingParty, grant: &OidcGrant) -> Option<ClientSession> {
    party.settings.oidc.back_channel.as_ref()?;
    Some(ClientSession {
        session_id: grant.session_id,
        relying_party_id: party.id,
        domain_id: grant.domain_id,
        user_id: grant.user_id,
        ended_at: None,
        due_at: None,
        attempts: 0,
    })
}

/// Why a live code is of no use to whoever brings it: somebody may have caught it.
fn unfit(grant: &OidcGrant, request: &Request, client: &RelyingParty) -> Option<&'static str> {
    let challenge = grant.terms.challenge.as_deref();
    if !client.replies.contains(&grant.reply) {
        return Some("a code came from an address that is no longer registered");
    }
    if grant.reply != request.redirect_uri {
        return Some("a code came with another redirect_uri");
    }
    let fits = pkce::fits(challenge, request.verifier.as_deref());
    (!fits).then_some("a code came with a wrong code_verifier")
}

pub(super) fn refused(fault: Fault) -> Reply {
    Reply::Refused { error: fault.error, body: token_request::refused(fault) }
}
