//! What the house demands of a sign-in, and how long a session lasts.
//!
//! It knows no protocol: what a single request demands on top is `model`'s `Demand`.

mod rules;

use std::time::Duration;

use model::{Proof, Ts, policy::Rule, session::Session};

pub use rules::{Circumstances, Misfit, Ruling, Verdict, is_broad_for_programs, misfit};

/// When a second factor is needed, and which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MfaPolicy {
    /// At every sign-in, and nothing but a passkey or security key will do.
    PhishingResistant,
    /// At every sign-in of everybody.
    Always,
    /// When the request demands it; at the console always (R146).
    OnDemand,
}

impl MfaPolicy {
    /// Whether what was proved is enough.
    #[must_use]
    pub fn is_met_by(self, proof: &Proof) -> bool {
        match self {
            Self::PhishingResistant => proof.resists_phishing(),
            Self::Always => proof.mfa().is_some(),
            Self::OnDemand => true,
        }
    }
}

/// What the house demands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// When a second factor is needed where no rule decides.
    pub mfa: MfaPolicy,
    /// The published rules, in their order.
    pub rules: Vec<Rule>,
    /// Until then a new account may enrol with its password alone; `None`: never (R033).
    pub enrollment_grace_until: Option<Ts>,
    /// Whether people without a second factor may put it off until then.
    pub may_put_off: bool,
    /// Whether there may be people who need no second factor for a while.
    pub has_exemptions: bool,
    /// Whether a code by mail may stand in where the house alone asks for a second factor.
    pub takes_mailed_codes: bool,
    /// The wished minimum; [`Policy::min_password_length`] is what counts.
    pub wished_password_length: usize,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            mfa: MfaPolicy::Always,
            rules: Vec::new(),
            enrollment_grace_until: None,
            may_put_off: false,
            has_exemptions: false,
            takes_mailed_codes: false,
            wished_password_length: 15,
        }
    }
}

impl Policy {
    /// The shortest password allowed: 15 characters, or down to 8 while everybody needs a second
    /// factor (R004).
    #[must_use]
    pub fn min_password_length(&self) -> usize {
        let floor = if self.asks_everybody() { 8 } else { 15 };
        self.wished_password_length.max(floor)
    }

    /// Whether every sign-in asks for a second factor, whoever it is and whatever is asked for.
    #[must_use]
    pub fn asks_everybody(&self) -> bool {
        let spares = self.spares_factors()
            || self.may_put_off
            || self.has_exemptions
            || self.takes_mailed_codes;
        match self.mfa {
            MfaPolicy::OnDemand => false,
            MfaPolicy::Always | MfaPolicy::PhishingResistant => !spares,
        }
    }
}

/// How long a session lasts (R052).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLimits {
    idle: Duration,
    absolute: Duration,
}

impl SessionLimits {
    /// The defaults for employees: 60 minutes idle, 12 hours in all.
    pub const EMPLOYEE: Self =
        Self { idle: Duration::from_hours(1), absolute: Duration::from_hours(12) };
    /// The defaults for the console: 15 minutes idle, 8 hours in all.
    pub const ADMIN: Self =
        Self { idle: Duration::from_mins(15), absolute: Duration::from_hours(8) };

    /// Other limits, cut to the upper bounds of 24 hours idle and 30 days in all.
    #[must_use]
    pub fn new(idle: Duration, absolute: Duration) -> Self {
        Self {
            idle: idle.min(Duration::from_hours(24)),
            absolute: absolute.min(Duration::from_hours(30 * 24)),
        }
    }

    /// How long it may lie unused.
    #[must_use]
    pub const fn idle(&self) -> Duration {
        self.idle
    }

    /// How long it lasts in all.
    #[must_use]
    pub const fn absolute(&self) -> Duration {
        self.absolute
    }
}

/// Whether a session still opens its door.
#[must_use]
pub fn is_live(session: &Session, limits: &SessionLimits, now: Ts) -> bool {
    session.ended_at.is_none()
        && now.since(session.last_seen_at) < limits.idle
        && now.since(session.created_at) < limits.absolute
}

#[cfg(test)]
mod tests {
    use model::{
        ids::{SessionId, UserId},
        session::{ClientInfo, SessionAudience},
    };

    use super::*;

    fn session() -> Session {
        Session {
            id: SessionId("0193a000-0000-7000-8000-000000000001".parse().unwrap()),
            user_id: UserId("0193a000-0000-7000-8000-000000000002".parse().unwrap()),
            audience: SessionAudience::Employee,
            events: Vec::new(),
            created_at: Ts::from_secs(1_000),
            last_seen_at: Ts::from_secs(1_000),
            ended_at: None,
            client: ClientInfo::default(),
            remembered: None,
        }
    }

    #[test]
    fn a_session_ends_when_idle_when_old_and_by_hand() {
        let limits = SessionLimits::EMPLOYEE;
        let mut s = session();
        assert!(is_live(&s, &limits, Ts::from_secs(1_000 + 3_599)));
        assert!(!is_live(&s, &limits, Ts::from_secs(1_000 + 3_600)));
        s.last_seen_at = Ts::from_secs(1_000 + 43_199);
        assert!(is_live(&s, &limits, Ts::from_secs(1_000 + 43_199)));
        assert!(!is_live(&s, &limits, Ts::from_secs(1_000 + 43_200)));
        s = session();
        s.ended_at = Some(Ts::from_secs(1_001));
        assert!(!is_live(&s, &limits, Ts::from_secs(1_002)));
    }

    /// R052
    #[test]
    fn a_console_session_is_shorter() {
        let limits = SessionLimits::ADMIN;
        assert!(is_live(&session(), &limits, Ts::from_secs(1_000 + 899)));
        assert!(!is_live(&session(), &limits, Ts::from_secs(1_000 + 900)));
        let mut busy = session();
        busy.last_seen_at = Ts::from_secs(1_000 + 28_800);
        assert!(!is_live(&busy, &limits, Ts::from_secs(1_000 + 28_800)));
    }

    /// R052
    #[test]
    fn limits_have_upper_bounds() {
        let limits = SessionLimits::new(Duration::from_hours(90 * 24), Duration::MAX);
        assert_eq!(limits.idle(), Duration::from_hours(24));
        assert_eq!(limits.absolute(), Duration::from_hours(30 * 24));
    }

    /// R004
    #[test]
    fn short_passwords_are_for_houses_that_always_ask_for_a_second_factor() {
        let mut policy = Policy { wished_password_length: 4, ..Policy::default() };
        assert_eq!(policy.min_password_length(), 8);
        policy.mfa = MfaPolicy::OnDemand;
        assert_eq!(policy.min_password_length(), 15);
        policy.wished_password_length = 20;
        assert_eq!(policy.min_password_length(), 20);
        let usual = Policy { wished_password_length: 4, ..Policy::default() };
        let put_off = Policy { may_put_off: true, ..usual.clone() };
        let exempting = Policy { has_exemptions: true, ..usual.clone() };
        let mailing = Policy { takes_mailed_codes: true, ..usual };
        for policy in [put_off, exempting, mailing] {
            assert_eq!(policy.min_password_length(), 15, "a password stands alone somewhere");
        }
    }
}
