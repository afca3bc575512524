//! Registering relying parties of any protocol, and changing them. What is there is never taken
//! over by a new one (R143).

use model::{
    Actor, Role,
    audit::AuditKind,
    federated_domain::{BrowserProtocol, FederatedDomain},
    ids::{FederatedDomainId, RelyingPartyId},
    oidc::ClientProof,
    relying_party::{
        Access, NameIdFormat, PartyKind, PartyProtocol, PartySettings, PickedClaim, RelyingParty,
        SignedParts, SignedRequests,
    },
};
use store::{Tx, audit_log, federated_domains, relying_parties};

pub use super::typed::as_typed;
use super::typed::{entity_id, name, realm_word};
use crate::{Admin, Error, House, Kind, Result, Visitor, office365::last_seen, visitor::Secret};

/// What an admin types about a relying party, or what its metadata says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PartyWish {
    /// What it speaks. Of WS-Federation nothing is signed but our tokens, so what is said here of
    /// its signatures, of certificates and of what we sign does not count.
    pub protocol: PartyProtocol,
    /// What people call it.
    pub name: String,
    /// Its entity id, or its realm (`wtrealm`).
    pub entity_id: String,
    /// Where answers may go, one address a line; the first is the default.
    pub replies: String,
    /// The numbers of the replies in its metadata, in the same order, if it has any.
    pub reply_indexes: Vec<u16>,
    /// Its certificates, as PEM or base64, with an empty line or PEM lines between them.
    pub certificates: String,
    /// Whether its requests must be signed.
    pub requests: SignedRequests,
    /// The last day on which its signatures may use SHA-1 (`2026-12-31`); empty: never.
    pub sha1_until: String,
    /// How people are named to it.
    pub name_id: NameIdFormat,
    /// What we sign of an answer.
    pub signs: SignedParts,
    /// Who may use it.
    pub access: Access,
    /// Where people begin there; empty: the portal has no tile for it.
    pub start: String,
    /// Where it takes logout messages (`wsignoutcleanup1.0`); empty: nowhere.
    pub sign_out: String,
    /// How they travel.
    pub sign_out_by_form: bool,
    /// What it is told about people.
    pub claims: Vec<PickedClaim>,
    /// Whether it can keep a secret; decided once, when a client of OpenID Connect is registered.
    pub keeps_secret: bool,
    /// Where people may go after a sign-out, one address a line; OpenID Connect only.
    pub after_sign_out: String,
    /// Where it hears by itself that a session ended; empty: nowhere. OpenID Connect only.
    pub back_channel: String,
    /// Whether it must bring its requests beforehand; OpenID Connect only.
    pub pushes: bool,
}

/// A party that was just registered.
#[derive(Debug, Clone)]
pub struct New {
    /// Its id.
    pub id: RelyingPartyId,
    /// Its secret, which is known this once and never again.
    pub secret: Option<Secret>,
}

/// A relying party and the domain that vouches for people there.
#[derive(Debug, Clone)]
pub struct Registered {
    /// The party.
    pub party: RelyingParty,
    /// The domain.
    pub domain: FederatedDomain,
}

impl House {
    /// Every relying party, domain by domain.
    pub async fn relying_parties(&self, _admin: &Admin) -> Result<Vec<Registered>> {
        self.store()
            .read(|tx| {
                let mut all = Vec::new();
                for domain in federated_domains::all(tx)? {
                    for party in relying_parties::of_domain(tx, domain.id)? {
                        all.push(Registered { party, domain: domain.clone() });
                    }
                }
                Ok::<_, Error>(all)
            })
            .await
    }

    /// One relying party.
    pub async fn relying_party(&self, _admin: &Admin, id: RelyingPartyId) -> Result<Registered> {
        self.store().read(move |tx| registered(tx, id)).await
    }

