//! Assertions: signed statements about a person, of either SAML.

pub mod saml11;
pub mod saml20;

/// A token that verified and read back as it was meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedAssertion {
    /// The assertion, canonical and signed.
    pub xml: String,
    /// Its id.
    pub token_id: String,
    /// SHA-256 of `xml`, for the journal.
    pub digest: [u8; 32],
    /// Whether it says that two factors were verified.
    pub says_mfa: bool,
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use model::{
        Ts,
        ids::SigningKeyId,
        signing_key::{SigningKey, SigningKeyState},
    };

    use crate::keyring::Signer;

    /// The key that the golden files are signed with.
    pub(crate) fn signer() -> Signer {
        let pem = include_str!("../tests/data/test-signing-key.pem");
        let body = pem.split("-----").nth(2).expect("a PEM file").replace('\n', "");
        let key = SigningKey {
            id: SigningKeyId(uuid::Uuid::nil()),
            state: SigningKeyState::Active,
            private_key: STANDARD.decode(body).expect("base64").into(),
            certificate: include_bytes!("../tests/data/test-certificate.der").to_vec(),
            not_before: Ts(0),
            not_after: Ts(0),
            published_at: None,
            seen_by_entra_at: None,
        };
        Signer::from_key(&key).expect("the test key is whole")
    }
}
