//! How many people have a second factor, and who has none yet.

use diesel::{
    ExpressionMethods, QueryDsl, RunQueryDsl,
    dsl::{exists, not},
};
use model::{
    ids::UserId,
    user::{User, UserState},
};

use super::{Show, UserRow, UserSearch, search};
use crate::{
    Error, Tx,
    schema::{passkeys, totp_factors, users},
    text,
};

/// How far everybody who may sign in has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Coverage {
    /// How many may sign in.
    pub people: i64,
    /// How many of them have a second factor of any kind.
    pub with_factor: i64,
    /// How many of them have a passkey or security key.
    pub with_key: i64,
}

/// How far everybody has come.
pub fn coverage(tx: &mut Tx) -> Result<Coverage, Error> {
    let active = || users::table.filter(users::state.eq(text::word(UserState::Active)));
    let people: i64 = active().count().get_result(&mut tx.conn)?;
    let keys = passkeys::table.select(passkeys::user_id);
    let with_key = active().filter(users::id.eq_any(keys)).count().get_result(&mut tx.conn)?;
    let show = Show::WithoutFactor;
    let without = search(tx, &UserSearch { show, limit: 1, ..UserSearch::default() })?.total;
    Ok(Coverage { people, with_factor: people - without, with_key })
}

/// The next people who may sign in and have no second factor, in the order of their ids.
pub fn without_factor(tx: &mut Tx, after: Option<UserId>, limit: i64) -> Result<Vec<User>, Error> {
    let after = after.map(|id| id.to_string()).unwrap_or_default();
    let app = totp_factors::table
        .filter(totp_factors::user_id.eq(users::id))
        .filter(totp_factors::confirmed_at.is_not_null());
    let key = passkeys::table.filter(passkeys::user_id.eq(users::id));
    let rows: Vec<UserRow> = users::table
        .filter(users::state.eq(text::word(UserState::Active)))
        .filter(not(exists(app)))
        .filter(not(exists(key)))
        .filter(users::id.gt(after))
        .order(users::id)
        .limit(limit)
        .load(&mut tx.conn)?;
    rows.into_iter().map(UserRow::read).collect()
}
