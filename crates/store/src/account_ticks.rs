//! What an admin wants of the accounts of a tenant, in a draft.

use diesel::{ExpressionMethods, Insertable, QueryDsl, Queryable, RunQueryDsl};
use model::{
    ids::{ImportId, ObjectId},
    tenant_people::Tick,
};

use crate::{
    Error, Tx,
    connection::insert_all,
    schema::account_ticks,
    text::{self, Row},
};

/// How many are written in one statement.
const PORTION: usize = 500;

#[derive(Queryable, Insertable)]
#[diesel(table_name = account_ticks)]
struct TickRow {
    import_id: String,
    object_id: String,
    sync: bool,
    sso: bool,
    choice: String,
}

/// Keeps what is wanted of accounts in the place of what was wanted of them before. The draft is
/// locked by the caller.
pub fn put(tx: &mut Tx, import: ImportId, ticks: &[Tick]) -> Result<(), Error> {
    for portion in ticks.chunks(PORTION) {
        let ids: Vec<ObjectId> = portion.iter().map(|tick| tick.object).collect();
        forget(tx, import, &ids)?;
        let row = |tick: &Tick| TickRow {
            import_id: import.to_string(),
            object_id: tick.object.to_string(),
            sync: tick.sync,
            sso: tick.sso,
            choice: text::json(&tick.choice),
        };
        let rows: Vec<TickRow> = portion.iter().map(row).collect();
        insert_all!(tx, account_ticks, &rows);
    }
    Ok(())
}

/// Wants nothing of these accounts any more.
pub fn forget(tx: &mut Tx, import: ImportId, objects: &[ObjectId]) -> Result<(), Error> {
    let ids: Vec<String> = objects.iter().map(ObjectId::to_string).collect();
    let these = account_ticks::table
        .filter(account_ticks::import_id.eq(import.to_string()))
        .filter(account_ticks::object_id.eq_any(ids));
    diesel::delete(these).execute(&mut tx.conn)?;
    Ok(())
}

/// Everything that a draft wants, in the order of the accounts' ids.
pub fn all(tx: &mut Tx, import: ImportId) -> Result<Vec<Tick>, Error> {
    let rows: Vec<TickRow> = account_ticks::table
        .filter(account_ticks::import_id.eq(import.to_string()))
        .order(account_ticks::object_id)
        .load(&mut tx.conn)?;
    rows.into_iter().map(TickRow::read).collect()
}

/// What a draft wants of these accounts.
pub fn of(tx: &mut Tx, import: ImportId, objects: &[ObjectId]) -> Result<Vec<Tick>, Error> {
    let ids: Vec<String> = objects.iter().map(ObjectId::to_string).collect();
    let rows: Vec<TickRow> = account_ticks::table
        .filter(account_ticks::import_id.eq(import.to_string()))
        .filter(account_ticks::object_id.eq_any(ids))
        .load(&mut tx.conn)?;
    rows.into_iter().map(TickRow::read).collect()
}

/// Of how many accounts a draft wants something.
pub fn count(tx: &mut Tx, import: ImportId) -> Result<i64, Error> {
    let all = account_ticks::table.filter(account_ticks::import_id.eq(import.to_string()));
    Ok(all.count().get_result(&mut tx.conn)?)
}

impl TickRow {
    fn read(self) -> Result<Tick, Error> {
        let row = Row { table: "account_ticks", id: &self.import_id };
        Ok(Tick {
            object: row.id(&self.object_id)?,
            sync: self.sync,
            sso: self.sso,
            choice: row.json(&self.choice)?,
        })
    }
}
