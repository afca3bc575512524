//! The sign-in name, `user@domain`, as Entra allows it.

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// A user principal name: kept as typed, compared folded.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Upn(String);

/// Why a text is not a UPN.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUpn {
    /// There is not exactly one `@` with text on both sides.
    #[error("a sign-in name looks like name@domain")]
    Shape,
    /// The part before the `@` has a character that Entra refuses.
    #[error(
        "the name may hold letters, digits and ' . - _ ! # ^ ~, and not begin or end with a dot"
    )]
    Name,
    /// The part after the `@` is not a DNS name.
    #[error("the part after @ is not a domain name")]
    Domain,
    /// It is longer than Entra allows (64 before the `@`, 113 in all).
    #[error("a sign-in name has at most 64 characters before @ and 113 in all")]
    Length,
}

impl Upn {
    /// Checks `text` against Entra's rules for `userPrincipalName`.
    pub fn parse(text: &str) -> Result<Self, InvalidUpn> {
        let text = text.trim();
        let (name, domain) = text.split_once('@').ok_or(InvalidUpn::Shape)?;
        if name.is_empty() || domain.is_empty() || domain.contains('@') {
            return Err(InvalidUpn::Shape);
        }
        if name.len() > 64 || text.len() > 113 {
            return Err(InvalidUpn::Length);
        }
        let allowed = |c: char| c.is_ascii_alphanumeric() || "'.-_!#^~".contains(c);
        if !name.chars().all(allowed) || name.starts_with('.') || name.ends_with('.') {
            return Err(InvalidUpn::Name);
        }
        if !is_dns_name(domain) {
            return Err(InvalidUpn::Domain);
        }
        Ok(Self(text.to_owned()))
    }

    /// The name as typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form that names are compared and counted by.
    #[must_use]
    pub fn folded(&self) -> String {
        fold(&self.0)
    }

    /// The DNS domain after the `@`, in lower case.
    #[must_use]
    pub fn domain(&self) -> String {
        self.0.rsplit('@').next().unwrap_or_default().to_lowercase()
    }

    /// The part before the `@`.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.split('@').next().unwrap_or_default()
    }
}

/// One spelling for all spellings of a typed name: trimmed, NFKC, lower case, no trailing dots.
#[must_use]
pub fn fold(typed: &str) -> String {
    let folded: String = typed.trim().nfkc().collect::<String>().to_lowercase();
    folded.trim_end_matches('.').to_owned()
}

/// Whether `name` is a host name of at least two labels.
#[must_use]
pub fn is_dns_name(name: &str) -> bool {
    let label = |part: &str| {
        !part.is_empty()
            && part.len() <= 63
            && !part.starts_with('-')
            && !part.ends_with('-')
            && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    name.len() <= 253 && name.contains('.') && name.split('.').all(label)
}

impl PartialEq for Upn {
    fn eq(&self, other: &Self) -> bool {
        self.folded() == other.folded()
    }
}

impl Eq for Upn {}

impl fmt::Display for Upn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Upn {
    type Error = InvalidUpn;

    fn try_from(text: String) -> Result<Self, InvalidUpn> {
        Self::parse(&text)
    }
}

impl From<Upn> for String {
    fn from(upn: Upn) -> Self {
        upn.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R015
    #[test]
    fn every_spelling_is_the_same_person() {
        let upn = Upn::parse("Alice@Contoso.com").expect("a plain name");
        for typed in ["alice@contoso.com", " ALICE@contoso.COM ", "alice@contoso.com."] {
            assert_eq!(fold(typed), upn.folded());
        }
        assert_eq!(upn.domain(), "contoso.com");
    }

    #[test]
    fn what_entra_refuses_is_refused() {
        for (typed, why) in [
            ("alice", InvalidUpn::Shape),
            ("@contoso.com", InvalidUpn::Shape),
            ("a@b@contoso.com", InvalidUpn::Shape),
            (".alice@contoso.com", InvalidUpn::Name),
            ("al ice@contoso.com", InvalidUpn::Name),
            ("alice@contoso", InvalidUpn::Domain),
            ("alice@-contoso.com", InvalidUpn::Domain),
        ] {
            assert_eq!(Upn::parse(typed), Err(why), "{typed}");
        }
        assert_eq!(Upn::parse(&format!("{}@contoso.com", "a".repeat(65))), Err(InvalidUpn::Length));
    }
}
