//! Who calls, and what they may: access tokens and permissions (graph.md 1.4, 2.1, 2.6, 8.3).

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Refusal;
use crate::clock::SECOND;
use crate::sample;
use crate::tenant::{Tenant, User};
use crate::world::World;

/// Who calls.
#[derive(Debug, Clone)]
pub(crate) enum Caller {
    /// The app registration, with the roles of its token.
    App { roles: Vec<String> },
    /// A global administrator with a delegated token.
    Admin,
}

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    aud: String,
    iss: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    appid: String,
    tid: String,
    uti: String,
    roles: Vec<String>,
}

const HEADER: &str = r#"{"typ":"JWT","alg":"HS256"}"#;

fn key(tenant: &Tenant) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, tenant.token_key.as_bytes())
}

/// Makes an access token that carries the app's roles as they are now.
pub(crate) fn issue(tenant: &Tenant, now: i64, life: i64) -> String {
    let issued = now / SECOND;
    let claims = Claims {
        aud: "https://graph.microsoft.com".to_owned(),
        iss: format!("https://sts.windows.net/{}/", tenant.id),
        iat: issued,
        nbf: issued,
        exp: issued + life,
        appid: tenant.app.client_id.clone(),
        tid: tenant.id.clone(),
        uti: crate::random::blob::<16>(),
        roles: tenant.app.roles.clone(),
    };
    signed(tenant, &claims)
}

/// Makes an access token of a person. It carries no roles: Graph does nothing for it here.
pub(crate) fn issue_delegated(
    tenant: &Tenant,
    (user, client, scope): (&User, &str, &str),
    now: i64,
    life: i64,
) -> String {
    let (issued, id) = (now / SECOND, &tenant.id);
    let plain = ["openid", "profile", "offline_access", "email"];
    let scopes: Vec<&str> =
        scope.split(' ').filter(|scope| !plain.contains(scope)).map(last_segment).collect();
    let claims = json!({
        "aud": "https://graph.microsoft.com", "iss": format!("https://sts.windows.net/{id}/"),
        "iat": issued, "nbf": issued, "exp": issued + life, "appid": client, "tid": id,
        "uti": crate::random::blob::<16>(), "roles": [], "oid": user.id, "upn": user.upn(),
        "scp": scopes.join(" "), "amr": ["pwd"],
    });
    signed(tenant, &claims)
}

fn last_segment(scope: &str) -> &str {
    scope.rsplit('/').next().unwrap_or(scope)
}

/// Makes an id token. Microsoft signs these with RSA; client libraries only read them.
pub(crate) fn issue_id_token(
    tenant: &Tenant,
    (user, client): (&User, &str),
    now: i64,
    life: i64,
) -> String {
    let (issued, id) = (now / SECOND, &tenant.id);
    let claims = json!({
        "aud": client, "iss": format!("https://login.microsoftonline.com/{id}/v2.0"),
        "iat": issued, "nbf": issued, "exp": issued + life, "tid": id, "ver": "2.0",
        "oid": user.id, "sub": user.id, "preferred_username": user.upn(),
    });
    signed(tenant, &claims)
}

fn signed(tenant: &Tenant, claims: &impl Serialize) -> String {
    let claims = serde_json::to_vec(claims).expect("strings and numbers serialise");
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(HEADER), URL_SAFE_NO_PAD.encode(claims));
    let tag = hmac::sign(&key(tenant), signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag))
}

fn unauthorized(message: &str) -> Refusal {
    Refusal::new(401, "InvalidAuthenticationToken", message)
}

/// The refusal of a token that is past its time.
pub(crate) fn expired() -> Refusal {
    unauthorized("Lifetime validation failed, the token is expired.")
}

impl Caller {
    /// Reads the `Authorization` header.
    pub(crate) fn from_header(world: &World, header: Option<&str>) -> Result<Self, Refusal> {
        let token = header
            .and_then(|value| value.strip_prefix("Bearer "))
            .map(str::trim)
            .filter(|token| !token.is_empty())
            .ok_or_else(|| unauthorized("Access token is empty."))?;
        if token == sample::ADMIN_TOKEN {
            return Ok(Self::Admin);
        }
        let claims = world
            .read(|tenant| verified(tenant, token))
            .ok_or_else(|| unauthorized("Access token validation failure. Invalid signature."))?;
        if world.now() / SECOND >= claims.exp {
            return Err(expired());
        }
        Ok(Self::App { roles: claims.roles })
    }

    /// Refuses a caller who has none of the permissions.
    pub(crate) fn needs(&self, any_of: &[&str]) -> Result<(), Refusal> {
        match self {
            Self::Admin => Ok(()),
            Self::App { roles } if roles.iter().any(|role| any_of.contains(&role.as_str())) => {
                Ok(())
            }
            Self::App { .. } => Err(Refusal::denied()),
        }
    }

    /// Refuses an app that does something sensitive to a protected administrator.
    pub(crate) fn may_touch(&self, tenant: &Tenant, user: &User) -> Result<(), Refusal> {
        match self {
            Self::App { .. } if tenant.is_admin(&user.id) => Err(Refusal::denied()),
            _ => Ok(()),
        }
    }
}

fn verified(tenant: &Tenant, token: &str) -> Option<Claims> {
    let (signed, tag) = token.rsplit_once('.')?;
    let tag = URL_SAFE_NO_PAD.decode(tag).ok()?;
    hmac::verify(&key(tenant), signed.as_bytes(), &tag).ok()?;
    let (_, claims) = signed.split_once('.')?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
}
