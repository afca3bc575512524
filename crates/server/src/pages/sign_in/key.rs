//! Where a rule of the policy takes nothing but a passkey or security key: asking for one, setting one
//! up, and the end for whoever has none.

use serde::Serialize;

use super::{SAMPLE_HANDLE, SAMPLE_QUESTION, SAMPLE_UPN};
use crate::pages::{Page, parts::Problem};

/// Asks for a passkey or security key, and says why a code will not do.
#[derive(Debug, Clone, Serialize)]
pub struct Key {
    /// The pending request.
    pub handle: String,
    /// The same where somebody else may sign in instead; empty where it is said who it is.
    pub switch: String,
    /// Where the sign-in leads.
    pub destination: String,
    /// Who has proved their password.
    pub upn: String,
    /// The question for the passkeys that they have; none where the house can ask none.
    pub passkey: Option<String>,
    /// Why the last answer was not taken.
    pub problem: Option<Problem>,
}

/// Sets the first passkey or security key up.
#[derive(Debug, Clone, Serialize)]
pub struct EnrollKey {
    /// The pending request.
    pub handle: String,
    /// Where the sign-in leads.
    pub destination: String,
    /// Who has proved their password.
    pub upn: String,
    /// The question for an authenticator; none where the house can ask none.
    pub passkey: Option<String>,
    /// Why the last answer was not taken.
    pub problem: Option<Problem>,
}

/// The right password, and no passkey.
#[derive(Debug, Clone, Serialize)]
pub struct NoPasskey {
    /// Where the sign-in would have led.
    pub destination: String,
    /// Who has proved their password.
    pub upn: String,
    /// They get into the portal with what they have, and can add one there.
    pub may_add: bool,
}

fn not_taken() -> Problem {
    let again = "Try again, or use another device or key.";
    Problem::of_form("That passkey wasn't accepted.", again)
}

impl Page for Key {
    const TEMPLATE: &'static str = "sign_in/key.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self::sample();
        vec![("", page.clone()), ("wrong", Self { problem: Some(not_taken()), ..page })]
    }
}

impl Page for EnrollKey {
    const TEMPLATE: &'static str = "sign_in/enroll_key.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self::sample();
        vec![("", page.clone()), ("wrong", Self { problem: Some(not_taken()), ..page })]
    }
}

impl Page for NoPasskey {
    const TEMPLATE: &'static str = "sign_in/no_passkey.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self::sample();
        vec![("", page.clone()), ("ask", Self { may_add: false, ..page })]
    }
}

impl Key {
    /// The page as it first appears.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            handle: SAMPLE_HANDLE.to_owned(),
            switch: SAMPLE_HANDLE.to_owned(),
            destination: "Microsoft 365".to_owned(),
            upn: SAMPLE_UPN.to_owned(),
            passkey: Some(SAMPLE_QUESTION.to_owned()),
            problem: None,
        }
    }
}

impl EnrollKey {
    /// The page as it first appears.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            handle: SAMPLE_HANDLE.to_owned(),
            destination: "Microsoft 365".to_owned(),
            upn: SAMPLE_UPN.to_owned(),
            passkey: Some(SAMPLE_QUESTION.to_owned()),
            problem: None,
        }
    }
}

impl NoPasskey {
    /// Somebody who may open the portal.
    #[must_use]
    pub fn sample() -> Self {
        Self { destination: "Microsoft 365".to_owned(), upn: SAMPLE_UPN.to_owned(), may_add: true }
    }
}
