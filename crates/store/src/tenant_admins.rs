//! Who held an administrator role in a tenant when its objects were looked at last: our people, and
//! everybody else there. Gatehouse never touches such an object and so never links it: whose it is, the
//! immutable id says that it carries, as it does where a token is taken.

use std::collections::{HashMap, HashSet};

use diesel::{
    ExpressionMethods, NullableExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl,
    dsl::exists, select,
};
use model::{
    Ts,
    ids::{ObjectId, TenantId, UserId},
};

use crate::{
    Error, Tx,
    connection::both,
    entra_links, revision,
    schema::{entra_links as links, role_looks, tenant_admins, users},
    text::Row,
};

/// Objects that hold a role, each with the immutable id that it carries.
pub type Holders = HashMap<ObjectId, Option<String>>;

/// Keeps who was seen with a role, over a whole tenant; whether that is something else than before.
pub fn replace(tx: &mut Tx, tenant: TenantId, seen: &Holders) -> Result<bool, Error> {
    if all(tx, tenant)? == *seen {
        return Ok(false);
    }
    diesel::delete(tenant_admins::table)
        .filter(tenant_admins::tenant_id.eq(tenant.to_string()))
        .execute(&mut tx.conn)?;
    for (object, immutable_id) in seen {
        add(tx, tenant, *object, immutable_id.as_deref())?;
    }
    revision::bump(tx);
    Ok(true)
}

/// Keeps that an object was seen with a role.
pub fn add(
    tx: &mut Tx,
    tenant: TenantId,
    object: ObjectId,
    immutable_id: Option<&str>,
) -> Result<(), Error> {
    let row = (
        tenant_admins::tenant_id.eq(tenant.to_string()),
        tenant_admins::object_id.eq(object.to_string()),
        tenant_admins::immutable_id.eq(immutable_id),
    );
    // Two runs may see the same at once.
    both!(tx, conn => diesel::insert_into(tenant_admins::table)
        .values(row)
        .on_conflict((tenant_admins::tenant_id, tenant_admins::object_id))
        .do_update()
        .set(tenant_admins::immutable_id.eq(immutable_id))
        .execute(conn))?;
    revision::bump(tx);
    Ok(())
}

/// Keeps that an object was seen without one.
pub fn remove(tx: &mut Tx, tenant: TenantId, object: ObjectId) -> Result<(), Error> {
    let row = tenant_admins::table.find((tenant.to_string(), object.to_string()));
    diesel::delete(row).execute(&mut tx.conn)?;
    revision::bump(tx);
    Ok(())
}

/// Everybody of a tenant who was seen with a role.
pub fn all(tx: &mut Tx, tenant: TenantId) -> Result<Holders, Error> {
    let rows: Vec<(String, Option<String>)> = tenant_admins::table
        .filter(tenant_admins::tenant_id.eq(tenant.to_string()))
        .select((tenant_admins::object_id, tenant_admins::immutable_id))
        .load(&mut tx.conn)?;
    let read = |(id, immutable_id): (String, _)| {
        Ok((Row { table: "tenant_admins", id: &id }.id(&id)?, immutable_id))
    };
    rows.into_iter().map(read).collect()
}

/// Those of them who are our people: by their link, or by the immutable id.
pub fn people(tx: &mut Tx, tenant: TenantId) -> Result<HashSet<UserId>, Error> {
    let admins = || tenant_admins::table.filter(tenant_admins::tenant_id.eq(tenant.to_string()));
    let linked: Vec<String> = links::table
        .filter(links::tenant_id.eq(tenant.to_string()))
        .filter(links::object_id.eq_any(admins().select(tenant_admins::object_id)))
        .select(links::user_id)
        .load(&mut tx.conn)?;
    let named: Vec<String> = users::table
        .filter(users::immutable_id.nullable().eq_any(admins().select(tenant_admins::immutable_id)))
        .select(users::id)
        .load(&mut tx.conn)?;
    let read = |id: &String| Row { table: "users", id }.id(id);
    linked.iter().chain(&named).map(read).collect()
}

/// Whether one of our people is among them.
pub fn is_one(tx: &mut Tx, tenant: TenantId, user: UserId) -> Result<bool, Error> {
    if let Some(link) = entra_links::of_user(tx, tenant, user)? {
        let linked = tenant_admins::table.find((tenant.to_string(), link.object_id.to_string()));
        if select(exists(linked)).get_result(&mut tx.conn)? {
            return Ok(true);
        }
    }
    let theirs = users::table.find(user.to_string()).select(users::immutable_id.nullable());
    let named = tenant_admins::table
        .filter(tenant_admins::tenant_id.eq(tenant.to_string()))
        .filter(tenant_admins::immutable_id.eq_any(theirs));
    Ok(select(exists(named)).get_result(&mut tx.conn)?)
}

/// Remembers when the roles of a whole tenant were looked at.
pub fn looked(tx: &mut Tx, tenant: TenantId, at: Ts) -> Result<(), Error> {
    both!(tx, conn => diesel::insert_into(role_looks::table)
        .values((role_looks::tenant_id.eq(tenant.to_string()), role_looks::at.eq(at.0)))
        .on_conflict(role_looks::tenant_id)
        .do_update()
        .set(role_looks::at.eq(at.0))
        .execute(conn))?;
    Ok(())
}

/// When they were looked at last, if ever.
pub fn last_look(tx: &mut Tx, tenant: TenantId) -> Result<Option<Ts>, Error> {
    let look = role_looks::table.find(tenant.to_string()).select(role_looks::at);
    Ok(look.first(&mut tx.conn).optional()?.map(Ts))
}
