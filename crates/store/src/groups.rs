//! Groups of people.

use std::collections::HashMap;

use diesel::{
    ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, RunQueryDsl, dsl::count_star,
};
use model::{
    ids::{GroupId, UserId},
    upn::fold,
    user::Group,
};

use crate::{
    Error, Tx,
    connection::lock_row,
    revision,
    schema::{group_members, groups},
    text::{self, Row},
};

/// Adds a group.
pub fn create(tx: &mut Tx, group: &Group) -> Result<(), Error> {
    diesel::insert_into(groups::table)
        .values((
            groups::id.eq(group.id.to_string()),
            groups::name.eq(&group.name),
            groups::name_fold.eq(fold(&group.name)),
        ))
        .execute(&mut tx.conn)?;
    Ok(())
}

/// Puts a person into a group; nothing happens when they are in it.
pub fn add_member(tx: &mut Tx, group: GroupId, user: UserId) -> Result<(), Error> {
    let key = (group.to_string(), user.to_string());
    let there: Option<String> = group_members::table
        .find(key.clone())
        .select(group_members::group_id)
        .first(&mut tx.conn)
        .optional()?;
    if there.is_none() {
        diesel::insert_into(group_members::table)
            .values((group_members::group_id.eq(key.0), group_members::user_id.eq(key.1)))
            .execute(&mut tx.conn)?;
        revision::bump(tx);
    }
    Ok(())
}

/// Lets nobody else change a group until this transaction ends: who is in it and what it was given
/// together decide who is assigned. `SQLite` has one writer anyway.
pub fn lock(tx: &mut Tx, group: GroupId) -> Result<(), Error> {
    lock_row!(tx, groups, group);
    Ok(())
}

/// Takes a person out of a group; false when they are not in it.
pub fn remove_member(tx: &mut Tx, group: GroupId, user: UserId) -> Result<bool, Error> {
    let there = group_members::table.find((group.to_string(), user.to_string()));
    let gone = diesel::delete(there).execute(&mut tx.conn)?;
    revision::bump(tx);
    Ok(gone > 0)
}

/// Gives a group another name.
pub fn rename(tx: &mut Tx, group: &Group) -> Result<(), Error> {
    let changed = diesel::update(groups::table.find(group.id.to_string()))
        .set((groups::name.eq(&group.name), groups::name_fold.eq(fold(&group.name))))
        .execute(&mut tx.conn)?;
    text::found(changed, "group")
}

/// Removes a group with its memberships; what it was given must have been taken back.
pub fn remove(tx: &mut Tx, group: GroupId) -> Result<(), Error> {
    let its = group_members::table.filter(group_members::group_id.eq(group.to_string()));
    diesel::delete(its).execute(&mut tx.conn)?;
    let gone = diesel::delete(groups::table.find(group.to_string())).execute(&mut tx.conn)?;
    revision::bump(tx);
    text::found(gone, "group")
}

/// One group.
pub fn by_id(tx: &mut Tx, group: GroupId) -> Result<Option<Group>, Error> {
    let row: Option<(String, String)> = groups::table
        .find(group.to_string())
        .select((groups::id, groups::name))
        .first(&mut tx.conn)
        .optional()?;
    row.map(read).transpose()
}

/// The group with this name, in any spelling.
pub fn by_name(tx: &mut Tx, name: &str) -> Result<Option<Group>, Error> {
    let row: Option<(String, String)> = groups::table
        .filter(groups::name_fold.eq(fold(name)))
        .select((groups::id, groups::name))
        .first(&mut tx.conn)
        .optional()?;
    row.map(read).transpose()
}

/// Who is in a group.
pub fn members(tx: &mut Tx, group: GroupId) -> Result<Vec<UserId>, Error> {
    let rows: Vec<String> = group_members::table
        .filter(group_members::group_id.eq(group.to_string()))
        .order(group_members::user_id)
        .select(group_members::user_id)
        .load(&mut tx.conn)?;
    rows.iter().map(|user| Row { table: "group_members", id: user }.id(user)).collect()
}

/// Every group by name, with the number of its members.
pub fn all(tx: &mut Tx) -> Result<Vec<(Group, i64)>, Error> {
    let rows: Vec<(String, String)> = groups::table
        .order(groups::name_fold)
        .select((groups::id, groups::name))
        .load(&mut tx.conn)?;
    let sizes: Vec<(String, i64)> = group_members::table
        .group_by(group_members::group_id)
        .select((group_members::group_id, count_star()))
        .load(&mut tx.conn)?;
    let sizes: HashMap<String, i64> = sizes.into_iter().collect();
    let with_size = |row: (String, String)| {
        let size = sizes.get(&row.0).copied().unwrap_or_default();
        Ok((read(row)?, size))
    };
    rows.into_iter().map(with_size).collect()
}

/// The groups that a person is in, by name.
pub fn of_user(tx: &mut Tx, user: UserId) -> Result<Vec<Group>, Error> {
    let rows: Vec<(String, String)> = groups::table
        .inner_join(group_members::table.on(group_members::group_id.eq(groups::id)))
        .filter(group_members::user_id.eq(user.to_string()))
        .order(groups::name_fold)
        .select((groups::id, groups::name))
        .load(&mut tx.conn)?;
    rows.into_iter().map(read).collect()
}

/// Everybody who is in a group, with all of theirs.
pub fn memberships(tx: &mut Tx) -> Result<HashMap<UserId, Vec<GroupId>>, Error> {
    let rows: Vec<(String, String)> = group_members::table
        .order((group_members::user_id, group_members::group_id))
        .select((group_members::user_id, group_members::group_id))
        .load(&mut tx.conn)?;
    let mut memberships: HashMap<UserId, Vec<GroupId>> = HashMap::new();
    for (user, group) in rows {
        let row = Row { table: "group_members", id: &user };
        memberships.entry(row.id(&user)?).or_default().push(row.id(&group)?);
    }
    Ok(memberships)
}

fn read((id, name): (String, String)) -> Result<Group, Error> {
    Ok(Group { id: Row { table: "groups", id: &id }.id(&id)?, name })
}
