//! Counted guesses: what the limiter remembers about one account, device or address.

use crate::Ts;

/// What is counted: built by `authn::lockout`, stored as text, shared by every protocol (R015).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GuessKey(pub String);

/// Guesses under one key. Counted before the check (R019) and taken back when it succeeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GuessCounter {
    /// Consecutive failures, the running check included.
    pub failures: u32,
    /// When the current window of counting began.
    pub window_began_at: Ts,
    /// When the last guess was counted.
    pub last_at: Ts,
}
