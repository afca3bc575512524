//! Which Entra object is which of our people, per tenant.

use diesel::{BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use model::{
    Ts,
    entra::{EntraLink, Origin},
    ids::{ObjectId, TenantId, UserId},
};

use crate::{
    Error, Tx,
    connection::both,
    revision,
    schema::entra_links,
    text::{self, Row},
};

type LinkRow = (String, String, String, String, Option<i64>);

/// A person's link, in whichever tenant they have one.
pub fn by_user(tx: &mut Tx, user: UserId) -> Result<Option<EntraLink>, Error> {
    let row: Option<LinkRow> = entra_links::table
        .filter(entra_links::user_id.eq(user.to_string()))
        .order(entra_links::tenant_id)
        .first(&mut tx.conn)
        .optional()?;
    row.map(read).transpose()
}

/// A person's link in one tenant.
pub fn of_user(tx: &mut Tx, tenant: TenantId, user: UserId) -> Result<Option<EntraLink>, Error> {
    let row: Option<LinkRow> = entra_links::table
        .find((tenant.to_string(), user.to_string()))
        .first(&mut tx.conn)
        .optional()?;
    row.map(read).transpose()
}

/// An object's link.
pub fn by_object(
    tx: &mut Tx,
    tenant: TenantId,
    object: ObjectId,
) -> Result<Option<EntraLink>, Error> {
    let row: Option<LinkRow> = entra_links::table
        .filter(entra_links::tenant_id.eq(tenant.to_string()))
        .filter(entra_links::object_id.eq(object.to_string()))
        .first(&mut tx.conn)
        .optional()?;
    row.map(read).transpose()
}

/// Links a person to an object, replacing their older link; an object that is somebody else's
/// conflicts with `entra_links_tenant_id_object_id`. What we made stays ours when it is found again.
/// Whose object it is decides who administers the tenant: a token must not miss it (R087).
pub fn put(tx: &mut Tx, tenant: TenantId, link: &EntraLink) -> Result<(), Error> {
    let old = of_user(tx, tenant, link.user_id)?;
    let same = old.filter(|old| old.object_id == link.object_id);
    if same.is_none() {
        revision::bump(tx);
    }
    let made = same.is_some_and(|old| old.origin == Origin::Made);
    let object = (
        entra_links::object_id.eq(link.object_id.to_string()),
        entra_links::origin.eq(text::word(if made { Origin::Made } else { link.origin })),
        entra_links::deleted_at.eq(link.deleted_at.map(|at| at.0)),
    );
    both!(tx, conn => diesel::insert_into(entra_links::table)
        .values((
            entra_links::tenant_id.eq(tenant.to_string()),
            entra_links::user_id.eq(link.user_id.to_string()),
            object.clone(),
        ))
        .on_conflict((entra_links::tenant_id, entra_links::user_id))
        .do_update()
        .set(object)
        .execute(conn))?;
    Ok(())
}

/// Remembers since when a person's object is in the bin, or that it is there no more.
pub fn set_deleted(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    deleted_at: Option<Ts>,
) -> Result<(), Error> {
    diesel::update(entra_links::table.find((tenant.to_string(), user.to_string())))
        .set(entra_links::deleted_at.eq(deleted_at.map(|at| at.0)))
        .execute(&mut tx.conn)?;
    Ok(())
}

/// Forgets a person's link.
pub fn remove(tx: &mut Tx, tenant: TenantId, user: UserId) -> Result<(), Error> {
    let row = entra_links::table.find((tenant.to_string(), user.to_string()));
    if diesel::delete(row).execute(&mut tx.conn)? > 0 {
        revision::bump(tx);
    }
    Ok(())
}

/// The links of these people, and of these objects.
pub fn among(
    tx: &mut Tx,
    tenant: TenantId,
    people: &[UserId],
    objects: &[ObjectId],
) -> Result<Vec<EntraLink>, Error> {
    let people: Vec<String> = people.iter().map(UserId::to_string).collect();
    let objects: Vec<String> = objects.iter().map(ObjectId::to_string).collect();
    let these = entra_links::user_id.eq_any(people).or(entra_links::object_id.eq_any(objects));
    let rows: Vec<LinkRow> = entra_links::table
        .filter(entra_links::tenant_id.eq(tenant.to_string()))
        .filter(these)
        .order(entra_links::user_id)
        .load(&mut tx.conn)?;
    rows.into_iter().map(read).collect()
}

/// Every link of a tenant.
pub fn all(tx: &mut Tx, tenant: TenantId) -> Result<Vec<EntraLink>, Error> {
    let rows: Vec<LinkRow> = entra_links::table
        .filter(entra_links::tenant_id.eq(tenant.to_string()))
        .order(entra_links::user_id)
        .load(&mut tx.conn)?;
    rows.into_iter().map(read).collect()
}

fn read((_, user_id, object_id, origin, deleted_at): LinkRow) -> Result<EntraLink, Error> {
    let row = Row { table: "entra_links", id: &user_id };
    Ok(EntraLink {
        user_id: row.id(&user_id)?,
        object_id: row.id(&object_id)?,
        origin: row.word(&origin)?,
        deleted_at: deleted_at.map(Ts),
    })
}
