//! Other systems that bring people: the list, a new one, and one of them.

use serde::Serialize;

use super::user::OneTimeSecret;
use crate::pages::{
    Page,
    parts::{Badge, Choice, Fact, Problem, Tone, Verdict, When},
};

/// The list.
#[derive(Debug, Clone, Serialize)]
pub struct Programs {
    /// How it stands, in a sentence.
    pub verdict: Verdict,
    /// The systems.
    pub rows: Vec<ProgramRow>,
    /// The role may let one in.
    pub may_change: bool,
}

/// One system.
#[derive(Debug, Clone, Serialize)]
pub struct ProgramRow {
    /// Its page.
    pub href: String,
    /// What admins call it.
    pub name: String,
    /// How many people and groups it brought.
    pub brought: String,
    /// What it did last.
    pub last: String,
    /// When that was.
    pub at: Option<When>,
    /// Let in, held, or without a token.
    pub state: Badge,
}

/// Letting one in.
#[derive(Debug, Clone, Serialize)]
pub struct ProgramNew {
    /// The fields.
    pub form: ProgramForm,
}

/// One system's page.
#[derive(Debug, Clone, Serialize)]
pub struct ProgramPage {
    /// Its id, for the forms' addresses.
    pub id: String,
    /// What admins call it.
    pub name: String,
    /// How it stands, in a sentence.
    pub verdict: Verdict,
    /// What the other system must be told, and what it did.
    pub facts: Vec<Fact>,
    /// It may take nothing from anybody until somebody lets it go on.
    pub is_held: bool,
    /// What an admin should know who lets it go on.
    pub held: String,
    /// How many people it may take something from, as typed.
    pub people: String,
    /// The tokens.
    pub tokens: Vec<TokenRow>,
    /// How long the next token is good, as typed, in days.
    pub days: String,
    /// There is room for another token.
    pub may_have_token: bool,
    /// A token that was just made; shown once.
    pub token: Option<OneTimeSecret>,
    /// The role may change it.
    pub may_change: bool,
    /// The fields.
    pub form: ProgramForm,
    /// What was wrong.
    pub problems: Vec<Problem>,
}

/// A token, never itself.
#[derive(Debug, Clone, Serialize)]
pub struct TokenRow {
    /// Its id, for the form's address.
    pub id: String,
    /// How it is told from others.
    pub short: String,
    /// When it was made.
    pub made: When,
    /// When it ends.
    pub ends: When,
    /// When it was used last.
    pub used: Option<When>,
    /// Good or over.
    pub state: Badge,
}

/// The fields of a system. They are sent under the names of this struct.
#[derive(Debug, Clone, Serialize)]
pub struct ProgramForm {
    /// What admins call it.
    pub name: String,
    /// People alone, or groups as well.
    pub brings: Vec<Choice>,
    /// What becomes of people whom it removes.
    pub removal: Vec<Choice>,
    /// What was wrong.
    pub problems: Vec<Problem>,
}

impl ProgramForm {
    /// The fields with these values.
    #[must_use]
    pub fn new(name: &str, brings: &str, removal: &str, problems: Vec<Problem>) -> Self {
        let brings = [("people", "People alone"), ("groups", "People and groups")]
            .map(|(value, label)| Choice::new(value, label, brings));
        let removal = [
            ("block", "They are blocked at once, and leave by the days set for Office 365"),
            ("keep", "They stay as they are, and the system has no say about them any more"),
        ]
        .map(|(value, label)| Choice::new(value, label, removal));
        let (brings, removal) = (brings.to_vec(), removal.to_vec());
        Self { name: name.to_owned(), brings, removal, problems }
    }
}

impl Page for Programs {
    const TEMPLATE: &'static str = "admin/programs.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let row = ProgramRow {
            href: "/admin/programs/01".to_owned(),
            name: "HR".to_owned(),
            brought: "214 people, 12 groups".to_owned(),
            last: "changed anna@contoso.com".to_owned(),
            at: Some(When::sample()),
            state: Badge::new(Tone::Ok, "Let in"),
        };
        let some = Self {
            verdict: Verdict::new(Tone::Ok, "1 other system brings people."),
            rows: vec![row],
            may_change: true,
        };
        let none = Self {
            verdict: Verdict::new(Tone::Neutral, "No other system brings people."),
            rows: Vec::new(),
            may_change: false,
        };
        vec![("", some), ("none", none)]
    }
}

impl Page for ProgramNew {
    const TEMPLATE: &'static str = "admin/program_new.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let problem =
            Problem::of_field("name", "There is one of that name already.", "Correct it.");
        let page = Self { form: ProgramForm::new("", "groups", "block", Vec::new()) };
        let wrong = Self { form: ProgramForm::new("HR", "people", "keep", vec![problem]) };
        vec![("", page), ("wrong", wrong)]
    }
}

impl Page for ProgramPage {
    const TEMPLATE: &'static str = "admin/program.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self::sample();
        let held = Self {
            verdict: Verdict::new(Tone::Danger, "Held: it would take something from too many."),
            is_held: true,
            held: "In 24 hours, it took something from 5 people and made 2 people; 5 is the most from \
                   whom it may take something without your word."
                .to_owned(),
            token: None,
            ..page.clone()
        };
        let reader = Self { may_change: false, tokens: Vec::new(), token: None, ..page.clone() };
        vec![("", page), ("held", held), ("reader", reader)]
    }
}

impl ProgramPage {
    /// Contoso's HR system.
    #[must_use]
    pub fn sample() -> Self {
        let token = TokenRow {
            id: "0199d1a4-7c1e-7b0a-9f6e-2f1f0a7c5b11".to_owned(),
            short: "…0a7c5b11".to_owned(),
            made: When::sample(),
            ends: When::sample(),
            used: None,
            state: Badge::new(Tone::Ok, "Good"),
        };
        Self {
            id: "01".to_owned(),
            name: "HR".to_owned(),
            verdict: Verdict::new(Tone::Ok, "It brought 214 people and 12 groups."),
            facts: vec![Fact::id("SCIM address", "https://sts.contoso.com/scim/v2")],
            is_held: false,
            held: String::new(),
            people: String::new(),
            tokens: vec![token],
            days: "365".to_owned(),
            may_have_token: true,
            token: Some(OneTimeSecret::sample()),
            may_change: true,
            form: ProgramForm::new("HR", "groups", "block", Vec::new()),
            problems: Vec::new(),
        }
    }
}
