//! A client assertion: a JWT signed with a registered certificate's key (graph.md 1.3).

use aws_lc_rs::digest;
use aws_lc_rs::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm,
};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::Deserialize;

use super::Denial;
use crate::clock::SECOND;

#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(rename = "x5t#S256")]
    sha256: Option<String>,
    x5t: Option<String>,
}

#[derive(Deserialize)]
struct Claims {
    aud: String,
    iss: String,
    sub: String,
    exp: i64,
    #[serde(default)]
    nbf: i64,
}

/// Who is to prove itself, and where.
pub(super) struct Asked<'a> {
    pub(super) client_id: &'a str,
    /// The certificates that are registered, base64 DER.
    pub(super) certificates: &'a [String],
    /// What stands in the place of the tenant in the address.
    pub(super) authority: &'a str,
}

/// Judges an assertion.
pub(super) fn check(asked: &Asked<'_>, assertion: &str, now: i64) -> Result<(), Denial> {
    let malformed = || Denial::new(50027, "The JWT token is invalid or malformed.");
    let (signed, signature) = assertion.rsplit_once('.').ok_or_else(malformed)?;
    let (header, claims) = signed.split_once('.').ok_or_else(malformed)?;
    let header: Header = part(header).ok_or_else(malformed)?;
    let claims: Claims = part(claims).ok_or_else(malformed)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| malformed())?;
    let certificate = registered(asked, &header)?;
    let algorithm: &'static dyn VerificationAlgorithm = match header.alg.as_str() {
        "PS256" => &RSA_PSS_2048_8192_SHA256,
        "RS256" => &RSA_PKCS1_2048_8192_SHA256,
        _ => return Err(malformed()),
    };
    let key = bergshamra_keys::loader::load_x509_cert_der(&certificate)
        .ok()
        .and_then(|key| key.to_spki_der())
        .ok_or_else(malformed)?;
    UnparsedPublicKey::new(algorithm, key)
        .verify(signed.as_bytes(), &signature)
        .map_err(|_| Denial::new(700_027, "Client assertion contains an invalid signature."))?;
    if claims.iss != asked.client_id || claims.sub != asked.client_id {
        let sentence = "The issuer and the subject of the client assertion must be the client id.";
        return Err(Denial::new(700_021, sentence));
    }
    if !(claims.aud.contains(asked.authority) && claims.aud.ends_with("/oauth2/v2.0/token")) {
        return Err(Denial::new(
            700_023,
            "Client assertion audience claim does not match Realm issuer.",
        ));
    }
    let seconds = now / SECOND;
    if seconds >= claims.exp || seconds + 300 < claims.nbf {
        return Err(Denial::new(700_024, "Client assertion is not within its valid time range."));
    }
    Ok(())
}

fn part<T: for<'de> Deserialize<'de>>(encoded: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(encoded).ok()?).ok()
}

fn registered(asked: &Asked<'_>, header: &Header) -> Result<Vec<u8>, Denial> {
    let fits = |der: &[u8]| {
        let print = |algorithm| URL_SAFE_NO_PAD.encode(digest::digest(algorithm, der));
        match (&header.sha256, &header.x5t) {
            (Some(wanted), _) => print(&digest::SHA256) == *wanted,
            (None, Some(wanted)) => print(&digest::SHA1_FOR_LEGACY_USE_ONLY) == *wanted,
            (None, None) => false,
        }
    };
    asked
        .certificates
        .iter()
        .filter_map(|certificate| STANDARD.decode(certificate).ok())
        .find(|der| fits(der))
        .ok_or_else(|| {
            let print = header.sha256.as_ref().or(header.x5t.as_ref()).cloned().unwrap_or_default();
            Denial::new(
                700_027,
                format!(
                    "The certificate with identifier used to sign the client assertion is not \
                 registered on application. [Reason - The key was not found., Thumbprint of key \
                 used by client: '{print}', Please visit the Azure Portal, Graph Explorer or \
                 directly use MS Graph to see configured keys for app Id '{}'.]",
                    asked.client_id
                ),
            )
        })
}
