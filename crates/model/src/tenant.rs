//! A connection to one Entra tenant.

use secrecy::SecretString;

use crate::{
    Ts,
    ids::{ClientId, EntraTenantId, TenantId},
    relying_party::{Cloud, CloudHosts},
};

/// An Entra tenant and the app registration that we use there.
#[derive(Debug, Clone)]
pub struct Tenant {
    /// Our id.
    pub id: TenantId,
    /// What admins call it.
    pub alias: String,
    /// Microsoft's id of the directory.
    pub entra_tenant_id: EntraTenantId,
    /// The app registration.
    pub client_id: ClientId,
    /// Its secret.
    pub client_secret: SecretString,
    /// When the secret expires, if known.
    pub secret_expires_at: Option<Ts>,
    /// Which cloud it lives in.
    pub cloud: Cloud,
    /// That cloud's addresses.
    pub hosts: CloudHosts,
    /// All writes to the tenant are stopped (Y33).
    pub writes_stopped: bool,
    /// Whoever holds an administrator role there gets no token for it (R087).
    pub admins_kept_out: bool,
}
