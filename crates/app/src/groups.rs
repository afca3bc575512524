//! Groups of people: made, filled, assigned to an application as one, removed. Who is assigned follows
//! from it in the same transaction.

mod members;

use model::{
    Role,
    application::{Application, Licence},
    audit::AuditKind,
    entitlement::{Entitlement, Holder},
    ids::{ApplicationId, EntitlementId, GroupId},
    line,
    policy::Rule,
    program::Brought,
    user::{Group, User},
};
use store::{
    Page, Tx, applications, audit_log, entitlements, federated_domains, groups, policy_versions,
    program_bindings, users, wstrust_permits,
};

use crate::{
    Admin, Error, House, Kind, Result, Visitor,
    assign::{Cause, Tally, check_licences},
    mapping,
};

/// How many members a page lists.
pub const MEMBERS: i64 = 50;
/// The longest name, in characters.
const NAME: usize = 120;

/// A group of the list.
#[derive(Debug, Clone)]
pub struct GroupRow {
    /// The group.
    pub group: Group,
    /// How many people are in it.
    pub members: i64,
    /// The other system that brought it and has its say about it still.
    pub brought_by: Option<String>,
    /// What it was given.
    pub entitlements: Vec<Entitlement>,
}

/// Everything that the page of a group shows.
#[derive(Debug, Clone)]
pub struct GroupDetails {
    /// The group.
    pub group: Group,
    /// Some of its members, by sign-in name, and how many there are.
    pub members: Page<User>,
    /// What it was given.
    pub entitlements: Vec<Entitlement>,
    /// The other system that brought it and has its say about it still.
    pub brought_by: Option<String>,
    /// What else names it, in words: rules of the sign-in policy, permits for programs, the attribute
    /// mapping.
    pub named_by: Vec<String>,
}

impl House {
    /// Every group, by name.
    pub async fn groups(&self, _admin: &Admin) -> Result<Vec<GroupRow>> {
        self.store()
            .read(|tx| {
                let given = entitlements::of_groups(tx)?;
                let mut bringers = program_bindings::group_bringers(tx)?;
                let row = |(group, members): (Group, i64)| {
                    let its = given.iter().filter(|e| e.to == Holder::Group(group.id));
                    let brought_by = bringers.remove(&group.id);
                    GroupRow { entitlements: its.cloned().collect(), group, members, brought_by }
                };
                Ok::<_, Error>(groups::all(tx)?.into_iter().map(row).collect())
            })
            .await
    }

    /// Everything about one group.
    pub async fn group(&self, _admin: &Admin, id: GroupId, offset: i64) -> Result<GroupDetails> {
        self.store()
            .read(move |tx| {
                let search = users::UserSearch {
                    show: users::Show::Members(id),
                    limit: MEMBERS,
                    offset: offset.max(0),
                    ..users::UserSearch::default()
                };
                Ok(GroupDetails {
                    group: found(tx, id)?,
                    members: users::search(tx, &search)?,
                    entitlements: entitlements::of_group(tx, id)?,
                    brought_by: program_bindings::bringer(tx, Brought::Group(id))?,
                    named_by: named_by(tx, id)?,
                })
            })
            .await
    }

    /// Makes an empty group.
    pub async fn create_group(
        &self,
        admin: &Admin,
        name: &str,
        visitor: &Visitor,
    ) -> Result<GroupId> {
        admin.require(Role::UserAdmin)?;
        let group = Group { id: GroupId(self.new_id()), name: checked(name)? };
        let row = visitor.audit(self, admin.actor(), AuditKind::GroupCreated, &group.name);
        let id = group.id;
        self.store()
            .write(move |tx| {
                unused(tx, &group)?;
                groups::create(tx, &group)?;
                Ok::<_, Error>(audit_log::record(tx, &row)?)
            })
            .await?;
        Ok(id)
    }

