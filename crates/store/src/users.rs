//! People. Rows are never deleted: a deleted person keeps their immutable id for ever, and gives
//! their sign-in name back.

mod blocked;
mod coverage;
mod reached;

use diesel::{
    AsChangeset, EscapeExpressionMethods, ExpressionMethods, Insertable, OptionalExtension,
    QueryDsl, Queryable, RunQueryDsl, TextExpressionMethods,
    dsl::{exists, not},
};
use model::{
    ImmutableId, Role, Ts, Upn,
    ids::{GroupId, UserId},
    upn::fold,
    user::{User, UserState},
};

use crate::{
    Error, Page, Tx,
    connection::{AnyConn, lock_row},
    revision,
    schema::{assignments, group_members, passkeys, totp_factors, users},
    text::{self, Row},
};

pub use blocked::{all_blocked, blocked_since};
pub use coverage::{Coverage, coverage, without_factor};
use reached::same_case;
pub use reached::{reached, with_ids};

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = users, treat_none_as_default_value = false, treat_none_as_null = true)]
struct UserRow {
    id: String,
    upn: String,
    upn_fold: Option<String>,
    immutable_id: String,
    state: String,
    profile: String,
    role: Option<String>,
    search_fold: String,
    created_at: i64,
    updated_at: i64,
    mail_fold: Option<String>,
}

/// What to look for.
#[derive(Debug, Clone, Default)]
pub struct UserSearch {
    /// Part of a sign-in name, name, mail address or department, in any case; empty finds all.
    pub query: String,
    /// Which of them.
    pub show: Show,
    /// How many rows at most.
    pub limit: i64,
    /// How many rows to leave out before.
    pub offset: i64,
}

/// Which people a search shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Show {
    /// All who are not deleted.
    #[default]
    Everybody,
    /// Who is assigned to an application.
    Assigned,
    /// Who is assigned to none.
    Unassigned,
    /// Who is blocked.
    Blocked,
    /// Who may sign in and has no second factor.
    WithoutFactor,
    /// Who is in this group.
    Members(GroupId),
}

/// Adds a person.
pub fn create(tx: &mut Tx, user: &User) -> Result<(), Error> {
    diesel::insert_into(users::table).values(UserRow::from(user)).execute(&mut tx.conn)?;
    revision::bump(tx);
    blocked::note(tx, user)
}

/// Lets nobody else change what a person proves themselves with until this transaction ends: call it
/// before what is read must not change. `SQLite` has one writer anyway.
pub fn lock(tx: &mut Tx, id: UserId) -> Result<(), Error> {
    lock_row!(tx, users, id);
    Ok(())
}

/// Lets nobody else change what these people were given until this transaction ends, in the order of
/// their ids so that two who lock never wait for each other. Rows that name them may still be added.
pub fn lock_shares(tx: &mut Tx, ids: &[UserId]) -> Result<(), Error> {
    if let AnyConn::Postgres(conn) = &mut tx.conn {
        let ids: Vec<String> = ids.iter().map(UserId::to_string).collect();
        let these = users::table.filter(users::id.eq_any(ids)).order(users::id);
        these.select(users::id).for_no_key_update().load::<String>(conn)?;
    }
    Ok(())
}

/// Lets nobody else change these people or an owner until this transaction ends: call it before a
/// person's role is read, or the last owner is looked for.
pub fn lock_with_owners(tx: &mut Tx, ids: &[UserId]) -> Result<(), Error> {
    if let AnyConn::Postgres(conn) = &mut tx.conn {
        let owner = users::role.eq(text::word(Role::Owner));
        let ids: Vec<String> = ids.iter().map(UserId::to_string).collect();
        let these = users::table.filter(owner).or_filter(users::id.eq_any(ids));
        these.order(users::id).select(users::id).for_update().load::<String>(conn)?;
    }
    Ok(())
}

/// The person with this id, deleted ones included.
pub fn by_id(tx: &mut Tx, id: UserId) -> Result<Option<User>, Error> {
    let row: Option<UserRow> = users::table.find(id.to_string()).first(&mut tx.conn).optional()?;
    row.map(UserRow::read).transpose()
}

/// The person with this sign-in name, in any spelling; deleted people have none.
pub fn by_upn(tx: &mut Tx, typed: &str) -> Result<Option<User>, Error> {
    let row: Option<UserRow> =
        users::table.filter(users::upn_fold.eq(fold(typed))).first(&mut tx.conn).optional()?;
    row.map(UserRow::read).transpose()
}

/// Somebody else whose mail address it is, in any spelling. It looks at everybody: not for long lists.
pub fn by_mail(tx: &mut Tx, mail: &str, but: UserId) -> Result<Option<User>, Error> {
    let wanted = fold(mail);
    let rows: Vec<UserRow> = users::table
        .filter(users::upn_fold.is_not_null())
        .filter(users::search_fold.like(text::anywhere(&wanted)).escape('\\'))
        .load(&mut tx.conn)?;
    let found: Vec<User> = rows.into_iter().map(UserRow::read).collect::<Result<_, _>>()?;
    let has_it = |user: &User| {
        user.id != but && user.profile.mail.as_deref().map(fold) == Some(wanted.clone())
    };
    Ok(found.into_iter().find(has_it))
}

/// The person with this immutable id, deleted ones included.
pub fn by_immutable_id(tx: &mut Tx, immutable_id: &ImmutableId) -> Result<Option<User>, Error> {
    let row: Option<UserRow> = users::table
        .filter(users::immutable_id.eq(immutable_id.as_str()))
        .first(&mut tx.conn)
        .optional()?;
    row.map(UserRow::read).transpose()
}

