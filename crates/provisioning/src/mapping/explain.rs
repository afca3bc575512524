//! What a rule does for one person, in words that an admin reads before it is saved.

use model::{attribute::Attribute, entra::EntraAttributes, mapping::Mode, user::User};

use super::Mapping;

/// What a rule does for one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// What it gives.
    pub value: Option<String>,
    /// Whether anything is written.
    pub is_written: bool,
    /// Why, or why not, in a sentence.
    pub why: String,
}

impl Mapping {
    /// What the rule of an attribute does for a person whose account says this of itself, if it is there.
    #[must_use]
    pub fn explain(
        &self,
        attribute: Attribute,
        user: &User,
        there: Option<&EntraAttributes>,
    ) -> Explained {
        let mode = self.mode(attribute);
        let (value, unfit) = match self.value(attribute, user) {
            Ok(value) => (value, None),
            Err(unfit) => (None, Some(unfit)),
        };
        let rests =
            self.missing(attribute).map(|group| format!("it rests: there is no group {group}"));
        if let Some(why) = rests.or(unfit) {
            let why = format!("Nothing is written; {why}.");
            return Explained { value: None, is_written: false, why };
        }
        let has = value.is_some();
        let (is_written, why) = match there {
            _ if mode == Mode::Never && attribute == Attribute::DisplayName => (false, NAMELESS),
            None => (mode != Mode::Never && has, unseen(mode, has)),
            Some(_) if attribute == Attribute::MailNickname => (false, ON_CREATE),
            Some(there) => reason(mode, there.get(attribute), value.as_deref()),
        };
        Explained { value, is_written, why: why.to_owned() }
    }
}

const NEVER: &str = "Never written.";
const NAMELESS: &str = "Never written to an account that is there; no account is made without a name, so \
     a new one is called by the first part of the sign-in name.";
const ON_CREATE: &str = "Written with a new account only, and this one is there.";

fn unseen(mode: Mode, has: bool) -> &'static str {
    match (mode, has) {
        (Mode::Never, _) => NEVER,
        (_, true) => "Written when the account is made.",
        (_, false) => "There is no value, so nothing is written.",
    }
}

fn reason(mode: Mode, is: Option<&str>, shall: Option<&str>) -> (bool, &'static str) {
    match (mode, is, shall) {
        (Mode::Never, ..) => (false, NEVER),
        (Mode::OnCreate, ..) => (false, ON_CREATE),
        (_, is, shall) if is == shall => (false, "The same is there."),
        (Mode::WhenEmpty, Some(_), _) => (false, "Something is there, so it stays."),
        (Mode::WhenEmpty, None, Some(_)) => (true, "Nothing is there, so it is written."),
        (Mode::Mirror, _, None) => (true, "There is no value, so it is emptied there."),
        (_, _, None) => (false, "There is no value, so what is there stays."),
        (_, _, Some(_)) => (true, "It differs, so it is written."),
    }
}
