//! *Office 365*: the connection to the tenant, its products, its domains and their script.

mod connection;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use federation::{
    endpoints::Endpoints,
    script::{self, FederationPlan},
};
use model::{
    Role, Ts,
    application::{Application, Office365Settings},
    audit::AuditKind,
    entra::{EntraDomain, FederationConfiguration, SubscribedSku},
    federated_domain::FederatedDomain,
    ids::{ApplicationId, ClientId, EntraTenantId, FederatedDomainId, TenantId},
    relying_party::{Cloud, CloudHosts},
    tenant::Tenant,
};
use secrecy::SecretString;
use store::{
    Tx, applications, audit_log, federated_domains, signing_keys, subscribed_skus, tenants,
};

use crate::{Admin, Error, House, Kind, Result, Visitor};

pub use connection::ConnectionChange;

/// What the page of an application shows.
#[derive(Debug, Clone)]
pub struct Office365View {
    /// The application.
    pub application: Application,
    /// Its tenant.
    pub tenant: Tenant,
    /// The tenant's products, as last loaded.
    pub skus: Vec<SubscribedSku>,
    /// The tenant's domains that we know.
    pub domains: Vec<FederatedDomain>,
}

/// What an admin types to connect a tenant.
#[derive(Debug)]
pub struct NewConnection {
    /// What admins call it.
    pub alias: String,
    /// Microsoft's id of the directory, as typed.
    pub tenant_id: String,
    /// The app registration's client id, as typed.
    pub client_id: String,
    /// Its secret.
    pub client_secret: SecretString,
    /// Which cloud.
    pub cloud: Cloud,
    /// The addresses of the simulator; only the demo may give them.
    pub simulator: Option<CloudHosts>,
}

/// The scripts of one domain, all rendered from the same plan.
#[derive(Debug, Clone)]
pub struct Scripts {
    /// The domain.
    pub domain: FederatedDomain,
    /// SHA-256 of the plan, as every script's head says it.
    pub plan_hash: String,
    /// Federate, as Microsoft Graph PowerShell.
    pub powershell: String,
    /// Federate, as POSIX shell.
    pub sh: String,
    /// Go back, as Microsoft Graph PowerShell.
    pub revert_powershell: String,
    /// Go back, as POSIX shell.
    pub revert_sh: String,
}

/// How Entra's federation of a domain compares with ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DomainCheck {
    /// Entra sends people of this domain to us, with every setting as planned.
    InStep,
    /// The domain is managed: people sign in at Microsoft.
    Managed,
    /// It is federated, but these properties differ.
    Differs(Vec<Difference>),
    /// The tenant has no such domain.
    Unknown,
}

impl DomainCheck {
    /// Whether Entra has this property as planned.
    fn has(&self, property: &str) -> bool {
        match self {
            Self::InStep => true,
            Self::Differs(list) => list.iter().all(|found| found.property != property),
            Self::Managed | Self::Unknown => false,
        }
    }
}

/// A property that is not as planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Graph's name of it.
    pub property: &'static str,
    /// What we plan.
    pub ours: String,
    /// What Entra has.
    pub theirs: String,
}

impl House {
    /// Every application with its tenant, products and domains.
    pub async fn office365(&self, _admin: &Admin) -> Result<Vec<Office365View>> {
        self.store()
            .read(|tx| {
                let mut views = Vec::new();
                for application in applications::all(tx)? {
                    views.push(view(tx, application)?);
                }
                Ok(views)
            })
            .await
    }

    /// Connects a tenant: the connection is tried before it is kept, and its products are loaded.
    pub async fn connect(
        &self,
        admin: &Admin,
        new: NewConnection,
        visitor: &Visitor,
    ) -> Result<ApplicationId> {
        admin.require(Role::SecurityAdmin)?;
        admin.require_fresh(self.now())?;
        let tenant = self.new_tenant(new)?;
        let settings = Office365Settings::default();
        let skus = self.try_connection(&tenant, settings.quota_percent).await?;
        let id = tenant.id;
        let made = self.connect_tenant(tenant, settings, admin.actor(), visitor).await?;
        self.keep_skus(id, skus).await?;
        Ok(made)
    }

