//! The ledger of objects that were taken over, and what each had by then (F098, Y27).

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use model::{Ts, ids::TenantId, matches::Adoption};

use crate::{
    Error, Tx,
    connection::both,
    schema::adoptions,
    text::{self, Row},
};

/// Writes down that an object was taken over. What it had is what it had the first time: later
/// attempts of the same step may see products that we gave.
pub fn put(tx: &mut Tx, tenant: TenantId, adoption: &Adoption) -> Result<(), Error> {
    let whose = adoptions::user_id.eq(adoption.user_id.to_string());
    both!(tx, conn => diesel::insert_into(adoptions::table)
        .values((
            adoptions::tenant_id.eq(tenant.to_string()),
            whose.clone(),
            adoptions::object_id.eq(adoption.object_id.to_string()),
            adoptions::found_skus.eq(text::json(&adoption.found_skus)),
            adoptions::at.eq(adoption.at.0),
        ))
        .on_conflict((adoptions::tenant_id, adoptions::object_id))
        .do_update()
        .set(whose)
        .execute(conn))?;
    Ok(())
}

/// Every object of a tenant that was taken over.
pub fn all(tx: &mut Tx, tenant: TenantId) -> Result<Vec<Adoption>, Error> {
    let rows: Vec<(String, String, String, String, i64)> = adoptions::table
        .filter(adoptions::tenant_id.eq(tenant.to_string()))
        .order(adoptions::object_id)
        .load(&mut tx.conn)?;
    let read = |(_, user, object, skus, at): (String, String, String, String, i64)| {
        let row = Row { table: "adoptions", id: &object };
        Ok(Adoption {
            user_id: row.id(&user)?,
            object_id: row.id(&object)?,
            found_skus: row.json(&skus)?,
            at: Ts(at),
        })
    };
    rows.into_iter().map(read).collect()
}
