//! Directories that check passwords for us: which there are, and whose passwords they check.

mod ask;
mod form;
mod people;
mod watch;

use model::{
    Role, Ts,
    audit::AuditKind,
    directory::{Delegation, Directory, LOCAL_NAME, NAME},
    ids::{DirectoryId, UserId},
    user::{User, UserState},
};
use store::{
    Tx, audit_log, credentials, directories, kept_passwords, passkeys, pending_requests,
    remembered_devices, reset_links, sessions, users,
};

pub(crate) use self::{ask::Lanes, people::place_of, watch::purge};
pub use self::{ask::Tried, form::DirectoryForm, people::PasswordPlace};
use crate::{Admin, Error, House, Kind, Result, Visitor, passwords::directory_of};

/// A directory, and whose passwords it checks.
#[derive(Debug, Clone)]
pub struct DirectoryView {
    /// The directory.
    pub directory: Directory,
    /// Everybody of these domains.
    pub domains: Vec<String>,
    /// How many people besides, by name.
    pub people: i64,
    /// Since when it is away, as far as this server noticed, and why.
    pub away: Option<(Ts, String)>,
}

impl House {
    /// Every directory, by name.
    pub async fn directories(&self, _admin: &Admin) -> Result<Vec<DirectoryView>> {
        let house = self.clone();
        self.store()
            .read(move |tx| {
                let all = directories::all(tx)?;
                all.into_iter().map(|directory| house.view(tx, directory)).collect()
            })
            .await
    }

    /// One directory.
    pub async fn directory(&self, _admin: &Admin, id: DirectoryId) -> Result<DirectoryView> {
        let house = self.clone();
        self.store()
            .read(move |tx| {
                let found = directories::by_id(tx, id)?;
                house.view(tx, found.ok_or_else(|| Error::not_found("directory"))?)
            })
            .await
    }

    fn view(&self, tx: &mut Tx, directory: Directory) -> Result<DirectoryView> {
        Ok(DirectoryView {
            domains: directories::domains(tx, directory.id)?,
            people: directories::delegated(tx, directory.id)?,
            away: self.lanes().away(&directory).map(|(since, why)| (since, why.to_string())),
            directory,
        })
    }

    /// Keeps a directory, a new one where there is no id. Whoever it says yes to is let in, so this is
    /// for owners with a fresh second factor (R147).
    pub async fn save_directory(
        &self,
        admin: &Admin,
        id: Option<DirectoryId>,
        typed: DirectoryForm,
        visitor: &Visitor,
    ) -> Result<DirectoryId> {
        admin.require(Role::Owner)?;
        admin.require_fresh(self.now())?;
        let new = DirectoryId(self.new_id());
        let (house, admin, visitor) = (self.clone(), admin.clone(), visitor.clone());
        self.store()
            .write(move |tx| {
                users::lock_with_owners(tx, &[])?;
                let before = match id {
                    Some(id) => {
                        let found = directories::by_id(tx, id)?;
                        Some(found.ok_or_else(|| Error::not_found("directory"))?)
                    }
                    None => None,
                };
                let (directory, domains) =
                    typed.read(id.unwrap_or(new), before.as_ref(), house.now())?;
                let domains_before = match id {
                    Some(id) => directories::domains(tx, id)?,
                    None => Vec::new(),
                };
                let others = directories::all(tx)?;
                let is_other = |it: &Directory| it.id != directory.id && it.name == directory.name;
                if others.iter().any(is_other) {
                    let public =
                        "There is a directory with this name already. Give it another one.";
                    return Err(Error::invalid("name", public));
                }
                directories::put(tx, &directory)?;
                if let Some(taken) = directories::put_domains(tx, directory.id, &domains)? {
                    let public = format!("Another directory knows the people of {taken} already.");
                    return Err(Error::invalid("domains", public));
                }
                tells_people_apart(tx, &directory)?;
                keep_an_owner_here(tx)?;
                if let Some(before) =
                    before.filter(|before| form::place(before) != form::place(&directory))
                {
                    leave_place(tx, &before, house.now())?;
                }
                move_passwords(tx, &differing(&domains_before, &domains), house.now())?;
                let kind = AuditKind::DirectoryChanged;
                let mut row = visitor.audit(&house, admin.actor(), kind, &directory.name);
                row.detail = form::said(&directory, &domains);
                audit_log::record(tx, &row)?;
                Ok(directory.id)
            })
            .await
    }

