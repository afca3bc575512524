//! Asks for a fresh code before something dangerous (R032, R147).

use serde::Serialize;

use crate::pages::{Page, parts::Problem, sign_in::SAMPLE_QUESTION};

/// The step-up page.
#[derive(Debug, Clone, Serialize)]
pub struct StepUp {
    /// Where the form is sent (`/admin/step-up`).
    pub action: String,
    /// Where to go on afterwards, one of our own paths.
    pub back: String,
    /// The person's sign-in name.
    pub upn: String,
    /// What they are about to do, after "to" ("reset Alice's authenticator app").
    pub purpose: String,
    /// Where *Cancel* leads.
    pub cancel: String,
    /// They have an authenticator app.
    pub with_app: bool,
    /// The question for the passkeys that they have, if any.
    pub passkey: Option<String>,
    /// What was wrong with the last code.
    pub problem: Option<Problem>,
}

impl Page for StepUp {
    const TEMPLATE: &'static str = "admin/step_up.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self::sample();
        let problem = Problem::of_field(
            "code",
            "That code isn't right, or it was used before.",
            "Wait for the next one in your authenticator app and type that.",
        );
        let both = Self { passkey: Some(SAMPLE_QUESTION.to_owned()), ..page.clone() };
        let alone = Self { with_app: false, ..both.clone() };
        let wrong = Self { problem: Some(problem), ..page.clone() };
        vec![("", page), ("passkey", both), ("passkey-alone", alone), ("wrong", wrong)]
    }
}

impl StepUp {
    /// Before a script.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            action: "/admin/step-up".to_owned(),
            back: "/admin/domains/contoso-com/powershell".to_owned(),
            upn: "olivia@contoso.com".to_owned(),
            purpose: "show the federation script of contoso.com".to_owned(),
            cancel: "/admin/domains/contoso-com".to_owned(),
            with_app: true,
            passkey: None,
            problem: None,
        }
    }
}
