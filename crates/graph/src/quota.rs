//! Keeps the tenant's write quota, and decides how long to wait (Y17, Y18, `graph.md` 7).

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::timer::Timer;

/// What Graph grants one app in one tenant: so many writes at once, and so many a second after.
const BURST: f64 = 3_000.0;
const PER_SECOND: f64 = 20.0;
/// The longest wait of our own making (Y17).
const LONGEST: Duration = Duration::from_mins(5);

/// A share of the write quota, and the pauses that Microsoft asked for.
pub(crate) struct Quota {
    state: Mutex<State>,
}

struct State {
    share: f64,
    tokens: f64,
    filled_at: Duration,
    paused_until: Duration,
    failures_in_a_row: u32,
}

impl Quota {
    pub(crate) fn new(percent: u8, now: Duration) -> Self {
        let share = f64::from(percent.clamp(1, 100)) / 100.0;
        let state = State {
            share,
            tokens: BURST * share,
            filled_at: now,
            paused_until: now,
            failures_in_a_row: 0,
        };
        Self { state: Mutex::new(state) }
    }

    /// Returns when a call may leave; a write takes its place in the quota.
    pub(crate) async fn admit(&self, is_write: bool, timer: &dyn Timer) {
        loop {
            let wait = self.lock().wait(is_write, timer.passed());
            if wait.is_zero() {
                return;
            }
            timer.sleep(wait).await;
        }
    }

    /// Microsoft answered: the row of failures is over. Close to the limit, the burst is given up.
    pub(crate) fn answered(&self, quota_used: Option<f32>) {
        let mut state = self.lock();
        state.failures_in_a_row = 0;
        if quota_used.is_some_and(|used| used >= 0.8) {
            state.tokens = state.tokens.min(0.0);
        }
    }

    /// Microsoft can't: how long to wait. What it asks for is obeyed exactly and by every call;
    /// otherwise twice as long each time, with full jitter.
    pub(crate) fn failed(&self, asked: Option<Duration>, jitter: f64, now: Duration) -> Duration {
        let mut state = self.lock();
        state.failures_in_a_row += 1;
        let Some(wait) = asked else {
            return backoff(state.failures_in_a_row, jitter);
        };
        state.paused_until = state.paused_until.max(now + wait);
        wait
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// How long until a call may leave; zero takes the place.
    fn wait(&mut self, is_write: bool, now: Duration) -> Duration {
        let pause = self.paused_until.saturating_sub(now);
        if !pause.is_zero() || !is_write {
            return pause;
        }
        let rate = PER_SECOND * self.share;
        let gained = now.saturating_sub(self.filled_at).as_secs_f64() * rate;
        self.tokens = (self.tokens + gained).min(BURST * self.share);
        self.filled_at = now;
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            return Duration::ZERO;
        }
        Duration::from_secs_f64((1.0 - self.tokens) / rate).max(Duration::from_millis(1))
    }
}

/// 1, 2, 4 … seconds, drawn from the whole span with a floor of a quarter second.
fn backoff(failures: u32, jitter: f64) -> Duration {
    let span = Duration::from_secs(1 << failures.saturating_sub(1).min(9)).min(LONGEST);
    span.mul_f64(jitter.clamp(0.0, 1.0)).max(Duration::from_millis(250))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_secs(1);

    fn state(percent: u8, now: Duration) -> State {
        Quota::new(percent, now).state.into_inner().unwrap()
    }

    /// Y18
    #[test]
    fn after_the_burst_writes_leave_at_the_share_of_twenty_a_second() {
        let now = NOW;
        let mut state = state(80, now);
        let burst = (0..5_000).take_while(|_| state.wait(true, now).is_zero()).count();
        assert_eq!(burst, 2_400);
        let later = now + Duration::from_secs(10);
        let more = (0..5_000).take_while(|_| state.wait(true, later).is_zero()).count();
        assert_eq!(more, 160);
        assert_eq!(state.wait(false, later), Duration::ZERO, "reads aren't counted");
    }

    /// Y18
    #[test]
    fn close_to_the_limit_the_burst_is_given_up() {
        let quota = Quota::new(80, NOW);
        quota.answered(Some(0.79));
        assert!(quota.lock().tokens > 2_000.0);
        quota.answered(Some(0.9));
        assert!(quota.lock().tokens <= 0.0);
    }

    /// Y17
    #[test]
    fn what_microsoft_asks_for_is_obeyed_exactly_and_by_all() {
        let quota = Quota::new(80, NOW);
        assert_eq!(quota.failed(Some(Duration::from_secs(17)), 0.1, NOW), Duration::from_secs(17));
        assert_eq!(quota.lock().wait(false, NOW), Duration::from_secs(17));
    }

    /// Y17
    #[test]
    fn without_a_word_the_wait_doubles_up_to_five_minutes() {
        let waits: Vec<u64> = (1..=12).map(|n| backoff(n, 1.0).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
        assert_eq!(backoff(5, 0.5), Duration::from_secs(8));
        assert_eq!(backoff(1, 0.0), Duration::from_millis(250));
    }
}
