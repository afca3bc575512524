//! Which permissions the app registration was given that no call of ours needs (R133), and which it lacks
//! that no test tries.
//!
//! Graph's tokens are not ours to read: what one says of its roles is a hint for people and decides
//! nothing.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use crate::client::MissingPermission;

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

/// Broad permissions, each with the needed ones that it may stand in for.
const STAND_INS: [(&str, &[&str]); 9] = [
    ("Directory.Read.All", OF_THE_DIRECTORY),
    ("Directory.ReadWrite.All", OF_THE_DIRECTORY),
    ("Domain-InternalFederation.ReadWrite.All", &["Domain-InternalFederation.Read.All"]),
    ("Domain.ReadWrite.All", &["Domain.Read.All", "Domain-InternalFederation.Read.All"]),
    ("Group.Read.All", &["GroupMember.Read.All"]),
    ("Group.ReadWrite.All", &["GroupMember.Read.All"]),
    ("GroupMember.ReadWrite.All", &["GroupMember.Read.All"]),
    ("Organization.ReadWrite.All", &["Organization.Read.All"]),
    ("RoleManagement.ReadWrite.Directory", &["RoleManagement.Read.Directory"]),
];
const OF_THE_DIRECTORY: &[&str] = &[
    "Domain.Read.All",
    "GroupMember.Read.All",
    "Organization.Read.All",
    "RoleManagement.Read.Directory",
];

/// Needed ones that no call tries while a connection is tested, each with what it is for.
const UNTRIED: [(&str, &str); 2] = [
    ("Domain-InternalFederation.Read.All", "see how a domain is federated"),
    ("GroupMember.Read.All", "know whom never to touch, through groups too"),
];

#[derive(Deserialize)]
struct Claims {
    #[serde(default)]
    roles: Vec<String>,
}

/// The permissions in a token that nothing here needs; `None` where it can't be read. A broad one in
/// the place of what is needed counts as needed: without it nothing would work.
pub(crate) fn superfluous(token: &SecretString) -> Option<Vec<String>> {
    let mut roles = roles(token)?;
    let has = roles.clone();
    let lacks = |needed: &&str| !has.iter().any(|role| role == needed);
    roles.retain(|role| {
        let stand_in = STAND_INS.iter().find(|(broad, _)| broad == role);
        let is_used = stand_in.is_some_and(|(_, covered)| covered.iter().any(lacks));
        !is_used && !NEEDED.contains(&role.as_str())
    });
    roles.sort();
    Some(roles)
}

/// Those of the untried ones that a token lacks, and whatever could stand in for them; none where it
/// can't be read.
pub(crate) fn untried(token: &SecretString) -> Vec<MissingPermission> {
    let Some(roles) = roles(token) else { return Vec::new() };
    let has = |needed: &str| {
        let stands_in = |role: &String| {
            STAND_INS.iter().any(|(broad, covered)| broad == role && covered.contains(&needed))
        };
        roles.iter().any(|role| role == needed || stands_in(role))
    };
    let lacks = UNTRIED.into_iter().filter(|(permission, _)| !has(permission));
    lacks.map(|(permission, purpose)| MissingPermission { permission, purpose }).collect()
}

fn roles(token: &SecretString) -> Option<Vec<String>> {
    let claims = token.expose_secret().split('.').nth(1).and_then(|part| {
        let json = URL_SAFE_NO_PAD.decode(part).ok()?;
        serde_json::from_slice::<Claims>(&json).ok()
    });
    claims.map(|claims| claims.roles).filter(|roles| !roles.is_empty())
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
        let said = |roles: &str| superfluous(&token(&format!(r#"{{"roles":[{roles}]}}"#)));
        let broad = r#""User.ReadWrite.All","Mail.ReadWrite","Directory.Read.All""#;
        let mail = Some(vec!["Mail.ReadWrite".to_owned()]);
        assert_eq!(said(broad), mail, "what stands in for others is needed");
        let needed = NEEDED.map(|role| format!("\"{role}\"")).join(",");
        assert_eq!(said(&needed), Some(Vec::new()));
        let directory = Some(vec!["Directory.Read.All".to_owned()]);
        assert_eq!(said(&format!("{needed},\"Directory.Read.All\"")), directory);
        let lacks = |roles: &str| {
            let lacks = untried(&token(&format!(r#"{{"roles":[{roles}]}}"#)));
            lacks.iter().map(|it| it.permission).collect::<Vec<_>>()
        };
        assert_eq!(lacks(&needed), Vec::<&str>::new());
        assert_eq!(lacks(broad), ["Domain-InternalFederation.Read.All"], "groups are covered");
        for opaque in [token("{}"), token("nonsense"), "EwBwA8l6BAAU".into(), "".into()] {
            assert_eq!(superfluous(&opaque), None);
            assert_eq!(untried(&opaque), Vec::new());
        }
    }
}
