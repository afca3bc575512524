//! Why a SAML message is refused, with the stable codes that error pages show and `docs/errors.md`
//! explains.

use crate::wsfed;

/// A refused message: no token, no redirect, a page with this code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Refusal {
    /// The parameters around the message are odd in a way that every protocol refuses.
    #[error(transparent)]
    Parameters(#[from] wsfed::request::Refusal),
    /// Neither `SAMLRequest` nor `SAMLResponse`, or both.
    #[error("the request holds no SAML message, or more than one")]
    NoMessage,
    /// Base64 or deflate is broken, or the message is far too long.
    #[error("the SAML message can't be decoded")]
    Undecodable,
    /// The XML is not of the narrow kind that is read.
    #[error("the SAML message can't be read")]
    Unreadable,
    /// It is no message of SAML 2.0 that is expected here.
    #[error("the SAML message is not of a kind that is answered here")]
    UnknownMessage,
    /// Nobody is registered under that entity id.
    #[error("nobody is registered under the name that the SAML message comes from (Issuer)")]
    UnknownIssuer,
    /// The message was meant for another identity provider.
    #[error("the SAML message was meant for another address (Destination)")]
    ForeignDestination,
    /// It is older or newer than clocks may differ.
    #[error("the SAML message is too old, or from the future")]
    OutOfTime,
    /// The answer shall go to an address that is not registered.
    #[error("the SAML message asks for an answer to an address that is not registered")]
    ForeignReply,
    /// A signature is demanded and missing.
    #[error("the SAML message must be signed, and is not")]
    Unsigned,
    /// The signature does not hold, or is not of the narrow kind that counts.
    #[error("the signature of the SAML message does not hold")]
    BadSignature,
    /// The answer would have to leave in a way that is not offered.
    #[error("the SAML message asks for an answer in a way that is not offered (ProtocolBinding)")]
    UnknownBinding,
    /// The same message was taken before.
    #[error("this SAML message was used already")]
    Replayed,
    /// It names another person or session than the one of this browser.
    #[error("the SAML message is about another session than the one of this browser")]
    OtherSession,
}

impl Refusal {
    /// All that have a code of their own, in its order.
    pub const ALL: [Self; 13] = [
        Self::NoMessage,
        Self::Undecodable,
        Self::Unreadable,
        Self::UnknownMessage,
        Self::UnknownIssuer,
        Self::ForeignDestination,
        Self::OutOfTime,
        Self::ForeignReply,
        Self::Unsigned,
        Self::BadSignature,
        Self::UnknownBinding,
        Self::Replayed,
        Self::OtherSession,
    ];

    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Parameters(inner) => inner.code(),
            Self::NoMessage => "GH-SAML-01",
            Self::Undecodable => "GH-SAML-02",
            Self::Unreadable => "GH-SAML-03",
            Self::UnknownMessage => "GH-SAML-04",
            Self::UnknownIssuer => "GH-SAML-05",
            Self::ForeignDestination => "GH-SAML-06",
            Self::OutOfTime => "GH-SAML-07",
            Self::ForeignReply => "GH-SAML-08",
            Self::Unsigned => "GH-SAML-09",
            Self::BadSignature => "GH-SAML-10",
            Self::UnknownBinding => "GH-SAML-11",
            Self::Replayed => "GH-SAML-12",
            Self::OtherSession => "GH-SAML-13",
        }
    }

    /// What is wrong, in a sentence.
    #[must_use]
    pub fn sentence(self) -> String {
        self.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_count_up_without_a_gap() {
        for (refusal, number) in Refusal::ALL.into_iter().zip(1..) {
            assert_eq!(refusal.code(), format!("GH-SAML-{number:02}"));
            assert!(!refusal.sentence().is_empty());
        }
    }
}
