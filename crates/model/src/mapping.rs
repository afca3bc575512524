//! What of a person reaches Entra: for each attribute an expression, as an admin typed it, and when it
//! is written. What an expression means is said in `provisioning`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{attribute::Attribute, detail::Detail, ids::UserId, user::User};

/// When the value of an attribute is written (Y26).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Whenever it differs, but what has no value here stays as it is there.
    Always,
    /// Whenever it differs: what has no value here is emptied there.
    Mirror,
    /// With a new account, and never again.
    OnCreate,
    /// Only where nothing is there: what somebody typed at Microsoft stays.
    WhenEmpty,
    /// Never: nothing of it leaves.
    Never,
}

impl Mode {
    /// Every one, in the order of forms.
    pub const ALL: [Self; 5] =
        [Self::Always, Self::Mirror, Self::OnCreate, Self::WhenEmpty, Self::Never];

    /// What people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Always => "Always",
            Self::Mirror => "Always, and emptied",
            Self::OnCreate => "On create",
            Self::WhenEmpty => "Only when empty",
            Self::Never => "Never",
        }
    }

    /// Its name in forms and stored rows.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Mirror => "mirror",
            Self::OnCreate => "on_create",
            Self::WhenEmpty => "when_empty",
            Self::Never => "never",
        }
    }

    /// Whether an attribute can be treated so: a name can't be emptied, and a nickname is said once.
    #[must_use]
    pub const fn suits(self, attribute: Attribute) -> bool {
        match attribute {
            Attribute::DisplayName => !matches!(self, Self::Mirror),
            Attribute::MailNickname => matches!(self, Self::OnCreate),
            _ => true,
        }
    }
}

/// What is written to an attribute, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// When.
    pub mode: Mode,
    /// The expression, as typed.
    pub expression: String,
    /// What it must give for some people: tried before a change is saved.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tests: Vec<MappingTest>,
}

/// What an expression must give for one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MappingTest {
    /// Who.
    pub user_id: UserId,
    /// The value: a test asks for something, never for nothing.
    pub expected: String,
}

/// The rules that an admin changed; every other attribute follows its default.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AttributeMapping(pub BTreeMap<Attribute, Rule>);

impl AttributeMapping {
    /// The rule of an attribute.
    #[must_use]
    pub fn rule(&self, attribute: Attribute) -> Rule {
        self.0.get(&attribute).cloned().unwrap_or_else(|| default_rule(attribute))
    }

    /// The same with another rule for one attribute.
    #[must_use]
    pub fn with(mut self, attribute: Attribute, rule: Rule) -> Self {
        if rule == default_rule(attribute) {
            self.0.remove(&attribute);
        } else {
            self.0.insert(attribute, rule);
        }
        self
    }
}

/// Names, department, job title and country are written, nothing else is; each attribute is offered
/// the field of the same name.
#[must_use]
pub fn default_rule(attribute: Attribute) -> Rule {
    use Attribute::{Country, Department, DisplayName, GivenName, JobTitle, MailNickname, Surname};
    let (mode, expression) = match attribute {
        DisplayName | GivenName | Surname | Department | JobTitle | Country => {
            (Mode::Always, attribute.word())
        }
        MailNickname => (Mode::OnCreate, "part(upn, \"@\", 1)"),
        _ => (Mode::Never, attribute.word()),
    };
    Rule { mode, expression: expression.to_owned(), tests: Vec::new() }
}

/// A field of a person that expressions can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PersonField {
    /// The full name.
    DisplayName,
    /// The first name.
    GivenName,
    /// The family name.
    Surname,
    /// The sign-in name.
    Upn,
    /// The mail address.
    Mail,
    /// The department.
    Department,
    /// The job title.
    JobTitle,
    /// The country.
    Country,
    /// One of the details.
    Detail(Detail),
}

impl PersonField {
    /// Every one, in the order of help texts.
    pub fn all() -> impl Iterator<Item = Self> {
        let own = [
            Self::DisplayName,
            Self::GivenName,
            Self::Surname,
            Self::Upn,
            Self::Mail,
            Self::Department,
            Self::JobTitle,
            Self::Country,
        ];
        own.into_iter().chain(Detail::ALL.map(Self::Detail))
    }

    /// The field with this name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::all().find(|field| field.name() == name)
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::DisplayName => "display_name",
            Self::GivenName => "given_name",
            Self::Surname => "surname",
            Self::Upn => "upn",
            Self::Mail => "mail",
            Self::Department => "department",
            Self::JobTitle => "job_title",
            Self::Country => "country",
            Self::Detail(detail) => detail.word(),
        }
    }

    /// Whether everybody has one.
    #[must_use]
    pub const fn is_certain(self) -> bool {
        matches!(self, Self::DisplayName | Self::Upn)
    }

    /// What somebody has in it, without blanks around; `None` when that is nothing.
    #[must_use]
    pub fn of(self, user: &User) -> Option<&str> {
        let profile = &user.profile;
        let text = match self {
            Self::Upn => Some(user.upn.as_str()),
            Self::DisplayName => Some(profile.display_name.as_str()),
            Self::GivenName => profile.given_name.as_deref(),
            Self::Surname => profile.surname.as_deref(),
            Self::Mail => profile.mail.as_deref(),
            Self::Department => profile.department.as_deref(),
            Self::JobTitle => profile.job_title.as_deref(),
            Self::Country => profile.country.as_deref(),
            Self::Detail(detail) => profile.details.get(detail),
        };
        text.map(str::trim).filter(|text| !text.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_that_is_the_default_again_is_not_kept() {
        let rule = Rule { mode: Mode::Never, ..default_rule(Attribute::Department) };
        let mapping = AttributeMapping::default().with(Attribute::Department, rule.clone());
        assert_eq!(mapping.rule(Attribute::Department), rule);
        let back = mapping.with(Attribute::Department, default_rule(Attribute::Department));
        assert_eq!(back, AttributeMapping::default());
    }

    #[test]
    fn every_attribute_is_offered_a_field_that_exists() {
        for attribute in Attribute::ALL {
            let rule = default_rule(attribute);
            assert!(rule.mode.suits(attribute));
            let named = PersonField::by_name(&rule.expression).is_some();
            assert!(named || attribute == Attribute::MailNickname, "{attribute:?}");
        }
    }
}
