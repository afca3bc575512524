//! A relying party that takes none of our tokens sends the browser back at once, and with a live
//! session that goes on for ever. The browser keeps a note of the tokens that it got lately; after
//! three for one party within a minute it is told what is going on (ruling 20). The note only stops
//! its own browser, so nobody gains by forging one.

use std::{fmt, time::Duration};

use model::{Ts, ids::RelyingPartyId};

/// This many tokens for one party …
const MOST: usize = 3;
/// … within this time are a loop.
pub const WITHIN: Duration = Duration::from_mins(1);

/// The tokens for one relying party that a browser got within the last minute.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bounces {
    party: String,
    at: Vec<Ts>,
}

impl Bounces {
    /// Reads the note; what is no note counts as none.
    #[must_use]
    pub fn read(note: &str, now: Ts) -> Self {
        let read = || {
            let mut words = note.split('.');
            let party = words.next()?.to_owned();
            let seconds: Option<Vec<i64>> = words.map(|word| word.parse().ok()).collect();
            Some((party, seconds?))
        };
        let Some((party, seconds)) = read().filter(|_| note.len() <= 100) else {
            return Self::default();
        };
        let recent = |at: &Ts| *at <= now && now.since(*at) < WITHIN;
        Self { party, at: seconds.into_iter().map(Ts::from_secs).filter(recent).collect() }
    }

    /// Whether one more token for this party would only be sent back again.
    #[must_use]
    pub fn is_loop(&self, party: RelyingPartyId) -> bool {
        self.party == word(party) && self.at.len() >= MOST
    }

    /// The note after one more token.
    #[must_use]
    pub fn and(self, party: RelyingPartyId, now: Ts) -> Self {
        let party = word(party);
        let mut at = if self.party == party { self.at } else { Vec::new() };
        at.push(Ts::from_secs(now.secs()));
        at.drain(..at.len().saturating_sub(MOST));
        Self { party, at }
    }
}

/// The note as it is kept: the party, then the times in seconds, between dots.
impl fmt::Display for Bounces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.party)?;
        self.at.iter().try_for_each(|at| write!(f, ".{}", at.secs()))
    }
}

fn word(party: RelyingPartyId) -> String {
    party.0.simple().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARTY: RelyingPartyId = RelyingPartyId(uuid::Uuid::from_u128(7));
    const OTHER: RelyingPartyId = RelyingPartyId(uuid::Uuid::from_u128(8));

    fn at(seconds: i64) -> Ts {
        Ts::from_secs(1_000_000 + seconds)
    }

    fn after(times: &[i64]) -> Bounces {
        times.iter().fold(Bounces::default(), |note, &time| {
            Bounces::read(&note.to_string(), at(time)).and(PARTY, at(time))
        })
    }

    #[test]
    fn three_tokens_within_a_minute_are_a_loop_and_slower_ones_are_not() {
        for (times, now, is_loop) in [
            (&[0, 1][..], 2, false),
            (&[0, 1, 2], 3, true),
            (&[0, 1, 2], 59, true),
            (&[0, 1, 2], 60, false),
            (&[0, 30, 61], 62, false),
            (&[0, 30, 61, 62], 63, true),
        ] {
            let note = Bounces::read(&after(times).to_string(), at(now));
            assert_eq!(note.is_loop(PARTY), is_loop, "{times:?} at {now}");
            assert!(!note.is_loop(OTHER), "another party is another matter");
        }
        let moved_on = after(&[0, 1, 2]).and(OTHER, at(3));
        assert!(!moved_on.is_loop(PARTY) && !moved_on.is_loop(OTHER));
    }

    #[test]
    fn what_is_no_note_counts_as_none() {
        let party = word(PARTY);
        let future = format!("{party}.{0}.{0}.{0}", at(100).secs());
        let long = format!("{party}{}", ".1000000".repeat(100));
        for odd in ["", ".", "x.y.z", &format!("{party}.1.2.x"), &future, &long] {
            assert!(!Bounces::read(odd, at(3)).is_loop(PARTY), "{odd}");
        }
    }
}
