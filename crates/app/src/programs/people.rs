//! People whom a program brings, changes, blocks and removes.

use model::{
    Upn,
    audit::AuditKind,
    ids::UserId,
    program::{Binding, Brought, Program, Removal},
    user::{Profile, User, UserState},
};
use store::{Page, Tx, audit_log, program_bindings, users};

use super::{Caller, Person, Told, Trouble, actor, names};
use crate::{
    House, Visitor,
    accounts::{NewPerson, add_person},
};

/// What a program wants of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonWish {
    /// The sign-in name.
    pub user_name: String,
    /// Its own id of them.
    pub external_id: Option<String>,
    /// They may sign in.
    pub active: bool,
    /// What others see.
    pub profile: Profile,
}

/// Whom a program looks for among its people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FindPerson {
    /// All of them, a page at a time.
    All,
    /// The one with this id of ours.
    Id(UserId),
    /// The one with this sign-in name.
    UserName(String),
    /// The one with this id of its own.
    ExternalId(String),
    /// Whoever has this mail address.
    Mail(String),
}

impl House {
    /// Some of a program's people; of nobody else does it hear.
    pub async fn brought_people(
        &self,
        caller: &Caller,
        find: FindPerson,
        (limit, offset): (i64, i64),
    ) -> Told<Page<Person>> {
        let program = caller.program.id;
        let found = self.store().read(move |tx| {
            let one = match find {
                FindPerson::All => {
                    let page = program_bindings::people(tx, program, (limit, offset))?;
                    let ids: Vec<UserId> = page.rows.iter().filter_map(person).collect();
                    let known = users::with_ids(tx, &ids)?;
                    let row = |binding: &Binding| {
                        let id = person(binding)?;
                        let user = known.iter().find(|user| user.id == id)?;
                        Some(seen(user.clone(), binding))
                    };
                    let rows = page.rows.iter().filter_map(row).collect();
                    return Ok(Page { rows, total: page.total });
                }
                FindPerson::Id(id) => users::by_id(tx, id)?.into_iter().collect(),
                FindPerson::UserName(name) => users::by_upn(tx, &name)?.into_iter().collect(),
                FindPerson::Mail(mail) => {
                    users::reached(tx, &[mail.trim().to_ascii_lowercase()], &[])?
                }
                FindPerson::ExternalId(id) => {
                    let kind = program_bindings::Kind::Person;
                    let binding = program_bindings::by_external_id(tx, program, kind, &id)?;
                    let id = binding.as_ref().and_then(person);
                    id.map(|id| users::by_id(tx, id)).transpose()?.flatten().into_iter().collect()
                }
            };
            let mut rows = Vec::new();
            for user in one {
                if let Some(binding) = own(tx, program, &user)? {
                    rows.push(seen(user, &binding));
                }
            }
            let total = i64::try_from(rows.len()).unwrap_or(i64::MAX);
            Ok::<_, Trouble>(Page { rows, total })
        });
        found.await
    }

    /// Brings a person along. Nobody who is here already is taken over; whom this very program removed
    /// comes back, unless people whom it removes are none of its any more. There is no password: an
    /// admin hands one out.
    pub async fn bring_person(
        &self,
        caller: &Caller,
        wish: PersonWish,
        visitor: &Visitor,
    ) -> Told<Person> {
        let (house, caller, visitor) = (self.clone(), caller.clone(), visitor.clone());
        let upn = names::parsed(&wish.user_name)?;
        self.store()
            .write(move |tx| {
                let mut program = house.admitted(tx, &caller)?;
                if let Some(gone) = removed_by(tx, &program, &upn)? {
                    return house.bring_back(tx, (&mut program, &visitor), gone, wish);
                }
                if let Some(held) = house.hold_makers_back(tx, &mut program, &visitor)? {
                    return Ok(Err(held));
                }
                Ok(Ok(house.make_brought(tx, (&mut program, &visitor), &upn, wish)?))
            })
            .await?
    }

    /// Gives a program back whom it removed.
    fn bring_back(
        &self,
        tx: &mut Tx,
        (program, visitor): (&mut Program, &Visitor),
        (mut binding, user): (Binding, User),
        wish: PersonWish,
    ) -> Told<Told<Person>> {
        names::within_reach(tx, &user)?;
        binding.gone_at = None;
        let person = match self.shape_person(tx, (program, visitor), (binding, user), wish)? {
            Ok(person) => person,
            Err(held) => return Ok(Err(held)),
        };
        let name = person.user.upn.as_str();
        let mut row = visitor.audit(self, actor(program), AuditKind::UserChanged, name);
        "brought again".clone_into(&mut row.detail);
        audit_log::record(tx, &row)?;
        self.note_last(tx, program, format!("brought {name} again"))?;
        Ok(Ok(person))
    }

