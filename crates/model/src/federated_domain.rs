//! A DNS domain that we vouch for.

use serde::{Deserialize, Serialize};

use crate::{
    Ts,
    ids::{FederatedDomainId, TenantId},
    network::Network,
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
    /// By which protocol Entra shall send browsers here. We answer both: while the one is switched
    /// to the other, either may come.
    pub browser_protocol: BrowserProtocol,
    /// Who does the second factor that Microsoft demands, as planned.
    pub mfa_behavior: MfaBehavior,
    /// The organisation's own networks. Where there are any, a token to Microsoft says whether it
    /// was asked for from one of them, and Conditional Access may trust that.
    pub corporate_networks: Vec<Network>,
}

impl FederatedDomain {
    /// Whether an address lies in a corporate network; `None` where none is configured.
    #[must_use]
    pub fn is_inside(&self, address: &str) -> Option<bool> {
        let networks = &self.corporate_networks;
        let inside = || networks.iter().any(|network| network.contains_text(address));
        (!networks.is_empty()).then(inside)
    }
}

/// By which protocol a browser carries requests and tokens: one per domain for Entra, and one per
/// application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BrowserProtocol {
    /// WS-Federation: what Entra itself recommends, and what Windows sign-in needs.
    #[default]
    WsFed,
    /// SAML 2.0.
    Saml2,
}

impl BrowserProtocol {
    /// Graph's value of `preferredAuthenticationProtocol`.
    #[must_use]
    pub const fn in_graph(self) -> &'static str {
        match self {
            Self::WsFed => "wsFed",
            Self::Saml2 => "saml",
        }
    }

    /// What people call it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::WsFed => "WS-Federation",
            Self::Saml2 => "SAML 2.0",
        }
    }
}

/// Who does the second factor that Microsoft demands (`federatedIdpMfaBehavior`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MfaBehavior {
    /// We, where the token says that we did; otherwise Microsoft asks for its own.
    #[default]
    Accept,
    /// We alone: without our second factor Microsoft sends people back here.
    Enforce,
    /// Microsoft alone, whatever we did.
    Reject,
}

impl MfaBehavior {
    /// Every value, the careful one first.
    pub const ALL: [Self; 3] = [Self::Accept, Self::Enforce, Self::Reject];

    /// Graph's value.
    #[must_use]
    pub const fn in_graph(self) -> &'static str {
        match self {
            Self::Accept => "acceptIfMfaDoneByFederatedIdp",
            Self::Enforce => "enforceMfaByFederatedIdp",
            Self::Reject => "rejectMfaByFederatedIdp",
        }
    }

    /// What people call it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Accept => "Here or at Microsoft",
            Self::Enforce => "Here alone",
            Self::Reject => "At Microsoft alone",
        }
    }
}
