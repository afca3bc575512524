//! Issuing tokens. One function decides and signs for every protocol (R080): it reads person,
//! assignment, relying party, domain and key in one snapshot, signs outside any transaction, and
//! writes the journal in a transaction that first checks that the snapshot still holds (R095).

mod bounce;
mod denial;
mod door;
mod ends;
pub mod external_mfa;
mod journal;
pub mod metadata;
pub mod oidc;
mod resume;
pub mod saml2;
mod undisturbed;
pub mod wsfed;
pub mod wstrust;

use std::{sync::Arc, time::Duration};

use authn::policy::{MfaPolicy, Verdict, is_live};
use federation::{
    Stamp,
    assertion::{SignedToken, saml11, saml20},
    claims::Statement,
    keyring::Signer,
    oidc::id_token,
};
use model::{
    Method, Proof, Ts,
    federated_domain::FederatedDomain,
    ids::{FederatedDomainId, RememberedDeviceId, SessionId},
    issued_token::{IssuedToken, Protocol, SaidClaim},
    pending_request::{Demand, PendingRequest, SamlRequest},
    policy::{Client, Target},
    relying_party::{PartyKind, RelyingParty},
    session::{ClientInfo, Session, SessionAudience},
    user::User,
};
use store::{Tx, sessions};

use crate::{
    Error, House, Kind, Result, mailed_codes,
    policy::{self, Attempt},
    premises::Premises,
    relying_parties::about_in_saml11,
    visitor,
};
pub use bounce::{Round, Sent};
pub use denial::Denial;
use journal::{Answers, Journaled};
pub use resume::Resumed;

/// Everything that a token needs, read in one snapshot.
struct Facts {
    premises: Arc<Premises>,
    grounds: Grounds,
    user: User,
    domain: FederatedDomain,
    party: RelyingParty,
}

enum Decision {
    Issue(Box<Facts>),
    SignInFirst,
    Denied(Denial),
}

/// What the token rests on: what was proved, and in which session, if in one.
struct Grounds {
    proof: Proof,
    session: Option<SessionId>,
    /// The session, if this use of it is to be noted (R052).
    unnoted: Option<SessionId>,
    /// The remembered browser that spared its person the second factor, if one did.
    spared_by: Option<RememberedDeviceId>,
}

/// What is asked for, whatever the protocol.
#[derive(Debug, Clone)]
struct Ask {
    domain_id: FederatedDomainId,
    party: RelyingParty,
    demand: Demand,
    /// When the request came in: a demanded fresh sign-in must be younger.
    asked_at: Ts,
    /// The party has just sent this browser back several times (ruling 20).
    is_loop: bool,
    envelope: Envelope,
    who: Who,
}

impl Ask {
    /// Whether somebody signed in after the request had come.
    fn came_before(&self, proof: &Proof) -> bool {
        proof.authenticated_at() >= self.asked_at
    }
}

/// The protocol, and what its kind of token says beyond the statement.
#[derive(Debug, Clone)]
enum Envelope {
    /// WS-Federation: a SAML 1.1 assertion, which names neither request nor reply.
    WsFed,
    /// SAML 2.0: the assertion names both.
    Saml2(Box<SamlRequest>),
    /// WS-Trust: the same kind of assertion.
    WsTrust,
    /// OpenID Connect, before the client brings its code: it is only decided, nothing is signed.
    OidcCode,
    /// OpenID Connect: an ID token, which goes to the client itself.
    Oidc(Box<oidc::Redeemed>),
}

impl Envelope {
    const fn protocol(&self) -> Protocol {
        match self {
            Self::WsFed => Protocol::WsFed,
            Self::Saml2(_) => Protocol::Saml2,
            Self::WsTrust => Protocol::WsTrust,
            Self::OidcCode | Self::Oidc(_) => Protocol::Oidc,
        }
    }
}

/// Whom the token is about.
#[derive(Debug, Clone)]
enum Who {
    /// Whoever is signed in behind this session's cookie (its digest).
    Session([u8; 32]),
    /// Whoever's session gave the client its code.
    Granted(SessionId),
    /// A person whose password came with the request itself and was right; there is no session.
    AtTheDoor(door::AtTheDoor),
}

/// A token that is journaled and may leave.
struct Issued {
    token: SignedToken,
    statement: Statement,
    stamp: Stamp,
    /// What it says and why.
    said: Vec<SaidClaim>,
    /// What signed it, for an envelope that is to be signed as well.
    signer: Arc<Signer>,
}

enum Issuance {
    Issued(Box<Issued>),
    SignInFirst,
    Denied(Denial),
    /// The request was answered with a token before, and nobody has signed in since (R096, R113).
    Replayed,
}

/// How often an issuance starts over when something changed under it.
const TRIES: usize = 3;

impl House {
    async fn issue(
        &self,
        ask: &Ask,
        client: &ClientInfo,
        pending: Option<&PendingRequest>,
    ) -> Result<Issuance> {
        let issued = self.try_to_issue(ask, client, pending).await;
        if let Err(trouble) = &issued {
            self.ring_for_key(trouble).await;
        }
        issued
    }

