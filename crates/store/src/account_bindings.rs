//! Accounts that are somebody's and that provisioning leaves alone, and accounts that are to be ignored.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use model::ids::{ObjectId, TenantId, UserId};

use crate::{Error, Tx, schema::account_bindings, text::Row};

/// Tenant, account, person.
type BindingRow = (String, String, Option<String>);

/// An account, and whose it is; `None`: it is ignored.
pub type Binding = (ObjectId, Option<UserId>);

/// Keeps whose an account is, in the place of what was said before of it or of the person.
pub fn put(tx: &mut Tx, tenant: TenantId, (object, user): Binding) -> Result<(), Error> {
    remove(tx, tenant, object)?;
    if let Some(user) = user {
        forget_person(tx, tenant, user)?;
    }
    diesel::insert_into(account_bindings::table)
        .values((
            account_bindings::tenant_id.eq(tenant.to_string()),
            account_bindings::object_id.eq(object.to_string()),
            account_bindings::user_id.eq(user.map(|user| user.to_string())),
        ))
        .execute(&mut tx.conn)?;
    Ok(())
}

/// Forgets what was said of an account: true exactly once.
pub fn remove(tx: &mut Tx, tenant: TenantId, object: ObjectId) -> Result<bool, Error> {
    let row = account_bindings::table.find((tenant.to_string(), object.to_string()));
    Ok(diesel::delete(row).execute(&mut tx.conn)? == 1)
}

/// Leaves nothing of a person alone any more.
pub fn forget_person(tx: &mut Tx, tenant: TenantId, user: UserId) -> Result<bool, Error> {
    let theirs = account_bindings::table
        .filter(account_bindings::tenant_id.eq(tenant.to_string()))
        .filter(account_bindings::user_id.eq(user.to_string()));
    Ok(diesel::delete(theirs).execute(&mut tx.conn)? > 0)
}

/// What is said of an account.
pub fn of_object(
    tx: &mut Tx,
    tenant: TenantId,
    object: ObjectId,
) -> Result<Option<Binding>, Error> {
    let row: Option<BindingRow> = account_bindings::table
        .find((tenant.to_string(), object.to_string()))
        .first(&mut tx.conn)
        .optional()?;
    row.map(read).transpose()
}

/// The account that is left alone for a person, if there is one.
pub fn of_person(tx: &mut Tx, tenant: TenantId, user: UserId) -> Result<Option<ObjectId>, Error> {
    let row: Option<BindingRow> = account_bindings::table
        .filter(account_bindings::tenant_id.eq(tenant.to_string()))
        .filter(account_bindings::user_id.eq(user.to_string()))
        .first(&mut tx.conn)
        .optional()?;
    Ok(row.map(read).transpose()?.map(|(object, _)| object))
}

/// What is said of these accounts.
pub fn among(tx: &mut Tx, tenant: TenantId, objects: &[ObjectId]) -> Result<Vec<Binding>, Error> {
    let ids: Vec<String> = objects.iter().map(ObjectId::to_string).collect();
    let rows: Vec<BindingRow> = account_bindings::table
        .filter(account_bindings::tenant_id.eq(tenant.to_string()))
        .filter(account_bindings::object_id.eq_any(ids))
        .load(&mut tx.conn)?;
    rows.into_iter().map(read).collect()
}

/// Everybody whose account is left alone in a tenant.
pub fn left_alone(tx: &mut Tx, tenant: TenantId) -> Result<Vec<UserId>, Error> {
    let rows: Vec<BindingRow> = account_bindings::table
        .filter(account_bindings::tenant_id.eq(tenant.to_string()))
        .filter(account_bindings::user_id.is_not_null())
        .load(&mut tx.conn)?;
    let read: Result<Vec<Binding>, Error> = rows.into_iter().map(read).collect();
    Ok(read?.into_iter().filter_map(|(_, user)| user).collect())
}

fn read((_, object, user): BindingRow) -> Result<Binding, Error> {
    let row = Row { table: "account_bindings", id: &object };
    let user = user.as_deref().map(|user| row.id(user)).transpose()?;
    Ok((row.id(&object)?, user))
}
