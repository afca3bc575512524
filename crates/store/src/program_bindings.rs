//! Which people and groups were brought by which program, and what it did to them.

use std::collections::HashMap;

use diesel::{
    ExpressionMethods, Insertable, JoinOnDsl, OptionalExtension, QueryDsl, Queryable, RunQueryDsl,
    Selectable, SelectableHelper,
};
use model::{
    Ts,
    ids::{GroupId, ProgramId, UserId},
    program::{Binding, Brought},
};

use crate::{
    Error, Page, Tx, programs,
    schema::{group_members, groups, program_bindings, users},
    text::{self, Row},
};

/// What is brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// People.
    Person,
    /// Groups.
    Group,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = program_bindings, treat_none_as_default_value = false)]
struct BindingRow {
    id: String,
    program_id: String,
    kind: String,
    external_id: Option<String>,
    bound_at: i64,
    gone_at: Option<i64>,
    blocked_at: Option<i64>,
    lost_at: Option<i64>,
}

/// Writes down that a program brought somebody or something.
pub fn create(tx: &mut Tx, binding: &Binding) -> Result<(), Error> {
    let row = BindingRow::from(binding);
    diesel::insert_into(program_bindings::table).values(&row).execute(&mut tx.conn)?;
    Ok(())
}

/// Writes what a program says of one, and what it did; from whom it took something is written apart
/// ([`note_losses`]), and stays.
pub fn update(tx: &mut Tx, binding: &Binding) -> Result<(), Error> {
    let row = BindingRow::from(binding);
    let changed = diesel::update(program_bindings::table.find(row.id))
        .set((
            program_bindings::external_id.eq(row.external_id),
            program_bindings::gone_at.eq(row.gone_at),
            program_bindings::blocked_at.eq(row.blocked_at),
        ))
        .execute(&mut tx.conn)?;
    text::found(changed, "binding")
}

/// Forgets one: what it was about is gone.
pub fn remove(tx: &mut Tx, what: Brought) -> Result<(), Error> {
    let one = program_bindings::table.find(what.uuid().to_string());
    diesel::delete(one).execute(&mut tx.conn)?;
    Ok(())
}

/// By whom somebody or something was brought, if by any program.
pub fn of(tx: &mut Tx, what: Brought) -> Result<Option<Binding>, Error> {
    let row: Option<BindingRow> =
        program_bindings::table.find(what.uuid().to_string()).first(&mut tx.conn).optional()?;
    let found = row.map(BindingRow::read).transpose()?;
    Ok(found.filter(|binding| binding.what == what))
}

/// What the program is called that brought somebody or something and has its say about it still.
pub fn bringer(tx: &mut Tx, what: Brought) -> Result<Option<String>, Error> {
    match of(tx, what)?.filter(|binding| binding.gone_at.is_none()) {
        Some(binding) => Ok(programs::by_id(tx, binding.program_id)?.map(|program| program.name)),
        None => Ok(None),
    }
}

/// The same of every group that a program brought.
pub fn group_bringers(tx: &mut Tx) -> Result<HashMap<GroupId, String>, Error> {
    let rows: Vec<(String, String)> = program_bindings::table
        .filter(program_bindings::kind.eq(Kind::Group.word()))
        .filter(program_bindings::gone_at.is_null())
        .select((program_bindings::id, program_bindings::program_id))
        .load(&mut tx.conn)?;
    let all = programs::all(tx)?;
    let mut names = HashMap::new();
    for (id, program) in rows {
        let row = Row { table: "program_bindings", id: &id };
        let program = row.id(&program)?;
        let name = all.iter().find(|one| one.id == program).map(|one| one.name.clone());
        names.extend(name.map(|name| Ok::<_, Error>((row.id(&id)?, name))).transpose()?);
    }
    Ok(names)
}

