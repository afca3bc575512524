//! Faults on demand: what Microsoft's service does on bad days, switched on by tests and by
//! `POST /simulator/faults`. A fault hits the next `times` calls that fit and is then used up.

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::locked;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum Trouble {
    /// 429 with `Retry-After`; nothing was done.
    #[serde(rename_all = "camelCase")]
    TooManyRequests {
        /// Seconds; without them the header is absent.
        retry_after: Option<u64>,
    },
    /// 503; nothing was done.
    #[serde(rename_all = "camelCase")]
    Unavailable {
        /// Seconds; without them the header is absent.
        retry_after: Option<u64>,
    },
    /// The call is carried out, but the answer is 504.
    LostResponse,
    /// The call is carried out, but the connection is cut before the answer.
    DroppedConnection,
    /// 401 as if the token had expired; nothing was done.
    ExpiredToken,
    /// 403 as if the permission were missing; nothing was done.
    Forbidden,
}

impl Trouble {
    /// Whether the call is carried out before it fails.
    pub(crate) fn is_late(self) -> bool {
        matches!(self, Self::LostResponse | Self::DroppedConnection)
    }
}

/// A trouble and the calls it hits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Fault {
    /// What goes wrong.
    #[serde(flatten)]
    pub trouble: Trouble,
    /// How many calls it hits.
    #[serde(default = "once")]
    pub times: u32,
    /// Only calls with this method.
    #[serde(default)]
    pub method: Option<String>,
    /// Only calls whose path contains this.
    #[serde(default)]
    pub path: Option<String>,
    /// How many fitting calls are let through first.
    #[serde(default)]
    pub skip: u32,
}

fn once() -> u32 {
    1
}

impl Fault {
    /// A fault that hits the next call, whatever it is.
    pub fn new(trouble: Trouble) -> Self {
        Self { trouble, times: 1, method: None, path: None, skip: 0 }
    }

    /// Hits this many calls.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    /// Hits only calls with this method whose path contains `path`.
    #[must_use]
    pub fn on(mut self, method: &str, path: &str) -> Self {
        self.method = Some(method.to_owned());
        self.path = Some(path.to_owned());
        self
    }

    /// Lets this many fitting calls through first.
    #[must_use]
    pub fn after(mut self, calls: u32) -> Self {
        self.skip = calls;
        self
    }

    fn fits(&self, method: &str, path: &str) -> bool {
        self.method.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
            && match self.path.as_deref() {
                Some(part) => path.contains(part),
                // Without a path it means Graph, not the token endpoint.
                None => path.starts_with("/v1.0"),
            }
    }
}

/// The faults that are waiting, the lag, and the life of tokens.
#[derive(Debug)]
pub struct Faults {
    waiting: Mutex<Vec<Fault>>,
    lag_micros: AtomicI64,
    token_seconds: AtomicI64,
}

impl Faults {
    pub(crate) fn new(lag: Duration) -> Self {
        let faults = Self {
            waiting: Mutex::new(Vec::new()),
            lag_micros: AtomicI64::new(0),
            token_seconds: AtomicI64::new(3599),
        };
        faults.set_replication_lag(lag);
        faults
    }

    /// Adds a fault behind those that are waiting.
    pub fn inject(&self, fault: Fault) {
        locked(&self.waiting).push(fault);
    }

    /// The next `times` calls are answered with 429 and `Retry-After`.
    pub fn throttle(&self, times: u32, retry_after: u64) {
        let trouble = Trouble::TooManyRequests { retry_after: Some(retry_after) };
        self.inject(Fault::new(trouble).times(times));
    }

    /// Forgets the waiting faults; lag and token life stay.
    pub fn clear(&self) {
        locked(&self.waiting).clear();
    }

    /// The faults that are still waiting.
    pub fn waiting(&self) -> Vec<Fault> {
        locked(&self.waiting).clone()
    }

    /// How long objects made from now on stay unseen by reads.
    pub fn set_replication_lag(&self, lag: Duration) {
        let micros = i64::try_from(lag.as_micros()).unwrap_or(i64::MAX);
        self.lag_micros.store(micros, Ordering::Relaxed);
    }

    /// How many seconds tokens issued from now on live.
    pub fn set_token_life(&self, seconds: i64) {
        self.token_seconds.store(seconds, Ordering::Relaxed);
    }

    pub(crate) fn lag(&self) -> i64 {
        self.lag_micros.load(Ordering::Relaxed)
    }

    pub(crate) fn token_life(&self) -> i64 {
        self.token_seconds.load(Ordering::Relaxed)
    }

    /// The trouble that this call meets, which is thereby used up once.
    pub(crate) fn meet(&self, method: &str, path: &str) -> Option<Trouble> {
        let mut waiting = locked(&self.waiting);
        let position = waiting.iter_mut().position(|fault| {
            if !fault.fits(method, path) {
                return false;
            }
            let is_due = fault.skip == 0;
            fault.skip = fault.skip.saturating_sub(1);
            is_due
        })?;
        let fault = waiting.get_mut(position)?;
        fault.times = fault.times.saturating_sub(1);
        let trouble = fault.trouble;
        if fault.times == 0 {
            waiting.remove(position);
        }
        Some(trouble)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_hits_only_fitting_calls_and_is_used_up() {
        let faults = Faults::new(Duration::ZERO);
        faults.inject(Fault::new(Trouble::LostResponse).on("POST", "/users").after(1));
        assert_eq!(faults.meet("GET", "/v1.0/users"), None);
        assert_eq!(faults.meet("POST", "/v1.0/users"), None);
        assert_eq!(faults.meet("POST", "/v1.0/users"), Some(Trouble::LostResponse));
        assert_eq!(faults.meet("POST", "/v1.0/users"), None);
    }
}
