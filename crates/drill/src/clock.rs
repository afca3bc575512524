//! One time for both sides: it passes when somebody waits for it, and what the house's clock shows can be
//! set without that any time passes.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use app::{Clock, testing::morning};
use model::Ts;

/// What time it is, truly and on the house's clock. Clones are the same clock.
#[derive(Debug, Clone, Default)]
pub struct VirtualClock(Arc<Mutex<Times>>);

#[derive(Debug, Default)]
struct Times {
    passed: Duration,
    /// By how many microseconds the house's clock is wrong.
    off: i64,
    /// Where the house's clock stands, if it stands.
    stands: Option<Ts>,
}

/// What somebody does to the house's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Set {
    /// An hour forward.
    HourForward,
    /// An hour back.
    HourBack,
    /// Thirty days forward.
    MonthForward,
    /// It stops.
    Stands,
}

impl Set {
    /// Each.
    pub const ALL: [Self; 4] =
        [Self::HourForward, Self::HourBack, Self::MonthForward, Self::Stands];
}

const HOUR: i64 = 3_600_000_000;

impl VirtualClock {
    fn times(&self) -> MutexGuard<'_, Times> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets time pass.
    pub fn pass(&self, time: Duration) {
        self.times().passed += time;
    }

    /// What time it truly is: Microsoft's clock.
    pub fn truly(&self) -> Ts {
        morning() + self.times().passed
    }

    /// Sets the house's clock.
    pub fn set(&self, how: Set) {
        let shown = self.now();
        let mut times = self.times();
        match how {
            Set::HourForward => times.off += HOUR,
            Set::HourBack => times.off -= HOUR,
            Set::MonthForward => times.off += 30 * 24 * HOUR,
            Set::Stands => times.stands = Some(shown),
        }
    }

    /// Sets the house's clock right again.
    pub fn put_right(&self) {
        let mut times = self.times();
        (times.off, times.stands) = (0, None);
    }

    /// Begins at a moment, with a clock that is right.
    pub fn begin_at(&self, passed: Duration) {
        *self.times() = Times { passed, ..Times::default() };
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Ts {
        let times = self.times();
        times.stands.unwrap_or(Ts((morning() + times.passed).0 + times.off))
    }

    fn set_by(&self) -> i64 {
        (self.now().0 - self.truly().0) / 1_000_000
    }

    fn passed(&self) -> Duration {
        self.times().passed
    }

    /// Whoever waits makes the time pass. Of several who wait at once none wakes too early.
    fn sleep(&self, time: Duration) -> app::clock::Wait<'_> {
        let until = self.passed() + time;
        Box::pin(async move {
            tokio::task::yield_now().await;
            let mut times = self.times();
            times.passed = times.passed.max(until);
        })
    }
}
