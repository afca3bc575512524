//! WS-Trust: a name and a password come in, a token or a fault goes out. The password goes the same
//! way as on the sign-in pages: counted, hashed behind the same permit, judged and written down by
//! the same functions (R021, R116). Whoever the domain's permit does not name is nobody here: the
//! hash is computed against nothing, so the door tells neither names nor passwords.

use federation::{
    metadata::mex,
    wstrust::{
        request::{self, Arrival, Refusal, Request},
        response::{self, Fault, Reply},
    },
};
use model::{
    Actor, FactorEvent, Method, Proof, Ts,
    audit::{AuditKind, Outcome},
    credential::Credential,
    federated_domain::FederatedDomain,
    ids::{FederatedDomainId, UserId},
    issued_token::Protocol,
    pending_request::Demand,
    relying_party::RelyingParty,
    user::{User, UserState},
    wstrust::WsTrustPermit,
};
use sha2::{Digest as _, Sha256};
use store::{
    Tx, applications, assignments, audit_log, credentials, federated_domains, groups,
    known_addresses, relying_parties, users, wstrust_permits,
};

pub use federation::wstrust::Version;

use super::{Ask, Envelope, Grounds, Issuance, Who};
use crate::{
    Error, House, Result, Visitor,
    sign_in::{Counted, FAMILIAR_FOR},
};

/// A request as it arrived.
#[derive(Debug, Clone, Copy)]
pub struct Arrived<'a> {
    /// The domain's path segment.
    pub slug: &'a str,
    /// The version that the address belongs to.
    pub version: Version,
    /// The actions that the HTTP headers name.
    pub actions: &'a [String],
    /// The message.
    pub body: &'a str,
}

/// What goes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The domain has no such door.
    Closed,
    /// The body is no message that we read.
    Unreadable,
    /// No token: a SOAP fault.
    Fault(String),
    /// A token, in its SOAP envelope.
    Token(String),
}

/// An open door: a domain and the permit that opens it.
struct Door {
    domain: FederatedDomain,
    permit: WsTrustPermit,
}

/// Somebody whose password was right at this door just now.
#[derive(Debug, Clone)]
pub(super) struct AtTheDoor {
    user: UserId,
    /// When that password was set.
    set_at: Ts,
    /// When it was found right.
    proved_at: Ts,
    /// From where.
    address: String,
}

enum Reserved {
    /// The token would be for nobody who is registered.
    Foreign,
    Throttled,
    Counted(Box<Counted>, Box<RelyingParty>),
}

impl House {
    /// The description of a domain's WS-Trust addresses; `None` while it has none.
    pub async fn trust_description(&self, slug: &str) -> Result<Option<String>> {
        let door = self.door(slug).await?;
        Ok(door.map(|door| mex::document(&self.endpoints(&door.domain.slug))))
    }

    /// Answers a request for a token.
    pub async fn answer_trust(&self, arrived: &Arrived<'_>, visitor: &Visitor) -> Result<Answer> {
        let Some(door) = self.door(arrived.slug).await? else { return Ok(Answer::Closed) };
        let address = self.endpoints(&door.domain.slug).trust_uri(arrived.version);
        let now = self.now();
        let Arrived { version, actions, body, .. } = *arrived;
        match request::parse(body, &Arrival { version, address: &address, actions, now }) {
            Ok(request) => self.try_person(door, version, request, visitor).await,
            Err(refusal) => {
                self.refuse_trust(visitor, &door.domain.name, refusal.why()).await?;
                Ok(match &refusal {
                    Refusal::Unreadable(_) => Answer::Unreadable,
                    Refusal::Failed { relates_to, .. } => {
                        let reply = Reply { version, relates_to: relates_to.as_deref(), now };
                        Answer::Fault(response::fault(&reply, Fault::RequestFailed))
                    }
                })
            }
        }
    }

    async fn door(&self, slug: &str) -> Result<Option<Door>> {
        let (slug, now) = (slug.to_owned(), self.now());
        self.store()
            .read_briefly(move |tx| {
                let found = federated_domains::by_slug(tx, &slug)?;
                let Some(domain) = found.filter(|domain| domain.enabled) else { return Ok(None) };
                let permit = wstrust_permits::of_domain(tx, domain.id)?;
                let permit = permit.filter(|permit| permit.is_live(now));
                Ok::<_, Error>(permit.map(|permit| Door { domain, permit }))
            })
            .await
    }

