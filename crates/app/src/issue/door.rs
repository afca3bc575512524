//! The doors for programs without a browser: a name and a password come with the request itself. The
//! password goes the same way as on the sign-in pages: counted, hashed behind the same permit, judged
//! and written down by the same functions (R021, R116). Whoever the domain's permit does not name is
//! nobody here: the hash is computed against nothing, so a door tells neither names nor passwords.

use authn::{
    lockout::Permit,
    policy::{Circumstances, Verdict},
};
use model::{
    Actor, FactorEvent, Method, Proof, Ts,
    audit::{AuditEvent, AuditKind, Outcome},
    federated_domain::FederatedDomain,
    ids::{FederatedDomainId, GroupId, RelyingPartyId, UserId},
    old_client::{Cause, Note, at_door},
    policy::{Client, Target},
    relying_party::{PartyKind, RelyingParty},
    session::ClientInfo,
    user::{User, UserState},
    wstrust::{PasswordDoor, WsTrustPermit},
};
use secrecy::SecretString;
use store::{
    Tx, applications, assignments, audit_log, federated_domains, groups, known_addresses,
    relying_parties, users, wstrust_permits,
};

use super::Grounds;
use crate::{
    Error, House, Result, Visitor,
    passwords::{Held, held_of},
    premises::Premises,
    sign_in::{Guess, subject},
};

mod keys;

use keys::Caller;

/// An open door: a domain and the permit that opens it.
#[derive(Clone)]
pub(super) struct Door {
    pub(super) kind: PasswordDoor,
    pub(super) domain: FederatedDomain,
    permit: WsTrustPermit,
}

/// Somebody whose password was right at this door just now.
#[derive(Debug, Clone)]
pub(super) struct AtTheDoor {
    door: PasswordDoor,
    user: UserId,
    /// When that password was set.
    set_at: Ts,
    /// When it was found right.
    proved_at: Ts,
    /// From where.
    from: ClientInfo,
}

/// What somebody brings to a door.
pub(super) struct Knock {
    pub(super) username: String,
    pub(super) password: SecretString,
    /// For whom the token shall be.
    pub(super) realm: String,
}

/// How it ended at the door.
pub(super) enum Admission {
    /// The token would be for nobody who is registered.
    Foreign,
    /// Whatever the reason: it is never told.
    Refused,
    Admitted(AtTheDoor, Box<RelyingParty>),
}

enum Reserved {
    Foreign,
    Throttled,
    Counted(Box<Guess>, Permit, Box<RelyingParty>),
}

impl House {
    /// The door of this kind of a domain, if it is open.
    pub(super) async fn door(&self, slug: &str, kind: PasswordDoor) -> Result<Option<Door>> {
        let (slug, now) = (slug.to_owned(), self.now());
        self.store()
            .read_briefly(move |tx| {
                let found = federated_domains::by_slug(tx, &slug)?;
                let Some(domain) = found.filter(|domain| domain.enabled) else { return Ok(None) };
                let permit = wstrust_permits::of_domain(tx, domain.id)?;
                let permit = permit.filter(|permit| permit.opens(kind, now));
                Ok::<_, Error>(permit.map(|permit| Door { kind, domain, permit }))
            })
            .await
    }

    /// Counts the guess, compares the password and writes down how it ended.
    pub(super) async fn knock(
        &self,
        door: &Door,
        knock: Knock,
        visitor: &Visitor,
    ) -> Result<Admission> {
        let Knock { username, password, realm } = knock;
        let kind = door.kind;
        let turn = self.turn_to_guess().await?;
        let (guess, permit, party) = match self.reserve_at(door, username, realm, visitor).await? {
            Reserved::Foreign => return Ok(Admission::Foreign),
            Reserved::Throttled => return Ok(Admission::Refused),
            Reserved::Counted(guess, permit, party) => (*guess, permit, party),
        };
        let checked = self.check_password(turn, (&guess, permit), password).await?;
        let (house, from) = (self.clone(), visitor.clone());
        let passed = self
            .store()
            .write(move |tx| {
                let passed = house.judge_password(tx, &from, guess, checked)?;
                passed.map(|passed| house.remember(tx, &from, kind, &passed)).transpose()
            })
            .await?;
        Ok(passed.map_or(Admission::Refused, |who| Admission::Admitted(who, party)))
    }

