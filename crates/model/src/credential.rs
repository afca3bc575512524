//! A person's password, as it is stored.

use crate::{Ts, ids::UserId};

/// A stored password: an Argon2id PHC string and the pepper it was made with; or, until its first
/// use, the hash of another system, without a pepper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// Whose it is.
    pub user_id: UserId,
    /// `$argon2id$v=19$m=…,t=…,p=…$salt$hash`.
    pub phc: String,
    /// Which pepper went into the hash; empty: it was made elsewhere.
    pub pepper_id: String,
    /// The person must choose a new one at the next sign-in, before this time (24 h for an initial
    /// secret, R010); `None` for a lasting password.
    pub must_change_before: Option<Ts>,
    /// When it was set.
    pub set_at: Ts,
}

impl Credential {
    /// Whether the hash was made by another system, in one of its forms.
    #[must_use]
    pub fn is_imported(&self) -> bool {
        self.pepper_id.is_empty()
    }
}
