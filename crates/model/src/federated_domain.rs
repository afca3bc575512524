//! A DNS domain that we vouch for.

use crate::{
    Ts,
    ids::{FederatedDomainId, TenantId},
};

/// A domain of a tenant that is, or is going to be, federated with us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FederatedDomain {
    /// Our id.
    pub id: FederatedDomainId,
    /// The tenant that owns it.
    pub tenant_id: TenantId,
    /// The DNS name, in lower case.
    pub name: String,
    /// The path segment of its addresses (`/d/{slug}/…`): lower-case letters, digits, dashes.
    pub slug: String,
    /// What tokens say as their issuer; equals Entra's `issuerUri` byte for byte.
    pub issuer_uri: String,
    /// A switched-off domain gets no token (R082).
    pub enabled: bool,
    /// When Entra was last seen to federate with us; `None` while it does not.
    pub federated_at: Option<Ts>,
}
