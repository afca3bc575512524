//! What tokens rest on besides their person: domains, relying parties, applications, policy and the
//! active key. These hardly ever change, so they are kept in memory under the store's revision that
//! they were read at. Every use compares that number in its own snapshot: nobody decides on older
//! ones, on whatever node they were changed (R083).

use std::sync::{Arc, PoisonError, RwLock};

use authn::policy::Policy;
use federation::keyring::Signer;
pub(crate) use model::external_mfa::Asking;
use model::{
    federated_domain::FederatedDomain,
    ids::{ApplicationId, FederatedDomainId, RelyingPartyId, SigningKeyId, TenantId, UserId},
    policy::Target,
    relying_party::{Access, PartyKind, RelyingParty},
    user::User,
};
use store::{
    Tx, applications, assignments, external_mfa, federated_domains, relying_parties, revision,
    signing_keys, tenant_admins, tenants,
};

use crate::{Error, House, Result};

/// The premises of one revision.
#[derive(Debug)]
pub(crate) struct Premises {
    /// The revision that they were read at.
    pub(crate) revision: i64,
    /// What a sign-in needs.
    pub(crate) policy: Policy,
    domains: Vec<FederatedDomain>,
    parties: Vec<RelyingParty>,
    applications: Vec<(TenantId, ApplicationId)>,
    /// Tenants that have second factors proved here.
    asking: Vec<Asking>,
    /// Tenants whose administrators get no token for them.
    keeping_admins_out: Vec<TenantId>,
    /// The key that signs, or why it can't: other sign-ins than by tokens go on without it.
    key: Option<(SigningKeyId, std::result::Result<Arc<Signer>, federation::Error>)>,
}

/// The newest premises that this node has read.
#[derive(Debug, Default)]
pub(crate) struct Kept(RwLock<Option<Arc<Premises>>>);

impl House {
    /// The premises as of this snapshot; a transaction that changes them itself must not ask.
    pub(crate) fn premises(&self, tx: &mut Tx) -> Result<Arc<Premises>> {
        let revision = revision::current(tx)?;
        let kept = &self.kept_premises().0;
        let known = kept.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(known) = known.filter(|known| known.revision == revision) {
            return Ok(known);
        }
        let read = Arc::new(self.read_premises(tx, revision)?);
        // A key in a token may answer again without any revision.
        if !matches!(read.key, Some((_, Err(_)))) {
            *kept.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&read));
        }
        Ok(read)
    }

    fn read_premises(&self, tx: &mut Tx, revision: i64) -> Result<Premises> {
        let key = signing_keys::active(tx)?.map(|key| (key.id, self.signer(&key)));
        let applications = applications::all(tx)?;
        Ok(Premises {
            revision,
            policy: crate::setup::policy(tx)?,
            domains: federated_domains::all(tx)?,
            parties: relying_parties::all(tx)?,
            asking: external_mfa::asking(tx)?,
            keeping_admins_out: tenants::keeping_admins_out(tx)?,
            applications: applications.iter().map(|one| (one.tenant_id, one.id)).collect(),
            key,
        })
    }
}

impl Premises {
    /// One domain.
    pub(crate) fn domain(&self, id: FederatedDomainId) -> Option<&FederatedDomain> {
        self.domains.iter().find(|domain| domain.id == id)
    }

    /// The domain whose addresses have this path segment.
    pub(crate) fn domain_at(&self, slug: &str) -> Option<&FederatedDomain> {
        self.domains.iter().find(|domain| domain.slug == slug)
    }

    /// The domain that vouches for sign-in names below `name`, of whatever tenant: the one of that
    /// name, or the closest above it, as sub-domains share their root's federation.
    pub(crate) fn vouching(&self, name: &str) -> Option<&FederatedDomain> {
        closest(&self.domains, name)
    }

    /// The same, if it is a tenant's.
    pub(crate) fn vouching_for(&self, name: &str, tenant: TenantId) -> Option<&FederatedDomain> {
        self.vouching(name).filter(|domain| domain.tenant_id == tenant)
    }

