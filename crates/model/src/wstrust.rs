//! The exception for programs that have no browser: some people, from some networks, until a day.

use crate::{
    Ts,
    ids::{FederatedDomainId, GroupId, UserId},
    network::Network,
};

/// A door for programs that have no browser: name and password come with the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PasswordDoor {
    /// WS-Trust, by which Windows and rich clients come.
    WsTrust,
    /// SAML 2.0's profile for clients without a browser (ECP), by which mail servers come for old
    /// mail programs.
    Ecp,
}

impl PasswordDoor {
    /// What people call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::WsTrust => "WS-Trust",
            Self::Ecp => "SAML ECP",
        }
    }
}

/// Lets named people of a domain sign in with a password alone, by WS-Trust and, if it says so, by
/// ECP. Without one that is live the domain has no such door; whoever it does not name must always
/// prove a second factor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WsTrustPermit {
    /// The domain.
    pub domain_id: FederatedDomainId,
    /// From where; never empty.
    pub networks: Vec<Network>,
    /// Who.
    pub people: Vec<UserId>,
    /// Whose members, too.
    pub groups: Vec<GroupId>,
    /// Whether the door for old mail programs stands open, too.
    pub ecp: bool,
    /// When it ends by itself.
    pub expires_at: Ts,
    /// Why it is needed, in words.
    pub reason: String,
    /// Who answers for it.
    pub granted_by: UserId,
    /// Since when.
    pub granted_at: Ts,
}

impl WsTrustPermit {
    /// Whether it still holds.
    #[must_use]
    pub fn is_live(&self, now: Ts) -> bool {
        now < self.expires_at
    }

    /// Whether it opens this door, and still holds.
    #[must_use]
    pub fn opens(&self, door: PasswordDoor, now: Ts) -> bool {
        self.is_live(now) && (self.ecp || door == PasswordDoor::WsTrust)
    }

    /// Whether it names a person, by themselves or by one of their groups.
    #[must_use]
    pub fn names(&self, person: UserId, groups: impl IntoIterator<Item = GroupId>) -> bool {
        self.people.contains(&person)
            || groups.into_iter().any(|group| self.groups.contains(&group))
    }

    /// Whether it holds for whoever asks from this address.
    #[must_use]
    pub fn admits(&self, address: &str) -> bool {
        self.networks.iter().any(|network| network.contains_text(address))
    }
}