    async fn try_to_issue(
        &self,
        ask: &Ask,
        client: &ClientInfo,
        pending: Option<&PendingRequest>,
    ) -> Result<Issuance> {
        for _ in 0..TRIES {
            let (house, asked, from) = (self.clone(), ask.clone(), client.clone());
            let decided =
                self.store().read_briefly(move |tx| house.decide(tx, &asked, &from)).await?;
            let facts = match decided {
                Decision::SignInFirst => return Ok(Issuance::SignInFirst),
                Decision::Denied(denial) => return Ok(Issuance::Denied(denial)),
                Decision::Issue(facts) => facts,
            };
            let (issued, row) = self.sign(&facts, ask, client)?;
            let answers = Answers::of(ask, pending);
            match self.journal(&facts, ask, row, answers).await? {
                Journaled::Written => return Ok(Issuance::Issued(issued)),
                Journaled::Replayed => return Ok(Issuance::Replayed),
                Journaled::Outrun => {}
            }
        }
        self.issue_undisturbed(ask, client, Answers::of(ask, pending)).await
    }

    fn decide(&self, tx: &mut Tx, ask: &Ask, client: &ClientInfo) -> Result<Decision> {
        let premises = self.premises(tx)?;
        let Some((mut grounds, user)) = self.grounds_for(tx, ask, &premises)? else {
            return Ok(Decision::SignInFirst);
        };
        if ask.demand.password {
            grounds.proof = grounds.proof.by_password();
        }
        if let Some(decision) = self.ruled(tx, ask, client, &premises, (&grounds, &user))? {
            return Ok(decision);
        }
        // Whoever has just signed in for this request is no machine that goes round.
        if ask.is_loop && !ask.came_before(&grounds.proof) {
            let round = self.round(tx, ask, (&grounds, &user), &premises)?;
            return Ok(Decision::Denied(Denial::Loop(Box::new(round))));
        }
        let upn = user.upn.to_string();
        let asked = premises.domain(ask.domain_id);
        let own = asked.and_then(|it| premises.vouching_for(&user.upn.domain(), it.tenant_id));
        // To Microsoft the domain of the person's own address vouches (R086); another party knows
        // that one only whose address it called.
        let vouches = if ask.party.kind == PartyKind::Microsoft { own } else { own.and(asked) };
        let Some(domain) = vouches.cloned() else {
            return Ok(Decision::Denied(Denial::ForeignDomain { upn }));
        };
        // A reply that was taken off the list meanwhile leads nowhere.
        let party = premises.party(ask.party.id).filter(|party| **party == ask.party);
        let party = party.filter(|party| premises.is_on(ask.domain_id, party));
        let counts = party.and_then(|party| premises.counting(party, &user));
        let Some(party) = counts.filter(|party| premises.is_on(domain.id, party)).cloned() else {
            return Ok(Decision::Denied(Denial::SwitchedOff));
        };
        if !party.kind.speaks(ask.envelope.protocol()) {
            return Ok(Decision::Denied(Denial::SwitchedOff));
        }
        let to_microsoft = party.kind == PartyKind::Microsoft;
        if to_microsoft && premises.keeps_out(tx, domain.tenant_id, user.id)? {
            return Ok(Decision::Denied(Denial::TenantAdmin { upn }));
        }
        if !premises.opens(tx, &party, (&user, domain.tenant_id))? {
            let application = match party.kind {
                PartyKind::Microsoft => "Office 365".to_owned(),
                PartyKind::Saml2 | PartyKind::WsFed | PartyKind::Oidc => party.name,
            };
            return Ok(Decision::Denied(Denial::NotAssigned { upn, application }));
        }
        Ok(Decision::Issue(Box::new(Facts { premises, grounds, user, domain, party })))
    }

    /// What the sign-in policy says against a token; `None`: nothing.
    fn ruled(
        &self,
        tx: &mut Tx,
        ask: &Ask,
        client: &ClientInfo,
        premises: &Premises,
        (grounds, user): (&Grounds, &User),
    ) -> Result<Option<Decision>> {
        // A permit was judged by the same rules at its door, where there is no second factor.
        if matches!(ask.who, Who::AtTheDoor(_)) {
            return Ok(None);
        }
        let attempt = Attempt {
            target: Target::Party(ask.party.id),
            client: Client::Browser,
            from: client,
            asked: ask.demand.mfa,
            at: self.now(),
        };
        let ruling = policy::ruling(tx, premises, user, &attempt)?;
        let ruling = mailed_codes::heeded(premises, ruling, (user, &grounds.proof), ask.demand);
        let spared = (user, grounds.spared_by);
        let verdict = self.in_session(tx, spared, ruling.verdict, ask.demand)?;
        let Verdict::Allowed { mfa, max_age, .. } = verdict else {
            return Ok(Some(Decision::Denied(Denial::ByPolicy {
                upn: user.upn.to_string(),
                party: ask.party.name.clone(),
                rule: ruling.rule.map(|rule| rule.name.clone()).unwrap_or_default(),
            })));
        };
        let enough = is_enough(&grounds.proof, (mfa, max_age), ask, self.now());
        Ok((!enough).then_some(Decision::SignInFirst))
    }