    /// The party whose switch and rules count for a person, wherever they were sent: Microsoft as
    /// their own domain knows it, which vouches for them (R086), or whoever asks.
    pub(crate) fn counting<'a>(
        &'a self,
        asked: &'a RelyingParty,
        user: &User,
    ) -> Option<&'a RelyingParty> {
        if asked.kind != PartyKind::Microsoft {
            return Some(asked);
        }
        let tenant = self.domain(asked.domain_id)?.tenant_id;
        let own = self.vouching_for(&user.upn.domain(), tenant)?.id;
        self.parties.iter().find(|it| it.kind == PartyKind::Microsoft && it.domain_id == own)
    }

    /// What a person's sign-in counts as for the rules of the policy.
    pub(crate) fn counts_as(&self, target: Target, user: &User) -> Target {
        let Target::Party(id) = target else { return target };
        let counts = self.party(id).and_then(|asked| self.counting(asked, user));
        counts.map_or(target, |party| Target::Party(party.id))
    }

    /// Whether Microsoft sends whoever has a sign-in name below `name` here.
    pub(crate) fn is_federated(&self, name: &str) -> bool {
        let mut above = std::iter::successors(Some(name), |name| Some(name.split_once('.')?.1));
        let is_sent = |domain: &FederatedDomain| domain.federated_at.is_some();
        above.any(|name| self.domains.iter().any(|one| one.name == name && is_sent(one)))
    }

    /// Whether a domain of ours, of whatever tenant, vouches for sign-in names below `name`.
    pub(crate) fn vouches_for(&self, name: &str) -> bool {
        self.vouching(name).is_some()
    }

    /// One relying party.
    pub(crate) fn party(&self, id: RelyingPartyId) -> Option<&RelyingParty> {
        self.parties.iter().find(|party| party.id == id)
    }

    /// The relying party of a domain with this realm.
    pub(crate) fn party_with(
        &self,
        domain: FederatedDomainId,
        realm: &str,
    ) -> Option<&RelyingParty> {
        self.parties.iter().find(|party| party.domain_id == domain && party.realm == realm)
    }

    /// Whether a domain and a relying party that is asked for there are both switched on.
    pub(crate) fn is_on(&self, domain: FederatedDomainId, party: &RelyingParty) -> bool {
        party.enabled && self.domain(domain).is_some_and(|domain| domain.enabled)
    }

    /// The first relying party of which something holds.
    pub(crate) fn party_that(
        &self,
        holds: impl Fn(&RelyingParty) -> bool,
    ) -> Option<&RelyingParty> {
        self.parties.iter().find(|party| holds(party))
    }

    /// The relying parties that have a start page, each with the tenant of its domain.
    pub(crate) fn startable(&self) -> impl Iterator<Item = (&RelyingParty, TenantId)> {
        let parties = self.parties.iter().filter(|it| it.enabled && it.settings.start.is_some());
        parties.filter_map(|party| {
            let domain = self.domain(party.domain_id).filter(|domain| domain.enabled)?;
            Some((party, domain.tenant_id))
        })
    }

    /// Whether a person of a tenant may use a relying party there.
    pub(crate) fn opens(
        &self,
        tx: &mut Tx,
        party: &RelyingParty,
        (user, tenant): (&User, TenantId),
    ) -> Result<bool> {
        let is_open =
            party.kind != PartyKind::Microsoft && party.settings.access == Access::Everyone;
        Ok(match self.application_of(tenant) {
            _ if is_open => true,
            Some(application) => assignments::active(tx, user.id, application)?.is_some(),
            None => false,
        })
    }

    /// Whether a person gets no token for a tenant because they hold an administrator role there, as
    /// it was seen last (R087).
    pub(crate) fn keeps_out(&self, tx: &mut Tx, tenant: TenantId, user: UserId) -> Result<bool> {
        Ok(self.keeping_admins_out.contains(&tenant) && tenant_admins::is_one(tx, tenant, user)?)
    }

    /// The application that people of a tenant are assigned to.
    pub(crate) fn application_of(&self, tenant: TenantId) -> Option<ApplicationId> {
        self.applications.iter().find(|(of, _)| *of == tenant).map(|(_, id)| *id)
    }

    /// The tenant that Entra's word for itself names, if it has second factors proved here.
    pub(crate) fn asking(&self, client_id: &str) -> Option<Asking> {
        let id: TenantId = client_id.parse().ok()?;
        self.asking.iter().find(|it| it.tenant == id).cloned()
    }

    /// Whether any tenant does.
    pub(crate) fn is_asked(&self) -> bool {
        !self.asking.is_empty()
    }

    /// Microsoft as an application of a tenant for whoever has a sign-in name below `name`: of the domain
    /// that vouches for them, else of the tenant's first; `None` while it has no domain.
    pub(crate) fn microsoft_of(&self, tenant: TenantId, name: &str) -> Option<RelyingPartyId> {
        let of = |domain: FederatedDomainId| {
            let is_it =
                |it: &&RelyingParty| it.kind == PartyKind::Microsoft && it.domain_id == domain;
            self.parties.iter().find(is_it).map(|party| party.id)
        };
        let own = self.vouching_for(name, tenant).and_then(|domain| of(domain.id));
        let mut others = self.domains.iter().filter(|domain| domain.tenant_id == tenant);
        own.or_else(|| others.find_map(|domain| of(domain.id)))
    }

    /// The key that signs now.
    pub(crate) fn signer(&self) -> Result<(SigningKeyId, Arc<Signer>)> {
        let key = self.key.as_ref().ok_or_else(|| Error::not_found("signing key"))?;
        let signer = key.1.as_ref().map_err(|cause| Error::from(cause.clone()))?;
        Ok((key.0, Arc::clone(signer)))
    }
}

/// The domain of that name, or the closest above it.
pub(crate) fn closest<'a>(
    domains: &'a [FederatedDomain],
    name: &str,
) -> Option<&'a FederatedDomain> {
    let mut above = std::iter::successors(Some(name), |name| Some(name.split_once('.')?.1));
    above.find_map(|name| domains.iter().find(|domain| domain.name == name))
}

#[cfg(test)]
mod tests;
