//! Removing somebody who never began: nobody has signed in as them and Microsoft 365 has never heard
//! of them. Everybody else is blocked instead, and leaves by the days that are set for it.

use model::{
    audit::AuditKind,
    directory::Delegation,
    ids::UserId,
    program::Brought,
    user::{User, UserState},
};
use store::{
    Tx, applications, assignments, audit_log, credentials, directories, entra_links, factors,
    groups, kept_passwords, match_decisions, program_bindings, users,
};

use super::end_everything;
use crate::{Admin, House, Result, Visitor, microsoft_accounts::unlink_all};

impl House {
    /// Removes a person with everything that could open something; their sign-in name is free again.
    pub(crate) fn remove_person(
        &self,
        tx: &mut Tx,
        (admin, visitor): (&Admin, &Visitor),
        user: &User,
    ) -> Result<()> {
        let now = self.now();
        for group in groups::of_user(tx, user.id)? {
            groups::remove_member(tx, group.id, user.id)?;
        }
        credentials::forget(tx, user.id)?;
        kept_passwords::forget(tx, user.id)?;
        directories::delegate(tx, user.id, Delegation::ByDomain)?;
        factors::remove_all(tx, user.id)?;
        unlink_all(tx, user.id)?;
        end_everything(tx, user.id, now)?;
        match_decisions::forget_accepted(tx, user.id)?;
        users::set_state(tx, user.id, UserState::Deleted, now)?;
        program_bindings::remove(tx, Brought::Person(user.id))?;
        let (kind, upn) = (AuditKind::UserRemoved, user.upn.as_str());
        Ok(audit_log::record(tx, &visitor.audit(self, admin.actor(), kind, upn))?)
    }
}

/// Whether Microsoft 365 knows a person, or shall.
pub(crate) fn is_known_to_entra(tx: &mut Tx, id: UserId) -> Result<bool> {
    if entra_links::by_user(tx, id)?.is_some() {
        return Ok(true);
    }
    for application in applications::all(tx)? {
        if assignments::newest(tx, id, application.id)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}
