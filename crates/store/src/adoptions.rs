//! The ledger of objects that were taken over, and what each had by then (F098, Y27).

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use model::{
    Ts,
    ids::{ObjectId, TenantId, UserId},
    matches::Adoption,
};

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

/// Writes down what an object has just before it is taken over, in the place of what an attempt before
/// had seen, since none of it can be ours yet.
pub fn begin(tx: &mut Tx, tenant: TenantId, adoption: &Adoption) -> Result<(), Error> {
    diesel::delete(adoptions::table.find((tenant.to_string(), adoption.object_id.to_string())))
        .execute(&mut tx.conn)?;
    put(tx, tenant, adoption)
}

/// Every object of a tenant that was taken over, or begun to be.
pub fn all(tx: &mut Tx, tenant: TenantId) -> Result<Vec<Adoption>, Error> {
    let rows: Vec<AdoptionRow> = adoptions::table
        .filter(adoptions::tenant_id.eq(tenant.to_string()))
        .order(adoptions::object_id)
        .load(&mut tx.conn)?;
    rows.into_iter().map(read).collect()
}

/// Those that are one person's.
pub fn of_user(tx: &mut Tx, tenant: TenantId, user: UserId) -> Result<Vec<Adoption>, Error> {
    let rows: Vec<AdoptionRow> = adoptions::table
        .filter(adoptions::tenant_id.eq(tenant.to_string()))
        .filter(adoptions::user_id.eq(user.to_string()))
        .order(adoptions::object_id)
        .load(&mut tx.conn)?;
    rows.into_iter().map(read).collect()
}

/// Whether an object was taken over for a person, or begun to be.
pub fn is_begun(
    tx: &mut Tx,
    tenant: TenantId,
    (user, object): (UserId, ObjectId),
) -> Result<bool, Error> {
    Ok(of_user(tx, tenant, user)?.iter().any(|adoption| adoption.object_id == object))
}

/// Tenant, person, object, products, time.
type AdoptionRow = (String, String, String, String, i64);

fn read((_, user, object, skus, at): AdoptionRow) -> Result<Adoption, Error> {
    let row = Row { table: "adoptions", id: &object };
    Ok(Adoption {
        user_id: row.id(&user)?,
        object_id: row.id(&object)?,
        found_skus: row.json(&skus)?,
        at: Ts(at),
    })
}
