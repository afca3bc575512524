//! The newest look at the people of each tenant. Its rows (`seen_accounts`) are written before, in
//! portions, and count from the moment that the look takes the place of the one before.

use diesel::{Insertable, OptionalExtension, QueryDsl, Queryable, RunQueryDsl};
use model::{
    Ts,
    ids::{LookId, TenantId},
    tenant_people::AccountLook,
};

use crate::{
    Error, Tx,
    connection::first_locked,
    schema::account_looks,
    text::{self, Row},
};

#[derive(Queryable, Insertable)]
#[diesel(table_name = account_looks)]
struct LookRow {
    tenant_id: String,
    look_id: String,
    at: i64,
    found: i64,
    domains: String,
}

/// The newest look at a tenant, if there was one.
pub fn of_tenant(tx: &mut Tx, tenant: TenantId) -> Result<Option<AccountLook>, Error> {
    let row: Option<LookRow> =
        account_looks::table.find(tenant.to_string()).first(&mut tx.conn).optional()?;
    row.map(LookRow::read).transpose()
}

/// Lets a look that is whole take the place of the one before, and says which look is of no use now:
/// the one before, or this one when a newer one is there.
pub fn publish(tx: &mut Tx, tenant: TenantId, look: &AccountLook) -> Result<Option<LookId>, Error> {
    let id = tenant.to_string();
    let before = first_locked!(tx, LookRow, account_looks::table.find(&id))?;
    let before = before.map(LookRow::read).transpose()?;
    if before.as_ref().is_some_and(|before| before.at > look.at) {
        return Ok(Some(look.id));
    }
    diesel::delete(account_looks::table.find(&id)).execute(&mut tx.conn)?;
    let row = LookRow {
        tenant_id: id,
        look_id: look.id.to_string(),
        at: look.at.0,
        found: i64::from(look.found),
        domains: text::json(&look.domains),
    };
    diesel::insert_into(account_looks::table).values(&row).execute(&mut tx.conn)?;
    Ok(before.map(|before| before.id))
}

/// Every look that counts.
pub fn all(tx: &mut Tx) -> Result<Vec<LookId>, Error> {
    let ids: Vec<(String, String)> = account_looks::table
        .select((account_looks::tenant_id, account_looks::look_id))
        .load(&mut tx.conn)?;
    let row = |id| Row { table: "account_looks", id };
    ids.iter().map(|(tenant, look)| row(tenant).id(look)).collect()
}

impl LookRow {
    fn read(self) -> Result<AccountLook, Error> {
        let row = Row { table: "account_looks", id: &self.tenant_id };
        Ok(AccountLook {
            id: row.id(&self.look_id)?,
            at: Ts(self.at),
            found: row.number(self.found)?,
            domains: row.json(&self.domains)?,
        })
    }
}
