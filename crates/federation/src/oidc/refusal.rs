//! Why a request of OpenID Connect is refused: to the person, on a page with a stable code, as long as
//! it is not sure whose request it is; else to the client, in the words of the protocol.

use crate::wsfed;

/// A refused request: no code, no redirect, a page with this code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Refusal {
    /// The parameters are odd in a way that every protocol refuses.
    #[error(transparent)]
    Parameters(#[from] wsfed::request::Refusal),
    /// `client_id` is missing.
    #[error("The request does not say who it is for (client_id).")]
    NoClient,
    /// Nobody is registered under that id.
    #[error("Nobody is registered under the id that the request names (client_id).")]
    UnknownClient,
    /// `redirect_uri` is missing, or none of the registered ones.
    #[error("The request asks for an answer to an address that is not registered (redirect_uri).")]
    ForeignReply,
    /// The request names one that was brought before (`request_uri`), and there is none by that name.
    #[error(
        "The request names one that was used already, is too old, or was never brought (request_uri)."
    )]
    UnknownPushed,
}

impl Refusal {
    /// All that have a code of their own, in its order.
    pub const ALL: [Self; 4] =
        [Self::NoClient, Self::UnknownClient, Self::ForeignReply, Self::UnknownPushed];

    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Parameters(inner) => inner.code(),
            Self::NoClient => "GH-OIDC-01",
            Self::UnknownClient => "GH-OIDC-02",
            Self::ForeignReply => "GH-OIDC-03",
            Self::UnknownPushed => "GH-OIDC-04",
        }
    }

    /// What is wrong, in a sentence.
    #[must_use]
    pub fn sentence(self) -> String {
        match self {
            Self::Parameters(inner) => inner.sentence(),
            own => own.to_string(),
        }
    }
}

/// Why a client gets no code, or no tokens: an error of the protocol (RFC 6749 4.1.2.1 and 5.2,
/// Core 3.1.2.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// The word.
    pub error: &'static str,
    /// What is wrong, for whoever develops the client.
    pub description: &'static str,
}

impl Fault {
    /// The person would have to do something, and must not be shown anything.
    pub const LOGIN_REQUIRED: Self = Self::new("login_required", "nobody is signed in");
    /// It must be about a person who is not the one that is signed in.
    pub const SOMEBODY_ELSE: Self =
        Self::new("login_required", "somebody else is signed in than id_token_hint says");
    /// The person is who they say, and may not use it.
    pub const ACCESS_DENIED: Self =
        Self::new("access_denied", "the person may not use this client");
    /// The client sends the browser back after each code.
    pub const GOES_ROUND: Self =
        Self::new("temporarily_unavailable", "too many codes for this browser in a short time");
    /// An admin has it that this client brings its requests beforehand.
    pub const NOT_PUSHED: Self =
        Self::invalid("this client must push its requests (pushed_authorization_request_endpoint)");
    /// The client is nobody, or did not prove who it is; which of the two is never told.
    pub const INVALID_CLIENT: Self =
        Self::new("invalid_client", "unknown client, or a wrong secret");
    /// The code is of no use, or not for this client; why is never told.
    pub const INVALID_GRANT: Self =
        Self::new("invalid_grant", "the code is wrong, used, expired, or for another request");

    /// An error with its description.
    #[must_use]
    pub const fn new(error: &'static str, description: &'static str) -> Self {
        Self { error, description }
    }

    /// The request is not as the protocol has it.
    #[must_use]
    pub const fn invalid(description: &'static str) -> Self {
        Self::new("invalid_request", description)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_count_up_without_a_gap() {
        for (refusal, number) in Refusal::ALL.into_iter().zip(1..) {
            assert_eq!(refusal.code(), format!("GH-OIDC-{number:02}"));
            assert!(refusal.sentence().ends_with('.'));
        }
    }
}
