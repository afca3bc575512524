//! The second-factor step: a code of the authenticator, or one on paper. Each kind counts under
//! counters of its own (R016); a replayed code reads as a wrong one (R028).

use authn::{
    access_pass,
    denial::Reason,
    lockout::{self, Limit, Permit},
    recovery_code, totp,
};
use model::{
    Actor, FactorEvent, Method,
    audit::{AuditKind, Outcome as AuditOutcome},
    ids::UserId,
    pending_request::PendingRequest,
};
use store::{Tx, access_passes, audit_log, factors, users};

use super::{
    Outcome, Screen,
    password::{Key, uncount},
};
use crate::{House, Result, Visitor, letters::News, visitor::Secret};

/// What may be on a sheet of paper: a pass of the help desk, or a recovery code.
const ON_PAPER: &[Method] = &[Method::AccessPass, Method::RecoveryCode];

/// How one typed code fared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tried {
    /// It was right, and proves this.
    Passed(Method),
    /// It was not taken.
    Refused(Reason),
}

impl House {
    /// Checks a code of the authenticator app.
    pub async fn sign_in_code(
        &self,
        handle: &Secret,
        visitor: &Visitor,
        typed: &str,
    ) -> Result<Outcome> {
        self.second_factor(handle, visitor, typed, &[Method::Totp]).await
    }

    /// Checks a recovery code, or a pass of the help desk in its place, and uses it up.
    pub async fn sign_in_recovery_code(
        &self,
        handle: &Secret,
        visitor: &Visitor,
        typed: &str,
    ) -> Result<Outcome> {
        self.second_factor(handle, visitor, typed, ON_PAPER).await
    }

    async fn second_factor(
        &self,
        handle: &Secret,
        visitor: &Visitor,
        typed: &str,
        methods: &'static [Method],
    ) -> Result<Outcome> {
        let (house, handle, visitor) = (self.clone(), handle.clone(), visitor.clone());
        let typed = typed.to_owned();
        self.store()
            .write(move |tx| {
                let Some(mut request) = house.pending(tx, &handle, &visitor)? else {
                    return Ok(Outcome::Expired);
                };
                let screen = house.screen(tx, &request, &visitor)?;
                let (Screen::SecondFactor { .. }, Some(person)) = (&screen, request.user_id) else {
                    return Ok(Outcome::Next(screen));
                };
                // What is good once is not used up for nothing.
                if !methods.iter().any(|&method| request.purpose.takes(method)) {
                    return Ok(Outcome::Next(screen));
                }
                match house.try_second_factor(tx, &visitor, person, &typed, methods)? {
                    Tried::Passed(method) => {
                        house.passed_factor(tx, &mut request, &visitor, method).map(Outcome::Next)
                    }
                    Tried::Refused(reason) => {
                        Ok(Outcome::Again { screen, sentence: reason.sentence().to_owned() })
                    }
                }
            })
            .await
    }

    /// Counts, checks and audits one typed code of a person, which may be of any of these kinds; used
    /// by sign-in and by step-up alike.
    pub(crate) fn try_second_factor(
        &self,
        tx: &mut Tx,
        visitor: &Visitor,
        person: UserId,
        typed: &str,
        methods: &[Method],
    ) -> Result<Tried> {
        let (mut counted, mut tried) = (Vec::new(), Tried::Refused(Reason::WrongCode));
        for &method in methods {
            if method == Method::AccessPass && !self.has_access_pass(tx, person)? {
                continue;
            }
            let keys = second_factor_keys(person, method);
            tried = match self.count(tx, &keys)? {
                Some(permit) => {
                    counted.extend(keys);
                    self.check_code(tx, person, (typed, permit), method)?
                }
                None => Tried::Refused(Reason::TooManyCodes),
            };
            if let Tried::Passed(method) = tried {
                uncount(tx, &counted)?;
                self.inform_of_paper(tx, visitor, person, method)?;
                break;
            }
        }
        self.audit_factor(tx, visitor, person, tried)?;
        Ok(tried)
    }

