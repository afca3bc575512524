//! Registered passkeys and security keys. The authenticator's id is unique in the house (R039), and a
//! use is written only over the state that it was checked against, so that of two copies one wins
//! (R038).

use std::collections::HashSet;

use diesel::{ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, RunQueryDsl};
use model::{
    Ts,
    ids::{FactorId, UserId},
    passkey::Passkey,
};

use crate::{
    Error, Tx,
    schema::passkeys,
    text::{self, Row},
};

#[derive(Queryable, Insertable)]
#[diesel(table_name = passkeys, treat_none_as_default_value = false)]
struct PasskeyRow {
    id: String,
    user_id: String,
    credential_id: Vec<u8>,
    credential: String,
    name: String,
    verifies: bool,
    created_at: i64,
    last_used_at: Option<i64>,
}

/// Adds one; a conflict when the authenticator's id is known already, whoever has it.
pub fn put(tx: &mut Tx, passkey: &Passkey) -> Result<(), Error> {
    let row = PasskeyRow {
        id: passkey.id.to_string(),
        user_id: passkey.user_id.to_string(),
        credential_id: passkey.credential_id.clone(),
        credential: passkey.credential.clone(),
        name: passkey.name.clone(),
        verifies: passkey.verifies,
        created_at: passkey.created_at.0,
        last_used_at: passkey.last_used_at.map(|at| at.0),
    };
    diesel::insert_into(passkeys::table).values(&row).execute(&mut tx.conn)?;
    Ok(())
}

/// The one with this id of the authenticator's.
pub fn by_credential_id(tx: &mut Tx, credential_id: &[u8]) -> Result<Option<Passkey>, Error> {
    let found = passkeys::table.filter(passkeys::credential_id.eq(credential_id));
    let row: Option<PasskeyRow> = found.first(&mut tx.conn).optional()?;
    row.map(PasskeyRow::read).transpose()
}

/// A person's, oldest first.
pub fn of_user(tx: &mut Tx, user: UserId) -> Result<Vec<Passkey>, Error> {
    let rows: Vec<PasskeyRow> = passkeys::table
        .filter(passkeys::user_id.eq(user.to_string()))
        .order((passkeys::created_at, passkeys::id))
        .load(&mut tx.conn)?;
    rows.into_iter().map(PasskeyRow::read).collect()
}

/// Everybody who has one.
pub fn holders(tx: &mut Tx) -> Result<HashSet<UserId>, Error> {
    let found = passkeys::table.select((passkeys::id, passkeys::user_id)).load(&mut tx.conn)?;
    let read = |(id, user): (String, String)| Row { table: "passkeys", id: &id }.id(&user);
    found.into_iter().map(read).collect()
}

/// Writes a use down: its new state in the place of the one that was checked. False when somebody
/// else used it meanwhile.
pub fn use_once(tx: &mut Tx, checked: &Passkey, credential: &str, now: Ts) -> Result<bool, Error> {
    let unchanged = passkeys::table
        .find(checked.id.to_string())
        .filter(passkeys::credential.eq(&checked.credential));
    let changed = diesel::update(unchanged)
        .set((passkeys::credential.eq(credential), passkeys::last_used_at.eq(now.0)))
        .execute(&mut tx.conn)?;
    Ok(changed == 1)
}

/// Gives one of a person's another name.
pub fn rename(tx: &mut Tx, user: UserId, id: FactorId, name: &str) -> Result<(), Error> {
    let theirs =
        passkeys::table.find(id.to_string()).filter(passkeys::user_id.eq(user.to_string()));
    let changed = diesel::update(theirs).set(passkeys::name.eq(name)).execute(&mut tx.conn)?;
    text::found(changed, "passkey")
}

/// Takes one of a person's away.
pub fn remove(tx: &mut Tx, user: UserId, id: FactorId) -> Result<(), Error> {
    let theirs =
        passkeys::table.find(id.to_string()).filter(passkeys::user_id.eq(user.to_string()));
    text::found(diesel::delete(theirs).execute(&mut tx.conn)?, "passkey")
}

impl PasskeyRow {
    fn read(self) -> Result<Passkey, Error> {
        let row = Row { table: "passkeys", id: &self.id };
        Ok(Passkey {
            id: row.id(&self.id)?,
            user_id: row.id(&self.user_id)?,
            credential_id: self.credential_id,
            credential: self.credential,
            name: self.name,
            verifies: self.verifies,
            created_at: Ts(self.created_at),
            last_used_at: self.last_used_at.map(Ts),
        })
    }
}
