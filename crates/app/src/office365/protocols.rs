//! The protocols of a domain: WS-Trust is off until an admin grants a permit, and it ends by itself.

use std::time::Duration;

use federation::wstrust::Version;
use model::{
    Role, Ts,
    audit::AuditKind,
    federated_domain::FederatedDomain,
    ids::{FederatedDomainId, GroupId, UserId},
    network::joined,
    user::{Group, User, UserState},
    wstrust::WsTrustPermit,
};
use store::{Tx, audit_log, federated_domains, groups, users, wstrust_permits};

use crate::{
    Admin, Error, House, Kind, Result, Visitor,
    premises::closest,
    typed::{entries, read_networks},
};

/// No permit lasts longer.
const LONGEST: Duration = Duration::from_hours(366 * 24);
/// More networks or people than this are a mistake.
const MOST: usize = 100;
/// A longer reason is cut off by nobody, but refused.
const LONGEST_REASON: usize = 200;

/// What an admin types to switch WS-Trust on.
#[derive(Debug, Clone, Default)]
pub struct WsTrustWish {
    /// Networks, one a line.
    pub networks: String,
    /// Sign-in names, one a line.
    pub people: String,
    /// Groups whose members may, too.
    pub groups: Vec<GroupId>,
    /// Whether old mail programs may come by SAML ECP, too.
    pub ecp: bool,
    /// The last day, `2026-12-31`.
    pub until: String,
    /// Why it is needed.
    pub reason: String,
}

/// What the protocols page of a domain shows.
#[derive(Debug, Clone)]
pub struct ProtocolsView {
    /// The domain.
    pub domain: FederatedDomain,
    /// The permit, live or not.
    pub permit: Option<WsTrustPermit>,
    /// The sign-in names of the people whom it names.
    pub people: Vec<String>,
    /// Who granted it.
    pub granted_by: String,
    /// Every group, with its size.
    pub groups: Vec<(Group, i64)>,
    /// The addresses of WS-Trust, description, 1.3 and 2005, and that of SAML ECP.
    pub addresses: [String; 4],
    /// Whether the public address is https, without which no client comes.
    pub secure: bool,
}

impl House {
    /// The protocols of a domain.
    pub async fn protocols(&self, _admin: &Admin, id: FederatedDomainId) -> Result<ProtocolsView> {
        let house = self.clone();
        self.store()
            .read(move |tx| {
                let domain = domain(tx, id)?;
                let permit = wstrust_permits::of_domain(tx, id)?;
                let endpoints = house.endpoints(&domain.slug);
                let named = permit.iter().flat_map(|permit| &permit.people);
                let people = named.map(|id| upn(tx, *id)).collect::<Result<Vec<_>>>()?;
                let granted_by = permit.as_ref().map(|permit| upn(tx, permit.granted_by));
                Ok(ProtocolsView {
                    people: people.into_iter().flatten().collect(),
                    granted_by: granted_by.transpose()?.flatten().unwrap_or_default(),
                    groups: groups::all(tx)?,
                    addresses: [
                        endpoints.mex_uri(),
                        endpoints.trust_uri(Version::V13),
                        endpoints.trust_uri(Version::Feb2005),
                        endpoints.ecp_uri(),
                    ],
                    secure: house.is_https(),
                    domain,
                    permit,
                })
            })
            .await
    }

    /// Switches WS-Trust on for named people of a domain, until a day. Needs a fresh second factor
    /// (R147).
    pub async fn permit_wstrust(
        &self,
        admin: &Admin,
        id: FederatedDomainId,
        wish: WsTrustWish,
        visitor: &Visitor,
    ) -> Result<()> {
        admin.require(Role::SecurityAdmin)?;
        admin.require_fresh(self.now())?;
        if !self.is_https() {
            let public = "WS-Trust needs a public address that begins with https.";
            return Err(Error::new(Kind::Conflict, public));
        }
        let networks = networks(&wish.networks)?;
        let expires_at = self.end_of(&wish.until)?;
        let reason = reason(&wish.reason)?;
        let (house, visitor, granted_by) = (self.clone(), visitor.clone(), admin.user().id);
        self.store()
            .write(move |tx| {
                let domain = domain(tx, id)?;
                let people = people(tx, &domain, &wish.people)?;
                let groups = known_groups(tx, &wish.groups)?;
                if people.is_empty() && groups.is_empty() {
                    let public = "Name somebody: WS-Trust is never open to everybody.";
                    return Err(Error::invalid("people", public));
                }
                let permit = WsTrustPermit {
                    domain_id: id,
                    networks,
                    people,
                    groups,
                    ecp: wish.ecp,
                    expires_at,
                    reason,
                    granted_by,
                    granted_at: house.now(),
                };
                wstrust_permits::put(tx, &permit)?;
                house.audit_protocols(tx, granted_by, &visitor, (&domain, granted(&permit)))
            })
            .await
    }