    /// Registers a party. An entity id that is there already is never taken over (R143).
    pub async fn register_party(
        &self,
        admin: &Admin,
        domain: FederatedDomainId,
        wish: &PartyWish,
        visitor: &Visitor,
    ) -> Result<New> {
        admin.require(Role::SecurityAdmin)?;
        admin.require_fresh(self.now())?;
        let id = RelyingPartyId(self.new_id());
        let mut settings = self.settings_of(wish)?;
        let is_client = wish.protocol == PartyProtocol::Oidc;
        let secret = (is_client && wish.keeps_secret).then(|| self.draw_client_secret());
        if let Some(secret) = &secret {
            settings.oidc.proof = ClientProof::Secret(hex::encode(secret.digest()));
        }
        let party = RelyingParty {
            id,
            name: name(wish)?,
            // A client of OpenID Connect is told by us what it is called.
            realm: if is_client { id.to_string() } else { entity_id(wish)? },
            replies: self.replies(wish)?,
            domain_id: domain,
            enabled: true,
            kind: wish.protocol.into(),
            settings,
        };
        let (house, visitor) = (self.clone(), visitor.clone());
        let actor = admin.actor();
        self.store()
            .write(move |tx| {
                if federated_domains::by_id(tx, domain)?.is_none() {
                    return Err(Error::not_found("domain"));
                }
                if relying_parties::by_realm(tx, domain, &party.realm)?.is_some() {
                    let what = realm_word(party.kind.protocol());
                    let taken =
                        format!("This {what} is registered. Change that application instead.");
                    return Err(Error::new(Kind::Conflict, taken));
                }
                relying_parties::create(tx, &party)?;
                house.record_party(tx, &party, actor, &visitor, "registered")
            })
            .await?;
        Ok(New { id, secret })
    }

    /// Gives a client another secret; the one before is good for nothing from then on.
    pub async fn renew_client_secret(
        &self,
        admin: &Admin,
        id: RelyingPartyId,
        visitor: &Visitor,
    ) -> Result<Secret> {
        let secret = self.draw_client_secret();
        let digest = hex::encode(secret.digest());
        let change = move |tx: &mut Tx, party: &mut RelyingParty| {
            let proof = &mut party.settings.oidc.proof;
            if party.kind != PartyKind::Oidc || *proof == ClientProof::Public {
                let public = "This application has no secret. Register it anew as one that has.";
                return Err(Error::new(Kind::Conflict, public));
            }
            *proof = ClientProof::Secret(digest);
            relying_parties::update(tx, party)?;
            Ok("given another secret")
        };
        self.alter(admin, id, visitor, change).await?;
        Ok(secret)
    }

    fn draw_client_secret(&self) -> Secret {
        Secret::draw(self.random())
    }

    /// Changes a party. Of Microsoft only the rules for its signatures can be changed: everything
    /// else comes from the table of clouds (ruling 5).
    pub async fn change_party(
        &self,
        admin: &Admin,
        id: RelyingPartyId,
        wish: &PartyWish,
        visitor: &Visitor,
    ) -> Result<()> {
        let (house, wish) = (self.clone(), wish.clone());
        let change = move |tx: &mut Tx, party: &mut RelyingParty| {
            let settings = house.settings_of(&wish)?;
            if party.kind == PartyKind::Microsoft {
                house.may_require(tx, party, &settings)?;
                party.settings.certificates = settings.certificates;
                party.settings.requests = settings.requests;
                party.settings.sha1_until = settings.sha1_until;
            } else {
                party.name = name(&wish)?;
                party.replies = house.replies(&wish)?;
                // Whether it has a secret, and which, is not typed.
                let proof = std::mem::take(&mut party.settings.oidc.proof);
                party.settings = settings;
                party.settings.oidc.proof = proof;
            }
            relying_parties::update(tx, party)?;
            Ok("changed")
        };
        self.alter(admin, id, visitor, change).await
    }

