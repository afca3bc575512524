//! The panel of a person's page that says what will be taken from them, and when.

use serde::Serialize;

use crate::pages::parts::{Check, Tone, When};

/// What becomes of what the person has at Microsoft.
#[derive(Debug, Clone, Serialize)]
pub struct Departure {
    /// How it stands, in a sentence.
    pub text: String,
    /// What was done, and what will be, in its order.
    pub steps: Vec<Check>,
    /// The hold, if there is one.
    pub hold: Option<Hold>,
}

/// A legal hold.
#[derive(Debug, Clone, Serialize)]
pub struct Hold {
    /// Why.
    pub reason: String,
    /// Who placed it.
    pub by: String,
    /// Since when.
    pub since: When,
}

impl Departure {
    /// Somebody who works here.
    #[must_use]
    pub fn sample() -> Self {
        let text = "Nothing is going to be taken away.".to_owned();
        Self { text, steps: Vec::new(), hold: None }
    }

    /// Somebody who left, and is under a hold.
    #[must_use]
    pub fn sample_held() -> Self {
        Self {
            text: "Left on 25 Nov 2026. The hold keeps licences and account.".to_owned(),
            steps: vec![
                Check::new(Tone::Ok, "Sign-in blocked, sessions revoked", "25 Nov 2026"),
                Check::new(Tone::Neutral, "Licences stay", "They are under a legal hold."),
                Check::new(Tone::Neutral, "Account stays", "It is under a legal hold."),
            ],
            hold: Some(Hold {
                reason: "Case 4711, until the court has decided".to_owned(),
                by: "Olivia Owens".to_owned(),
                since: When::sample_earlier(),
            }),
        }
    }
}