    /// Names the corporate networks of a domain; none at all is fine. What tokens say of them may
    /// spare people a second factor at Microsoft, so it needs a fresh one here (R147).
    pub async fn name_corporate_networks(
        &self,
        admin: &Admin,
        id: FederatedDomainId,
        typed: &str,
        visitor: &Visitor,
    ) -> Result<()> {
        admin.require(Role::SecurityAdmin)?;
        admin.require_fresh(self.now())?;
        let named = read_networks(typed, "corporate_networks")?;
        if named.len() > MOST {
            let public = "Name at most 100 networks.";
            return Err(Error::invalid("corporate_networks", public));
        }
        if let Some(vast) = named.iter().find(|network| network.is_vast()) {
            let public = format!("{vast} is most of the internet. Name networks of your own.");
            return Err(Error::invalid("corporate_networks", public));
        }
        let (house, visitor, by) = (self.clone(), visitor.clone(), admin.user().id);
        self.store()
            .write(move |tx| {
                let mut domain = domain(tx, id)?;
                domain.corporate_networks = named;
                federated_domains::update(tx, &domain)?;
                let detail = match joined(&domain.corporate_networks, ", ") {
                    none if none.is_empty() => "no corporate networks".to_owned(),
                    networks => format!("corporate networks: {networks}"),
                };
                house.audit_protocols(tx, by, &visitor, (&domain, detail))
            })
            .await
    }

    /// Switches WS-Trust off. Needs a fresh second factor (R147).
    pub async fn forbid_wstrust(
        &self,
        admin: &Admin,
        id: FederatedDomainId,
        visitor: &Visitor,
    ) -> Result<()> {
        admin.require(Role::SecurityAdmin)?;
        admin.require_fresh(self.now())?;
        let (house, visitor, by) = (self.clone(), visitor.clone(), admin.user().id);
        self.store()
            .write(move |tx| {
                let domain = domain(tx, id)?;
                if !wstrust_permits::remove(tx, id)? {
                    return Err(Error::new(Kind::Conflict, "WS-Trust is off already."));
                }
                let detail = "WS-Trust switched off".to_owned();
                house.audit_protocols(tx, by, &visitor, (&domain, detail))
            })
            .await
    }

    fn is_https(&self) -> bool {
        self.settings().public_url.scheme() == "https"
    }

    /// The first moment after a day, which lies ahead but not too far.
    fn end_of(&self, day: &str) -> Result<Ts> {
        let public = "Type the last day as year-month-day, such as 2026-12-31.";
        let midnight = Ts::from_rfc3339(&format!("{}T00:00:00Z", day.trim()));
        let end =
            midnight.ok_or_else(|| Error::invalid("until", public))? + Duration::from_hours(24);
        let now = self.now();
        if end <= now || end > now + LONGEST {
            let public = "Choose a day from today on, at most a year ahead.";
            return Err(Error::invalid("until", public));
        }
        Ok(end)
    }

    fn audit_protocols(
        &self,
        tx: &mut Tx,
        by: UserId,
        visitor: &Visitor,
        (domain, detail): (&FederatedDomain, String),
    ) -> Result<()> {
        let actor = model::Actor::Admin(by);
        let mut row = visitor.audit(self, actor, AuditKind::DomainChanged, &domain.name);
        row.detail = detail;
        Ok(audit_log::record(tx, &row)?)
    }
}

fn domain(tx: &mut Tx, id: FederatedDomainId) -> Result<FederatedDomain> {
    federated_domains::by_id(tx, id)?.ok_or_else(|| Error::not_found("domain"))
}

fn upn(tx: &mut Tx, id: UserId) -> Result<Option<String>> {
    Ok(users::by_id(tx, id)?.map(|user| user.upn.to_string()))
}

fn networks(typed: &str) -> Result<Vec<model::network::Network>> {
    let networks = read_networks(typed, "networks")?;
    if networks.is_empty() || networks.len() > MOST {
        let public = "Type the networks from which it is allowed, at least one and at most 100.";
        return Err(Error::invalid("networks", public));
    }
    Ok(networks)
}

fn people(tx: &mut Tx, domain: &FederatedDomain, typed: &str) -> Result<Vec<UserId>> {
    let entries = entries(typed);
    if entries.len() > MOST {
        return Err(Error::invalid("people", "Name at most 100 people; use a group for more."));
    }
    let domains = federated_domains::all(tx)?;
    let is_of =
        |user: &User| closest(&domains, &user.upn.domain()).is_some_and(|own| own.id == domain.id);
    let mut people = Vec::new();
    for entry in entries {
        let found = users::by_upn(tx, entry)?
            .filter(|user| user.state != UserState::Deleted && is_of(user));
        let public = format!("{entry} is nobody of {}.", domain.name);
        let id = found.ok_or_else(|| Error::invalid("people", public))?.id;
        if !people.contains(&id) {
            people.push(id);
        }
    }
    Ok(people)
}

fn known_groups(tx: &mut Tx, wished: &[GroupId]) -> Result<Vec<GroupId>> {
    let all = groups::all(tx)?;
    if wished.iter().any(|id| all.iter().all(|(group, _)| group.id != *id)) {
        return Err(Error::invalid("groups", "One of the groups is gone; load the page again."));
    }
    Ok(wished.to_vec())
}

fn reason(typed: &str) -> Result<String> {
    let typed = typed.trim();
    if typed.is_empty() || typed.len() > LONGEST_REASON || typed.contains(char::is_control) {
        let public = "Say in a few words why it is needed (at most 200 characters).";
        return Err(Error::invalid("reason", public));
    }
    Ok(typed.to_owned())
}

/// A permit in words, for the audit log.
fn granted(permit: &WsTrustPermit) -> String {
    let ecp = if permit.ecp { " and SAML ECP" } else { "" };
    format!(
        "WS-Trust{ecp} until {} for {} people and {} groups from {}: {}",
        permit.expires_at,
        permit.people.len(),
        permit.groups.len(),
        joined(&permit.networks, ", "),
        permit.reason
    )
}
