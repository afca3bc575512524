//! What every page needs around its own content.

use serde::Serialize;

use super::parts::Tone;

/// The frame of a page.
#[derive(Debug, Clone, Serialize)]
pub struct Chrome {
    /// Language of the page (`en`), for `<html lang>`.
    pub lang: String,
    /// The organisation's name, in sight on every page.
    pub organisation: String,
    /// The connected tenant's name (`contoso.onmicrosoft.com`), shown in the console's rail.
    pub tenant: Option<String>,
    /// The CSP nonce of this answer.
    pub nonce: String,
    /// The token that every form carries as `csrf`.
    pub csrf: String,
    /// Who is signed in, if anybody.
    pub person: Option<Person>,
    /// The rail item that this console page belongs to.
    pub rail: Option<Rail>,
    /// What was just done, said once.
    pub toast: Option<Toast>,
    /// The way back to the guided path, on the pages of its steps.
    pub guide: Option<WayBack>,
    /// Joins this page with the log and the audit rows.
    pub correlation_id: String,
    /// Microsoft's id of the attempt, where its request named one.
    pub client_request_id: Option<String>,
    /// One quiet line that says where help is.
    pub help: String,
    /// The page is shown inside an app that knows no passkeys.
    pub embedded: bool,
    /// The person's role lets them change what this page shows; else its forms are left out.
    pub may_change: bool,
}

/// The signed-in person, as the frame names them.
#[derive(Debug, Clone, Serialize)]
pub struct Person {
    /// Their full name.
    pub name: String,
    /// Their sign-in name.
    pub upn: String,
    /// Their role's word, when they may use the console.
    pub role: Option<String>,
}

/// The places in the rail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rail {
    /// `/admin`
    Home,
    /// `/admin/users`
    People,
    /// `/admin/applications`
    Applications,
    /// `/admin/policy`
    Policy,
    /// `/admin/microsoft365`, sync runs and keys
    Microsoft365,
    /// `/admin/audit`
    Activity,
}

/// Which step of the guided path a page belongs to.
#[derive(Debug, Clone, Serialize)]
pub struct WayBack {
    /// The step's number.
    pub step: usize,
    /// How many there are.
    pub of: usize,
    /// The path's page.
    pub href: String,
}

/// A message about what was just done.
#[derive(Debug, Clone, Serialize)]
pub struct Toast {
    /// How it went.
    pub tone: Tone,
    /// One sentence.
    pub text: String,
}

impl Chrome {
    /// A frame with nobody signed in, for tests and the gallery.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            lang: "en".to_owned(),
            organisation: "Contoso".to_owned(),
            tenant: Some("contoso.onmicrosoft.com".to_owned()),
            nonce: "c2FtcGxlLW5vbmNl".to_owned(),
            csrf: "sample-csrf".to_owned(),
            person: None,
            rail: None,
            toast: None,
            embedded: false,
            guide: None,
            correlation_id: "0199d1a4-7c1e-7b0a-9f6e-2f1f0a7c5b11".to_owned(),
            client_request_id: None,
            help: "Trouble signing in? Call the IT desk on extension 2200.".to_owned(),
            may_change: true,
        }
    }

    /// The same with an owner signed in to the console.
    #[must_use]
    pub fn sample_console(rail: Option<Rail>) -> Self {
        let person = Person {
            name: "Olivia Owens".to_owned(),
            upn: "olivia@contoso.com".to_owned(),
            role: Some("Owner".to_owned()),
        };
        let guide = Some(WayBack { step: 3, of: 9, href: "/admin/setup".to_owned() });
        Self { person: Some(person), rail, guide, ..Self::sample() }
    }
}
