//! Assigning people to an application: what they are given, the assignment that follows from it, the
//! work for Entra and the audit row are written in one transaction (house decision 7).

use model::{
    Actor, Role,
    application::{Application, Assignment, Licence},
    audit::AuditKind,
    entitlement::{self, Entitlement, Holder},
    ids::{ApplicationId, AssignmentId, EntitlementId, OutboxId, TenantId, UserId},
    plan::Scope,
    user::{Group, User},
};
use store::{
    Tx, account_bindings, applications, assignments, audit_log, entitlements, groups, outbox,
    subscribed_skus, users,
};

use crate::{Admin, Error, House, Kind, Result, Visitor, sync::Lane};

/// So many people may lose something by one act of an admin; more go by a plan over everybody, which
/// the guard looks at (ruling 17).
const FEW: usize = 5;

/// Who changes what people were given, and through which group.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cause<'a> {
    /// Who.
    pub(crate) actor: Actor,
    /// From where.
    pub(crate) visitor: &'a Visitor,
    /// Through which group; `None`: by themselves.
    pub(crate) through: Option<&'a Group>,
}

/// What followed for how many people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// They are assigned now, or have more than before.
    pub assigned: usize,
    /// They are still assigned and have lost a product or a part of one.
    pub reduced: usize,
    /// They are not assigned any more.
    pub ended: usize,
}

impl Tally {
    /// So many lose something that the tenant follows by a plan over everybody, before which the
    /// guard looks.
    #[must_use]
    pub const fn goes_by_plan(self) -> bool {
        self.reduced + self.ended > FEW
    }
}

/// What followed for one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Settled {
    Same,
    Assigned,
    Reduced,
    Ended,
}

impl House {
    /// Assigns a person by themselves, or changes the products that they have by themselves.
    pub async fn assign(
        &self,
        admin: &Admin,
        user_id: UserId,
        application_id: ApplicationId,
        licences: Vec<Licence>,
        visitor: &Visitor,
    ) -> Result<()> {
        admin.require(Role::UserAdmin)?;
        let (house, actor, visitor) = (self.clone(), admin.actor(), visitor.clone());
        self.store()
            .write(move |tx| {
                let (user, application) = both(tx, user_id, application_id)?;
                check_licences(tx, &application, &licences)?;
                // Who is given something by hand is provisioned like everybody else.
                account_bindings::forget_person(tx, application.tenant_id, user_id)?;
                house.give(tx, &user, &application, licences)?;
                let cause = Cause { actor, visitor: &visitor, through: None };
                house.audit_assignment(tx, AuditKind::Assigned, &cause, &user)
            })
            .await
    }

    /// Takes back what a person was given by themselves; unless a group gives it too, their assignment
    /// ends, and what follows in Entra is the application's setting. Says whether it ended.
    pub async fn unassign(
        &self,
        admin: &Admin,
        user_id: UserId,
        application_id: ApplicationId,
        visitor: &Visitor,
    ) -> Result<bool> {
        admin.require(Role::UserAdmin)?;
        let (house, actor, visitor) = (self.clone(), admin.actor(), visitor.clone());
        self.store()
            .write(move |tx| {
                let (user, application) = both(tx, user_id, application_id)?;
                if !entitlements::take(tx, application_id, Holder::Person(user_id))? {
                    return Err(not_by_themselves(tx, &user, application_id)?);
                }
                let has_ended =
                    house.settle_assignment(tx, user_id, &application)? == Settled::Ended;
                let lane = if has_ended { Lane::Safety } else { Lane::Rest };
                house.put_work(tx, application.tenant_id, Scope::Person(user_id), lane)?;
                let kind = AuditKind::Unassigned;
                let mut row = visitor.audit(&house, actor, kind, user.upn.as_str());
                row.detail = if has_ended {
                    "Office 365".to_owned()
                } else {
                    "Office 365, by themselves; a group still gives it".to_owned()
                };
                audit_log::record(tx, &row)?;
                Ok(has_ended)
            })
            .await
    }

    /// Gives a person an application by themselves.
    pub(crate) fn give(
        &self,
        tx: &mut Tx,
        user: &User,
        application: &Application,
        licences: Vec<Licence>,
    ) -> Result<()> {
        self.give_quietly(tx, user, application, licences)?;
        self.put_work(tx, application.tenant_id, Scope::Person(user.id), Lane::Rest)
    }

