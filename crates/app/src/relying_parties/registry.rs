//! Registering relying parties: by their metadata or by hand, and changing them. Metadata is only
//! ever read into a wish that an admin looks at; nothing is stored before they say so (R143).

use federation::saml2::sp_metadata::{self, Loopback};
use model::{
    Actor, Role,
    audit::AuditKind,
    federated_domain::FederatedDomain,
    ids::{FederatedDomainId, RelyingPartyId},
    relying_party::{
        Access, NameIdFormat, PartyKind, PartySettings, PickedClaim, RelyingParty, SignOutBinding,
        SignOutService, SignedParts, SignedRequests,
    },
};
use store::{Tx, audit_log, federated_domains, relying_parties};

pub use super::typed::as_typed;
use super::typed::{certificates, entity_id, last_day, lines, name, pem, picked};
use crate::{Admin, Error, House, Kind, Result, Visitor};

/// What an admin types about a relying party, or what its metadata says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PartyWish {
    /// What people call it.
    pub name: String,
    /// Its entity id.
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
    /// Where it takes logout messages; empty: nowhere.
    pub sign_out: String,
    /// How they travel.
    pub sign_out_by_form: bool,
    /// What it is told about people.
    pub claims: Vec<PickedClaim>,
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

    /// What metadata says, for the admin to look at. Nothing is stored.
    pub fn read_party_metadata(&self, admin: &Admin, xml: &str) -> Result<PartyWish> {
        admin.require(Role::SecurityAdmin)?;
        self.wish_of(xml)
    }

    fn wish_of(&self, xml: &str) -> Result<PartyWish> {
        let found = sp_metadata::read(xml, self.now(), self.loopback());
        let said = found.map_err(|flaw| Error::invalid("metadata", flaw.to_string()))?;
        let certificates: Vec<String> = said.certificates.iter().map(|der| pem(der)).collect();
        let sign_out = said.sign_out.as_ref();
        Ok(PartyWish {
            name: url::Url::parse(&said.entity_id)
                .ok()
                .and_then(|url| url.host_str().map(str::to_owned))
                .unwrap_or_else(|| said.entity_id.clone()),
            entity_id: said.entity_id,
            replies: said.replies.join("\n"),
            reply_indexes: said.reply_indexes,
            certificates: certificates.join("\n"),
            requests: if said.signs_requests {
                SignedRequests::Required
            } else {
                SignedRequests::Optional
            },
            name_id: said.name_id.unwrap_or_default(),
            sign_out: sign_out.map(|service| service.location.clone()).unwrap_or_default(),
            sign_out_by_form: sign_out.is_some_and(|it| it.binding == SignOutBinding::Post),
            ..PartyWish::default()
        })
    }

    /// Registers a party. An entity id that is there already is never taken over (R143).
    pub async fn register_party(
        &self,
        admin: &Admin,
        domain: FederatedDomainId,
        wish: &PartyWish,
        visitor: &Visitor,
    ) -> Result<RelyingPartyId> {
        admin.require(Role::SecurityAdmin)?;
        admin.require_fresh(self.now())?;
        self.register(domain, wish, admin.actor(), visitor).await
    }

    /// Registers a party from its metadata at the command line of the server.
    pub async fn register_party_from_metadata(
        &self,
        domain: &str,
        metadata: &str,
        complete: impl FnOnce(&mut PartyWish),
        visitor: &Visitor,
    ) -> Result<RelyingPartyId> {
        let mut wish = self.wish_of(metadata)?;
        complete(&mut wish);
        let id = self.addresses(domain).await?.domain_id;
        self.register(id, &wish, Actor::Operator, visitor).await
    }

    async fn register(
        &self,
        domain: FederatedDomainId,
        wish: &PartyWish,
        actor: Actor,
        visitor: &Visitor,
    ) -> Result<RelyingPartyId> {
        let party = RelyingParty {
            id: RelyingPartyId(self.new_id()),
            name: name(wish)?,
            realm: entity_id(wish)?,
            replies: self.replies(wish)?,
            domain_id: domain,
            enabled: true,
            kind: PartyKind::Saml2,
            settings: self.settings_of(wish)?,
        };
        let (house, visitor, id) = (self.clone(), visitor.clone(), party.id);
        self.store()
            .write(move |tx| {
                if federated_domains::by_id(tx, domain)?.is_none() {
                    return Err(Error::not_found("domain"));
                }
                if relying_parties::by_realm(tx, domain, &party.realm)?.is_some() {
                    let taken = "This entity id is registered for the domain. Change that \
                                 application instead.";
                    return Err(Error::invalid("entity_id", taken));
                }
                relying_parties::create(tx, &party)?;
                house.record_party(tx, &party, actor, &visitor, "registered")
            })
            .await?;
        Ok(id)
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
        admin.require(Role::SecurityAdmin)?;
        admin.require_fresh(self.now())?;
        let (house, wish) = (self.clone(), wish.clone());
        let (actor, visitor) = (admin.actor(), visitor.clone());
        self.store()
            .write(move |tx| {
                let mut party = registered(tx, id)?.party;
                let settings = house.settings_of(&wish)?;
                if party.kind == PartyKind::Microsoft {
                    party.settings.certificates = settings.certificates;
                    party.settings.requests = settings.requests;
                    party.settings.sha1_until = settings.sha1_until;
                } else {
                    party.name = name(&wish)?;
                    party.replies = house.replies(&wish)?;
                    party.settings = settings;
                }
                relying_parties::update(tx, &party)?;
                house.record_party(tx, &party, actor, &visitor, "changed")
            })
            .await
    }

    /// Switches a party on or off (R082).
    pub async fn switch_party(
        &self,
        admin: &Admin,
        id: RelyingPartyId,
        switch: Switch,
        visitor: &Visitor,
    ) -> Result<()> {
        admin.require(Role::SecurityAdmin)?;
        admin.require_fresh(self.now())?;
        let (house, actor, visitor) = (self.clone(), admin.actor(), visitor.clone());
        self.store()
            .write(move |tx| {
                let party = registered(tx, id)?.party;
                relying_parties::set_enabled(tx, id, switch == Switch::On)?;
                let done = if switch == Switch::On { "switched on" } else { "switched off" };
                house.record_party(tx, &party, actor, &visitor, done)
            })
            .await
    }

    /// Forgets a party; Microsoft stays. The journal of its tokens stays, too.
    pub async fn remove_party(
        &self,
        admin: &Admin,
        id: RelyingPartyId,
        visitor: &Visitor,
    ) -> Result<()> {
        admin.require(Role::SecurityAdmin)?;
        admin.require_fresh(self.now())?;
        let (house, actor, visitor) = (self.clone(), admin.actor(), visitor.clone());
        self.store()
            .write(move |tx| {
                let party = registered(tx, id)?.party;
                if party.kind == PartyKind::Microsoft {
                    let public = "Microsoft belongs to the domain. Switch it off instead.";
                    return Err(Error::new(Kind::Conflict, public));
                }
                relying_parties::remove(tx, id)?;
                house.record_party(tx, &party, actor, &visitor, "removed")
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

    fn loopback(&self) -> Loopback {
        if self.is_demo() { Loopback::Allowed } else { Loopback::Refused }
    }

    fn replies(&self, wish: &PartyWish) -> Result<Vec<String>> {
        let replies: Vec<String> = lines(&wish.replies).map(str::to_owned).collect();
        let plain = |reply: &String| sp_metadata::is_plain_address(reply, self.loopback());
        if replies.is_empty() || !replies.iter().all(plain) {
            let public = "Each reply address must be a plain https address. Write one a line.";
            return Err(Error::invalid("replies", public));
        }
        Ok(replies)
    }

    fn settings_of(&self, wish: &PartyWish) -> Result<PartySettings> {
        let certificates = certificates(&wish.certificates)?;
        if wish.requests == SignedRequests::Required && certificates.is_empty() {
            let public = "Signed requests need a certificate to check them with. Paste it.";
            return Err(Error::invalid("certificates", public));
        }
        let sign_out = match wish.sign_out.trim() {
            "" => None,
            text if sp_metadata::is_plain_address(text, self.loopback()) => Some(SignOutService {
                binding: if wish.sign_out_by_form {
                    SignOutBinding::Post
                } else {
                    SignOutBinding::Redirect
                },
                location: text.to_owned(),
                response: None,
            }),
            _ => {
                let public = "The sign-out address must be a plain https address. Correct it.";
                return Err(Error::invalid("sign_out", public));
            }
        };
        Ok(PartySettings {
            access: wish.access,
            name_id: wish.name_id,
            claims: picked(&wish.claims)?,
            certificates,
            requests: wish.requests,
            sha1_until: last_day(&wish.sha1_until)?,
            signs: wish.signs,
            sign_out,
            reply_indexes: wish.reply_indexes.clone(),
        })
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
