//! ID tokens (Core 2): what one says, and why.

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use model::{
    Ts,
    issued_token::{Reason, SaidClaim},
};
use serde_json::{Map, Value};

use super::{claims, jwt};
use crate::{
    Result, Stamp,
    assertion::{Attribute, Description, SignedToken},
    claims::Statement,
    keyring::Signer,
};

/// What an ID token says beyond the statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// What is said of the person.
    pub about: Description,
    /// Comes from the request, byte for byte.
    pub nonce: Option<String>,
    /// The name that the client knows the session by.
    pub session: String,
    /// The access token that goes with it.
    pub access_token: String,
}

/// Vouches for a statement: writes, signs, verifies with the published certificate, reads back.
pub fn issue(
    statement: &Statement,
    envelope: &Envelope,
    stamp: &Stamp,
    signer: &Signer,
) -> Result<SignedToken> {
    let token_id = stamp.id();
    let meant = content(statement, envelope, stamp);
    let (text, digest) = jwt::vouch(&meant, signer)?;
    let says = |name: &str, word: &str| match &meant[name] {
        Value::Array(words) => words.iter().any(|it| it == word),
        one => one == word,
    };
    let says_mfa = says("amr", "mfa") || says("acr", crate::uris::REFEDS_MFA);
    Ok(SignedToken { text, token_id, digest, says_mfa })
}

/// What an ID token of this statement says and why, for the journal.
#[must_use]
pub fn said(statement: &Statement, envelope: &Envelope, stamp: &Stamp) -> Vec<SaidClaim> {
    let claim = |name: &str, values: Vec<String>, reason| SaidClaim {
        name: name.to_owned(),
        values,
        reason,
    };
    let (_, subject) = envelope.about.subject.name_id(&stamp.id());
    let at = statement.proof.authenticated_at().min(stamp.now).to_xml();
    let methods = claims::methods(&statement.proof).into_iter().map(str::to_owned).collect();
    let mut said = vec![
        claim("sub", vec![subject], envelope.about.subject.reason()),
        claim("auth_time", vec![at], Reason::FirstFactor),
        claim("acr", vec![claims::class(&statement.proof).to_owned()], Reason::Factors),
        claim("amr", methods, Reason::Factors),
    ];
    said.extend(envelope.about.attributes.iter().map(Attribute::said));
    said
}

fn content(statement: &Statement, envelope: &Envelope, stamp: &Stamp) -> Map<String, Value> {
    let token_id = stamp.id();
    let (_, subject) = envelope.about.subject.name_id(&token_id);
    let mut all = Map::new();
    for attribute in &envelope.about.attributes {
        all.insert(attribute.name.clone(), value(&attribute.values));
    }
    // Ours come last: nothing that was picked stands in their place.
    let mut put = |name: &str, value: Value| all.insert(name.to_owned(), value);
    put("iss", statement.issuer.clone().into());
    put("sub", subject.into());
    put("aud", statement.audience.clone().into());
    put("iat", stamp.now.secs().into());
    put("exp", stamp.not_on_or_after().secs().into());
    put("jti", token_id.into());
    put("auth_time", authenticated_at(statement, stamp).secs().into());
    put("acr", claims::class(&statement.proof).into());
    put("amr", claims::methods(&statement.proof).into());
    put("sid", envelope.session.clone().into());
    put("at_hash", half_hash(&envelope.access_token).into());
    if let Some(nonce) = &envelope.nonce {
        put("nonce", nonce.clone().into());
    }
    all
}

fn authenticated_at(statement: &Statement, stamp: &Stamp) -> Ts {
    statement.proof.authenticated_at().min(stamp.now)
}

/// One value as it is, several as a list.
pub(super) fn value(values: &[String]) -> Value {
    match values {
        [one] => one.clone().into(),
        several => several.into(),
    }
}

/// The left half of a hash, which binds two tokens together (Core 3.1.3.6).
fn half_hash(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(&digest(&SHA256, text.as_bytes()).as_ref()[..16])
}
