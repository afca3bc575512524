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
    Tx, applications, assignments, audit_log, entitlements, groups, outbox, subscribed_skus, users,
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
    /// They are assigned now, or have other products.
    pub assigned: usize,
    /// They are not assigned any more.
    pub ended: usize,
}

/// What followed for one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Settled {
    Same,
    Assigned,
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
                house.give(tx, &user, &application, licences)?;
                let cause = Cause { actor, visitor: &visitor, through: None };
                house.audit_assignment(tx, AuditKind::Assigned, &cause, &user)
            })
            .await
    }

    /// Takes back what a person was given by themselves; unless a group gives it too, their assignment
    /// ends, and what follows in Entra is the application's setting.
    pub async fn unassign(
        &self,
        admin: &Admin,
        user_id: UserId,
        application_id: ApplicationId,
        visitor: &Visitor,
    ) -> Result<()> {
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
                Ok(audit_log::record(tx, &row)?)
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
        let given = Entitlement {
            id: EntitlementId(self.new_id()),
            application_id: application.id,
            to: Holder::Person(user.id),
            licences,
            since: self.now(),
        };
        entitlements::put(tx, &given)?;
        self.settle_assignment(tx, user.id, application)?;
        self.put_work(tx, application.tenant_id, Scope::Person(user.id), Lane::Rest)
    }

    /// Settles people, in the order of their ids so that two of these never wait for each other, with
    /// an audit row and work for Entra for each whom it changes.
    pub(crate) fn settle_all(
        &self,
        tx: &mut Tx,
        people: &[UserId],
        application: &Application,
        cause: &Cause<'_>,
    ) -> Result<Tally> {
        let (mut assigned, mut ended) = (Vec::new(), Vec::new());
        for id in people {
            let kind = match self.settle_assignment(tx, *id, application)? {
                Settled::Same => continue,
                Settled::Assigned => {
                    assigned.push(*id);
                    AuditKind::Assigned
                }
                Settled::Ended => {
                    ended.push(*id);
                    AuditKind::Unassigned
                }
            };
            let user = users::by_id(tx, *id)?.ok_or_else(|| Error::not_found("person"))?;
            self.audit_assignment(tx, kind, cause, &user)?;
        }
        let tenant = application.tenant_id;
        for id in &assigned {
            self.put_work(tx, tenant, Scope::Person(*id), Lane::Rest)?;
        }
        if ended.len() > FEW {
            self.put_work(tx, tenant, Scope::Everyone, Lane::Rest)?;
        } else {
            for id in &ended {
                self.put_work(tx, tenant, Scope::Person(*id), Lane::Safety)?;
            }
        }
        Ok(Tally { assigned: assigned.len(), ended: ended.len() })
    }

    /// Makes a person's assignment what follows from the entitlements that reach them. The old row
    /// stays, so that it is known which products were ever handed out.
    fn settle_assignment(
        &self,
        tx: &mut Tx,
        user: UserId,
        application: &Application,
    ) -> Result<Settled> {
        users::lock(tx, user)?;
        let mut reaching = entitlements::reaching(tx, user)?;
        reaching.retain(|given| given.application_id == application.id);
        let now = assignments::active(tx, user, application.id)?;
        if reaching.is_empty() {
            let Some(now) = now else { return Ok(Settled::Same) };
            assignments::end(tx, now.id, self.now())?;
            return Ok(Settled::Ended);
        }
        let licences = entitlement::together(&reaching);
        match now {
            Some(now) if now.licences == licences => return Ok(Settled::Same),
            Some(old) => assignments::end(tx, old.id, self.now())?,
            None => {}
        }
        let assignment = Assignment {
            id: AssignmentId(self.new_id()),
            user_id: user,
            application_id: application.id,
            licences,
            assigned_at: self.now(),
            ended_at: None,
        };
        assignments::add(tx, &assignment)?;
        Ok(Settled::Assigned)
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

    fn audit_assignment(
        &self,
        tx: &mut Tx,
        kind: AuditKind,
        cause: &Cause<'_>,
        user: &User,
    ) -> Result<()> {
        let mut row = cause.visitor.audit(self, cause.actor, kind, user.upn.as_str());
        row.detail = match cause.through {
            Some(group) => format!("Office 365, through the group {}", group.name),
            None => "Office 365".to_owned(),
        };
        Ok(audit_log::record(tx, &row)?)
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
    users::lock(tx, user_id)?;
    let user = users::by_id(tx, user_id)?.ok_or_else(|| Error::not_found("person"))?;
    let application = applications::by_id(tx, application_id)?;
    Ok((user, application.ok_or_else(|| Error::not_found("application"))?))
}
