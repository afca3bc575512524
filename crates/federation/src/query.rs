//! Splits and decodes a query string once, strictly: one spelling of each name, no name twice
//! (R079). Every protocol's parameters come through here.

use crate::wsfed::request::Refusal;

/// A longer query is not looked at. It may also be a form body, which the URL limit doesn't bound.
const LONGEST: usize = 32 * 1024;
/// No more parameters than this.
const MOST: usize = 64;

/// The parameters of a request, their values not yet decoded.
pub(crate) struct Query<'q> {
    pairs: Vec<(&'q str, &'q str)>,
}

impl<'q> Query<'q> {
    /// Splits a raw query.
    pub(crate) fn split(raw: &'q str) -> Result<Self, Refusal> {
        Self::split_up_to(raw, LONGEST)
    }

    /// Splits a raw query or form body of at most `longest` bytes.
    pub(crate) fn split_up_to(raw: &'q str, longest: usize) -> Result<Self, Refusal> {
        if raw.len() > longest {
            return Err(Refusal::TooLong);
        }
        let mut pairs: Vec<(&str, &str)> = Vec::with_capacity(16);
        for part in raw.split('&').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)) {
                return Err(Refusal::EncodedName);
            }
            if pairs.iter().any(|(known, _)| known.eq_ignore_ascii_case(name)) {
                return Err(Refusal::DuplicateParameter);
            }
            if pairs.len() == MOST {
                return Err(Refusal::TooManyParameters);
            }
            pairs.push((name, value));
        }
        Ok(Self { pairs })
    }

    /// Without the parameters that have no value: OAuth 2.0 has them treated as if they were not there
    /// (RFC 6749 3.1).
    pub(crate) fn filled(mut self) -> Self {
        self.pairs.retain(|(_, value)| !value.is_empty());
        self
    }

    /// The decoded value of a parameter that matters.
    pub(crate) fn value(&self, name: &str, longest: usize) -> Result<Option<String>, Refusal> {
        let Some(raw) = self.raw(name) else { return Ok(None) };
        let value = decode(raw).ok_or(Refusal::Malformed)?;
        if value.len() > longest {
            return Err(Refusal::TooLong);
        }
        Ok(Some(value))
    }

    /// The decoded value of a parameter that is only a convenience: unreadable is absent.
    pub(crate) fn lenient(&self, name: &str) -> Option<String> {
        self.raw(name).and_then(decode)
    }

    /// Every name and value as they came.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&'q str, &'q str)> {
        self.pairs.iter().copied()
    }

    /// The value of a parameter as it came, for signatures over what was received.
    pub(crate) fn raw(&self, name: &str) -> Option<&'q str> {
        self.pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }
}

/// Undoes form encoding: `%xx` in either case, and `+` for a space. `None` for a broken escape, a
/// NUL or bytes that are not UTF-8, which no answer could bring back unchanged.
pub(crate) fn decode(raw: &str) -> Option<String> {
    let mut bytes = raw.bytes();
    let mut out = Vec::with_capacity(raw.len());
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => digit(bytes.next()?)? << 4 | digit(bytes.next()?)?,
            plain => plain,
        });
    }
    String::from_utf8(out).ok().filter(|text| !text.contains('\0'))
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|value| u8::try_from(value).ok())
}
