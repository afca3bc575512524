//! *Office 365*: the connection to the tenant, its products, its domains and their script.

mod certificate;
mod compare;
mod connection;
mod looks;
mod mfa;
mod protocols;
mod script;
mod settings;
mod tenant_admins;

use model::{
    Role,
    application::{Application, Office365Settings},
    audit::AuditKind,
    entra::{EntraDomain, SubscribedSku},
    federated_domain::FederatedDomain,
    ids::{ApplicationId, ClientId, EntraTenantId, TenantId},
    relying_party::{Cloud, CloudHosts},
    tenant::{AppCredential, Tenant},
};
use secrecy::SecretString;
use store::{Tx, applications, audit_log, federated_domains, subscribed_skus, tenants};

use crate::{Admin, Error, House, Result, Visitor};

use settings::{check_settings, kept};

pub use certificate::{HeldCertificate, Waiting};
pub use compare::{Difference, DomainCheck};
pub(crate) use compare::{Through, differences};
pub use connection::ConnectionChange;
pub(crate) use connection::last_day;
pub use federation::script::Turn;
pub(crate) use mfa::needed as demands_in_the_way;
pub use mfa::{DemandScript, MfaView};
pub use protocols::{ProtocolsView, WsTrustWish};
pub use provisioning::mfa::Effect;
pub(crate) use script::last_seen;
pub use script::{Dialects, Rollover, Scripts};
pub use tenant_admins::TenantAdmins;

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
    /// The last day of the secret, as typed; empty when nobody says.
    pub secret_ends: String,
    /// Which cloud.
    pub cloud: Cloud,
    /// The addresses of the simulator; only the demo may give them.
    pub simulator: Option<CloudHosts>,
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
        let skus = self.try_connection(&tenant).await?;
        let id = tenant.id;
        let made = self.connect_tenant(tenant, settings, admin.actor(), visitor).await?;
        self.keep_skus(id, skus).await?;
        self.look_at_connection(id).await?;
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
            credential: AppCredential::Secret(new.client_secret),
            credential_ends_at: connection::last_day(&new.secret_ends, self.now())?,
            cloud: new.cloud,
            hosts,
            writes_stopped: false,
            admins_kept_out: false,
        })
    }

    /// *Update settings*: tries the connection and loads the tenant's products.
    pub async fn load_products(&self, tenant_id: TenantId) -> Result<usize> {
        let tenant = self.tenant(tenant_id).await?;
        let skus = self.try_connection(&tenant).await?;
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
    async fn try_connection(&self, tenant: &Tenant) -> Result<Vec<SubscribedSku>> {
        let graph = self.graph_apart(tenant)?;
        let found = graph.organization_id().await?;
        if found != tenant.entra_tenant_id {
            let public = format!("The credentials belong to another tenant ({found}).");
            return Err(Error::invalid("tenant_id", public));
        }
        Ok(graph.subscribed_skus().await?)
    }

    /// Saves an application's settings, which say what unassigning takes away: needs a fresh second
    /// factor (R147).
    pub async fn save_office365(
        &self,
        admin: &Admin,
        id: ApplicationId,
        settings: Office365Settings,
        visitor: &Visitor,
    ) -> Result<()> {
        admin.require(Role::SecurityAdmin)?;
        admin.require_fresh(self.now())?;
        check_settings(&settings)?;
        let (house, actor, visitor) = (self.clone(), admin.actor(), visitor.clone());
        self.store()
            .write(move |tx| {
                let old =
                    applications::by_id(tx, id)?.ok_or_else(|| Error::not_found("application"))?;
                let kept = kept(&old.settings, settings, house.now());
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

    pub(crate) async fn tenant(&self, id: TenantId) -> Result<Tenant> {
        let found = self.store().read(move |tx| Ok::<_, Error>(tenants::by_id(tx, id)?)).await?;
        found.ok_or_else(|| Error::not_found("tenant"))
    }
}

/// An id of Microsoft's, as typed.
pub(crate) fn guid(field: &'static str, text: &str) -> Result<uuid::Uuid> {
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
