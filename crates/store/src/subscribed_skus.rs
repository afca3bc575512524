//! The products of a tenant, as last seen.

use diesel::{ExpressionMethods, Insertable, QueryDsl, Queryable, RunQueryDsl};
use model::{Ts, entra::SubscribedSku, ids::TenantId};

use crate::{
    Error, Tx,
    schema::subscribed_skus,
    text::{self, Row},
};

#[derive(Queryable, Insertable)]
#[diesel(table_name = subscribed_skus, treat_none_as_default_value = false)]
struct SkuRow {
    tenant_id: String,
    sku_id: String,
    sku_part_number: String,
    enabled: i64,
    consumed: i64,
    usable: bool,
    service_plans: String,
    seen_at: i64,
}

/// Remembers exactly these products.
pub fn replace(
    tx: &mut Tx,
    tenant: TenantId,
    skus: &[SubscribedSku],
    now: Ts,
) -> Result<(), Error> {
    let tenant = tenant.to_string();
    diesel::delete(subscribed_skus::table.filter(subscribed_skus::tenant_id.eq(&tenant)))
        .execute(&mut tx.conn)?;
    for sku in skus {
        let row = SkuRow {
            tenant_id: tenant.clone(),
            sku_id: sku.sku_id.to_string(),
            sku_part_number: sku.sku_part_number.clone(),
            enabled: i64::from(sku.enabled),
            consumed: i64::from(sku.consumed),
            usable: sku.usable,
            service_plans: text::json(&sku.service_plans),
            seen_at: now.0,
        };
        diesel::insert_into(subscribed_skus::table).values(&row).execute(&mut tx.conn)?;
    }
    Ok(())
}

/// A tenant's products, by their short name.
pub fn of_tenant(tx: &mut Tx, tenant: TenantId) -> Result<Vec<SubscribedSku>, Error> {
    let rows: Vec<SkuRow> = subscribed_skus::table
        .filter(subscribed_skus::tenant_id.eq(tenant.to_string()))
        .order((subscribed_skus::sku_part_number, subscribed_skus::sku_id))
        .load(&mut tx.conn)?;
    rows.into_iter().map(SkuRow::read).collect()
}

impl SkuRow {
    fn read(self) -> Result<SubscribedSku, Error> {
        let row = Row { table: "subscribed_skus", id: &self.sku_id };
        Ok(SubscribedSku {
            sku_id: row.id(&self.sku_id)?,
            enabled: row.number(self.enabled)?,
            consumed: row.number(self.consumed)?,
            usable: self.usable,
            service_plans: row.json(&self.service_plans)?,
            sku_part_number: self.sku_part_number,
        })
    }
}
