//! The second-factor step: a code of the authenticator, or a recovery code. Both count under the
//! same counters (R016); a replayed code reads as a wrong one (R028).

use authn::{
    denial::Reason,
    lockout::{self, Limit},
    recovery_code, totp,
};
use model::{
    Actor, FactorEvent, Method,
    audit::{AuditKind, Outcome as AuditOutcome},
    ids::UserId,
    pending_request::PendingRequest,
};
use store::{Tx, audit_log, factors, users};

use super::{
    Outcome, Screen,
    password::{Key, uncount},
};
use crate::{House, Result, Visitor, letters::News, visitor::Secret};

impl House {
    /// Checks a code of the authenticator app.
    pub async fn sign_in_code(
        &self,
        handle: &Secret,
        visitor: &Visitor,
        typed: &str,
    ) -> Result<Outcome> {
        self.second_factor(handle, visitor, typed, Method::Totp).await
    }

    /// Checks a recovery code, and uses it up.
    pub async fn sign_in_recovery_code(
        &self,
        handle: &Secret,
        visitor: &Visitor,
        typed: &str,
    ) -> Result<Outcome> {
        self.second_factor(handle, visitor, typed, Method::RecoveryCode).await
    }

    async fn second_factor(
        &self,
        handle: &Secret,
        visitor: &Visitor,
        typed: &str,
        method: Method,
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
                match house.try_second_factor(tx, &visitor, person, &typed, method)? {
                    None => {
                        house.passed_factor(tx, &mut request, &visitor, method).map(Outcome::Next)
                    }
                    Some(reason) => {
                        Ok(Outcome::Again { screen, sentence: reason.sentence().to_owned() })
                    }
                }
            })
            .await
    }

    /// Counts, checks and audits one code of a person; used by sign-in and by step-up alike. The
    /// reason says why it was not taken.
    pub(crate) fn try_second_factor(
        &self,
        tx: &mut Tx,
        visitor: &Visitor,
        person: UserId,
        typed: &str,
        method: Method,
    ) -> Result<Option<Reason>> {
        let keys = second_factor_keys(person, method);
        let refused = if self.count(tx, &keys)? {
            self.check_code(tx, person, typed, method)?
        } else {
            Some(Reason::TooManyCodes)
        };
        if refused.is_none() {
            uncount(tx, &keys)?;
            self.inform_of_recovery_code(tx, visitor, person, method)?;
        }
        self.audit_factor(tx, visitor, person, refused)?;
        Ok(refused)
    }

    fn inform_of_recovery_code(
        &self,
        tx: &mut Tx,
        visitor: &Visitor,
        person: UserId,
        method: Method,
    ) -> Result<()> {
        let (Method::RecoveryCode, Some(user)) = (method, users::by_id(tx, person)?) else {
            return Ok(());
        };
        let left = factors::recovery_codes_left(tx, person)?;
        self.inform(tx, &user, &News::RecoveryCodeUsed(left), visitor)
    }

    fn check_code(
        &self,
        tx: &mut Tx,
        person: UserId,
        typed: &str,
        method: Method,
    ) -> Result<Option<Reason>> {
        if method == Method::RecoveryCode {
            let wrong = Some(Reason::WrongCode);
            let Some(digest) = recovery_code::digest(typed) else { return Ok(wrong) };
            let used = factors::use_recovery_code(tx, person, &digest, self.now())?;
            return Ok(if used { None } else { wrong });
        }
        let mut reason = Reason::WrongCode;
        for factor in factors::totp_of(tx, person)? {
            match totp::check(&factor.secret, typed, self.now(), factor.last_step) {
                totp::CodeCheck::Accepted { step } => {
                    if factors::accept_totp_step(tx, factor.id, step)? {
                        return Ok(None);
                    }
                    reason = Reason::ReplayedCode;
                }
                totp::CodeCheck::Replayed => reason = Reason::ReplayedCode,
                totp::CodeCheck::Wrong => {}
            }
        }
        Ok(Some(reason))
    }

    fn passed_factor(
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
        refused: Option<Reason>,
    ) -> Result<()> {
        let upn = users::by_id(tx, person)?.map(|user| user.upn.to_string()).unwrap_or_default();
        let kind = match refused {
            Some(Reason::TooManyCodes) => AuditKind::Throttled,
            _ => AuditKind::FactorChecked,
        };
        let mut row = visitor.audit(self, Actor::Person(person), kind, &upn);
        if let Some(reason) = refused {
            row.outcome = AuditOutcome::Refused;
            reason.as_str().clone_into(&mut row.detail);
        }
        Ok(audit_log::record(tx, &row)?)
    }
}

/// What a person's codes of one kind count under: a short window and a day (R016).
pub(crate) fn second_factor_keys(person: UserId, method: Method) -> Vec<Key> {
    vec![
        (lockout::second_factor(person, method), Limit::SECOND_FACTOR),
        (lockout::second_factor_day(person, method), Limit::SECOND_FACTOR_DAY),
    ]
}
