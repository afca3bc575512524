//! What client libraries read before anything else: the OpenID configuration of an authority, and
//! which hosts are the same cloud.

use serde_json::{Value, json};

use crate::tenant::Tenant;

const LOGIN: &str = "https://login.microsoftonline.com";

/// `/{authority}/v2.0/.well-known/openid-configuration`; `None` for a tenant that isn't there.
pub(crate) fn openid_configuration(tenant: &Tenant, authority: &str) -> Option<Value> {
    let id = match authority {
        "organizations" | "common" => authority,
        named if named.eq_ignore_ascii_case(&tenant.id) => tenant.id.as_str(),
        named => tenant.domain(named).filter(|it| it.is_verified).map(|_| tenant.id.as_str())?,
    };
    let issuer = if id == tenant.id { id } else { "{tenantid}" };
    Some(json!({
        "issuer": format!("{LOGIN}/{issuer}/v2.0"),
        "authorization_endpoint": format!("{LOGIN}/{id}/oauth2/v2.0/authorize"),
        "token_endpoint": format!("{LOGIN}/{id}/oauth2/v2.0/token"),
        "jwks_uri": format!("{LOGIN}/{id}/discovery/v2.0/keys"),
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