/// The one that a program knows by an id of its own.
pub fn by_external_id(
    tx: &mut Tx,
    program: ProgramId,
    kind: Kind,
    external_id: &str,
) -> Result<Option<Binding>, Error> {
    let row: Option<BindingRow> = program_bindings::table
        .filter(program_bindings::program_id.eq(program.to_string()))
        .filter(program_bindings::kind.eq(kind.word()))
        .filter(program_bindings::external_id.eq(external_id))
        .first(&mut tx.conn)
        .optional()?;
    row.map(BindingRow::read).transpose()
}

/// Some of the people whom a program brought and who are here, in the order in which they came.
pub fn people(
    tx: &mut Tx,
    program: ProgramId,
    (limit, offset): (i64, i64),
) -> Result<Page<Binding>, Error> {
    let (limit, offset) = text::page(limit, offset);
    let found = || {
        program_bindings::table
            .inner_join(users::table.on(users::id.eq(program_bindings::id)))
            .filter(program_bindings::program_id.eq(program.to_string()))
            .filter(program_bindings::kind.eq(Kind::Person.word()))
            .filter(program_bindings::gone_at.is_null())
            .filter(users::upn_fold.is_not_null())
    };
    let total = found().count().get_result(&mut tx.conn)?;
    let rows: Vec<BindingRow> = found()
        .order(program_bindings::id)
        .limit(limit)
        .offset(offset)
        .select(BindingRow::as_select())
        .load(&mut tx.conn)?;
    Ok(Page { rows: rows.into_iter().map(BindingRow::read).collect::<Result<_, _>>()?, total })
}

/// How many of the people whom a program brought by then are here.
pub fn settled_people(tx: &mut Tx, program: ProgramId, until: Ts) -> Result<i64, Error> {
    let found = program_bindings::table
        .inner_join(users::table.on(users::id.eq(program_bindings::id)))
        .filter(program_bindings::program_id.eq(program.to_string()))
        .filter(program_bindings::kind.eq(Kind::Person.word()))
        .filter(program_bindings::bound_at.le(until.0))
        .filter(program_bindings::gone_at.is_null())
        .filter(users::upn_fold.is_not_null());
    Ok(found.count().get_result(&mut tx.conn)?)
}

/// How many people a program brought since.
pub fn new_people(tx: &mut Tx, program: ProgramId, since: Ts) -> Result<i64, Error> {
    let found = program_bindings::table
        .filter(program_bindings::program_id.eq(program.to_string()))
        .filter(program_bindings::kind.eq(Kind::Person.word()))
        .filter(program_bindings::bound_at.gt(since.0));
    Ok(found.count().get_result(&mut tx.conn)?)
}

/// Some of the groups that a program brought, in the order in which they came.
pub fn groups(
    tx: &mut Tx,
    program: ProgramId,
    (limit, offset): (i64, i64),
) -> Result<Page<Binding>, Error> {
    let (limit, offset) = text::page(limit, offset);
    let found = || {
        program_bindings::table
            .inner_join(groups::table.on(groups::id.eq(program_bindings::id)))
            .filter(program_bindings::program_id.eq(program.to_string()))
            .filter(program_bindings::kind.eq(Kind::Group.word()))
            .filter(program_bindings::gone_at.is_null())
    };
    let total = found().count().get_result(&mut tx.conn)?;
    let rows: Vec<BindingRow> = found()
        .order(program_bindings::id)
        .limit(limit)
        .offset(offset)
        .select(BindingRow::as_select())
        .load(&mut tx.conn)?;
    Ok(Page { rows: rows.into_iter().map(BindingRow::read).collect::<Result<_, _>>()?, total })
}

/// Who of these people was brought by a program, is here, and still its own.
pub fn own_among(tx: &mut Tx, program: ProgramId, people: &[UserId]) -> Result<Vec<UserId>, Error> {
    let ids: Vec<String> = people.iter().map(UserId::to_string).collect();
    let rows: Vec<String> = program_bindings::table
        .inner_join(users::table.on(users::id.eq(program_bindings::id)))
        .filter(program_bindings::id.eq_any(ids))
        .filter(program_bindings::program_id.eq(program.to_string()))
        .filter(program_bindings::kind.eq(Kind::Person.word()))
        .filter(program_bindings::gone_at.is_null())
        .filter(users::upn_fold.is_not_null())
        .order(program_bindings::id)
        .select(program_bindings::id)
        .load(&mut tx.conn)?;
    read_ids(&rows)
}

