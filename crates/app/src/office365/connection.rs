//! Changing a connection that is there, and taking on a domain of its tenant.

use std::time::Duration;

use model::{
    Role, Ts,
    audit::AuditKind,
    entra::EntraDomain,
    ids::{ClientId, FederatedDomainId, TenantId},
    line,
    tenant::{AppCredential, Tenant},
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
    /// Its new secret; `None` keeps the old one, or the certificate.
    pub client_secret: Option<SecretString>,
    /// The last day of the secret, as typed; empty keeps what is known of the old one.
    pub secret_ends: String,
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
        let before = self.tenant(tenant_id).await?;
        let tenant = changed(before.clone(), change, self.now())?;
        let skus = self.try_connection(&tenant).await?;
        let mut row = visitor.audit(self, admin.actor(), AuditKind::TenantChanged, &tenant.alias);
        let known = tenant.credential_ends_at.filter(|_| !tenant.credential.is_certificate());
        row.detail = known.map_or_else(String::new, |at| {
            format!("last day of the secret: {}", at.datetime().format("%Y-%m-%d"))
        });
        self.store()
            .write(move |tx| {
                keep_connection(tx, &before, tenant)?;
                Ok::<_, Error>(audit_log::record(tx, &row)?)
            })
            .await?;
        self.keep_skus(tenant_id, skus).await?;
        self.look_at_connection(tenant_id).await?;
        Ok(())
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
        let fits =
            |d: &EntraDomain| d.name == name && d.verified && d.root && !d.initial && !d.default;
        if !found.iter().any(fits) {
            let public = "This domain can't be federated: it must be verified in the tenant, and \
                          neither its default nor its initial domain, nor below another one.";
            return Err(Error::new(Kind::Conflict, public));
        }
        let added = self.add_domain(tenant_id, &name, admin.actor(), visitor).await?;
        if let Err(error) = self.check_domain(added).await {
            tracing::warn!(%error, domain = name, "the domain that was added can't be looked at");
        }
        Ok(added)
    }
}

/// Trying a connection takes a while: whether writes are stopped is what it is by now (Y33), and what
/// somebody else made of the connection meanwhile is not overwritten. A key would be lost with it.
pub(super) fn keep_connection(tx: &mut Tx, before: &Tenant, tried: Tenant) -> Result<()> {
    tenants::lock(tx, tried.id)?;
    let now = tenants::by_id(tx, tried.id)?.ok_or_else(|| Error::not_found("tenant"))?;
    let is_as_before = now.credential.is_same(&before.credential)
        && (now.client_id, &now.alias, now.credential_ends_at)
            == (before.client_id, &before.alias, before.credential_ends_at);
    if !is_as_before {
        let public = "Somebody else changed the connection meanwhile. Look at it, and try again.";
        return Err(Error::new(Kind::Conflict, public));
    }
    Ok(tenants::update(
        tx,
        &Tenant {
            writes_stopped: now.writes_stopped,
            admins_kept_out: now.admins_kept_out,
            ..tried
        },
    )?)
}

fn changed(tenant: Tenant, change: ConnectionChange, now: Ts) -> Result<Tenant> {
    if super::guid("tenant_id", &change.tenant_id)? != tenant.entra_tenant_id.0 {
        let public = "Another directory is another connection; this one keeps its own.";
        return Err(Error::invalid("tenant_id", public));
    }
    if change.alias.trim().is_empty() || !line::is_plain(change.alias.trim()) {
        return Err(Error::invalid("alias", "Give the connection a name, in one line."));
    }
    let known = tenant.credential_ends_at.filter(|_| change.client_secret.is_none());
    let typed = last_day(&change.secret_ends, now)?;
    if typed.is_some() && change.client_secret.is_none() && tenant.credential.is_certificate() {
        let public = "The certificate says itself when it ends. Leave the day empty.";
        return Err(Error::invalid("secret_ends", public));
    }
    Ok(Tenant {
        alias: change.alias.trim().to_owned(),
        client_id: ClientId(super::guid("client_id", &change.client_id)?),
        credential: change.client_secret.map_or(tenant.credential, AppCredential::Secret),
        credential_ends_at: typed.or(known),
        ..tenant
    })
}

/// The longest that Entra lets a secret live.
const LONGEST_SECRET: Duration = Duration::from_hours(731 * 24);

/// The day on which a secret ends, as browsers send dates; none when nothing was typed. It may end
/// at any hour of that day, so it is taken to end when the day begins.
pub(crate) fn last_day(typed: &str, now: Ts) -> Result<Option<Ts>> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    let wrong = |public: &str| Error::invalid("secret_ends", public);
    let day = Ts::from_rfc3339(&format!("{typed}T00:00:00Z"))
        .ok_or_else(|| wrong("That is no day. Write it as year, month and day: 2027-05-31."))?;
    if now.since(day) >= Duration::from_hours(24) {
        return Err(wrong("That day is past: Microsoft takes the secret no more. Save a new one."));
    }
    if day.since(now) > LONGEST_SECRET {
        return Err(wrong("No secret lives that long: two years at most. Check the year."));
    }
    Ok(Some(day))
}
