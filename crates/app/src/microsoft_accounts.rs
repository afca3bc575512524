//! The Microsoft accounts that people linked to theirs: shown and taken away. They are linked by
//! coming back from Microsoft (`sign_in/microsoft.rs`).

use model::{
    Role,
    audit::AuditKind,
    ids::{MicrosoftAccountId, UserId},
    microsoft_account::MicrosoftAccount,
};
use store::{
    Tx, audit_log, microsoft_accounts, pending_requests, registrations, remembered_devices,
    sessions, users,
};

use crate::{
    Admin, Employee, Error, House, Result, Visitor, accounts::may_reset, letters::News,
    passkeys::still_there, registrations::Offered,
};

/// What the security page shows.
#[derive(Debug, Clone, Default)]
pub struct MicrosoftView {
    /// What is linked.
    pub accounts: Vec<MicrosoftAccount>,
    /// Through what another one can be linked.
    pub offered: Vec<Offered>,
}

impl House {
    /// A person's own linked accounts.
    pub async fn my_microsoft(&self, me: &Employee) -> Result<MicrosoftView> {
        let id = me.user().id;
        self.store()
            .read(move |tx| {
                Ok::<_, Error>(MicrosoftView {
                    accounts: microsoft_accounts::of_user(tx, id)?,
                    offered: registrations::offered(tx)?,
                })
            })
            .await
    }

    /// Takes one of a person's own links away. Other sessions and sign-ins under way end, as after any
    /// change of how somebody signs in (R053).
    pub async fn unlink_microsoft(
        &self,
        me: &Employee,
        visitor: &Visitor,
        id: MicrosoftAccountId,
    ) -> Result<()> {
        me.require_fresh(self.now())?;
        let (house, visitor) = (self.clone(), visitor.clone());
        let (owner, session) = (me.user().id, me.session().id);
        self.store()
            .write(move |tx| {
                // Locks the person: somebody may just be coming back through it.
                still_there(tx, owner, session)?;
                let mine = microsoft_accounts::of_user(tx, owner)?;
                let account = mine.into_iter().find(|account| account.id == id);
                let account = account.ok_or_else(|| Error::not_found("linked account"))?;
                microsoft_accounts::remove(tx, account.id)?;
                sessions::end_all_of(tx, owner, Some(session), house.now())?;
                pending_requests::forget_proofs_of(tx, owner)?;
                remembered_devices::forget_all_of(tx, owner)?;
                let kind = AuditKind::MicrosoftUnlinked;
                house.audit_person(tx, &visitor, owner, kind, &account.name)
            })
            .await
    }

    /// Takes a link of somebody else away, as who resets their factors may; every session of theirs and
    /// every sign-in under way ends.
    pub async fn unlink_persons_microsoft(
        &self,
        admin: &Admin,
        (person, id): (UserId, MicrosoftAccountId),
        visitor: &Visitor,
    ) -> Result<()> {
        admin.require(Role::HelpDesk)?;
        admin.require_fresh(self.now())?;
        let (house, admin, visitor) = (self.clone(), admin.clone(), visitor.clone());
        self.store()
            .write(move |tx| {
                let user = users::by_id(tx, person)?.ok_or_else(|| Error::not_found("person"))?;
                may_reset(&admin, &user)?;
                let theirs = microsoft_accounts::of_user(tx, person)?;
                let account = theirs.into_iter().find(|account| account.id == id);
                let account = account.ok_or_else(|| Error::not_found("linked account"))?;
                microsoft_accounts::remove(tx, account.id)?;
                sessions::end_all_of(tx, person, None, house.now())?;
                pending_requests::forget_proofs_of(tx, person)?;
                remembered_devices::forget_all_of(tx, person)?;
                let (kind, upn) = (AuditKind::MicrosoftUnlinked, user.upn.as_str());
                let mut row = visitor.audit(&house, admin.actor(), kind, upn);
                account.name.clone_into(&mut row.detail);
                audit_log::record(tx, &row)?;
                house.inform(tx, &user, &News::MicrosoftUnlinked(&account.name), &visitor)
            })
            .await
    }
}

/// Takes every link of a person away: what opened their account from elsewhere opens it no more.
pub(crate) fn unlink_all(tx: &mut Tx, id: UserId) -> Result<()> {
    microsoft_accounts::remove_all_of(tx, id)?;
    Ok(())
}
