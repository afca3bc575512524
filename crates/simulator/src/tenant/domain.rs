//! A domain of the tenant and its `internalDomainFederation` (graph.md 8).

use serde::{Deserialize, Serialize};

/// A domain of the tenant.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "Graph's own properties of a domain")]
pub struct Domain {
    /// The DNS name in lower case.
    pub name: String,
    /// The tenant's default domain.
    pub is_default: bool,
    /// The `onmicrosoft.com` domain that the tenant was born with.
    pub is_initial: bool,
    /// Whether its ownership was proved.
    pub is_verified: bool,
    /// Its federation; without one the domain is Managed.
    pub federation: Option<FederationConfiguration>,
    /// Federated by a create without certificate: nothing works until it is made Managed.
    pub is_broken: bool,
}

impl Domain {
    /// A verified, managed domain.
    pub(crate) fn managed(name: &str) -> Self {
        Self {
            name: name.to_lowercase(),
            is_default: false,
            is_initial: false,
            is_verified: true,
            federation: None,
            is_broken: false,
        }
    }

    /// Whether people of this domain sign in elsewhere.
    pub fn is_federated(&self) -> bool {
        self.federation.is_some() || self.is_broken
    }

    /// `Managed` or `Federated`.
    pub fn authentication_type(&self) -> &'static str {
        if self.is_federated() { "Federated" } else { "Managed" }
    }
}

/// Whom the domain trusts, with Graph's property names.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FederationConfiguration {
    /// The object id.
    #[serde(default)]
    pub id: String,
    /// Shown as the brand.
    #[serde(default)]
    pub display_name: Option<String>,
    /// The only issuer accepted, byte for byte.
    #[serde(default)]
    pub issuer_uri: String,
    /// Where rich clients find the endpoints.
    #[serde(default)]
    pub metadata_exchange_uri: Option<String>,
    /// Where browsers are sent.
    #[serde(default)]
    pub passive_sign_in_uri: Option<String>,
    /// Where old clients send passwords.
    #[serde(default)]
    pub active_sign_in_uri: Option<String>,
    /// Where browsers are sent at sign-out.
    #[serde(default)]
    pub sign_out_uri: Option<String>,
    /// Where people reset their password.
    #[serde(default)]
    pub password_reset_uri: Option<String>,
    /// `wsFed` or `saml`.
    #[serde(default)]
    pub preferred_authentication_protocol: Option<String>,
    /// Base64 DER of the certificate trusted now.
    #[serde(default)]
    pub signing_certificate: Option<String>,
    /// Base64 DER of the certificate trusted as well.
    #[serde(default)]
    pub next_signing_certificate: Option<String>,
    /// Result of the automatic roll-over; read-only.
    #[serde(default)]
    pub signing_certificate_update_status: Option<serde_json::Value>,
    /// Who does the second factor.
    #[serde(default)]
    pub federated_idp_mfa_behavior: Option<String>,
    /// Whether SAML requests are signed.
    #[serde(default)]
    pub is_signed_authentication_request_required: Option<bool>,
    /// How prompt=login reaches the identity provider.
    #[serde(default)]
    pub prompt_login_behavior: Option<String>,
}

impl FederationConfiguration {
    /// The certificates that a token may be signed with, base64 DER.
    pub fn certificates(&self) -> impl Iterator<Item = &str> {
        [&self.signing_certificate, &self.next_signing_certificate]
            .into_iter()
            .filter_map(|certificate| certificate.as_deref())
    }
}
