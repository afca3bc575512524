//! The panel that says where a person's password is checked.

use serde::Serialize;

use crate::pages::parts::{Choice, Fact};

/// Where a person's password is checked.
#[derive(Debug, Clone, Serialize)]
pub struct PasswordPanel {
    /// Where, in a sentence.
    pub place: String,
    /// A directory checks it: no initial password is given here.
    pub is_elsewhere: bool,
    /// When the directory found it right, and until when it opens without it.
    pub facts: Vec<Fact>,
    /// What is not checked any more, in a sentence; empty: nothing.
    pub locked: &'static str,
    /// What could be chosen; none where the role may not, or no directory is there.
    pub choices: Vec<Choice>,
}

impl PasswordPanel {
    /// Checked here, with a directory that could be chosen.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            place: "Checked here.".to_owned(),
            is_elsewhere: false,
            facts: Vec::new(),
            locked: "",
            choices: vec![
                Choice::new("domain", "As the domain has it: here", "domain"),
                Choice::new("here", "Here, whatever the domain has", "domain"),
                Choice::new("x", "By Berlin", "domain"),
            ],
        }
    }

    /// Checked by a directory.
    #[must_use]
    pub fn sample_elsewhere() -> Self {
        Self {
            place: "Checked by the directory Berlin, as the domain has it.".to_owned(),
            is_elsewhere: true,
            locked: "A hundred wrong passwords in a row: only browsers that were used here before can sign in.",
            facts: vec![
                Fact::text("Found right", "25 Nov 2026, 09:14 UTC"),
                Fact::text("Opens without it until", "28 Nov 2026, 09:14 UTC"),
            ],
            ..Self::sample()
        }
    }
}
