//! Lists of people that admins bring along: how far each has come, and its file, sealed for as long
//! as rows of it wait.

use diesel::{ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, RunQueryDsl};
use model::{
    Ts,
    ids::{ImportId, TenantId, UserId},
    import::{Import, ImportState, Terms},
};
use secrecy::SecretSlice;

use crate::{
    Error, Tx,
    connection::first_locked,
    schema::{account_ticks, import_files, import_rows, imports},
    seal::Place,
    sealed_columns::SealedColumn,
    text::{self, Row},
};

#[derive(Queryable, Insertable)]
#[diesel(table_name = imports)]
struct ImportEntry {
    id: String,
    state: String,
    made_by: String,
    made_at: i64,
    terms: String,
    done: i64,
    until: i64,
}

const fn place(id: &str) -> Place<'_> {
    Place { column: SealedColumn::ImportFile, row: id }
}

/// Keeps a draft with its file.
pub fn create(tx: &mut Tx, import: &Import, content: &SecretSlice<u8>) -> Result<(), Error> {
    let entry = ImportEntry::from(import);
    diesel::insert_into(imports::table).values(&entry).execute(&mut tx.conn)?;
    put_content(tx, import.id, content)
}

/// Keeps the file of an import, or what takes its place; there must be none yet.
pub fn put_content(tx: &mut Tx, id: ImportId, content: &SecretSlice<u8>) -> Result<(), Error> {
    let id = id.to_string();
    let sealed = tx.seal.close_secret(place(&id), content)?;
    diesel::insert_into(import_files::table)
        .values((import_files::id.eq(&id), import_files::content.eq(sealed)))
        .execute(&mut tx.conn)?;
    Ok(())
}

/// One import.
pub fn by_id(tx: &mut Tx, id: ImportId) -> Result<Option<Import>, Error> {
    let entry: Option<ImportEntry> =
        imports::table.find(id.to_string()).first(&mut tx.conn).optional()?;
    entry.map(ImportEntry::read).transpose()
}

/// One import that nobody else takes further until this transaction ends.
pub fn lock(tx: &mut Tx, id: ImportId) -> Result<Option<Import>, Error> {
    let entry = first_locked!(tx, ImportEntry, imports::table.find(id.to_string()))?;
    entry.map(ImportEntry::read).transpose()
}

/// The newest imports.
pub fn newest(tx: &mut Tx, limit: i64) -> Result<Vec<Import>, Error> {
    let (limit, _) = text::page(limit, 0);
    let entries: Vec<ImportEntry> = imports::table
        .order((imports::made_at.desc(), imports::id.desc()))
        .limit(limit)
        .load(&mut tx.conn)?;
    entries.into_iter().map(ImportEntry::read).collect()
}

/// The file of an import; `None` once it was forgotten.
pub fn content(tx: &mut Tx, id: ImportId) -> Result<Option<SecretSlice<u8>>, Error> {
    let id = id.to_string();
    let sealed: Option<Vec<u8>> = import_files::table
        .find(&id)
        .select(import_files::content)
        .first(&mut tx.conn)
        .optional()?;
    sealed.map(|sealed| tx.seal.open(place(&id), &sealed)).transpose()
}

/// Writes how a draft is read; false when it is no draft any more.
pub fn set_terms(tx: &mut Tx, id: ImportId, terms: &Terms) -> Result<bool, Error> {
    let draft = imports::table
        .find(id.to_string())
        .filter(imports::state.eq(text::word(ImportState::Draft)));
    let changed =
        diesel::update(draft).set(imports::terms.eq(text::json(terms))).execute(&mut tx.conn)?;
    Ok(changed == 1)
}

/// Writes how far a locked import has come.
pub fn put_progress(tx: &mut Tx, import: &Import) -> Result<(), Error> {
    let entry = ImportEntry::from(import);
    let changed = diesel::update(imports::table.find(&entry.id))
        .set((
            imports::state.eq(&entry.state),
            imports::done.eq(entry.done),
            imports::until.eq(entry.until),
        ))
        .execute(&mut tx.conn)?;
    text::found(changed, "import")
}

/// Keeps a draft that is no file.
pub fn begin(tx: &mut Tx, import: &Import) -> Result<(), Error> {
    let entry = ImportEntry::from(import);
    diesel::insert_into(imports::table).values(&entry).execute(&mut tx.conn)?;
    Ok(())
}

