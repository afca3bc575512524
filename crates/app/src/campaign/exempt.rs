//! An admin says that somebody needs no second factor for a while, and why.

use std::time::Duration;

use model::{
    Role, Ts,
    audit::AuditKind,
    exemption::Exemption,
    ids::UserId,
    user::{User, UserState},
};
use store::{Tx, audit_log, exemptions, users};

use super::{DAY, day_ahead, has_factor, last_day};
use crate::{
    Admin, Error, House, Kind, Result, Visitor,
    accounts::{check_text, may_touch},
    letters::News,
};

/// The longest exemption: whoever needs more is looked at again.
const LONGEST: Duration = Duration::from_hours(90 * 24);
/// The longest reason, in characters.
const REASON: usize = 200;

/// What an admin says when they exempt somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewExemption {
    /// The last day, as browsers send dates.
    pub last_day: String,
    /// Why.
    pub reason: String,
}

impl House {
    /// Lets somebody who has no second factor sign in with a password alone, until the end of a day,
    /// where no rule decides. Nobody with a role, and not oneself.
    pub async fn exempt(
        &self,
        admin: &Admin,
        id: UserId,
        new: NewExemption,
        visitor: &Visitor,
    ) -> Result<()> {
        admin.require(Role::SecurityAdmin)?;
        admin.require_fresh(self.now())?;
        let exemption = new.read(admin, id, self.now())?;
        let (house, admin, visitor) = (self.clone(), admin.clone(), visitor.clone());
        self.store()
            .write(move |tx| {
                users::lock(tx, id)?;
                let user = users::by_id(tx, id)?.ok_or_else(|| Error::not_found("person"))?;
                may_be_exempt(tx, &user)?;
                exemptions::put(tx, &exemption)?;
                house.inform(tx, &user, &News::Exempt(exemption.until), &visitor)?;
                let kind = AuditKind::ExemptionGranted;
                let mut row = visitor.audit(&house, admin.actor(), kind, user.upn.as_str());
                let last = last_day(exemption.until).datetime().format("%Y-%m-%d");
                row.detail = format!("until {last}: {}", exemption.reason);
                Ok::<_, Error>(audit_log::record(tx, &row)?)
            })
            .await
    }

    /// Ends an exemption now: a second factor is asked for at the next token.
    pub async fn end_exemption(&self, admin: &Admin, id: UserId, visitor: &Visitor) -> Result<()> {
        admin.require(Role::SecurityAdmin)?;
        let (house, admin, visitor) = (self.clone(), admin.clone(), visitor.clone());
        self.store()
            .write(move |tx| {
                let user = users::by_id(tx, id)?.ok_or_else(|| Error::not_found("person"))?;
                may_touch(&admin, &user)?;
                if !exemptions::forget(tx, id)? {
                    let public =
                        "There is no exemption: it is over, or a second factor was set up.";
                    return Err(Error::new(Kind::Conflict, public));
                }
                let kind = AuditKind::ExemptionEnded;
                let row = visitor.audit(&house, admin.actor(), kind, user.upn.as_str());
                Ok(audit_log::record(tx, &row)?)
            })
            .await
    }
}

impl NewExemption {
    fn read(&self, admin: &Admin, user_id: UserId, now: Ts) -> Result<Exemption> {
        let none =
            || Error::invalid("last_day", "Choose the last day on which a password is enough.");
        let day = day_ahead(&self.last_day, "last_day", LONGEST, now)?.ok_or_else(none)?;
        let reason = self.reason.trim();
        if reason.is_empty() {
            return Err(Error::invalid("reason", "Say in a few words why, for the audit log."));
        }
        check_text("reason", reason, REASON)?;
        let (granted_by, reason) = (admin.user().id, reason.to_owned());
        Ok(Exemption { user_id, until: day + DAY, reason, granted_by, granted_at: now })
    }
}

/// Whoever has a second factor uses it, and a role is too much for a password alone.
fn may_be_exempt(tx: &mut Tx, user: &User) -> Result<()> {
    let conflict = |public: &str| Err(Error::new(Kind::Conflict, public));
    if user.role.is_some() {
        return conflict("Somebody with a role in the console always needs a second factor.");
    }
    if user.state != UserState::Active {
        return conflict("This person can't sign in at all. Unblock the account first.");
    }
    if has_factor(tx, user.id)? {
        return conflict(
            "This person has a second factor. If it is not at hand, give a temporary pass instead.",
        );
    }
    Ok(())
}
