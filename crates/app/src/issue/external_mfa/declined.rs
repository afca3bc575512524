//! Why Entra gets no answer about a second factor: what the person reads, what Entra is told, and the
//! stable code.

use authn::denial::Reason;
use federation::oidc::Fault;

/// Why a request that may well be Entra's is answered with an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Declined {
    /// It asks in a way that is not spoken.
    Odd(Fault),
    /// Microsoft's keys can't be read, so the request can't be believed.
    Silent,
    /// Nobody here is linked to the account.
    Unknown,
    /// The person may not, or can't.
    Denied(Reason),
    /// No factor that is verified here is of a kind that is wanted.
    Unmet,
}

impl Declined {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Odd(_) => "GH-EAM-06",
            Self::Silent => "GH-EAM-07",
            Self::Unknown => "GH-EAM-09",
            Self::Denied(Reason::NoFactor | Reason::NoPasskey) => "GH-EAM-11",
            Self::Denied(_) => "GH-EAM-10",
            Self::Unmet => "GH-EAM-12",
        }
    }

    /// The word that the audit log keeps.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Odd(fault) => fault.description,
            Self::Silent => "the tenant's keys can't be read",
            Self::Unknown => "nobody is linked to the account",
            Self::Denied(reason) => reason.as_str(),
            Self::Unmet => "no such factor is verified here",
        }
    }

    /// What Entra is told (RFC 6749 4.1.2.1).
    #[must_use]
    pub const fn error(self) -> &'static str {
        match self {
            Self::Odd(fault) => fault.error,
            Self::Silent => "temporarily_unavailable",
            Self::Unknown | Self::Denied(_) | Self::Unmet => "access_denied",
        }
    }

    /// What the person reads, and what they can do.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Odd(_) => {
                "Microsoft asks for it in a way that is not spoken here. Tell your administrator."
            }
            Self::Silent => {
                "Microsoft does not answer just now, so it can't be known who you are. Try again in a minute."
            }
            Self::Unknown => {
                "The sync has linked your account at Microsoft to nobody here. Ask your administrator to assign it to you."
            }
            Self::Denied(reason) => reason.sentence(),
            Self::Unmet => {
                "Microsoft asks for a kind of proof that nobody can give here. Tell your administrator."
            }
        }
    }
}
