//! Another sign-in name for whoever got married or whose name was misspelt. The immutable id stays, so
//! it is the same account everywhere (R084).

use model::{
    Actor, Role, Upn,
    audit::AuditKind,
    ids::UserId,
    user::{User, UserState},
};
use store::{Tx, audit_log, former_names, remembered_devices, reset_links, users};

use super::{may_touch, names_nobody_by_mail, sign_in_name};
use crate::{Admin, Error, House, Kind, Result, Visitor, letters::News, sync::Lane};

impl House {
    /// Gives a person another sign-in name in the same domain; Entra follows. Needs a fresh second
    /// factor: the name says whose door a password is tried at.
    pub async fn rename_person(
        &self,
        admin: &Admin,
        id: UserId,
        typed: &str,
        visitor: &Visitor,
    ) -> Result<()> {
        admin.require(Role::UserAdmin)?;
        let upn = sign_in_name(typed)?;
        admin.require_fresh(self.now())?;
        let (house, admin, visitor) = (self.clone(), admin.clone(), visitor.clone());
        self.store()
            .write(move |tx| {
                users::lock(tx, id)?;
                let user = users::by_id(tx, id)?.filter(|user| user.state != UserState::Deleted);
                let user = user.ok_or_else(|| Error::not_found("person"))?;
                may_touch(&admin, &user)?;
                if user.upn.as_str() == upn.as_str() {
                    return Ok(());
                }
                may_be_called(tx, &admin, &user, &upn)?;
                house.put_name(tx, (admin.actor(), &visitor), user, upn)
            })
            .await
    }

    /// What was mailed for the account as it was called opens nothing any more, and no browser is
    /// remembered still.
    pub(crate) fn put_name(
        &self,
        tx: &mut Tx,
        (actor, visitor): (Actor, &Visitor),
        user: User,
        upn: Upn,
    ) -> Result<()> {
        let (id, now) = (user.id, self.now());
        if user.upn != upn {
            former_names::add(tx, id, &user.upn, now)?;
        }
        reset_links::forget(tx, id)?;
        remembered_devices::forget_all_of(tx, id)?;
        self.inform(tx, &user, &News::Renamed(upn.as_str()), visitor)?;
        let kind = AuditKind::UserChanged;
        let mut row = visitor.audit(self, actor, kind, user.upn.as_str());
        row.detail = format!("sign-in name: {} -> {upn}", user.upn);
        users::update(tx, &User { upn, updated_at: now, ..user })?;
        self.put_work_for(tx, id, Lane::Rest)?;
        Ok(audit_log::record(tx, &row)?)
    }
}

/// Another domain is another federation, and a name is one person's. Nobody renames themselves (R045).
fn may_be_called(tx: &mut Tx, admin: &Admin, user: &User, upn: &Upn) -> Result<()> {
    if user.id == admin.user().id {
        let public = "You can't change your own sign-in name. Ask another admin.";
        return Err(Error::new(Kind::Conflict, public));
    }
    let domain = user.upn.domain();
    if upn.domain() != domain {
        let public = format!("The part after @ stays {domain}.");
        return Err(Error::invalid("upn", public));
    }
    if users::by_upn(tx, upn.as_str())?.is_some_and(|other| other.id != user.id) {
        return Err(Error::invalid("upn", "Somebody has this address already."));
    }
    names_nobody_by_mail(tx, &User { upn: upn.clone(), ..user.clone() })
}
