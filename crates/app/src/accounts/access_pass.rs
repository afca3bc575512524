//! The temporary access pass: the help desk gives it to somebody whose phone or key is not at hand,
//! after hearing who they are. It stands in for the second factor in one sign-in, and confirms
//! nothing afterwards: whoever came by a pass adds no factor and makes no recovery codes.

use authn::access_pass;
use model::{
    Method, Role, audit::AuditKind, factor::AccessPass, guess::GuessCounter, ids::UserId,
    user::UserState,
};
use secrecy::SecretString;
use store::{Tx, access_passes, audit_log, guess_counters, users};

use super::{check_text, factors_of, may_reset};
use crate::{
    Admin, Error, House, Kind, Result, Visitor, letters::News, sign_in::second_factor_keys,
};

/// The longest reason, in characters.
const REASON: usize = 200;

/// What an admin says when they give a pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAccessPass {
    /// How many hours it is good: one of [`access_pass::HOURS`].
    pub hours: u64,
    /// Why it is given; kept in the audit log.
    pub reason: String,
}

impl House {
    /// Gives a person a pass, shown once; an older one is void. Whoever has no second factor needs an
    /// enrolment code instead, and nobody gives one to themselves.
    pub async fn give_access_pass(
        &self,
        admin: &Admin,
        id: UserId,
        new: NewAccessPass,
        visitor: &Visitor,
    ) -> Result<SecretString> {
        admin.require(Role::HelpDesk)?;
        admin.require_fresh(self.now())?;
        let (text, digest) = access_pass::from_random(self.draw());
        let pass = self.new_access_pass(admin, id, &new, digest)?;
        let (house, admin, visitor) = (self.clone(), admin.clone(), visitor.clone());
        self.store()
            .write(move |tx| {
                users::lock(tx, id)?;
                let user = users::by_id(tx, id)?.ok_or_else(|| Error::not_found("person"))?;
                may_reset(&admin, &user)?;
                needs_one(tx, &admin, id, user.state)?;
                // In the order of a sign-in, which counts before it looks: neither waits for the other.
                for (key, _) in second_factor_keys(id, Method::AccessPass) {
                    guess_counters::put(tx, &key, &GuessCounter::default())?;
                }
                access_passes::put(tx, &pass)?;
                house.inform(tx, &user, &News::AccessPassGiven(new.hours), &visitor)?;
                let (kind, upn) = (AuditKind::AccessPassGiven, user.upn.as_str());
                let mut row = visitor.audit(&house, admin.actor(), kind, upn);
                row.detail = format!("for {} h: {}", new.hours, pass.reason);
                Ok::<_, Error>(audit_log::record(tx, &row)?)
            })
            .await?;
        Ok(text.into())
    }

    fn new_access_pass(
        &self,
        admin: &Admin,
        user_id: UserId,
        new: &NewAccessPass,
        digest: [u8; 32],
    ) -> Result<AccessPass> {
        let none = || Error::invalid("hours", "Choose how long the pass is good.");
        let lifetime = access_pass::lifetime(new.hours).ok_or_else(none)?;
        let reason = new.reason.trim();
        if reason.is_empty() {
            return Err(Error::invalid("reason", "Say in a few words why, for the audit log."));
        }
        check_text("reason", reason, REASON)?;
        let (given_by, given_at) = (admin.user().id, self.now());
        let expires_at = given_at + lifetime;
        let reason = reason.to_owned();
        Ok(AccessPass { user_id, digest, reason, given_by, given_at, expires_at })
    }

    /// Takes back a pass that was not used yet.
    pub async fn withdraw_access_pass(
        &self,
        admin: &Admin,
        id: UserId,
        visitor: &Visitor,
    ) -> Result<()> {
        admin.require(Role::HelpDesk)?;
        let (house, admin, visitor) = (self.clone(), admin.clone(), visitor.clone());
        self.store()
            .write(move |tx| {
                let user = users::by_id(tx, id)?.ok_or_else(|| Error::not_found("person"))?;
                may_reset(&admin, &user)?;
                if !access_passes::forget(tx, id)? {
                    let public = "There is no pass: it was used, or it has run out.";
                    return Err(Error::new(Kind::Conflict, public));
                }
                let (kind, upn) = (AuditKind::AccessPassWithdrawn, user.upn.as_str());
                let row = visitor.audit(&house, admin.actor(), kind, upn);
                Ok(audit_log::record(tx, &row)?)
            })
            .await
    }
}

/// A pass helps people who may sign in and have a second factor, just not here.
fn needs_one(tx: &mut Tx, admin: &Admin, id: UserId, state: UserState) -> Result<()> {
    let conflict = |public: &str| Err(Error::new(Kind::Conflict, public));
    if id == admin.user().id {
        return conflict("You can't give yourself a pass. Ask another admin.");
    }
    if state != UserState::Active {
        return conflict("This person can't sign in, pass or not. Unblock the account first.");
    }
    if factors_of(tx, id)?.is_empty() {
        return conflict("This person has no second factor yet. Make an enrolment code instead.");
    }
    Ok(())
}
