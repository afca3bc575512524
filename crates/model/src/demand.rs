//! What a tenant demands at sign-in besides us, and can be switched off by a script.

use crate::preflight::Check;

/// A switch of the tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Demand {
    /// Security defaults.
    SecurityDefaults,
    /// Per-user MFA of the people of a domain.
    PerUserMfa,
    /// Self-service password reset of administrators.
    SelfReset,
}

impl Demand {
    /// Every switch.
    pub const ALL: [Self; 3] = [Self::SecurityDefaults, Self::PerUserMfa, Self::SelfReset];

    /// The word that scripts and addresses know it by.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::SecurityDefaults => "security-defaults",
            Self::PerUserMfa => "per-user-mfa",
            Self::SelfReset => "self-reset",
        }
    }

    /// What people call it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::SecurityDefaults => "Security defaults",
            Self::PerUserMfa => "Per-user MFA",
            Self::SelfReset => "Self-service password reset of administrators",
        }
    }

    /// The check of a pre-flight that shows whether switching it off is needed.
    #[must_use]
    pub const fn check(self) -> Check {
        match self {
            Self::SecurityDefaults => Check::SecurityDefaults,
            Self::PerUserMfa => Check::PerUserMfa,
            Self::SelfReset => Check::SelfReset,
        }
    }

    /// What is lost with it, in a sentence or two.
    #[must_use]
    pub const fn loss(self) -> &'static str {
        match self {
            Self::SecurityDefaults => {
                "They are on for the whole tenant: administrators and people of other domains lose \
                 Microsoft's demand for a second factor, and old protocols are blocked by them no more. \
                 Have policies of Conditional Access in their place first, or leave them on."
            }
            Self::PerUserMfa => {
                "Whoever signs in past this house, such as an account that is moved to a domain of \
                 Microsoft's, is asked for no second factor by it any more; as long as the domain is not \
                 federated, that is everybody. What people set up at Microsoft stays."
            }
            Self::SelfReset => {
                "No administrator of the tenant can reset their own password at Microsoft any more, the \
                 emergency accounts included."
            }
        }
    }
}
