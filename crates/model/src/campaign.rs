//! The campaign in which everybody sets up a second factor, and its last day.

use serde::{Deserialize, Serialize};

use crate::{Ts, alarm::Notice, ids::UserId};

/// Until when people set up a second factor by themselves (F048).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Campaign {
    /// Until then a new account enrols with its password alone, afterwards with a code that an admin
    /// hands over (R033); `None`: always with the code.
    pub closes_at: Option<Ts>,
    /// Whether people may put it off until then, and get in with their password meanwhile.
    pub may_put_off: bool,
    /// The last reminder that was begun.
    pub reminded: Option<Notice>,
    /// Letters to everybody who is left that are being written.
    pub round: Option<Round>,
    /// When an admin last had everybody written to who is left.
    pub invited_at: Option<Ts>,
}

/// Letters to everybody who is left, in the order of their ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Round {
    /// The last person who was written to.
    pub reached: Option<UserId>,
}

impl Campaign {
    /// Whether people may enrol with their password alone.
    #[must_use]
    pub fn is_open(&self, now: Ts) -> bool {
        self.closes_at.is_some_and(|at| now < at)
    }

    /// The reminder that must go out now: two weeks before the end at the earliest, each once.
    #[must_use]
    pub fn due(&self, now: Ts) -> Option<Notice> {
        let closes_at = self.closes_at.filter(|_| self.is_open(now))?;
        let notice = Notice::due(closes_at, now).filter(|it| *it <= Notice::TWO_WEEKS)?;
        self.reminded.is_none_or(|old| notice < old).then_some(notice)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const DAY: Duration = Duration::from_hours(24);

    #[test]
    fn each_reminder_is_due_once_and_none_after_the_end() {
        let closes_at = Ts::from_secs(1_795_597_200);
        let mut campaign = Campaign { closes_at: Some(closes_at), ..Campaign::default() };
        let mut sent = Vec::new();
        for days in (0..=20).rev() {
            for _ in 0..2 {
                if let Some(notice) = campaign.due(closes_at - DAY * days) {
                    campaign.reminded = Some(notice);
                    sent.push(days);
                }
            }
        }
        assert_eq!(sent, [14, 7, 3, 1]);
        assert!(Campaign::default().due(closes_at).is_none());
        assert!(!campaign.is_open(closes_at) && campaign.is_open(closes_at - DAY));
    }
}
