//! WS-Federation passive: a query comes in, a form for the relying party goes out.

pub use federation::wsfed::request::client_request_id;
use federation::wsfed::{
    request::{self, Request, SignIn},
    response,
};
use model::{
    Actor,
    audit::{AuditKind, Outcome},
    ids::FederatedDomainId,
    issued_token::Protocol,
    pending_request::{PendingRequest, Purpose, SignOutReturn},
    relying_party::RelyingParty,
};
use store::audit_log;

pub mod sign_out;

use super::{Ask, Denial, Envelope, Issuance, Issued, Who};
use crate::{
    Error, House, Result, Visitor,
    visitor::{self, Bounces, Secret},
};

/// The form that the browser posts to the relying party.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AutoPost {
    /// Where to.
    pub reply: String,
    /// What people call the party.
    pub party: String,
    /// The token response, as XML text.
    pub wresult: String,
    /// `wctx`, byte for byte as it came; `None` when none came.
    pub context: Option<String>,
    /// What the browser keeps of the tokens that it got lately.
    pub bounces: Bounces,
}

/// Where a WS-Federation request leads.
#[derive(Debug, Clone)]
pub enum Entered {
    /// A token for the relying party.
    Token(AutoPost),
    /// The person must sign in first, under this handle.
    Ask(Secret),
    /// The person asked to sign out, and may go on to an application.
    SignOut(Option<SignOutReturn>),
    /// Another party says that the person signed out.
    SignOutCleanup,
    /// The request itself is refused: no token, no redirect.
    Refused(Refused),
    /// The person is who they say, but gets no token.
    Denied(Denial),
    /// The waiting request is over, used, or another browser's.
    Expired,
}

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The stable code (`GH-FED-nn`).
    pub code: &'static str,
    /// What is wrong, in a sentence.
    pub sentence: String,
}

impl From<request::Refusal> for Refused {
    fn from(refusal: request::Refusal) -> Self {
        Self { code: refusal.code(), sentence: refusal.sentence() }
    }
}

impl House {
    /// A request at `/d/{slug}/adfs/ls/`.
    pub async fn enter_wsfed(
        &self,
        slug: &str,
        raw_query: &str,
        visitor: &Visitor,
        session: Option<&Secret>,
    ) -> Result<Entered> {
        let visitor = &visitor.asking_under(client_request_id(raw_query).as_deref());
        match request::parse(raw_query) {
            Err(refusal) => self.refuse(visitor, slug, refusal.into()).await,
            Ok(Request::SignOut { reply }) => {
                Ok(Entered::SignOut(self.registered_return(slug, reply).await?))
            }
            Ok(Request::SignOutCleanup { .. }) => Ok(Entered::SignOutCleanup),
            Ok(Request::SignIn(sign_in)) => {
                self.enter_sign_in(slug, sign_in, visitor, session).await
            }
        }
    }

    async fn enter_sign_in(
        &self,
        slug: &str,
        sign_in: SignIn,
        visitor: &Visitor,
        session: Option<&Secret>,
    ) -> Result<Entered> {
        let Some((domain, party)) = self.addressee(slug, &sign_in.realm, Protocol::WsFed).await?
        else {
            return self.refuse(visitor, slug, request::Refusal::UnknownRealm.into()).await;
        };
        let Some(reply) = registered_reply(&party, sign_in.reply.as_deref()) else {
            return self.refuse(visitor, slug, request::Refusal::ForeignReply.into()).await;
        };
        if let Some(session) = session {
            let ask = Ask {
                domain_id: domain,
                party: party.clone(),
                demand: sign_in.demand,
                asked_at: self.now(),
                is_loop: visitor.bounces.is_loop(party.id),
                envelope: Envelope::WsFed,
                who: Who::Session(session.digest()),
            };
            match self.issue(&ask, &visitor.client, None).await? {
                Issuance::Issued(issued) => {
                    let waiting = Waiting { party, reply, context: sign_in.context };
                    return Ok(Entered::Token(self.auto_post(&issued, waiting, visitor)));
                }
                Issuance::Denied(denial) => return self.deny(visitor, denial).await,
                Issuance::SignInFirst => {}
                Issuance::Replayed => return Ok(Entered::Expired),
            }
        }
        let hint = match sign_in.hint {
            Some(hint) => Some(hint),
            None => self.home_of(domain, sign_in.home_realm).await?,
        };
        let purpose = Purpose::WsFed {
            domain,
            relying_party: party.id,
            reply,
            context: sign_in.context,
            client_request_id: sign_in.client_request_id,
        };
        self.begin(purpose, sign_in.demand, hint, visitor).await.map(Entered::Ask)
    }

    /// The end of a person's address, where a request names their domain and no person: one that
    /// vouches in the same tenant. Any other name is a stranger's, and is not shown.
    async fn home_of(
        &self,
        asked: FederatedDomainId,
        named: Option<String>,
    ) -> Result<Option<String>> {
        let Some(named) = named else { return Ok(None) };
        let house = self.clone();
        let premises = self.store().read_briefly(move |tx| house.premises(tx)).await?;
        let vouches = premises
            .domain(asked)
            .is_some_and(|asked| premises.vouching_for(&named, asked.tenant_id).is_some());
        Ok(vouches.then(|| format!("@{named}")))
    }

