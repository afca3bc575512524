//! A person in our directory.

use serde::{Deserialize, Serialize};

use crate::{ImmutableId, Role, Ts, Upn, detail::Details, ids::UserId};

/// A person, as our directory knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Our id.
    pub id: UserId,
    /// The sign-in name.
    pub upn: Upn,
    /// The join value with Entra.
    pub immutable_id: ImmutableId,
    /// May they sign in?
    pub state: UserState,
    /// What others see of them.
    pub profile: Profile,
    /// What they may do in the console, if anything.
    pub role: Option<Role>,
    /// When the row was made.
    pub created_at: Ts,
    /// When the row last changed.
    pub updated_at: Ts,
}

/// The describing part of a person: everything here may change at any time.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Profile {
    /// The full name.
    pub display_name: String,
    /// The first name.
    pub given_name: Option<String>,
    /// The family name.
    pub surname: Option<String>,
    /// Where mail reaches them; may differ from the UPN.
    pub mail: Option<String>,
    /// The department.
    pub department: Option<String>,
    /// The job title.
    pub job_title: Option<String>,
    /// ISO 3166 two-letter country; decides the usage location of licences.
    pub country: Option<String>,
    /// Where they work, and how they are reached.
    #[serde(default, skip_serializing_if = "Details::is_empty")]
    pub details: Details,
}

/// Whether a person may sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserState {
    /// They may.
    Active,
    /// An admin has blocked them.
    Blocked,
    /// They are gone; the row keeps their immutable id from ever being given again.
    Deleted,
}

/// A group of people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Our id.
    pub id: crate::ids::GroupId,
    /// What people call it.
    pub name: String,
}
