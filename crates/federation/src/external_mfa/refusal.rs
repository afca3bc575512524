//! Why a request is refused on our page, with nothing posted anywhere: it is not sure that it is
//! Entra's.

use crate::wsfed;

/// A refused request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Refusal {
    /// The parameters are odd in a way that every protocol refuses.
    #[error(transparent)]
    Parameters(#[from] wsfed::request::Refusal),
    /// `client_id` or `id_token_hint` is missing.
    #[error(
        "The request does not say which tenant asks, or about whom (client_id, id_token_hint)."
    )]
    Incomplete,
    /// No tenant asks here under that id, or not any more.
    #[error(
        "No tenant has second factors proved here under the id that the request names (client_id)."
    )]
    UnknownClient,
    /// `redirect_uri` is not Microsoft's.
    #[error("The request asks for an answer to an address that is not Microsoft's (redirect_uri).")]
    ForeignReply,
    /// The hint is not believed.
    #[error("What the request says of the person can't be believed (id_token_hint).")]
    Hint,
    /// The hint came before.
    #[error("This request was used already.")]
    Replayed,
}

impl Refusal {
    /// All that have a code of their own, in its order.
    pub const ALL: [Self; 5] =
        [Self::Incomplete, Self::UnknownClient, Self::ForeignReply, Self::Hint, Self::Replayed];

    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Parameters(inner) => inner.code(),
            Self::Incomplete => "GH-EAM-01",
            Self::UnknownClient => "GH-EAM-02",
            Self::ForeignReply => "GH-EAM-03",
            Self::Hint => "GH-EAM-04",
            Self::Replayed => "GH-EAM-05",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_count_up_without_a_gap() {
        for (refusal, number) in Refusal::ALL.into_iter().zip(1..) {
            assert_eq!(refusal.code(), format!("GH-EAM-{number:02}"));
            assert!(refusal.sentence().ends_with('.'));
        }
    }
}
