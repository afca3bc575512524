//! The token about a person that goes along to the provider. It is over already, so that it is no token
//! to sign in with.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::super::openid::{Account, Twist, sign};
use crate::clock::SECOND;
use crate::sample;
use crate::world::World;

/// What a person is called towards one provider.
pub(super) fn subject(client_id: &str, object: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, format!("{client_id}\n{object}").as_bytes()))
}

pub(super) fn issue(
    world: &World,
    account: &Account,
    (client_id, subject): (&str, &str),
) -> String {
    let twist = world.openid.next_twist();
    let now = world.now() / SECOND;
    let mut claims = json!({
        "ver": "2.0",
        "iss": format!("{}/{}/v2.0", world.url(), account.tenant),
        "sub": subject,
        "aud": client_id,
        "exp": now - 1, "iat": now, "nbf": now,
        "name": account.display_name,
        "preferred_username": account.name,
        "oid": account.object,
        "tid": account.tenant,
    });
    distort(&mut claims, twist, (world.url(), now));
    sign(&world.openid.keys, &claims, twist)
}

fn distort(claims: &mut Value, twist: Option<Twist>, (login, now): (&str, i64)) {
    let other = sample::ADATUM_ID;
    match twist {
        Some(Twist::Issuer) => claims["iss"] = "https://evil.example/v2.0".into(),
        Some(Twist::Tenant) => claims["tid"] = other.into(),
        Some(Twist::ForeignTenant) => {
            claims["tid"] = other.into();
            claims["iss"] = format!("{login}/{other}/v2.0").into();
        }
        Some(Twist::Audience) => claims["aud"] = sample::OTHER_SIGN_IN_CLIENT_ID.into(),
        Some(Twist::Expired) => claims["iat"] = (now - 3600).into(),
        Some(Twist::Future) => claims["nbf"] = (now + 600).into(),
        Some(Twist::NoObject) => claims["oid"] = Value::Null,
        _ => {}
    }
}
