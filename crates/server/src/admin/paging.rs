//! Long lists, a page at a time; filters and page number live in the address.

use url::form_urlencoded;

use crate::{answer::Desk, pages::parts::Pager};

/// The page that the address asks for, from 1.
pub(super) fn number(desk: &Desk) -> i64 {
    desk.asked("page").parse().unwrap_or(1).clamp(1, 1_000_000)
}

/// How many rows come before a page.
pub(super) fn offset(number: i64, size: i64) -> i64 {
    (number - 1) * size
}

/// Where in the list a page is; its neighbours keep the filters.
pub(super) fn pager(
    (number, size): (i64, i64),
    (shown, total): (usize, i64),
    path: &str,
    filters: &[(&str, &str)],
) -> Pager {
    let before = offset(number, size).min(total.max(0));
    let last = before + crate::wording::rows(shown);
    let address = |number: i64| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(filters.iter().filter(|(_, value)| !value.is_empty()));
        query.append_pair("page", &number.to_string());
        format!("{path}?{}", query.finish())
    };
    let number_of = |n: i64| u64::try_from(n).unwrap_or(0);
    Pager {
        first: number_of(if shown == 0 { 0 } else { before + 1 }),
        last: number_of(if shown == 0 { 0 } else { last }),
        total: number_of(total),
        previous: (number > 1).then(|| address(number - 1)),
        next: (last < total && shown > 0).then(|| address(number + 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_keep_the_filters_and_the_ends_have_none() {
        let middle = pager((2, 25), (25, 60), "/admin/users", &[("q", "a&b"), ("show", "")]);
        assert_eq!((middle.first, middle.last, middle.total), (26, 50, 60));
        assert_eq!(middle.previous.as_deref(), Some("/admin/users?q=a%26b&page=1"));
        assert_eq!(middle.next.as_deref(), Some("/admin/users?q=a%26b&page=3"));
        let end = pager((3, 25), (10, 60), "/admin/users", &[]);
        assert_eq!((end.first, end.last, end.next), (51, 60, None));
        let beyond = pager((9, 25), (0, 60), "/admin/users", &[]);
        assert_eq!((beyond.first, beyond.last, beyond.next), (0, 0, None));
    }
}
