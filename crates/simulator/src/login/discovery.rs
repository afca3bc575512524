//! What client libraries read before anything else: the OpenID configuration of an authority, and
//! which hosts are the same cloud.

use serde_json::{Value, json};

use super::openid::{self, PERSONAL};
use crate::tenant::Tenant;

/// Microsoft's own sign-in host.
pub(crate) const LOGIN: &str = "https://login.microsoftonline.com";

/// `/{authority}/v2.0/.well-known/openid-configuration`; `None` for a tenant that isn't there.
pub(crate) fn openid_configuration(tenant: &Tenant, login: &str, authority: &str) -> Option<Value> {
    let (id, issuer) = match authority {
        "organizations" | "common" => (authority.to_owned(), "{tenantid}".to_owned()),
        "consumers" => (authority.to_owned(), PERSONAL.to_owned()),
        named => openid::directory(tenant, named).map(|id| (id.clone(), id))?,
    };
    Some(json!({
        "issuer": format!("{login}/{issuer}/v2.0"),
        "authorization_endpoint": format!("{login}/{id}/oauth2/v2.0/authorize"),
        "token_endpoint": format!("{login}/{id}/oauth2/v2.0/token"),
        "jwks_uri": format!("{login}/{id}/discovery/v2.0/keys"),
        "response_types_supported": ["code"], "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
        "tenant_region_scope": null, "cloud_instance_name": "microsoftonline.com",
    }))
}

/// `/common/discovery/instance`.
pub(crate) fn instance() -> Value {
    json!({
        "tenant_discovery_endpoint": format!("{LOGIN}/common/v2.0/.well-known/openid-configuration"),
        "api-version": "1.1",
        "metadata": [{
            "preferred_network": "login.microsoftonline.com",
            "preferred_cache": "login.windows.net",
            "aliases": ["login.microsoftonline.com", "login.windows.net", "login.microsoft.com"],
        }],
    })
}
