//! Which permissions the app registration was given that no call of ours needs (R133).
//!
//! Graph's tokens are not ours to read: what one says of its roles is a hint for people and decides
//! nothing.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

/// Every permission that some call of ours is glad of.
const NEEDED: [&str; 12] = [
    "AuditLog.Read.All",
    "Domain-InternalFederation.Read.All",
    "Domain.Read.All",
    "GroupMember.Read.All",
    "LicenseAssignment.Read.All",
    "LicenseAssignment.ReadWrite.All",
    "Organization.Read.All",
    "Policy.Read.All",
    "RoleManagement.Read.Directory",
    "User.DeleteRestore.All",
    "User.ReadWrite.All",
    "User.RevokeSessions.All",
];

#[derive(Deserialize)]
struct Claims {
    #[serde(default)]
    roles: Vec<String>,
}

/// The permissions in a token that nothing here needs; none where it can't be read.
pub(crate) fn superfluous(token: &SecretString) -> Vec<String> {
    let claims = token.expose_secret().split('.').nth(1).and_then(|part| {
        let json = URL_SAFE_NO_PAD.decode(part).ok()?;
        serde_json::from_slice::<Claims>(&json).ok()
    });
    let mut roles = claims.map(|claims| claims.roles).unwrap_or_default();
    roles.retain(|role| !NEEDED.contains(&role.as_str()));
    roles.sort();
    roles
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(claims: &str) -> SecretString {
        format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims)).into()
    }

    /// R133
    #[test]
    fn what_nothing_needs_is_named_and_an_opaque_token_says_nothing() {
        let roles = r#"{"roles":["User.ReadWrite.All","Mail.ReadWrite","Domain.ReadWrite.All"]}"#;
        assert_eq!(superfluous(&token(roles)), ["Domain.ReadWrite.All", "Mail.ReadWrite"]);
        let needed = NEEDED.map(|role| format!("\"{role}\"")).join(",");
        assert!(superfluous(&token(&format!(r#"{{"roles":[{needed}]}}"#))).is_empty());
        for opaque in [token("{}"), token("nonsense"), "EwBwA8l6BAAU".into(), "".into()] {
            assert!(superfluous(&opaque).is_empty());
        }
    }
}
