//! What stops this room from vouching. A refused request is not an error: see `wsfed::request`.

/// The result of vouching.
pub type Result<T> = std::result::Result<T, Error>;

/// Why no bytes leave this room.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A key pair or certificate could not be made.
    #[error("a signing key could not be made: {0}")]
    KeyGeneration(String),
    /// The stored key can't sign, or its certificate is another key's.
    #[error("the signing key can't be used: {0}")]
    UnusableKey(&'static str),
    /// Nothing is wrong with the key: this process can't reach it.
    #[error("the signing key is out of reach: {0}")]
    OutOfReach(&'static str),
    /// The PKCS#11 token does not do what is asked.
    #[error("the PKCS#11 token: {0}")]
    Token(String),
    /// The signing operation itself failed.
    #[error("signing failed")]
    Signing,
    /// What was signed does not verify with the published certificate (R093).
    #[error("the signature does not verify with the published certificate: {0}")]
    Unverified(&'static str),
    /// XML 1.0 has no way to write this character.
    #[error("U+{:04X} can't be written in XML", *.0 as u32)]
    Character(char),
    /// Our own XML reader refuses the document.
    #[error("the document can't be read: {0}")]
    Unreadable(&'static str),
    /// The token, read back, does not say what was intended (R092).
    #[error("the token does not read back as it was meant: {0}")]
    ReadBack(&'static str),
    /// A value of a federation plan is not of the strict kind that scripts may carry (R138).
    #[error("{field} can't be put into a script: {why}")]
    UnfitForScript {
        /// Graph's name of the property.
        field: &'static str,
        /// What is wrong with the value.
        why: &'static str,
    },
}

impl Error {
    /// Whether a key could not be asked, whatever it is worth: its token or its master key is away.
    #[must_use]
    pub const fn is_out_of_reach(&self) -> bool {
        matches!(self, Self::OutOfReach(_) | Self::Token(_))
    }
}
