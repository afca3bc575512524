//! App registrations for signing in with Microsoft: the list, a new one, and one of them.

use serde::Serialize;

use crate::pages::{
    Page,
    parts::{Badge, Check, Choice, Fact, Link, Problem, Tone, Verdict, When},
};

/// The list.
#[derive(Debug, Clone, Serialize)]
pub struct Registrations {
    /// Whether anybody can sign in with Microsoft, in a sentence.
    pub verdict: Verdict,
    /// The registrations.
    pub rows: Vec<Row>,
}

/// One registration.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// Its page.
    pub href: String,
    /// What admins call it.
    pub alias: String,
    /// Who can sign in through it, in a sentence.
    pub who: String,
    /// What is known of its secret.
    pub secret: String,
    /// On or off.
    pub state: Badge,
}

/// Adding one.
#[derive(Debug, Clone, Serialize)]
pub struct RegistrationNew {
    /// The fields.
    pub form: RegistrationForm,
}

/// One registration's page.
#[derive(Debug, Clone, Serialize)]
pub struct RegistrationPage {
    /// Its id, for the forms' addresses.
    pub id: String,
    /// What admins call it.
    pub alias: String,
    /// Whether people can sign in through it, in a sentence.
    pub verdict: Verdict,
    /// What Microsoft must be told, and who can sign in.
    pub facts: Vec<Fact>,
    /// The sign-in page offers it.
    pub is_on: bool,
    /// For whom somebody may consent, where anybody may.
    pub consent: Option<Consent>,
    /// By what it proves itself to Microsoft.
    pub credentials: Credentials,
    /// What the last test found, if there was one since it was changed.
    pub trial: Option<TrialFound>,
    /// The code that was asked about.
    pub asked: String,
    /// What it comes to here.
    pub explained: Vec<Check>,
    /// The fields.
    pub form: RegistrationForm,
}

/// How a directory consents.
#[derive(Debug, Clone, Serialize)]
pub struct Consent {
    /// Who gives it.
    pub whose: String,
    /// What is asked for, and what breaks without it.
    pub scopes: Vec<(String, String)>,
}

/// The secret or certificate of a registration, and the second one.
#[derive(Debug, Clone, Serialize)]
pub struct Credentials {
    /// What is known of the one that is used, never itself.
    pub in_use: Vec<Fact>,
    /// The same of the second one, if there is one.
    pub other: Vec<Fact>,
    /// Which the second one is, for its forms; empty when there is none.
    pub which: String,
    /// It waits to be used; else it was, and may go.
    pub waits: bool,
    /// A certificate can be downloaded.
    pub certificate: bool,
    /// A fresh second factor is needed first.
    pub confirm: Option<Link>,
}

/// What a test found.
#[derive(Debug, Clone, Serialize)]
pub struct TrialFound {
    /// How it is, in a sentence.
    pub verdict: Verdict,
    /// When it was tested.
    pub at: When,
    /// Each step, with what it took and what explains it.
    pub steps: Vec<Check>,
}

/// The fields of a registration. They are sent under the names of this struct, `client_secret` besides.
#[derive(Debug, Clone, Serialize)]
pub struct RegistrationForm {
    /// What admins call it.
    pub alias: String,
    /// Microsoft's id of the app.
    pub client_id: String,
    /// The last day of its secret, or empty.
    pub secret_ends: String,
    /// What is known of the secret, never itself.
    pub secret_note: String,
    /// A secret is stored; an empty field keeps it.
    pub secret_set: bool,
    /// Which cloud.
    pub cloud: Vec<Choice>,
    /// Whose people, each mode with the sentence that says who that is.
    pub mode: Vec<Choice>,
    /// The one directory, by id or domain.
    pub tenant: String,
    /// Several directories, one id a line.
    pub several: String,
    /// The directories whose second factor counts, one id a line.
    pub trusted: String,
    /// What was wrong.
    pub problems: Vec<Problem>,
}

impl Page for Registrations {
    const TEMPLATE: &'static str = "admin/registrations.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let row = Row {
            href: "/admin/registrations/01".to_owned(),
            alias: "Contoso staff".to_owned(),
            who: "People of the organisation of contoso.com.".to_owned(),
            secret: "Ends in 14 days".to_owned(),
            state: Badge::new(Tone::Ok, "On"),
        };
        let none = Self {
            verdict: Verdict::new(Tone::Neutral, "Nobody signs in with Microsoft."),
            rows: Vec::new(),
        };
        let some = Self {
            verdict: Verdict::new(Tone::Ok, "The sign-in page offers 1 registration."),
            rows: vec![row],
        };
        vec![("", some), ("none", none)]
    }
}