/// Writes everything about a person.
pub fn update(tx: &mut Tx, user: &User) -> Result<(), Error> {
    let changed = diesel::update(users::table.find(user.id.to_string()))
        .set(UserRow::from(user))
        .execute(&mut tx.conn)?;
    revision::bump(tx);
    text::found(changed, "user")?;
    blocked::note(tx, user)
}

/// Blocks, unblocks or deletes a person.
pub fn set_state(tx: &mut Tx, id: UserId, state: UserState, now: Ts) -> Result<(), Error> {
    let mut user = by_id(tx, id)?.ok_or(Error::NotFound { what: "user" })?;
    user.state = state;
    user.updated_at = now;
    update(tx, &user)
}

/// Gives a person a role in the console, or takes it.
pub fn set_role(tx: &mut Tx, id: UserId, role: Option<Role>, now: Ts) -> Result<(), Error> {
    let changed = diesel::update(users::table.find(id.to_string()))
        .set((users::role.eq(role.map(text::word)), users::updated_at.eq(now.0)))
        .execute(&mut tx.conn)?;
    revision::bump(tx);
    text::found(changed, "user")
}

/// Finds people who are not deleted, by sign-in name.
pub fn search(tx: &mut Tx, search: &UserSearch) -> Result<Page<User>, Error> {
    let pattern = text::anywhere(&fold(&search.query));
    let (limit, offset) = text::page(search.limit, search.offset);
    let found = || {
        let found = users::table
            .filter(users::upn_fold.is_not_null())
            .filter(users::search_fold.like(pattern.clone()).escape('\\'))
            .into_boxed();
        let assigned =
            assignments::table.filter(assignments::ended_at.is_null()).select(assignments::user_id);
        match search.show {
            Show::Everybody => found,
            Show::Assigned => found.filter(users::id.eq_any(assigned)),
            Show::Unassigned => found.filter(users::id.ne_all(assigned)),
            Show::Members(group) => {
                let its = group_members::table
                    .filter(group_members::group_id.eq(group.to_string()))
                    .select(group_members::user_id);
                found.filter(users::id.eq_any(its))
            }
            Show::WithoutFactor => {
                let active = users::state.eq(text::word(UserState::Active));
                let app = totp_factors::table
                    .filter(totp_factors::user_id.eq(users::id))
                    .filter(totp_factors::confirmed_at.is_not_null());
                let key = passkeys::table.filter(passkeys::user_id.eq(users::id));
                found.filter(active).filter(not(exists(app))).filter(not(exists(key)))
            }
            Show::Blocked => found.filter(users::state.eq(text::word(UserState::Blocked))),
        }
    };
    let total = found().count().get_result(&mut tx.conn)?;
    let rows: Vec<UserRow> =
        found().order(users::upn_fold).limit(limit).offset(offset).load(&mut tx.conn)?;
    Ok(Page { rows: rows.into_iter().map(UserRow::read).collect::<Result<_, _>>()?, total })
}

/// Everybody who is not deleted, by sign-in name.
pub fn all(tx: &mut Tx) -> Result<Vec<User>, Error> {
    let rows: Vec<UserRow> = users::table
        .filter(users::upn_fold.is_not_null())
        .order(users::upn_fold)
        .load(&mut tx.conn)?;
    rows.into_iter().map(UserRow::read).collect()
}

/// Everybody who has a role in the console, by sign-in name.
pub fn with_role(tx: &mut Tx) -> Result<Vec<User>, Error> {
    let rows: Vec<UserRow> = users::table
        .filter(users::role.is_not_null())
        .filter(users::upn_fold.is_not_null())
        .order(users::upn_fold)
        .load(&mut tx.conn)?;
    rows.into_iter().map(UserRow::read).collect()
}

/// Everybody, deleted people included.
pub fn everyone(tx: &mut Tx) -> Result<Vec<User>, Error> {
    let rows: Vec<UserRow> = users::table.order(users::id).load(&mut tx.conn)?;
    rows.into_iter().map(UserRow::read).collect()
}

/// How many active owners there are: the last one can't be taken away.
pub fn owners(tx: &mut Tx) -> Result<i64, Error> {
    let owners = users::table
        .filter(users::role.eq(text::word(Role::Owner)))
        .filter(users::state.eq(text::word(UserState::Active)));
    Ok(owners.count().get_result(&mut tx.conn)?)
}

impl From<&User> for UserRow {
    fn from(user: &User) -> Self {
        let profile = &user.profile;
        let words = [Some(user.upn.as_str()), Some(&profile.display_name)].into_iter();
        let more = [profile.mail.as_deref(), profile.department.as_deref()].into_iter();
        let words: Vec<String> = words.chain(more).flatten().map(fold).collect();
        Self {
            id: user.id.to_string(),
            upn: user.upn.to_string(),
            upn_fold: (user.state != UserState::Deleted).then(|| user.upn.folded()),
            immutable_id: user.immutable_id.to_string(),
            state: text::word(user.state),
            profile: text::json(profile),
            role: user.role.map(text::word),
            search_fold: words.join("\n"),
            created_at: user.created_at.0,
            updated_at: user.updated_at.0,
            mail_fold: profile.mail.as_deref().map(same_case),
        }
    }
}

impl UserRow {
    fn read(self) -> Result<User, Error> {
        let row = Row { table: "users", id: &self.id };
        Ok(User {
            id: row.id(&self.id)?,
            upn: Upn::parse(&self.upn).map_err(|_| row.corrupt())?,
            immutable_id: ImmutableId::parse(&self.immutable_id).map_err(|_| row.corrupt())?,
            state: row.word(&self.state)?,
            profile: row.json(&self.profile)?,
            role: self.role.as_deref().map(|role| row.word(role)).transpose()?,
            created_at: Ts(self.created_at),
            updated_at: Ts(self.updated_at),
        })
    }
}
