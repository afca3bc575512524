//! A legal hold: what a person has in Microsoft 365 is kept, whatever the policy says.

use crate::{Ts, ids::UserId};

/// Somebody's licences and account are kept until the hold is lifted. It opens no sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegalHold {
    /// Whose.
    pub user_id: UserId,
    /// Why, as an admin wrote it.
    pub reason: String,
    /// Which admin placed it.
    pub placed_by: UserId,
    /// When.
    pub placed_at: Ts,
    /// When it was lifted, if it was.
    pub lifted_at: Option<Ts>,
}

impl LegalHold {
    /// Whether it still holds.
    #[must_use]
    pub const fn holds(&self) -> bool {
        self.lifted_at.is_none()
    }
}
