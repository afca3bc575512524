//! What we speak, and where (Discovery 3, RFC 8414 2).

use model::{oidc::Scope, relying_party::ClaimSource};
use serde_json::json;

use crate::{
    endpoints::{Endpoints, OidcAddress},
    uris,
};

/// The discovery document of a domain.
#[must_use]
pub fn document(endpoints: &Endpoints) -> String {
    let at = |address| endpoints.oidc(address);
    let own = ["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid"];
    let standard = ClaimSource::ALL.into_iter().filter_map(ClaimSource::standard_claim);
    let claims: Vec<&str> = own.into_iter().chain(standard).collect();
    json!({
        "issuer": endpoints.oidc_issuer(),
        "authorization_endpoint": at(OidcAddress::Authorization),
        "pushed_authorization_request_endpoint": at(OidcAddress::Pushed),
        "require_pushed_authorization_requests": false,
        "token_endpoint": at(OidcAddress::Token),
        "userinfo_endpoint": at(OidcAddress::UserInfo),
        "end_session_endpoint": at(OidcAddress::EndSession),
        "jwks_uri": at(OidcAddress::Keys),
        "scopes_supported": Scope::ALL.map(Scope::as_str),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "form_post"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported":
            ["client_secret_basic", "client_secret_post", "none"],
        "code_challenge_methods_supported": ["S256"],
        "acr_values_supported": [uris::REFEDS_MFA, uris::AC_PASSWORD_PROTECTED],
        "prompt_values_supported": ["none", "login", "select_account"],
        "claim_types_supported": ["normal"],
        "claims_supported": claims,
        "claims_parameter_supported": false,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "authorization_response_iss_parameter_supported": true,
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
    })
    .to_string()
}
