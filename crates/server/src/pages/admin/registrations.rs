//! App registrations for signing in with Microsoft: the list, a new one, and one of them.

use serde::Serialize;

use crate::pages::{
    Page,
    parts::{Badge, Check, Choice, Fact, Problem, Tone, Verdict, When},
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
    /// What the last test found, if there was one since it was changed.
    pub trial: Option<TrialFound>,
    /// The code that was asked about.
    pub asked: String,
    /// What it comes to here.
    pub explained: Vec<Check>,
    /// The fields.
    pub form: RegistrationForm,
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

impl TrialFound {
    /// A secret that has ended.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            verdict: Verdict::new(Tone::Danger, "People can't sign in through it: Client secret."),
            at: When::sample(),
            steps: vec![
                Check::new(Tone::Ok, "Issuer", "Tokens come from one directory. (0 ms)"),
                Check::new(Tone::Danger, "Client secret", "The secret has expired. (31 ms)"),
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
