//! Who held an administrator role in a tenant when its objects were looked at last: our people, and
//! everybody else there.

use std::collections::HashSet;

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, dsl::exists, select};
use model::ids::{ObjectId, TenantId, UserId};

use crate::{
    Error, Tx,
    connection::both,
    entra_links, revision,
    schema::{entra_links as links, tenant_admins},
    text::Row,
};

/// Keeps who was seen with a role, over a whole tenant; whether that is something else than before.
pub fn replace(tx: &mut Tx, tenant: TenantId, seen: &[ObjectId]) -> Result<bool, Error> {
    let seen: HashSet<ObjectId> = seen.iter().copied().collect();
    if all(tx, tenant)? == seen {
        return Ok(false);
    }
    diesel::delete(tenant_admins::table)
        .filter(tenant_admins::tenant_id.eq(tenant.to_string()))
        .execute(&mut tx.conn)?;
    for object in seen {
        add(tx, tenant, object)?;
    }
    revision::bump(tx);
    Ok(true)
}

/// Keeps how one object was seen; whether that is something else than before.
pub fn set(tx: &mut Tx, tenant: TenantId, object: ObjectId, has_role: bool) -> Result<bool, Error> {
    if has(tx, tenant, object)? == has_role {
        return Ok(false);
    }
    if has_role {
        add(tx, tenant, object)?;
    } else {
        let row = tenant_admins::table.find((tenant.to_string(), object.to_string()));
        diesel::delete(row).execute(&mut tx.conn)?;
    }
    revision::bump(tx);
    Ok(true)
}

/// Everybody of a tenant who was seen with a role.
pub fn all(tx: &mut Tx, tenant: TenantId) -> Result<HashSet<ObjectId>, Error> {
    let rows: Vec<String> = tenant_admins::table
        .filter(tenant_admins::tenant_id.eq(tenant.to_string()))
        .select(tenant_admins::object_id)
        .load(&mut tx.conn)?;
    rows.iter().map(|id| Row { table: "tenant_admins", id }.id(id)).collect()
}

/// Those of them who are our people.
pub fn people(tx: &mut Tx, tenant: TenantId) -> Result<Vec<UserId>, Error> {
    let admins = tenant_admins::table
        .filter(tenant_admins::tenant_id.eq(tenant.to_string()))
        .select(tenant_admins::object_id);
    let rows: Vec<String> = links::table
        .filter(links::tenant_id.eq(tenant.to_string()))
        .filter(links::object_id.eq_any(admins))
        .select(links::user_id)
        .load(&mut tx.conn)?;
    rows.iter().map(|id| Row { table: "entra_links", id }.id(id)).collect()
}

/// Whether one of our people is among them.
pub fn is_one(tx: &mut Tx, tenant: TenantId, user: UserId) -> Result<bool, Error> {
    let Some(link) = entra_links::of_user(tx, tenant, user)? else { return Ok(false) };
    has(tx, tenant, link.object_id)
}

fn has(tx: &mut Tx, tenant: TenantId, object: ObjectId) -> Result<bool, Error> {
    let row = tenant_admins::table.find((tenant.to_string(), object.to_string()));
    Ok(select(exists(row)).get_result(&mut tx.conn)?)
}

fn add(tx: &mut Tx, tenant: TenantId, object: ObjectId) -> Result<(), Error> {
    let row = (
        tenant_admins::tenant_id.eq(tenant.to_string()),
        tenant_admins::object_id.eq(object.to_string()),
    );
    // Two runs may see the same at once.
    both!(tx, conn => diesel::insert_into(tenant_admins::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(conn))?;
    Ok(())
}
