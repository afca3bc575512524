//! Choosing the lasting password, after an initial one that an admin handed over.

use serde::Serialize;

use super::{SAMPLE_HANDLE, SAMPLE_UPN};
use crate::pages::{Page, parts::Problem};

/// Asks for a new password; the rules are said before anything is typed.
#[derive(Debug, Clone, Serialize)]
pub struct NewPassword {
    /// The pending request.
    pub handle: String,
    /// Whose password it will be.
    pub upn: String,
    /// The one before isn't known any more; else it was an initial one.
    pub is_reset: bool,
    /// How many characters it needs at least.
    pub min_length: usize,
    /// What was wrong with the last one.
    pub problem: Option<Problem>,
}

impl Page for NewPassword {
    const TEMPLATE: &'static str = "sign_in/new_password.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self::sample();
        let problem = Problem::of_field(
            "new_password",
            "That password is on a list of leaked ones.",
            "Choose another; four unrelated words work well.",
        );
        let reset = Self { is_reset: true, ..page.clone() };
        vec![
            ("", page.clone()),
            ("reset", reset),
            ("wrong", Self { problem: Some(problem), ..page }),
        ]
    }
}

impl NewPassword {
    /// The page as it first appears.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            handle: SAMPLE_HANDLE.to_owned(),
            upn: SAMPLE_UPN.to_owned(),
            is_reset: false,
            min_length: 12,
            problem: None,
        }
    }
}
