//! Signed tokens of JSON (RFC 7515). `jsonwebtoken` knows the header and checks what was made; the
//! signature itself comes from our [`Signer`], whose key may never leave a PKCS#11 token. As with
//! assertions, what is meant is compared with what the finished token says when a stranger reads it
//! (R092).

use aws_lc_rs::digest::{SHA256, digest};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jsonwebtoken::{Algorithm, Header, Validation};
use serde_json::{Map, Value};

use super::keys;
use crate::{Error, Result, keyring::Signer};

/// Writes, signs, verifies with the published certificate and reads back; the token and its SHA-256.
pub(crate) fn vouch(meant: &Map<String, Value>, signer: &Signer) -> Result<(String, [u8; 32])> {
    vouch_as("JWT", meant, signer)
}

/// The same for a token of this type (`typ`).
pub(super) fn vouch_as(
    kind: &str,
    meant: &Map<String, Value>,
    signer: &Signer,
) -> Result<(String, [u8; 32])> {
    let certificate = STANDARD
        .decode(signer.certificate_base64())
        .map_err(|_| Error::UnusableKey("the certificate is damaged"))?;
    let mut header = Header::new(Algorithm::RS256);
    header.typ = Some(kind.to_owned());
    header.kid = Some(keys::key_id(&certificate));
    let message =
        format!("{}.{}", part(serde_json::to_vec(&header))?, part(serde_json::to_vec(meant))?);
    let signature = signer.sign(message.as_bytes())?;
    let text = format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature));
    let read = read(&text, &certificate).ok_or(Error::Unverified("the ID token"))?;
    if read != *meant {
        return Err(Error::ReadBack("the ID token says something else"));
    }
    let mut sum = [0; 32];
    sum.copy_from_slice(digest(&SHA256, text.as_bytes()).as_ref());
    Ok((text, sum))
}

fn part(json: serde_json::Result<Vec<u8>>) -> Result<String> {
    Ok(URL_SAFE_NO_PAD.encode(json.map_err(|_| Error::ReadBack("it is not JSON"))?))
}

/// What a token says, if the owner of this certificate signed it; nothing is asked of its times.
pub(super) fn read(text: &str, certificate: &[u8]) -> Option<Map<String, Value>> {
    let mut rules = Validation::new(Algorithm::RS256);
    rules.required_spec_claims.clear();
    rules.validate_exp = false;
    rules.validate_aud = false;
    let key = keys::checking(certificate)?;
    jsonwebtoken::decode(text, &key, &rules).ok().map(|read| read.claims)
}
