//! A connection to one Entra tenant.

use secrecy::{ExposeSecret as _, SecretSlice, SecretString};

use crate::{
    Ts,
    ids::{ClientId, EntraTenantId, TenantId},
    relying_party::{Cloud, CloudHosts},
};

/// The endings of the domains that Microsoft itself gives to tenants, in its clouds.
const MICROSOFTS: [&str; 3] = [".onmicrosoft.com", ".onmicrosoft.us", ".partner.onmschina.cn"];

/// Whether Microsoft gave this domain to its tenant: nobody federates it, and its mail goes to the tenant.
#[must_use]
pub fn is_microsofts(domain: &str) -> bool {
    MICROSOFTS.iter().any(|ending| domain.ends_with(ending))
}

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
    /// What proves there that we are it.
    pub credential: AppCredential,
    /// When that ends, if known: Entra says it of a certificate, an admin of a secret.
    pub credential_ends_at: Option<Ts>,
    /// Which cloud it lives in.
    pub cloud: Cloud,
    /// That cloud's addresses.
    pub hosts: CloudHosts,
    /// All writes to the tenant are stopped (Y33).
    pub writes_stopped: bool,
    /// Whoever holds an administrator role there gets no token for it (R087).
    pub admins_kept_out: bool,
}

/// What proves to Entra that we are the app registration (R132).
#[derive(Debug, Clone)]
pub enum AppCredential {
    /// A secret that both sides know.
    Secret(SecretString),
    /// A certificate that is registered there; its key never leaves this house.
    Certificate(ClientCertificate),
}

impl AppCredential {
    /// Whether it is the very same secret or certificate.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Secret(one), Self::Secret(another)) => {
                one.expose_secret() == another.expose_secret()
            }
            (Self::Certificate(one), Self::Certificate(another)) => {
                one.certificate == another.certificate
            }
            (Self::Secret(_), Self::Certificate(_)) | (Self::Certificate(_), Self::Secret(_)) => {
                false
            }
        }
    }

    /// Whether it is a certificate.
    #[must_use]
    pub const fn is_certificate(&self) -> bool {
        matches!(self, Self::Certificate(_))
    }
}

/// A certificate that was made here for an app registration, with its key.
#[derive(Debug, Clone)]
pub struct ClientCertificate {
    /// The certificate, DER.
    pub certificate: Vec<u8>,
    /// Its RSA key, PKCS#8 DER.
    pub private_key: SecretSlice<u8>,
    /// When it ends.
    pub not_after: Ts,
}

/// A certificate that waits to be registered and used.
#[derive(Debug, Clone)]
pub struct PreparedCertificate {
    /// The certificate and its key.
    pub made: ClientCertificate,
    /// When it was made.
    pub made_at: Ts,
}
