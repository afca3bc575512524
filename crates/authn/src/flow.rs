//! The sign-in as a typed state machine (R040): what has been proved, what the account has and what
//! is demanded decide the one step that comes next.
//!
//! Order: password (or the link of a reset), second factor (or enrolling one), a new password if one
//! is due, granted. A passkey that verified its person is both factors at once (R037). A Microsoft
//! account takes the place of the password, unless the password itself or a fresh proof is wanted: how
//! fresh it is nobody here knows. Where a rule
//! takes nothing that can be given away to a false page, a key is asked for, and neither code nor app
//! in its place. The
//! state is the pending request's row and the session's ledger; nothing here remembers anything, so
//! no order of requests can skip a step. Whoever acts on a request asks [`next`] first and refuses
//! what is not the step it names.

mod confirm;

use std::time::Duration;

use model::{
    FactorEvent, Method, Proof, Role, Ts, pending_request::Demand, session::SessionAudience,
    user::UserState,
};

use crate::{
    denial::Reason,
    policy::{MfaPolicy, Policy},
};
pub use confirm::confirm;

/// Everything that decides the next step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowState {
    /// Which door is being opened.
    pub audience: SessionAudience,
    /// What the request demands.
    pub demand: Demand,
    /// When the request was made: what was proved since then is always new enough.
    pub began_at: Ts,
    /// What this browser has proved: the live session's events and the request's own.
    pub events: Vec<FactorEvent>,
    /// The account's owner has used a link that they were mailed: it stands for the password, and a
    /// new one is chosen after the second factor (R042).
    pub resetting: bool,
    /// Whose account it is; `None` until the right password or a passkey named one.
    pub account: Option<Account>,
}

/// What counts of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account {
    /// May they sign in at all?
    pub standing: Standing,
    /// What they can prove a second time with.
    pub factors: Factors,
    /// What they may enrol with.
    pub enrollment: Enrollment,
    /// The first password must be changed before this time (R010); `None` for a lasting one.
    pub must_change_before: Option<Ts>,
    /// Whether the console may open.
    pub console: Console,
}

/// Whether a person may sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// They may.
    Active,
    /// They are blocked or gone.
    Blocked,
    /// A rule of the policy does not let them do this, from there.
    Forbidden,
}

/// Which second factors an account has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Factors {
    /// No confirmed one.
    None,
    /// These.
    Enrolled(Devices),
}

/// What an account proves a second time with; one of them at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Devices {
    /// An authenticator app.
    App,
    /// A passkey or security key.
    Keys,
    /// Both.
    Both,
}

/// Whether the account may enrol with no other factor at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enrollment {
    /// It never completed an enrolment: the grace period of the policy is enough.
    First,
    /// It did once: a password alone never enrols again (R033).
    Again,
    /// It was begun for this request, by the one-time code or in the grace period.
    Begun {
        /// The account had completed one before.
        again: bool,
    },
}

/// Whether a person has a role in the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Console {
    /// They have.
    Allowed,
    /// They have not.
    Closed,
}

/// What comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Ask for name and password.
    FirstFactor {
        /// A passkey may take their place.
        passkey: bool,
        /// A linked Microsoft account may.
        microsoft: bool,
    },
    /// Ask for a second factor: one of these, or a code on paper in their place (a recovery code, or
    /// a pass of the help desk).
    SecondFactor {
        /// What it may be.
        with: Devices,
    },
    /// Ask for a passkey or security key; nothing else will do.
    Key,
    /// Have a second factor enrolled.
    Enroll {
        /// The one-time enrolment code must be typed first.
        needs_code: bool,
        /// It must be a passkey or security key.
        only_key: bool,
        /// They may put it off.
        may_wait: bool,
    },
    /// Have a new password chosen.
    ChangePassword,
    /// Everything that is demanded was proved.
    Granted(Proof),
    /// The second factor that somebody else asks for was proved; nobody is signed in by it. Only
    /// [`confirm`] gives it.
    Confirmed(Proof),
    /// It ends here.
    Denied(Reason),
}

/// The next step.
#[must_use]
pub fn next(state: &FlowState, policy: &Policy, now: Ts) -> Step {
    let proved = state.proved(now);
    let passkey = !state.demand.password;
    let microsoft = passkey && state.demand.max_age.is_none();
    let first = Step::FirstFactor { passkey, microsoft };
    let has_begun = |event: &FactorEvent| match event.method {
        Method::Password => true,
        method => method.is_first_factor() && passkey,
    };
    let has_begun = state.resetting || proved.iter().any(has_begun);
    let (Some(account), true) = (&state.account, has_begun) else {
        return first;
    };
    // A first password is nobody's business until it is typed.
    let account = Account {
        must_change_before: account
            .must_change_before
            .filter(|_| proved.iter().any(|event| event.method == Method::Password)),
        ..*account
    };
    if let Some(reason) = refusal(state.audience, &account, now) {
        return Step::Denied(reason);
    }
    let has = |enough: fn(Method) -> bool| proved.iter().any(|event| enough(event.method));
    if policy.mfa == MfaPolicy::PhishingResistant && !has(Method::resists_phishing) {
        return key(&account, policy, now);
    }
    let enough = match state.audience {
        SessionAudience::Employee if !state.resetting => Method::is_second_factor,
        _ => Method::is_second_factor_here,
    };
    if needs_factor(state, &account, policy) && !has(enough) {
        return second_factor(state, &account, policy, now);
    }
    if account.must_change_before.is_some() || state.resetting {
        return Step::ChangePassword;
    }
    Proof::from_events(proved).map_or(first, Step::Granted)
}

