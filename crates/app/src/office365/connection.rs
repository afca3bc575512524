//! Changing a connection that is there, and taking on a domain of its tenant.

use model::{
    Role,
    audit::AuditKind,
    entra::EntraDomain,
    ids::{ClientId, FederatedDomainId, TenantId},
    line,
    tenant::Tenant,
};
use secrecy::SecretString;
use store::{Tx, audit_log, tenants};

use crate::{Admin, Error, House, Kind, Result, Visitor};

/// What an admin changes in a connection. The directory stays the one that was connected (Y32).
#[derive(Debug)]
pub struct ConnectionChange {
    /// What admins call it.
    pub alias: String,
    /// Microsoft's id of the directory, as typed; it can't change.
    pub tenant_id: String,
    /// The app registration's client id, as typed.
    pub client_id: String,
    /// Its new secret; `None` keeps the old one.
    pub client_secret: Option<SecretString>,
}

impl House {
    /// *Update settings*: changes the connection and loads the products, after trying it. Without
    /// a new secret the kept one stays.
    pub async fn update_connection(
        &self,
        admin: &Admin,
        tenant_id: TenantId,
        change: ConnectionChange,
        visitor: &Visitor,
    ) -> Result<()> {
        admin.require(Role::SecurityAdmin)?;
        admin.require_fresh(self.now())?;
        let tenant = changed(self.tenant(tenant_id).await?, change)?;
        let skus = self.try_connection(&tenant, 80).await?;
        let row = visitor.audit(self, admin.actor(), AuditKind::TenantChanged, &tenant.alias);
        self.store()
            .write(move |tx| {
                keep_connection(tx, tenant)?;
                Ok::<_, Error>(audit_log::record(tx, &row)?)
            })
            .await?;
        self.keep_skus(tenant_id, skus).await
    }

    /// Takes on a domain that the tenant has, verified and free to be federated.
    pub async fn add_tenant_domain(
        &self,
        admin: &Admin,
        tenant_id: TenantId,
        name: &str,
        visitor: &Visitor,
    ) -> Result<FederatedDomainId> {
        admin.require(Role::SecurityAdmin)?;
        let name = name.trim().to_lowercase();
        let found = self.tenant_domains(admin, tenant_id).await?;
        let fits = |d: &EntraDomain| d.name == name && d.verified && !d.initial && !d.default;
        if !found.iter().any(fits) {
            let public = "This domain can't be federated: it must be verified in the tenant, and \
                          neither its default nor its initial domain.";
            return Err(Error::new(Kind::Conflict, public));
        }
        self.add_domain(tenant_id, &name, admin.actor(), visitor).await
    }
}

/// Trying a connection takes a while: whether writes are stopped is what it is by now (Y33).
pub(super) fn keep_connection(tx: &mut Tx, tried: Tenant) -> Result<()> {
    let now = tenants::by_id(tx, tried.id)?.ok_or_else(|| Error::not_found("tenant"))?;
    Ok(tenants::update(tx, &Tenant { writes_stopped: now.writes_stopped, ..tried })?)
}

fn changed(tenant: Tenant, change: ConnectionChange) -> Result<Tenant> {
    if super::guid("tenant_id", &change.tenant_id)? != tenant.entra_tenant_id.0 {
        let public = "Another directory is another connection; this one keeps its own.";
        return Err(Error::invalid("tenant_id", public));
    }
    if change.alias.trim().is_empty() || !line::is_plain(change.alias.trim()) {
        return Err(Error::invalid("alias", "Give the connection a name, in one line."));
    }
    let expires = tenant.secret_expires_at.filter(|_| change.client_secret.is_none());
    Ok(Tenant {
        alias: change.alias.trim().to_owned(),
        client_id: ClientId(super::guid("client_id", &change.client_id)?),
        client_secret: change.client_secret.unwrap_or(tenant.client_secret),
        secret_expires_at: expires,
        ..tenant
    })
}
