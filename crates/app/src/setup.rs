//! The first things a house needs: its name, its keys, its first owner, its first tenant.

use authn::policy::Policy;
use model::{
    Actor, Role,
    application::{Application, Office365Settings},
    audit::AuditKind,
    federated_domain::{BrowserProtocol, FederatedDomain, MfaBehavior},
    ids::{ApplicationId, FederatedDomainId, RelyingPartyId, TenantId},
    relying_party::{PartyKind, PartySettings, RelyingParty},
    tenant::Tenant,
};
use store::{
    Tx, applications, audit_log, campaign, exemptions, federated_domains, policy_versions,
    relying_parties, settings, signing_keys, tenants,
};

use crate::{Error, House, Result, Visitor, keys, mailed_codes};

const ORGANISATION: &str = "organisation";
/// A second factor is always asked for, so 8 would do (R004); 12 costs little.
const PASSWORD_LENGTH: usize = 12;

impl House {
    /// Makes the signing keys of a new house and remembers its name; does nothing on a house that
    /// has them.
    pub async fn found(&self, organisation: &str, visitor: &Visitor) -> Result<()> {
        let (house, name, visitor) = (self.clone(), organisation.to_owned(), visitor.clone());
        let has_keys =
            self.store().read(|tx| Ok::<_, Error>(signing_keys::active(tx)?.is_some())).await?;
        if has_keys {
            return Ok(());
        }
        // Generating takes a while: outside any transaction.
        let (first, second) = (self.generate_key(0), self.generate_key(1));
        let (first, second) = (first.await?, second.await?);
        self.store()
            .write(move |tx| {
                if signing_keys::active(tx)?.is_some() {
                    return Ok(());
                }
                settings::put(tx, ORGANISATION, &name)?;
                for key in [keys::activated(first), second] {
                    signing_keys::create(tx, &key)?;
                    let subject = key.id.to_string();
                    let row = visitor.audit(&house, Actor::Operator, AuditKind::KeyMade, &subject);
                    audit_log::record(tx, &row)?;
                }
                Ok(())
            })
            .await
    }

    /// The organisation's name, as people know it.
    pub async fn organisation_name(&self) -> Result<String> {
        self.store().read(organisation).await
    }

    /// Connects a tenant and makes its *Office 365* application.
    pub async fn connect_tenant(
        &self,
        tenant: Tenant,
        office365: Office365Settings,
        actor: Actor,
        visitor: &Visitor,
    ) -> Result<ApplicationId> {
        if tenant.cloud == model::relying_party::Cloud::Simulator && !self.is_demo() {
            let public = "The simulator's cloud is for the demo only.";
            return Err(Error::invalid("cloud", public));
        }
        let (house, visitor, id) = (self.clone(), visitor.clone(), ApplicationId(self.new_id()));
        self.store()
            .write(move |tx| {
                tenants::create(tx, &tenant)?;
                let application = Application {
                    id,
                    name: "Office 365".to_owned(),
                    tenant_id: tenant.id,
                    settings: office365,
                };
                applications::create(tx, &application)?;
                let row = visitor.audit(&house, actor, AuditKind::TenantChanged, &tenant.alias);
                audit_log::record(tx, &row)?;
                Ok(id)
            })
            .await
    }

    /// Adds a domain of a tenant, with Microsoft as its relying party.
    pub async fn add_domain(
        &self,
        tenant_id: TenantId,
        name: &str,
        actor: Actor,
        visitor: &Visitor,
    ) -> Result<FederatedDomainId> {
        let name = name.trim().to_lowercase();
        if !model::upn::is_dns_name(&name) {
            return Err(Error::invalid("domain", "Type a domain name, such as contoso.com."));
        }
        let slug = name.replace('.', "-");
        let endpoints = federation::endpoints::Endpoints::new(&self.settings().public_url, &slug);
        let domain = FederatedDomain {
            id: FederatedDomainId(self.new_id()),
            tenant_id,
            issuer_uri: endpoints.issuer_uri(),
            name,
            slug,
            enabled: true,
            federated_at: None,
            mfa_behavior: MfaBehavior::default(),
            browser_protocol: BrowserProtocol::default(),
            corporate_networks: Vec::new(),
        };
        let (house, visitor, id) = (self.clone(), visitor.clone(), domain.id);
        self.store()
            .write(move |tx| {
                let tenant =
                    tenants::by_id(tx, tenant_id)?.ok_or_else(|| Error::not_found("tenant"))?;
                federated_domains::create(tx, &domain)?;
                relying_parties::create(tx, &house.microsoft(&tenant, domain.id))?;
                let row = visitor.audit(&house, actor, AuditKind::DomainChanged, &domain.name);
                audit_log::record(tx, &row)?;
                Ok(id)
            })
            .await
    }

    /// Microsoft as a relying party: realm and reply come from the cloud table alone (ruling 5).
    fn microsoft(&self, tenant: &Tenant, domain_id: FederatedDomainId) -> RelyingParty {
        RelyingParty {
            id: RelyingPartyId(self.new_id()),
            name: "Microsoft 365".to_owned(),
            realm: tenant.cloud.realm().to_owned(),
            replies: vec![tenant.hosts.reply()],
            domain_id,
            enabled: true,
            kind: PartyKind::Microsoft,
            settings: PartySettings::default(),
        }
    }

    /// Creates the first owner, or another one, from the command line of the server.
    pub async fn create_owner(
        &self,
        new: crate::accounts::NewPerson,
        visitor: &Visitor,
    ) -> Result<crate::accounts::Created> {
        self.create(new, Some(Role::Owner), Actor::Operator, visitor).await
    }
}

/// The organisation's name.
pub(crate) fn organisation(tx: &mut Tx) -> Result<String> {
    Ok(settings::get(tx, ORGANISATION)?.unwrap_or_else(|| "Gatehouse".to_owned()))
}

/// What signing in takes: what the published rules say, else a second factor; enrolment by code, or
/// freely until the campaign ends (R033).
pub(crate) fn policy(tx: &mut Tx) -> Result<Policy> {
    let campaign = campaign::get(tx)?;
    Ok(Policy {
        enrollment_grace_until: campaign.closes_at,
        may_put_off: campaign.may_put_off,
        has_exemptions: exemptions::any(tx)?,
        takes_mailed_codes: mailed_codes::are_allowed(tx)?,
        wished_password_length: PASSWORD_LENGTH,
        rules: policy_versions::rules(tx)?,
        ..Policy::default()
    })
}
