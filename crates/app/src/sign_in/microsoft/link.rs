//! Linking the account that somebody came back with to whoever is signed in.

use model::{
    Actor,
    audit::AuditKind,
    ids::{MicrosoftAccountId, UserId},
    microsoft_account::{Identity, MicrosoftAccount, Vouched},
    registration::Registration,
};
use store::{Tx, entra_links, microsoft_accounts, remembered_devices, tenants};

use super::{Returned, Stopped};
use crate::{Employee, House, Result, Visitor, passkeys::still_there};

/// As many as anybody may link.
const MOST: usize = 20;

impl House {
    /// Links an account to whoever is signed in.
    pub(super) fn link(
        &self,
        tx: &mut Tx,
        visitor: &Visitor,
        (me, registration): (&Employee, &Registration),
        vouched: std::result::Result<Vouched, Stopped>,
    ) -> Result<Returned> {
        still_there(tx, me.user().id, me.session().id)?;
        let me = me.user();
        let refused = |house: &Self, tx: &mut Tx, stopped: Stopped| {
            let whose = (Actor::Person(me.id), me.upn.as_str());
            house.audit_comeback(tx, visitor, whose, Some(&stopped.detail()))?;
            Ok(Returned::Linked(Err(stopped)))
        };
        let vouched = match vouched {
            Ok(vouched) => vouched,
            Err(stopped) => return refused(self, tx, stopped),
        };
        if microsoft_accounts::by_identity(tx, vouched.identity)?.is_some() {
            return refused(self, tx, Stopped::Taken);
        }
        if is_given_to_another(tx, me.id, vouched.identity)? {
            return refused(self, tx, Stopped::Anothers);
        }
        if microsoft_accounts::of_user(tx, me.id)?.len() >= MOST {
            return refused(self, tx, Stopped::Enough);
        }
        let account = MicrosoftAccount {
            id: MicrosoftAccountId(self.new_id()),
            user_id: me.id,
            identity: vouched.identity,
            name: shown_name(&vouched),
            linked_at: self.now(),
            used_at: None,
        };
        microsoft_accounts::put(tx, &account)?;
        remembered_devices::forget_all_of(tx, me.id)?;
        let detail = format!(
            "{} (tenant {}, object {}) through {}",
            account.name, account.identity.tenant, account.identity.object, registration.alias
        );
        self.audit_person(tx, visitor, me.id, AuditKind::MicrosoftLinked, &detail)?;
        Ok(Returned::Linked(Ok(())))
    }
}

/// Whether provisioning says that an account is somebody else's.
fn is_given_to_another(tx: &mut Tx, me: UserId, identity: Identity) -> Result<bool> {
    for connection in tenants::to_directory(tx, identity.tenant)? {
        let link = entra_links::by_object(tx, connection, identity.object)?;
        if link.is_some_and(|link| link.user_id != me) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What an account is called on our pages: its name, unless that hides something.
fn shown_name(vouched: &Vouched) -> String {
    let name = vouched.name.trim();
    if name.is_empty() || !model::line::is_plain(name) {
        return "Microsoft account".to_owned();
    }
    name.chars().take(113).collect()
}
