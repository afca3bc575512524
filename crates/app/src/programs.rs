//! Other systems that bring people and groups along over SCIM: let in by an admin, with tokens of their
//! own. A program is no admin: it reaches what it brought, and nobody who has a role (decision 23).

mod groups;
mod guard;
mod names;
mod people;
mod tokens;

use std::collections::HashMap;

use model::{
    Actor, Role, Ts,
    alarm::{Alarm, AlarmKind},
    audit::AuditKind,
    ids::{ProgramId, ProgramTokenId, UserId},
    program::{LetOn, Program, ProgramToken, Removal},
    user::{Group, User},
};
use store::{Tx, audit_log, program_bindings, programs};

pub use groups::{FindGroup, GroupWish, MemberChange};
pub use people::{FindPerson, PersonWish};
pub use tokens::{Entry, TOKENS};

use crate::{Admin, Error, House, Kind, Result, Visitor, alarms};

/// There are never more.
const MOST: usize = 20;
/// From how many people an admin may let a program take something in a day.
pub const MOST_LET_ON: u32 = 100_000;

/// A program whose token was right just now; only [`House::enter_program`] makes one.
#[derive(Debug, Clone)]
pub struct Caller {
    program: Program,
    token: ProgramTokenId,
}

/// Why a program does not get what it wants.
#[derive(Debug)]
pub enum Trouble {
    /// It is not there, or not the program's.
    NotThere,
    /// Somebody or something has that name already.
    Taken(String),
    /// A value can't be taken.
    Wrong(String),
    /// It can't be changed any more.
    Fixed(String),
    /// It is out of a program's reach.
    Closed(String),
    /// It would be too many; an admin must look first.
    Held(String),
    /// The program is let in no more.
    ShutOut,
    /// The request itself can't be carried out: a word of SCIM, and a sentence.
    Unfit(&'static str, String),
    /// Something of ours.
    House(Error),
}

/// What a program is told.
pub type Told<T> = std::result::Result<T, Trouble>;

/// A person as a program sees them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The person.
    pub user: User,
    /// The program's own id of them.
    pub external_id: Option<String>,
    /// Since when they are the program's.
    pub since: Ts,
}

/// A group as a program sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnGroup {
    /// The group.
    pub group: Group,
    /// The program's own id of it.
    pub external_id: Option<String>,
    /// Since when it is the program's.
    pub since: Ts,
    /// Who of the program's people is in it, where that was asked for.
    pub members: Option<Vec<UserId>>,
}

/// What an admin says of a program.
#[derive(Debug, Clone)]
pub struct ProgramWish {
    /// What it is called.
    pub name: String,
    /// It may bring groups, too.
    pub brings_groups: bool,
    /// What becomes of people whom it removes.
    pub removal: Removal,
}

/// A program as the console shows it.
#[derive(Debug, Clone)]
pub struct ProgramView {
    /// The program.
    pub program: Program,
    /// How many people it brought who are here.
    pub people: i64,
    /// How many groups.
    pub groups: i64,
    /// Its tokens, the latest first.
    pub tokens: Vec<ProgramToken>,
    /// An admin let it go on within the last 24 hours.
    pub is_let_on: bool,
    /// From how many people it took something since, or in the last 24 hours.
    pub lost: usize,
    /// How many people it made meanwhile.
    pub made: i64,
    /// From how many it may.
    pub most: usize,
}

impl House {
    /// Every program, by name.
    pub async fn programs(&self, _admin: &Admin) -> Result<Vec<ProgramView>> {
        let now = self.now();
        self.store()
            .read(move |tx| {
                let all = programs::all(tx)?;
                all.into_iter().map(|program| view(tx, program, now)).collect()
            })
            .await
    }

    /// One of them.
    pub async fn program(&self, _admin: &Admin, id: ProgramId) -> Result<ProgramView> {
        let now = self.now();
        self.store()
            .read(move |tx| {
                let program = programs::by_id(tx, id)?;
                view(tx, program.ok_or_else(|| Error::not_found("system"))?, now)
            })
            .await
    }