    /// Finds the person and counts the guess, in one transaction.
    async fn reserve_at(
        &self,
        door: &Door,
        username: String,
        realm: String,
        visitor: &Visitor,
    ) -> Result<Reserved> {
        let (house, visitor, door) = (self.clone(), visitor.clone(), door.clone());
        self.store()
            .write(move |tx| {
                let party = relying_parties::by_realm(tx, door.domain.id, &realm)?;
                // The exception is for Microsoft's clients; other parties have no part in it.
                let fits = |party: &RelyingParty| party.kind == PartyKind::Microsoft;
                let Some(party) = party.filter(|party| party.enabled && fits(party)) else {
                    let row =
                        house.door_refusal(&visitor, &door, Cause::ForeignParty, Some(&username));
                    audit_log::record(tx, &row)?;
                    return Ok(Reserved::Foreign);
                };
                let mut guess = house.identify_at(tx, &door, (party.id, &username), &visitor)?;
                if let Some(permit) = house.count_guess(tx, &mut guess)? {
                    return Ok(Reserved::Counted(Box::new(guess), permit, Box::new(party)));
                }
                house.audit_throttled(tx, &visitor, &guess, &username)?;
                Ok(Reserved::Throttled)
            })
            .await
    }

    /// Whose guess it is and what it counts under; nobody's, when something stands against them.
    fn identify_at(
        &self,
        tx: &mut Tx,
        door: &Door,
        (party, username): (RelyingPartyId, &str),
        visitor: &Visitor,
    ) -> Result<Guess> {
        let premises = self.premises(tx)?;
        let mut guess = self.identify(tx, username, visitor)?;
        let person = guess.person.as_ref().map(|(user, held)| (user, held.as_ref()));
        let way = Way { door, party, from: &visitor.client, premises: &premises };
        let obstacle = obstacle(tx, &way, person)?;
        let person = person.map_or(UserId(uuid::Uuid::nil()), |(user, _)| user.id);
        let caller = Caller { username, person, may_pass: obstacle.is_none(), visitor };
        guess.keys = self.keys_at(tx, door.kind, &caller, guess.keys)?;
        guess.door = at_door(door.kind, obstacle.as_ref(), &program(visitor));
        guess.person = guess.person.filter(|_| obstacle.is_none());
        Ok(guess)
    }

    /// Keeps the address of a person's own program as a familiar one (R017); a mail server's is
    /// everybody's.
    fn remember(
        &self,
        tx: &mut Tx,
        visitor: &Visitor,
        door: PasswordDoor,
        (user, held): &(User, Held),
    ) -> Result<AtTheDoor> {
        let (from, now) = (visitor.client.clone(), self.now());
        if door == PasswordDoor::WsTrust {
            known_addresses::put(tx, user.id, &from.address, now)?;
        }
        let (user, set_at) = (user.id, held.since());
        Ok(AtTheDoor { door, user, set_at, proved_at: now, from })
    }

    /// What a token rests on, read anew: everything that let the person in must still hold (R080).
    pub(super) fn grounds_at_the_door(
        &self,
        tx: &mut Tx,
        (domain, party): (FederatedDomainId, RelyingPartyId),
        premises: &Premises,
        who: &AtTheDoor,
    ) -> Result<Option<(Grounds, User)>> {
        let Some(domain) = federated_domains::by_id(tx, domain)? else { return Ok(None) };
        let (kind, now) = (who.door, self.now());
        let permit = wstrust_permits::of_domain(tx, domain.id)?.filter(|it| it.opens(kind, now));
        let Some(permit) = permit else { return Ok(None) };
        let door = Door { kind, domain, permit };
        let Some(user) = users::by_id(tx, who.user)? else { return Ok(None) };
        let held = held_of(tx, &user)?.filter(|held| held.since() == who.set_at);
        let person = Some((&user, held.as_ref()));
        let way = Way { door: &door, party, from: &who.from, premises };
        if obstacle(tx, &way, person)?.is_some() {
            return Ok(None);
        }
        let events = vec![FactorEvent { method: Method::Password, at: who.proved_at }];
        let proof = Proof::from_events(events);
        Ok(proof
            .map(|proof| (Grounds { proof, session: None, unnoted: None, spared_by: None }, user)))
    }