/// An admin's newest draft of the accounts of a tenant, if there is one.
pub fn draft_of(tx: &mut Tx, admin: UserId, tenant: TenantId) -> Result<Option<Import>, Error> {
    let entries: Vec<ImportEntry> = imports::table
        .filter(imports::made_by.eq(admin.to_string()))
        .filter(imports::state.eq(text::word(ImportState::Draft)))
        .order((imports::made_at.desc(), imports::id.desc()))
        .load(&mut tx.conn)?;
    let drafts: Vec<Import> =
        entries.into_iter().map(ImportEntry::read).collect::<Result<_, _>>()?;
    Ok(drafts.into_iter().find(|import| import.terms.tenant == Some(tenant)))
}

/// Forgets the file of an import, or what was ticked.
pub fn forget_content(tx: &mut Tx, id: ImportId) -> Result<(), Error> {
    diesel::delete(account_ticks::table.filter(account_ticks::import_id.eq(id.to_string())))
        .execute(&mut tx.conn)?;
    diesel::delete(import_files::table.find(id.to_string())).execute(&mut tx.conn)?;
    Ok(())
}

/// Forgets an import with its file and rows.
pub fn forget(tx: &mut Tx, id: ImportId) -> Result<(), Error> {
    let id = id.to_string();
    diesel::delete(account_ticks::table.filter(account_ticks::import_id.eq(&id)))
        .execute(&mut tx.conn)?;
    diesel::delete(import_rows::table.filter(import_rows::import_id.eq(&id)))
        .execute(&mut tx.conn)?;
    diesel::delete(import_files::table.find(&id)).execute(&mut tx.conn)?;
    diesel::delete(imports::table.find(&id)).execute(&mut tx.conn)?;
    Ok(())
}

/// How many drafts an admin has.
pub fn drafts_of(tx: &mut Tx, admin: UserId) -> Result<i64, Error> {
    let theirs = imports::table
        .filter(imports::made_by.eq(admin.to_string()))
        .filter(imports::state.eq(text::word(ImportState::Draft)));
    Ok(theirs.count().get_result(&mut tx.conn)?)
}

/// Forgets what is over by `now`, the files of drafts that were brought before `brought`, and those of
/// imports that began and can be undone no longer than until `until`.
pub fn purge(tx: &mut Tx, now: Ts, (brought, until): (Ts, Ts)) -> Result<(), Error> {
    let draft = text::word(ImportState::Draft);
    let over = || imports::table.filter(imports::until.lt(now.0)).select(imports::id);
    let drafts = imports::table
        .filter(imports::state.eq(&draft))
        .filter(imports::made_at.lt(brought.0))
        .select(imports::id);
    let begun = imports::table
        .filter(imports::state.ne(&draft))
        .filter(imports::until.lt(until.0))
        .select(imports::id);
    diesel::delete(import_files::table.filter(import_files::id.eq_any(drafts)))
        .execute(&mut tx.conn)?;
    diesel::delete(import_files::table.filter(import_files::id.eq_any(begun)))
        .execute(&mut tx.conn)?;
    diesel::delete(import_files::table.filter(import_files::id.eq_any(over())))
        .execute(&mut tx.conn)?;
    diesel::delete(account_ticks::table.filter(account_ticks::import_id.eq_any(over())))
        .execute(&mut tx.conn)?;
    diesel::delete(import_rows::table.filter(import_rows::import_id.eq_any(over())))
        .execute(&mut tx.conn)?;
    diesel::delete(imports::table.filter(imports::until.lt(now.0))).execute(&mut tx.conn)?;
    Ok(())
}

impl From<&Import> for ImportEntry {
    fn from(import: &Import) -> Self {
        Self {
            id: import.id.to_string(),
            state: text::word(import.state),
            made_by: import.made_by.to_string(),
            made_at: import.made_at.0,
            terms: text::json(&import.terms),
            done: i64::from(import.done),
            until: import.until.0,
        }
    }
}

impl ImportEntry {
    fn read(self) -> Result<Import, Error> {
        let row = Row { table: "imports", id: &self.id };
        Ok(Import {
            id: row.id(&self.id)?,
            state: row.word(&self.state)?,
            made_by: row.id(&self.made_by)?,
            made_at: Ts(self.made_at),
            terms: row.json(&self.terms)?,
            done: row.number(self.done)?,
            until: Ts(self.until),
        })
    }
}
