//! What employees have to themselves: their apps and their own security.

pub mod authenticator;
pub mod recent_sign_ins;

use serde::Serialize;

use super::{
    Page,
    parts::{Link, Problem, When},
    sign_in::{MicrosoftOffer, SAMPLE_QUESTION},
};

/// The apps.
#[derive(Debug, Clone, Serialize)]
pub struct Home {
    /// The person's first name, for the greeting.
    pub name: String,
    /// Their apps; none until somebody assigns them.
    pub apps: Vec<App>,
}

/// One app.
#[derive(Debug, Clone, Serialize)]
pub struct App {
    /// Its name ("Outlook").
    pub name: String,
    /// What it is for ("Mail and calendar").
    pub note: String,
    /// Where it opens.
    pub href: String,
    /// Its picture.
    pub icon: AppIcon,
}

/// The pictures that apps have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AppIcon {
    /// An envelope.
    Mail,
    /// A speech bubble.
    Chat,
    /// A folder.
    Files,
    /// Anything else.
    App,
}

/// Password, factors, sessions.
#[derive(Debug, Clone, Serialize)]
pub struct Security {
    /// The person's sign-in name.
    pub upn: String,
    /// The second factors that are enrolled.
    pub factors: Vec<Factor>,
    /// One of them is an authenticator app.
    pub has_app: bool,
    /// Recovery codes that are left.
    pub recovery_codes_left: u32,
    /// When the password was last changed.
    pub password_changed: When,
    /// Where the password is changed, when a directory keeps it; empty: here.
    pub password_elsewhere: String,
    /// The shortest password that policy takes, in characters.
    pub password_minimum: u32,
    /// Where this person is signed in; the current session first.
    pub sessions: Vec<Session>,
    /// The browsers in which no second factor is asked for; the one that was used last first.
    pub remembered: Vec<Remembered>,
    /// The Microsoft accounts that sign them in.
    pub linked: Vec<Linked>,
    /// Through what another one can be linked.
    pub microsoft: Vec<MicrosoftOffer>,
    /// Where to confirm that it is you before the password can be changed; `None` once done.
    pub confirm: Option<Link>,
    /// The same before a passkey can be added: with a passkey, for whoever has one.
    pub confirm_key: Option<Link>,
    /// The question for an authenticator that is to hold a new passkey; none before one has confirmed
    /// that it is them.
    pub passkey: Option<String>,
    /// What the new passkey is called unless another name is typed.
    pub passkey_name: String,
    /// What was wrong with the last form (fields `current_password`, `new_password`, `name`).
    pub problems: Vec<Problem>,
}

/// A second factor.
#[derive(Debug, Clone, Serialize)]
pub struct Factor {
    /// What it is called ("Authenticator app", "Work laptop").
    pub name: String,
    /// What it is worth and when it was last used, in sentences; empty for an app.
    pub note: String,
    /// When it was set up.
    pub added: When,
    /// Its own page.
    pub href: String,
}

/// A linked Microsoft account.
#[derive(Debug, Clone, Serialize)]
pub struct Linked {
    /// Our id, part of the form's address.
    pub id: String,
    /// What it was called when it was linked.
    pub name: String,
    /// Where it lives.
    pub directory: String,
    /// When it was linked.
    pub linked: When,
    /// When it was last used; `None`: never.
    pub used: Option<When>,
}

/// One passkey.
#[derive(Debug, Clone, Serialize)]
pub struct Passkey {
    /// Our id, part of the forms' addresses.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// What it is worth and when it was last used, in sentences.
    pub note: String,
    /// When it was set up.
    pub added: When,
    /// Nothing else would be left.
    pub is_last: bool,
    /// Where to confirm that it is you before it can be removed; `None` once done.
    pub confirm: Option<Link>,
    /// What was wrong with the last form (field `name`).
    pub problems: Vec<Problem>,
}

/// A signed-in browser.
#[derive(Debug, Clone, Serialize)]
pub struct Session {
    /// Our id, part of the form's address.
    pub id: String,
    /// Browser and system, in words ("Edge on Windows").
    pub device: String,
    /// From which address.
    pub address: String,
    /// When it was last used.
    pub seen: When,
    /// The applications that it opened, by name; empty: none.
    pub used_with: String,
    /// It is the one that looks at this page.
    pub current: bool,
}

/// A browser in which no second factor is asked for.
#[derive(Debug, Clone, Serialize)]
pub struct Remembered {
    /// Our id, part of the form's address.
    pub id: String,
    /// Browser and system, in words.
    pub device: String,
    /// From which address it was used last.
    pub address: String,
    /// When it was used last.
    pub used: When,
    /// Until when it is remembered.
    pub until: When,
}

