//! What lets a person do without a second factor for a while.

use serde::Serialize;

use crate::pages::parts::Problem;

/// An exemption, and the form that grants one.
#[derive(Debug, Clone, Serialize, Default)]
pub struct ExemptionPanel {
    /// Until when and why, in sentences; none where nothing lets them do without.
    pub lasting: Option<String>,
    /// The role may grant or end one, and the person may have one.
    pub may_change: bool,
    /// What was typed as the last day.
    pub last_day: String,
    /// What was typed as the reason.
    pub reason: String,
    /// What was wrong with it.
    pub problems: Vec<Problem>,
}

impl ExemptionPanel {
    /// Somebody who has none, before an admin who may grant one.
    #[must_use]
    pub fn sample() -> Self {
        Self { may_change: true, ..Self::default() }
    }

    /// Somebody who is exempt.
    #[must_use]
    pub fn sample_exempt() -> Self {
        let lasting =
            "Until the end of 31 Jan 2027, by Olivia Owens: on leave, new phone on return.";
        Self { lasting: Some(lasting.to_owned()), ..Self::sample() }
    }
}
