//! How Entra signs a request of SAML 2.0 where a domain demands it (federation.md 2.2): as it was
//! recorded, with RSA and SHA-1 and a key that is named and not shown, or beside the message in an
//! address.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rsa::pkcs8::DecodePrivateKey;
use rsa::{Pkcs1v15Sign, RsaPrivateKey};

use super::realm::escaped;
use super::shape::DSIG;

/// The key of the pretend Microsoft, which nobody trusts who was not told to.
const KEY: &[u8] = include_bytes!("../data/request-key.der");
/// Its certificate, DER.
pub(crate) const CERTIFICATE: &[u8] = include_bytes!("../data/request-certificate.der");
/// The certificate's subject key identifier.
const KEY_IDENTIFIER: &str = "G6lXkZ/bqco0qgEApbvFD0anyg0=";
const RSA_SHA1: &str = "http://www.w3.org/2000/09/xmldsig#rsa-sha1";
/// What stands before a digest of SHA-1 in a signature (RFC 8017 9.2).
const SHA1_INFO: [u8; 15] =
    [0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14];

/// A signature of RSA with SHA-1. The key is part of this program, so it does not fail.
fn sign(message: &[u8]) -> String {
    let hash = digest(&SHA1_FOR_LEGACY_USE_ONLY, message);
    let info = [&SHA1_INFO[..], hash.as_ref()].concat();
    let key = RsaPrivateKey::from_pkcs8_der(KEY).ok();
    let signature = key.and_then(|key| key.sign(Pkcs1v15Sign::new_unprefixed(), &info).ok());
    STANDARD.encode(signature.unwrap_or_default())
}

/// The signature inside a message, which is in canonical form without it.
pub(super) fn enveloped(id: &str, canonical: &str) -> String {
    let hash = STANDARD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, canonical.as_bytes()));
    let info = |space: &str| {
        format!(
            "<SignedInfo{space}><CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></CanonicalizationMethod><SignatureMethod Algorithm=\"{RSA_SHA1}\"></SignatureMethod><Reference URI=\"#{id}\"><Transforms><Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"></Transform><Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></Transform></Transforms><DigestMethod Algorithm=\"http://www.w3.org/2000/09/xmldsig#sha1\"></DigestMethod><DigestValue>{hash}</DigestValue></Reference></SignedInfo>"
        )
    };
    let signature = sign(info(&format!(" xmlns=\"{DSIG}\"")).as_bytes());
    format!(
        "<Signature xmlns=\"{DSIG}\">{}<SignatureValue>{signature}</SignatureValue><KeyInfo><ds:X509Data xmlns:ds=\"{DSIG}\"><ds:X509SKI>{KEY_IDENTIFIER}</ds:X509SKI></ds:X509Data><ds:KeyName xmlns:ds=\"{DSIG}\">MicrosoftOnline</ds:KeyName></KeyInfo></Signature>",
        info("")
    )
}

/// The query of an address with its signature (SAML 2.0 bindings 3.4.4.1).
pub(super) fn beside(query: &str) -> String {
    let signed = format!("{query}&SigAlg={}", escaped(RSA_SHA1));
    format!("{signed}&Signature={}", escaped(&sign(signed.as_bytes())))
}
