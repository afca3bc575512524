//! Unix microseconds and the ways Microsoft writes a moment.

use chrono::{DateTime, SecondsFormat, Utc};

/// Microseconds in a second.
pub(crate) const SECOND: i64 = 1_000_000;

fn moment(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros).unwrap_or_default()
}

/// `2026-08-20T10:11:12Z`, as in Graph properties.
pub(crate) fn graph(micros: i64) -> String {
    moment(micros).to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// `2026-08-20T10:11:12`, as in `innerError.date`.
pub(crate) fn bare(micros: i64) -> String {
    moment(micros).format("%Y-%m-%dT%H:%M:%S").to_string()
}

/// `2026-08-20 10:11:12Z`, as in the token endpoint's errors.
pub(crate) fn spaced(micros: i64) -> String {
    moment(micros).format("%Y-%m-%d %H:%M:%SZ").to_string()
}

/// `Thu, 20 Aug 2026 10:11:12 GMT`, as in the `Date` of an answer.
pub(crate) fn http(micros: i64) -> String {
    moment(micros).format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// Reads an xsd:dateTime in UTC; nothing but the `Z` form is taken.
pub(crate) fn read(text: &str) -> Option<i64> {
    if !text.ends_with('Z') {
        return None;
    }
    DateTime::parse_from_rfc3339(text).ok().map(|at| at.timestamp_micros())
}
