//! The only place that asks what time it is and that draws random bytes.

use std::fmt;

use model::Ts;
use uuid::Uuid;

/// Tells the time.
pub trait Clock: Send + Sync + fmt::Debug {
    /// Now, in UTC.
    fn now(&self) -> Ts;
}

/// Draws random bytes.
pub trait Random: Send + Sync + fmt::Debug {
    /// Fills `bytes` from a cryptographic source.
    fn fill(&self, bytes: &mut [u8]);
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