    /// What the person proved, if they may sign in at all.
    fn grounds_for(
        &self,
        tx: &mut Tx,
        ask: &Ask,
        premises: &Premises,
    ) -> Result<Option<(Grounds, User)>> {
        let opened = match &ask.who {
            Who::Session(digest) => sessions::by_token(tx, digest)?,
            Who::Granted(id) => sessions::by_id(tx, *id)?,
            // The permit names the person as an exception to the policy; it is read again there.
            Who::AtTheDoor(who) => {
                let at = (ask.domain_id, ask.party.id);
                return self.grounds_at_the_door(tx, at, premises, who);
            }
        };
        self.proved_in_session(tx, opened)
    }

    fn proved_in_session(
        &self,
        tx: &mut Tx,
        opened: Option<Session>,
    ) -> Result<Option<(Grounds, User)>> {
        let limits = self.session_limits(SessionAudience::Employee);
        let now = self.now();
        let found = visitor::live(tx, opened, |session| {
            session.audience == SessionAudience::Employee && is_live(session, &limits, now)
        })?;
        Ok(found.and_then(|(session, user)| {
            let proof = session.proof()?;
            let unnoted = visitor::is_use_unnoted(&session, now).then_some(session.id);
            let (session, spared_by) = (Some(session.id), session.remembered);
            Some((Grounds { proof, session, unnoted, spared_by }, user))
        }))
    }

    /// The token, and the row that must be written before it leaves.
    fn sign(
        &self,
        facts: &Facts,
        ask: &Ask,
        client: &ClientInfo,
    ) -> Result<(Box<Issued>, IssuedToken)> {
        let (key, signer) = facts.premises.signer()?;
        let inside = match facts.party.kind {
            PartyKind::Microsoft => facts.domain.is_inside(&client.address),
            PartyKind::Saml2 | PartyKind::WsFed | PartyKind::Oidc => None,
        };
        let issued = self.sign_with(signer, facts, &ask.envelope, inside)?;
        let row = self.journal_row(ask, facts, key, &issued, client);
        Ok((Box::new(issued), row))
    }

    fn sign_with(
        &self,
        signer: Arc<Signer>,
        facts: &Facts,
        envelope: &Envelope,
        inside_network: Option<bool>,
    ) -> Result<Issued> {
        let statement = Statement {
            issuer: match envelope {
                Envelope::OidcCode | Envelope::Oidc(_) => {
                    self.endpoints(&facts.domain.slug).oidc_issuer()
                }
                _ => facts.domain.issuer_uri.clone(),
            },
            audience: facts.party.realm.clone(),
            proof: facts.grounds.proof.clone(),
            inside_network,
            persistent_session: None,
        };
        let stamp = Stamp {
            token_id: self.draw(),
            now: self.now(),
            lifetime: self.settings().token_lifetime,
        };
        let (token, said) = match envelope {
            Envelope::WsFed | Envelope::WsTrust => {
                let about = about_in_saml11(&facts.party, &facts.user);
                let assertion = saml11::issue(&statement, &about, &stamp, &signer)?;
                (assertion, saml11::said(&statement, &about, &stamp))
            }
            Envelope::Saml2(asked) => {
                let envelope = saml2::envelope(asked, &facts.party, &facts.user);
                let assertion = saml20::issue(&statement, &envelope, &stamp, &signer)?;
                (assertion, saml20::said(&statement, &envelope, &stamp))
            }
            Envelope::OidcCode => {
                return Err(Error::new(Kind::Bug, "A code is not signed; nothing was changed."));
            }
            Envelope::Oidc(redeemed) => {
                let envelope = redeemed.envelope(facts);
                let token = id_token::issue(&statement, &envelope, &stamp, &signer)?;
                (token, id_token::said(&statement, &envelope, &stamp))
            }
        };
        Ok(Issued { token, statement, stamp, said, signer })
    }
}

/// Whether all that request and policy demand was proved, lately enough. What was proved since the
/// request came in is always new enough.
fn is_enough(proof: &Proof, (mfa, max_age): (MfaPolicy, Option<u64>), ask: &Ask, now: Ts) -> bool {
    // How long ago somebody proved it at Microsoft nobody here knows.
    let known = match ask.demand.max_age {
        Some(_) => proof.of_known_age(),
        None => Some(proof.clone()),
    };
    let Some(proof) = &known else { return false };
    let factor_missing = !mfa.is_met_by(proof) || (ask.demand.mfa && proof.mfa().is_none());
    let password_missing = ask.demand.password && !proof.has(Method::Password);
    let age = now.since(proof.authenticated_at());
    let mut limits = [ask.demand.max_age, max_age].into_iter().flatten();
    let too_old = limits.any(|most| age > Duration::from_secs(most));
    !factor_missing && !password_missing && (!too_old || ask.came_before(proof))
}
