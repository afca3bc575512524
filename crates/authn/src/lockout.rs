//! How many guesses there are, and how long one waits between them.
//!
//! A guess is counted before it is checked and taken back when it succeeds (R019), so parallel
//! guesses can't outrun the counter: `count`, store, check, then `succeed`, store. The counter is
//! one row under a lock that every protocol and every node shares (R015, R018). The keys name the
//! account, never the typed text; a name that nobody has is counted by its folded form, like
//! anybody's (R022).

use std::{
    net::{IpAddr, Ipv6Addr},
    time::Duration,
};

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use model::{
    Method, Ts,
    guess::{GuessCounter, GuessKey},
    ids::{ProgramTokenId, RelyingPartyId, UserId},
};

/// Shows that a guess was counted. Only [`count`] makes one, and whatever checks what somebody typed
/// takes one, so a new entrance can't forget to count (R021). That what was counted is stored, and for
/// whom, is the caller's.
///
/// ```
/// fn checks(_: &authn::lockout::Permit) {}
/// ```
///
/// ```compile_fail,E0451
/// let permit = authn::lockout::Permit { counted: () };
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct Permit {
    counted: (),
}

/// For tests of what checks.
#[cfg(test)]
pub(crate) const PERMIT: Permit = Permit { counted: () };

/// Whether one more guess may be checked.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may; the counter to store already counts it as failed.
    Allowed(GuessCounter, Permit),
    /// Not before then; nothing is counted.
    Wait {
        /// When the next guess may be checked.
        until: Ts,
    },
    /// Not under this key any more: a familiar device has its own counter, and an admin can clear
    /// this one.
    Exhausted,
}

/// How guesses under one kind of key are limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    most: u32,
    pace: Pace,
    /// A success ends the row of failures before it; otherwise it takes back its own guess alone.
    forgiving: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pace {
    /// Failures in a row; after `free` of them one waits 1 s, 2 s, … up to `longest_secs`.
    Growing { free: u32, longest_secs: u32 },
    /// Failures within a span of time that begins with the first.
    Span(Duration),
    /// Failures without a pause of this length between them.
    Pause(Duration),
}

impl Limit {
    /// Passwords of one account, device or unknown name (R013): three at once, then 1 s to 10 s
    /// apart, at most 100 in a row.
    pub const PASSWORD: Self =
        Self { most: 100, pace: Pace::Growing { free: 3, longest_secs: 10 }, forgiving: true };
    /// The same where a person and strangers come from one place: her success says nothing of the
    /// failures before it.
    pub const RELAYED_PASSWORD: Self = Self { forgiving: false, ..Self::PASSWORD };
    /// Codes of one account while a code lasts (R016).
    pub const SECOND_FACTOR: Self =
        Self { most: 5, pace: Pace::Span(Duration::from_secs(30)), forgiving: false };
    /// Codes of one account in a day (R016).
    pub const SECOND_FACTOR_DAY: Self =
        Self { most: 20, pace: Pace::Span(Duration::from_hours(24)), forgiving: false };
    /// Codes that were mailed to one account, while one lasts (R016).
    pub const MAILED_CODE: Self =
        Self { most: 5, pace: Pace::Span(Duration::from_mins(10)), forgiving: false };
    /// Letters with such a code to one account (R047).
    pub const MAILED_CODE_LETTERS: Self =
        Self { most: 3, pace: Pace::Span(Duration::from_hours(1)), forgiving: false };
    /// Failures from one address, whoever they were for (R014).
    pub const ADDRESS: Self =
        Self { most: 60, pace: Pace::Span(Duration::from_mins(15)), forgiving: false };
    /// Failures from one server that brings everybody's passwords: a flood and no less.
    pub const RELAY: Self =
        Self { most: 6_000, pace: Pace::Span(Duration::from_mins(15)), forgiving: false };
    /// Secrets of one client from one address. Nobody guesses 256 random bits; who tries is stopped
    /// before they fill the log.
    pub const CLIENT_SECRET: Self =
        Self { most: 30, pace: Pace::Span(Duration::from_mins(15)), forgiving: false };
    /// Letters with a link for a new password to one person, or one unknown name (R047).
    pub const RESET_LETTERS: Self =
        Self { most: 3, pace: Pace::Span(Duration::from_hours(1)), forgiving: false };
    /// The same that one address asked for, whoever they were for (R047).
    pub const RESET_LETTERS_FROM: Self =
        Self { most: 20, pace: Pace::Span(Duration::from_hours(1)), forgiving: false };
    /// Wrong passwords of one person, from unfamiliar places, that are sent to a directory. Active
    /// Directory counts in the same way, usually to ten, and forgets after a pause of at most half an
    /// hour: half of its account stays for the person.
    pub const AT_DIRECTORY: Self =
        Self { most: 5, pace: Pace::Pause(Duration::from_mins(30)), forgiving: true };
    /// Failures from one IPv6 site (R014).
    pub const SITE: Self =
        Self { most: 240, pace: Pace::Span(Duration::from_mins(15)), forgiving: false };
}

