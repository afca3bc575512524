//! The external MFA provider of Microsoft Entra ID (`graph.md` 12): Entra posts a request with a token
//! of its own about somebody, and gets an ID token about their second factor. It looks like OpenID
//! Connect with `response_type=id_token`, and shares nothing with it but keys and the way in which
//! tokens are signed: an issuer of its own, one client a tenant, no session, no code.

pub mod discovery;
mod refusal;
pub mod request;
pub mod token;

pub use refusal::Refusal;

use url::Url;

/// Everything of it is below the public address and this, and the issuer is that address.
pub const PATH: &str = "/eam";
/// What is spoken, and where.
pub const DISCOVERY_PATH: &str = "/.well-known/openid-configuration";
/// Where the keys are.
pub const KEYS_PATH: &str = "/jwks";
/// Where Entra sends browsers.
pub const AUTHORIZATION_PATH: &str = "/authorize";

/// What answers say as their issuer.
#[must_use]
pub fn issuer(public_url: &Url) -> String {
    format!("{}{PATH}", public_url.as_str().trim_end_matches('/'))
}

/// Where Entra takes the answer, below the login host of its cloud.
#[must_use]
pub fn reply(login: &str) -> String {
    format!("{login}/common/federation/externalauthprovider")
}