    /// A tenant as typed, checked.
    pub fn new_tenant(&self, new: NewConnection) -> Result<Tenant> {
        let hosts = match (new.cloud.hosts(), new.simulator) {
            (Some(hosts), _) => hosts,
            (None, Some(hosts)) if self.is_demo() => hosts,
            (None, _) => {
                return Err(Error::invalid("cloud", "The simulator's cloud is for the demo only."));
            }
        };
        if new.alias.trim().is_empty() {
            return Err(Error::invalid("alias", "Give the connection a name."));
        }
        Ok(Tenant {
            id: TenantId(self.new_id()),
            alias: new.alias.trim().to_owned(),
            entra_tenant_id: EntraTenantId(guid("tenant_id", &new.tenant_id)?),
            client_id: ClientId(guid("client_id", &new.client_id)?),
            client_secret: new.client_secret,
            secret_expires_at: None,
            cloud: new.cloud,
            hosts,
            writes_stopped: false,
        })
    }

    /// Replaces the app registration's secret, after trying it.
    pub async fn replace_client_secret(
        &self,
        admin: &Admin,
        tenant_id: TenantId,
        secret: SecretString,
        visitor: &Visitor,
    ) -> Result<()> {
        admin.require(Role::SecurityAdmin)?;
        admin.require_fresh(self.now())?;
        let tenant = Tenant { client_secret: secret, ..self.tenant(tenant_id).await? };
        let skus = self.try_connection(&tenant, 80).await?;
        let (house, actor, visitor) = (self.clone(), admin.actor(), visitor.clone());
        self.store()
            .write(move |tx| {
                tenants::update(tx, &tenant)?;
                let mut row = visitor.audit(&house, actor, AuditKind::TenantChanged, &tenant.alias);
                "client secret replaced".clone_into(&mut row.detail);
                Ok::<_, Error>(audit_log::record(tx, &row)?)
            })
            .await?;
        self.keep_skus(tenant_id, skus).await
    }

    /// *Update settings*: tries the connection and loads the tenant's products.
    pub async fn load_products(&self, tenant_id: TenantId) -> Result<usize> {
        let tenant = self.tenant(tenant_id).await?;
        let skus = self.try_connection(&tenant, 80).await?;
        let count = skus.len();
        self.keep_skus(tenant_id, skus).await?;
        Ok(count)
    }

    pub(crate) async fn keep_skus(
        &self,
        tenant_id: TenantId,
        skus: Vec<SubscribedSku>,
    ) -> Result<()> {
        let now = self.now();
        self.store()
            .write(move |tx| Ok::<_, Error>(subscribed_skus::replace(tx, tenant_id, &skus, now)?))
            .await
    }

    /// Signs in as the app registration, checks that it is the right tenant (Y32), reads products.
    async fn try_connection(&self, tenant: &Tenant, quota: u8) -> Result<Vec<SubscribedSku>> {
        let graph = self.graph(tenant, quota)?;
        let found = graph.organization_id().await?;
        if found != tenant.entra_tenant_id {
            let public = format!("The credentials belong to another tenant ({found}).");
            return Err(Error::invalid("tenant_id", public));
        }
        Ok(graph.subscribed_skus().await?)
    }

    /// Saves an application's settings.
    pub async fn save_office365(
        &self,
        admin: &Admin,
        id: ApplicationId,
        settings: Office365Settings,
        visitor: &Visitor,
    ) -> Result<()> {
        admin.require(Role::SecurityAdmin)?;
        check_settings(&settings)?;
        let (house, actor, visitor) = (self.clone(), admin.actor(), visitor.clone());
        self.store()
            .write(move |tx| {
                let old =
                    applications::by_id(tx, id)?.ok_or_else(|| Error::not_found("application"))?;
                let kept = Office365Settings {
                    first_plan_confirmed: old.settings.first_plan_confirmed,
                    ..settings
                };
                applications::update_settings(tx, id, &kept)?;
                let mut row =
                    visitor.audit(&house, actor, AuditKind::ApplicationChanged, &old.name);
                row.detail = format!("{:?} -> {kept:?}", old.settings);
                Ok(audit_log::record(tx, &row)?)
            })
            .await
    }

    /// The domains that the tenant has.
    pub async fn tenant_domains(&self, _admin: &Admin, id: TenantId) -> Result<Vec<EntraDomain>> {
        let tenant = self.tenant(id).await?;
        Ok(self.graph(&tenant, 80)?.domains().await?)
    }

