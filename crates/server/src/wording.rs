//! Nouns of the house in the words that people read: times, products, events, countries, browsers.
//! Knows no request and no page but their small parts.

pub(crate) mod alarms;
pub(crate) mod claims;
pub(crate) mod countries;
pub(crate) mod devices;
pub(crate) mod events;
pub(crate) mod explanations;
pub(crate) mod factors;
pub(crate) mod guide;
pub(crate) mod old_clients;
pub(crate) mod policy;
pub(crate) mod products;
pub(crate) mod rounds;
pub(crate) mod times;

/// "1 person", "12 people".
pub(crate) fn count<N: Into<i64>>(n: N, one: &str, many: &str) -> String {
    let n = n.into();
    format!("{n} {}", if n == 1 { one } else { many })
}

/// A length as a number of rows.
pub(crate) fn rows(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

/// The same with a capital letter, for the beginning of a line.
pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}
