//! Whether an ID token is believed, and whom it names. `jsonwebtoken` checks the signature, with the
//! one algorithm that is taken; everything that a token says is compared here, against a time that is
//! handed in.

use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use model::{
    Ts,
    ids::{ClientId, EntraTenantId, ObjectId},
    microsoft_account::{Identity, Vouched},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::authority::{Issuer, Key};
use crate::error::one_line;

/// How far our clock and Microsoft's may be apart.
pub(super) const SKEW: Duration = Duration::from_mins(5);

/// Why a token is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It can't be read.
    Malformed,
    /// It is signed with another algorithm than RS256, or not at all.
    Algorithm,
    /// Nobody published the key that it names.
    UnknownKey,
    /// Its key is for another issuer.
    ForeignKey,
    /// Its signature does not hold.
    Signature,
    /// Somebody else issued it than its tenant.
    Issuer,
    /// It is for another application.
    Audience,
    /// It is of another time.
    Time,
    /// It answers another question.
    Nonce,
    /// It does not say who somebody is.
    Nobody,
}

/// What a token must say.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a Issuer,
    pub(super) client_id: ClientId,
    pub(super) nonce: &'a str,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: Value,
    azp: Option<String>,
    exp: i64,
    nbf: Option<i64>,
    iat: Option<i64>,
    nonce: Option<String>,
    tid: Option<String>,
    oid: Option<String>,
    #[serde(default)]
    preferred_username: String,
    #[serde(default)]
    amr: Vec<String>,
}

impl Fault {
    /// The word that the audit log keeps.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Algorithm => "algorithm",
            Self::UnknownKey => "unknown key",
            Self::ForeignKey => "key of another issuer",
            Self::Signature => "signature",
            Self::Issuer => "issuer",
            Self::Audience => "audience",
            Self::Time => "time",
            Self::Nonce => "nonce",
            Self::Nobody => "names nobody",
        }
    }
}

/// The key that a token names, if it is signed as it must be.
pub(super) fn key_id(token: &str) -> Result<String, Fault> {
    // What is no algorithm for signing, such as `none`, can't be read as a header at all.
    let header = jsonwebtoken::decode_header(token).map_err(|_| Fault::Algorithm)?;
    if header.alg != Algorithm::RS256 {
        return Err(Fault::Algorithm);
    }
    header.kid.ok_or(Fault::UnknownKey)
}

/// Whom a token names, if it is believed.
pub(super) fn check(
    token: &str,
    key: &Key,
    expected: &Expected<'_>,
    now: Ts,
) -> Result<Vouched, Fault> {
    let claims: Claims = signed(token, key)?;
    let id = |text: &Option<String>| text.as_deref().and_then(|text| text.parse().ok());
    let tenant: EntraTenantId = id(&claims.tid).map(EntraTenantId).ok_or(Fault::Nobody)?;
    let object = id(&claims.oid).map(ObjectId).ok_or(Fault::Nobody)?;
    if !expected.issuer.is_of(&claims.iss, tenant) {
        return Err(Fault::Issuer);
    }
    if key.issuer.as_ref().is_some_and(|of| !of.is_of(&claims.iss, tenant)) {
        return Err(Fault::ForeignKey);
    }
    let client = expected.client_id.to_string();
    let is_ours = |audience: &str| audience.eq_ignore_ascii_case(&client);
    // A token for several applications is for none: nobody here asks for one.
    if !claims.aud.as_str().is_some_and(is_ours) || !claims.azp.as_deref().is_none_or(is_ours) {
        return Err(Fault::Audience);
    }
    if !is_timely(&claims, now) {
        return Err(Fault::Time);
    }
    if claims.nonce.as_deref() != Some(expected.nonce) {
        return Err(Fault::Nonce);
    }
    Ok(Vouched {
        identity: Identity { tenant, object },
        name: one_line(&claims.preferred_username),
        says_mfa: claims.amr.iter().any(|method| method == "mfa"),
    })
}

/// What a token says, if this key signed it with the one algorithm that is taken.
pub(super) fn signed<T: DeserializeOwned>(token: &str, key: &Key) -> Result<T, Fault> {
    let decoding =
        DecodingKey::from_rsa_components(&key.n, &key.e).map_err(|_| Fault::UnknownKey)?;
    // Times, issuer and audience are compared here, not by the library's own clock.
    let mut rules = Validation::new(Algorithm::RS256);
    rules.required_spec_claims.clear();
    rules.validate_exp = false;
    rules.validate_nbf = false;
    rules.validate_aud = false;
    jsonwebtoken::decode(token, &decoding, &rules).map(|read| read.claims).map_err(|error| {
        use jsonwebtoken::errors::ErrorKind;
        match error.kind() {
            ErrorKind::InvalidSignature => Fault::Signature,
            ErrorKind::InvalidAlgorithm | ErrorKind::InvalidAlgorithmName => Fault::Algorithm,
            _ => Fault::Malformed,
        }
    })
}

fn is_timely(claims: &Claims, now: Ts) -> bool {
    let skew = i64::try_from(SKEW.as_secs()).unwrap_or_default();
    let begins = [claims.nbf, claims.iat].into_iter().flatten().all(|at| at <= now.secs() + skew);
    begins && now.secs() < claims.exp.saturating_add(skew)
}
