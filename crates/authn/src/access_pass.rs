//! The temporary access pass: what the help desk gives somebody whose phone or key is not at hand.
//! It stands in for the second factor, once.

use std::time::Duration;

use crate::{
    lockout::Permit,
    one_time_code::{self, Purpose},
};

/// How long a pass may be good, in hours; whoever gives one chooses.
pub const HOURS: [u64; 4] = [1, 4, 8, 24];

/// How long a pass of so many hours is good; `None` when that is no choice.
#[must_use]
pub fn lifetime(hours: u64) -> Option<Duration> {
    HOURS.contains(&hours).then(|| Duration::from_hours(hours))
}

/// The pass as it is shown once, and the digest that is stored.
#[must_use]
pub fn from_random(random: [u8; 16]) -> (String, [u8; 32]) {
    one_time_code::from_random(Purpose::Access, random)
}

/// The digest of a typed pass; `None` when it has not the form of one.
#[must_use]
pub fn digest(typed: &str, _: &Permit) -> Option<[u8; 32]> {
    one_time_code::digest(Purpose::Access, typed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pass_is_good_for_a_day_at_most() {
        assert!(HOURS.into_iter().all(|hours| lifetime(hours) <= Some(Duration::from_hours(24))));
        assert_eq!(lifetime(8), Some(Duration::from_hours(8)));
        assert_eq!((lifetime(0), lifetime(25), lifetime(u64::MAX)), (None, None, None));
    }
}
