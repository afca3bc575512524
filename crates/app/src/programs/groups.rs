//! Groups that a program brings: named, filled with its own people, emptied, removed. What an admin gave
//! such a group is given and taken with its members; whom an admin put into it stays out of reach.

use std::collections::BTreeSet;

use model::{
    audit::AuditKind,
    ids::{GroupId, UserId},
    program::{Binding, Brought, Program},
    user::Group,
};
use store::{
    Page, Tx, applications, audit_log, entitlements, groups, program_bindings, tenant_admins, users,
};

use super::{Caller, OwnGroup, Told, Trouble, actor, names};
use crate::{
    House, Visitor,
    groups::{checked, named_by, unused},
};

/// What a program wants of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupWish {
    /// What people call it.
    pub name: String,
    /// Its own id of it.
    pub external_id: Option<String>,
    /// Who comes and who goes, one after the other.
    pub members: Vec<MemberChange>,
}

/// A change of who is in a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MemberChange {
    /// These are in it, too.
    Add(Vec<UserId>),
    /// These are not in it any more.
    Remove(Vec<UserId>),
    /// These are in it, and nobody else of the program's people.
    Set(Vec<UserId>),
}

/// Which groups a program looks for among its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FindGroup {
    /// All of them, a page at a time.
    All,
    /// The one with this id of ours.
    Id(GroupId),
    /// The one with this name.
    Name(String),
    /// The one with this id of its own.
    ExternalId(String),
}

impl House {
    /// Some of a program's groups, with or without who of its people is in them.
    pub async fn brought_groups(
        &self,
        caller: &Caller,
        find: FindGroup,
        (limit, offset): (i64, i64),
        with_members: bool,
    ) -> Told<Page<OwnGroup>> {
        let program = caller.program.id;
        let found = self.store().read(move |tx| {
            let one = match find {
                FindGroup::All => {
                    let page = program_bindings::groups(tx, program, (limit, offset))?;
                    let mut rows = Vec::new();
                    for binding in page.rows {
                        let group = group_of(tx, &binding)?;
                        rows.extend(group.map(|group| seen(group, &binding)));
                    }
                    with(tx, program, &mut rows, with_members)?;
                    return Ok(Page { rows, total: page.total });
                }
                FindGroup::Id(id) => groups::by_id(tx, id)?,
                FindGroup::Name(name) => groups::by_name(tx, &name)?,
                FindGroup::ExternalId(id) => {
                    let kind = program_bindings::Kind::Group;
                    let binding = program_bindings::by_external_id(tx, program, kind, &id)?;
                    binding.map(|binding| group_of(tx, &binding)).transpose()?.flatten()
                }
            };
            let mut rows = Vec::new();
            if let Some(group) = one
                && let Some(binding) = own(tx, program, group.id)?
            {
                rows.push(seen(group, &binding));
            }
            with(tx, program, &mut rows, with_members)?;
            let total = i64::try_from(rows.len()).unwrap_or(i64::MAX);
            Ok::<_, Trouble>(Page { rows, total })
        });
        found.await
    }

    /// Brings a group along. None that is here already is taken over; what this very program removed
    /// comes back.
    pub async fn bring_group(
        &self,
        caller: &Caller,
        wish: GroupWish,
        visitor: &Visitor,
    ) -> Told<OwnGroup> {
        let (house, caller, visitor) = (self.clone(), caller.clone(), visitor.clone());
        let name = named(&wish.name)?;
        self.store()
            .write(move |tx| {
                let mut program = with_groups(&house, tx, &caller)?;
                if let Some(group) = groups::by_name(tx, &name)? {
                    groups::lock(tx, group.id)?;
                    let binding = program_bindings::of(tx, Brought::Group(group.id))?;
                    let gone = |it: &Binding| it.program_id == program.id && it.gone_at.is_some();
                    let Some(mut binding) = binding.filter(gone) else {
                        let sentence =
                            format!("displayName: there is a group {} already.", group.name);
                        return Err(Trouble::Taken(sentence));
                    };
                    binding.gone_at = None;
                    let who = (&mut program, &visitor);
                    let shaped = house.shape_group(tx, who, (binding, group), wish)?;
                    if let Ok(group) = &shaped {
                        let (name, who) = (&group.group.name, actor(&program));
                        let mut row = visitor.audit(&house, who, AuditKind::GroupChanged, name);
                        "brought again".clone_into(&mut row.detail);
                        audit_log::record(tx, &row)?;
                        house.note_last(
                            tx,
                            &mut program,
                            format!("brought the group {name} again"),
                        )?;
                    }
                    return Ok(shaped);
                }
                let group = Group { id: GroupId(house.new_id()), name };
                groups::create(tx, &group)?;
                let now = house.now();
                let binding = Binding::new(Brought::Group(group.id), program.id, None, now);
                program_bindings::create(tx, &binding)?;
                let (who, kind) = (actor(&program), AuditKind::GroupCreated);
                audit_log::record(tx, &visitor.audit(&house, who, kind, &group.name))?;
                let (who, did) =
                    ((&mut program, &visitor), format!("created the group {}", group.name));
                let shaped = house.shape_group(tx, who, (binding, group), wish)?;
                house.note_last(tx, &mut program, did)?;
                Ok(shaped)
            })
            .await?
    }

