//! What makes one token differ from the next: its id and its time, handed in by the caller.

use std::time::Duration;

use model::Ts;

/// Before the time of issue, by this much, a token is already good: clocks differ (ruling 6).
const EARLY: Duration = Duration::from_mins(1);
/// No token lives longer (R089), whatever the settings say.
const LONGEST: Duration = Duration::from_hours(1);

/// The id and time of one token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// 16 random bytes; the id is `_` and their 32 hex digits.
    pub token_id: [u8; 16],
    /// When it is issued.
    pub now: Ts,
    /// How long it is good; more than an hour counts as an hour.
    pub lifetime: Duration,
}

impl Stamp {
    /// The token's id, an XML name.
    #[must_use]
    pub fn id(&self) -> String {
        xml_id(self.token_id)
    }

    /// The first moment at which the token is good.
    #[must_use]
    pub fn not_before(&self) -> Ts {
        self.now - EARLY
    }

    /// The first moment at which the token is no longer good.
    #[must_use]
    pub fn not_on_or_after(&self) -> Ts {
        self.now + self.lifetime.min(LONGEST)
    }
}

/// An XML name made from 16 random bytes.
pub(crate) fn xml_id(random: [u8; 16]) -> String {
    format!("_{}", hex::encode(random))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R089, R091
    #[test]
    fn no_setting_makes_a_token_live_longer_than_an_hour() {
        let stamp = Stamp {
            token_id: [0xab; 16],
            now: Ts::from_secs(10_000),
            lifetime: Duration::from_hours(24),
        };
        assert_eq!(stamp.not_before(), Ts::from_secs(9_940));
        assert_eq!(stamp.not_on_or_after(), Ts::from_secs(13_600));
        assert_eq!(stamp.id(), format!("_{}", "ab".repeat(16)));
    }
}
