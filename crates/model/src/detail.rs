//! What may be known of a person besides name, department, title and country: where they work, and how
//! they are reached. Each detail has an attribute of the same name in Entra, and its length.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::attribute::Attribute;

/// A detail of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Detail {
    /// The company, where one house has several.
    CompanyName,
    /// The office or room.
    OfficeLocation,
    /// The number that payroll knows them by.
    EmployeeId,
    /// Their language, such as `de-DE`.
    PreferredLanguage,
    /// The phone on the desk.
    BusinessPhone,
    /// The phone in the pocket.
    MobilePhone,
    /// Street and number.
    StreetAddress,
    /// The postal code.
    PostalCode,
    /// The city.
    City,
    /// The state or province.
    State,
}

impl Detail {
    /// Every one, in the order of forms.
    pub const ALL: [Self; 10] = [
        Self::CompanyName,
        Self::OfficeLocation,
        Self::EmployeeId,
        Self::PreferredLanguage,
        Self::BusinessPhone,
        Self::MobilePhone,
        Self::StreetAddress,
        Self::PostalCode,
        Self::City,
        Self::State,
    ];

    /// The attribute of the same name.
    #[must_use]
    pub const fn attribute(self) -> Attribute {
        match self {
            Self::CompanyName => Attribute::CompanyName,
            Self::OfficeLocation => Attribute::OfficeLocation,
            Self::EmployeeId => Attribute::EmployeeId,
            Self::PreferredLanguage => Attribute::PreferredLanguage,
            Self::BusinessPhone => Attribute::BusinessPhone,
            Self::MobilePhone => Attribute::MobilePhone,
            Self::StreetAddress => Attribute::StreetAddress,
            Self::PostalCode => Attribute::PostalCode,
            Self::City => Attribute::City,
            Self::State => Attribute::State,
        }
    }

    /// The most characters that are kept: no fewer than Microsoft takes, and enough for what other
    /// systems have in it.
    #[must_use]
    pub const fn most(self) -> usize {
        let theirs = self.attribute().most();
        if theirs > 256 { theirs } else { 256 }
    }

    /// Its name in forms, files and expressions.
    #[must_use]
    pub const fn word(self) -> &'static str {
        self.attribute().word()
    }

    /// The detail with this name.
    #[must_use]
    pub fn by_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|detail| detail.word() == word)
    }
}

/// The details of a person, as far as they are known; no value is empty.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Details(BTreeMap<Detail, String>);

impl Details {
    /// A detail.
    #[must_use]
    pub fn get(&self, detail: Detail) -> Option<&str> {
        self.0.get(&detail).map(String::as_str)
    }

    /// Sets a detail, without the blanks around it; nothing typed is nothing known.
    pub fn set(&mut self, detail: Detail, text: &str) {
        let text = text.trim();
        if text.is_empty() {
            self.0.remove(&detail);
        } else {
            self.0.insert(detail, text.to_owned());
        }
    }

    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_trimmed_and_an_empty_text_is_no_detail() {
        let mut details = Details::default();
        details.set(Detail::City, "  Vienna ");
        assert_eq!(details.get(Detail::City), Some("Vienna"));
        details.set(Detail::City, " ");
        assert!(details.is_empty());
        for detail in Detail::ALL {
            let stored = serde_json::to_string(&detail).unwrap();
            assert_eq!(stored, format!("\"{}\"", detail.word()));
            assert_eq!(Detail::by_word(detail.word()), Some(detail));
        }
    }
}
