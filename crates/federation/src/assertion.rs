//! Assertions: signed statements about a person, of either SAML.

use model::issued_token::{Reason, SaidClaim};

pub mod saml11;
pub mod saml20;

/// How a relying party is told about a person, in any kind of token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// How the person is named.
    pub subject: Subject,
    /// What else is said of them.
    pub attributes: Vec<Attribute>,
}

/// How a person is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// By this value, in this format.
    Named {
        /// The URI of the format.
        format: &'static str,
        /// The value.
        value: String,
        /// Which value it is, for the journal.
        reason: Reason,
    },
    /// By a name that only this token knows.
    Transient,
}

/// One attribute about a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Why the token has it, for the journal.
    pub reason: Reason,
    /// Its name, as the party wants it.
    pub name: String,
    /// The kind of name, where the party wants it said; SAML 1.1 has no word for it.
    pub name_format: Option<&'static str>,
    /// Its values.
    pub values: Vec<String>,
}

impl Subject {
    /// The format and the value that a token with this id carries.
    #[must_use]
    pub fn name_id(&self, token_id: &str) -> (&'static str, String) {
        match self {
            Self::Named { format, value, .. } => (format, value.clone()),
            Self::Transient => (crate::uris::NAME_ID_TRANSIENT, transient(token_id)),
        }
    }

    pub(crate) const fn reason(&self) -> Reason {
        match self {
            Self::Named { reason, .. } => *reason,
            Self::Transient => Reason::Chosen,
        }
    }
}

/// The transient name in the token with this id: as hard to guess as the id, and not it.
fn transient(token_id: &str) -> String {
    use aws_lc_rs::digest::{SHA256, digest};
    let text = format!("transient name of {token_id}");
    format!("_{}", hex::encode(&digest(&SHA256, text.as_bytes()).as_ref()[..16]))
}

impl Attribute {
    pub(crate) fn said(&self) -> SaidClaim {
        SaidClaim { name: self.name.clone(), values: self.values.clone(), reason: self.reason }
    }
}

/// A token that verified and read back as it was meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedToken {
    /// The token as it leaves: a canonical, signed assertion, or a JWT.
    pub text: String,
    /// Its id.
    pub token_id: String,
    /// SHA-256 of `text`, for the journal.
    pub digest: [u8; 32],
    /// Whether it says that two factors were verified.
    pub says_mfa: bool,
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use model::{
        Ts,
        ids::SigningKeyId,
        signing_key::{SigningKey, SigningKeyState},
    };

    use super::Subject;
    use crate::keyring::Signer;

    #[test]
    fn a_transient_name_differs_from_token_to_token() {
        let [one, other] = ["_1", "_2"].map(|id| Subject::Transient.name_id(id).1);
        assert_ne!(one, other);
        assert_eq!(one.len(), 33);
    }

    /// The key that the golden files are signed with.
    pub(crate) fn signer() -> Signer {
        let pem = include_str!("../tests/data/test-signing-key.pem");
        let body = pem.split("-----").nth(2).expect("a PEM file").replace('\n', "");
        let key = SigningKey {
            id: SigningKeyId(uuid::Uuid::nil()),
            state: SigningKeyState::Active,
            private_key: STANDARD.decode(body).expect("base64").into(),
            certificate: include_bytes!("../tests/data/test-certificate.der").to_vec(),
            not_before: Ts(0),
            not_after: Ts(0),
            published_at: None,
            seen_by_entra_at: None,
        };
        Signer::from_key(&key).expect("the test key is whole")
    }
}
