//! A new password without the old one.

use serde::Serialize;

use super::SAMPLE_UPN;
use crate::pages::Page;

/// Asks whose password it is.
#[derive(Debug, Clone, Serialize)]
pub struct AskReset {
    /// What was typed at the sign-in, or empty.
    pub address: String,
    /// Whether letters are sent from here; else the help desk is all there is.
    pub sends_letters: bool,
}

/// Says the same to everybody.
#[derive(Debug, Clone, Serialize)]
pub struct ResetAsked {
    /// What was typed; it may name nobody.
    pub address: String,
}

/// What the link of a letter opens.
#[derive(Debug, Clone, Serialize)]
pub struct ResetLink {
    /// The link's secret, to be used by a button; none: the link is not good any more.
    pub token: Option<String>,
}

impl Page for AskReset {
    const TEMPLATE: &'static str = "sign_in/ask_reset.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self { address: SAMPLE_UPN.to_owned(), sends_letters: true };
        vec![("", page.clone()), ("without-mail", Self { sends_letters: false, ..page })]
    }
}

impl Page for ResetAsked {
    const TEMPLATE: &'static str = "sign_in/reset_asked.html";

    fn samples() -> Vec<(&'static str, Self)> {
        vec![("", Self { address: SAMPLE_UPN.to_owned() })]
    }
}

impl Page for ResetLink {
    const TEMPLATE: &'static str = "sign_in/reset_link.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let good = Self { token: Some("q8Zk3vR0bN5tYw1mXf7u2A".to_owned()) };
        vec![("", good), ("run-out", Self { token: None })]
    }
}
