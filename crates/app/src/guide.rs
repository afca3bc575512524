//! The guided path: from an empty install to a federated domain, in nine steps. Each is proved by what
//! is stored here and what was last seen of the tenant. Opening it asks
//! Microsoft nothing, `look_for_guide` does.

mod evidence;
mod judge;
mod step;

use model::{
    Role,
    application::Application,
    federated_domain::FederatedDomain,
    ids::{FederatedDomainId, TenantId},
    look::{FederationSeen, Look, LookKind},
    tenant::Tenant,
};
use store::{Tx, applications, federated_domains, looks, tenants};

use crate::{Admin, Error, House, Result};

use evidence::Evidence;

pub use step::{Age, Place, Standing, Step, StepState};

/// The path of one domain, or of none while there is none.
#[derive(Debug, Clone)]
pub struct Guide {
    /// Its tenant, once one is connected.
    pub tenant: Option<Tenant>,
    /// The domain.
    pub domain: Option<FederatedDomain>,
    /// Every domain that has a path, by name.
    pub domains: Vec<FederatedDomain>,
    /// The steps, in order.
    pub steps: [StepState; 9],
}

impl Guide {
    /// How many are proved.
    #[must_use]
    pub fn done(&self) -> usize {
        self.steps.iter().filter(|step| step.standing == Standing::Done).count()
    }

    /// The first that isn't.
    #[must_use]
    pub fn next(&self) -> Option<&StepState> {
        self.steps.iter().find(|step| step.standing != Standing::Done)
    }
}

impl House {
    /// The path of the domain with this slug, or of the first that isn't walked to its end.
    pub async fn guide(&self, _admin: &Admin, slug: Option<&str>) -> Result<Guide> {
        let (house, slug) = (self.clone(), slug.map(str::to_owned));
        self.store()
            .read(move |tx| {
                let domains = federated_domains::all(tx)?;
                let domain = choose((&house, tx), &domains, slug.as_deref())?;
                let connected = connected(tx, domain.as_ref())?;
                let evidence = Evidence::read(&house, tx, (connected.as_ref(), domain.as_ref()))?;
                let tenant = connected.map(|(tenant, _)| tenant);
                Ok(Guide { tenant, domain, domains, steps: judge::judge(&evidence) })
            })
            .await
    }

    /// *Look again*: at the permissions of the tenant, and at the federation of the domain.
    /// What stood in the way is kept like what was seen, and comes back.
    pub async fn look_for_guide(
        &self,
        admin: &Admin,
        tenant: TenantId,
        domain: Option<FederatedDomainId>,
    ) -> Result<Option<String>> {
        admin.require(Role::UserAdmin)?;
        let trouble = self.look_at_connection(tenant).await?;
        let Some(domain) = domain else { return Ok(trouble) };
        // Whoever is not let in sees no domain either: that is kept of both.
        let unseen = self.check_domain(domain).await.err().map(|error| error.public);
        Ok(trouble.or(unseen))
    }

    /// Whether nobody of any domain ever signed in by it: until then the console's first page leads to
    /// the path. What differs later is for the alarms.
    pub async fn guide_is_open(&self, _admin: &Admin) -> Result<bool> {
        self.store()
            .read(|tx| {
                for domain in federated_domains::all(tx)? {
                    let look = federation_look(tx, &domain)?;
                    let first = look.as_ref().and_then(Look::content);
                    let since = first.and_then(|seen| seen.first_with_us).or(domain.federated_at);
                    if evidence::first_token(tx, &domain, since)?.is_some() {
                        return Ok(false);
                    }
                }
                Ok(true)
            })
            .await
    }
}

fn federation_look(tx: &mut Tx, domain: &FederatedDomain) -> Result<Option<Look<FederationSeen>>> {
    Ok(looks::get(tx, (LookKind::Federation, &domain.id.to_string()))?)
}

/// Steps 7 to 9, which rest on the ones before.
fn is_reached(house: &House, tx: &mut Tx, domain: &FederatedDomain) -> Result<bool> {
    let look = federation_look(tx, domain)?;
    let seen = look.as_ref().and_then(Look::content);
    let Some(theirs) = seen.and_then(|seen| seen.federation.as_ref()) else { return Ok(false) };
    let plan = house.configuration(tx, domain)?;
    let as_planned = crate::office365::differences(&plan, theirs).is_empty();
    let signed_in = evidence::first_token(tx, domain, domain.federated_at)?.is_some();
    Ok(as_planned && signed_in)
}

/// The one that is asked for, else the first that isn't walked to its end, else the first.
fn choose(
    (house, tx): (&House, &mut Tx),
    all: &[FederatedDomain],
    slug: Option<&str>,
) -> Result<Option<FederatedDomain>> {
    if let Some(slug) = slug {
        let found = all.iter().find(|domain| domain.slug == slug).cloned();
        return found.map(Some).ok_or_else(|| Error::not_found("domain"));
    }
    for domain in all {
        if !is_reached(house, tx, domain)? {
            return Ok(Some(domain.clone()));
        }
    }
    Ok(all.first().cloned())
}

/// The domain's tenant, else the first one.
fn connected(
    tx: &mut Tx,
    domain: Option<&FederatedDomain>,
) -> Result<Option<(Tenant, Application)>> {
    for application in applications::all(tx)? {
        if domain.is_none_or(|domain| domain.tenant_id == application.tenant_id) {
            let tenant = tenants::by_id(tx, application.tenant_id)?;
            return Ok(tenant.map(|tenant| (tenant, application)));
        }
    }
    Ok(None)
}
