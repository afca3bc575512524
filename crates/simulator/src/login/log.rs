//! The sign-in log that `auditLogs/signIns` shows: bounded, and kept in memory only.

use std::collections::VecDeque;
use std::sync::Mutex;

use crate::locked;
use crate::random;

/// Entries that are kept at most.
const MOST: usize = 100_000;

/// An entry of the sign-in log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// When, in Unix microseconds.
    pub at: i64,
    /// The person's object id.
    pub user_id: String,
    /// Their sign-in name then.
    pub upn: String,
    /// Which token they presented (`incomingTokenType`): `saml11`, `saml20`, `none`.
    pub incoming_token_type: String,
    /// The AADSTS number; 0 when they got in.
    pub error_code: u32,
    /// From where.
    pub ip_address: String,
}

/// An entry in the log: its number, its id, and what it says.
pub(crate) type Entry = (u64, String, SignIn);

/// The log.
#[derive(Debug, Default)]
pub(crate) struct SignInLog(Mutex<State>);

/// Oldest first.
#[derive(Debug, Default)]
struct State {
    written: u64,
    entries: VecDeque<Entry>,
}

impl SignInLog {
    /// Writes an entry.
    pub(crate) fn write(&self, entry: SignIn) {
        let mut log = locked(&self.0);
        log.written += 1;
        if log.entries.len() == MOST {
            log.entries.pop_front();
        }
        let number = log.written;
        log.entries.push_back((number, random::guid(), entry));
    }

    /// The newest entries with numbers below `before` (0 for all) that fit, at most `most`, and
    /// whether there are more.
    pub(crate) fn page(
        &self,
        before: u64,
        most: usize,
        fits: impl Fn(&SignIn) -> bool,
    ) -> (Vec<Entry>, bool) {
        let log = locked(&self.0);
        let older = log.entries.iter().rev().filter(|(number, ..)| before == 0 || *number < before);
        let mut found = older.filter(|(.., entry)| fits(entry));
        let page = found.by_ref().take(most).cloned().collect();
        (page, found.next().is_some())
    }
}
