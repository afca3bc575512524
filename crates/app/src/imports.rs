//! People brought along in a CSV file. The file is kept, sealed, as a draft: its columns are matched
//! to our fields and every row is judged by the rules of the console's form, and nothing is written
//! until an admin says so. People of a tenant are brought along in the same way (`imports/accounts.rs`).

mod accounts;
mod apply;
mod brought;
mod check;
mod first_sign_ins;
mod judge;
mod mapping;
mod undo;

use std::time::Duration;

use model::{
    Role,
    audit::AuditKind,
    ids::ImportId,
    import::{Import, ImportRow, ImportState, Mapping, RowOutcome, Terms},
};
use secrecy::{ExposeSecret as _, SecretSlice};
use sources::Table;
use store::{Tx, audit_log, import_rows, imports};

pub use accounts::{AccountPlan, Caution, MOST_ACCOUNTS, TickAll, TickedAll, Who};
pub use check::{CellProblem, Change, RowCheck, RowVerdict, Wanted};
pub use first_sign_ins::{AT_ONCE, FirstSignIn};

use crate::{Admin, Error, House, Kind, Result, Visitor};

/// How much a file may weigh.
pub const MAX_BYTES: usize = sources::MAX_BYTES;
/// How long a draft is kept, and a file at all.
const DRAFT_FOR: Duration = Duration::from_hours(24);
/// How long an import can be undone after it began.
pub const UNDO_WITHIN: Duration = Duration::from_hours(7 * 24);
/// How many drafts of one admin may wait at once.
const DRAFTS: i64 = 20;
/// How many imports the list shows.
const LISTED: i64 = 50;
/// The longest name of a file, in characters.
const FILE_NAME: usize = 100;

/// Everything that the page of an import shows.
#[derive(Debug, Clone)]
pub struct ImportDetails {
    /// The import.
    pub import: Import,
    /// The names of the file's columns; empty once the file was forgotten.
    pub columns: Vec<String>,
    /// What each row of a draft would do.
    pub checks: Vec<RowCheck>,
    /// What the judgement of a draft is known by: what is applied is what was shown.
    pub fingerprint: String,
    /// How many rows have which outcome.
    pub tally: Vec<(RowOutcome, i64)>,
    /// Rows that were left out, and those that undoing left as they are.
    pub left: Vec<ImportRow>,
    /// How many new people have not been handed anything for their first sign-in.
    pub waiting: i64,
}

impl House {
    /// The newest imports.
    pub async fn imports(&self, admin: &Admin) -> Result<Vec<Import>> {
        admin.require(Role::UserAdmin)?;
        self.store().read(|tx| Ok::<_, Error>(imports::newest(tx, LISTED)?)).await
    }

    /// Keeps a file as a draft, its columns matched by their names.
    pub async fn begin_import(
        &self,
        admin: &Admin,
        (name, content): (&str, SecretSlice<u8>),
        visitor: &Visitor,
    ) -> Result<ImportId> {
        admin.require(Role::UserAdmin)?;
        let table = read(&content)?;
        let (id, now) = (ImportId(self.new_id()), self.now());
        let terms = Terms {
            file_name: file_name(name),
            rows: u32::try_from(table.rows.len()).unwrap_or(u32::MAX),
            mapping: mapping::guessed(admin, &table),
            secrets: sources::secrets(&table.columns),
            update: false,
            tenant: None,
        };
        let mut row = visitor.audit(self, admin.actor(), AuditKind::PeopleImported, "");
        row.subject.clone_from(&terms.file_name);
        row.detail = format!("a draft of {} rows; nothing is written yet", terms.rows);
        let (made_by, until) = (admin.user().id, now + DRAFT_FOR);
        let state = ImportState::Draft;
        let import = Import { id, state, made_by, made_at: now, terms, done: 0, until };
        self.store()
            .write(move |tx| {
                if imports::drafts_of(tx, made_by)? >= DRAFTS {
                    let public = "You have 20 drafts already. Discard some of them first.";
                    return Err(Error::invalid("file", public));
                }
                imports::create(tx, &import, &content)?;
                Ok(audit_log::record(tx, &row)?)
            })
            .await?;
        Ok(id)
    }

