//! Since when people are blocked here: kept by every change of a person.

use std::collections::HashMap;

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use model::{
    Ts,
    ids::UserId,
    user::{User, UserState},
};

use crate::{Error, Tx, connection::both, schema::blocked_users, text::Row};

/// Notes the first moment of a block, and forgets it once the person is let in again.
pub(super) fn note(tx: &mut Tx, user: &User) -> Result<(), Error> {
    let id = user.id.to_string();
    if user.state == UserState::Blocked {
        let row = (blocked_users::user_id.eq(id), blocked_users::since.eq(user.updated_at.0));
        both!(tx, conn => diesel::insert_into(blocked_users::table)
            .values(row)
            .on_conflict_do_nothing()
            .execute(conn))?;
    } else {
        diesel::delete(blocked_users::table.find(id)).execute(&mut tx.conn)?;
    }
    Ok(())
}

/// Since when a person is blocked, if they are.
pub fn blocked_since(tx: &mut Tx, user: UserId) -> Result<Option<Ts>, Error> {
    let found: Option<i64> = blocked_users::table
        .find(user.to_string())
        .select(blocked_users::since)
        .first(&mut tx.conn)
        .optional()?;
    Ok(found.map(Ts))
}

/// Since when each blocked person is.
pub fn all_blocked(tx: &mut Tx) -> Result<HashMap<UserId, Ts>, Error> {
    let rows: Vec<(String, i64)> = blocked_users::table.load(&mut tx.conn)?;
    let read = |(id, since): (String, i64)| {
        Ok((Row { table: "blocked_users", id: &id }.id(&id)?, Ts(since)))
    };
    rows.into_iter().map(read).collect()
}
