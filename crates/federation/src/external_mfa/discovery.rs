//! What we speak towards Entra (`graph.md` 12.3). Its parts come from one public address, so they
//! always agree to the byte.

use serde_json::json;

use super::{AUTHORIZATION_PATH, KEYS_PATH};

/// The discovery document of this issuer.
#[must_use]
pub fn document(issuer: &str) -> String {
    json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}{AUTHORIZATION_PATH}"),
        "jwks_uri": format!("{issuer}{KEYS_PATH}"),
        "scopes_supported": ["openid"],
        "response_types_supported": ["id_token"],
        "response_modes_supported": ["form_post"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "claim_types_supported": ["normal"],
        "claims_supported": ["iss", "sub", "aud", "exp", "iat", "nonce", "acr", "amr"],
        "claims_parameter_supported": true,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
    })
    .to_string()
}
