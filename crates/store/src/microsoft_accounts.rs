//! Microsoft accounts that people linked: found by tenant and object, never by a name.

use diesel::{ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, RunQueryDsl};
use model::{
    Ts,
    ids::{EntraTenantId, MicrosoftAccountId, ObjectId, UserId},
    microsoft_account::{Identity, MicrosoftAccount},
};

use crate::{Error, Tx, schema::microsoft_accounts, text::Row};

#[derive(Queryable, Insertable)]
#[diesel(table_name = microsoft_accounts, treat_none_as_default_value = false)]
struct AccountRow {
    id: String,
    user_id: String,
    tenant: String,
    object: String,
    name: String,
    linked_at: i64,
    used_at: Option<i64>,
}

/// Links an account; one that is linked already, to whomever, is a conflict.
pub fn put(tx: &mut Tx, account: &MicrosoftAccount) -> Result<(), Error> {
    let row = AccountRow {
        id: account.id.to_string(),
        user_id: account.user_id.to_string(),
        tenant: account.identity.tenant.to_string(),
        object: account.identity.object.to_string(),
        name: account.name.clone(),
        linked_at: account.linked_at.0,
        used_at: account.used_at.map(|at| at.0),
    };
    diesel::insert_into(microsoft_accounts::table).values(&row).execute(&mut tx.conn)?;
    Ok(())
}

/// The link of somebody at Microsoft, if there is one.
pub fn by_identity(tx: &mut Tx, identity: Identity) -> Result<Option<MicrosoftAccount>, Error> {
    let row: Option<AccountRow> = microsoft_accounts::table
        .filter(microsoft_accounts::tenant.eq(identity.tenant.to_string()))
        .filter(microsoft_accounts::object.eq(identity.object.to_string()))
        .first(&mut tx.conn)
        .optional()?;
    row.map(AccountRow::read).transpose()
}

/// Which of these accounts of a tenant are somebody's.
pub fn linked_among(
    tx: &mut Tx,
    tenant: EntraTenantId,
    objects: &[ObjectId],
) -> Result<Vec<ObjectId>, Error> {
    let objects: Vec<String> = objects.iter().map(ObjectId::to_string).collect();
    let ids: Vec<String> = microsoft_accounts::table
        .filter(microsoft_accounts::tenant.eq(tenant.to_string()))
        .filter(microsoft_accounts::object.eq_any(objects))
        .select(microsoft_accounts::object)
        .load(&mut tx.conn)?;
    ids.iter().map(|id| Row { table: "microsoft_accounts", id }.id(id)).collect()
}

/// A person's links, the oldest first.
pub fn of_user(tx: &mut Tx, user: UserId) -> Result<Vec<MicrosoftAccount>, Error> {
    let rows: Vec<AccountRow> = microsoft_accounts::table
        .filter(microsoft_accounts::user_id.eq(user.to_string()))
        .order((microsoft_accounts::linked_at, microsoft_accounts::id))
        .load(&mut tx.conn)?;
    rows.into_iter().map(AccountRow::read).collect()
}

/// Writes down that one was used to sign in.
pub fn used(tx: &mut Tx, id: MicrosoftAccountId, now: Ts) -> Result<(), Error> {
    diesel::update(microsoft_accounts::table.find(id.to_string()))
        .set(microsoft_accounts::used_at.eq(now.0))
        .execute(&mut tx.conn)?;
    Ok(())
}

/// Takes a link away; false when it was gone before.
pub fn remove(tx: &mut Tx, id: MicrosoftAccountId) -> Result<bool, Error> {
    let one = microsoft_accounts::table.find(id.to_string());
    Ok(diesel::delete(one).execute(&mut tx.conn)? == 1)
}

/// Takes every link of a person away; says how many.
pub fn remove_all_of(tx: &mut Tx, user: UserId) -> Result<usize, Error> {
    let theirs = microsoft_accounts::table.filter(microsoft_accounts::user_id.eq(user.to_string()));
    Ok(diesel::delete(theirs).execute(&mut tx.conn)?)
}

impl AccountRow {
    fn read(self) -> Result<MicrosoftAccount, Error> {
        let row = Row { table: "microsoft_accounts", id: &self.id };
        Ok(MicrosoftAccount {
            id: row.id(&self.id)?,
            user_id: row.id(&self.user_id)?,
            identity: Identity { tenant: row.id(&self.tenant)?, object: row.id(&self.object)? },
            linked_at: Ts(self.linked_at),
            used_at: self.used_at.map(Ts),
            name: self.name,
        })
    }
}
