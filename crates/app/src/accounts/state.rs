//! Who may sign in, and who may not any more.

use model::{
    Actor, Role,
    audit::AuditKind,
    ids::UserId,
    user::{User, UserState},
};
use store::{Tx, access_passes, audit_log, exemptions, match_decisions, program_bindings, users};

use super::{end_everything, forgive_guesses, may_touch};
use crate::{
    Admin, Error, House, Kind, Result, Visitor,
    policy::keeping_owners_in,
    roles::{keep_an_owner, keeping_an_owner_here},
    sync::Lane,
};

impl House {
    /// Blocks a person: no session, no token, and Entra follows at once.
    pub async fn block(&self, admin: &Admin, id: UserId, visitor: &Visitor) -> Result<()> {
        admin.require(Role::UserAdmin)?;
        if id == admin.user().id {
            return Err(Error::new(Kind::Conflict, "You can't block yourself."));
        }
        self.set_state(admin, id, UserState::Blocked, visitor).await
    }

    /// Lets a blocked person in again.
    pub async fn unblock(&self, admin: &Admin, id: UserId, visitor: &Visitor) -> Result<()> {
        admin.require(Role::UserAdmin)?;
        self.set_state(admin, id, UserState::Active, visitor).await
    }

    async fn set_state(
        &self,
        admin: &Admin,
        id: UserId,
        state: UserState,
        visitor: &Visitor,
    ) -> Result<()> {
        let (house, admin, visitor) = (self.clone(), admin.clone(), visitor.clone());
        self.store().write(move |tx| house.put_state(tx, (&admin, &visitor), id, state)).await
    }

    /// Blocks or unblocks a person in a transaction that may do more.
    pub(crate) fn put_state(
        &self,
        tx: &mut Tx,
        (admin, visitor): (&Admin, &Visitor),
        id: UserId,
        state: UserState,
    ) -> Result<()> {
        users::lock_with_owners(tx, &[id])?;
        let user = users::by_id(tx, id)?.ok_or_else(|| Error::not_found("person"))?;
        may_touch(admin, &user)?;
        // Whatever a program did before, it is the admin's word now.
        program_bindings::forget_block(tx, id)?;
        keeping_owners_in(tx, &visitor.client, |tx| {
            keeping_an_owner_here(tx, &user, |tx| {
                users::set_state(tx, id, state, self.now())?;
                keep_an_owner(tx, &user)
            })
        })?;
        self.follow_state(tx, (admin.actor(), visitor), &user, state)
    }

    /// What goes with a person's new state: sessions and whatever else opened something, the work for
    /// Entra, and the audit row. Guesses at their password are forgiven by an admin, never by a program:
    /// it could let them go on for ever (R014).
    pub(crate) fn follow_state(
        &self,
        tx: &mut Tx,
        (actor, visitor): (Actor, &Visitor),
        user: &User,
        state: UserState,
    ) -> Result<()> {
        let id = user.id;
        let (kind, lane) = if state == UserState::Active {
            if !matches!(actor, Actor::Program(_)) {
                forgive_guesses(tx, id)?;
            }
            (AuditKind::UserUnblocked, Lane::Rest)
        } else {
            end_everything(tx, id, self.now())?;
            access_passes::forget(tx, id)?;
            exemptions::forget(tx, id)?;
            match_decisions::forget_accepted(tx, id)?;
            (AuditKind::UserBlocked, Lane::Safety)
        };
        self.put_work_for(tx, id, lane)?;
        let row = visitor.audit(self, actor, kind, user.upn.as_str());
        Ok(audit_log::record(tx, &row)?)
    }
}