impl Devices {
    /// These; `None` when there is none.
    #[must_use]
    pub const fn of(app: bool, keys: bool) -> Option<Self> {
        match (app, keys) {
            (true, true) => Some(Self::Both),
            (true, false) => Some(Self::App),
            (false, true) => Some(Self::Keys),
            (false, false) => None,
        }
    }

    /// Whether an authenticator app is among them.
    #[must_use]
    pub const fn has_app(self) -> bool {
        matches!(self, Self::App | Self::Both)
    }

    /// Whether a passkey or security key is among them.
    #[must_use]
    pub const fn has_keys(self) -> bool {
        matches!(self, Self::Keys | Self::Both)
    }
}

impl From<UserState> for Standing {
    fn from(state: UserState) -> Self {
        match state {
            UserState::Active => Self::Active,
            UserState::Blocked | UserState::Deleted => Self::Blocked,
        }
    }
}

impl From<Option<Role>> for Console {
    fn from(role: Option<Role>) -> Self {
        role.map_or(Self::Closed, |_| Self::Allowed)
    }
}

impl FlowState {
    /// What was proved and is as new as the request demands; of what was proved elsewhere nobody here
    /// knows how new it is.
    #[must_use]
    pub fn proved(&self, now: Ts) -> Vec<FactorEvent> {
        let is_new_enough = |event: &&FactorEvent| match self.demand.max_age {
            None => true,
            Some(_) if event.method.is_elsewhere() => false,
            Some(age) => {
                event.at >= self.began_at || now.since(event.at) <= Duration::from_secs(age)
            }
        };
        self.events.iter().filter(is_new_enough).copied().collect()
    }
}

/// A second factor is needed where the house, the request or the door demands it, and where a first
/// password is about to become a lasting one of somebody who has one (R009).
fn needs_factor(state: &FlowState, account: &Account, policy: &Policy) -> bool {
    policy.mfa == MfaPolicy::Always
        || state.demand.mfa
        || state.resetting
        || state.audience == SessionAudience::Admin
        || (account.must_change_before.is_some() && account.factors != Factors::None)
}

fn second_factor(state: &FlowState, account: &Account, policy: &Policy, now: Ts) -> Step {
    match account.factors {
        Factors::Enrolled(with) => Step::SecondFactor { with },
        Factors::None => Step::Enroll {
            needs_code: needs_code(account, policy, now),
            only_key: false,
            may_wait: may_wait(state, account, policy, now),
        },
    }
}

/// Whoever has never had a second factor may put it off while the campaign runs, but not where the
/// request itself demands one, nor with a role.
fn may_wait(state: &FlowState, account: &Account, policy: &Policy, now: Ts) -> bool {
    policy.may_put_off
        && policy.mfa == MfaPolicy::Always
        && matches!(account.enrollment, Enrollment::First | Enrollment::Begun { again: false })
        && account.console == Console::Closed
        && policy.enrollment_grace_until.is_some_and(|until| now < until)
        && !state.demand.mfa
        && !state.resetting
        && state.audience == SessionAudience::Employee
}

/// A key is registered here by whoever has no factor at all; whoever has one adds it with that (R032).
fn key(account: &Account, policy: &Policy, now: Ts) -> Step {
    match account.factors {
        Factors::Enrolled(with) if with.has_keys() => Step::Key,
        Factors::Enrolled(_) => Step::Denied(Reason::NoPasskey),
        Factors::None => {
            let needs_code = needs_code(account, policy, now);
            Step::Enroll { needs_code, only_key: true, may_wait: false }
        }
    }
}

fn needs_code(account: &Account, policy: &Policy, now: Ts) -> bool {
    match account.enrollment {
        Enrollment::First => policy.enrollment_grace_until.is_none_or(|until| now >= until),
        Enrollment::Again => true,
        Enrollment::Begun { .. } => false,
    }
}

/// Only somebody who proved the first factor learns any of this (R022).
fn refusal(audience: SessionAudience, account: &Account, now: Ts) -> Option<Reason> {
    if account.standing == Standing::Blocked {
        return Some(Reason::Blocked);
    }
    if account.standing == Standing::Forbidden {
        return Some(Reason::Forbidden);
    }
    if account.must_change_before.is_some_and(|until| now >= until) {
        return Some(Reason::FirstPasswordExpired);
    }
    (audience == SessionAudience::Admin && account.console == Console::Closed)
        .then_some(Reason::NoRole)
}

#[cfg(test)]
mod tests;
