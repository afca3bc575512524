//! Signatures that strangers made, checked with keys that an admin registered (R105 to R108):
//! exactly one, a child of the document element, over all of it, with exactly two transforms. Keys,
//! addresses and hints inside the message are never looked at. What is hashed is the tree that is
//! also read (R099).

use aws_lc_rs::{
    digest::{self, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512, digest},
    signature::{
        ECDSA_P256_SHA256_FIXED, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
        RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
        VerificationAlgorithm,
    },
};
use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::algorithm;
use crate::{Error, Result, keyring::public_key, uris, xml::read::Node};

/// Whether the outdated SHA-1 counts (R108).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sha1 {
    /// It never does.
    Refused,
    /// An admin switched it on for this party, for a while: Entra signs its requests so.
    Accepted,
}

/// The keys of one party that an admin registered. Empty means that nothing verifies.
#[derive(Debug, Clone, Copy)]
pub struct TrustedKeys<'k> {
    certificates: &'k [Vec<u8>],
    sha1: Sha1,
}

const RSA_SHA1: &str = "http://www.w3.org/2000/09/xmldsig#rsa-sha1";
const SHA1: &str = "http://www.w3.org/2000/09/xmldsig#sha1";

impl<'k> TrustedKeys<'k> {
    /// The keys in these certificates (DER).
    #[must_use]
    pub const fn new(certificates: &'k [Vec<u8>], sha1: Sha1) -> Self {
        Self { certificates, sha1 }
    }

    /// Whether no key is registered.
    #[must_use]
    pub const fn are_none(&self) -> bool {
        self.certificates.is_empty()
    }

    /// Checks a signature by any of the keys.
    pub(crate) fn verify(&self, method: &str, message: &[u8], signature: &[u8]) -> Result<()> {
        let algorithm = self.signature_algorithm(method)?;
        let holds = self.certificates.iter().any(|certificate| {
            public_key(certificate)
                .and_then(|spki| ParsedPublicKey::new(algorithm, spki).ok())
                .is_some_and(|key| key.verify_sig(message, signature).is_ok())
        });
        if holds { Ok(()) } else { Err(Error::Unverified("no registered key made it")) }
    }

    fn signature_algorithm(&self, uri: &str) -> Result<&'static dyn VerificationAlgorithm> {
        Ok(match uri {
            uris::RSA_SHA256 => &RSA_PKCS1_2048_8192_SHA256,
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384" => &RSA_PKCS1_2048_8192_SHA384,
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512" => &RSA_PKCS1_2048_8192_SHA512,
            "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256" => &ECDSA_P256_SHA256_FIXED,
            RSA_SHA1 if self.sha1 == Sha1::Accepted => {
                &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY
            }
            _ => return Err(Error::Unverified("it uses an algorithm that does not count")),
        })
    }

    fn digest_algorithm(&self, uri: &str) -> Result<&'static digest::Algorithm> {
        Ok(match uri {
            uris::SHA256 => &SHA256,
            "http://www.w3.org/2001/04/xmldsig-more#sha384" => &SHA384,
            "http://www.w3.org/2001/04/xmlenc#sha512" => &SHA512,
            SHA1 if self.sha1 == Sha1::Accepted => &SHA1_FOR_LEGACY_USE_ONLY,
            _ => return Err(Error::Unverified("it uses a digest that does not count")),
        })
    }
}

/// Checks `signature`, a child of the document element `root` whose `ID` is `id`.
pub(crate) fn verify_received(
    root: Node<'_, '_>,
    signature: Node<'_, '_>,
    id: &str,
    keys: &TrustedKeys<'_>,
) -> Result<()> {
    if root.count(uris::DSIG, "Signature") != 1 {
        return Err(Error::Unverified("there is more than one"));
    }
    let mut parts = signature.elements();
    let signed_info = parts.expect(uris::DSIG, "SignedInfo")?;
    let value = base64(parts.expect(uris::DSIG, "SignatureValue")?.text()?)?;
    if let Some(rest) = parts.step()?
        && !rest.is(uris::DSIG, "KeyInfo")
    {
        return Err(Error::Unverified("it holds more than a signature"));
    }
    parts.finish()?;
    let mut info = signed_info.elements();
    algorithm(info.expect(uris::DSIG, "CanonicalizationMethod")?, uris::EXC_C14N)?;
    let method = info.expect(uris::DSIG, "SignatureMethod")?;
    method.elements().finish()?;
    let reference = info.expect(uris::DSIG, "Reference")?;
    info.finish()?;
    if reference.attribute("URI")?.strip_prefix('#') != Some(id) {
        return Err(Error::Unverified("it refers to something else"));
    }
    let (kind, expected) = digest_of(reference, keys)?;
    if digest(kind, &root.canonical(Some(signature))?).as_ref() != expected {
        return Err(Error::Unverified("the digest is of other bytes"));
    }
    keys.verify(method.attribute("Algorithm")?, &signed_info.canonical(None)?, &value)
}

fn digest_of(
    reference: Node<'_, '_>,
    keys: &TrustedKeys<'_>,
) -> Result<(&'static digest::Algorithm, Vec<u8>)> {
    let mut parts = reference.elements();
    let mut transforms = parts.expect(uris::DSIG, "Transforms")?.elements();
    algorithm(transforms.expect(uris::DSIG, "Transform")?, uris::ENVELOPED)?;
    algorithm(transforms.expect(uris::DSIG, "Transform")?, uris::EXC_C14N)?;
    transforms.finish()?;
    let method = parts.expect(uris::DSIG, "DigestMethod")?;
    method.elements().finish()?;
    let value = base64(parts.expect(uris::DSIG, "DigestValue")?.text()?)?;
    parts.finish()?;
    Ok((keys.digest_algorithm(method.attribute("Algorithm")?)?, value))
}

/// Signers break base64 into lines.
fn base64(text: &str) -> Result<Vec<u8>> {
    let joined: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    STANDARD.decode(joined).map_err(|_| Error::Unverified("it is not base64"))
}
