//! Where one person's password is checked.

use model::{
    Role, Ts,
    audit::AuditKind,
    directory::{Delegation, Directory},
    ids::{DirectoryId, UserId},
    user::{User, UserState},
};
use store::{Tx, audit_log, directories, kept_passwords, users};

use super::{keep_an_owner_here, move_password, tells_people_apart};
use crate::{Admin, Error, House, Result, Visitor, accounts::may_touch, passwords::directory_of};

/// Where a person's password is checked, for their page.
#[derive(Debug, Clone)]
pub struct PasswordPlace {
    /// What was said of them.
    pub delegation: Delegation,
    /// The directory that follows from it; `None`: checked here.
    pub directory: Option<Directory>,
    /// When that directory last found it right.
    pub confirmed_at: Option<Ts>,
    /// Until when it opens while the directory is away; `None`: it doesn't.
    pub kept_until: Option<Ts>,
    /// Every directory that could be chosen.
    pub choices: Vec<(DirectoryId, String)>,
}

pub(crate) fn place_of(tx: &mut Tx, user: &User, now: Ts) -> Result<PasswordPlace> {
    let directory = directory_of(tx, user)?;
    let kept = kept_passwords::of_user(tx, user.id)?;
    let kept = kept.filter(|kept| directory.as_ref().is_some_and(|it| it.id == kept.directory_id));
    let opens = kept.as_ref().zip(directory.as_ref());
    let opens = opens.filter(|(kept, directory)| kept.opening(directory, now).is_some());
    Ok(PasswordPlace {
        delegation: directories::delegation(tx, user.id)?,
        confirmed_at: kept.as_ref().map(|kept| kept.confirmed_at),
        kept_until: opens.map(|(kept, directory)| kept.opens_until(directory)),
        directory,
        choices: directories::all(tx)?.into_iter().map(|it| (it.id, it.name)).collect(),
    })
}

impl House {
    /// Says where a person's password is checked. Whoever keeps the directory can sign in as them from
    /// then on, so it takes a fresh second factor (R147) and no less than their own role (R145).
    pub async fn delegate_password(
        &self,
        admin: &Admin,
        id: UserId,
        to: Delegation,
        visitor: &Visitor,
    ) -> Result<()> {
        admin.require(Role::SecurityAdmin)?;
        admin.require_fresh(self.now())?;
        let (house, admin, visitor) = (self.clone(), admin.clone(), visitor.clone());
        self.store()
            .write(move |tx| {
                users::lock_with_owners(tx, &[id])?;
                let user = users::by_id(tx, id)?.filter(|user| user.state != UserState::Deleted);
                let user = user.ok_or_else(|| Error::not_found("person"))?;
                may_touch(&admin, &user)?;
                let before = directory_of(tx, &user)?;
                if let Delegation::To(directory) = to
                    && directories::by_id(tx, directory)?.is_none()
                {
                    let public = "This directory does not exist any more. Choose again.";
                    return Err(Error::invalid("place", public));
                }
                directories::delegate(tx, id, to)?;
                if user.role == Some(Role::Owner) {
                    keep_an_owner_here(tx)?;
                }
                let after = directory_of(tx, &user)?;
                if let Some(after) = &after {
                    let apart = tells_people_apart(tx, after);
                    apart.map_err(|error| Error::invalid("place", error.public))?;
                }
                if before.as_ref().map(|it| it.id) != after.as_ref().map(|it| it.id) {
                    move_password(tx, id, house.now())?;
                }
                let kind = AuditKind::PasswordDelegated;
                let mut row = visitor.audit(&house, admin.actor(), kind, user.upn.as_str());
                let name = |it: Option<Directory>| it.map_or("here".to_owned(), |it| it.name);
                row.detail = format!("{} -> {}", name(before), name(after));
                Ok(audit_log::record(tx, &row)?)
            })
            .await
    }
}
