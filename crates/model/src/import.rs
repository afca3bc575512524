//! A list of people that an admin brings along, in a file or from a tenant: how it is read, how far it
//! has come, and what became of each row.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    Ts,
    detail::Detail,
    ids::{GroupId, ImportId, TenantId, UserId},
    tenant_people::AccountTrace,
    user::Profile,
};

/// What a column can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// The sign-in name.
    Upn,
    /// The full name.
    DisplayName,
    /// The first name.
    GivenName,
    /// The family name.
    Surname,
    /// The mail address.
    Mail,
    /// The department.
    Department,
    /// The job title.
    JobTitle,
    /// The country, as two letters.
    Country,
    /// The company.
    CompanyName,
    /// The office or room.
    OfficeLocation,
    /// The number that payroll knows them by.
    EmployeeId,
    /// The language, such as `de-DE`.
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
    /// Names of groups.
    Groups,
    /// The password, as another system hashed it.
    PasswordHash,
    /// The seed of an authenticator app.
    TotpSeed,
}

impl Field {
    /// Every one, in the order of the form.
    pub const ALL: &'static [Self] = &[
        Self::Upn,
        Self::DisplayName,
        Self::GivenName,
        Self::Surname,
        Self::Mail,
        Self::Department,
        Self::JobTitle,
        Self::Country,
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
        Self::Groups,
        Self::PasswordHash,
        Self::TotpSeed,
    ];

    /// Its name in forms, and in what is wrong with a person's profile.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Upn => "upn",
            Self::DisplayName => "display_name",
            Self::GivenName => "given_name",
            Self::Surname => "surname",
            Self::Mail => "mail",
            Self::Department => "department",
            Self::JobTitle => "job_title",
            Self::Country => "country",
            Self::CompanyName => Detail::CompanyName.word(),
            Self::OfficeLocation => Detail::OfficeLocation.word(),
            Self::EmployeeId => Detail::EmployeeId.word(),
            Self::PreferredLanguage => Detail::PreferredLanguage.word(),
            Self::BusinessPhone => Detail::BusinessPhone.word(),
            Self::MobilePhone => Detail::MobilePhone.word(),
            Self::StreetAddress => Detail::StreetAddress.word(),
            Self::PostalCode => Detail::PostalCode.word(),
            Self::City => Detail::City.word(),
            Self::State => Detail::State.word(),
            Self::Groups => "groups",
            Self::PasswordHash => "password_hash",
            Self::TotpSeed => "totp_seed",
        }
    }

    /// The detail that it is, if it is one.
    #[must_use]
    pub fn detail(self) -> Option<Detail> {
        Detail::by_word(self.name())
    }
}

/// Which field stands in which column, counted from 0.
pub type Mapping = BTreeMap<Field, usize>;

/// How far an import has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportState {
    /// Nothing is written yet.
    Draft,
    /// Its rows are being written.
    Applying,
    /// Every row has its outcome.
    Applied,
    /// It is being taken back.
    Undoing,
    /// It was taken back as far as that goes.
    Undone,
}

/// How a file is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// What the file was called.
    pub file_name: String,
    /// How many rows it has.
    pub rows: u32,
    /// Which field stands in which column.
    pub mapping: Mapping,
    /// Columns that hold secrets by their names, or were ever read as such: they are never shown, and
    /// hold nothing else any more.
    #[serde(default)]
    pub secrets: BTreeSet<usize>,
    /// Whether people who are here already get the profile and the groups of the file.
    pub update: bool,
    /// The tenant whose accounts it brings, where it is no file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<TenantId>,
}

/// An import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// Our id.
    pub id: ImportId,
    /// How far it has come.
    pub state: ImportState,
    /// Who brought it.
    pub made_by: UserId,
    /// When.
    pub made_at: Ts,
    /// How it is read.
    pub terms: Terms,
    /// How many rows have their outcome, or were taken back again.
    pub done: u32,
    /// When it is forgotten; until then it can be undone.
    pub until: Ts,
}

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowOutcome {
    /// A person was made.
    Created,
    /// A person was changed.
    Updated,
    /// A person who is here was left as they are.
    Left,
    /// The row was wrong and is left out.
    Refused,
    /// The person was removed again.
    Removed,
    /// The person was blocked, since Microsoft 365 knows them already.
    Blocked,
    /// The person has their former profile back.
    PutBack,
    /// Undoing left it as it is, since something happened since.
    Kept,
}

/// A row that has its outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRow {
    /// Whose row it is.
    pub import_id: ImportId,
    /// Its line in the file.
    pub line: u32,
    /// Whom it made or changed.
    pub user_id: Option<UserId>,
    /// What became of it.
    pub outcome: RowOutcome,
    /// What it found and did.
    pub trace: Trace,
    /// When.
    pub at: Ts,
    /// When the secrets of a first sign-in were made for this person.
    pub handed_out_at: Option<Ts>,
}

/// What a row found and did: enough to take it back.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Trace {
    /// The sign-in name.
    pub upn: String,
    /// The profile before, of somebody who was changed.
    pub before: Option<Profile>,
    /// The profile that was written.
    pub after: Option<Profile>,
    /// The groups that the person came into.
    pub groups: Vec<GroupId>,
    /// What was done with an account of a tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountTrace>,
    /// Why it was refused or kept, in words.
    pub why: String,
}
