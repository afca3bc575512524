//! Sign-in names that people had before, folded. Somebody else may have one of them meanwhile, and an
//! account in the tenant is still called so until it follows.

use std::collections::{HashMap, HashSet};

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use model::{Ts, Upn, ids::UserId, upn::fold};

use crate::{Error, Tx, audit_log::Named, connection::both, schema::former_names, text::Row};

/// Writes down that a person gave a name up; again when they had it twice.
pub fn add(tx: &mut Tx, user: UserId, upn: &Upn, now: Ts) -> Result<(), Error> {
    let row = (
        former_names::user_id.eq(user.to_string()),
        former_names::upn_fold.eq(upn.folded()),
        former_names::given_up_at.eq(now.0),
        former_names::followed.eq(false),
    );
    both!(tx, conn => diesel::insert_into(former_names::table)
        .values(row.clone())
        .on_conflict((former_names::user_id, former_names::upn_fold))
        .do_update()
        .set((former_names::given_up_at.eq(now.0), former_names::followed.eq(false)))
        .execute(conn))?;
    Ok(())
}

/// The names of a person, each with the time in which it was theirs: the one that they have now, and
/// those that they gave up, the latest first. What somebody else did under a name before is not theirs.
pub fn of_user(tx: &mut Tx, user: UserId, now: &Upn) -> Result<Vec<Named>, Error> {
    let former: Vec<(String, i64)> = former_names::table
        .filter(former_names::user_id.eq(user.to_string()))
        .order((former_names::given_up_at.desc(), former_names::upn_fold))
        .select((former_names::upn_fold, former_names::given_up_at))
        .load(&mut tx.conn)?;
    let current = (now.folded(), None);
    let all = former.into_iter().map(|(name, at)| (name, Some(Ts(at))));
    std::iter::once(current)
        .chain(all)
        .map(|(name, until)| {
            let since = given_up_by_others(tx, &name, (user, until))?;
            Ok(Named { name, since, until })
        })
        .collect()
}

/// When somebody else gave this name up last, before that time.
fn given_up_by_others(
    tx: &mut Tx,
    name: &str,
    (user, before): (UserId, Option<Ts>),
) -> Result<Option<Ts>, Error> {
    let last: Option<i64> = former_names::table
        .filter(former_names::upn_fold.eq(name))
        .filter(former_names::user_id.ne(user.to_string()))
        .filter(former_names::given_up_at.lt(before.unwrap_or(Ts(i64::MAX)).0))
        .select(diesel::dsl::max(former_names::given_up_at))
        .first(&mut tx.conn)?;
    Ok(last.map(Ts))
}

/// The account of somebody follows their name now: it is renamed no more (Y26).
pub fn settle(tx: &mut Tx, user: UserId) -> Result<(), Error> {
    let theirs = former_names::table.filter(former_names::user_id.eq(user.to_string()));
    diesel::update(theirs).set(former_names::followed.eq(true)).execute(&mut tx.conn)?;
    Ok(())
}

/// The names that people had, whose accounts have not followed yet.
pub fn unfollowed(tx: &mut Tx) -> Result<HashMap<UserId, HashSet<String>>, Error> {
    let rows: Vec<(String, String)> = former_names::table
        .filter(former_names::followed.eq(false))
        .select((former_names::user_id, former_names::upn_fold))
        .load(&mut tx.conn)?;
    let mut names: HashMap<UserId, HashSet<String>> = HashMap::new();
    for (user, name) in rows {
        let user = Row { table: "former_names", id: &user }.id(&user)?;
        names.entry(user).or_default().insert(name);
    }
    Ok(names)
}

/// Whoever gave each of these names up last.
pub fn last_holders(tx: &mut Tx) -> Result<HashMap<String, UserId>, Error> {
    let rows: Vec<(String, String)> = former_names::table
        .order((former_names::given_up_at, former_names::user_id))
        .select((former_names::upn_fold, former_names::user_id))
        .load(&mut tx.conn)?;
    let read = |(name, user): (String, String)| {
        let id = Row { table: "former_names", id: &user }.id(&user)?;
        Ok((name, id))
    };
    rows.into_iter().map(read).collect()
}

/// Whoever gave this name up last.
pub fn last_holder(tx: &mut Tx, typed: &str) -> Result<Option<UserId>, Error> {
    let found: Option<String> = former_names::table
        .filter(former_names::upn_fold.eq(fold(typed)))
        .order((former_names::given_up_at.desc(), former_names::user_id.desc()))
        .select(former_names::user_id)
        .first(&mut tx.conn)
        .optional()?;
    found.map(|user| Row { table: "former_names", id: &user }.id(&user)).transpose()
}