    /// The same, where the work for Entra comes from elsewhere.
    pub(crate) fn give_quietly(
        &self,
        tx: &mut Tx,
        user: &User,
        application: &Application,
        licences: Vec<Licence>,
    ) -> Result<EntitlementId> {
        let given = Entitlement {
            id: EntitlementId(self.new_id()),
            application_id: application.id,
            to: Holder::Person(user.id),
            licences,
            since: self.now(),
        };
        entitlements::put(tx, &given)?;
        self.settle_assignment(tx, user.id, application)?;
        Ok(given.id)
    }

    /// Takes back what a person was given by themselves, as if it had never been: the assignment that
    /// followed from it is forgotten and not ended, for whoever is unassigned is blocked in Entra. Says
    /// whether they are assigned no more.
    pub(crate) fn take_without_trace(
        &self,
        tx: &mut Tx,
        (user, application): (&User, &Application),
        made: Option<AssignmentId>,
    ) -> Result<bool> {
        entitlements::take(tx, application.id, Holder::Person(user.id))?;
        let has_ended = self.settle_assignment(tx, user.id, application)? == Settled::Ended;
        if let Some(made) = made.filter(|_| has_ended) {
            assignments::forget(tx, made)?;
        }
        Ok(has_ended)
    }

    /// Settles people, with an audit row and work for Entra for each whom it changes.
    pub(crate) fn settle_all(
        &self,
        tx: &mut Tx,
        people: &[UserId],
        application: &Application,
        cause: &Cause<'_>,
    ) -> Result<Tally> {
        users::lock_shares(tx, people)?;
        let mut changed = Vec::new();
        for id in people {
            let settled = self.settle_assignment(tx, *id, application)?;
            if settled != Settled::Same {
                let user = users::by_id(tx, *id)?.ok_or_else(|| Error::not_found("person"))?;
                self.audit_settled(tx, settled, cause, &user)?;
                changed.push((*id, settled));
            }
        }
        let count = |what| changed.iter().filter(|(_, settled)| *settled == what).count();
        let tally = Tally {
            assigned: count(Settled::Assigned),
            reduced: count(Settled::Reduced),
            ended: count(Settled::Ended),
        };
        self.put_settled(tx, &changed, application.tenant_id, tally)?;
        Ok(tally)
    }

    /// The work that follows. When many lose something, none of it goes person by person, nor does
    /// what waited for them from before: the guard passes what concerns one.
    fn put_settled(
        &self,
        tx: &mut Tx,
        changed: &[(UserId, Settled)],
        tenant: TenantId,
        tally: Tally,
    ) -> Result<()> {
        for (id, settled) in changed {
            let scope = Scope::Person(*id);
            let lane = match settled {
                Settled::Ended => Lane::Safety,
                Settled::Same | Settled::Assigned | Settled::Reduced => Lane::Rest,
            };
            let loses = matches!(settled, Settled::Reduced | Settled::Ended);
            if loses && tally.goes_by_plan() {
                outbox::withdraw(tx, tenant, &scope)?;
            } else {
                self.put_work(tx, tenant, scope, lane)?;
            }
        }
        if tally.goes_by_plan() {
            self.put_work(tx, tenant, Scope::Everyone, Lane::Rest)?;
        }
        Ok(())
    }

    /// Makes a person's assignment what follows from the entitlements that reach them. The old row
    /// stays, so that it is known which products were ever handed out.
    fn settle_assignment(
        &self,
        tx: &mut Tx,
        user: UserId,
        application: &Application,
    ) -> Result<Settled> {
        users::lock_shares(tx, &[user])?;
        let mut reaching = entitlements::reaching(tx, user)?;
        reaching.retain(|given| given.application_id == application.id);
        let before = assignments::active(tx, user, application.id)?;
        let wanted = (!reaching.is_empty()).then(|| entitlement::together(&reaching));
        let settled =
            compared(before.as_ref().map(|old| old.licences.as_slice()), wanted.as_deref());
        if settled == Settled::Same {
            return Ok(settled);
        }
        if let Some(old) = before {
            assignments::end(tx, old.id, self.now())?;
        }
        if let Some(licences) = wanted {
            let assignment = Assignment {
                id: AssignmentId(self.new_id()),
                user_id: user,
                application_id: application.id,
                licences,
                assigned_at: self.now(),
                ended_at: None,
            };
            assignments::add(tx, &assignment)?;
        }
        Ok(settled)
    }

