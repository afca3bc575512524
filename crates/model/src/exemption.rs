//! Somebody who has no second factor yet and needs none for a while.

use crate::{Ts, ids::UserId};

/// Until its end a password is enough for this person, where no rule of the policy decides. It ends
/// early when they set up a second factor, or get a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exemption {
    /// Whose.
    pub user_id: UserId,
    /// Until when.
    pub until: Ts,
    /// Why, as an admin wrote it; empty where the person put it off.
    pub reason: String,
    /// Which admin granted it; the person where they put it off.
    pub granted_by: UserId,
    /// When.
    pub granted_at: Ts,
}

impl Exemption {
    /// Whether the person put it off, and no admin knows of it.
    #[must_use]
    pub fn is_own(&self) -> bool {
        self.granted_by == self.user_id
    }

    /// Whether it still counts.
    #[must_use]
    pub fn is_live(&self, now: Ts) -> bool {
        now < self.until
    }
}
