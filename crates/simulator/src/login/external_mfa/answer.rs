//! The judge of answers: whose attempt it is, and whether the token holds (graph.md 12.6).

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::provider::{self, Provider};
use super::{ATTEMPT_LIFE, Attempt, CONTEXTS, METHODS};
use crate::clock::SECOND;
use crate::login::{Denial, Session};
use crate::world::World;
use crate::{locked, random};

/// How far the two clocks may differ, in seconds.
const SKEW: i64 = 300;

/// Judges the posted form; the cookie of a mailbox session comes back.
pub(crate) async fn accept(world: &World, form: &[(String, String)]) -> Result<String, Denial> {
    let field = |name: &str| {
        let mut found = form.iter().filter(|(key, _)| key == name);
        match (found.next(), found.next()) {
            (Some((_, value)), None) => Some(value.as_str()),
            _ => None,
        }
    };
    let state = field("state").ok_or_else(|| odd("state is missing"))?;
    let attempt = locked(&world.external_mfa.attempts).remove(state);
    let live = |attempt: &Attempt| attempt.begun_at + ATTEMPT_LIFE >= world.now();
    let attempt = attempt.filter(live).ok_or_else(|| {
        Denial::new(50089, "Authentication failed due to flow token expired. Sign in again.")
    })?;
    if let Some(error) = field("error") {
        let why = field("error_description").unwrap_or_default();
        let sentence = format!("External security challenge not satisfied: {error}. {why}");
        return Err(Denial::new(50158, sentence));
    }
    let token = field("id_token").ok_or_else(|| odd("id_token is missing"))?;
    let provider = provider::known(world, &attempt.method).await?;
    let claims = verified(token, &provider)?;
    let method = judge(&claims, &attempt, &provider, world.now() / SECOND)?;
    let user = world.read(|tenant| tenant.user(&attempt.user_id).cloned());
    let user = user.filter(crate::tenant::User::account_enabled);
    let user = user.ok_or_else(|| Denial::new(50057, "The user account is disabled."))?;
    let now = world.now();
    Ok(world.sign_ins.open(Session {
        user_id: user.id,
        did_mfa: true,
        methods: vec!["pwd".to_owned(), method],
        authenticated_at: now,
        begun_at: now,
        index: random::guid(),
    }))
}

fn odd(what: &str) -> Denial {
    Denial::new(900_612, format!("The response of the external provider is invalid: {what}."))
}

/// What a token says, if one of the provider's keys signed it.
fn verified(token: &str, provider: &Provider) -> Result<Value, Denial> {
    let parts: Vec<&str> = token.split('.').collect();
    let [header, claims, signature] = parts.as_slice() else { return Err(odd("it is no JWT")) };
    let bytes =
        |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| odd("a part is not base64url"));
    let json = |part: &str| -> Result<Value, Denial> {
        serde_json::from_slice(&bytes(part)?).map_err(|_| odd("a part is not JSON"))
    };
    let header = json(header)?;
    if header["alg"] != "RS256" {
        return Err(odd("alg is not RS256"));
    }
    let unverified = || {
        let sentence = format!(
            "External ID token from issuer '{}' failed signature verification. KeyID of token is \
             '{}'.",
            provider.issuer,
            header["kid"].as_str().unwrap_or_default()
        );
        Denial::new(50012, sentence)
    };
    let key = provider.keys.iter().find(|key| key["kid"] == header["kid"]);
    let key = key.ok_or_else(unverified)?;
    let number = |name: &str| bytes(key[name].as_str().unwrap_or_default());
    let public = RsaPublicKeyComponents { n: number("n")?, e: number("e")? };
    let signed = token.rsplit_once('.').map_or("", |(signed, _)| signed);
    public
        .verify(&RSA_PKCS1_2048_8192_SHA256, signed.as_bytes(), &bytes(signature)?)
        .map_err(|_| unverified())?;
    json(claims)
}

/// Whether a token answers this attempt; how the person proved it.
fn judge(
    claims: &Value,
    attempt: &Attempt,
    provider: &Provider,
    now: i64,
) -> Result<String, Denial> {
    for (name, wanted) in [
        ("iss", provider.issuer.as_str()),
        ("aud", attempt.method.client_id.as_str()),
        ("sub", attempt.subject.as_str()),
        ("nonce", attempt.nonce.as_str()),
    ] {
        if claims[name] != wanted {
            return Err(odd(&format!("{name} is another one")));
        }
    }
    let (issued, ends) = (claims["iat"].as_i64(), claims["exp"].as_i64());
    let timely =
        issued.is_some_and(|at| at <= now + SKEW) && ends.is_some_and(|at| now - SKEW < at);
    if !timely {
        return Err(odd("it is of another time"));
    }
    if !claims["acr"].as_str().is_some_and(|acr| CONTEXTS.contains(&acr)) {
        return Err(Denial::new(50159, "Claims sent by external provider is not enough: acr."));
    }
    let methods = claims["amr"].as_array().map(Vec::as_slice).unwrap_or_default();
    match methods {
        [Value::String(one)] if METHODS.contains(&one.as_str()) => Ok(one.clone()),
        _ => Err(Denial::new(50159, "Claims sent by external provider is not enough: amr.")),
    }
}
