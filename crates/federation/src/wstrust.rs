//! WS-Trust as rich clients use it: a name and a password in, a token out (`usernamemixed`, WS-Trust
//! of February 2005 and 1.3; `federation.md` 3).

pub mod request;
pub mod response;
mod soap;

use crate::uris;

/// The two versions that clients speak; each has an address of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// WS-Trust of February 2005.
    Feb2005,
    /// WS-Trust 1.3.
    V13,
}

impl Version {
    /// The path segment that names it.
    #[must_use]
    pub const fn segment(self) -> &'static str {
        match self {
            Self::Feb2005 => "2005",
            Self::V13 => "13",
        }
    }

    /// The version whose path segment this is.
    #[must_use]
    pub fn from_segment(segment: &str) -> Option<Self> {
        [Self::Feb2005, Self::V13].into_iter().find(|version| version.segment() == segment)
    }

    /// The namespace of its messages.
    pub(crate) const fn namespace(self) -> &'static str {
        match self {
            Self::Feb2005 => uris::TRUST_2005,
            Self::V13 => uris::TRUST_13,
        }
    }

    /// The action of a request for a token.
    pub(crate) const fn request_action(self) -> &'static str {
        match self {
            Self::Feb2005 => "http://schemas.xmlsoap.org/ws/2005/02/trust/RST/Issue",
            Self::V13 => "http://docs.oasis-open.org/ws-sx/ws-trust/200512/RST/Issue",
        }
    }

    /// The action of the answer that carries the token.
    pub(crate) const fn response_action(self) -> &'static str {
        match self {
            Self::Feb2005 => "http://schemas.xmlsoap.org/ws/2005/02/trust/RSTR/Issue",
            Self::V13 => "http://docs.oasis-open.org/ws-sx/ws-trust/200512/RSTRC/IssueFinal",
        }
    }

    /// What is asked for: that a token be issued.
    pub(crate) const fn issue(self) -> &'static str {
        match self {
            Self::Feb2005 => uris::ISSUE_2005,
            Self::V13 => uris::ISSUE_13,
        }
    }

    /// A token that belongs to whoever holds it.
    pub(crate) const fn bearer_key(self) -> &'static str {
        match self {
            Self::Feb2005 => uris::NO_PROOF_KEY,
            Self::V13 => uris::BEARER_KEY,
        }
    }
}
