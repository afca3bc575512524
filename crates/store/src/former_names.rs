//! Sign-in names that people had before, folded. Somebody else may have one of them meanwhile.

use std::collections::{HashMap, HashSet};

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use model::{Ts, Upn, ids::UserId};

use crate::{Error, Tx, connection::both, schema::former_names, text::Row};

/// Writes down that a person gave a name up; again when they had it twice.
pub fn add(tx: &mut Tx, user: UserId, upn: &Upn, now: Ts) -> Result<(), Error> {
    let row = (
        former_names::user_id.eq(user.to_string()),
        former_names::upn_fold.eq(upn.folded()),
        former_names::given_up_at.eq(now.0),
    );
    both!(tx, conn => diesel::insert_into(former_names::table)
        .values(row.clone())
        .on_conflict((former_names::user_id, former_names::upn_fold))
        .do_update()
        .set(former_names::given_up_at.eq(now.0))
        .execute(conn))?;
    Ok(())
}

/// The names that a person had and when each was given up, the latest first.
pub fn of_user(tx: &mut Tx, user: UserId) -> Result<Vec<(String, Ts)>, Error> {
    let rows: Vec<(String, i64)> = former_names::table
        .filter(former_names::user_id.eq(user.to_string()))
        .order((former_names::given_up_at.desc(), former_names::upn_fold))
        .select((former_names::upn_fold, former_names::given_up_at))
        .load(&mut tx.conn)?;
    Ok(rows.into_iter().map(|(name, at)| (name, Ts(at))).collect())
}

/// The names that everybody had.
pub fn all(tx: &mut Tx) -> Result<HashMap<UserId, HashSet<String>>, Error> {
    let rows: Vec<(String, String)> = former_names::table
        .select((former_names::user_id, former_names::upn_fold))
        .load(&mut tx.conn)?;
    let mut names: HashMap<UserId, HashSet<String>> = HashMap::new();
    for (user, name) in rows {
        let user = Row { table: "former_names", id: &user }.id(&user)?;
        names.entry(user).or_default().insert(name);
    }
    Ok(names)
}
