//! Programs: other systems, such as an HR system or another identity provider, that bring people and
//! groups along over SCIM. What a program brought is its own; everybody else is out of its reach.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Ts,
    ids::{GroupId, ProgramId, ProgramTokenId, UserId},
};

/// Another system that brings people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Our id.
    pub id: ProgramId,
    /// What admins call it.
    pub name: String,
    /// It may bring groups, too.
    pub brings_groups: bool,
    /// What becomes of people whom it removes.
    pub removal: Removal,
    /// When it was let in.
    pub made_at: Ts,
    /// By whom.
    pub made_by: UserId,
    /// What it changed last, and when.
    pub last: Option<(Ts, String)>,
    /// Since when it may take nothing from anybody, because it would have been too many.
    pub held_at: Option<Ts>,
    /// An admin's word that it may go on.
    pub let_on: Option<LetOn>,
}

/// From how many people a program may take something, by an admin's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LetOn {
    /// When the admin said so; it holds for a day.
    pub at: Ts,
    /// From how many people, from then on.
    pub people: u32,
}

/// What becomes of people whom a program removes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Removal {
    /// They are blocked at once, and leave by the days that are set for it.
    Block,
    /// They stay as they are, and the program has nothing to say about them any more.
    Keep,
}

/// What a program proves itself with; of the secret the digest alone is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgramToken {
    /// Our id, which is a part of the token.
    pub id: ProgramTokenId,
    /// Whose it is.
    pub program_id: ProgramId,
    /// SHA-256 of the secret part.
    pub digest: [u8; 32],
    /// When it was made.
    pub made_at: Ts,
    /// By whom.
    pub made_by: UserId,
    /// When it ends.
    pub expires_at: Ts,
    /// When it was used last, give or take some minutes.
    pub used_at: Option<Ts>,
}

/// Somebody or something that a program brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Brought {
    /// A person.
    Person(UserId),
    /// A group.
    Group(GroupId),
}

impl Brought {
    /// The id, of whichever kind.
    #[must_use]
    pub const fn uuid(self) -> Uuid {
        match self {
            Self::Person(id) => id.0,
            Self::Group(id) => id.0,
        }
    }
}

/// That a program brought somebody or something, and what it did to them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// Whom or what.
    pub what: Brought,
    /// Which program.
    pub program_id: ProgramId,
    /// The program's own id of it.
    pub external_id: Option<String>,
    /// Since when.
    pub bound_at: Ts,
    /// When the program removed it. It has nothing to say about it from then on, unless it brings it anew.
    pub gone_at: Option<Ts>,
    /// When the program blocked them, if it was the program.
    pub blocked_at: Option<Ts>,
    /// When the program last took something from them.
    pub lost_at: Option<Ts>,
}

impl Binding {
    /// As a program brings it.
    #[must_use]
    pub const fn new(
        what: Brought,
        program_id: ProgramId,
        external_id: Option<String>,
        now: Ts,
    ) -> Self {
        let (gone_at, blocked_at, lost_at) = (None, None, None);
        Self { what, program_id, external_id, bound_at: now, gone_at, blocked_at, lost_at }
    }
}
