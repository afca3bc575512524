//! The stable join value between our person and Entra's (`onPremisesImmutableId`).

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

/// Written once, never derived from anything that changes, never given to a second person.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ImmutableId(String);

/// Why a text can't be an immutable id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an immutable id has 1 to 64 printable ASCII characters without spaces, $ and _")]
pub struct InvalidImmutableId;

impl ImmutableId {
    /// The id of a person born here: base64 of 16 random bytes. `None` while the text holds a `+`
    /// or `/`, which some tools eat: the caller draws again.
    #[must_use]
    pub fn from_random(bytes: [u8; 16]) -> Option<Self> {
        let text = STANDARD.encode(bytes);
        (!text.contains(['+', '/'])).then_some(Self(text))
    }

    /// Takes a source anchor over verbatim.
    pub fn parse(text: &str) -> Result<Self, InvalidImmutableId> {
        let allowed = |c: char| c.is_ascii_graphic() && c != '$' && c != '_';
        if text.is_empty() || text.len() > 64 || !text.chars().all(allowed) {
            return Err(InvalidImmutableId);
        }
        Ok(Self(text.to_owned()))
    }

    /// The text as tokens and Graph carry it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ImmutableId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for ImmutableId {
    type Error = InvalidImmutableId;

    fn try_from(text: String) -> Result<Self, InvalidImmutableId> {
        Self::parse(&text)
    }
}

impl From<ImmutableId> for String {
    fn from(id: ImmutableId) -> Self {
        id.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_encode_to_slashes_are_drawn_again() {
        assert_eq!(ImmutableId::from_random([0xff; 16]), None);
        let id = ImmutableId::from_random([1; 16]).expect("no plus or slash in it");
        assert_eq!(id.as_str(), "AQEBAQEBAQEBAQEBAQEBAQ==");
    }

    #[test]
    fn a_taken_over_anchor_stays_verbatim() {
        let anchor = "7BVXb2y0RkmXv3pQ9sYq1w==";
        assert_eq!(ImmutableId::parse(anchor).map(|id| id.to_string()), Ok(anchor.to_owned()));
        for bad in ["", "a b", "a$", "a_b", "é"] {
            assert_eq!(ImmutableId::parse(bad), Err(InvalidImmutableId), "{bad}");
        }
    }
}
