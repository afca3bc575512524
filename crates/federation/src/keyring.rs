//! Signing keys in use: made, parsed once, signing and checking. Where a key is kept, and which one
//! is active, is not known here.

use std::time::Duration;

use aws_lc_rs::{
    digest::{SHA1_FOR_LEGACY_USE_ONLY, digest},
    signature::{ECDSA_P256_SHA256_FIXED, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use model::{
    Ts,
    ids::SigningKeyId,
    signing_key::{PrivateKey, SigningKey, SigningKeyState},
    tenant::ClientCertificate,
    tenant_state::CertificateForm,
};
use rcgen::{
    CertificateParams, DistinguishedName, DnType, KeyPair, KeyUsagePurpose, PKCS_RSA_SHA256,
    RsaKeySize,
};

use crate::{
    Error, Result,
    signer::{Signs, aws_lc::KeyInMemory},
};

mod certificate;

use certificate::has_sha256_with_rsa;
pub(crate) use certificate::{public_key, rsa_numbers};

/// A key that signs, wherever it is, beside the certificate that others check it with.
pub struct Signer {
    key: Box<dyn Signs>,
    published: ParsedPublicKey,
    certificate_base64: String,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer").finish_non_exhaustive()
    }
}

/// How large new signing keys are: no smaller ones are good enough, no larger ones were ever asked for
/// (ruling 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RsaSize {
    /// What Microsoft documents.
    #[default]
    Bits2048,
    /// Good for longer; a signature takes about three times as long.
    Bits3072,
}

impl RsaSize {
    /// The size with so many bits.
    #[must_use]
    pub const fn of_bits(bits: u32) -> Option<Self> {
        match bits {
            2048 => Some(Self::Bits2048),
            3072 => Some(Self::Bits3072),
            _ => None,
        }
    }

    pub(crate) const fn bits(self) -> u32 {
        match self {
            Self::Bits2048 => 2048,
            Self::Bits3072 => 3072,
        }
    }
}

/// Makes an RSA key pair and its self-signed certificate; the key is the *next* one.
/// Takes a good part of a second: call it on a blocking thread.
pub fn new_signing_key(
    id: SigningKeyId,
    (common_name, size): (&str, RsaSize),
    (now, valid): (Ts, Duration),
    serial: [u8; 16],
) -> Result<SigningKey> {
    let size = match size {
        RsaSize::Bits2048 => RsaKeySize::_2048,
        RsaSize::Bits3072 => RsaKeySize::_3072,
    };
    let pair = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, size)?;
    let private_key = pair.serialize_der().into();
    certified(&pair, private_key, (id, common_name, serial), (now, valid))
}

impl From<rcgen::Error> for Error {
    fn from(cause: rcgen::Error) -> Self {
        Self::KeyGeneration(cause.to_string())
    }
}

/// Makes an RSA-2048 key pair and a self-signed certificate with which we prove at the token
/// endpoint of Entra that we are an app registration (R132). Takes a good part of a second, too.
pub fn new_client_certificate(
    common_name: &str,
    now: Ts,
    valid: Duration,
    serial: [u8; 16],
) -> Result<ClientCertificate> {
    let pair = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048)?;
    let not_before = Ts::from_secs(now.secs());
    let not_after = not_before + valid;
    Ok(ClientCertificate {
        certificate: self_signed(&pair, (common_name, serial), (not_before, not_after))?,
        private_key: pair.serialize_der().into(),
        not_after,
    })
}

/// The *next* key with its self-signed certificate, which `pair` signs wherever it is.
pub(crate) fn certified(
    pair: &impl rcgen::SigningKey,
    private_key: PrivateKey,
    (id, common_name, serial): (SigningKeyId, &str, [u8; 16]),
    (now, valid): (Ts, Duration),
) -> Result<SigningKey> {
    let not_before = Ts::from_secs(now.secs());
    let not_after = not_before + valid;
    Ok(SigningKey {
        id,
        state: SigningKeyState::Next,
        private_key,
        certificate: self_signed(pair, (common_name, serial), (not_before, not_after))?,
        not_before,
        not_after,
        published_at: None,
        seen_by_entra_at: None,
    })
}

/// A certificate for signatures alone, DER.
fn self_signed(
    pair: &impl rcgen::SigningKey,
    (common_name, serial): (&str, [u8; 16]),
    (not_before, not_after): (Ts, Ts),
) -> Result<Vec<u8>> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, common_name);
    params.not_before = rcgen::date_time_ymd(1970, 1, 1) + since_epoch(not_before);
    params.not_after = rcgen::date_time_ymd(1970, 1, 1) + since_epoch(not_after);
    params.serial_number = Some(positive(serial).to_vec().into());
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    Ok(params.self_signed(pair)?.der().to_vec())
}

fn since_epoch(at: Ts) -> Duration {
    at.since(Ts::default())
}

/// A serial number is a positive integer of at most 20 bytes without leading zero (RFC 5280).
const fn positive(mut serial: [u8; 16]) -> [u8; 16] {
    serial[0] = (serial[0] & 0x7f) | 0x40;
    serial
}

/// Whether the key of a certificate is of a kind whose signatures we check: RSA of 2048 bits or
/// more, or P-256.
pub(crate) fn can_verify(certificate: &[u8]) -> bool {
    public_key(certificate).is_some_and(|spki| {
        ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, spki).is_ok()
            || ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, spki).is_ok()
    })
}