/// The program's own people in a group: all of them, or those of these.
pub fn own_members(
    tx: &mut Tx,
    program: ProgramId,
    group: GroupId,
    among: Option<&[UserId]>,
) -> Result<Vec<UserId>, Error> {
    let mut found = program_bindings::table
        .inner_join(group_members::table.on(group_members::user_id.eq(program_bindings::id)))
        .filter(group_members::group_id.eq(group.to_string()))
        .filter(program_bindings::program_id.eq(program.to_string()))
        .filter(program_bindings::kind.eq(Kind::Person.word()))
        .filter(program_bindings::gone_at.is_null())
        .order(program_bindings::id)
        .select(program_bindings::id)
        .into_boxed();
    if let Some(among) = among {
        let ids: Vec<String> = among.iter().map(UserId::to_string).collect();
        found = found.filter(program_bindings::id.eq_any(ids));
    }
    let rows: Vec<String> = found.load(&mut tx.conn)?;
    read_ids(&rows)
}

/// From which people a program took something since.
pub fn losers_since(tx: &mut Tx, program: ProgramId, since: Ts) -> Result<Vec<UserId>, Error> {
    let rows: Vec<String> = program_bindings::table
        .filter(program_bindings::program_id.eq(program.to_string()))
        .filter(program_bindings::lost_at.gt(since.0))
        .filter(program_bindings::kind.eq(Kind::Person.word()))
        .select(program_bindings::id)
        .load(&mut tx.conn)?;
    read_ids(&rows)
}

/// Notes that a program took something from these people.
pub fn note_losses(tx: &mut Tx, people: &[UserId], now: Ts) -> Result<(), Error> {
    for portion in people.chunks(500) {
        let ids: Vec<String> = portion.iter().map(UserId::to_string).collect();
        diesel::update(program_bindings::table.filter(program_bindings::id.eq_any(ids)))
            .set(program_bindings::lost_at.eq(now.0))
            .execute(&mut tx.conn)?;
    }
    Ok(())
}

/// A block that a program set is an admin's from now on, or none.
pub fn forget_block(tx: &mut Tx, person: UserId) -> Result<(), Error> {
    diesel::update(program_bindings::table.find(person.to_string()))
        .set(program_bindings::blocked_at.eq(None::<i64>))
        .execute(&mut tx.conn)?;
    Ok(())
}

fn read_ids(rows: &[String]) -> Result<Vec<UserId>, Error> {
    rows.iter().map(|id| Row { table: "program_bindings", id }.id(id)).collect()
}

impl Kind {
    const fn word(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Group => "group",
        }
    }
}

impl From<&Binding> for BindingRow {
    fn from(binding: &Binding) -> Self {
        let kind = match binding.what {
            Brought::Person(_) => Kind::Person,
            Brought::Group(_) => Kind::Group,
        };
        Self {
            id: binding.what.uuid().to_string(),
            program_id: binding.program_id.to_string(),
            kind: kind.word().to_owned(),
            external_id: binding.external_id.clone(),
            bound_at: binding.bound_at.0,
            gone_at: binding.gone_at.map(|at| at.0),
            blocked_at: binding.blocked_at.map(|at| at.0),
            lost_at: binding.lost_at.map(|at| at.0),
        }
    }
}

impl BindingRow {
    fn read(self) -> Result<Binding, Error> {
        let row = Row { table: "program_bindings", id: &self.id };
        let what = match self.kind.as_str() {
            "person" => Brought::Person(row.id(&self.id)?),
            "group" => Brought::Group(row.id(&self.id)?),
            _ => return Err(row.corrupt()),
        };
        Ok(Binding {
            what,
            program_id: row.id(&self.program_id)?,
            external_id: self.external_id,
            bound_at: Ts(self.bound_at),
            gone_at: self.gone_at.map(Ts),
            blocked_at: self.blocked_at.map(Ts),
            lost_at: self.lost_at.map(Ts),
        })
    }
}
