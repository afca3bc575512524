//! How soon something ends.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::Ts;

/// How many days before an end somebody is told (ruling 20); the last one is the end itself.
const NOTICES: [u16; 7] = [0, 1, 3, 7, 14, 30, 60];

/// A reminder before an end: at most so many days are left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Notice(pub(super) u16);

impl Notice {
    /// Two weeks: early enough for what can be renewed in a minute.
    pub const TWO_WEEKS: Self = Self(14);
    /// A week: from here on it is dangerous.
    pub(super) const A_WEEK: Self = Self(7);

    /// The reminder that is due: the smallest that covers what is left, if any does.
    #[must_use]
    pub fn due(ends_at: Ts, now: Ts) -> Option<Self> {
        let left = ends_at.since(now);
        let covers = |days: &u16| left <= Duration::from_hours(24 * u64::from(*days));
        NOTICES.into_iter().find(covers).map(Self)
    }

    /// Whether the end is past.
    #[must_use]
    pub const fn is_over(self) -> bool {
        self.0 == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_hours(24);

    #[test]
    fn the_reminder_that_is_due_is_the_tightest_one() {
        let now = Ts::from_secs(1_795_597_200);
        let due = |days: u32, more: Duration| Notice::due(now + DAY * days + more, now);
        let second = Duration::from_secs(1);
        assert_eq!(due(60, second), None);
        for (days, expected) in [(60, 60), (31, 60), (30, 30), (14, 14), (7, 7), (4, 7), (3, 3)] {
            assert_eq!(due(days, Duration::ZERO), Some(Notice(expected)), "{days} days left");
        }
        assert_eq!(due(0, second), Some(Notice(1)));
        assert_eq!(due(0, Duration::ZERO), Some(Notice(0)));
        assert!(Notice::due(now - DAY, now).is_some_and(Notice::is_over));
    }
}
