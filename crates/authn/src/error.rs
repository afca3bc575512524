//! What stops a function of this crate. A wrong password or code is a value, never an error.

use webauthn_rs_core::error::WebauthnError;

/// Why something could not be computed at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The settings ask for weaker hashing than R001 allows.
    #[error(
        "password hashing needs at least m = 19456 KiB, t = 2 and p = 1, not m = {m_kib}, t = {t}, p = {p}"
    )]
    WeakParameters {
        /// Memory in KiB.
        m_kib: u32,
        /// Passes.
        t: u32,
        /// Lanes.
        p: u32,
    },
    /// The stored parameters are not ours.
    #[error("parameters of password hashing that can't be read: {0}")]
    UnreadableParameters(String),
    /// A pepper's key is shorter than 32 bytes.
    #[error("pepper {id} has a key of fewer than 32 bytes")]
    WeakPepper {
        /// Which one.
        id: String,
    },
    /// The password is longer than 128 characters or 512 bytes; nothing was hashed.
    #[error("the password is too long")]
    PasswordTooLong,
    /// Argon2 refused, which happens when there is no memory for it.
    #[error("argon2 could not hash: {0}")]
    Hash(argon2::Error),
    /// The text does not fit into a QR code.
    #[error("the text is too long for a QR code")]
    TooLongForQr,
    /// A question to an authenticator can't be made.
    #[error("no question to an authenticator: {0}")]
    Passkey(String),
    /// A stored credential can't be read or written.
    #[error("a stored credential of an authenticator can't be read or written")]
    StoredCredential,
    /// A file of listed passwords is not in our format.
    #[error("not a list of passwords: {0}")]
    PasswordList(&'static str),
}

impl From<WebauthnError> for Error {
    fn from(cause: WebauthnError) -> Self {
        Self::Passkey(cause.to_string())
    }
}
