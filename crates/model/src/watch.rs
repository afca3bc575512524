//! Looks that happen by themselves: when each last was, and what stood in its way.

use serde::{Deserialize, Serialize};

use crate::Ts;

/// What was last seen of one thing that is looked at by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watch {
    /// What is looked at.
    pub kind: WatchKind,
    /// Whose: a domain's name, or a tenant's id; empty for the round.
    pub subject: String,
    /// When it was last tried.
    pub tried_at: Ts,
    /// What came of it.
    pub sight: Sight,
    /// Until when everything of it was seen, where what is looked at grows with time.
    pub read_until: Option<Ts>,
}

/// What came of a look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sight {
    /// All was seen.
    Seen,
    /// Nothing could be seen; why, in a sentence.
    Blind(String),
    /// It was never allowed to look; what it would take, in a sentence.
    NotAllowed(String),
}

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WatchKind {
    /// Everything: the round that all looks are part of.
    Round,
    /// How Entra federates a domain.
    Federation,
    /// Who signed in at a tenant.
    SignIns,
}
