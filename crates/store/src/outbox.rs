//! Durable work that waits: "look at this scope of this tenant". One row waits per tenant and
//! scope; asking again gives the row a new id, so that whoever works on the old request can't tick
//! off the new one.

use diesel::{BoolExpressionMethods, ExpressionMethods, QueryDsl, RunQueryDsl};
use model::{
    Ts,
    ids::{OutboxId, TenantId},
    plan::Scope,
};

use crate::{
    Error, Tx,
    connection::both,
    schema::outbox,
    text::{self, Row},
};

/// Work that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxItem {
    /// Our id; a new one whenever the work is asked for again.
    pub id: OutboxId,
    /// Where.
    pub tenant_id: TenantId,
    /// What to look at.
    pub scope: Scope,
    /// How often it was put off.
    pub attempts: u32,
}

/// Asks for work, due at `now`, or [`URGENT`].
pub fn put(
    tx: &mut Tx,
    id: OutboxId,
    tenant: TenantId,
    scope: &Scope,
    now: Ts,
) -> Result<(), Error> {
    let asked =
        (outbox::id.eq(id.to_string()), outbox::attempts.eq(0_i64), outbox::due_at.eq(now.0));
    let place = (outbox::tenant_id.eq(tenant.to_string()), outbox::scope.eq(text::json(scope)));
    both!(tx, conn => diesel::insert_into(outbox::table)
        .values((asked.clone(), place))
        .on_conflict((outbox::tenant_id, outbox::scope))
        .do_update()
        .set(asked)
        .execute(conn))?;
    Ok(())
}

/// When urgent work is due: before everything else, and told apart by it (Y16).
pub const URGENT: Ts = Ts(0);

/// Work that is due and not urgent, the longest waiting first.
pub fn due(tx: &mut Tx, now: Ts, limit: i64) -> Result<Vec<OutboxItem>, Error> {
    let due = outbox::due_at.le(now.0).and(outbox::due_at.ne(URGENT.0));
    let rows = outbox::table
        .filter(due)
        .order((outbox::due_at, outbox::id))
        .limit(limit)
        .select((outbox::id, outbox::tenant_id, outbox::scope, outbox::attempts))
        .load(&mut tx.conn)?;
    read(rows)
}

/// Urgent work: what keeps somebody out.
pub fn urgent(tx: &mut Tx, limit: i64) -> Result<Vec<OutboxItem>, Error> {
    let rows = outbox::table
        .filter(outbox::due_at.eq(URGENT.0))
        .order(outbox::id)
        .limit(limit)
        .select((outbox::id, outbox::tenant_id, outbox::scope, outbox::attempts))
        .load(&mut tx.conn)?;
    read(rows)
}

fn read(rows: Vec<(String, String, String, i64)>) -> Result<Vec<OutboxItem>, Error> {
    let read = |(id, tenant, scope, attempts): (String, String, String, i64)| {
        let row = Row { table: "outbox", id: &id };
        Ok(OutboxItem {
            id: row.id(&id)?,
            tenant_id: row.id(&tenant)?,
            scope: row.json(&scope)?,
            attempts: row.number(attempts)?,
        })
    };
    rows.into_iter().map(read).collect()
}

/// Ticks work off, unless it was asked for again meanwhile.
pub fn done(tx: &mut Tx, item: &OutboxItem) -> Result<(), Error> {
    diesel::delete(outbox::table.find(item.id.to_string())).execute(&mut tx.conn)?;
    Ok(())
}

/// Takes back work that waits and is not urgent: what it would do goes another way.
pub fn withdraw(tx: &mut Tx, tenant: TenantId, scope: &Scope) -> Result<(), Error> {
    let waiting = outbox::table
        .filter(outbox::tenant_id.eq(tenant.to_string()))
        .filter(outbox::scope.eq(text::json(scope)))
        .filter(outbox::due_at.ne(URGENT.0));
    diesel::delete(waiting).execute(&mut tx.conn)?;
    Ok(())
}

/// Whether urgent work waits there.
pub fn is_urgent(tx: &mut Tx, tenant: TenantId, scope: &Scope) -> Result<bool, Error> {
    let waiting = outbox::table
        .filter(outbox::tenant_id.eq(tenant.to_string()))
        .filter(outbox::scope.eq(text::json(scope)))
        .filter(outbox::due_at.eq(URGENT.0));
    let found: i64 = waiting.count().get_result(&mut tx.conn)?;
    Ok(found > 0)
}

/// Takes back work that waits, urgent work with it: for whoever put it there in this transaction.
pub fn withdraw_urgent(tx: &mut Tx, tenant: TenantId, scope: &Scope) -> Result<(), Error> {
    let waiting = outbox::table
        .filter(outbox::tenant_id.eq(tenant.to_string()))
        .filter(outbox::scope.eq(text::json(scope)));
    diesel::delete(waiting).execute(&mut tx.conn)?;
    Ok(())
}

/// Puts work off, unless it was asked for again meanwhile.
pub fn postpone(tx: &mut Tx, item: &OutboxItem, until: Ts) -> Result<(), Error> {
    diesel::update(outbox::table.find(item.id.to_string()))
        .set((outbox::due_at.eq(until.0), outbox::attempts.eq(outbox::attempts + 1)))
        .execute(&mut tx.conn)?;
    Ok(())
}
