//! Stored passwords: one per person.

use diesel::{AsChangeset, Insertable, OptionalExtension, QueryDsl, Queryable, RunQueryDsl};
use model::{Ts, credential::Credential, ids::UserId};

use crate::{Error, Tx, schema::credentials, text::Row};

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = credentials, treat_none_as_default_value = false, treat_none_as_null = true, primary_key(user_id))]
struct CredentialRow {
    user_id: String,
    phc: String,
    pepper_id: String,
    must_change_before: Option<i64>,
    set_at: i64,
}

/// A person's password.
pub fn by_user(tx: &mut Tx, user: UserId) -> Result<Option<Credential>, Error> {
    let row: Option<CredentialRow> =
        credentials::table.find(user.to_string()).first(&mut tx.conn).optional()?;
    row.map(CredentialRow::read).transpose()
}

/// Sets or replaces a person's password.
pub fn put(tx: &mut Tx, credential: &Credential) -> Result<(), Error> {
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
    Ok(())
}

/// Takes a person's password away; nothing happens when they have none.
pub fn forget(tx: &mut Tx, user: UserId) -> Result<(), Error> {
    diesel::delete(credentials::table.find(user.to_string())).execute(&mut tx.conn)?;
    Ok(())
}

impl CredentialRow {
    fn read(self) -> Result<Credential, Error> {
        let row = Row { table: "credentials", id: &self.user_id };
        Ok(Credential {
            user_id: row.id(&self.user_id)?,
            phc: self.phc,
            pepper_id: self.pepper_id,
            must_change_before: self.must_change_before.map(Ts),
            set_at: Ts(self.set_at),
        })
    }
}
