//! Administrators of the tenant: whoever holds a role there had better not depend on us, since they
//! are who mends the tenant when we are away, and whoever steals our key steals theirs (R087).

use std::collections::HashSet;

use model::{
    Role,
    audit::AuditKind,
    entra::EntraUser,
    ids::{ObjectId, TenantId},
    plan::Scope,
    user::User,
};
use store::{Tx, audit_log, tenant_admins, tenants, users};

use crate::{Admin, Error, House, Result, Visitor};

impl House {
    /// Our people who held a role in the tenant at the last look, by name.
    pub async fn tenant_admins(&self, _admin: &Admin, tenant: TenantId) -> Result<Vec<User>> {
        self.store()
            .read(move |tx| {
                let ids = tenant_admins::people(tx, tenant)?;
                let found: Vec<_> = ids
                    .into_iter()
                    .map(|id| users::by_id(tx, id))
                    .collect::<std::result::Result<_, _>>()?;
                let mut people: Vec<User> = found.into_iter().flatten().collect();
                people.sort_by(|one, other| one.upn.as_str().cmp(other.upn.as_str()));
                Ok::<_, Error>(people)
            })
            .await
    }

    /// Keeps administrators of a tenant from signing in to it by federation, or lets them again. Needs
    /// a fresh second factor (R147).
    pub async fn keep_tenant_admins_out(
        &self,
        admin: &Admin,
        tenant: TenantId,
        kept_out: bool,
        visitor: &Visitor,
    ) -> Result<()> {
        admin.require(Role::SecurityAdmin)?;
        admin.require_fresh(self.now())?;
        let (house, actor, visitor) = (self.clone(), admin.actor(), visitor.clone());
        self.store()
            .write(move |tx| {
                tenants::keep_admins_out(tx, tenant, kept_out)?;
                let mut row =
                    visitor.audit(&house, actor, AuditKind::TenantChanged, &tenant.to_string());
                let word = if kept_out { "kept out" } else { "let in" };
                row.detail = format!("administrators of the tenant {word}");
                Ok(audit_log::record(tx, &row)?)
            })
            .await
    }

    /// Remembers who was seen with a role: of everybody, or of the objects that were looked at.
    pub(crate) async fn note_tenant_admins(
        &self,
        tenant: TenantId,
        scope: Scope,
        seen: &[EntraUser],
    ) -> Result<()> {
        let seen: Vec<(ObjectId, bool)> = seen.iter().map(|it| (it.id, it.protected)).collect();
        let known = self.store().read(move |tx| Ok::<_, Error>(tenant_admins::all(tx, tenant)?));
        let known = known.await?;
        let holders: HashSet<ObjectId> =
            seen.iter().filter(|(_, has_role)| *has_role).map(|(id, _)| *id).collect();
        let is_news = match scope {
            Scope::Everyone => known != holders,
            Scope::Person(_) => seen.iter().any(|(id, has_role)| known.contains(id) != *has_role),
        };
        if !is_news {
            return Ok(());
        }
        self.store().write(move |tx| keep(tx, tenant, scope, &seen, &holders)).await
    }
}

fn keep(
    tx: &mut Tx,
    tenant: TenantId,
    scope: Scope,
    seen: &[(ObjectId, bool)],
    holders: &HashSet<ObjectId>,
) -> Result<()> {
    match scope {
        Scope::Everyone => {
            tenant_admins::replace(tx, tenant, &holders.iter().copied().collect::<Vec<_>>())?;
        }
        Scope::Person(_) => {
            for (id, has_role) in seen {
                tenant_admins::set(tx, tenant, *id, *has_role)?;
            }
        }
    }
    Ok(())
}
