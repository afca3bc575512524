//! Who may do what in the console: roles are given and taken by people who have at least that much
//! themselves (R144, R145).

use model::{Role, audit::AuditKind, ids::UserId, user::User, user::UserState};
use store::{
    Tx, access_passes, audit_log, exemptions, pending_requests, remembered_devices, reset_links,
    sessions, users,
};

use crate::{
    Admin, Error, House, Kind, Result, Visitor,
    accounts::may_touch,
    directories::{gets_in_here, keep_an_owner_here},
    policy::keeping_owners_in,
};

impl House {
    /// Gives a person a role, another one, or none. Needs a fresh second factor (R147); the person
    /// signs in anew (R048).
    pub async fn set_role(
        &self,
        admin: &Admin,
        id: UserId,
        role: Option<Role>,
        visitor: &Visitor,
    ) -> Result<()> {
        admin.require(Role::SecurityAdmin)?;
        admin.require_fresh(self.now())?;
        let (house, admin, visitor) = (self.clone(), admin.clone(), visitor.clone());
        self.store()
            .write(move |tx| {
                // Two admins who take each other's role at once would otherwise both succeed, and who
                // was made an owner a moment ago would be changed from below.
                users::lock_with_owners(tx, &[id])?;
                let user = users::by_id(tx, id)?.filter(|user| user.state != UserState::Deleted);
                let user = user.ok_or_else(|| Error::not_found("person"))?;
                may_change(tx, &admin, &user, role)?;
                if user.role == role {
                    return Ok(());
                }
                let now = house.now();
                keeping_owners_in(tx, &visitor.client, |tx| {
                    keeping_an_owner_here(tx, &user, |tx| {
                        users::set_role(tx, id, role, now)?;
                        keep_an_owner(tx, &user)
                    })
                })?;
                sessions::end_all_of(tx, id, None, now)?;
                pending_requests::forget_proofs_of(tx, id)?;
                remembered_devices::forget_all_of(tx, id)?;
                // Given by people who may not be above them any more.
                access_passes::forget(tx, id)?;
                reset_links::forget(tx, id)?;
                exemptions::forget(tx, id)?;
                let (kind, upn) = (AuditKind::UserChanged, user.upn.as_str());
                let mut row = visitor.audit(&house, admin.actor(), kind, upn);
                row.detail = format!("role: {} -> {}", label(user.role), label(role));
                Ok(audit_log::record(tx, &row)?)
            })
            .await
    }
}

/// Nobody gives more than they have, nor changes somebody above them. What counts is the role that
/// the admin has now: it may have been taken since the request came.
fn may_change(tx: &mut Tx, admin: &Admin, user: &User, role: Option<Role>) -> Result<()> {
    may_touch(admin, user)?;
    let mine = users::by_id(tx, admin.user().id)?.and_then(|user| user.role);
    let covers = |wanted: Role| mine.is_some_and(|mine| mine.covers(wanted));
    let wanted = [Some(Role::SecurityAdmin), user.role, role];
    if wanted.into_iter().flatten().all(covers) {
        return Ok(());
    }
    Err(Error::new(Kind::Forbidden, "You can't give a role above your own."))
}

/// Stops when there is no owner left after this person.
pub(crate) fn keep_an_owner(tx: &mut Tx, before: &User) -> Result<()> {
    if before.role == Some(Role::Owner) && users::owners(tx)? == 0 {
        let public = "This is the last owner: nobody could manage this house then.";
        return Err(Error::new(Kind::Conflict, public));
    }
    Ok(())
}

/// The same for owners who get in while a directory is away: a change that takes the last one of these
/// does not happen.
pub(crate) fn keeping_an_owner_here(
    tx: &mut Tx,
    before: &User,
    change: impl FnOnce(&mut Tx) -> Result<()>,
) -> Result<()> {
    let counts = before.role == Some(Role::Owner) && gets_in_here(tx, before)?;
    change(tx)?;
    if counts { keep_an_owner_here(tx) } else { Ok(()) }
}

fn label(role: Option<Role>) -> &'static str {
    role.map_or("none", Role::label)
}
