//! A new initial password for somebody who lost theirs and can't be mailed a link (R010).

use model::{Role, audit::AuditKind, credential::Credential, ids::UserId};
use secrecy::SecretString;
use store::{audit_log, credentials, users};

use super::{INITIAL_PASSWORD_FOR, end_everything, forgive_guesses, may_reset};
use crate::{Admin, Error, House, Kind, Result, Visitor, letters::News, passwords::directory_of};

impl House {
    /// Replaces a person's password by a random one that is good for a day and once: they choose
    /// their own after it, and a second factor is asked for as ever. Shown once, to the admin.
    pub async fn give_initial_password(
        &self,
        admin: &Admin,
        id: UserId,
        visitor: &Visitor,
    ) -> Result<SecretString> {
        admin.require(Role::HelpDesk)?;
        admin.require_fresh(self.now())?;
        let password = self.initial_password();
        let hashed = self.hash_new(id, password.clone()).await?;
        let must_change_before = Some(self.now() + INITIAL_PASSWORD_FOR);
        let credential = Credential { must_change_before, ..hashed };
        let (house, admin, visitor) = (self.clone(), admin.clone(), visitor.clone());
        self.store()
            .write(move |tx| {
                users::lock(tx, id)?;
                let user = users::by_id(tx, id)?.ok_or_else(|| Error::not_found("person"))?;
                may_reset(&admin, &user)?;
                if let Some(directory) = directory_of(tx, &user)? {
                    let name = &directory.name;
                    let public = format!(
                        "The password of this person is kept by {name}. Give them a new one there."
                    );
                    return Err(Error::new(Kind::Conflict, public));
                }
                credentials::put(tx, &credential)?;
                forgive_guesses(tx, id)?;
                end_everything(tx, id, house.now())?;
                house.inform(tx, &user, &News::PasswordReset, &visitor)?;
                let (kind, upn) = (AuditKind::PasswordChanged, user.upn.as_str());
                let mut row = visitor.audit(&house, admin.actor(), kind, upn);
                "a new initial password".clone_into(&mut row.detail);
                Ok::<_, Error>(audit_log::record(tx, &row)?)
            })
            .await?;
        Ok(password)
    }
}
