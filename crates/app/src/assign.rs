//! Assigning people to an application: the row, the work for Entra and the audit row are written
//! in one transaction (house decision 7).

use model::{
    Actor, Role,
    application::{Application, Assignment, Licence},
    audit::AuditKind,
    ids::{ApplicationId, AssignmentId, OutboxId, TenantId, UserId},
    plan::Scope,
    user::User,
};
use store::{Tx, applications, assignments, audit_log, outbox, subscribed_skus, users};

use crate::{Admin, Error, House, Kind, Result, Visitor, sync::Lane};

impl House {
    /// Assigns a person, or changes the products of somebody who is assigned.
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
                house.put_assignment(tx, &user, &application, licences)?;
                house.audit_assignment(tx, &visitor, actor, AuditKind::Assigned, &user)
            })
            .await
    }

    /// Ends a person's assignment; what follows in Entra is the application's setting.
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
                let Some(assignment) = assignments::active(tx, user_id, application_id)? else {
                    return Err(Error::new(
                        Kind::Conflict,
                        "This person is not assigned any more.",
                    ));
                };
                assignments::end(tx, assignment.id, house.now())?;
                house.put_work(tx, application.tenant_id, Scope::Person(user_id), Lane::Safety)?;
                house.audit_assignment(tx, &visitor, actor, AuditKind::Unassigned, &user)
            })
            .await
    }

    pub(crate) fn put_assignment(
        &self,
        tx: &mut Tx,
        user: &User,
        application: &Application,
        licences: Vec<Licence>,
    ) -> Result<()> {
        let now = self.now();
        match assignments::active(tx, user.id, application.id)? {
            Some(same) if same.licences == licences => {}
            // The old row stays, so that it is known which products were ever handed out.
            Some(old) => {
                assignments::end(tx, old.id, now)?;
                self.add_assignment(tx, user, application, licences)?;
            }
            None => self.add_assignment(tx, user, application, licences)?,
        }
        self.put_work(tx, application.tenant_id, Scope::Person(user.id), Lane::Rest)
    }

    fn add_assignment(
        &self,
        tx: &mut Tx,
        user: &User,
        application: &Application,
        licences: Vec<Licence>,
    ) -> Result<()> {
        let assignment = Assignment {
            id: AssignmentId(self.new_id()),
            user_id: user.id,
            application_id: application.id,
            licences,
            assigned_at: self.now(),
            ended_at: None,
        };
        Ok(assignments::add(tx, &assignment)?)
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
        visitor: &Visitor,
        actor: Actor,
        kind: AuditKind,
        user: &User,
    ) -> Result<()> {
        let mut row = visitor.audit(self, actor, kind, user.upn.as_str());
        "Office 365".clone_into(&mut row.detail);
        Ok(audit_log::record(tx, &row)?)
    }
}

/// Only products that the tenant has, and only their own parts, can be given.
fn check_licences(tx: &mut Tx, application: &Application, licences: &[Licence]) -> Result<()> {
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

fn both(
    tx: &mut Tx,
    user_id: UserId,
    application_id: ApplicationId,
) -> Result<(User, Application)> {
    let user = users::by_id(tx, user_id)?.ok_or_else(|| Error::not_found("person"))?;
    let application = applications::by_id(tx, application_id)?;
    Ok((user, application.ok_or_else(|| Error::not_found("application"))?))
}