    /// The scripts that federate a domain and take it back. Needs a fresh second factor (R147).
    pub async fn scripts(
        &self,
        admin: &Admin,
        id: FederatedDomainId,
        visitor: &Visitor,
    ) -> Result<Scripts> {
        admin.require(Role::SecurityAdmin)?;
        admin.require_fresh(self.now())?;
        let scripts = self.render_scripts(id).await?;
        let subject = scripts.domain.name.clone();
        let mut row = visitor.audit(self, admin.actor(), AuditKind::ScriptMade, &subject);
        row.detail.clone_from(&scripts.plan_hash);
        self.store().write(move |tx| Ok::<_, Error>(audit_log::record(tx, &row)?)).await?;
        Ok(scripts)
    }

    /// The same scripts for the command line.
    pub async fn render_scripts(&self, id: FederatedDomainId) -> Result<Scripts> {
        let (domain, plan) = self.federation_plan(id).await?;
        Ok(Scripts {
            domain,
            plan_hash: plan.hash(),
            powershell: script::powershell(&plan),
            sh: script::sh(&plan),
            revert_powershell: script::revert_powershell(&plan),
            revert_sh: script::revert_sh(&plan),
        })
    }

    /// The one plan that every script is rendered from.
    pub async fn federation_plan(
        &self,
        id: FederatedDomainId,
    ) -> Result<(FederatedDomain, FederationPlan)> {
        let house = self.clone();
        self.store()
            .read(move |tx| {
                let domain =
                    federated_domains::by_id(tx, id)?.ok_or_else(|| Error::not_found("domain"))?;
                let tenant = tenants::by_id(tx, domain.tenant_id)?
                    .ok_or_else(|| Error::not_found("tenant"))?;
                let configuration = house.configuration(tx, &domain)?;
                let plan = FederationPlan::new(
                    tenant.entra_tenant_id,
                    tenant.cloud,
                    &domain.name,
                    configuration,
                )?;
                Ok((domain, plan))
            })
            .await
    }

    /// What Entra's federation object shall say (ruling 23).
    fn configuration(
        &self,
        tx: &mut Tx,
        domain: &FederatedDomain,
    ) -> Result<FederationConfiguration> {
        let endpoints = Endpoints::new(&self.settings().public_url, &domain.slug);
        let active = signing_keys::active(tx)?.ok_or_else(|| Error::not_found("signing key"))?;
        let next = signing_keys::next(tx)?;
        Ok(FederationConfiguration {
            display_name: crate::setup::organisation(tx)?,
            issuer_uri: domain.issuer_uri.clone(),
            passive_sign_in_uri: endpoints.passive_sign_in_uri(),
            active_sign_in_uri: None,
            metadata_exchange_uri: None,
            sign_out_uri: endpoints.sign_out_uri(),
            signing_certificate: STANDARD.encode(&active.certificate),
            next_signing_certificate: next.map(|key| STANDARD.encode(&key.certificate)),
            preferred_authentication_protocol: "wsFed".to_owned(),
            federated_idp_mfa_behavior: "acceptIfMfaDoneByFederatedIdp".to_owned(),
            prompt_login_behavior: "nativeSupport".to_owned(),
        })
    }

    /// *Validate domain*: reads Entra's federation of a domain and compares every property.
    pub async fn check_domain(&self, id: FederatedDomainId) -> Result<DomainCheck> {
        let (domain, plan) = self.federation_plan(id).await?;
        let tenant = self.tenant(domain.tenant_id).await?;
        let graph = self.graph(&tenant, 80)?;
        let Some(found) = graph.domains().await?.into_iter().find(|d| d.name == domain.name) else {
            return Ok(DomainCheck::Unknown);
        };
        let theirs = if found.federated { graph.federation(&domain.name).await? } else { None };
        let check = match theirs {
            None => DomainCheck::Managed,
            Some((_, theirs)) => match differences(plan.configuration(), &theirs) {
                list if list.is_empty() => DomainCheck::InStep,
                list => DomainCheck::Differs(list),
            },
        };
        self.keep_federated_at(&domain, &check).await?;
        self.keep_seen(check.has("signingCertificate"), check.has("nextSigningCertificate"))
            .await?;
        Ok(check)
    }

