//! The page for everything that went wrong.

use serde::Serialize;

use super::{Page, parts::Link};

/// What happened, what to do, and what to tell the help desk; the correlation id is the frame's.
#[derive(Debug, Clone, Serialize)]
pub struct ErrorPage {
    /// The heading, without blame ("This sign-in request can't be used").
    pub title: String,
    /// One sentence of cause.
    pub cause: String,
    /// One sentence of what to do.
    pub action: String,
    /// The stable code (`GH-FED-03`).
    pub code: String,
    /// Where to go on, if anywhere.
    pub link: Option<Link>,
}

impl Page for ErrorPage {
    const TEMPLATE: &'static str = "error.html";

    fn samples() -> Vec<(&'static str, Self)> {
        vec![("", Self::sample())]
    }
}

impl ErrorPage {
    /// A foreign reply address.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            title: "This sign-in request can't be used".to_owned(),
            cause: "It asks for the answer to be sent to an address that isn't registered."
                .to_owned(),
            action: "Close this page and open Outlook or Teams again from your own bookmark."
                .to_owned(),
            code: "GH-FED-03".to_owned(),
            link: Some(Link::new("Go to your apps", "/portal")),
        }
    }
}