    /// One row of durable work; a second one for the same person joins the first.
    pub(crate) fn put_work(
        &self,
        tx: &mut Tx,
        tenant: TenantId,
        scope: Scope,
        lane: Lane,
    ) -> Result<()> {
        let due = match lane {
            Lane::Safety => outbox::URGENT,
            Lane::Rest => self.now(),
        };
        Ok(outbox::put(tx, OutboxId(self.new_id()), tenant, &scope, due)?)
    }

    pub(crate) fn audit_assignment(
        &self,
        tx: &mut Tx,
        kind: AuditKind,
        cause: &Cause<'_>,
        user: &User,
    ) -> Result<()> {
        let mut row = cause.visitor.audit(self, cause.actor, kind, user.upn.as_str());
        row.detail = match cause.through {
            Some(group) => format!("Office 365, by a change of the group {}", group.name),
            None => "Office 365".to_owned(),
        };
        Ok(audit_log::record(tx, &row)?)
    }

    fn audit_settled(
        &self,
        tx: &mut Tx,
        settled: Settled,
        cause: &Cause<'_>,
        user: &User,
    ) -> Result<()> {
        let kind = match settled {
            Settled::Same | Settled::Assigned => AuditKind::Assigned,
            Settled::Reduced => AuditKind::AssignmentReduced,
            Settled::Ended => AuditKind::Unassigned,
        };
        self.audit_assignment(tx, kind, cause, user)
    }
}

/// What becomes of somebody who had these products (`None`: was not assigned) and shall have those.
fn compared(before: Option<&[Licence]>, after: Option<&[Licence]>) -> Settled {
    let (before, after) = match (before, after) {
        (None, None) => return Settled::Same,
        (None, Some(_)) => return Settled::Assigned,
        (Some(_), None) => return Settled::Ended,
        (Some(before), Some(after)) => {
            (entitlement::in_order(before), entitlement::in_order(after))
        }
    };
    let keeps = |old: &Licence| {
        let now = after.iter().find(|now| now.sku_id == old.sku_id);
        now.is_some_and(|now| now.disabled_plans.iter().all(|off| old.disabled_plans.contains(off)))
    };
    if before == after {
        Settled::Same
    } else if before.iter().all(keeps) {
        Settled::Assigned
    } else {
        Settled::Reduced
    }
}

/// Only products that the tenant has, and only their own parts, can be given.
pub(crate) fn check_licences(
    tx: &mut Tx,
    application: &Application,
    licences: &[Licence],
) -> Result<()> {
    let skus = subscribed_skus::of_tenant(tx, application.tenant_id)?;
    for licence in licences {
        let Some(sku) = skus.iter().find(|sku| sku.sku_id == licence.sku_id) else {
            let public = "The tenant does not have this product. Load the products again.";
            return Err(Error::invalid("sku", public));
        };
        let foreign = |plan| !sku.service_plans.iter().any(|part| part.id == plan);
        if licence.disabled_plans.iter().copied().any(foreign) {
            return Err(Error::invalid("plans", "One of the parts belongs to another product."));
        }
    }
    Ok(())
}

/// Why somebody can't be unassigned by themselves.
fn not_by_themselves(tx: &mut Tx, user: &User, application: ApplicationId) -> Result<Error> {
    let through =
        entitlements::reaching(tx, user.id)?.into_iter().find_map(|given| match given.to {
            Holder::Group(id) if given.application_id == application => Some(id),
            _ => None,
        });
    let group = through.map(|id| groups::by_id(tx, id)).transpose()?.flatten();
    let public = match group {
        Some(group) => format!(
            "{} is assigned through the group {}. Take them out of the group instead.",
            user.profile.display_name, group.name
        ),
        None => "This person is not assigned any more.".to_owned(),
    };
    Ok(Error::new(Kind::Conflict, public))
}

fn both(
    tx: &mut Tx,
    user_id: UserId,
    application_id: ApplicationId,
) -> Result<(User, Application)> {
    users::lock_shares(tx, &[user_id])?;
    let user = users::by_id(tx, user_id)?.ok_or_else(|| Error::not_found("person"))?;
    let application = applications::by_id(tx, application_id)?;
    Ok((user, application.ok_or_else(|| Error::not_found("application"))?))
}