    async fn keep_federated_at(&self, domain: &FederatedDomain, check: &DomainCheck) -> Result<()> {
        let at: Option<Ts> = match check {
            DomainCheck::InStep | DomainCheck::Differs(_) => {
                Some(domain.federated_at.unwrap_or_else(|| self.now()))
            }
            DomainCheck::Managed | DomainCheck::Unknown => None,
        };
        let id = domain.id;
        if at == domain.federated_at {
            return Ok(());
        }
        self.store()
            .write(move |tx| Ok::<_, Error>(federated_domains::set_federated_at(tx, id, at)?))
            .await
    }

    pub(crate) async fn tenant(&self, id: TenantId) -> Result<Tenant> {
        let found = self.store().read(move |tx| Ok::<_, Error>(tenants::by_id(tx, id)?)).await?;
        found.ok_or_else(|| Error::not_found("tenant"))
    }
}

fn guid(field: &'static str, text: &str) -> Result<uuid::Uuid> {
    let public = "This is a GUID, such as 12345678-1234-1234-1234-123456789012.";
    uuid::Uuid::parse_str(text.trim()).map_err(|_| Error::invalid(field, public))
}

fn view(tx: &mut Tx, application: Application) -> Result<Office365View> {
    let id = application.tenant_id;
    Ok(Office365View {
        tenant: tenants::by_id(tx, id)?.ok_or_else(|| Error::not_found("tenant"))?,
        skus: subscribed_skus::of_tenant(tx, id)?,
        domains: federated_domains::all(tx)?.into_iter().filter(|d| d.tenant_id == id).collect(),
        application,
    })
}

fn check_settings(settings: &Office365Settings) -> Result<()> {
    let country = &settings.usage_location;
    if country.len() != 2 || !country.chars().all(|c| c.is_ascii_uppercase()) {
        let public = "Type the usage location as two capital letters, such as US.";
        return Err(Error::invalid("usage_location", public));
    }
    if settings.licence_grace_days > 3650 {
        return Err(Error::invalid("licence_grace_days", "Type 0 to 3650 days."));
    }
    if !(1..=100).contains(&settings.quota_percent) {
        return Err(Error::new(Kind::Invalid { field: "quota_percent" }, "Type 1 to 100 percent."));
    }
    Ok(())
}

/// Every property that is not as planned.
fn differences(
    ours: &FederationConfiguration,
    theirs: &FederationConfiguration,
) -> Vec<Difference> {
    let none = String::new();
    let optional = |value: &Option<String>| value.clone().unwrap_or_else(|| none.clone());
    let pairs = [
        ("displayName", ours.display_name.clone(), theirs.display_name.clone()),
        ("issuerUri", ours.issuer_uri.clone(), theirs.issuer_uri.clone()),
        ("passiveSignInUri", ours.passive_sign_in_uri.clone(), theirs.passive_sign_in_uri.clone()),
        (
            "activeSignInUri",
            optional(&ours.active_sign_in_uri),
            optional(&theirs.active_sign_in_uri),
        ),
        (
            "metadataExchangeUri",
            optional(&ours.metadata_exchange_uri),
            optional(&theirs.metadata_exchange_uri),
        ),
        ("signOutUri", ours.sign_out_uri.clone(), theirs.sign_out_uri.clone()),
        (
            "signingCertificate",
            ours.signing_certificate.clone(),
            theirs.signing_certificate.clone(),
        ),
        (
            "nextSigningCertificate",
            optional(&ours.next_signing_certificate),
            optional(&theirs.next_signing_certificate),
        ),
        (
            "preferredAuthenticationProtocol",
            ours.preferred_authentication_protocol.clone(),
            theirs.preferred_authentication_protocol.clone(),
        ),
        (
            "federatedIdpMfaBehavior",
            ours.federated_idp_mfa_behavior.clone(),
            theirs.federated_idp_mfa_behavior.clone(),
        ),
        (
            "promptLoginBehavior",
            ours.prompt_login_behavior.clone(),
            theirs.prompt_login_behavior.clone(),
        ),
    ];
    pairs
        .into_iter()
        .filter(|(_, ours, theirs)| ours != theirs)
        .map(|(property, ours, theirs)| Difference { property, ours, theirs })
        .collect()
}
