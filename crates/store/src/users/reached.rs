//! People by many addresses at once.

use diesel::{BoolExpressionMethods, ExpressionMethods, QueryDsl, RunQueryDsl};
use model::{ids::UserId, user::User};

use super::UserRow;
use crate::{Error, Tx, schema::users};

/// An address in one case. Anything more would make two mailboxes look like one.
pub(super) fn same_case(address: &str) -> String {
    address.trim().to_ascii_lowercase()
}

/// People who have one of these addresses as their sign-in name or mail address, or one of these
/// immutable ids; of deleted people the immutable id alone is left.
pub fn reached(
    tx: &mut Tx,
    addresses: &[String],
    immutable_ids: &[String],
) -> Result<Vec<User>, Error> {
    let there = users::upn_fold.is_not_null().and(users::mail_fold.eq_any(addresses));
    let rows: Vec<UserRow> = users::table
        .filter(
            users::upn_fold
                .eq_any(addresses)
                .or(there)
                .or(users::immutable_id.eq_any(immutable_ids)),
        )
        .order(users::id)
        .load(&mut tx.conn)?;
    rows.into_iter().map(UserRow::read).collect()
}

/// The people with these ids, deleted ones included.
pub fn with_ids(tx: &mut Tx, ids: &[UserId]) -> Result<Vec<User>, Error> {
    let ids: Vec<String> = ids.iter().map(UserId::to_string).collect();
    let rows: Vec<UserRow> =
        users::table.filter(users::id.eq_any(ids)).order(users::id).load(&mut tx.conn)?;
    rows.into_iter().map(UserRow::read).collect()
}
