//! Looks at Microsoft that are kept, so that a page can say what was last seen without asking again.

use serde::{Deserialize, Serialize};

use crate::{
    Ts,
    entra::{EntraDomain, FederationConfiguration},
};

/// The newest look at one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look<T> {
    /// What was last seen, and when; `None` while nothing ever was.
    pub seen: Option<(Ts, T)>,
    /// When it was last tried.
    pub tried_at: Ts,
    /// What stood in the way of the last try, in a sentence.
    pub trouble: Option<String>,
}

impl<T> Look<T> {
    /// What was last seen.
    pub fn content(&self) -> Option<&T> {
        self.seen.as_ref().map(|(_, seen)| seen)
    }

    /// When the look began that last saw something.
    #[must_use]
    pub fn seen_at(&self) -> Option<Ts> {
        self.seen.as_ref().map(|(at, _)| *at)
    }
}

/// What is looked at; the subject is an id of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LookKind {
    /// How far a tenant lets us in: a [`ConnectionSeen`].
    Connection,
    /// How Entra federates a domain: a [`FederationSeen`].
    Federation,
    /// How a registration for signing in fares: a [`crate::trial::Trial`].
    Registration,
}

/// How far a tenant lets us in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionSeen {
    /// The permissions that were found missing, each with what it is for.
    pub missing: Vec<(String, String)>,
}

/// How Entra federates a domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FederationSeen {
    /// The domain as the tenant has it, if it does.
    pub domain: Option<EntraDomain>,
    /// Its federation object, if it has one.
    pub federation: Option<FederationConfiguration>,
    /// When it was first seen to be federated with us; that it is so no more takes nothing from this.
    pub first_with_us: Option<Ts>,
}
