//! Who needs no second factor for a while: one row a person.

use std::collections::{HashMap, HashSet};

use diesel::{
    AsChangeset, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, RunQueryDsl,
};
use model::{Ts, exemption::Exemption, ids::UserId};

use crate::{Error, Tx, connection::both, revision, schema::exemptions, text::Row};

#[derive(Queryable, Insertable, AsChangeset, Clone)]
#[diesel(table_name = exemptions, treat_none_as_default_value = false)]
struct ExemptionRow {
    user_id: String,
    until: i64,
    reason: String,
    granted_by: String,
    granted_at: i64,
}

/// Keeps an exemption in the place of the person's older one. The first of all and one in another's
/// place are what a token must not miss; that one more person may do without takes nothing away.
pub fn put(tx: &mut Tx, exemption: &Exemption) -> Result<(), Error> {
    let mine = exemptions::table.find(exemption.user_id.to_string()).count();
    let there: i64 = mine.get_result(&mut tx.conn)?;
    if there > 0 || !any(tx)? {
        revision::bump(tx);
    }
    let row = ExemptionRow {
        user_id: exemption.user_id.to_string(),
        until: exemption.until.0,
        reason: exemption.reason.clone(),
        granted_by: exemption.granted_by.to_string(),
        granted_at: exemption.granted_at.0,
    };
    both!(tx, conn => diesel::insert_into(exemptions::table)
        .values(row.clone())
        .on_conflict(exemptions::user_id)
        .do_update()
        .set(row)
        .execute(conn))?;
    Ok(())
}

/// Ends a person's exemption; false when there was none.
pub fn forget(tx: &mut Tx, user: UserId) -> Result<bool, Error> {
    let ended = diesel::delete(exemptions::table.find(user.to_string())).execute(&mut tx.conn)? > 0;
    if ended {
        revision::bump(tx);
    }
    Ok(ended)
}

/// A person's exemption, if it still counts.
pub fn of_user(tx: &mut Tx, user: UserId, now: Ts) -> Result<Option<Exemption>, Error> {
    let row: Option<ExemptionRow> = exemptions::table
        .find(user.to_string())
        .filter(exemptions::until.gt(now.0))
        .first(&mut tx.conn)
        .optional()?;
    row.map(ExemptionRow::read).transpose()
}

/// The exemptions of these people that still count.
pub fn of(tx: &mut Tx, users: &[UserId], now: Ts) -> Result<HashMap<UserId, Exemption>, Error> {
    let ids: Vec<String> = users.iter().map(UserId::to_string).collect();
    let rows: Vec<ExemptionRow> = exemptions::table
        .filter(exemptions::user_id.eq_any(ids))
        .filter(exemptions::until.gt(now.0))
        .load(&mut tx.conn)?;
    let read = |row: ExemptionRow| row.read().map(|exemption| (exemption.user_id, exemption));
    rows.into_iter().map(read).collect()
}

/// Everybody whose exemption still counts.
pub fn holders(tx: &mut Tx, now: Ts) -> Result<HashSet<UserId>, Error> {
    let live = exemptions::table.filter(exemptions::until.gt(now.0));
    let ids: Vec<String> = live.select(exemptions::user_id).load(&mut tx.conn)?;
    let read = |id: &String| Row { table: "exemptions", id }.id(id);
    ids.iter().map(read).collect()
}

/// Whether there is any, over or not: one that is over counts for nobody, and is forgotten soon.
pub fn any(tx: &mut Tx) -> Result<bool, Error> {
    let first: Option<String> =
        exemptions::table.select(exemptions::user_id).first(&mut tx.conn).optional()?;
    Ok(first.is_some())
}

/// Forgets what was over before `before`.
pub fn purge(tx: &mut Tx, before: Ts) -> Result<(), Error> {
    let old = exemptions::table.filter(exemptions::until.lt(before.0));
    if diesel::delete(old).execute(&mut tx.conn)? > 0 {
        revision::bump(tx);
    }
    Ok(())
}

impl ExemptionRow {
    fn read(self) -> Result<Exemption, Error> {
        let row = Row { table: "exemptions", id: &self.user_id };
        Ok(Exemption {
            user_id: row.id(&self.user_id)?,
            until: Ts(self.until),
            granted_by: row.id(&self.granted_by)?,
            reason: self.reason,
            granted_at: Ts(self.granted_at),
        })
    }
}