    /// Changes one of a program's groups as `change` says: all of it, or nothing.
    pub async fn change_brought_group(
        &self,
        caller: &Caller,
        id: GroupId,
        change: impl FnOnce(&OwnGroup) -> Told<GroupWish> + Send + 'static,
        visitor: &Visitor,
    ) -> Told<OwnGroup> {
        let (house, caller, visitor) = (self.clone(), caller.clone(), visitor.clone());
        self.store()
            .write(move |tx| {
                let mut program = with_groups(&house, tx, &caller)?;
                let (binding, group) = its(tx, &program, id)?;
                let wish = change(&seen(group.clone(), &binding))?;
                house.shape_group(tx, (&mut program, &visitor), (binding, group), wish)
            })
            .await?
    }

    /// Removes one of a program's groups: its people leave it. The group itself stays where an admin
    /// assigned it, or put others into it.
    pub async fn remove_brought_group(
        &self,
        caller: &Caller,
        id: GroupId,
        visitor: &Visitor,
    ) -> Told<()> {
        let (house, caller, visitor) = (self.clone(), caller.clone(), visitor.clone());
        self.store()
            .write(move |tx| {
                let mut program = with_groups(&house, tx, &caller)?;
                let (mut binding, group) = its(tx, &program, id)?;
                let gone = program_bindings::own_members(tx, program.id, id, None)?;
                let who = (&mut program, &visitor);
                if let Err(held) = house.move_members(tx, who, &group, (&[], &gone))? {
                    return Ok(Err(held));
                }
                let is_used = !entitlements::of_group(tx, id)?.is_empty()
                    || !named_by(tx, id)?.is_empty()
                    || !groups::members(tx, id)?.is_empty();
                let kind = if is_used {
                    binding.gone_at = Some(house.now());
                    binding.external_id = None;
                    program_bindings::update(tx, &binding)?;
                    AuditKind::ProgramLetGo
                } else {
                    program_bindings::remove(tx, binding.what)?;
                    groups::remove(tx, id)?;
                    AuditKind::GroupRemoved
                };
                let row = visitor.audit(&house, actor(&program), kind, &group.name);
                audit_log::record(tx, &row)?;
                house.note_last(tx, &mut program, format!("removed the group {}", group.name))?;
                Ok::<_, Trouble>(Ok(()))
            })
            .await?
    }

    /// Makes a group that is here as a program wants it.
    fn shape_group(
        &self,
        tx: &mut Tx,
        (program, visitor): (&mut Program, &Visitor),
        (mut binding, group): (Binding, Group),
        wish: GroupWish,
    ) -> Told<Told<OwnGroup>> {
        let before = seen(group.clone(), &binding);
        let (new, gone) = who_moves(tx, program, group.id, &wish.members)?;
        if let Err(held) = self.move_members(tx, (program, visitor), &group, (&new, &gone))? {
            return Ok(Err(held));
        }
        let renamed = Group { id: group.id, name: named(&wish.name)? };
        if renamed.name != group.name {
            is_free(tx, &group)?;
            unused(tx, &renamed)?;
            groups::rename(tx, &renamed)?;
            let (who, kind) = (actor(program), AuditKind::GroupChanged);
            let mut row = visitor.audit(self, who, kind, &renamed.name);
            row.detail = format!("name: {} -> {}", group.name, renamed.name);
            audit_log::record(tx, &row)?;
        }
        binding.external_id = unused_id(tx, program, wish.external_id, group.id)?;
        program_bindings::update(tx, &binding)?;
        let now = seen(renamed, &binding);
        if now != before || !new.is_empty() || !gone.is_empty() {
            self.note_last(tx, program, format!("changed the group {}", now.group.name))?;
        }
        Ok(Ok(now))
    }

    /// Puts people into a locked group and takes others out, unless that is too many.
    fn move_members(
        &self,
        tx: &mut Tx,
        (program, visitor): (&mut Program, &Visitor),
        group: &Group,
        (new, gone): (&[UserId], &[UserId]),
    ) -> Told<Told<()>> {
        if new.is_empty() && gone.is_empty() {
            return Ok(Ok(()));
        }
        is_free(tx, group)?;
        let mut changed: Vec<UserId> = new.iter().chain(gone).copied().collect();
        changed.sort_unstable();
        users::lock_shares(tx, &changed)?;
        all_within_reach(tx, &changed)?;
        if let Some(held) = self.hold_back(tx, program, gone, visitor)? {
            return Ok(Err(held));
        }
        new.iter().try_for_each(|id| groups::add_member(tx, group.id, *id))?;
        for id in gone {
            groups::remove_member(tx, group.id, *id)?;
        }
        self.follow_members(tx, (actor(program), visitor), group, (new, gone))?;
        Ok(Ok(()))
    }
}

