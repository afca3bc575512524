//! Who leads: one holder per name, with a fence that grows with every new holder, so that one who
//! lost the lease unnoticed can be told (ruling 19).

use std::time::Duration;

use diesel::{BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use model::Ts;

use crate::{
    Error, Tx,
    connection::{AnyConn, both},
    schema::leases,
};

/// The number of a holding; a later one is greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fence(pub i64);

/// Takes the lease when it is free, expired or already `holder`'s; `None` while another holds it. One that
/// holds for longer than anybody asks was taken by a clock that was far ahead: it counts as free, and the
/// fence keeps its holder from writing.
pub fn acquire(
    tx: &mut Tx,
    name: &str,
    holder: &str,
    ttl: Duration,
    now: Ts,
) -> Result<Option<Fence>, Error> {
    let until = (now + ttl).0;
    let beyond_all_measure = (now + ttl + ttl).0;
    let free = leases::table.find(name).filter(
        leases::expires_at
            .le(now.0)
            .or(leases::expires_at.gt(beyond_all_measure))
            .or(leases::holder.eq(holder)),
    );
    let taken: Option<i64> = diesel::update(free)
        .set((
            leases::holder.eq(holder),
            leases::fence.eq(leases::fence + 1),
            leases::expires_at.eq(until),
        ))
        .returning(leases::fence)
        .get_result(&mut tx.conn)
        .optional()?;
    if taken.is_some() {
        return Ok(taken.map(Fence));
    }
    let made = both!(tx, conn => diesel::insert_into(leases::table)
        .values((
            leases::name.eq(name),
            leases::holder.eq(holder),
            leases::fence.eq(1_i64),
            leases::expires_at.eq(until),
        ))
        .on_conflict_do_nothing()
        .execute(conn))?;
    Ok((made == 1).then_some(Fence(1)))
}

/// Holds the lease for longer; false when it was lost. Over, but not taken by anybody since, it can be
/// held again.
pub fn renew(tx: &mut Tx, name: &str, fence: Fence, ttl: Duration, now: Ts) -> Result<bool, Error> {
    let held = leases::table.find(name).filter(leases::fence.eq(fence.0));
    let changed =
        diesel::update(held).set(leases::expires_at.eq((now + ttl).0)).execute(&mut tx.conn)?;
    Ok(changed == 1)
}

/// Gives the lease up, if it is still held.
pub fn release(tx: &mut Tx, name: &str, fence: Fence) -> Result<(), Error> {
    let held = leases::table.find(name).filter(leases::fence.eq(fence.0));
    diesel::update(held).set(leases::expires_at.eq(0_i64)).execute(&mut tx.conn)?;
    Ok(())
}

/// Whether nobody has taken the lease since, be it over or not; nobody takes it until this transaction
/// ends. `SQLite` has one writer anyway.
pub fn is_newest(tx: &mut Tx, name: &str, fence: Fence) -> Result<bool, Error> {
    let row = leases::table.find(name).select(leases::fence);
    let newest: Option<i64> = match &mut tx.conn {
        AnyConn::Postgres(conn) => row.for_update().first(conn).optional()?,
        AnyConn::Sqlite(conn) => row.first(conn).optional()?,
    };
    Ok(newest == Some(fence.0))
}

/// Whether the lease is still held.
pub fn holds(tx: &mut Tx, name: &str, fence: Fence, now: Ts) -> Result<bool, Error> {
    let row: Option<(i64, i64)> = leases::table
        .find(name)
        .select((leases::fence, leases::expires_at))
        .first(&mut tx.conn)
        .optional()?;
    Ok(row.is_some_and(|(current, until)| current == fence.0 && until > now.0))
}