    /// Removes a directory. Whoever's password it checked has none from then on, but for those who have
    /// one here from before.
    pub async fn remove_directory(
        &self,
        admin: &Admin,
        id: DirectoryId,
        visitor: &Visitor,
    ) -> Result<()> {
        admin.require(Role::Owner)?;
        admin.require_fresh(self.now())?;
        let (house, admin, visitor) = (self.clone(), admin.clone(), visitor.clone());
        self.store()
            .write(move |tx| {
                let found = directories::by_id(tx, id)?;
                let directory = found.ok_or_else(|| Error::not_found("directory"))?;
                let domains = directories::domains(tx, id)?;
                let by_name = directories::by_name(tx, id)?;
                directories::remove(tx, id)?;
                move_passwords(tx, &domains, house.now())?;
                for person in by_name {
                    move_password(tx, person, house.now())?;
                }
                let kind = AuditKind::DirectoryChanged;
                let mut row = visitor.audit(&house, admin.actor(), kind, &directory.name);
                "removed".clone_into(&mut row.detail);
                Ok(audit_log::record(tx, &row)?)
            })
            .await
    }
}

/// Stops when no owner is left who gets in by what is here: nobody could mend a directory that is away,
/// or that lets the wrong people in.
pub(crate) fn keep_an_owner_here(tx: &mut Tx) -> Result<()> {
    if !directories::any(tx)? {
        return Ok(());
    }
    for owner in users::with_role(tx)? {
        if owner.role == Some(Role::Owner) && gets_in_here(tx, &owner)? {
            return Ok(());
        }
    }
    let public = "No owner would be left who gets in while the directory is away: it takes one whose \
                  password is checked here and who chose it already, or has a passkey. Choose \"Here\" on \
                  the page of one owner first, and have them sign in.";
    Err(Error::new(Kind::Conflict, public))
}

/// Whether somebody's password is checked here, and they have one that lasts, or a passkey.
pub(crate) fn gets_in_here(tx: &mut Tx, person: &User) -> Result<bool> {
    if person.state != UserState::Active || directory_of(tx, person)?.is_some() {
        return Ok(false);
    }
    let credential = credentials::by_user(tx, person.id)?;
    let lasting = credential.is_some_and(|it| it.must_change_before.is_none());
    Ok(lasting || !passkeys::of_user(tx, person.id)?.is_empty())
}

/// Stops where people of several domains would be found by the part of their name before the `@`: one
/// entry there would open the accounts of two people here.
pub(crate) fn tells_people_apart(tx: &mut Tx, directory: &Directory) -> Result<()> {
    if directory.filter.contains(NAME) {
        return Ok(());
    }
    let mut domains = directories::domains(tx, directory.id)?;
    for id in directories::by_name(tx, directory.id)? {
        domains.extend(users::by_id(tx, id)?.map(|user| user.upn.domain()));
    }
    domains.sort();
    domains.dedup();
    if domains.len() < 2 {
        return Ok(());
    }
    let public = format!(
        "This directory checks passwords of people in several domains ({}), so they must be found by \
         {NAME}: by {LOCAL_NAME} alone, two people of the same name would be one.",
        domains.join(", ")
    );
    Err(Error::invalid("filter", public))
}

/// What a directory found right at another place opens nothing any more.
fn leave_place(tx: &mut Tx, directory: &Directory, now: Ts) -> Result<()> {
    for person in kept_passwords::drop_all(tx, directory.id, now)? {
        pending_requests::forget_proofs_of(tx, person)?;
        remembered_devices::forget_all_of(tx, person)?;
    }
    Ok(())
}

/// The domains that are in one list alone.
fn differing(before: &[String], after: &[String]) -> Vec<String> {
    let only = |these: &[String], others: &[String]| {
        these.iter().filter(|it| !others.contains(it)).cloned().collect::<Vec<_>>()
    };
    [only(before, after), only(after, before)].concat()
}

/// The passwords of everybody of these domains are checked somewhere else from now on, but for whom it
/// is said otherwise.
fn move_passwords(tx: &mut Tx, domains: &[String], now: Ts) -> Result<()> {
    if domains.is_empty() {
        return Ok(());
    }
    for person in users::all(tx)? {
        let moves = domains.contains(&person.upn.domain())
            && directories::delegation(tx, person.id)? == Delegation::ByDomain;
        if moves {
            move_password(tx, person.id, now)?;
        }
    }
    Ok(())
}

/// A person's password is checked somewhere else from now on: whatever rests on it ends.
fn move_password(tx: &mut Tx, id: UserId, now: Ts) -> Result<()> {
    sessions::end_all_of(tx, id, None, now)?;
    kept_passwords::forget(tx, id)?;
    pending_requests::forget_proofs_of(tx, id)?;
    remembered_devices::forget_all_of(tx, id)?;
    Ok(reset_links::forget(tx, id)?)
}
