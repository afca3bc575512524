//! Legal holds: the newest of each person, lifted ones included.

use diesel::{
    AsChangeset, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, RunQueryDsl,
};
use model::{Ts, ids::UserId, legal_hold::LegalHold};

use crate::{Error, Tx, connection::both, schema::legal_holds, text::Row};

#[derive(Queryable, Insertable, AsChangeset, Clone)]
#[diesel(table_name = legal_holds, treat_none_as_default_value = false, treat_none_as_null = true)]
struct HoldRow {
    user_id: String,
    reason: String,
    placed_by: String,
    placed_at: i64,
    lifted_at: Option<i64>,
}

/// Stores a hold in the place of the person's older one.
pub fn put(tx: &mut Tx, hold: &LegalHold) -> Result<(), Error> {
    let row = HoldRow {
        user_id: hold.user_id.to_string(),
        reason: hold.reason.clone(),
        placed_by: hold.placed_by.to_string(),
        placed_at: hold.placed_at.0,
        lifted_at: hold.lifted_at.map(|at| at.0),
    };
    both!(tx, conn => diesel::insert_into(legal_holds::table)
        .values(row.clone())
        .on_conflict(legal_holds::user_id)
        .do_update()
        .set(row)
        .execute(conn))?;
    Ok(())
}

/// Lifts the hold of a person: true exactly once.
pub fn lift(tx: &mut Tx, user: UserId, now: Ts) -> Result<bool, Error> {
    let held = legal_holds::table.find(user.to_string()).filter(legal_holds::lifted_at.is_null());
    let changed =
        diesel::update(held).set(legal_holds::lifted_at.eq(now.0)).execute(&mut tx.conn)?;
    Ok(changed == 1)
}

/// A person's newest hold.
pub fn of_user(tx: &mut Tx, user: UserId) -> Result<Option<LegalHold>, Error> {
    let row: Option<HoldRow> =
        legal_holds::table.find(user.to_string()).first(&mut tx.conn).optional()?;
    row.map(HoldRow::read).transpose()
}

/// Everybody's newest hold.
pub fn all(tx: &mut Tx) -> Result<Vec<LegalHold>, Error> {
    let rows: Vec<HoldRow> = legal_holds::table.order(legal_holds::user_id).load(&mut tx.conn)?;
    rows.into_iter().map(HoldRow::read).collect()
}

impl HoldRow {
    fn read(self) -> Result<LegalHold, Error> {
        let row = Row { table: "legal_holds", id: &self.user_id };
        Ok(LegalHold {
            user_id: row.id(&self.user_id)?,
            placed_by: row.id(&self.placed_by)?,
            reason: self.reason,
            placed_at: Ts(self.placed_at),
            lifted_at: self.lifted_at.map(Ts),
        })
    }
}
