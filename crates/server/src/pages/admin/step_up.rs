//! Asks for a fresh code before something dangerous (R032, R147).

use serde::Serialize;

use crate::pages::{Page, parts::Problem};

/// The step-up page.
#[derive(Debug, Clone, Serialize)]
pub struct StepUp {
    /// The pending request that goes on afterwards.
    pub handle: String,
    /// The admin's sign-in name.
    pub upn: String,
    /// What they are about to do, after "to" ("reset Alice's authenticator app").
    pub purpose: String,
    /// Where *Cancel* leads.
    pub back: String,
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
        vec![("", page.clone()), ("wrong", Self { problem: Some(problem), ..page })]
    }
}

impl StepUp {
    /// Before a script.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            handle: "q8Zk3vR0bN5tYw1mXf7u2A".to_owned(),
            upn: "olivia@contoso.com".to_owned(),
            purpose: "show the federation script of contoso.com".to_owned(),
            back: "/admin/domains/contoso-com".to_owned(),
            problem: None,
        }
    }
}