impl Page for RegistrationNew {
    const TEMPLATE: &'static str = "admin/registration_new.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self { form: RegistrationForm::empty() };
        let problem = Problem::of_field(
            "client_secret",
            "That is the id of the secret.",
            "Copy its value, which Microsoft shows once.",
        );
        let wrong = RegistrationForm { problems: vec![problem], ..RegistrationForm::sample() };
        vec![("", page), ("wrong", Self { form: wrong })]
    }
}

impl Page for RegistrationPage {
    const TEMPLATE: &'static str = "admin/registration.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self::sample();
        let off = Self {
            is_on: false,
            consent: None,
            credentials: Credentials {
                other: Vec::new(),
                which: String::new(),
                certificate: false,
                ..Credentials::sample()
            },
            trial: None,
            explained: Vec::new(),
            verdict: Verdict::new(Tone::Neutral, "Off: the sign-in page does not offer it."),
            ..page.clone()
        };
        vec![("", page), ("off", off)]
    }
}

impl RegistrationPage {
    /// Contoso's own people.
    #[must_use]
    pub fn sample() -> Self {
        let redirect = "https://sts.contoso.com/sign-in/microsoft/01";
        Self {
            id: "01".to_owned(),
            alias: "Contoso staff".to_owned(),
            verdict: Verdict::new(Tone::Ok, "On: the sign-in page offers it."),
            facts: vec![
                Fact::id("Redirect URI", redirect),
                Fact::text("Who can sign in", "People of the organisation of contoso.com."),
            ],
            is_on: true,
            consent: Some(Consent::sample()),
            credentials: Credentials::sample(),
            trial: Some(TrialFound::sample()),
            asked: "AADSTS50020".to_owned(),
            explained: vec![Check::new(
                Tone::Neutral,
                "AADSTS50020: This account may not use that application",
                "Only people of contoso.com come through here.",
            )],
            form: RegistrationForm::sample(),
        }
    }
}

impl Consent {
    /// Of Contoso's own directory.
    #[must_use]
    pub fn sample() -> Self {
        let scopes = vec![("openid".to_owned(), "Without it nobody is signed in.".to_owned())];
        Self { whose: "An admin of contoso.com".to_owned(), scopes }
    }
}

impl Credentials {
    /// A certificate that follows a secret.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            in_use: vec![
                Fact::text("Kind", "Client secret"),
                Fact::text("Ends", "9 Dec 2026, in 14 days"),
            ],
            other: vec![
                Fact::text("Kind", "Certificate"),
                Fact::id("Thumbprint (SHA-1)", "B1E5C0A3D4F6978812AB34CD56EF7890A1B2C3D4"),
                Fact::text("Ends", "24 Nov 2028, in 2 years"),
            ],
            which: "1".to_owned(),
            waits: true,
            certificate: true,
            confirm: None,
        }
    }
}

impl TrialFound {
    /// A secret that has ended.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            verdict: Verdict::new(
                Tone::Danger,
                "People can't sign in through it: Secret or certificate.",
            ),
            at: When::sample(),
            steps: vec![
                Check::new(Tone::Ok, "Issuer", "Tokens come from one directory. (0 ms)"),
                Check::new(
                    Tone::Danger,
                    "Secret or certificate",
                    "The secret has expired. (31 ms)",
                ),
                Check::new(Tone::Neutral, "Consent", "It can't be told from here. (0 ms)"),
            ],
        }
    }
}

impl RegistrationForm {
    /// Before anything is typed.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            alias: String::new(),
            client_id: String::new(),
            secret_ends: String::new(),
            secret_note: String::new(),
            secret_set: false,
            cloud: vec![Choice::new("global", "Worldwide", "global")],
            mode: vec![
                Choice::new("one", "One directory: its people and guests", "one"),
                Choice::new("common", "Anybody with a Microsoft account", "one"),
            ],
            tenant: String::new(),
            several: String::new(),
            trusted: String::new(),
            problems: Vec::new(),
        }
    }

    /// Contoso's own people.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            alias: "Contoso staff".to_owned(),
            client_id: "11111111-2222-4333-8444-555555555555".to_owned(),
            secret_note: "It ends in 14 days, on 9 Dec 2026.".to_owned(),
            secret_set: true,
            tenant: "contoso.com".to_owned(),
            ..Self::empty()
        }
    }
}