/// SHA-1 of a certificate in capital hex digits, the form in which Entra shows it.
#[must_use]
pub fn thumbprint(certificate: &[u8]) -> String {
    hex::encode_upper(digest(&SHA1_FOR_LEGACY_USE_ONLY, certificate))
}

/// The form that Entra asks of a signing certificate, beside the dates of its key.
#[must_use]
pub fn form(key: &SigningKey) -> CertificateForm {
    let bits = |modulus: &[u8]| {
        modulus.first().map_or(0, |first| modulus.len() * 8 - first.leading_zeros() as usize)
    };
    CertificateForm {
        rsa_bits: rsa_numbers(&key.certificate).map(|(modulus, _)| bits(modulus)),
        sha256: has_sha256_with_rsa(&key.certificate),
        not_before: key.not_before,
        not_after: key.not_after,
        one_line: !STANDARD.encode(&key.certificate).contains(char::is_whitespace),
    }
}

impl Signer {
    /// Parses a key that is here, and makes sure that its certificate is its own.
    pub fn from_key(key: &SigningKey) -> Result<Self> {
        let pkcs8 = match &key.private_key {
            PrivateKey::Here(pkcs8) => pkcs8,
            PrivateKey::InToken(_) => {
                return Err(Error::OutOfReach("it is in a PKCS#11 token, and none is configured"));
            }
            PrivateKey::Locked => {
                return Err(Error::OutOfReach(
                    "this node lacks the master key that it is sealed with",
                ));
            }
            PrivateKey::Damaged => return Err(Error::UnusableKey("what was sealed does not open")),
        };
        Self::new(Box::new(KeyInMemory::parse(pkcs8)?), &key.certificate)
    }

    /// A signer of a private key and its certificate, after they were tried together.
    pub(crate) fn new(key: Box<dyn Signs>, certificate: &[u8]) -> Result<Self> {
        let published = public_key(certificate)
            .and_then(|spki| ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, spki).ok())
            .ok_or(Error::UnusableKey("the certificate is damaged"))?;
        let signer = Self { key, published, certificate_base64: STANDARD.encode(certificate) };
        let trial = b"does the certificate belong to the key?";
        signer
            .verify(trial, &signer.sign(trial)?)
            .map_err(|_| Error::UnusableKey("the certificate is another key's"))?;
        Ok(signer)
    }

    /// The published certificate: base64 of its DER, on one line.
    #[must_use]
    pub fn certificate_base64(&self) -> &str {
        &self.certificate_base64
    }

    /// Checks a signature with the published certificate (RSA PKCS#1 v1.5, SHA-256).
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<()> {
        self.published
            .verify_sig(message, signature)
            .map_err(|_| Error::Unverified("another key made it"))
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        self.key.sign(message)
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    fn key(serial: u8) -> SigningKey {
        sized(serial, RsaSize::default())
    }

    fn sized(serial: u8, size: RsaSize) -> SigningKey {
        let id = SigningKeyId(uuid::Uuid::from_u128(u128::from(serial)));
        let now = Ts::from_rfc3339("2026-11-25T09:00:00Z").expect("a time");
        let valid = Duration::from_hours(730 * 24);
        new_signing_key(id, ("Gatehouse token signing", size), (now, valid), [serial; 16])
            .expect("a key can be made")
    }

    /// R122
    #[test]
    fn a_made_key_signs_and_its_certificate_verifies() {
        for (bits, size) in [(2048, RsaSize::Bits2048), (3072, RsaSize::Bits3072)] {
            assert_eq!(RsaSize::of_bits(bits), Some(size));
            signs_with_its_size(bits, &sized(0xff, size));
        }
        assert_eq!([1024, 2047, 4096].map(RsaSize::of_bits), [None; 3]);
    }

    fn signs_with_its_size(bits: u32, key: &SigningKey) {
        assert_eq!(key.state, SigningKeyState::Next);
        assert_eq!(key.not_after.to_string(), "2028-11-24T09:00:00Z");
        assert_eq!(thumbprint(&key.certificate).len(), 40);
        let form = form(key);
        let bits = usize::try_from(bits).expect("small");
        assert_eq!((form.rsa_bits, form.sha256, form.one_line), (Some(bits), true, true));
        let signer = Signer::from_key(key).expect("a whole key");
        let signature = signer.sign(b"m").expect("signs");
        assert_eq!(signer.verify(b"m", &signature), Ok(()));
        assert!(signer.verify(b"n", &signature).is_err());
        // Its certificate is a sequence of what it says, an algorithm, and the signature.
        let length = usize::from(u16::from_be_bytes([key.certificate[6], key.certificate[7]]));
        let says = &key.certificate[4..8 + length];
        let end = &key.certificate[key.certificate.len() - bits / 8..];
        assert_eq!(signer.verify(says, end), Ok(()), "it is signed by itself");
    }

    #[test]
    fn a_damaged_or_foreign_key_makes_no_signer() {
        let (one, other) = (key(1), key(2));
        let mixed = SigningKey { certificate: other.certificate, ..one.clone() };
        assert!(Signer::from_key(&mixed).is_err());
        let bytes = one.private_key.here().expect("here").expose_secret();
        for at in (30..bytes.len()).step_by(97) {
            let mut flipped = bytes.to_vec();
            flipped[at] ^= 0x10;
            let damaged = SigningKey { private_key: flipped.into(), ..one.clone() };
            assert!(Signer::from_key(&damaged).is_err(), "byte {at}");
        }
        let cut = SigningKey { certificate: one.certificate[..200].to_vec(), ..one };
        assert!(Signer::from_key(&cut).is_err());
    }
}