/// Counts one more guess, if it may be checked now.
#[must_use]
pub fn count(counter: GuessCounter, limit: Limit, now: Ts) -> Verdict {
    let counter = forget(counter, limit, now);
    if counter.failures >= limit.most {
        return match limit.pace {
            Pace::Growing { .. } => Verdict::Exhausted,
            Pace::Span(span) => Verdict::Wait { until: counter.window_began_at + span },
            Pace::Pause(pause) => Verdict::Wait { until: counter.last_at + pause },
        };
    }
    let until = counter.last_at + wait_after(counter.failures, limit);
    if now < until && !is_clock_set_back(counter, now) {
        return Verdict::Wait { until };
    }
    let window_began_at = if counter.failures == 0 { now } else { counter.window_began_at };
    let next = GuessCounter { failures: counter.failures + 1, window_began_at, last_at: now };
    Verdict::Allowed(next, Permit { counted: () })
}

/// Whether nothing more is checked under a key now.
#[must_use]
pub fn is_used_up(counter: GuessCounter, limit: Limit, now: Ts) -> bool {
    forget(counter, limit, now).failures >= limit.most
}

/// The counter to store when a counted guess turned out right.
#[must_use]
pub fn succeed(counter: GuessCounter, limit: Limit) -> GuessCounter {
    if limit.forgiving {
        return GuessCounter::default();
    }
    GuessCounter { failures: counter.failures.saturating_sub(1), ..counter }
}

/// The counter to store when a counted guess was none: nothing was held against it.
#[must_use]
pub fn give_back(counter: GuessCounter) -> GuessCounter {
    GuessCounter { failures: counter.failures.saturating_sub(1), ..counter }
}

/// Passwords of an account that are sent to a directory from unfamiliar places.
#[must_use]
pub fn at_directory(user: UserId) -> GuessKey {
    GuessKey(format!("directory:{user}"))
}

/// Passwords of an account, from anywhere.
#[must_use]
pub fn password(user: UserId) -> GuessKey {
    GuessKey(format!("password:{user}"))
}

/// Passwords of an account from one device or address that it was used from before (R017): a
/// stranger's failures are not counted here.
#[must_use]
pub fn familiar(user: UserId, device: &[u8; 32]) -> GuessKey {
    GuessKey(familiar_places(user) + &URL_SAFE_NO_PAD.encode(device))
}

/// What the keys of an account's familiar places begin with.
#[must_use]
pub fn familiar_places(user: UserId) -> String {
    format!("familiar:{user}:")
}

/// Passwords for a folded name that nobody has; hashed, because people type passwords there.
#[must_use]
pub fn unknown_name(folded: &str) -> GuessKey {
    let hashed = digest(&SHA256, folded.as_bytes());
    GuessKey(format!("unknown:{}", URL_SAFE_NO_PAD.encode(hashed)))
}

/// Codes of an account while one lasts; each method counts by itself, so that another factor is
/// left when one is used up.
#[must_use]
pub fn second_factor(user: UserId, method: Method) -> GuessKey {
    GuessKey(format!("factor:{}:{user}", word(method)))
}

/// Codes of an account in a day.
#[must_use]
pub fn second_factor_day(user: UserId, method: Method) -> GuessKey {
    GuessKey(format!("factor_day:{}:{user}", word(method)))
}

/// Enrolment codes typed for an account.
#[must_use]
pub fn enrollment_code(user: UserId) -> GuessKey {
    GuessKey(format!("enrollment:{user}"))
}

/// Letters with a link for a new password: whom they are for (any key of theirs).
#[must_use]
pub fn reset_letters(whose: &GuessKey) -> GuessKey {
    GuessKey(format!("reset:{}", whose.0))
}

/// Letters with a code for an account.
#[must_use]
pub fn mailed_code_letters(user: UserId) -> GuessKey {
    GuessKey(format!("mailed_code_letters:{user}"))
}