    async fn try_person(
        &self,
        door: Door,
        version: Version,
        request: Request,
        visitor: &Visitor,
    ) -> Result<Answer> {
        let Request { username, password, applies_to, relates_to, context } = request;
        let fault = |fault| {
            let reply = Reply { version, relates_to: relates_to.as_deref(), now: self.now() };
            Ok(Answer::Fault(response::fault(&reply, fault)))
        };
        let domain_id = door.domain.id;
        let (counted, party) = match self.reserve_at(door, username, applies_to, visitor).await? {
            Reserved::Foreign => return fault(Fault::RequestFailed),
            Reserved::Throttled => return fault(Fault::FailedAuthentication),
            Reserved::Counted(counted, party) => (*counted, *party),
        };
        let checked = self.check_password(counted.credential(), password).await?;
        let (house, from) = (self.clone(), visitor.clone());
        let passed = self
            .store()
            .write(move |tx| {
                let passed = house.judge_password(tx, &from, counted, checked)?;
                passed.map(|passed| house.remember(tx, &from, &passed)).transpose()
            })
            .await?;
        let Some(who) = passed else { return fault(Fault::FailedAuthentication) };
        let ask = Ask {
            domain_id,
            party,
            demand: Demand::default(),
            asked_at: self.now(),
            is_loop: false,
            envelope: Envelope::WsTrust,
            who: Who::AtTheDoor(who),
        };
        let Issuance::Issued(issued) = self.issue(&ask, &visitor.client, None).await? else {
            return fault(Fault::FailedAuthentication);
        };
        let reply = Reply { version, relates_to: relates_to.as_deref(), now: self.now() };
        let audience = &issued.statement.audience;
        let (token, stamp) = (&issued.assertion, &issued.stamp);
        Ok(Answer::Token(response::issued(&reply, token, audience, stamp, context.as_deref())))
    }

    /// Finds the person and counts the guess, in one transaction.
    async fn reserve_at(
        &self,
        door: Door,
        username: String,
        applies_to: String,
        visitor: &Visitor,
    ) -> Result<Reserved> {
        let (house, visitor) = (self.clone(), visitor.clone());
        self.store()
            .write(move |tx| {
                let party = relying_parties::by_realm(tx, door.domain.id, &applies_to)?;
                let speaks = |party: &RelyingParty| party.kind.speaks(Protocol::WsTrust);
                let Some(party) = party.filter(|party| party.enabled && speaks(party)) else {
                    let why = "it is for nobody who is registered";
                    let row = house.trust_refusal(&visitor, &door.domain.name, why);
                    audit_log::record(tx, &row)?;
                    return Ok(Reserved::Foreign);
                };
                let counted = house.identify_at(tx, &door, &username, &visitor)?;
                if house.count(tx, &counted.keys)? {
                    return Ok(Reserved::Counted(Box::new(counted), Box::new(party)));
                }
                house.audit_throttled(tx, &visitor, &counted, &username)?;
                Ok(Reserved::Throttled)
            })
            .await
    }

    /// Whose guess it is and what it counts under. Whoever gets nothing here counts as a name that
    /// nobody has: their own counter stays as it is, so this door can't be used to lock them out.
    fn identify_at(
        &self,
        tx: &mut Tx,
        door: &Door,
        username: &str,
        visitor: &Visitor,
    ) -> Result<Counted> {
        let mut counted = self.identify(tx, username, visitor)?;
        let person = counted.person.as_ref().map(|(user, held)| (user, held.as_ref()));
        let address = &visitor.client.address;
        let obstacle = obstacle(tx, door, address, person)?;
        let id = person.map_or(UserId(uuid::Uuid::nil()), |(user, _)| user.id);
        let familiar = known_addresses::seen(tx, id, address, self.now() - FAMILIAR_FOR)?;
        let account = if obstacle.is_some() {
            Some(authn::lockout::unknown_name(&model::upn::fold(username)))
        } else {
            let digest: [u8; 32] = Sha256::digest(address.as_bytes()).into();
            familiar.then(|| authn::lockout::familiar(id, &digest))
        };
        if let (Some(key), Some(first)) = (account, counted.keys.first_mut()) {
            first.0 = key;
        }
        let agent = &visitor.client.user_agent;
        counted.door = match obstacle {
            Some(why) => format!("WS-Trust, {why}, by {agent}"),
            None => format!("WS-Trust, by {agent}"),
        };
        counted.person = counted.person.filter(|_| obstacle.is_none());
        Ok(counted)
    }

