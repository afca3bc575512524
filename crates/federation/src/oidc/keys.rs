//! The published keys (RFC 7517), each under a name that follows from its certificate, so that any
//! node and any version gives it the same one.

use aws_lc_rs::digest::{SHA256, digest};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jsonwebtoken::{
    DecodingKey,
    jwk::{
        AlgorithmParameters, CommonParameters, Jwk, JwkSet, KeyAlgorithm, PublicKeyUse,
        RSAKeyParameters, RSAKeyType,
    },
};

use crate::keyring::rsa_numbers;

/// The name of a key (`kid`): SHA-256 of its certificate.
#[must_use]
pub fn key_id(certificate: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, certificate))
}

/// The document with the public keys of these certificates.
#[must_use]
pub fn document<'c>(certificates: impl IntoIterator<Item = &'c [u8]>) -> String {
    let set = JwkSet { keys: certificates.into_iter().filter_map(key).collect() };
    serde_json::to_string(&set).unwrap_or_default()
}

fn key(certificate: &[u8]) -> Option<Jwk> {
    let (modulus, exponent) = rsa_numbers(certificate)?;
    Some(Jwk {
        common: CommonParameters {
            public_key_use: Some(PublicKeyUse::Signature),
            key_algorithm: Some(KeyAlgorithm::RS256),
            key_id: Some(key_id(certificate)),
            x509_chain: Some(vec![STANDARD.encode(certificate)]),
            x509_sha256_fingerprint: Some(key_id(certificate)),
            ..CommonParameters::default()
        },
        algorithm: AlgorithmParameters::RSA(RSAKeyParameters {
            key_type: RSAKeyType::RSA,
            n: URL_SAFE_NO_PAD.encode(modulus),
            e: URL_SAFE_NO_PAD.encode(exponent),
        }),
    })
}

/// The key that checks signatures of a certificate's owner.
pub(super) fn checking(certificate: &[u8]) -> Option<DecodingKey> {
    let (modulus, exponent) = rsa_numbers(certificate)?;
    Some(DecodingKey::from_rsa_raw_components(modulus, exponent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_published_key_says_its_name_its_use_and_its_certificate() {
        let der = include_bytes!("../../tests/data/test-certificate.der");
        let read: serde_json::Value = serde_json::from_str(&document([&der[..]])).expect("JSON");
        let key = &read["keys"][0];
        assert_eq!(
            (&key["kty"], &key["use"], &key["alg"]),
            (&"RSA".into(), &"sig".into(), &"RS256".into())
        );
        assert_eq!(key["kid"], key_id(der));
        assert_eq!(key["x5c"][0], STANDARD.encode(der));
        assert_eq!(key["e"], "AQAB");
        assert_eq!(key["n"].as_str().map(str::len), Some(342));
    }
}
