//! What a rehearsal begins with: a tenant as it is, read and never written, and what is planned here for
//! one of its domains. Who plays it is in `rehearsal/cast.rs`, the play itself in the crate of that name.

mod cast;
mod kept;

use std::sync::Arc;

pub use cast::{Cast, Player};
use graph::{Gate, Graph};
pub use kept::Wanted;
use model::{
    ImmutableId, Upn,
    application::{Licence, Office365Settings},
    entra::{EntraDomain, EntraUser, FederationConfiguration, SubscribedSku},
    federated_domain::{BrowserProtocol, FederatedDomain, MfaBehavior},
    ids::{EntraTenantId, FederatedDomainId, ObjectId},
    tenant_state::RoleHolder,
    user::{Profile, UserState},
    wstrust::PasswordDoor,
};
pub use store::rehearsals::KeptRehearsal;
use store::{Tx, applications, assignments, federated_domains, users, wstrust_permits};

use crate::{Error, House, Result, premises::closest};

/// So many of the people who are assigned take part.
const PEOPLE: usize = 5;

/// Everything that is copied.
#[derive(Debug, Clone)]
pub struct Original {
    /// What people call the house.
    pub organisation: String,
    /// The domain, as it is planned here.
    pub domain: PlannedDomain,
    /// How *Office 365* is provisioned.
    pub settings: Office365Settings,
    /// People of the domain who are assigned: so many of them as take part.
    pub people: Vec<Person>,
    /// What is in the tenant.
    pub tenant: TenantCopy,
}

/// A domain, as far as its federation goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedDomain {
    /// The DNS name.
    pub name: String,
    /// What tokens say as their issuer, where that isn't the usual one.
    pub issuer_uri: Option<String>,
    /// By which protocol browsers come.
    pub protocol: BrowserProtocol,
    /// Who does the second factor that Microsoft demands.
    pub mfa: MfaBehavior,
    /// Which doors for programs without a browser are open.
    pub doors: Vec<PasswordDoor>,
}

/// Somebody who is assigned; they take part with a password and a second factor that are made up.
#[derive(Debug, Clone)]
pub struct Person {
    /// The sign-in name.
    pub upn: Upn,
    /// The join value.
    pub immutable_id: ImmutableId,
    /// What others see of them.
    pub profile: Profile,
    /// What they were given.
    pub licences: Vec<Licence>,
}

/// A tenant, as it was seen.
#[derive(Debug, Clone)]
pub struct TenantCopy {
    /// Microsoft's id of the directory.
    pub id: EntraTenantId,
    /// Its domains.
    pub domains: Vec<EntraDomain>,
    /// The federation of each that has one of its own.
    pub federations: Vec<(String, FederationConfiguration)>,
    /// Its products.
    pub products: Vec<SubscribedSku>,
    /// Everybody in it.
    pub accounts: Vec<EntraUser>,
    /// Who is a Global Administrator.
    pub administrators: Vec<ObjectId>,
}

impl House {
    /// Reads everything that a rehearsal of a domain copies. Nothing can be written meanwhile: the
    /// connection keeps every write back.
    pub async fn copy_for_rehearsal(&self, id: FederatedDomainId) -> Result<Original> {
        let house = self.clone();
        let (organisation, domain, settings, people, doors) =
            self.store().read(move |tx| planned(&house, tx, id)).await?;
        let tenant = self.tenant(domain.tenant_id).await?;
        let graph = self.graph_apart(&tenant)?.behind(no_writes());
        let usual = self.endpoints(&domain.slug).issuer_uri();
        Ok(Original {
            organisation,
            settings,
            people,
            tenant: look(&graph, tenant.entra_tenant_id).await?,
            domain: PlannedDomain {
                issuer_uri: Some(domain.issuer_uri).filter(|issuer| *issuer != usual),
                name: domain.name,
                protocol: domain.browser_protocol,
                mfa: domain.mfa_behavior,
                doors,
            },
        })
    }

    /// The domain of this name, or the only one.
    pub async fn domain_to_rehearse(&self, name: Option<&str>) -> Result<FederatedDomain> {
        let name = name.map(str::to_lowercase);
        let all = self.store().read(federated_domains::all).await?;
        let mut fitting: Vec<_> = all
            .into_iter()
            .filter(|it| name.as_ref().is_none_or(|name| it.name == *name))
            .collect();
        match (fitting.pop(), fitting.is_empty()) {
            (Some(domain), true) => Ok(domain),
            (None, _) => Err(Error::not_found("domain")),
            (Some(_), false) => {
                Err(Error::invalid("domain", "There are several: say which domain."))
            }
        }
    }
}

/// Keeps back whatever isn't a read.
fn no_writes() -> Gate {
    Arc::new(|_| Box::pin(async { Err("a rehearsal only reads".to_owned()) }))
}

async fn look(graph: &Graph, id: EntraTenantId) -> Result<TenantCopy> {
    let domains = graph.domains().await?;
    let mut federations = Vec::new();
    for domain in domains.iter().filter(|domain| domain.federated && domain.root) {
        let found = graph.federation(&domain.name).await?;
        federations.extend(found.map(|(_, federation)| (domain.name.clone(), federation)));
    }
    let administrators = graph.role_holders().await?.into_iter().filter(RoleHolder::is_global);
    Ok(TenantCopy {
        id,
        domains,
        federations,
        products: graph.subscribed_skus().await?,
        accounts: graph.list_users().await?,
        administrators: administrators.map(|it| it.object).collect(),
    })
}

type Planned = (String, FederatedDomain, Office365Settings, Vec<Person>, Vec<PasswordDoor>);

fn planned(house: &House, tx: &mut Tx, id: FederatedDomainId) -> Result<Planned> {
    let domain = federated_domains::by_id(tx, id)?.ok_or_else(|| Error::not_found("domain"))?;
    let application = applications::of_tenant(tx, domain.tenant_id)?
        .ok_or_else(|| Error::not_found("application"))?;
    let permit = wstrust_permits::of_domain(tx, id)?;
    let open = |door: &PasswordDoor| permit.as_ref().is_some_and(|it| it.opens(*door, house.now()));
    let doors = [PasswordDoor::WsTrust, PasswordDoor::Ecp].into_iter().filter(open).collect();
    let domains = federated_domains::all(tx)?;
    let mut people = Vec::new();
    for given in assignments::all(tx, application.id)?.iter().filter(|it| it.ended_at.is_none()) {
        let Some(user) = users::by_id(tx, given.user_id)? else { continue };
        let is_of = closest(&domains, &user.upn.domain()).is_some_and(|own| own.id == id);
        if is_of && user.state == UserState::Active {
            people.push(Person {
                upn: user.upn,
                immutable_id: user.immutable_id,
                profile: user.profile,
                licences: given.licences.clone(),
            });
        }
    }
    people.sort_by(|one, other| one.upn.as_str().cmp(other.upn.as_str()));
    people.truncate(PEOPLE);
    Ok((crate::setup::organisation(tx)?, domain, application.settings, people, doors))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    /// Y14
    #[tokio::test]
    async fn the_connection_of_a_rehearsal_keeps_every_write_back() {
        let said = no_writes()(Uuid::nil()).await;
        assert_eq!(said, Err("a rehearsal only reads".to_owned()));
    }
}
