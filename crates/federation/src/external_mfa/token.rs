//! The answer to Entra (`graph.md` 12.6): an ID token about a second factor, and about nothing else.

use model::external_mfa::Answer;
use serde_json::{Map, Value};

use crate::{Result, Stamp, assertion::SignedToken, keyring::Signer, oidc::jwt};

/// Whom an answer is about, and for whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statement<'a> {
    /// Who vouches.
    pub issuer: &'a str,
    /// Which tenant may believe it, as Entra named itself.
    pub audience: &'a str,
    /// The subject of the hint, byte for byte.
    pub subject: &'a str,
    /// Comes from the request, byte for byte.
    pub nonce: &'a str,
}

/// Vouches for a second factor: writes, signs, verifies with the published certificate, reads back.
/// It never says that two factors were verified: the first one was not verified here.
pub fn issue(
    statement: &Statement<'_>,
    answer: Answer,
    stamp: &Stamp,
    signer: &Signer,
) -> Result<SignedToken> {
    let token_id = stamp.id();
    let mut meant = Map::new();
    let mut put = |name: &str, value: Value| meant.insert(name.to_owned(), value);
    put("iss", statement.issuer.into());
    put("aud", statement.audience.into());
    put("sub", statement.subject.into());
    put("nonce", statement.nonce.into());
    put("iat", stamp.now.secs().into());
    put("exp", stamp.not_on_or_after().secs().into());
    put("jti", token_id.clone().into());
    put("acr", answer.context().into());
    // Exactly one.
    put("amr", vec![answer.method()].into());
    let (text, digest) = jwt::vouch(&meant, signer)?;
    Ok(SignedToken { text, token_id, digest, says_mfa: false })
}
