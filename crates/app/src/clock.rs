//! The only place that asks what time it is and that draws random bytes.

use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::Duration,
};

pub use graph::Wait;
use graph::{RealTimer, Timer};
use model::Ts;
use provisioning::{Sleep, Work};
use rustix::time::{ClockId, clock_gettime};
use uuid::Uuid;

/// A clock that was set by more seconds than this while it ran is no judge of codes (R029).
pub(crate) const TRUSTED: u64 = 60;

/// Tells the time.
pub trait Clock: Send + Sync + fmt::Debug {
    /// Now, in UTC.
    fn now(&self) -> Ts;

    /// By how many seconds it was set since it was asked first, forward or back: what it shows beyond
    /// what has passed.
    fn set_by(&self) -> i64 {
        0
    }

    /// What has passed since some beginning: nobody can set that.
    fn passed(&self) -> Duration {
        RealTimer.passed()
    }

    /// Returns after `time`.
    fn sleep(&self, time: Duration) -> Wait<'_> {
        RealTimer.sleep(time)
    }
}

/// The house's clock as experts see it, who only wait.
pub(crate) struct Waiting(pub(crate) Arc<dyn Clock>);

impl Timer for Waiting {
    fn passed(&self) -> Duration {
        self.0.passed()
    }

    fn sleep(&self, time: Duration) -> Wait<'_> {
        self.0.sleep(time)
    }
}

impl Sleep for Waiting {
    fn sleep(&self, time: Duration) -> Work<'_, ()> {
        self.0.sleep(time)
    }
}

/// Draws random bytes.
pub trait Random: Send + Sync + fmt::Debug {
    /// Fills `bytes` from a cryptographic source.
    fn fill(&self, bytes: &mut [u8]);
}

/// When it is, for whatever takes something away on its day: where our clock is well ahead of Microsoft's,
/// Microsoft's. A clock that somebody set must make no day come (Y31).
pub(crate) fn sure(ours: Ts, theirs: Option<Ts>) -> Ts {
    let ahead = |theirs: &Ts| ours.since(*theirs) > Duration::from_secs(TRUSTED);
    theirs.filter(ahead).unwrap_or(ours)
}

/// The machine's clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that asks the time")]
    fn now(&self) -> Ts {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        Ts(since.map_or(0, |age| i64::try_from(age.as_micros()).unwrap_or(i64::MAX)))
    }

    /// A machine that slept was away for as long: whatever was read just before is old.
    fn passed(&self) -> Duration {
        since_boot()
    }

    fn set_by(&self) -> i64 {
        static FIRST: OnceLock<(Ts, Duration)> = OnceLock::new();
        let (first, at) = FIRST.get_or_init(|| (self.now(), since_boot()));
        beyond(*first, since_boot().saturating_sub(*at), self.now())
    }
}

/// What has passed since the machine began, its sleep included, which is no time that somebody set.
fn since_boot() -> Duration {
    Duration::try_from(clock_gettime(ClockId::Boottime)).unwrap_or_default()
}

/// How many seconds a clock shows beyond what has passed since it showed `first`.
fn beyond(first: Ts, passed: Duration, now: Ts) -> i64 {
    now.0.saturating_sub((first + passed).0) / 1_000_000
}

/// The operating system's random source.
#[derive(Debug, Clone, Copy)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the kernel's random source does not fail once it is up");
    }
}

/// `N` random bytes.
pub fn draw<const N: usize>(random: &dyn Random) -> [u8; N] {
    let mut bytes = [0; N];
    random.fill(&mut bytes);
    bytes
}

/// A new `UUIDv7`: sorts by `now`, with 74 random bits.
pub fn new_id(now: Ts, random: &dyn Random) -> Uuid {
    let millis = u64::try_from(now.0 / 1000).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &draw(random)).into_uuid()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use federation::Stamp;

    use super::*;

    /// R029
    #[test]
    fn what_passes_by_itself_is_nothing_that_was_set() {
        let (first, hour) = (Ts::from_secs(1_795_597_200), Duration::from_hours(1));
        assert_eq!(beyond(first, hour, first + hour), 0);
        assert_eq!(beyond(first, hour, first + hour + Duration::from_secs(90)), 90);
        assert_eq!(beyond(first, hour, first), -3600);
        assert_eq!(SystemClock.set_by(), 0, "nobody sets it while this test runs");
    }

    /// Y31
    #[test]
    fn what_has_passed_counts_the_sleep_of_the_machine() {
        let before = since_boot();
        let passed = SystemClock.passed();
        assert!(before <= passed && passed <= since_boot(), "{passed:?} is not since the boot");
    }
    /// R091
    #[test]
    fn a_million_token_ids_are_names_and_no_two_are_alike() {
        const MANY: usize = 1_000_000;
        let mut seen = HashSet::with_capacity(MANY);
        let (mut ones, mut zeros) = (0_u128, 0_u128);
        for _ in 0..MANY {
            let token_id = draw(&SystemRandom);
            let number = u128::from_be_bytes(token_id);
            (ones, zeros) = (ones | number, zeros | !number);
            assert!(seen.insert(number), "{number:032x} came twice");
            let stamp = Stamp { token_id, now: Ts(0), lifetime: Duration::ZERO };
            let id = stamp.id();
            let [first, digits @ ..] = id.as_bytes() else { panic!("an empty id") };
            assert!(*first == b'_' && digits.len() == 32, "{id}");
            assert!(digits.iter().all(u8::is_ascii_hexdigit), "{id}");
            assert_eq!(u128::from_str_radix(&id[1..], 16), Ok(number), "no bit is lost in the id");
        }
        assert_eq!((ones, zeros), (u128::MAX, u128::MAX), "each of the 128 bits is drawn");
    }
}
