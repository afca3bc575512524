//! The ID token, as it should be or with one thing wrong.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::account::Account;
use super::keys::Keys;
use crate::{random, sample};

/// What is wrong with the next ID token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Twist {
    /// Somebody else says to have issued it.
    Issuer,
    /// Its `tid` is not that of its issuer.
    Tenant,
    /// It is of another directory altogether.
    ForeignTenant,
    /// It is for another application.
    Audience,
    /// It was given to another application.
    Party,
    /// It is not signed at all (`none`).
    Unsigned,
    /// It is "signed" with the public key as a shared secret (HS256).
    SharedSecret,
    /// Another key signed it than it names.
    Signature,
    /// It names a key that nobody published.
    UnknownKey,
    /// A key of another directory signed it.
    ForeignKey,
    /// It answers another question.
    Nonce,
    /// It answers no question.
    NoNonce,
    /// It is over.
    Expired,
    /// It is not good yet.
    Future,
    /// It does not say who it is.
    NoObject,
}

/// What a token is made of.
pub(super) struct Facts<'a> {
    pub(super) login: &'a str,
    pub(super) account: &'a Account,
    pub(super) client_id: &'a str,
    pub(super) nonce: &'a str,
    pub(super) did_mfa: bool,
    /// In seconds.
    pub(super) now: i64,
}

pub(super) fn issue(keys: &Keys, facts: &Facts<'_>, twist: Option<Twist>) -> String {
    sign(keys, &claims(facts, twist), twist)
}

/// Signs what is to be said, or does so wrongly.
pub(crate) fn sign(keys: &Keys, claims: &Value, twist: Option<Twist>) -> String {
    let ring = keys.ring();
    let (key, named) = match twist {
        Some(Twist::ForeignKey) => (&ring.foreign, &ring.foreign.id),
        Some(Twist::Signature) => (&ring.hidden, &ring.own.id),
        Some(Twist::UnknownKey) => (&ring.hidden, &ring.hidden.id),
        _ => (&ring.own, &ring.own.id),
    };
    let algorithm = match twist {
        Some(Twist::Unsigned) => "none",
        Some(Twist::SharedSecret) => "HS256",
        _ => "RS256",
    };
    let header = json!({"typ": "JWT", "alg": algorithm, "kid": named});
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(&header), part(claims));
    let signature = match twist {
        Some(Twist::Unsigned) => Vec::new(),
        Some(Twist::SharedSecret) => {
            let secret = hmac::Key::new(hmac::HMAC_SHA256, &key.public_der());
            hmac::sign(&secret, signed.as_bytes()).as_ref().to_vec()
        }
        _ => key.sign(signed.as_bytes()),
    };
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn claims(facts: &Facts<'_>, twist: Option<Twist>) -> Value {
    let Facts { login, account, now, .. } = facts;
    let mut claims = json!({
        "ver": "2.0",
        "iss": format!("{login}/{}/v2.0", account.tenant),
        "sub": random::blob::<32>(),
        "aud": facts.client_id,
        "exp": now + 3600, "iat": now, "nbf": now,
        "name": account.display_name,
        "preferred_username": account.name,
        "email": account.email,
        "oid": account.object,
        "tid": account.tenant,
        "nonce": facts.nonce,
    });
    if facts.did_mfa {
        claims["amr"] = json!(["pwd", "mfa"]);
    }
    let other = sample::ADATUM_ID;
    match twist {
        Some(Twist::Issuer) => claims["iss"] = "https://evil.example/v2.0".into(),
        Some(Twist::Tenant) => claims["tid"] = other.into(),
        Some(Twist::ForeignTenant) => {
            claims["tid"] = other.into();
            claims["iss"] = format!("{login}/{other}/v2.0").into();
        }
        Some(Twist::Audience) => claims["aud"] = sample::OTHER_SIGN_IN_CLIENT_ID.into(),
        Some(Twist::Party) => claims["azp"] = sample::OTHER_SIGN_IN_CLIENT_ID.into(),
        Some(Twist::Nonce) => claims["nonce"] = random::blob::<16>().into(),
        Some(Twist::NoNonce) => claims["nonce"] = Value::Null,
        Some(Twist::Expired) => claims["exp"] = (now - 600).into(),
        Some(Twist::Future) => claims["nbf"] = (now + 600).into(),
        Some(Twist::NoObject) => claims["oid"] = Value::Null,
        _ => {}
    }
    claims
}
