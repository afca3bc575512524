//! The tenant, its domains and their federation (`graph.md` 8), and the test of a connection.

use model::{
    entra::{EntraDomain, FederationConfiguration},
    ids::{EntraTenantId, ObjectId},
};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    client::{Call, Check, Graph, MissingPermission},
    error::{Error, Result},
    licenses, permissions,
};

const READ_TENANT: &str = "Organization.Read.All";
const READ_DOMAINS: &str = "Domain.Read.All";
const READ_FEDERATION: &str = "Domain-InternalFederation.Read.All";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireTenant {
    id: Uuid,
    display_name: Option<String>,
}

#[expect(clippy::struct_excessive_bools, reason = "each is a property of the same name at Graph")]
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireDomain {
    id: String,
    authentication_type: String,
    #[serde(default)]
    is_verified: bool,
    #[serde(default)]
    is_default: bool,
    #[serde(default)]
    is_initial: bool,
    #[serde(default = "yes")]
    is_root: bool,
}

/// Older answers don't say that a domain is a root.
const fn yes() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireFederation {
    id: Uuid,
    display_name: Option<String>,
    issuer_uri: Option<String>,
    passive_sign_in_uri: Option<String>,
    active_sign_in_uri: Option<String>,
    metadata_exchange_uri: Option<String>,
    sign_out_uri: Option<String>,
    signing_certificate: Option<String>,
    next_signing_certificate: Option<String>,
    preferred_authentication_protocol: Option<String>,
    federated_idp_mfa_behavior: Option<String>,
    prompt_login_behavior: Option<String>,
    is_signed_authentication_request_required: Option<bool>,
}

#[derive(Deserialize)]
struct Any {}

impl Graph {
    /// Tests the connection: token, tenant pin (Y32), and what the app may read.
    pub async fn check(&self) -> Result<Check> {
        let tenant = self.tenant().await?;
        let found = EntraTenantId(tenant.id);
        if found != self.pinned() {
            return Err(Error::OtherTenant { pinned: self.pinned(), found });
        }
        let mut missing = Vec::new();
        for (segments, permission, purpose) in [
            (["users"], "User.ReadWrite.All", "see, create and change people"),
            (["subscribedSkus"], licenses::READ, "see the products and their seats"),
            (["domains"], READ_DOMAINS, "see the domains"),
            (["directoryRoles"], "RoleManagement.Read.Directory", "know whom never to touch"),
        ] {
            let query: &[(&str, &str)] =
                if segments == ["users"] { &[("$top", "1"), ("$select", "id")] } else { &[] };
            let call = Call::get(self.url(&segments, query), permission);
            match self.read::<Any>(call).await {
                Ok(Any {}) => {}
                Err(Error::MissingPermission { permission }) => {
                    missing.push(MissingPermission { permission, purpose });
                }
                Err(error) => return Err(error),
            }
        }
        let token = self.token().await?;
        missing.extend(permissions::untried(&token));
        let superfluous = permissions::superfluous(&token);
        let name = tenant.display_name.unwrap_or_default();
        Ok(Check { tenant: found, name, missing, superfluous })
    }

    /// The tenant that the credentials lead to.
    pub async fn organization_id(&self) -> Result<EntraTenantId> {
        Ok(EntraTenantId(self.tenant().await?.id))
    }

    /// The tenant's domains.
    pub async fn domains(&self) -> Result<Vec<EntraDomain>> {
        let domains: Vec<WireDomain> =
            self.list(Call::get(self.url(&["domains"], &[]), READ_DOMAINS)).await?;
        Ok(domains.into_iter().map(WireDomain::into_noun).collect())
    }

    /// A domain's federation object and its id; `None` while the domain is managed.
    pub async fn federation(
        &self,
        domain: &str,
    ) -> Result<Option<(ObjectId, FederationConfiguration)>> {
        let url = self.url(&["domains", domain, "federationConfiguration"], &[]);
        match self.list::<WireFederation>(Call::get(url, READ_FEDERATION)).await {
            Ok(mut found) => Ok(found.pop().map(WireFederation::into_noun)),
            Err(Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn tenant(&self) -> Result<WireTenant> {
        let url = self.url(&["organization"], &[("$select", "id,displayName")]);
        let mut tenants: Vec<WireTenant> = self.list(Call::get(url, READ_TENANT)).await?;
        tenants.pop().ok_or_else(|| Error::Unexpected("it names no tenant".to_owned()))
    }
}

impl WireDomain {
    fn into_noun(self) -> EntraDomain {
        EntraDomain {
            name: self.id.to_lowercase(),
            verified: self.is_verified,
            default: self.is_default,
            initial: self.is_initial,
            root: self.is_root,
            federated: self.authentication_type == "Federated",
        }
    }
}

impl WireFederation {
    fn into_noun(self) -> (ObjectId, FederationConfiguration) {
        let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
        let configuration = FederationConfiguration {
            display_name: self.display_name.unwrap_or_default(),
            issuer_uri: self.issuer_uri.unwrap_or_default(),
            passive_sign_in_uri: self.passive_sign_in_uri.unwrap_or_default(),
            active_sign_in_uri: filled(self.active_sign_in_uri),
            metadata_exchange_uri: filled(self.metadata_exchange_uri),
            sign_out_uri: self.sign_out_uri.unwrap_or_default(),
            signing_certificate: self.signing_certificate.unwrap_or_default(),
            next_signing_certificate: filled(self.next_signing_certificate),
            preferred_authentication_protocol: self
                .preferred_authentication_protocol
                .unwrap_or_default(),
            federated_idp_mfa_behavior: self.federated_idp_mfa_behavior.unwrap_or_default(),
            prompt_login_behavior: self.prompt_login_behavior.unwrap_or_default(),
            is_signed_authentication_request_required: self
                .is_signed_authentication_request_required
                .unwrap_or_default(),
        };
        (ObjectId(self.id), configuration)
    }
}
