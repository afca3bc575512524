//! Looks that happen by themselves: when each last was, and what stood in its way.

use serde::{Deserialize, Serialize};

use crate::Ts;

/// What was last seen of one thing that is looked at by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watch {
    /// What is looked at.
    pub kind: WatchKind,
    /// Whose: a domain's name; empty for the round.
    pub subject: String,
    /// When it was last tried.
    pub tried_at: Ts,
    /// Why nothing could be seen, in a sentence; `None` when all was seen.
    pub trouble: Option<String>,
}

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WatchKind {
    /// Everything: the round that all looks are part of.
    Round,
    /// How Entra federates a domain.
    Federation,
}
