//! Points in time, said twice: how long ago, and when exactly.

use model::Ts;

use crate::pages::parts::When;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// A time beside now.
pub(crate) fn when(at: Ts, now: Ts) -> When {
    When { relative: relative(at, now), absolute: exact(at), iso: at.to_string() }
}

/// "25 Nov 2026, 09:14 UTC".
pub(crate) fn exact(at: Ts) -> String {
    at.datetime().format("%-d %b %Y, %H:%M UTC").to_string()
}

/// "25 Nov 2026".
pub(crate) fn day(at: Ts) -> String {
    at.datetime().format("%-d %b %Y").to_string()
}

/// "3 minutes ago", "in 2 years".
pub(crate) fn relative(at: Ts, now: Ts) -> String {
    let (past, future) = (now.since(at).as_secs(), at.since(now).as_secs());
    match (past, future) {
        (0..MINUTE, 0..MINUTE) => "just now".to_owned(),
        (_, 0) => format!("{} ago", span(past)),
        _ => format!("in {}", span(future)),
    }
}

/// "14 days"; the largest unit that fits, rounded down.
pub(crate) fn span(seconds: u64) -> String {
    let units = [
        (730 * DAY, 365 * DAY, "year"),
        (60 * DAY, 30 * DAY, "month"),
        (DAY, DAY, "day"),
        (HOUR, HOUR, "hour"),
        (MINUTE, MINUTE, "minute"),
        (0, 1, "second"),
    ];
    let fits = units.iter().find(|(from, _, _)| seconds >= *from);
    let (unit, name) = fits.map_or((1, "second"), |(_, unit, name)| (*unit, *name));
    let n = seconds / unit;
    format!("{n} {name}{}", if n == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_said_from_where_the_reader_stands() {
        let now = Ts::from_secs(1_795_597_200);
        let before = |s: u64| relative(now - std::time::Duration::from_secs(s), now);
        let after = |s: u64| relative(now + std::time::Duration::from_secs(s), now);
        assert_eq!(before(0), "just now");
        assert_eq!(before(59), "just now");
        assert_eq!(before(60), "1 minute ago");
        assert_eq!(before(3 * HOUR), "3 hours ago");
        assert_eq!(before(59 * DAY), "59 days ago");
        assert_eq!(before(60 * DAY), "2 months ago");
        assert_eq!(after(14 * DAY), "in 14 days");
        assert_eq!(after(730 * DAY), "in 2 years");
        assert_eq!(exact(now), "25 Nov 2026, 09:00 UTC");
    }
}
