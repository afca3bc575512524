//! The describing attributes of an account in Entra that can be managed: what Graph calls them and
//! what it takes (`graph.md` 2.4). Sign-in name, immutable id and whether the account may be signed in
//! to are none of them: nobody maps those.

use serde::{Deserialize, Serialize};

/// A describing attribute of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attribute {
    /// `displayName`.
    DisplayName,
    /// `givenName`.
    GivenName,
    /// `surname`.
    Surname,
    /// `department`.
    Department,
    /// `jobTitle`.
    JobTitle,
    /// `companyName`.
    CompanyName,
    /// `officeLocation`.
    OfficeLocation,
    /// `employeeId`.
    EmployeeId,
    /// `preferredLanguage`.
    PreferredLanguage,
    /// The one element of `businessPhones`.
    BusinessPhone,
    /// `mobilePhone`.
    MobilePhone,
    /// `streetAddress`.
    StreetAddress,
    /// `postalCode`.
    PostalCode,
    /// `city`.
    City,
    /// `state`.
    State,
    /// `country`.
    Country,
    /// `mailNickname`: said once, of a new account.
    MailNickname,
}

/// What is done with a value that is longer than Graph takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TooLong {
    /// It is cut: a long title must not keep a person out.
    Cut,
    /// It is left out: half a number is another number.
    LeftOut,
}

/// What is known of an attribute: Graph's name, ours, the most characters, what becomes of longer ones.
type Facts = (&'static str, &'static str, usize, TooLong);

impl Attribute {
    /// Every one, in the order of pages.
    pub const ALL: [Self; 17] = [
        Self::DisplayName,
        Self::GivenName,
        Self::Surname,
        Self::Department,
        Self::JobTitle,
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
        Self::Country,
        Self::MailNickname,
    ];

    const fn facts(self) -> Facts {
        use TooLong::{Cut, LeftOut};
        match self {
            Self::DisplayName => ("displayName", "name", 256, Cut),
            Self::GivenName => ("givenName", "first name", 64, Cut),
            Self::Surname => ("surname", "family name", 64, Cut),
            Self::Department => ("department", "department", 64, Cut),
            Self::JobTitle => ("jobTitle", "job title", 128, Cut),
            Self::CompanyName => ("companyName", "company", 64, Cut),
            Self::OfficeLocation => ("officeLocation", "office", 128, Cut),
            Self::EmployeeId => ("employeeId", "employee number", 16, LeftOut),
            Self::PreferredLanguage => ("preferredLanguage", "language", 64, LeftOut),
            Self::BusinessPhone => ("businessPhones", "business phone", 64, LeftOut),
            Self::MobilePhone => ("mobilePhone", "mobile phone", 64, LeftOut),
            Self::StreetAddress => ("streetAddress", "street", 1024, Cut),
            Self::PostalCode => ("postalCode", "postal code", 40, LeftOut),
            Self::City => ("city", "city", 128, Cut),
            Self::State => ("state", "state", 128, Cut),
            Self::Country => ("country", "country", 128, Cut),
            Self::MailNickname => ("mailNickname", "mail nickname", 64, Cut),
        }
    }

    /// What Graph calls it.
    #[must_use]
    pub const fn graph_name(self) -> &'static str {
        self.facts().0
    }

    /// What people call it, in the middle of a sentence.
    #[must_use]
    pub const fn label(self) -> &'static str {
        self.facts().1
    }

    /// The most characters that Graph takes.
    #[must_use]
    pub const fn most(self) -> usize {
        self.facts().2
    }

    /// What is done with longer ones.
    #[must_use]
    pub const fn too_long(self) -> TooLong {
        self.facts().3
    }

    /// Whether an account can't be without it.
    #[must_use]
    pub const fn is_required(self) -> bool {
        matches!(self, Self::DisplayName | Self::MailNickname)
    }

    /// The attribute with this name in addresses and stored rows, such as `job_title`.
    #[must_use]
    pub fn by_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|attribute| attribute.word() == word)
    }

    /// Its name in addresses and stored rows, such as `job_title`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::DisplayName => "display_name",
            Self::GivenName => "given_name",
            Self::Surname => "surname",
            Self::Department => "department",
            Self::JobTitle => "job_title",
            Self::CompanyName => "company_name",
            Self::OfficeLocation => "office_location",
            Self::EmployeeId => "employee_id",
            Self::PreferredLanguage => "preferred_language",
            Self::BusinessPhone => "business_phone",
            Self::MobilePhone => "mobile_phone",
            Self::StreetAddress => "street_address",
            Self::PostalCode => "postal_code",
            Self::City => "city",
            Self::State => "state",
            Self::Country => "country",
            Self::MailNickname => "mail_nickname",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_attribute_is_listed_once_and_its_word_is_what_is_stored() {
        let words: std::collections::BTreeSet<_> = Attribute::ALL.map(Attribute::word).into();
        assert_eq!(words.len(), Attribute::ALL.len());
        for attribute in Attribute::ALL {
            let stored = serde_json::to_string(&attribute).unwrap();
            assert_eq!(stored, format!("\"{}\"", attribute.word()));
            assert_eq!(Attribute::by_word(attribute.word()), Some(attribute));
        }
    }
}
