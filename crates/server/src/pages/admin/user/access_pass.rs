//! The panel of the temporary access pass.

use serde::Serialize;

use super::OneTimeSecret;
use crate::pages::parts::{Choice, Problem};

/// The pass that waits to be used, and the form that gives one.
#[derive(Debug, Clone, Serialize)]
pub struct AccessPassPanel {
    /// Who gave the waiting pass, until when it is good and why, in sentences; `None` without one.
    pub waiting: Option<String>,
    /// How long a new one may be good.
    pub hours: Vec<Choice>,
    /// Why, as typed.
    pub reason: String,
    /// What was wrong with the form.
    pub problems: Vec<Problem>,
    /// A pass that was just given; shown once.
    pub new: Option<OneTimeSecret>,
}

impl AccessPassPanel {
    /// Nothing given yet.
    #[must_use]
    pub fn sample() -> Self {
        let choice = |value: &str, label: &str| Choice {
            value: value.to_owned(),
            label: label.to_owned(),
            selected: value == "8",
        };
        Self {
            waiting: None,
            hours: vec![choice("1", "1 hour"), choice("8", "8 hours")],
            reason: String::new(),
            problems: Vec::new(),
            new: None,
        }
    }

    /// One was given and waits.
    #[must_use]
    pub fn sample_waiting() -> Self {
        let note = "Given by Olivia Owner, good once until 25 Nov 2026, 17:00 UTC. Left the phone at \
                    home; called back on the number on file.";
        Self { waiting: Some(note.to_owned()), ..Self::sample() }
    }
}
