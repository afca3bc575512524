//! Why a WS-Federation request is refused, with the stable codes that error pages show and
//! `docs/errors.md` explains.

/// A refused request: no token, no redirect, a page with this code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Refusal {
    /// `wa` is missing, or names no action of the protocol.
    #[error("the request names no action that we know (wa)")]
    UnknownAction,
    /// No relying party of this domain has that realm.
    #[error("nobody is registered under the realm that the request names (wtrealm)")]
    UnknownRealm,
    /// The reply address is none of the registered ones.
    #[error("the request asks for an answer to an address that is not registered (wreply)")]
    ForeignReply,
    /// `wtrealm` is missing.
    #[error("the request does not say who it is for (wtrealm)")]
    NoRealm,
    /// A parameter is there twice (R079).
    #[error("the request says something twice")]
    DuplicateParameter,
    /// The name of a parameter is disguised (R079).
    #[error("the request disguises the name of a parameter")]
    EncodedName,
    /// A value has a broken escape, a NUL, or is not UTF-8.
    #[error("the request has a value that can't be read")]
    Malformed,
    /// The request or one of its values is too long.
    #[error("the request is too long")]
    TooLong,
    /// There are too many parameters.
    #[error("the request has too many parameters")]
    TooManyParameters,
}

impl Refusal {
    /// All of them, in the order of their codes.
    pub const ALL: [Self; 9] = [
        Self::UnknownAction,
        Self::UnknownRealm,
        Self::ForeignReply,
        Self::NoRealm,
        Self::DuplicateParameter,
        Self::EncodedName,
        Self::Malformed,
        Self::TooLong,
        Self::TooManyParameters,
    ];

    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::UnknownAction => "GH-FED-01",
            Self::UnknownRealm => "GH-FED-02",
            Self::ForeignReply => "GH-FED-03",
            Self::NoRealm => "GH-FED-04",
            Self::DuplicateParameter => "GH-FED-05",
            Self::EncodedName => "GH-FED-06",
            Self::Malformed => "GH-FED-07",
            Self::TooLong => "GH-FED-08",
            Self::TooManyParameters => "GH-FED-09",
        }
    }

    /// What is wrong, in a sentence that people read.
    #[must_use]
    pub fn sentence(self) -> String {
        let text = self.to_string();
        let (first, rest) = text.split_at(1);
        format!("{}{rest}.", first.to_uppercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_count_up_without_a_gap() {
        for (refusal, number) in Refusal::ALL.into_iter().zip(1..) {
            assert_eq!(refusal.code(), format!("GH-FED-{number:02}"));
            let sentence = refusal.sentence();
            assert!(
                sentence.starts_with(char::is_uppercase) && sentence.ends_with('.'),
                "{sentence}"
            );
        }
    }
}
