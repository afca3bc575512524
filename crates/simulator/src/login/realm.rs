//! Realm discovery: who signs this person in, in the four shapes that clients ask for
//! (graph.md 13.1).

use serde_json::{Value, json};

use super::{MULTIPLE_AUTHN, REALM};
use crate::tenant::{FederationConfiguration, Tenant};

const CLOUD: &str = "microsoftonline.com";

/// Who signs a person in.
#[derive(Debug, Clone)]
pub(crate) enum Realm {
    Federated { domain: String, federation: Box<FederationConfiguration> },
    Managed { domain: String, brand: String },
    Unknown,
}

/// Finds the realm of an address.
pub(crate) fn realm(tenant: &Tenant, address: &str) -> Realm {
    let Some(domain) = tenant.domain_of(address) else { return Realm::Unknown };
    match &domain.federation {
        Some(federation) => Realm::Federated {
            domain: domain.name.clone(),
            federation: Box::new(federation.clone()),
        },
        None => Realm::Managed { domain: domain.name.clone(), brand: tenant.display_name.clone() },
    }
}

/// Percent-escapes as the login host writes them: with lower-case digits.
pub(super) fn escaped(text: &str) -> String {
    use std::fmt::Write;
    let mut escaped = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(escaped, "%{byte:02x}");
        }
    }
    escaped
}

pub(super) fn append(address: &str, query: &str) -> String {
    let separator = if address.contains('?') { '&' } else { '?' };
    format!("{address}{separator}{query}")
}

/// What a sign-in asks of the identity provider.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Demand<'a> {
    pub(crate) username: &'a str,
    pub(crate) context: &'a str,
    pub(crate) wants_mfa: bool,
    pub(crate) now: i64,
}

impl FederationConfiguration {
    /// The redirect of a browser, in the recorded shape (federation.md 1.1).
    pub(crate) fn sign_in_address(&self, demand: Demand<'_>) -> String {
        // The page's script prepends the first option with an upper-case escape.
        let context = escaped(demand.context).replacen("LoginOptions%3d3", "LoginOptions%3D3", 1);
        let mut query = format!(
            "client-request-id={}&wa=wsignin1.0&wtrealm={}&wctx={context}&cbcxt=&username={}&mkt=&lc=",
            crate::random::guid(),
            escaped(REALM),
            escaped(demand.username),
        );
        if demand.wants_mfa {
            query.push_str("&wauth=");
            query.push_str(&escaped(MULTIPLE_AUTHN));
        }
        append(self.passive_sign_in_uri.as_deref().unwrap_or_default(), &query)
    }

    /// The redirect at sign-out.
    pub(crate) fn sign_out_address(&self) -> Option<String> {
        let address = self.sign_out_uri.as_deref().filter(|address| !address.is_empty())?;
        let says_so = address.contains("wa=wsignout1.0");
        Some(if says_so { address.to_owned() } else { append(address, "wa=wsignout1.0") })
    }

    fn auth_url(&self, username: &str) -> String {
        if self.speaks_saml() {
            return self.passive_sign_in_uri.clone().unwrap_or_default();
        }
        let query = format!(
            "username={}&wa=wsignin1.0&wtrealm={}&wctx=",
            escaped(username),
            escaped(REALM)
        );
        append(self.passive_sign_in_uri.as_deref().unwrap_or_default(), &query)
    }

    /// Whether browsers are sent there with SAML 2.0.
    pub(crate) fn speaks_saml(&self) -> bool {
        self.preferred_authentication_protocol.as_deref() == Some("saml")
    }

    fn protocol(&self) -> &'static str {
        if self.speaks_saml() { "SAML20" } else { "WSTrust" }
    }
}

/// `/common/userrealm/{user}` in version 1.0 or 2.0.
pub(crate) fn user_realm(realm: &Realm, user: &str, version: &str) -> Value {
    if version == "2.0" {
        return user_realm_2(realm, user);
    }
    let mut body = json!({
        "ver": "1.0", "account_type": "Unknown", "cloud_instance_name": CLOUD,
        "cloud_audience_urn": REALM,
    });
    match realm {
        Realm::Federated { domain, federation } => {
            body["account_type"] = "Federated".into();
            body["domain_name"] = domain.clone().into();
            body["federation_protocol"] = federation.protocol().into();
            body["federation_metadata_url"] = federation.metadata_exchange_uri.clone().into();
            body["federation_active_auth_url"] = federation.active_sign_in_uri.clone().into();
        }
        Realm::Managed { domain, .. } => {
            body["account_type"] = "Managed".into();
            body["domain_name"] = domain.clone().into();
        }
        Realm::Unknown => {}
    }
    body
}

