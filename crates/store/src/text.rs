//! How nouns become column values and come back: words, JSON and ids as text, numbers as 64 bits.

use std::str::FromStr;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::Error;

/// Names the row that a damaged value was found in.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    pub(crate) table: &'static str,
    pub(crate) id: &'a str,
}

impl Row<'_> {
    pub(crate) fn corrupt(self) -> Error {
        Error::Corrupt { table: self.table, id: self.id.to_owned() }
    }

    pub(crate) fn id<T: FromStr>(self, text: &str) -> Result<T, Error> {
        text.parse().map_err(|_| self.corrupt())
    }

    pub(crate) fn json<T: DeserializeOwned>(self, text: &str) -> Result<T, Error> {
        serde_json::from_str(text).map_err(|_| self.corrupt())
    }

    pub(crate) fn word<T: DeserializeOwned>(self, text: &str) -> Result<T, Error> {
        serde_json::from_value(Value::String(text.to_owned())).map_err(|_| self.corrupt())
    }

    pub(crate) fn digest(self, bytes: &[u8]) -> Result<[u8; 32], Error> {
        bytes.try_into().map_err(|_| self.corrupt())
    }

    pub(crate) fn number<T: TryFrom<i64>>(self, value: i64) -> Result<T, Error> {
        T::try_from(value).map_err(|_| self.corrupt())
    }
}

/// JSON text of a noun.
pub(crate) fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("our nouns hold only strings, numbers, lists and structs")
}

/// The word of an enum without content.
pub(crate) fn word<T: Serialize>(value: T) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word,
        _ => String::new(),
    }
}

/// A step number as the database keeps it.
pub(crate) fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// A pattern that finds `typed` anywhere, taken literally; for `LIKE … ESCAPE '\'`.
pub(crate) fn anywhere(typed: &str) -> String {
    let literal = typed.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{literal}%")
}

/// A number of rows that is wanted, within reason.
pub(crate) fn page(limit: i64, offset: i64) -> (i64, i64) {
    (limit.clamp(0, 10_000), offset.max(0))
}

/// Zero changed rows means that the row isn't there.
pub(crate) fn found(changed: usize, what: &'static str) -> Result<(), Error> {
    if changed == 0 { Err(Error::NotFound { what }) } else { Ok(()) }
}