    /// Keeps the address as a familiar one of the person (R017).
    fn remember(
        &self,
        tx: &mut Tx,
        visitor: &Visitor,
        (user, credential): &(User, Credential),
    ) -> Result<AtTheDoor> {
        let (address, now) = (visitor.client.address.clone(), self.now());
        known_addresses::put(tx, user.id, &address, now)?;
        Ok(AtTheDoor { user: user.id, set_at: credential.set_at, proved_at: now, address })
    }

    /// What a token rests on, read anew: everything that let the person in must still hold (R080).
    pub(super) fn grounds_at_the_door(
        &self,
        tx: &mut Tx,
        domain: FederatedDomainId,
        who: &AtTheDoor,
    ) -> Result<Option<(Grounds, User)>> {
        let Some(domain) = federated_domains::by_id(tx, domain)? else { return Ok(None) };
        let now = self.now();
        let permit = wstrust_permits::of_domain(tx, domain.id)?.filter(|it| it.is_live(now));
        let Some(permit) = permit else { return Ok(None) };
        let Some(user) = users::by_id(tx, who.user)? else { return Ok(None) };
        let credential = credentials::by_user(tx, user.id)?;
        let credential = credential.filter(|held| held.set_at == who.set_at);
        let person = Some((&user, credential.as_ref()));
        if obstacle(tx, &Door { domain, permit }, &who.address, person)?.is_some() {
            return Ok(None);
        }
        let events = vec![FactorEvent { method: Method::Password, at: who.proved_at }];
        let proof = Proof::from_events(events);
        Ok(proof.map(|proof| (Grounds { proof, session: None }, user)))
    }

    async fn refuse_trust(&self, visitor: &Visitor, subject: &str, why: &str) -> Result<()> {
        let row = self.trust_refusal(visitor, subject, why);
        self.store().write(move |tx| Ok(audit_log::record(tx, &row)?)).await
    }

    fn trust_refusal(
        &self,
        visitor: &Visitor,
        subject: &str,
        why: &str,
    ) -> model::audit::AuditEvent {
        let mut row = visitor.audit(self, Actor::Anonymous, AuditKind::RequestRefused, subject);
        row.outcome = Outcome::Refused;
        row.detail = format!("WS-Trust: {why}");
        row
    }
}

/// Whether a domain vouches for a person: it is theirs, or the root of theirs.
pub(crate) fn is_of(user: &User, domain: &FederatedDomain) -> bool {
    let own = user.upn.domain();
    own.strip_suffix(&domain.name).is_some_and(|below| below.is_empty() || below.ends_with('.'))
}

/// Why somebody gets no token here, whatever their password; `None`: they may try. The same reads
/// for everybody (R023).
fn obstacle(
    tx: &mut Tx,
    door: &Door,
    address: &str,
    person: Option<(&User, Option<&Credential>)>,
) -> Result<Option<&'static str>> {
    let id = person.map_or(UserId(uuid::Uuid::nil()), |(user, _)| user.id);
    let groups = groups::of_user(tx, id)?;
    let application = applications::of_tenant(tx, door.domain.tenant_id)?;
    let assigned = match application {
        Some(application) => assignments::active(tx, id, application.id)?.is_some(),
        None => false,
    };
    let Some((user, credential)) = person else { return Ok(Some("unknown person")) };
    let lasting = credential.is_some_and(|held| held.must_change_before.is_none());
    let checks = [
        (door.permit.admits(address), "from a network that is not allowed"),
        (user.state == UserState::Active, "blocked"),
        (is_of(user, &door.domain), "of another domain"),
        (
            door.permit.names(user.id, groups.iter().map(|group| group.id)),
            "not named by the permit, so a second factor is demanded",
        ),
        (assigned, "not assigned to the application"),
        (lasting, "without a lasting password"),
    ];
    Ok(checks.iter().find(|(fine, _)| !fine).map(|(_, why)| *why))
}
