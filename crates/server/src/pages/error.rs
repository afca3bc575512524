//! The page for everything that went wrong.

use serde::Serialize;

use super::{
    Page,
    parts::{Fact, Link},
};

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
    /// What a help desk needs besides.
    pub facts: Vec<Fact>,
}

impl Page for ErrorPage {
    const TEMPLATE: &'static str = "error.html";

    fn samples() -> Vec<(&'static str, Self)> {
        vec![("", Self::sample()), ("loop", Self::sample_loop())]
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
            facts: Vec::new(),
        }
    }

    /// An application that takes no token.
    #[must_use]
    pub fn sample_loop() -> Self {
        let sent =
            "at 25 Nov 2026, 09:15 UTC: says nothing of MFA; Password at 25 Nov 2026, 09:00 UTC";
        Self {
            title: "You are being sent back and forth".to_owned(),
            cause: "Microsoft 365 took three sign-ins within a minute and asked for another each \
                    time."
                .to_owned(),
            action: "You are signed in here. Wait a minute and try again; if it stays, show your \
                     help desk what is below."
                .to_owned(),
            code: "GH-SIGN-04".to_owned(),
            link: None,
            facts: vec![
                Fact::text(
                    "Asked for",
                    "a second factor (wauth or resource_params), by WS-Federation",
                ),
                Fact::text("Sent", sent),
                Fact::id("Issuer", "https://login.contoso.com/d/contoso-com/adfs/services/trust/"),
                Fact::id("Signed with", "3F0A7C5B11D1A47C1E7B0A9F6E2F1F0A7C5B1199"),
            ],
        }
    }
}