    /// Everything about one import. Of a draft, what each row would do; nothing is written by it.
    pub async fn import(&self, admin: &Admin, id: ImportId) -> Result<ImportDetails> {
        admin.require(Role::UserAdmin)?;
        let admin = admin.clone();
        self.store()
            .read(move |tx| {
                let import = found(imports::by_id(tx, id)?)?;
                let judged = match import.state {
                    ImportState::Draft => {
                        brought::may_open(&admin, &import)?;
                        check::judged(tx, &admin, &import)?
                    }
                    _ => None,
                };
                let (columns, checks) = judged.unwrap_or_default();
                let kinds = [RowOutcome::Refused, RowOutcome::Kept];
                Ok(ImportDetails {
                    fingerprint: check::fingerprint(&import.terms, &checks),
                    tally: import_rows::tally(tx, id)?,
                    left: import_rows::with_outcome(tx, id, &kinds, (0, 1_000))?,
                    waiting: import_rows::waiting(tx, id)?,
                    columns,
                    checks,
                    import,
                })
            })
            .await
    }

    /// Says anew which column holds what, and whether people who are here already are changed.
    pub async fn map_import(
        &self,
        admin: &Admin,
        id: ImportId,
        wanted: (Mapping, bool),
        visitor: &Visitor,
    ) -> Result<()> {
        admin.require(Role::UserAdmin)?;
        // A file never changes: it is parsed before others wait for this to be written.
        let table = self.store().read(move |tx| {
            found(imports::by_id(tx, id)?)?;
            content(tx, id)?.ok_or_else(gone)
        });
        let table = table.await?;
        let (house, admin, visitor) = (self.clone(), admin.clone(), visitor.clone());
        self.store()
            .write(move |tx| {
                let import = found(imports::lock(tx, id)?)?;
                brought::may_open(&admin, &import)?;
                let terms = mapping::mapped(&import.terms, wanted, &table)?;
                let import = Import { terms, ..import };
                brought::may_open(&admin, &import)?;
                if !imports::set_terms(tx, id, &import.terms)? {
                    return Err(begun());
                }
                let detail = mapping::said(&import.terms, &table);
                house.audit_import(tx, (&admin, &visitor), &import, detail)
            })
            .await
    }

    /// Throws a draft away.
    pub async fn discard_import(
        &self,
        admin: &Admin,
        id: ImportId,
        visitor: &Visitor,
    ) -> Result<()> {
        admin.require(Role::UserAdmin)?;
        let (house, admin, visitor) = (self.clone(), admin.clone(), visitor.clone());
        self.store()
            .write(move |tx| {
                let import = found(imports::lock(tx, id)?)?;
                if import.state != ImportState::Draft {
                    return Err(begun());
                }
                imports::forget(tx, id)?;
                let detail = "the draft was thrown away".to_owned();
                house.audit_import(tx, (&admin, &visitor), &import, detail)
            })
            .await
    }

    fn audit_import(
        &self,
        tx: &mut Tx,
        (admin, visitor): (&Admin, &Visitor),
        import: &Import,
        detail: String,
    ) -> Result<()> {
        let (kind, name) = (AuditKind::PeopleImported, &import.terms.file_name);
        let mut row = visitor.audit(self, admin.actor(), kind, name);
        row.detail = detail;
        Ok(audit_log::record(tx, &row)?)
    }
}

/// What an admin may do is looked at anew for each portion: it may have been taken since.
fn still_may(tx: &mut Tx, admin: &Admin, needed: Role) -> Result<()> {
    let me = store::users::by_id(tx, admin.user().id)?;
    let me = me.filter(|me| me.state == model::user::UserState::Active);
    match me.and_then(|me| me.role) {
        Some(role) if role.covers(needed) => Ok(()),
        _ => Err(Error::new(Kind::Forbidden, "You may not import people any more.")),
    }
}

fn read(content: &SecretSlice<u8>) -> Result<Table> {
    let table = sources::read(content.expose_secret());
    table.map_err(|wrong| Error::invalid("file", wrong.to_string()))
}

fn content(tx: &mut Tx, id: ImportId) -> Result<Option<Table>> {
    imports::content(tx, id)?.map(|content| read(&content)).transpose()
}

/// The last part of a path, without what can't be seen.
fn file_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain = last.chars().filter(|c| model::line::is_plain(c.encode_utf8(&mut [0; 4])));
    let plain: String = plain.take(FILE_NAME).collect();
    match plain.trim() {
        "" => "pasted text".to_owned(),
        plain => plain.to_owned(),
    }
}

fn found(import: Option<Import>) -> Result<Import> {
    import.ok_or_else(|| Error::not_found("import"))
}

fn begun() -> Error {
    Error::new(Kind::Conflict, "This import is no draft any more. Load its page again.")
}

fn gone() -> Error {
    let public = "The file of this import was thrown away after a day. Upload it again.";
    Error::new(Kind::Conflict, public)
}
