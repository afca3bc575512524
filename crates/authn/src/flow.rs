//! The sign-in as a typed state machine (R040): what has been proved, what the account has and what
//! is demanded decide the one step that comes next.
//!
//! Order: password, second factor (or enrolling one), a new password if one is due, granted. The
//! state is the pending request's row and the session's ledger; nothing here remembers anything, so
//! no order of requests can skip a step. Whoever acts on a request asks [`next`] first and refuses
//! what is not the step it names.

use std::time::Duration;

use model::{
    FactorEvent, Method, Proof, Role, Ts,
    credential::Credential,
    pending_request::Demand,
    session::SessionAudience,
    user::{User, UserState},
};

use crate::{
    denial::Reason,
    policy::{MfaPolicy, Policy},
};

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
    /// Whose account it is; `None` until the right password named one.
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
    /// An authenticator app, and this many unused recovery codes.
    Totp {
        /// Unused recovery codes.
        recovery_codes: usize,
    },
}

/// Whether the account may enrol with no other factor at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enrollment {
    /// It never completed an enrolment: the grace period of the policy is enough.
    First,
    /// It did once: a password alone never enrols again (R033).
    Again,
    /// The one-time code was redeemed for this request.
    CodeRedeemed,
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
    Password,
    /// Ask for a second factor.
    SecondFactor {
        /// Unused recovery codes; with none, don't offer them.
        recovery_codes: usize,
    },
    /// Have a second factor enrolled.
    Enroll {
        /// The one-time enrolment code must be typed first.
        needs_code: bool,
    },
    /// Have a new password chosen.
    ChangePassword,
    /// Everything that is demanded was proved.
    Granted(Proof),
    /// It ends here.
    Denied(Reason),
}

/// The next step.
#[must_use]
pub fn next(state: &FlowState, policy: &Policy, now: Ts) -> Step {
    let proved = state.proved(now);
    let (Some(account), true) = (&state.account, has(&proved, Method::Password)) else {
        return Step::Password;
    };
    if let Some(reason) = refusal(state.audience, account, now) {
        return Step::Denied(reason);
    }
    if needs_factor(state, account, policy) && !proved.iter().any(|e| e.method.is_second_factor()) {
        return second_factor(account, policy, now);
    }
    if account.must_change_before.is_some() {
        return Step::ChangePassword;
    }
    Proof::from_events(proved).map_or(Step::Password, Step::Granted)
}

impl Account {
    /// What counts of these rows.
    #[must_use]
    pub fn of(
        user: &User,
        credential: &Credential,
        factors: Factors,
        enrollment: Enrollment,
    ) -> Self {
        Self {
            standing: user.state.into(),
            factors,
            enrollment,
            must_change_before: credential.must_change_before,
            console: user.role.into(),
        }
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
    /// What was proved and is as new as the request demands.
    #[must_use]
    pub fn proved(&self, now: Ts) -> Vec<FactorEvent> {
        let is_new_enough = |event: &&FactorEvent| {
            event.at >= self.began_at
                || self
                    .demand
                    .max_age
                    .is_none_or(|age| now.since(event.at) <= Duration::from_secs(age))
        };
        self.events.iter().filter(is_new_enough).copied().collect()
    }
}

/// A second factor is needed where the house, the request or the door demands it, and where a first
/// password is about to become a lasting one of somebody who has one (R009).
fn needs_factor(state: &FlowState, account: &Account, policy: &Policy) -> bool {
    policy.mfa == MfaPolicy::Always
        || state.demand.mfa
        || state.audience == SessionAudience::Admin
        || (account.must_change_before.is_some() && account.factors != Factors::None)
}

fn second_factor(account: &Account, policy: &Policy, now: Ts) -> Step {
    match account.factors {
        Factors::Totp { recovery_codes } => Step::SecondFactor { recovery_codes },
        Factors::None => {
            let grace = policy.enrollment_grace_until.is_some_and(|until| now < until);
            let needs_code = match account.enrollment {
                Enrollment::First => !grace,
                Enrollment::Again => true,
                Enrollment::CodeRedeemed => false,
            };
            Step::Enroll { needs_code }
        }
    }
}

/// Only somebody who gave the right password learns any of this (R022).
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

fn has(events: &[FactorEvent], method: Method) -> bool {
    events.iter().any(|event| event.method == method)
}

#[cfg(test)]
mod tests;
