//! Directories that check passwords for us: which there are, and whose passwords they check.

mod ask;
mod form;
mod people;
mod watch;

use model::{
    Role, Ts,
    audit::AuditKind,
    directory::Directory,
    ids::DirectoryId,
    user::{User, UserState},
};
use store::{
    Page, Tx, audit_log, directories,
    users::{self, Show, UserSearch},
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
                keep_an_owner_here(tx)?;
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
                directories::remove(tx, id)?;
                let kind = AuditKind::DirectoryChanged;
                let mut row = visitor.audit(&house, admin.actor(), kind, &directory.name);
                "removed".clone_into(&mut row.detail);
                Ok(audit_log::record(tx, &row)?)
            })
            .await
    }
}

/// Stops when no owner is left whose password is checked here: nobody could mend a directory that is
/// away, or that lets the wrong people in.
fn keep_an_owner_here(tx: &mut Tx) -> Result<()> {
    for owner in owners(tx)? {
        if directory_of(tx, &owner)?.is_none() {
            return Ok(());
        }
    }
    let public = "No owner would be left whose password is checked here, so nobody could get in while \
                  the directory is away. Choose \"Here\" on the page of one owner first.";
    Err(Error::new(Kind::Conflict, public))
}

fn owners(tx: &mut Tx) -> Result<Vec<User>> {
    let (mut offset, mut found) = (0, Vec::new());
    loop {
        let search = UserSearch { show: Show::Everybody, limit: 500, offset, ..Default::default() };
        let Page { rows, total } = users::search(tx, &search)?;
        let none = rows.is_empty();
        offset += 500;
        found.extend(
            rows.into_iter()
                .filter(|user| user.role == Some(Role::Owner) && user.state == UserState::Active),
        );
        if none || offset >= total {
            return Ok(found);
        }
    }
}
