//! The page for a code that was sent to a mailbox.

use serde::Serialize;

use super::{SAMPLE_HANDLE, SAMPLE_UPN};
use crate::pages::{Page, parts::Problem};

/// Asks for the code, or offers to send one.
#[derive(Debug, Clone, Serialize)]
pub struct MailedCode {
    /// The pending request.
    pub handle: String,
    /// Where the sign-in leads.
    pub destination: String,
    /// Who has proved their password.
    pub upn: String,
    /// The mailbox, masked.
    pub mailbox: String,
    /// A code is on its way, or there.
    pub was_sent: bool,
    /// What was wrong with the last code.
    pub problem: Option<Problem>,
}

impl Page for MailedCode {
    const TEMPLATE: &'static str = "sign_in/mailed_code.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self::sample();
        let problem = Problem::of_field(
            "code",
            "That code isn't right, was used before or has run out.",
            "Take the newest letter, or have another code sent.",
        );
        let before = Self { was_sent: false, ..page.clone() };
        let wrong = Self { problem: Some(problem), ..page.clone() };
        vec![("", page), ("before", before), ("wrong", wrong)]
    }
}

impl MailedCode {
    /// The page once a code was sent.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            handle: SAMPLE_HANDLE.to_owned(),
            destination: "Microsoft 365".to_owned(),
            upn: SAMPLE_UPN.to_owned(),
            mailbox: "a\u{2026}@example.net".to_owned(),
            was_sent: true,
            problem: None,
        }
    }
}