fn user_realm_2(realm: &Realm, user: &str) -> Value {
    match realm {
        Realm::Federated { domain, federation } => json!({
            "NameSpaceType": "Federated", "federation_protocol": federation.protocol(),
            "Login": user, "AuthURL": federation.auth_url(user), "DomainName": domain,
            "FederationBrandName": federation.display_name, "TenantBrandingInfo": null,
            "cloud_instance_name": CLOUD,
        }),
        Realm::Managed { domain, brand } => json!({
            "NameSpaceType": "Managed", "Login": user, "DomainName": domain,
            "FederationBrandName": brand, "TenantBrandingInfo": null,
            "cloud_instance_name": CLOUD,
        }),
        Realm::Unknown => json!({
            "NameSpaceType": "Unknown", "Login": user, "cloud_instance_name": CLOUD,
        }),
    }
}

/// `/getuserrealm.srf` as JSON.
pub(crate) fn get_user_realm(realm: &Realm, login: &str) -> Value {
    match realm {
        Realm::Federated { domain, federation } => json!({
            "State": 3, "UserState": 2, "Login": login, "NameSpaceType": "Federated",
            "DomainName": domain, "FederationGlobalVersion": -1,
            "AuthURL": federation.auth_url(login),
            "FederationBrandName": federation.display_name, "CloudInstanceName": CLOUD,
            "CloudInstanceIssuerUri": REALM,
        }),
        Realm::Managed { domain, brand } => json!({
            "State": 4, "UserState": 1, "Login": login, "NameSpaceType": "Managed",
            "DomainName": domain, "FederationBrandName": brand, "CloudInstanceName": CLOUD,
            "CloudInstanceIssuerUri": REALM,
        }),
        Realm::Unknown => {
            json!({"State": 4, "UserState": 1, "Login": login, "NameSpaceType": "Unknown"})
        }
    }
}

/// `/getuserrealm.srf?xml=1`.
pub(crate) fn get_user_realm_xml(realm: &Realm, login: &str) -> String {
    use crate::page::escape;
    let body = get_user_realm(realm, login);
    let mut xml = String::from(r#"<RealmInfo Success="true">"#);
    let mut element = |name: &str, value: &str| {
        xml.extend(["<", name, ">", escape(value).as_str(), "</", name, ">"]);
    };
    for name in ["State", "UserState", "Login", "NameSpaceType", "DomainName"] {
        match &body[name] {
            Value::String(text) => element(name, text),
            Value::Null => {}
            other => element(name, &other.to_string()),
        }
    }
    if let Realm::Federated { federation, .. } = realm {
        element("IsFederatedNS", "true");
        element("STSAuthURL", federation.active_sign_in_uri.as_deref().unwrap_or_default());
        element("MEXURL", federation.metadata_exchange_uri.as_deref().unwrap_or_default());
        element("AuthURL", &federation.auth_url(login));
    }
    for name in ["FederationBrandName", "CloudInstanceName", "CloudInstanceIssuerUri"] {
        if let Some(text) = body[name].as_str() {
            element(name, text);
        }
    }
    xml.push_str("</RealmInfo>");
    xml
}

/// `/common/GetCredentialType`.
pub(crate) fn credential_type(realm: &Realm, username: &str, exists: bool) -> Value {
    let (preferred, domain_type, redirect) = match realm {
        Realm::Federated { federation, .. } => (4, 4, Some(federation.auth_url(username))),
        _ => (1, 3, None),
    };
    // For a federated domain only the identity provider knows who exists.
    let exists = exists || redirect.is_some();
    json!({
        "Username": username, "Display": username, "IfExistsResult": i32::from(!exists),
        "ThrottleStatus": 0,
        "Credentials": {
            "PrefCredential": preferred, "HasPassword": true, "FederationRedirectUrl": redirect,
        },
        "EstsProperties": {"UserTenantBranding": null, "DomainType": domain_type},
        "FlowToken": "", "apiCanary": "",
    })
}
