//! Why a person who signed in gets no token.

use super::Round;

/// Why a person who signed in gets no token; each has a page of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Denial {
    /// Nobody assigned them to the application.
    NotAssigned {
        /// Their sign-in name.
        upn: String,
        /// What people call the application.
        application: String,
    },
    /// Their address belongs to no domain that we vouch for.
    ForeignDomain {
        /// Their sign-in name.
        upn: String,
    },
    /// The domain or the relying party is switched off.
    SwitchedOff,
    /// A rule of the sign-in policy denies it.
    ByPolicy {
        /// Their sign-in name.
        upn: String,
        /// What people call the relying party.
        party: String,
        /// What admins call the rule.
        rule: String,
    },
    /// They administer the tenant, and its administrators are kept from signing in by federation.
    TenantAdmin {
        /// Their sign-in name.
        upn: String,
    },
    /// The relying party takes none of our tokens and keeps sending the browser back (ruling 20).
    Loop(Box<Round>),
}