    /// Changes one of a program's people as `change` says, which sees them as they are: all of it, or
    /// nothing.
    pub async fn change_brought_person(
        &self,
        caller: &Caller,
        id: UserId,
        change: impl FnOnce(&Person) -> Told<PersonWish> + Send + 'static,
        visitor: &Visitor,
    ) -> Told<Person> {
        let (house, caller, visitor) = (self.clone(), caller.clone(), visitor.clone());
        self.store()
            .write(move |tx| {
                let mut program = house.admitted(tx, &caller)?;
                let (binding, user) = theirs(tx, &program, id)?;
                let wish = change(&seen(user.clone(), &binding))?;
                names::within_reach(tx, &user)?;
                house.shape_person(tx, (&mut program, &visitor), (binding, user), wish)
            })
            .await?
    }

    /// Removes one of a program's people, which means what an admin set for the program. They are gone
    /// for the program at once; they themselves leave late, and can be let in again.
    pub async fn remove_brought_person(
        &self,
        caller: &Caller,
        id: UserId,
        visitor: &Visitor,
    ) -> Told<()> {
        let (house, caller, visitor) = (self.clone(), caller.clone(), visitor.clone());
        self.store()
            .write(move |tx| {
                let mut program = house.admitted(tx, &caller)?;
                let (mut binding, user) = theirs(tx, &program, id)?;
                names::within_reach(tx, &user)?;
                if program.removal == Removal::Block && user.state == UserState::Active {
                    if let Some(held) = house.hold_back(tx, &mut program, &[id], &visitor)? {
                        return Ok(Err(held));
                    }
                    binding = house.set_brought_state(
                        tx,
                        (&program, &visitor),
                        (binding, &user),
                        UserState::Blocked,
                    )?;
                }
                binding.gone_at = Some(house.now());
                binding.external_id = None;
                program_bindings::update(tx, &binding)?;
                let (who, kind) = (actor(&program), AuditKind::ProgramLetGo);
                let row = visitor.audit(&house, who, kind, user.upn.as_str());
                audit_log::record(tx, &row)?;
                house.note_last(tx, &mut program, format!("removed {}", user.upn))?;
                Ok::<_, Trouble>(Ok(()))
            })
            .await?
    }

    /// Makes somebody new.
    fn make_brought(
        &self,
        tx: &mut Tx,
        (program, visitor): (&mut Program, &Visitor),
        upn: &Upn,
        wish: PersonWish,
    ) -> Told<Person> {
        names::may_be_called(tx, upn, None)?;
        let profile = names::checked(wish.profile)?;
        names::may_have_mail(tx, profile.mail.as_deref(), None)?;
        let new = NewPerson { upn: upn.to_string(), profile };
        let mut user = self.new_user(new, None)?;
        let (now, id) = (self.now(), Brought::Person(user.id));
        let external_id = unused(tx, program, wish.external_id, user.id)?;
        let mut binding = Binding::new(id, program.id, external_id, now);
        if !wish.active {
            user.state = UserState::Blocked;
            binding.blocked_at = Some(user.updated_at);
        }
        add_person(tx, &user)?;
        program_bindings::create(tx, &binding)?;
        let (who, kind) = (actor(program), AuditKind::UserCreated);
        let mut row = visitor.audit(self, who, kind, upn.as_str());
        if !wish.active {
            "blocked from the beginning".clone_into(&mut row.detail);
        }
        audit_log::record(tx, &row)?;
        self.note_last(tx, program, format!("created {upn}"))?;
        Ok(seen(user, &binding))
    }

    /// Makes somebody who is here as a program wants them.
    fn shape_person(
        &self,
        tx: &mut Tx,
        (program, visitor): (&mut Program, &Visitor),
        (mut binding, user): (Binding, User),
        wish: PersonWish,
    ) -> Told<Told<Person>> {
        let (id, by) = (user.id, (actor(program), visitor));
        let before = seen(user.clone(), &binding);
        let upn = new_name(tx, &user, &wish.user_name)?;
        let blocks = user.state == UserState::Active && !wish.active;
        let losing: &[UserId] = if blocks || upn != user.upn { &[id] } else { &[] };
        if let Some(held) = self.hold_back(tx, program, losing, visitor)? {
            return Ok(Err(held));
        }
        let user = self.name_anew(tx, (program, visitor), user, upn)?;
        let profile = names::checked(wish.profile)?;
        if profile.mail != user.profile.mail {
            names::may_have_mail(tx, profile.mail.as_deref(), Some(id))?;
        }
        self.write_profile(tx, by, user.clone(), profile)?;
        binding.external_id = unused(tx, program, wish.external_id, id)?;
        let state = if wish.active { UserState::Active } else { UserState::Blocked };
        if state != user.state {
            let who = (&*program, visitor);
            binding = self.set_brought_state(tx, who, (binding, &user), state)?;
        }
        program_bindings::update(tx, &binding)?;
        let user = users::by_id(tx, id)?.ok_or(Trouble::NotThere)?;
        let now = seen(user, &binding);
        if now != before {
            self.note_last(tx, program, format!("changed {}", now.user.upn))?;
        }
        Ok(Ok(now))
    }

