//! Lists of resources, a page at a time (RFC 7644 3.4.2).

use serde_json::{Value, json};

use super::problem::Problem;

/// The most resources of one answer.
pub(super) const MOST: i64 = 200;
/// So many where the request says nothing.
const USUAL: i64 = 100;

/// Which part of a list is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    /// The first one, counted from 1.
    pub(super) start: i64,
    /// How many at most.
    pub(super) count: i64,
}

impl Part {
    /// Reads `startIndex` and `count`; what is too small or too large is taken as the nearest that is not.
    pub(super) fn read(start: &str, count: &str) -> Result<Self, Problem> {
        let number = |name: &str, text: &str, usual: i64| match text {
            "" => Ok(usual),
            text => text.parse().map_err(|_| Problem::value(format!("{name} must be a number."))),
        };
        let start: i64 = number("startIndex", start, 1)?;
        let count: i64 = number("count", count, USUAL)?;
        Ok(Self { start: start.max(1), count: count.clamp(0, MOST) })
    }

    /// How many to take, and how many to leave out before.
    pub(super) const fn rows(self) -> (i64, i64) {
        (self.count, self.start - 1)
    }
}

/// A page of a list.
pub(super) fn page(rows: &[Value], total: i64, part: Part) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": total,
        "startIndex": part.start,
        "itemsPerPage": rows.len(),
        "Resources": rows,
    })
}

/// A list that is short.
pub(super) fn whole(rows: &[Value]) -> Value {
    let total = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    page(rows, total, Part { start: 1, count: MOST })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_bounds() {
        let read = |start, count| Part::read(start, count).ok().map(Part::rows);
        assert_eq!(read("", ""), Some((100, 0)));
        assert_eq!(read("0", "-5"), Some((0, 0)));
        assert_eq!(read("301", "100000"), Some((200, 300)));
        assert_eq!(read("one", ""), None);
        assert_eq!(read("", "99999999999999999999"), None);
    }
}
