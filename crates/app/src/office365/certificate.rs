//! A certificate in place of the client secret (R132): made here, registered at Microsoft by an
//! admin, tried, and only then used. The one before goes on working until then.

use std::time::Duration;

use federation::keyring;
use model::{
    Role, Ts,
    audit::AuditKind,
    ids::TenantId,
    tenant::{AppCredential, ClientCertificate, PreparedCertificate, Tenant},
};
use store::{Tx, audit_log, prepared_certificates};

use super::connection::keep_connection;
use crate::{Admin, Error, House, Kind, Result, Visitor};

/// How long a client certificate is good.
const VALID_FOR: Duration = Duration::from_hours(730 * 24);

/// What the console shows of a client certificate; the key stays in its room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldCertificate {
    /// The certificate, DER.
    pub certificate: Vec<u8>,
    /// SHA-1 of it, in capitals, as Entra shows it.
    pub thumbprint: String,
    /// When it ends.
    pub not_after: Ts,
}

/// A certificate that waits until Microsoft knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The certificate.
    pub held: HeldCertificate,
    /// When it was made.
    pub made_at: Ts,
}

impl HeldCertificate {
    pub(crate) fn of(made: &ClientCertificate) -> Self {
        Self {
            certificate: made.certificate.clone(),
            thumbprint: keyring::thumbprint(&made.certificate),
            not_after: made.not_after,
        }
    }

    /// The certificate of a connection, if it has one.
    #[must_use]
    pub fn in_use(tenant: &Tenant) -> Option<Self> {
        match &tenant.credential {
            AppCredential::Secret(_) => None,
            AppCredential::Certificate(held) => Some(Self::of(held)),
        }
    }
}

impl House {
    /// The certificate that waits for a connection, if there is one.
    pub async fn waiting_certificate(
        &self,
        _admin: &Admin,
        tenant: TenantId,
    ) -> Result<Option<Waiting>> {
        let found = self
            .store()
            .read(move |tx| Ok::<_, Error>(prepared_certificates::get(tx, tenant)?))
            .await?;
        Ok(found.map(|it| Waiting { held: HeldCertificate::of(&it.made), made_at: it.made_at }))
    }

    /// Makes a certificate for a connection, in the place of one that waited. Nothing uses it yet.
    pub async fn make_certificate(
        &self,
        admin: &Admin,
        tenant_id: TenantId,
        visitor: &Visitor,
    ) -> Result<()> {
        admin.require(Role::SecurityAdmin)?;
        admin.require_fresh(self.now())?;
        let tenant = self.tenant(tenant_id).await?;
        let now = self.now();
        let made = self.new_client_certificate().await?;
        let mut row = visitor.audit(self, admin.actor(), AuditKind::TenantChanged, &tenant.alias);
        row.detail = format!("certificate made: {}", keyring::thumbprint(&made.certificate));
        let prepared = PreparedCertificate { made, made_at: now };
        self.store()
            .write(move |tx| {
                prepared_certificates::put(tx, tenant_id, &prepared)?;
                Ok::<_, Error>(audit_log::record(tx, &row)?)
            })
            .await
    }

    /// A certificate and its key, for an app registration.
    pub(crate) async fn new_client_certificate(&self) -> Result<ClientCertificate> {
        let (now, serial) = (self.now(), self.draw::<16>());
        let host = self.settings().public_url.host_str().unwrap_or("gatehouse").to_owned();
        let name = format!("Gatehouse client {host}");
        let made = tokio::task::spawn_blocking(move || {
            keyring::new_client_certificate(&name, now, VALID_FOR, serial)
        });
        Ok(made.await??)
    }

    /// Tries the certificate that waits, the one with this thumbprint, and uses it from now on. What
    /// was used before is forgotten here; at Microsoft it is good until somebody removes it.
    pub async fn use_certificate(
        &self,
        admin: &Admin,
        tenant_id: TenantId,
        thumbprint: &str,
        visitor: &Visitor,
    ) -> Result<()> {
        admin.require(Role::SecurityAdmin)?;
        admin.require_fresh(self.now())?;
        let waiting = self
            .store()
            .read(move |tx| waiting(tx, tenant_id))
            .await?
            .filter(|waiting| keyring::thumbprint(&waiting.made.certificate) == thumbprint)
            .ok_or_else(gone)?;
        let before = self.tenant(tenant_id).await?;
        let mut tenant = before.clone();
        tenant.credential_ends_at = Some(waiting.made.not_after);
        tenant.credential = AppCredential::Certificate(waiting.made);
        let skus = self.try_connection(&tenant).await?;
        let mut row = visitor.audit(self, admin.actor(), AuditKind::TenantChanged, &tenant.alias);
        row.detail = format!("certificate used: {thumbprint}");
        let tried = thumbprint.to_owned();
        self.store()
            .write(move |tx| {
                // Another admin may have made another one while this one was tried.
                let still = waiting_is(tx, tenant_id, &tried)?;
                if !still {
                    return Err(gone());
                }
                keep_connection(tx, &before, tenant)?;
                prepared_certificates::remove(tx, tenant_id)?;
                Ok(audit_log::record(tx, &row)?)
            })
            .await?;
        self.keep_skus(tenant_id, skus).await?;
        self.look_at_connection(tenant_id).await?;
        Ok(())
    }

    /// Forgets the certificate that waits, the one with this thumbprint.
    pub async fn discard_certificate(
        &self,
        admin: &Admin,
        tenant_id: TenantId,
        thumbprint: &str,
        visitor: &Visitor,
    ) -> Result<()> {
        admin.require(Role::SecurityAdmin)?;
        let tenant = self.tenant(tenant_id).await?;
        let mut row = visitor.audit(self, admin.actor(), AuditKind::TenantChanged, &tenant.alias);
        row.detail = format!("certificate discarded: {thumbprint}");
        let meant = thumbprint.to_owned();
        self.store()
            .write(move |tx| {
                if waiting_is(tx, tenant_id, &meant)? {
                    prepared_certificates::remove(tx, tenant_id)?;
                    audit_log::record(tx, &row)?;
                }
                Ok::<_, Error>(())
            })
            .await
    }
}

fn waiting(tx: &mut Tx, tenant: TenantId) -> Result<Option<PreparedCertificate>> {
    Ok(prepared_certificates::get(tx, tenant)?)
}

fn waiting_is(tx: &mut Tx, tenant: TenantId, thumbprint: &str) -> Result<bool> {
    let same = |it: PreparedCertificate| keyring::thumbprint(&it.made.certificate) == thumbprint;
    Ok(waiting(tx, tenant)?.is_some_and(same))
}

fn gone() -> Error {
    let public = "This certificate doesn't wait any more: it is used, discarded or replaced. Look \
                  at the page again.";
    Error::new(Kind::Conflict, public)
}
