//! The newest look at the objects of each tenant, kept whole: the match table is made from it.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use model::{Ts, ids::TenantId, matches::TenantLook};

use crate::{
    Error, Tx,
    connection::both,
    schema::tenant_looks,
    text::{self, Row},
};

/// A look as it is stored: made before the transaction, which everybody else waits for.
pub struct Written {
    at: i64,
    objects: String,
}

/// Writes a look out.
#[must_use]
pub fn written(look: &TenantLook) -> Written {
    Written { at: look.at.0, objects: text::json(&look.objects) }
}

/// Keeps a look in the place of the one before.
pub fn put(tx: &mut Tx, tenant: TenantId, look: &Written) -> Result<(), Error> {
    let seen = (tenant_looks::at.eq(look.at), tenant_looks::objects.eq(look.objects.as_str()));
    both!(tx, conn => diesel::insert_into(tenant_looks::table)
        .values((tenant_looks::tenant_id.eq(tenant.to_string()), seen))
        .on_conflict(tenant_looks::tenant_id)
        .do_update()
        .set(seen)
        .execute(conn))?;
    Ok(())
}

/// The newest look at a tenant, if there was one.
pub fn of_tenant(tx: &mut Tx, tenant: TenantId) -> Result<Option<TenantLook>, Error> {
    let id = tenant.to_string();
    let row: Option<(String, i64, String)> =
        tenant_looks::table.find(&id).first(&mut tx.conn).optional()?;
    let Some((_, at, objects)) = row else { return Ok(None) };
    let objects = Row { table: "tenant_looks", id: &id }.json(&objects)?;
    Ok(Some(TenantLook { at: Ts(at), objects }))
}