impl Page for Home {
    const TEMPLATE: &'static str = "portal/home.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self::sample();
        vec![("", page.clone()), ("empty", Self { apps: Vec::new(), ..page })]
    }
}

impl Page for Security {
    const TEMPLATE: &'static str = "portal/security.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self::sample();
        let problem = Problem::of_field(
            "new_password",
            "That password is on a list of leaked ones.",
            "Choose another; four unrelated words work well.",
        );
        let confirm = Some(Link::new("Confirm that it is you", "/portal/step-up"));
        vec![
            ("", page.clone()),
            ("unconfirmed", Self { confirm, passkey: None, ..page.clone() }),
            (
                "no app",
                Self { has_app: false, factors: page.factors[1..].to_vec(), ..page.clone() },
            ),
            ("wrong", Self { problems: vec![problem], ..page }),
        ]
    }
}

impl Home {
    /// Alice's apps.
    #[must_use]
    pub fn sample() -> Self {
        let app = |name: &str, note: &str, href: &str, icon| App {
            name: name.to_owned(),
            note: note.to_owned(),
            href: href.to_owned(),
            icon,
        };
        Self {
            name: "Alice".to_owned(),
            apps: vec![
                app("Outlook", "Mail and calendar", "https://outlook.office.com/", AppIcon::Mail),
                app("Teams", "Chat and meetings", "https://teams.microsoft.com/", AppIcon::Chat),
                app("OneDrive", "Your files", "https://onedrive.live.com/", AppIcon::Files),
            ],
        }
    }
}

impl Security {
    /// Alice's security.
    #[must_use]
    pub fn sample() -> Self {
        let session = |id: &str, device: &str, address: &str, current| Session {
            id: id.to_owned(),
            device: device.to_owned(),
            address: address.to_owned(),
            seen: When::sample(),
            used_with: if current { "Microsoft 365, Wiki".to_owned() } else { String::new() },
            current,
        };
        Self {
            upn: "alice@contoso.com".to_owned(),
            factors: vec![
                Factor {
                    name: "Authenticator app".to_owned(),
                    note: String::new(),
                    added: When::sample_earlier(),
                    href: "/portal/security/app".to_owned(),
                },
                Factor {
                    name: "Work laptop".to_owned(),
                    note: "Passkey, signs in by itself. Never used yet.".to_owned(),
                    added: When::sample_earlier(),
                    href: "/portal/security/passkeys/01".to_owned(),
                },
            ],
            has_app: true,
            recovery_codes_left: 9,
            password_changed: When::sample_earlier(),
            password_elsewhere: String::new(),
            password_minimum: 8,
            sessions: vec![
                session("01", "Edge on Windows", "203.0.113.24", true),
                session("02", "Safari on iPhone", "198.51.100.7", false),
            ],
            remembered: vec![Remembered {
                id: "01".to_owned(),
                device: "Edge on Windows".to_owned(),
                address: "203.0.113.24".to_owned(),
                used: When::sample_earlier(),
                until: When::sample(),
            }],
            linked: Linked::samples(),
            microsoft: MicrosoftOffer::samples(),
            confirm: None,
            confirm_key: None,
            passkey: Some(SAMPLE_QUESTION.to_owned()),
            passkey_name: "Edge on Windows".to_owned(),
            problems: Vec::new(),
        }
    }
}

impl Linked {
    /// Alice's account elsewhere.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        vec![Self {
            id: "01".to_owned(),
            name: "alice@fabrikam.com".to_owned(),
            directory: "Directory 3aa4a235-b6e2-48d5-9195-7fcf05b459b0".to_owned(),
            linked: When::sample_earlier(),
            used: Some(When::sample()),
        }]
    }
}

impl Page for Passkey {
    const TEMPLATE: &'static str = "portal/passkey.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self::sample();
        let confirm = Some(Link::new("Confirm that it is you", "/portal/step-up"));
        let problem = Problem::of_field("name", "That is no name.", "Type 1 to 64 characters.");
        vec![
            ("", page.clone()),
            ("unconfirmed", Self { confirm, ..page.clone() }),
            ("last", Self { is_last: true, ..page.clone() }),
            ("wrong", Self { problems: vec![problem], ..page }),
        ]
    }
}

impl Passkey {
    /// Alice's laptop.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            id: "01".to_owned(),
            name: "Work laptop".to_owned(),
            note: "Passkey, signs in by itself. Never used yet.".to_owned(),
            added: When::sample_earlier(),
            is_last: false,
            confirm: None,
            problems: Vec::new(),
        }
    }
}
