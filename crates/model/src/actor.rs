//! Who did something, and what an admin may do.

use serde::{Deserialize, Serialize};

use crate::ids::{ProgramId, UserId};

/// Who an audit row names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "id")]
pub enum Actor {
    /// Nobody who has proved who they are.
    Anonymous,
    /// A person acting for themselves.
    Person(UserId),
    /// An admin acting on others.
    Admin(UserId),
    /// Another system that brings people.
    Program(ProgramId),
    /// The scheduler.
    Schedule,
    /// Somebody at the command line of the server.
    Operator,
}

/// What a person may do in the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads everything, changes nothing.
    Auditor,
    /// Helps people who can't sign in.
    HelpDesk,
    /// Creates people and assigns them.
    UserAdmin,
    /// Policy, keys, connections.
    SecurityAdmin,
    /// Everything.
    Owner,
}

impl Role {
    /// The word people see.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Auditor => "Auditor",
            Self::HelpDesk => "Help desk",
            Self::UserAdmin => "User admin",
            Self::SecurityAdmin => "Security admin",
            Self::Owner => "Owner",
        }
    }

    /// Whether this role includes what `needed` may do. An auditor reads only.
    #[must_use]
    pub fn covers(self, needed: Self) -> bool {
        self >= needed
    }
}