/// The program, locked, if it may bring groups.
fn with_groups(house: &House, tx: &mut Tx, caller: &Caller) -> Told<Program> {
    let program = house.admitted(tx, caller)?;
    if program.brings_groups {
        return Ok(program);
    }
    let sentence =
        format!("{} may bring people alone. An admin of Gatehouse can let it.", program.name);
    Err(Trouble::Closed(sentence))
}

/// Whom a row of changes brings into a group and takes out of it, in the end.
fn who_moves(
    tx: &mut Tx,
    program: &Program,
    group: GroupId,
    changes: &[MemberChange],
) -> Told<(Vec<UserId>, Vec<UserId>)> {
    let ids = |change: &MemberChange| match change {
        MemberChange::Add(ids) | MemberChange::Remove(ids) | MemberChange::Set(ids) => ids.clone(),
    };
    let named: Vec<UserId> = changes.iter().flat_map(ids).collect();
    let is_whole = changes.iter().any(|change| matches!(change, MemberChange::Set(_)));
    let among = (!is_whole).then_some(named.as_slice());
    let before: BTreeSet<UserId> =
        program_bindings::own_members(tx, program.id, group, among)?.into_iter().collect();
    let mut after = before.clone();
    for change in changes {
        match change {
            MemberChange::Add(ids) => after.extend(ids),
            MemberChange::Remove(ids) => {
                for id in ids {
                    after.remove(id);
                }
            }
            MemberChange::Set(ids) => after = ids.iter().copied().collect(),
        }
    }
    let new: Vec<UserId> = after.difference(&before).copied().collect();
    let gone: Vec<UserId> = before.difference(&after).copied().collect();
    let own = program_bindings::own_among(tx, program.id, &new)?;
    if own.len() < new.len() {
        let sentence = "members: one of them is none of the people whom you brought.";
        return Err(Trouble::Wrong(sentence.to_owned()));
    }
    Ok((new, gone))
}

/// Stops where who is in a group decides more than who is assigned: that is a security admin's to change.
fn is_free(tx: &mut Tx, group: &Group) -> Told<()> {
    let Some(by) = named_by(tx, group.id)?.into_iter().next() else { return Ok(()) };
    let name = &group.name;
    let sentence = format!("The group {name} is named by {by}: an admin of Gatehouse changes it.");
    Err(Trouble::Closed(sentence))
}

/// Nobody among them has a role here or in the tenant.
fn all_within_reach(tx: &mut Tx, people: &[UserId]) -> Told<()> {
    let mut admins = BTreeSet::new();
    for application in applications::all(tx)? {
        admins.extend(tenant_admins::people(tx, application.tenant_id)?);
    }
    for user in users::with_ids(tx, people)? {
        if user.role.is_some() || admins.contains(&user.id) {
            names::within_reach(tx, &user)?;
        }
    }
    Ok(())
}

fn named(typed: &str) -> Told<String> {
    checked(typed).map_err(|error| Trouble::Wrong(format!("displayName: {}", error.public)))
}

fn seen(group: Group, binding: &Binding) -> OwnGroup {
    let external_id = binding.external_id.clone();
    OwnGroup { group, external_id, since: binding.bound_at, members: None }
}

fn with(
    tx: &mut Tx,
    program: model::ids::ProgramId,
    rows: &mut [OwnGroup],
    with_members: bool,
) -> Told<()> {
    if with_members {
        for row in rows {
            let members = program_bindings::own_members(tx, program, row.group.id, None)?;
            row.members = Some(members);
        }
    }
    Ok(())
}

fn group_of(tx: &mut Tx, binding: &Binding) -> Told<Option<Group>> {
    match binding.what {
        Brought::Group(id) => Ok(groups::by_id(tx, id)?),
        Brought::Person(_) => Ok(None),
    }
}

fn own(tx: &mut Tx, program: model::ids::ProgramId, group: GroupId) -> Told<Option<Binding>> {
    let binding = program_bindings::of(tx, Brought::Group(group))?;
    Ok(binding.filter(|binding| binding.program_id == program && binding.gone_at.is_none()))
}

/// One of the program's groups, locked.
fn its(tx: &mut Tx, program: &Program, id: GroupId) -> Told<(Binding, Group)> {
    groups::lock(tx, id)?;
    let group = groups::by_id(tx, id)?.ok_or(Trouble::NotThere)?;
    Ok((own(tx, program.id, id)?.ok_or(Trouble::NotThere)?, group))
}

/// A program's own id of a group, if it has no other group of that id.
fn unused_id(
    tx: &mut Tx,
    program: &Program,
    typed: Option<String>,
    me: GroupId,
) -> Told<Option<String>> {
    let Some(id) = names::external_id(typed)? else { return Ok(None) };
    let kind = program_bindings::Kind::Group;
    match program_bindings::by_external_id(tx, program.id, kind, &id)? {
        Some(other) if other.what != Brought::Group(me) => {
            Err(Trouble::Taken("externalId: you have another group of this id.".to_owned()))
        }
        _ => Ok(Some(id)),
    }
}
