//! Assertions: signed statements about a person, of either SAML.

pub mod saml11;

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
