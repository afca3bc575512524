//! Stored passwords: one per person. A hash that another system made has no pepper in it, so it lies
//! sealed in a table of its own until its first right password replaces it.

use diesel::{
    AsChangeset, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, RunQueryDsl,
};
use model::{Ts, credential::Credential, ids::UserId};
use secrecy::ExposeSecret as _;

use crate::{
    Error, Tx,
    schema::{credentials, imported_hashes},
    seal::Place,
    sealed_columns::SealedColumn,
    text::Row,
};

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = credentials, treat_none_as_default_value = false, treat_none_as_null = true, primary_key(user_id))]
struct CredentialRow {
    user_id: String,
    phc: String,
    pepper_id: String,
    must_change_before: Option<i64>,
    set_at: i64,
}

const fn place(id: &str) -> Place<'_> {
    Place { column: SealedColumn::ImportedHash, row: id }
}

/// A person's password. Both tables are read for everybody, so that nobody is told by the time (R023).
pub fn by_user(tx: &mut Tx, user: UserId) -> Result<Option<Credential>, Error> {
    let id = user.to_string();
    let ours: Option<CredentialRow> =
        credentials::table.find(&id).first(&mut tx.conn).optional()?;
    let imported: Option<(String, Vec<u8>, i64)> =
        imported_hashes::table.find(&id).first(&mut tx.conn).optional()?;
    match (ours, imported) {
        (Some(ours), _) => ours.read().map(Some),
        (None, Some((id, sealed, set_at))) => opened(tx, &id, (&sealed, set_at)).map(Some),
        (None, None) => Ok(None),
    }
}

/// Sets or replaces a person's password; what another system made is gone then.
pub fn put(tx: &mut Tx, credential: &Credential) -> Result<(), Error> {
    if credential.is_imported() {
        return put_imported(tx, credential);
    }
    let row = CredentialRow {
        user_id: credential.user_id.to_string(),
        phc: credential.phc.clone(),
        pepper_id: credential.pepper_id.clone(),
        must_change_before: credential.must_change_before.map(|at| at.0),
        set_at: credential.set_at.0,
    };
    let changed = diesel::update(credentials::table.find(row.user_id.clone()))
        .set(&row)
        .execute(&mut tx.conn)?;
    if changed == 0 {
        diesel::insert_into(credentials::table).values(&row).execute(&mut tx.conn)?;
    }
    diesel::delete(imported_hashes::table.find(&row.user_id)).execute(&mut tx.conn)?;
    Ok(())
}

fn put_imported(tx: &mut Tx, credential: &Credential) -> Result<(), Error> {
    forget(tx, credential.user_id)?;
    let id = credential.user_id.to_string();
    let sealed = tx.seal.close(place(&id), credential.phc.as_bytes())?;
    let values = (
        imported_hashes::id.eq(&id),
        imported_hashes::hash.eq(sealed),
        imported_hashes::set_at.eq(credential.set_at.0),
    );
    diesel::insert_into(imported_hashes::table).values(values).execute(&mut tx.conn)?;
    Ok(())
}

/// The hash that another system made.
fn opened(tx: &Tx, id: &str, (sealed, set_at): (&[u8], i64)) -> Result<Credential, Error> {
    let row = Row { table: "imported_hashes", id };
    let opened = tx.seal.open(place(id), sealed)?;
    let phc = std::str::from_utf8(opened.expose_secret()).map_err(|_| row.corrupt())?;
    Ok(Credential {
        user_id: row.id(id)?,
        phc: phc.to_owned(),
        pepper_id: String::new(),
        must_change_before: None,
        set_at: Ts(set_at),
    })
}

/// How many people have not used the password yet that they brought along.
pub fn imported(tx: &mut Tx) -> Result<i64, Error> {
    Ok(imported_hashes::table.count().get_result(&mut tx.conn)?)
}

/// Takes a person's password away; nothing happens when they have none.
pub fn forget(tx: &mut Tx, user: UserId) -> Result<(), Error> {
    diesel::delete(imported_hashes::table.find(user.to_string())).execute(&mut tx.conn)?;
    diesel::delete(credentials::table.find(user.to_string())).execute(&mut tx.conn)?;
    Ok(())
}

impl CredentialRow {
    fn read(self) -> Result<Credential, Error> {
        let row = Row { table: "credentials", id: &self.user_id };
        // Without a pepper a hash opens something only when it comes from the sealed table: whoever
        // can write this one but has no master key makes no password (R003).
        if self.pepper_id.is_empty() {
            return Err(row.corrupt());
        }
        Ok(Credential {
            user_id: row.id(&self.user_id)?,
            phc: self.phc,
            pepper_id: self.pepper_id,
            must_change_before: self.must_change_before.map(Ts),
            set_at: Ts(self.set_at),
        })
    }
}