    /// Lets a program in; it can do nothing before it has a token. Needs a fresh second factor (R147).
    pub async fn add_program(
        &self,
        admin: &Admin,
        wish: ProgramWish,
        visitor: &Visitor,
    ) -> Result<ProgramId> {
        self.may_let_in(admin)?;
        let program = Program {
            id: ProgramId(self.new_id()),
            name: checked(&wish.name)?,
            brings_groups: wish.brings_groups,
            removal: wish.removal,
            made_at: self.now(),
            made_by: admin.user().id,
            last: None,
            held_at: None,
            let_on: None,
        };
        let id = program.id;
        let row = self.program_row((admin, visitor), &program, "let in");
        self.store()
            .write(move |tx| {
                if programs::all(tx)?.len() >= MOST {
                    return Err(Error::new(
                        Kind::Conflict,
                        "There are too many. Remove one first.",
                    ));
                }
                programs::create(tx, &program).map_err(named_twice)?;
                Ok(audit_log::record(tx, &row)?)
            })
            .await?;
        Ok(id)
    }

    /// Changes what a program may. Needs a fresh second factor.
    pub async fn change_program(
        &self,
        admin: &Admin,
        id: ProgramId,
        wish: ProgramWish,
        visitor: &Visitor,
    ) -> Result<()> {
        self.may_let_in(admin)?;
        let name = checked(&wish.name)?;
        self.with_program((admin, visitor), id, move |tx, program| {
            program.name = name;
            program.brings_groups = wish.brings_groups;
            program.removal = wish.removal;
            programs::update(tx, program).map_err(named_twice)?;
            Ok("changed".to_owned())
        })
        .await
    }

    /// Lets a program in no more: its tokens open nothing from then on, and what it brought stays as it
    /// is. Needs a fresh second factor.
    pub async fn remove_program(
        &self,
        admin: &Admin,
        id: ProgramId,
        visitor: &Visitor,
    ) -> Result<()> {
        self.may_let_in(admin)?;
        self.with_program((admin, visitor), id, move |tx, _| {
            programs::remove(tx, id)?;
            Ok("removed".to_owned())
        })
        .await
    }

    /// Lets a program that was held go on, and take something from so many people within a day. Needs a
    /// fresh second factor: it may be many.
    pub async fn let_program_on(
        &self,
        admin: &Admin,
        id: ProgramId,
        people: u32,
        visitor: &Visitor,
    ) -> Result<()> {
        self.may_let_in(admin)?;
        if people == 0 || people > MOST_LET_ON {
            let public = format!("Type a number from 1 to {MOST_LET_ON}.");
            return Err(Error::invalid("people", public));
        }
        let (at, house) = (self.now(), self.clone());
        self.with_program((admin, visitor), id, move |tx, program| {
            program.held_at = None;
            program.let_on = Some(LetOn { at, people });
            programs::update(tx, program)?;
            let held = |alarm: &Alarm| {
                alarm.cause.kind() == AlarmKind::ProgramHeld && alarm.subject == program.name
            };
            alarms::over(tx, &house, held)?;
            Ok(format!("let on, to take something from {people} people within a day"))
        })
        .await
    }

    /// What programs are called, for whoever reads what they did.
    pub async fn program_names(&self, _admin: &Admin) -> Result<HashMap<ProgramId, String>> {
        self.store()
            .read(|tx| {
                let all = programs::all(tx)?;
                Ok::<_, Error>(all.into_iter().map(|one| (one.id, one.name)).collect())
            })
            .await
    }

    fn may_let_in(&self, admin: &Admin) -> Result<()> {
        admin.require(Role::UserAdmin)?;
        admin.require_fresh(self.now())
    }