    /// Gives a group another name. Where a rule or a permit names it, that takes what changing its
    /// people takes.
    pub async fn rename_group(
        &self,
        admin: &Admin,
        id: GroupId,
        name: &str,
        visitor: &Visitor,
    ) -> Result<()> {
        admin.require(Role::UserAdmin)?;
        let group = Group { id, name: checked(name)? };
        let mut row = visitor.audit(self, admin.actor(), AuditKind::GroupChanged, &group.name);
        let (house, admin) = (self.clone(), admin.clone());
        self.store()
            .write(move |tx| {
                let before = house.changeable(tx, &admin, id)?;
                if before.name != group.name {
                    unless_mapped(tx, &before.name)?;
                }
                unused(tx, &group)?;
                groups::rename(tx, &group)?;
                row.detail = format!("name: {} -> {}", before.name, group.name);
                Ok(audit_log::record(tx, &row)?)
            })
            .await
    }

    /// Removes a group that is assigned to nothing and that no rule names; its people stay.
    pub async fn remove_group(&self, admin: &Admin, id: GroupId, visitor: &Visitor) -> Result<()> {
        admin.require(Role::UserAdmin)?;
        let (house, actor, visitor) = (self.clone(), admin.actor(), visitor.clone());
        self.store()
            .write(move |tx| {
                groups::lock(tx, id)?;
                let group = found(tx, id)?;
                if !entitlements::of_group(tx, id)?.is_empty() {
                    let public = "The group is assigned. Unassign it first: its page says who then \
                                  loses access.";
                    return Err(Error::new(Kind::Conflict, public));
                }
                if let Some(named) = named_by(tx, id)?.first() {
                    let public = format!("The group is named by {named}. Change that first.");
                    return Err(Error::new(Kind::Conflict, public));
                }
                groups::remove(tx, id)?;
                program_bindings::remove(tx, Brought::Group(id))?;
                let row = visitor.audit(&house, actor, AuditKind::GroupRemoved, &group.name);
                Ok(audit_log::record(tx, &row)?)
            })
            .await
    }

    /// Assigns everybody in a group, now and later, or changes the group's products; the latter takes
    /// a fresh second factor, since many may lose something.
    pub async fn assign_group(
        &self,
        admin: &Admin,
        id: GroupId,
        application: ApplicationId,
        licences: Vec<Licence>,
        visitor: &Visitor,
    ) -> Result<Tally> {
        admin.require(Role::UserAdmin)?;
        let (house, admin, visitor) = (self.clone(), admin.clone(), visitor.clone());
        self.store()
            .write(move |tx| {
                let (group, application) = both(tx, id, application)?;
                if !entitlements::of_group(tx, id)?.is_empty() {
                    admin.require_fresh(house.now())?;
                }
                check_licences(tx, &application, &licences)?;
                let given = Entitlement {
                    id: EntitlementId(house.new_id()),
                    application_id: application.id,
                    to: Holder::Group(id),
                    licences,
                    since: house.now(),
                };
                entitlements::put(tx, &given)?;
                let members = groups::members(tx, id)?;
                let cause =
                    Cause { actor: admin.actor(), visitor: &visitor, through: Some(&group) };
                house.audit_group_assignment(tx, AuditKind::Assigned, &cause, members.len())?;
                house.settle_all(tx, &members, &application, &cause)
            })
            .await
    }

    /// Takes an application from a group; whoever has it from nowhere else is unassigned. Takes a
    /// fresh second factor: it may be many.
    pub async fn unassign_group(
        &self,
        admin: &Admin,
        id: GroupId,
        application: ApplicationId,
        visitor: &Visitor,
    ) -> Result<Tally> {
        admin.require(Role::UserAdmin)?;
        admin.require_fresh(self.now())?;
        let (house, actor, visitor) = (self.clone(), admin.actor(), visitor.clone());
        self.store()
            .write(move |tx| {
                let (group, application) = both(tx, id, application)?;
                if !entitlements::take(tx, application.id, Holder::Group(id))? {
                    return Err(Error::new(Kind::Conflict, "The group is not assigned any more."));
                }
                let members = groups::members(tx, id)?;
                let cause = Cause { actor, visitor: &visitor, through: Some(&group) };
                house.audit_group_assignment(tx, AuditKind::Unassigned, &cause, members.len())?;
                house.settle_all(tx, &members, &application, &cause)
            })
            .await
    }

