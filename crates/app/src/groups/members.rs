//! Who is in a group. Where a rule or a permit decides by it, or the attribute mapping, changing it takes
//! what changing the rule takes.

use std::collections::BTreeSet;

use model::{
    Actor, Role,
    audit::AuditKind,
    ids::{GroupId, UserId},
    user::Group,
};
use store::{Tx, applications, audit_log, entitlements, groups, users};

use super::{found, named_by};
use crate::{
    Admin, Error, House, Result, Visitor,
    assign::{Cause, Tally},
    mapping,
    policy::keeping_owners_in,
    typed::entries,
};

/// How many people can be added in one go.
const AT_ONCE: usize = 1_000;

impl House {
    /// Puts people into a group, named by their addresses in one field; says how many are new in it.
    /// Whatever was given to the group is theirs at once.
    pub async fn add_members(
        &self,
        admin: &Admin,
        id: GroupId,
        typed: &str,
        visitor: &Visitor,
    ) -> Result<usize> {
        admin.require(Role::UserAdmin)?;
        let (house, admin, visitor) = (self.clone(), admin.clone(), visitor.clone());
        let typed = typed.to_owned();
        self.store()
            .write(move |tx| {
                let group = house.changeable(tx, &admin, id)?;
                let already: BTreeSet<UserId> = groups::members(tx, id)?.into_iter().collect();
                let wanted = people(tx, &typed)?;
                let new: Vec<UserId> = wanted.difference(&already).copied().collect();
                house.change_members(tx, (&admin, &visitor), &group, (&new, &[]))?;
                Ok(new.len())
            })
            .await
    }

    /// Takes a person out of a group; what they have from nowhere else ends. False when they were not
    /// in it.
    pub async fn remove_member(
        &self,
        admin: &Admin,
        id: GroupId,
        person: UserId,
        visitor: &Visitor,
    ) -> Result<bool> {
        admin.require(Role::UserAdmin)?;
        let (house, admin, visitor) = (self.clone(), admin.clone(), visitor.clone());
        self.store()
            .write(move |tx| {
                let group = house.changeable(tx, &admin, id)?;
                if !groups::members(tx, id)?.contains(&person) {
                    return Ok(false);
                }
                house.change_members(tx, (&admin, &visitor), &group, (&[], &[person]))?;
                Ok(true)
            })
            .await
    }

    /// The group, locked, if this admin may change who is in it.
    pub(super) fn changeable(&self, tx: &mut Tx, admin: &Admin, id: GroupId) -> Result<Group> {
        groups::lock(tx, id)?;
        let group = found(tx, id)?;
        if !named_by(tx, id)?.is_empty() {
            admin.require(Role::SecurityAdmin)?;
            admin.require_fresh(self.now())?;
        }
        Ok(group)
    }

    /// Puts people into a locked group and takes others out, with what follows for them.
    pub(crate) fn change_members(
        &self,
        tx: &mut Tx,
        (admin, visitor): (&Admin, &Visitor),
        group: &Group,
        (new, gone): (&[UserId], &[UserId]),
    ) -> Result<Tally> {
        let mut changed: Vec<UserId> = new.iter().chain(gone).copied().collect();
        changed.sort_unstable();
        if named_by(tx, group.id)?.is_empty() {
            users::lock_shares(tx, &changed)?;
        } else {
            // Two changes at once must not each leave in the owner that the other shuts out.
            users::lock_with_owners(tx, &changed)?;
        }
        keeping_owners_in(tx, &visitor.client, |tx| {
            new.iter().try_for_each(|id| groups::add_member(tx, group.id, *id))?;
            for id in gone {
                groups::remove_member(tx, group.id, *id)?;
            }
            Ok(())
        })?;
        self.follow_members(tx, (admin.actor(), visitor), group, (new, gone))
    }

    /// What goes with new members of a group and with those who are in it no more: audit rows, and what
    /// they have through it.
    pub(crate) fn follow_members(
        &self,
        tx: &mut Tx,
        (actor, visitor): (Actor, &Visitor),
        group: &Group,
        (new, gone): (&[UserId], &[UserId]),
    ) -> Result<Tally> {
        let mut changed: Vec<UserId> = new.iter().chain(gone).copied().collect();
        changed.sort_unstable();
        for (id, sign) in new.iter().map(|id| (id, "+")).chain(gone.iter().map(|id| (id, "-"))) {
            let upn = users::by_id(tx, *id)?.map(|user| user.upn.to_string()).unwrap_or_default();
            let kind = AuditKind::GroupChanged;
            let mut row = visitor.audit(self, actor, kind, &upn);
            row.detail = format!("{sign} {}", group.name);
            audit_log::record(tx, &row)?;
        }
        if mapping::group_is_named(tx, &group.name)?.is_some() {
            self.put_work_for_mapped(tx, &changed)?;
        }
        let cause = Cause { actor, visitor, through: Some(group) };
        self.settle_in_all(tx, group.id, &changed, &cause)
    }

    /// Settles people in every application that a group was given.
    fn settle_in_all(
        &self,
        tx: &mut Tx,
        group: GroupId,
        people: &[UserId],
        cause: &Cause<'_>,
    ) -> Result<Tally> {
        let mut all = Tally::default();
        for given in entitlements::of_group(tx, group)? {
            let application = applications::by_id(tx, given.application_id)?;
            let application = application.ok_or_else(|| Error::not_found("application"))?;
            let tally = self.settle_all(tx, people, &application, cause)?;
            all.assigned += tally.assigned;
            all.reduced += tally.reduced;
            all.ended += tally.ended;
        }
        Ok(all)
    }
}

/// The people behind the typed addresses; all of them exist, or none is taken.
fn people(tx: &mut Tx, typed: &str) -> Result<BTreeSet<UserId>> {
    let addresses = entries(typed);
    let wrong = |public: String| Err(Error::invalid("people", public));
    if addresses.is_empty() {
        return wrong("Type the addresses of the people, one a line.".to_owned());
    }
    if addresses.len() > AT_ONCE {
        return wrong(format!("These are {} people; type at most {AT_ONCE}.", addresses.len()));
    }
    let (mut found, mut unknown) = (BTreeSet::new(), Vec::new());
    for address in addresses {
        match users::by_upn(tx, address)? {
            Some(user) => drop(found.insert(user.id)),
            None => unknown.push(address),
        }
    }
    match unknown.as_slice() {
        [] => Ok(found),
        [one] => wrong(format!("Nobody has the address {one}.")),
        [one, others @ ..] => {
            wrong(format!("Nobody has the address {one}, nor {} others.", others.len()))
        }
    }
}