    /// Whether a pass is waiting: without one nothing is counted against it.
    fn has_access_pass(&self, tx: &mut Tx, person: UserId) -> Result<bool> {
        Ok(access_passes::of_user(tx, person, self.now())?.is_some())
    }

    fn inform_of_paper(
        &self,
        tx: &mut Tx,
        visitor: &Visitor,
        person: UserId,
        method: Method,
    ) -> Result<()> {
        let Some(user) = users::by_id(tx, person)? else { return Ok(()) };
        let news = match method {
            Method::RecoveryCode => {
                News::RecoveryCodeUsed(factors::recovery_codes_left(tx, person)?)
            }
            Method::AccessPass => News::AccessPassUsed,
            _ => return Ok(()),
        };
        self.inform(tx, &user, &news, visitor)
    }

    fn check_code(
        &self,
        tx: &mut Tx,
        person: UserId,
        (typed, permit): (&str, Permit),
        method: Method,
    ) -> Result<Tried> {
        let now = self.now();
        let used = match method {
            Method::RecoveryCode => match recovery_code::digest(typed, &permit) {
                Some(digest) => factors::use_recovery_code(tx, person, &digest, now)?,
                None => false,
            },
            Method::AccessPass => match access_pass::digest(typed, &permit) {
                Some(digest) => access_passes::take(tx, person, &digest, now)?,
                None => false,
            },
            _ => return self.check_totp(tx, person, (typed, permit)),
        };
        Ok(if used { Tried::Passed(method) } else { Tried::Refused(Reason::WrongRecoveryCode) })
    }

    fn check_totp(
        &self,
        tx: &mut Tx,
        person: UserId,
        (typed, permit): (&str, Permit),
    ) -> Result<Tried> {
        let mut reason = Reason::WrongCode;
        for factor in factors::totp_of(tx, person)? {
            match totp::check(&factor.secret, typed, (self.now(), factor.last_step), &permit) {
                totp::CodeCheck::Accepted { step } => {
                    if factors::accept_totp_step(tx, factor.id, step)? {
                        return Ok(Tried::Passed(Method::Totp));
                    }
                    reason = Reason::ReplayedCode;
                }
                totp::CodeCheck::Replayed => reason = Reason::ReplayedCode,
                totp::CodeCheck::Wrong => {}
            }
        }
        Ok(Tried::Refused(reason))
    }

    pub(super) fn passed_factor(
        &self,
        tx: &mut Tx,
        request: &mut PendingRequest,
        visitor: &Visitor,
        method: Method,
    ) -> Result<Screen> {
        request.events.push(FactorEvent { method, at: self.now() });
        self.advance(tx, request, visitor)
    }

    pub(crate) fn audit_factor(
        &self,
        tx: &mut Tx,
        visitor: &Visitor,
        person: UserId,
        tried: Tried,
    ) -> Result<()> {
        let upn = users::by_id(tx, person)?.map(|user| user.upn.to_string()).unwrap_or_default();
        let kind = match tried {
            Tried::Refused(Reason::TooManyCodes) => AuditKind::Throttled,
            _ => AuditKind::FactorChecked,
        };
        let mut row = visitor.audit(self, Actor::Person(person), kind, &upn);
        match tried {
            Tried::Refused(reason) => {
                row.outcome = AuditOutcome::Refused;
                reason.as_str().clone_into(&mut row.detail);
            }
            Tried::Passed(Method::AccessPass) => "access pass".clone_into(&mut row.detail),
            Tried::Passed(Method::MailedCode) => "code by e-mail".clone_into(&mut row.detail),
            Tried::Passed(Method::RecoveryCode) => "recovery code".clone_into(&mut row.detail),
            Tried::Passed(_) => {}
        }
        Ok(audit_log::record(tx, &row)?)
    }
}

/// What a person's codes of one kind count under: a short window and a day (R016).
pub(crate) fn second_factor_keys(person: UserId, method: Method) -> Vec<Key> {
    let at_once =
        if method == Method::MailedCode { Limit::MAILED_CODE } else { Limit::SECOND_FACTOR };
    vec![
        (lockout::second_factor(person, method), at_once),
        (lockout::second_factor_day(person, method), Limit::SECOND_FACTOR_DAY),
    ]
}