    fn audit_group_assignment(
        &self,
        tx: &mut Tx,
        kind: AuditKind,
        cause: &Cause<'_>,
        members: usize,
    ) -> Result<()> {
        let name = cause.through.map(|group| group.name.as_str()).unwrap_or_default();
        let mut row = cause.visitor.audit(self, cause.actor, kind, name);
        row.detail = format!("Office 365, the group with its {members} members");
        Ok(audit_log::record(tx, &row)?)
    }
}

fn found(tx: &mut Tx, id: GroupId) -> Result<Group> {
    groups::by_id(tx, id)?.ok_or_else(|| Error::not_found("group"))
}

fn both(tx: &mut Tx, id: GroupId, application: ApplicationId) -> Result<(Group, Application)> {
    groups::lock(tx, id)?;
    let application = applications::by_id(tx, application)?;
    Ok((found(tx, id)?, application.ok_or_else(|| Error::not_found("application"))?))
}

pub(crate) fn checked(name: &str) -> Result<String> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > NAME {
        return Err(Error::invalid("name", "Type a name of 1 to 120 characters."));
    }
    if !line::is_plain(name) {
        let public = "This holds characters that can't be seen. Type it again, in one line.";
        return Err(Error::invalid("name", public));
    }
    Ok(name.to_owned())
}

/// No other group has this name, in any spelling.
pub(crate) fn unused(tx: &mut Tx, group: &Group) -> Result<()> {
    match groups::by_name(tx, &group.name)? {
        Some(other) if other.id != group.id => {
            Err(Error::invalid("name", format!("There is a group {} already.", other.name)))
        }
        _ => Ok(()),
    }
}

/// Rules of the attribute mapping know groups by their names.
fn unless_mapped(tx: &mut Tx, name: &str) -> Result<()> {
    let Some(attribute) = mapping::group_is_named(tx, name)? else { return Ok(()) };
    let public = format!(
        "The attribute mapping of Office 365 asks who is in this group, for the {}. Change that first.",
        attribute.label()
    );
    Err(Error::new(Kind::Conflict, public))
}

/// What decides by who is in a group, in words: who gets in, and what of people leaves.
pub(crate) fn named_by(tx: &mut Tx, id: GroupId) -> Result<Vec<String>> {
    let mut named = Vec::new();
    // Whoever asks may ask of a group that is gone.
    let group = groups::by_id(tx, id)?;
    let mapped = group.map(|group| mapping::group_is_named(tx, &group.name)).transpose()?;
    if let Some(attribute) = mapped.flatten() {
        let label = attribute.label();
        named.push(format!("the attribute mapping of Office 365, for the {label}"));
    }
    let published = policy_versions::rules(tx)?;
    let drafted = policy_versions::draft(tx)?.map(|draft| draft.rules).unwrap_or_default();
    for (rules, which) in [(published, "the rule"), (drafted, "the draft's rule")] {
        let names_it = |rule: &&Rule| rule.when.groups.contains(&id);
        named
            .extend(rules.iter().filter(names_it).map(|rule| format!("{which} \"{}\"", rule.name)));
    }
    for domain in federated_domains::all(tx)? {
        let permit = wstrust_permits::of_domain(tx, domain.id)?;
        if permit.is_some_and(|permit| permit.groups.contains(&id)) {
            named.push(format!("the permit for programs of {}", domain.name));
        }
    }
    Ok(named)
}