    pub(super) async fn redeem(
        &self,
        pending: PendingRequest,
        party: RelyingParty,
        handle: &Secret,
        visitor: &Visitor,
        session: &Secret,
    ) -> Result<Entered> {
        let Purpose::WsFed { domain, reply, context, .. } = pending.purpose.clone() else {
            return Ok(Entered::Expired);
        };
        let ask = Ask {
            domain_id: domain,
            demand: pending.demand,
            asked_at: pending.created_at,
            is_loop: visitor.bounces.is_loop(party.id),
            party: party.clone(),
            envelope: Envelope::WsFed,
            who: Who::Session(session.digest()),
        };
        match self.issue(&ask, &visitor.client, Some(&pending)).await? {
            Issuance::Issued(issued) => {
                let waiting = Waiting { party, reply, context };
                Ok(Entered::Token(self.auto_post(&issued, waiting, visitor)))
            }
            Issuance::SignInFirst => Ok(Entered::Ask(handle.clone())),
            Issuance::Denied(denial) => self.deny(visitor, denial).await,
            Issuance::Replayed => Ok(Entered::Expired),
        }
    }

    fn auto_post(&self, issued: &Issued, waiting: Waiting, visitor: &Visitor) -> AutoPost {
        AutoPost {
            reply: waiting.reply,
            wresult: response::token_response(&issued.token, &issued.statement, &issued.stamp),
            context: waiting.context,
            bounces: visitor.bounces.clone().and(waiting.party.id, self.now()),
            party: waiting.party.name,
        }
    }

    /// The domain behind `slug`, and its relying party with this realm or entity id, if it speaks
    /// the protocol.
    pub(super) async fn addressee(
        &self,
        slug: &str,
        realm: &str,
        protocol: Protocol,
    ) -> Result<Option<(FederatedDomainId, RelyingParty)>> {
        let house = self.clone();
        let premises = self.store().read_briefly(move |tx| house.premises(tx)).await?;
        let Some(domain) = premises.domain_at(slug) else { return Ok(None) };
        let party = premises.party_with(domain.id, realm);
        let party = party.filter(|party| party.kind.speaks(protocol));
        Ok(party.map(|party| (domain.id, party.clone())))
    }

    /// Whether anything at all may go out to a party, an error included: through one that is switched
    /// off nobody is led anywhere.
    pub(super) async fn leads_to(
        &self,
        domain: FederatedDomainId,
        party: &RelyingParty,
    ) -> Result<bool> {
        let (house, party) = (self.clone(), party.clone());
        self.store().read_briefly(move |tx| Ok(house.premises(tx)?.is_on(domain, &party))).await
    }

    async fn refuse(&self, visitor: &Visitor, slug: &str, refused: Refused) -> Result<Entered> {
        self.record_request_refusal(visitor, slug, &refused).await?;
        Ok(Entered::Refused(refused))
    }

    async fn deny(&self, visitor: &Visitor, denial: Denial) -> Result<Entered> {
        self.record_denial(visitor, &denial).await?;
        Ok(Entered::Denied(denial))
    }

    /// Refuses a message that was too long to be read (R101), whatever its protocol.
    pub async fn refuse_too_long(&self, slug: &str, visitor: &Visitor) -> Result<Refused> {
        let refused = Refused::from(request::Refusal::TooLong);
        self.record_request_refusal(visitor, slug, &refused).await?;
        Ok(refused)
    }

    /// Writes down that a message was refused, whatever its protocol.
    pub(super) async fn record_request_refusal(
        &self,
        visitor: &Visitor,
        slug: &str,
        refused: &Refused,
    ) -> Result<()> {
        let detail = format!("{}: {}", refused.code, refused.sentence);
        self.record_refusal(visitor, Actor::Anonymous, slug, AuditKind::RequestRefused, detail)
            .await
    }

    /// Writes down that a person got no token, whatever the protocol.
    pub(crate) async fn record_denial(&self, visitor: &Visitor, denial: &Denial) -> Result<()> {
        let (subject, detail) = match denial {
            Denial::NotAssigned { upn, application } => {
                (upn.as_str(), format!("not assigned to {application}"))
            }
            Denial::ForeignDomain { upn } => {
                (upn.as_str(), "address of a domain we do not vouch for".to_owned())
            }
            Denial::ByPolicy { upn, party, rule } => {
                (upn.as_str(), format!("for {party}: denied by the rule \"{rule}\""))
            }
            Denial::TenantAdmin { upn } => {
                (upn.as_str(), "an administrator of the tenant, who is kept out".to_owned())
            }
            Denial::SwitchedOff => ("", "domain or relying party is switched off".to_owned()),
            Denial::Loop(round) => (round.party.as_str(), round.detail()),
        };
        self.record_refusal(visitor, Actor::Anonymous, subject, AuditKind::TokenIssued, detail)
            .await
    }

    async fn record_refusal(
        &self,
        visitor: &Visitor,
        actor: Actor,
        subject: &str,
        kind: AuditKind,
        detail: String,
    ) -> Result<()> {
        let mut row = visitor.audit(self, actor, kind, subject);
        row.outcome = Outcome::Refused;
        row.detail = visitor::detail(&detail, visitor.client_request_id.as_deref());
        self.store().write(move |tx| Ok::<_, Error>(audit_log::record(tx, &row)?)).await
    }
}

/// The registered reply that a request selects: the first one, or exactly the one it names (R074).
fn registered_reply(party: &RelyingParty, asked: Option<&str>) -> Option<String> {
    match asked {
        None => party.replies.first().cloned(),
        Some(asked) => party.replies.iter().find(|reply| *reply == asked).cloned(),
    }
}

/// A request that waits for its token, and whose it is.
struct Waiting {
    party: RelyingParty,
    reply: String,
    context: Option<String>,
}
