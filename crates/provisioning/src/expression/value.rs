//! What an expression is for one person.

use std::collections::HashSet;

use model::{upn::fold, user::User};

use super::{Condition, MOST, Text};
use crate::mapping::Pseudonyms;

/// What expressions are asked of.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The person.
    pub user: &'a User,
    /// The names of the groups that they are in, folded.
    pub groups: &'a HashSet<String>,
    /// What makes pseudonyms.
    pub pseudonyms: &'a Pseudonyms,
}

impl Text {
    pub(super) fn value(&self, facts: &Facts<'_>) -> Option<String> {
        let text = match self {
            Self::Constant(text) => text.clone(),
            Self::Field(field) => field.of(facts.user)?.to_owned(),
            Self::Join(between, texts) => joined(between, texts, facts),
            Self::Coalesce(texts) => texts.iter().find_map(|text| text.value(facts))?,
            Self::Lower(text) => text.value(facts)?.to_lowercase(),
            Self::Upper(text) => text.value(facts)?.to_uppercase(),
            Self::Trim(text) => text.value(facts)?.trim().to_owned(),
            Self::Replace(text, from, to) => text.value(facts)?.replace(from, to),
            Self::Part(text, between, number) => {
                text.value(facts)?.split(between.as_str()).nth(number - 1)?.to_owned()
            }
            Self::Substring(text, from, length) => {
                text.value(facts)?.chars().skip(from - 1).take(*length).collect()
            }
            Self::Pseudonym(text) => facts.pseudonyms.of(&text.value(facts)?)?,
            Self::If(condition, yes, no) => {
                let text = if condition.holds(facts) { yes } else { no };
                text.value(facts)?
            }
        };
        bounded(text)
    }
}

/// No more than `MOST` characters, and nothing at all when there are only blanks.
fn bounded(mut text: String) -> Option<String> {
    if let Some((end, _)) = text.char_indices().nth(MOST) {
        text.truncate(end);
    }
    (!text.trim().is_empty()).then_some(text)
}

/// What has a value, with the text between.
fn joined(between: &str, texts: &[Text], facts: &Facts<'_>) -> String {
    let values: Vec<String> = texts.iter().filter_map(|text| text.value(facts)).collect();
    values.join(between)
}

impl Condition {
    fn holds(&self, facts: &Facts<'_>) -> bool {
        match self {
            Self::Member(group) => facts.groups.contains(&fold(group)),
            Self::Empty(text) => text.value(facts).is_none(),
            Self::Equal(one, other) => one.value(facts) == other.value(facts),
            Self::Not(condition) => !condition.holds(facts),
        }
    }
}