/// The same by the address that asked for them.
#[must_use]
pub fn reset_letters_from(peer: &str) -> GuessKey {
    GuessKey(format!("reset_from:{}", address(peer).0))
}

/// Failures from one address: IPv4 as it is, IPv6 by its /64.
#[must_use]
pub fn address(peer: &str) -> GuessKey {
    match parse(peer) {
        Some(IpAddr::V4(ip)) => GuessKey(format!("address:{ip}")),
        Some(IpAddr::V6(ip)) => GuessKey(format!("address:{}/64", network(ip, 64))),
        // Everybody whose address is not known shares one counter.
        None => GuessKey("address:unknown".to_owned()),
    }
}

/// Browsers that came back from Microsoft in vain, counted apart under any key of where they are: when
/// Microsoft has trouble, nobody's password is slowed down by it.
#[must_use]
pub fn from_microsoft(place: &GuessKey) -> GuessKey {
    GuessKey(format!("microsoft:{}", place.0))
}

/// Requests for a second factor whose hint is not believed, counted apart in the same way.
#[must_use]
pub fn by_hint(place: &GuessKey) -> GuessKey {
    GuessKey(format!("hint:{}", place.0))
}

/// Failures from one server that brings everybody's passwords.
#[must_use]
pub fn relay(peer: &str) -> GuessKey {
    GuessKey(format!("relay:{}", address(peer).0))
}

/// Secrets of one client from one address: nobody else can use up what is its own.
#[must_use]
pub fn client_secret(client: RelyingPartyId, peer: &str) -> GuessKey {
    GuessKey(format!("client:{client}:{}", address(peer).0))
}

/// Secrets of one token of another system from one address; tokens that nobody has are counted together.
/// Systems of many companies may come from one address: none of them uses up what is another's.
#[must_use]
pub fn program_token(token: Option<ProgramTokenId>, peer: &str) -> GuessKey {
    let token = token.map_or_else(|| "none".to_owned(), |token| token.to_string());
    GuessKey(format!("program:{token}:{}", address(peer).0))
}

/// Failures from one IPv6 site (/48); IPv4 has none.
#[must_use]
pub fn site(peer: &str) -> Option<GuessKey> {
    match parse(peer)? {
        IpAddr::V4(_) => None,
        IpAddr::V6(ip) => Some(GuessKey(format!("site:{}/48", network(ip, 48)))),
    }
}

/// An IPv4 address in IPv6 clothes is an IPv4 address.
fn parse(peer: &str) -> Option<IpAddr> {
    let bare = peer.trim().trim_start_matches('[').trim_end_matches(']');
    let bare = bare.split_once('%').map_or(bare, |(address, _zone)| address);
    bare.parse::<IpAddr>().map(|ip| ip.to_canonical()).ok()
}

fn network(ip: Ipv6Addr, bits: u32) -> Ipv6Addr {
    Ipv6Addr::from(u128::from(ip) & (u128::MAX << (128 - bits)))
}

const fn word(method: Method) -> &'static str {
    match method {
        Method::Password => "password",
        Method::Totp => "totp",
        Method::RecoveryCode => "recovery_code",
        Method::AccessPass => "access_pass",
        Method::MailedCode => "mailed_code",
        Method::Passkey => "passkey",
        Method::SecurityKey => "security_key",
        Method::Microsoft | Method::MicrosoftMfa => "microsoft",
    }
}

/// A span that is over counts no more.
fn forget(counter: GuessCounter, limit: Limit, now: Ts) -> GuessCounter {
    match limit.pace {
        Pace::Span(span) if now.since(counter.window_began_at) >= span => GuessCounter::default(),
        Pace::Pause(pause) if now.since(counter.last_at) >= pause => GuessCounter::default(),
        _ => counter,
    }
}

fn wait_after(failures: u32, limit: Limit) -> Duration {
    match limit.pace {
        Pace::Growing { free, longest_secs } if failures >= free => {
            Duration::from_secs(u64::from((failures - free + 1).min(longest_secs)))
        }
        _ => Duration::ZERO,
    }
}

/// After the clock was set back nobody should wait for the old time to come again. Nodes differ by
/// less than this.
fn is_clock_set_back(counter: GuessCounter, now: Ts) -> bool {
    counter.last_at.since(now) > Duration::from_mins(1)
}

#[cfg(test)]
mod tests;