    /// Changes a program, with its audit row.
    async fn with_program(
        &self,
        (admin, visitor): (&Admin, &Visitor),
        id: ProgramId,
        change: impl FnOnce(&mut Tx, &mut Program) -> Result<String> + Send + 'static,
    ) -> Result<()> {
        let (house, admin, visitor) = (self.clone(), admin.clone(), visitor.clone());
        self.store()
            .write(move |tx| {
                let found = programs::locked(tx, id)?;
                let mut program = found.ok_or_else(|| Error::not_found("system"))?;
                let did = change(tx, &mut program)?;
                let row = house.program_row((&admin, &visitor), &program, &did);
                Ok(audit_log::record(tx, &row)?)
            })
            .await
    }

    fn program_row(
        &self,
        (admin, visitor): (&Admin, &Visitor),
        program: &Program,
        did: &str,
    ) -> model::audit::AuditEvent {
        let kind = AuditKind::ProgramChanged;
        let mut row = visitor.audit(self, admin.actor(), kind, &program.name);
        let groups = if program.brings_groups { "people and groups" } else { "people alone" };
        let removal = match program.removal {
            Removal::Block => "whom it removes is blocked",
            Removal::Keep => "whom it removes stays",
        };
        row.detail = format!("{did}; {groups}; {removal}");
        row
    }

    /// The program, locked, if it is still let in: a token that was taken back or ended while a request
    /// was under way opens nothing either.
    fn admitted(&self, tx: &mut Tx, caller: &Caller) -> Told<Program> {
        let program = programs::locked(tx, caller.program.id)?.ok_or(Trouble::ShutOut)?;
        let token = programs::token(tx, caller.token)?;
        let is_good = token.is_some_and(|token| token.expires_at > self.now());
        if is_good { Ok(program) } else { Err(Trouble::ShutOut) }
    }

    /// Keeps what a program did last.
    fn note_last(&self, tx: &mut Tx, program: &mut Program, did: String) -> Told<()> {
        program.last = Some((self.now(), did));
        Ok(programs::update(tx, program)?)
    }
}

impl Caller {
    /// The program.
    #[must_use]
    pub fn program(&self) -> &Program {
        &self.program
    }
}

fn view(tx: &mut Tx, program: Program, now: Ts) -> Result<ProgramView> {
    let (most, since) = guard::terms(tx, &program, now)?;
    Ok(ProgramView {
        people: program_bindings::people(tx, program.id, (0, 0))?.total,
        groups: program_bindings::groups(tx, program.id, (0, 0))?.total,
        tokens: programs::tokens(tx, program.id)?,
        is_let_on: program.let_on.is_some_and(|let_on| let_on.at == since),
        lost: program_bindings::losers_since(tx, program.id, since)?.len(),
        made: program_bindings::new_people(tx, program.id, since)?,
        most,
        program,
    })
}

fn checked(name: &str) -> Result<String> {
    let name = name.trim();
    if name.is_empty() {
        return Err(Error::invalid("name", "Type a name of 1 to 120 characters."));
    }
    crate::accounts::check_text("name", name, 120)?;
    Ok(name.to_owned())
}

fn named_twice(error: store::Error) -> Error {
    match error {
        store::Error::Conflict { .. } => {
            Error::invalid("name", "There is one of that name already.")
        }
        error => error.into(),
    }
}

/// Who did it, for the audit log.
const fn actor(program: &Program) -> Actor {
    Actor::Program(program.id)
}

impl From<store::Error> for Trouble {
    fn from(error: store::Error) -> Self {
        Error::from(error).into()
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        match error.kind {
            Kind::NotFound => Self::NotThere,
            Kind::Conflict => Self::Taken(error.public),
            Kind::Invalid { .. } => Self::Wrong(error.public),
            Kind::Forbidden => Self::Closed(error.public),
            Kind::StepUp | Kind::Unavailable | Kind::Upstream | Kind::Bug => Self::House(error),
        }
    }
}