    /// Writes down that a message was refused, whatever the password; of whom, if it names somebody.
    pub(super) async fn refuse_at(
        &self,
        door: &Door,
        visitor: &Visitor,
        cause: Cause,
        name: Option<&str>,
    ) -> Result<()> {
        let row = self.door_refusal(visitor, door, cause, name);
        self.store().write(move |tx| Ok(audit_log::record(tx, &row)?)).await
    }

    fn door_refusal(
        &self,
        visitor: &Visitor,
        door: &Door,
        cause: Cause,
        name: Option<&str>,
    ) -> AuditEvent {
        let about = name.map_or_else(|| door.domain.name.clone(), subject);
        let mut row = visitor.audit(self, Actor::Anonymous, AuditKind::RequestRefused, &about);
        row.outcome = Outcome::Refused;
        row.detail = Note { door: door.kind, program: program(visitor), cause }.text();
        row
    }
}

/// What the program says of itself, and the mail server between, if there is one.
fn program(visitor: &Visitor) -> String {
    let parts = [visitor.behind.as_str(), &visitor.client.user_agent];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", through ")
}

/// By which way somebody comes, and what holds there.
struct Way<'a> {
    door: &'a Door,
    party: RelyingPartyId,
    from: &'a ClientInfo,
    premises: &'a Premises,
}

impl Way<'_> {
    /// Whether a rule of the policy forbids it.
    fn is_forbidden(&self, user: &User, groups: &[GroupId]) -> bool {
        let ruling = self.premises.policy.ruling(&Circumstances {
            target: Target::Party(self.party),
            groups,
            role: user.role,
            address: &self.from.address,
            client: match self.door.kind {
                PasswordDoor::WsTrust => Client::WsTrust,
                PasswordDoor::Ecp => Client::Ecp,
            },
            agent: &self.from.user_agent,
            asked: false,
        });
        ruling.verdict == Verdict::Denied
    }
}

/// Why somebody gets no token here, whatever their password; `None`: they may try. The same reads
/// for everybody (R023).
fn obstacle(
    tx: &mut Tx,
    way: &Way<'_>,
    person: Option<(&User, Option<&Held>)>,
) -> Result<Option<Cause>> {
    let door = way.door;
    let id = person.map_or(UserId(uuid::Uuid::nil()), |(user, _)| user.id);
    let groups: Vec<_> = groups::of_user(tx, id)?.iter().map(|group| group.id).collect();
    let application = applications::of_tenant(tx, door.domain.tenant_id)?;
    let assigned = match application {
        Some(application) => assignments::active(tx, id, application.id)?.is_some(),
        None => false,
    };
    let kept_out = way.premises.keeps_out(tx, door.domain.tenant_id, id)?;
    let Some((user, held)) = person else { return Ok(Some(Cause::UnknownPerson)) };
    let own = way.premises.vouching_for(&user.upn.domain(), door.domain.tenant_id);
    // A sub-domain that is federated by itself has a door of its own, or none.
    let vouches = own.is_some_and(|own| own.id == door.domain.id);
    let lasting = held.is_some_and(|held| held.must_change_before().is_none());
    let checks = [
        (door.permit.admits(&way.from.address), Cause::Network),
        (user.state == UserState::Active, Cause::Blocked),
        (vouches, Cause::ForeignDomain),
        (door.permit.names(user.id, groups.iter().copied()), Cause::NotNamed),
        (!way.is_forbidden(user, &groups), Cause::Forbidden),
        (!kept_out, Cause::TenantAdmin),
        (assigned, Cause::NotAssigned),
        (lasting, Cause::NoLastingPassword),
    ];
    Ok(checks.into_iter().find(|(fine, _)| !fine).map(|(_, cause)| cause))
}