    /// Gives somebody another sign-in name, as an admin would.
    fn name_anew(
        &self,
        tx: &mut Tx,
        (program, visitor): (&Program, &Visitor),
        user: User,
        upn: Upn,
    ) -> Told<User> {
        if upn.as_str() == user.upn.as_str() {
            return Ok(user);
        }
        let id = user.id;
        self.put_name(tx, (actor(program), visitor), user, upn)?;
        users::by_id(tx, id)?.ok_or(Trouble::NotThere)
    }

    /// Blocks somebody, or lets in whom this program blocked; whom an admin blocked stays blocked.
    fn set_brought_state(
        &self,
        tx: &mut Tx,
        (program, visitor): (&Program, &Visitor),
        (mut binding, user): (Binding, &User),
        state: UserState,
    ) -> Told<Binding> {
        let now = self.now();
        if state == UserState::Active {
            let since = users::blocked_since(tx, user.id)?;
            if binding.blocked_at.is_none() || binding.blocked_at != since {
                return Ok(binding);
            }
        }
        users::set_state(tx, user.id, state, now)?;
        binding.blocked_at = (state == UserState::Blocked).then_some(now);
        self.follow_state(tx, (actor(program), visitor), user, state)?;
        Ok(binding)
    }
}

/// The sign-in name that somebody shall have, if they may: in the same domain (R084).
fn new_name(tx: &mut Tx, user: &User, typed: &str) -> Told<Upn> {
    let upn = names::parsed(typed)?;
    if upn.as_str() == user.upn.as_str() {
        return Ok(upn);
    }
    if upn.domain() != user.upn.domain() {
        let sentence = format!("userName: the part after @ stays {}.", user.upn.domain());
        return Err(Trouble::Fixed(sentence));
    }
    names::may_be_called(tx, &upn, Some(user.id))?;
    Ok(upn)
}

fn person(binding: &Binding) -> Option<UserId> {
    match binding.what {
        Brought::Person(id) => Some(id),
        Brought::Group(_) => None,
    }
}

fn seen(user: User, binding: &Binding) -> Person {
    Person { user, external_id: binding.external_id.clone(), since: binding.bound_at }
}

/// That somebody who is here was brought by this program and is still its own.
fn own(tx: &mut Tx, program: model::ids::ProgramId, user: &User) -> Told<Option<Binding>> {
    if user.state == UserState::Deleted {
        return Ok(None);
    }
    let binding = program_bindings::of(tx, Brought::Person(user.id))?;
    Ok(binding.filter(|binding| binding.program_id == program && binding.gone_at.is_none()))
}

/// One of the program's people, locked.
fn theirs(tx: &mut Tx, program: &Program, id: UserId) -> Told<(Binding, User)> {
    users::lock(tx, id)?;
    let user = users::by_id(tx, id)?.ok_or(Trouble::NotThere)?;
    let binding = own(tx, program.id, &user)?.ok_or(Trouble::NotThere)?;
    Ok((binding, user))
}

/// Who of this name was removed by this very program and may come back, locked. They are read again
/// under the lock: an admin may have changed them meanwhile.
fn removed_by(tx: &mut Tx, program: &Program, upn: &Upn) -> Told<Option<(Binding, User)>> {
    if program.removal == Removal::Keep {
        return Ok(None);
    }
    let Some(here) = users::by_upn(tx, upn.as_str())? else { return Ok(None) };
    users::lock(tx, here.id)?;
    let still = |user: &User| user.state != UserState::Deleted && user.upn == *upn;
    let Some(user) = users::by_id(tx, here.id)?.filter(still) else { return Ok(None) };
    let binding = program_bindings::of(tx, Brought::Person(user.id))?;
    let gone = |binding: &Binding| binding.program_id == program.id && binding.gone_at.is_some();
    Ok(binding.filter(gone).map(|binding| (binding, user)))
}

/// A program's own id of a person, if it has no other person of that id.
fn unused(
    tx: &mut Tx,
    program: &Program,
    typed: Option<String>,
    me: UserId,
) -> Told<Option<String>> {
    let Some(id) = names::external_id(typed)? else { return Ok(None) };
    let kind = program_bindings::Kind::Person;
    match program_bindings::by_external_id(tx, program.id, kind, &id)? {
        Some(other) if other.what != Brought::Person(me) => {
            Err(Trouble::Taken("externalId: you have another person of this id.".to_owned()))
        }
        _ => Ok(Some(id)),
    }
}
