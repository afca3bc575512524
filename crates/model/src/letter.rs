//! Mail to a person.

use crate::ids::LetterId;

/// A letter in plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Our id.
    pub id: LetterId,
    /// Where it goes.
    pub to: String,
    /// What it is about; never a secret, since it is shown on locked screens.
    pub subject: String,
    /// What it says. It may hold a secret: a link that works once.
    pub text: String,
}
