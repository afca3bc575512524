//! A person's own authenticator app.

use serde::Serialize;

use crate::pages::{
    Page,
    parts::{Link, Problem, When},
    sign_in::NewApp,
};

/// Whether there is one, and what can be done about it.
#[derive(Debug, Clone, Serialize)]
pub struct Authenticator {
    /// When the app was set up; `None`: there is none.
    pub added: Option<When>,
    /// Nothing else would be left.
    pub is_last: bool,
    /// Where to confirm that it is you first; `None` once done.
    pub confirm: Option<Link>,
}

/// Shows the secret of a new app, and asks for its first code.
#[derive(Debug, Clone, Serialize)]
pub struct NewAuthenticator {
    /// Our id of the app, which does not count yet.
    pub id: String,
    /// What it needs to know.
    pub app: NewApp,
    /// It takes the place of another one.
    pub moves: bool,
    /// What was wrong with the last code.
    pub problem: Option<Problem>,
}

impl Page for Authenticator {
    const TEMPLATE: &'static str = "portal/authenticator.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self { added: Some(When::sample_earlier()), is_last: false, confirm: None };
        let confirm = Some(Link::new("Confirm that it is you", "/portal/step-up"));
        vec![
            ("", page.clone()),
            ("none", Self { added: None, ..page.clone() }),
            ("last", Self { is_last: true, ..page.clone() }),
            ("unconfirmed", Self { confirm, ..page }),
        ]
    }
}

impl Page for NewAuthenticator {
    const TEMPLATE: &'static str = "portal/new_authenticator.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let id = "0190c0de-0000-7000-8000-000000000001".to_owned();
        let page = Self { id, app: NewApp::sample(), moves: true, problem: None };
        let problem = Problem::of_field("code", "That code does not fit.", "Type the next one.");
        vec![("", page.clone()), ("wrong", Self { problem: Some(problem), moves: false, ..page })]
    }
}
