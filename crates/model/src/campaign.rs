//! The campaign in which everybody sets up a second factor, and its last day.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Ts, alarm::Notice, ids::UserId};

const A_DAY: Duration = Duration::from_hours(24);

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
    /// When everybody who is left was last written to.
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

    /// The same with another end. Whoever chooses a near one is not made to write to everybody: the
    /// next reminder is the next one from then.
    #[must_use]
    pub fn with_end(self, closes_at: Option<Ts>, may_put_off: bool, now: Ts) -> Self {
        let reminded = closes_at.and_then(|at| Notice::due(at, now));
        Self { closes_at, may_put_off, reminded, round: None, ..self }
    }

    /// Whether nobody was written to within the last day.
    #[must_use]
    pub fn may_write(&self, now: Ts) -> bool {
        self.round.is_none() && self.invited_at.is_none_or(|at| now.since(at) >= A_DAY)
    }

    /// The reminder that must go out now: two weeks before the end at the earliest, each once, and a
    /// day after other letters at the earliest.
    #[must_use]
    pub fn due(&self, now: Ts) -> Option<Notice> {
        let closes_at = self.closes_at.filter(|_| self.is_open(now) && self.may_write(now))?;
        let notice = Notice::due(closes_at, now).filter(|it| *it <= Notice::TWO_WEEKS)?;
        self.reminded.is_none_or(|old| notice < old).then_some(notice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reminder_is_due_once_and_none_after_the_end() {
        let closes_at = Ts::from_secs(1_795_597_200);
        let mut campaign = Campaign { closes_at: Some(closes_at), ..Campaign::default() };
        let mut sent = Vec::new();
        for days in (0..=20).rev() {
            for _ in 0..2 {
                if let Some(notice) = campaign.due(closes_at - A_DAY * days) {
                    campaign.reminded = Some(notice);
                    sent.push(days);
                }
            }
        }
        assert_eq!(sent, [14, 7, 3, 1]);
        assert!(Campaign::default().due(closes_at).is_none());
        assert!(!campaign.is_open(closes_at) && campaign.is_open(closes_at - A_DAY));
    }

    #[test]
    fn nobody_is_written_to_twice_in_a_day_or_because_the_day_was_changed() {
        let now = Ts::from_secs(1_795_597_200);
        let asked = Campaign { invited_at: Some(now), ..Campaign::default() };
        let near = asked.with_end(Some(now + A_DAY * 10), true, now);
        assert_eq!(near.due(now), None, "the admin only chose a day");
        assert_eq!(near.due(now + A_DAY * 2), None);
        assert!(near.due(now + A_DAY * 3).is_some(), "a week is left");
        let late = Campaign { invited_at: Some(now + A_DAY * 3), ..near };
        assert_eq!(late.due(now + A_DAY * 3), None);
        assert!(late.due(now + A_DAY * 4).is_some(), "a day later");
    }
}
