//! Unlocking: what was tried too often is checked again, as somebody who knows the person says so.

use authn::lockout::{self, Limit};
use model::{Method, Role, Ts, audit::AuditKind, guess::GuessCounter, ids::UserId};
use store::{Tx, audit_log, guess_counters, users};

use super::{forgive_guesses, may_reset};
use crate::{Admin, Error, House, Kind, Result, Visitor};

/// The codes that people type, each counted by itself.
const CODES: [Method; 4] =
    [Method::Totp, Method::RecoveryCode, Method::AccessPass, Method::MailedCode];

/// What was tried so often for one person that it is not even checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UsedUp {
    /// Passwords from browsers that were not used for this account before: a hundred were wrong in a row.
    pub passwords: bool,
    /// Codes of one kind: twenty were wrong within a day.
    pub codes: bool,
}

impl House {
    /// Lets passwords and codes of a person be tried again.
    pub async fn unlock(&self, admin: &Admin, id: UserId, visitor: &Visitor) -> Result<()> {
        admin.require(Role::HelpDesk)?;
        admin.require_fresh(self.now())?;
        let (house, admin, visitor) = (self.clone(), admin.clone(), visitor.clone());
        self.store()
            .write(move |tx| {
                users::lock(tx, id)?;
                let user = users::by_id(tx, id)?.ok_or_else(|| Error::not_found("person"))?;
                may_reset(&admin, &user)?;
                if used_up(tx, id, house.now())? == UsedUp::default() {
                    let public = "Nothing is locked: passwords and codes are checked.";
                    return Err(Error::new(Kind::Conflict, public));
                }
                forgive_all(tx, id)?;
                let (kind, upn) = (AuditKind::UserUnlocked, user.upn.as_str());
                let row = visitor.audit(&house, admin.actor(), kind, upn);
                Ok(audit_log::record(tx, &row)?)
            })
            .await
    }
}

/// Lets passwords and codes of a person be tried again.
pub(super) fn forgive_all(tx: &mut Tx, id: UserId) -> Result<()> {
    forgive_guesses(tx, id)?;
    for method in CODES {
        let key = lockout::second_factor_day(id, method);
        guess_counters::put(tx, &key, &GuessCounter::default())?;
    }
    Ok(())
}

/// What is used up for a person now.
pub(super) fn used_up(tx: &mut Tx, id: UserId, now: Ts) -> Result<UsedUp> {
    let mut is_used_up = |key, limit| -> Result<bool> {
        Ok(lockout::is_used_up(guess_counters::get(tx, &key)?, limit, now))
    };
    let passwords = is_used_up(lockout::password(id), Limit::PASSWORD)?;
    let mut codes = false;
    for method in CODES {
        codes |= is_used_up(lockout::second_factor_day(id, method), Limit::SECOND_FACTOR_DAY)?;
    }
    Ok(UsedUp { passwords, codes })
}