    /// Whether Microsoft can do what is asked of it. Required before it signs, its requests would all be
    /// refused, and so they would be after the last day of the only signatures that it makes.
    fn may_require(&self, tx: &mut Tx, party: &RelyingParty, new: &PartySettings) -> Result<()> {
        if new.requests != SignedRequests::Required {
            return Ok(());
        }
        if new.sha1_until.is_none_or(|until| until <= self.now()) {
            let public = "Microsoft signs its requests with SHA-1. Say until when that counts.";
            return Err(Error::invalid("sha1_until", public));
        }
        let domain = federated_domains::by_id(tx, party.domain_id)?;
        let Some(domain) = domain.filter(|it| it.browser_protocol == BrowserProtocol::Saml2) else {
            return Ok(());
        };
        let theirs = last_seen(tx, &domain)?;
        if theirs.is_none_or(|theirs| theirs.is_signed_authentication_request_required) {
            return Ok(());
        }
        let public = format!(
            "Microsoft was not seen to sign its requests for {0} yet, so nobody could sign in. Save \
             the certificates with \u{201c}optional\u{201d}, run the script of {0} again, check the \
             domain, and then require signatures.",
            domain.name
        );
        Err(Error::invalid("requests", public))
    }

    /// Switches a party on or off (R082).
    pub async fn switch_party(
        &self,
        admin: &Admin,
        id: RelyingPartyId,
        switch: Switch,
        visitor: &Visitor,
    ) -> Result<()> {
        let change = move |tx: &mut Tx, _: &mut RelyingParty| {
            relying_parties::set_enabled(tx, id, switch == Switch::On)?;
            Ok(if switch == Switch::On { "switched on" } else { "switched off" })
        };
        self.alter(admin, id, visitor, change).await
    }

    /// Forgets a party; Microsoft stays. The journal of its tokens stays, too.
    pub async fn remove_party(
        &self,
        admin: &Admin,
        id: RelyingPartyId,
        visitor: &Visitor,
    ) -> Result<()> {
        let change = move |tx: &mut Tx, party: &mut RelyingParty| {
            if party.kind == PartyKind::Microsoft {
                let public = "Microsoft belongs to the domain. Switch it off instead.";
                return Err(Error::new(Kind::Conflict, public));
            }
            relying_parties::remove(tx, id)?;
            Ok("removed")
        };
        self.alter(admin, id, visitor, change).await
    }

    /// Does something to a party that is there, and writes down what.
    async fn alter(
        &self,
        admin: &Admin,
        id: RelyingPartyId,
        visitor: &Visitor,
        change: impl FnOnce(&mut Tx, &mut RelyingParty) -> Result<&'static str> + Send + 'static,
    ) -> Result<()> {
        admin.require(Role::SecurityAdmin)?;
        admin.require_fresh(self.now())?;
        let (house, actor, visitor) = (self.clone(), admin.actor(), visitor.clone());
        self.store()
            .write(move |tx| {
                let mut party = registered(tx, id)?.party;
                let done = change(tx, &mut party)?;
                house.record_party(tx, &party, actor, &visitor, done)
            })
            .await
    }

    fn record_party(
        &self,
        tx: &mut Tx,
        party: &RelyingParty,
        actor: Actor,
        visitor: &Visitor,
        done: &str,
    ) -> Result<()> {
        let mut row = visitor.audit(self, actor, AuditKind::RelyingPartyChanged, &party.name);
        row.detail = format!("{done}: {}", party.realm);
        Ok(audit_log::record(tx, &row)?)
    }
}

/// On or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switch {
    /// It gets tokens.
    On,
    /// It gets none.
    Off,
}

fn registered(tx: &mut Tx, id: RelyingPartyId) -> Result<Registered> {
    let missing = || Error::not_found("application");
    let party = relying_parties::by_id(tx, id)?.ok_or_else(missing)?;
    let domain = federated_domains::by_id(tx, party.domain_id)?.ok_or_else(missing)?;
    Ok(Registered { party, domain })
}
