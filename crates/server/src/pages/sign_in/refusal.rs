//! The ends of a sign-in that are not a token: each says what happened and what to do now.

use serde::Serialize;

use super::{SAMPLE_HANDLE, SAMPLE_UPN};
use crate::pages::{
    Page,
    federation::PostedField,
    parts::{Check, Link, Tone},
};

/// The pending request has run out or was used up.
#[derive(Debug, Clone, Serialize)]
pub struct ExpiredRequest {
    /// Where to begin anew: Microsoft's page, the portal or the console.
    pub restart: Link,
}

/// The session has ended.
#[derive(Debug, Clone, Serialize)]
pub struct SignedOut {
    /// Where to sign in again, if anywhere.
    pub again: Option<Link>,
    /// The applications that are told by an image, and by a link where that did not reach them.
    pub cleanups: Vec<Link>,
    /// How it ended for the other applications of the session.
    pub ends: Vec<Check>,
    /// The application that the person came from, if they may go back there.
    pub back: Option<Link>,
}

/// The right person, without an assignment.
#[derive(Debug, Clone, Serialize)]
pub struct NotAssigned {
    /// Who has signed in.
    pub upn: String,
    /// What they wanted ("Office 365").
    pub application: String,
}

/// The right password, and yet it ends here: blocked, first password too old, no role.
#[derive(Debug, Clone, Serialize)]
pub struct Blocked {
    /// Who has signed in.
    pub upn: String,
    /// Why it ends here and what to do, in two sentences at most.
    pub sentence: String,
}

/// Entra gets no word about a second factor: why, and a button that tells it so. Never logged: the
/// fields are Entra's.
#[derive(Clone, Serialize)]
pub struct NotConfirmed {
    /// One sentence of cause.
    pub cause: String,
    /// What to do.
    pub action: String,
    /// The stable code (`GH-EAM-09`).
    pub code: String,
    /// Where Entra takes answers.
    pub to: String,
    /// Names and values.
    pub fields: Vec<PostedField>,
}

/// Asks whether somebody wants to sign out: an application says so and can't show that it knows the
/// session.
#[derive(Debug, Clone, Serialize)]
pub struct ConfirmSignOut {
    /// The sign-out that waits.
    pub handle: String,
}

macro_rules! page {
    ($name:ident, $template:literal) => {
        impl Page for $name {
            const TEMPLATE: &'static str = $template;

            fn samples() -> Vec<(&'static str, Self)> {
                vec![("", Self::sample())]
            }
        }
    };
}
page!(ExpiredRequest, "sign_in/expired_request.html");
page!(SignedOut, "sign_in/signed_out.html");
page!(ConfirmSignOut, "sign_in/confirm_sign_out.html");
page!(NotAssigned, "sign_in/not_assigned.html");
page!(Blocked, "sign_in/blocked.html");
page!(NotConfirmed, "sign_in/not_confirmed.html");

impl ExpiredRequest {
    /// Back to Outlook.
    #[must_use]
    pub fn sample() -> Self {
        Self { restart: Link::new("Open Outlook", "https://outlook.office.com/") }
    }
}

impl SignedOut {
    /// With a way back in, and one to the application that the person came from.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            again: Some(Link::new("Sign in again", "/portal")),
            cleanups: vec![Link::new(
                "Time sheet",
                "https://time.contoso.com/signin-wsfed?wa=wsignoutcleanup1.0",
            )],
            ends: vec![
                Check::new(Tone::Ok, "Wiki", "It signed you out, too."),
                Check::new(Tone::Warn, "Tickets", "It could not sign you out: do it there."),
            ],
            back: Some(Link::new("Time sheet", "https://time.contoso.com/")),
        }
    }
}

impl ConfirmSignOut {
    /// Somebody asks.
    #[must_use]
    pub fn sample() -> Self {
        Self { handle: SAMPLE_HANDLE.to_owned() }
    }
}

impl NotAssigned {
    /// Bob wants his mail.
    #[must_use]
    pub fn sample() -> Self {
        Self { upn: "bob@contoso.com".to_owned(), application: "Office 365".to_owned() }
    }
}

impl Blocked {
    /// Somebody is blocked.
    #[must_use]
    pub fn sample() -> Self {
        let sentence = "Your account is blocked. Ask your administrator to unblock it.";
        Self { upn: SAMPLE_UPN.to_owned(), sentence: sentence.to_owned() }
    }
}

impl NotConfirmed {
    /// Nobody is linked to the account.
    #[must_use]
    pub fn sample() -> Self {
        let field = |name, value: &str| PostedField { name, value: value.to_owned() };
        Self {
            cause: "The sync has linked your account at Microsoft to nobody here.".to_owned(),
            action: "Ask your administrator to assign it to you.".to_owned(),
            code: "GH-EAM-09".to_owned(),
            to: "https://login.microsoftonline.com/common/federation/externalauthprovider"
                .to_owned(),
            fields: vec![field("error", "access_denied"), field("state", "rQQIARAA\"'<>")],
        }
    }
}
