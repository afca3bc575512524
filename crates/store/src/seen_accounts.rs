//! The accounts of a look at a tenant, a row each: searched and filtered a page at a time, and found by
//! what may tell whose they are.

mod search;

use std::collections::BTreeSet;

use diesel::{ExpressionMethods, Insertable, QueryDsl, RunQueryDsl};
use model::{
    ids::{LookId, ObjectId},
    tenant_people::Account,
    upn::fold,
};

use crate::{
    Error, Tx,
    connection::insert_all,
    schema::{seen_accounts, seen_addresses},
    text::{self, Row},
};

pub use search::{AccountSearch, After, Holding, count, left_over, matching, page};

/// How many accounts are written, or forgotten, in one statement.
pub const PORTION: usize = 500;

#[derive(Insertable)]
#[diesel(table_name = seen_accounts)]
struct SeenRow {
    look_id: String,
    object_id: String,
    upn_fold: String,
    search_fold: String,
    domain: String,
    kind: String,
    enabled: bool,
    licensed: bool,
    account: String,
}

#[derive(Insertable)]
#[diesel(table_name = seen_addresses)]
struct AddressRow {
    look_id: String,
    address: String,
    object_id: String,
}

/// How an immutable id stands among the addresses.
fn by_immutable_id(id: &str) -> String {
    format!("id:{id}")
}

/// Writes accounts of a look that does not count yet.
pub fn add(tx: &mut Tx, look: LookId, accounts: &[Account]) -> Result<(), Error> {
    for portion in accounts.chunks(PORTION) {
        let rows: Vec<SeenRow> = portion.iter().map(|account| SeenRow::of(look, account)).collect();
        insert_all!(tx, seen_accounts, &rows);
        let rows: Vec<AddressRow> =
            portion.iter().flat_map(|account| AddressRow::all_of(look, account)).collect();
        // One account may have hundreds, and a statement takes so many values.
        for some in rows.chunks(5_000) {
            insert_all!(tx, seen_addresses, some);
        }
    }
    Ok(())
}

/// These accounts of a look, by name.
pub fn with_ids(tx: &mut Tx, look: LookId, ids: &[ObjectId]) -> Result<Vec<Account>, Error> {
    let ids: Vec<String> = ids.iter().map(ObjectId::to_string).collect();
    let rows: Vec<(String, String)> = seen_accounts::table
        .filter(seen_accounts::look_id.eq(look.to_string()))
        .filter(seen_accounts::object_id.eq_any(ids))
        .order((seen_accounts::upn_fold, seen_accounts::object_id))
        .select((seen_accounts::object_id, seen_accounts::account))
        .load(&mut tx.conn)?;
    rows.iter().map(read).collect()
}

/// The accounts that have one of these addresses, or carry one of these immutable ids.
pub fn reached(
    tx: &mut Tx,
    look: LookId,
    addresses: &[String],
    immutable_ids: &[String],
) -> Result<Vec<Account>, Error> {
    let ids = immutable_ids.iter().map(|id| by_immutable_id(id));
    let wanted: Vec<String> = addresses.iter().cloned().chain(ids).collect();
    let found: Vec<String> = seen_addresses::table
        .filter(seen_addresses::look_id.eq(look.to_string()))
        .filter(seen_addresses::address.eq_any(wanted))
        .select(seen_addresses::object_id)
        .load(&mut tx.conn)?;
    let row = Row { table: "seen_addresses", id: "" };
    let ids: BTreeSet<ObjectId> = found.iter().map(|id| row.id(id)).collect::<Result<_, _>>()?;
    with_ids(tx, look, &ids.into_iter().collect::<Vec<_>>())
}

/// Forgets a portion of a look that does not count; false once nothing of it is left.
pub fn forget(tx: &mut Tx, look: LookId) -> Result<bool, Error> {
    let id = look.to_string();
    let few: Vec<String> = seen_accounts::table
        .filter(seen_accounts::look_id.eq(&id))
        .select(seen_accounts::object_id)
        .limit(i64::try_from(PORTION).unwrap_or(i64::MAX))
        .load(&mut tx.conn)?;
    let addresses = seen_addresses::table
        .filter(seen_addresses::look_id.eq(&id))
        .filter(seen_addresses::object_id.eq_any(&few));
    diesel::delete(addresses).execute(&mut tx.conn)?;
    let accounts = seen_accounts::table
        .filter(seen_accounts::look_id.eq(&id))
        .filter(seen_accounts::object_id.eq_any(&few));
    Ok(diesel::delete(accounts).execute(&mut tx.conn)? > 0)
}

/// Looks of which rows are left: those that count, one that is being written, and what a crash left.
pub fn looks(tx: &mut Tx) -> Result<Vec<LookId>, Error> {
    let ids: Vec<String> =
        seen_accounts::table.select(seen_accounts::look_id).distinct().load(&mut tx.conn)?;
    ids.iter().map(|id| Row { table: "seen_accounts", id }.id(id)).collect()
}

fn read((id, account): &(String, String)) -> Result<Account, Error> {
    Row { table: "seen_accounts", id }.json(account)
}

impl SeenRow {
    fn of(look: LookId, account: &Account) -> Self {
        let object = &account.object;
        let words = [Some(&object.upn), Some(&object.display_name), object.mail.as_ref()];
        let words: Vec<String> = words.into_iter().flatten().map(|word| fold(word)).collect();
        Self {
            look_id: look.to_string(),
            object_id: object.id.to_string(),
            upn_fold: fold(&object.upn),
            search_fold: words.join("\n"),
            domain: account.domain(),
            kind: text::word(account.kind()),
            enabled: account.enabled,
            licensed: account.licensed,
            account: text::json(account),
        }
    }
}

impl AddressRow {
    fn all_of(look: LookId, account: &Account) -> Vec<Self> {
        let id = account.object.immutable_id.as_deref().map(by_immutable_id);
        let row = |address| Self {
            look_id: look.to_string(),
            address,
            object_id: account.object.id.to_string(),
        };
        account.addresses().into_iter().chain(id).map(row).collect()
    }
}
