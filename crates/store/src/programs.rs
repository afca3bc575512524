//! Other systems that bring people, and the tokens that they prove themselves with.

use diesel::{
    AsChangeset, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, RunQueryDsl,
};
use model::{
    Ts,
    ids::{ProgramId, ProgramTokenId},
    program::{LetOn, Program, ProgramToken},
};

use crate::{
    Error, Tx,
    connection::first_locked,
    schema::{program_bindings, program_tokens, programs},
    text::{self, Row},
};

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = programs, treat_none_as_default_value = false, treat_none_as_null = true)]
struct ProgramRow {
    id: String,
    name: String,
    name_fold: String,
    brings_groups: bool,
    removal: String,
    made_at: i64,
    made_by: String,
    last_at: Option<i64>,
    last_did: String,
    held_at: Option<i64>,
    let_on_at: Option<i64>,
    let_on_for: Option<i64>,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = program_tokens, treat_none_as_default_value = false)]
struct TokenRow {
    id: String,
    program_id: String,
    digest: Vec<u8>,
    made_at: i64,
    made_by: String,
    expires_at: i64,
    used_at: Option<i64>,
}

/// Lets a program in.
pub fn create(tx: &mut Tx, program: &Program) -> Result<(), Error> {
    let row = ProgramRow::from(program);
    diesel::insert_into(programs::table).values(&row).execute(&mut tx.conn)?;
    Ok(())
}

/// Writes everything about one.
pub fn update(tx: &mut Tx, program: &Program) -> Result<(), Error> {
    let row = ProgramRow::from(program);
    let changed =
        diesel::update(programs::table.find(row.id.clone())).set(&row).execute(&mut tx.conn)?;
    text::found(changed, "program")
}

/// One of them.
pub fn by_id(tx: &mut Tx, id: ProgramId) -> Result<Option<Program>, Error> {
    let row: Option<ProgramRow> =
        programs::table.find(id.to_string()).first(&mut tx.conn).optional()?;
    row.map(ProgramRow::read).transpose()
}

/// The same, which nobody else changes until this transaction ends: what a program takes away is counted
/// one change after the other.
pub fn locked(tx: &mut Tx, id: ProgramId) -> Result<Option<Program>, Error> {
    let row = first_locked!(tx, ProgramRow, programs::table.find(id.to_string()))?;
    row.map(ProgramRow::read).transpose()
}

/// Every one, by name.
pub fn all(tx: &mut Tx) -> Result<Vec<Program>, Error> {
    let rows: Vec<ProgramRow> =
        programs::table.order((programs::name_fold, programs::id)).load(&mut tx.conn)?;
    rows.into_iter().map(ProgramRow::read).collect()
}

/// Lets a program in no more. What it brought stays, and is nobody's.
pub fn remove(tx: &mut Tx, id: ProgramId) -> Result<(), Error> {
    let whose = id.to_string();
    let tokens = program_tokens::table.filter(program_tokens::program_id.eq(&whose));
    diesel::delete(tokens).execute(&mut tx.conn)?;
    let bindings = program_bindings::table.filter(program_bindings::program_id.eq(&whose));
    diesel::delete(bindings).execute(&mut tx.conn)?;
    let gone = diesel::delete(programs::table.find(&whose)).execute(&mut tx.conn)?;
    text::found(gone, "program")
}

/// Adds a token.
pub fn add_token(tx: &mut Tx, token: &ProgramToken) -> Result<(), Error> {
    let row = TokenRow {
        id: token.id.to_string(),
        program_id: token.program_id.to_string(),
        digest: token.digest.to_vec(),
        made_at: token.made_at.0,
        made_by: token.made_by.to_string(),
        expires_at: token.expires_at.0,
        used_at: token.used_at.map(|at| at.0),
    };
    diesel::insert_into(program_tokens::table).values(&row).execute(&mut tx.conn)?;
    Ok(())
}

/// A token.
pub fn token(tx: &mut Tx, id: ProgramTokenId) -> Result<Option<ProgramToken>, Error> {
    let row: Option<TokenRow> =
        program_tokens::table.find(id.to_string()).first(&mut tx.conn).optional()?;
    row.map(TokenRow::read).transpose()
}

/// The tokens of a program, the latest first.
pub fn tokens(tx: &mut Tx, program: ProgramId) -> Result<Vec<ProgramToken>, Error> {
    let rows: Vec<TokenRow> = program_tokens::table
        .filter(program_tokens::program_id.eq(program.to_string()))
        .order((program_tokens::made_at.desc(), program_tokens::id.desc()))
        .load(&mut tx.conn)?;
    rows.into_iter().map(TokenRow::read).collect()
}

/// Notes that a token was used.
pub fn touch_token(tx: &mut Tx, id: ProgramTokenId, now: Ts) -> Result<(), Error> {
    diesel::update(program_tokens::table.find(id.to_string()))
        .set(program_tokens::used_at.eq(now.0))
        .execute(&mut tx.conn)?;
    Ok(())
}

/// Takes a token back; false when it was gone before.
pub fn remove_token(tx: &mut Tx, id: ProgramTokenId) -> Result<bool, Error> {
    let one = program_tokens::table.find(id.to_string());
    Ok(diesel::delete(one).execute(&mut tx.conn)? == 1)
}

impl From<&Program> for ProgramRow {
    fn from(program: &Program) -> Self {
        Self {
            id: program.id.to_string(),
            name: program.name.clone(),
            name_fold: model::upn::fold(&program.name),
            brings_groups: program.brings_groups,
            removal: text::word(program.removal),
            made_at: program.made_at.0,
            made_by: program.made_by.to_string(),
            last_at: program.last.as_ref().map(|(at, _)| at.0),
            last_did: program.last.as_ref().map(|(_, did)| did.clone()).unwrap_or_default(),
            held_at: program.held_at.map(|at| at.0),
            let_on_at: program.let_on.map(|let_on| let_on.at.0),
            let_on_for: program.let_on.map(|let_on| i64::from(let_on.people)),
        }
    }
}

impl ProgramRow {
    fn read(self) -> Result<Program, Error> {
        let row = Row { table: "programs", id: &self.id };
        let let_on = match self.let_on_at.zip(self.let_on_for) {
            Some((at, people)) => Some(LetOn { at: Ts(at), people: row.number(people)? }),
            None => None,
        };
        Ok(Program {
            id: row.id(&self.id)?,
            brings_groups: self.brings_groups,
            removal: row.word(&self.removal)?,
            made_at: Ts(self.made_at),
            made_by: row.id(&self.made_by)?,
            last: self.last_at.map(|at| (Ts(at), self.last_did)),
            held_at: self.held_at.map(Ts),
            let_on,
            name: self.name,
        })
    }
}

impl TokenRow {
    fn read(self) -> Result<ProgramToken, Error> {
        let row = Row { table: "program_tokens", id: &self.id };
        Ok(ProgramToken {
            id: row.id(&self.id)?,
            program_id: row.id(&self.program_id)?,
            digest: row.digest(&self.digest)?,
            made_at: Ts(self.made_at),
            made_by: row.id(&self.made_by)?,
            expires_at: Ts(self.expires_at),
            used_at: self.used_at.map(Ts),
        })
    }
}
