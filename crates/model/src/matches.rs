//! Which object of a tenant may be which of our people: what tells it, how sure it is, and what an
//! admin said about it.

use serde::{Deserialize, Serialize};

use crate::{
    Ts,
    ids::{ObjectId, SkuId, UserId},
};

/// A user object of a tenant, with everything that may tell whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenObject {
    /// Entra's id.
    pub id: ObjectId,
    /// Its sign-in name there.
    pub upn: String,
    /// `displayName`.
    pub display_name: String,
    /// `mail`.
    pub mail: Option<String>,
    /// `proxyAddresses`, as Entra writes them: `SMTP:` before the primary one, `smtp:` before others.
    pub proxy_addresses: Vec<String>,
    /// `onPremisesImmutableId`.
    pub immutable_id: Option<String>,
    /// Why it is never taken over, if so (Y07).
    pub off_limits: Option<OffLimits>,
}

/// What keeps an object from ever being taken over (Y07, F100).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OffLimits {
    /// It holds a directory role.
    Administrator,
    /// `userType` is Guest.
    Guest,
    /// Another synchronisation keeps it.
    Synchronised,
    /// It is in Entra's bin.
    Deleted,
}

/// All user objects of a tenant, as a look found them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantLook {
    /// When.
    pub at: Ts,
    /// Every object, those in the bin included.
    pub objects: Vec<SeenObject>,
}

/// One thing that speaks for an object being somebody's, the strongest first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    /// It carries their immutable id.
    ImmutableId,
    /// It has their sign-in name.
    Upn,
    /// This address of theirs is its mail address.
    Mail(String),
    /// This address of theirs is one of its other addresses.
    Alias(String),
    /// It has their full name, which says little.
    Name,
}

/// How much the evidence says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Score {
    /// A name alone: nothing follows from it.
    Weak,
    /// An address.
    Likely,
    /// The sign-in name or the immutable id.
    Certain,
}

impl Evidence {
    /// How much it says by itself.
    #[must_use]
    pub const fn score(&self) -> Score {
        match self {
            Self::ImmutableId | Self::Upn => Score::Certain,
            Self::Mail(_) | Self::Alias(_) => Score::Likely,
            Self::Name => Score::Weak,
        }
    }
}

/// What an admin said about a person and an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchDecision {
    /// Our person.
    pub user_id: UserId,
    /// Entra's object.
    pub object_id: ObjectId,
    /// Its sign-in name when they said so.
    pub upn: String,
    /// What they said.
    pub answer: MatchAnswer,
    /// Who.
    pub decided_by: UserId,
    /// When.
    pub decided_at: Ts,
}

/// An object that an admin said is somebody's, as it was called then: one that was given another name
/// since may have been given to another person (Y09).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promise {
    /// Entra's object.
    pub object_id: ObjectId,
    /// Its sign-in name when the admin said so.
    pub upn: String,
}

/// Whether an object is a person's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchAnswer {
    /// It is: the next plan takes it over.
    Accepted,
    /// It isn't: never suggested again.
    Rejected,
}

/// An object that was taken over, and what it had by then: that isn't ours to take (Y27).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adoption {
    /// Our person.
    pub user_id: UserId,
    /// Entra's object.
    pub object_id: ObjectId,
    /// The products that it had of its own.
    pub found_skus: Vec<SkuId>,
    /// When.
    pub at: Ts,
}
