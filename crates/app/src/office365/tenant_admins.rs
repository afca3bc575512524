//! Administrators of the tenant: whoever holds a role there had better not depend on us, since they
//! are who mends the tenant when we are away, and whoever steals our key steals theirs (R087).

use model::{
    Role, Ts,
    audit::AuditKind,
    entra::EntraUser,
    ids::{ObjectId, TenantId},
    plan::Scope,
    user::User,
};
use store::{Tx, audit_log, tenant_admins, tenants, users};

use crate::{Admin, Error, House, Result, Visitor};

/// Who administers a tenant, as far as it is known.
#[derive(Debug, Clone)]
pub struct TenantAdmins {
    /// Our people who were seen with a role, by name.
    pub people: Vec<User>,
    /// When everybody's roles were looked at last; `None`: never yet.
    pub looked_at: Option<Ts>,
}

impl House {
    /// Our people who held a role in the tenant at the last look.
    pub async fn tenant_admins(&self, _admin: &Admin, tenant: TenantId) -> Result<TenantAdmins> {
        self.store()
            .read(move |tx| {
                let ids = tenant_admins::people(tx, tenant)?;
                let found: Vec<_> = ids
                    .into_iter()
                    .map(|id| users::by_id(tx, id))
                    .collect::<std::result::Result<_, _>>()?;
                let mut people: Vec<User> = found.into_iter().flatten().collect();
                people.sort_by(|one, other| one.upn.as_str().cmp(other.upn.as_str()));
                let looked_at = tenant_admins::last_look(tx, tenant)?;
                Ok::<_, Error>(TenantAdmins { people, looked_at })
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
        (seen, at): (&[EntraUser], Ts),
    ) -> Result<()> {
        let role = |it: &EntraUser| (it.id, it.protected.then(|| it.immutable_id.clone()));
        let seen: Vec<_> = seen.iter().map(role).collect();
        self.store()
            .write(move |tx| match scope {
                Scope::Everyone => keep_all(tx, tenant, seen, at),
                Scope::Person(_) => keep_some(tx, tenant, seen),
            })
            .await
    }
}

/// An object, and, if it holds a role, the immutable id that it carries.
type Seen = (ObjectId, Option<Option<String>>);

fn keep_all(tx: &mut Tx, tenant: TenantId, seen: Vec<Seen>, at: Ts) -> Result<()> {
    let holders = seen.into_iter().filter_map(|(id, holds)| Some((id, holds?))).collect();
    tenant_admins::replace(tx, tenant, &holders)?;
    Ok(tenant_admins::looked(tx, tenant, at)?)
}

fn keep_some(tx: &mut Tx, tenant: TenantId, seen: Vec<Seen>) -> Result<()> {
    let known = tenant_admins::all(tx, tenant)?;
    let is_news = |(id, holds): &Seen| known.get(id) != holds.as_ref();
    for (id, holds) in seen.into_iter().filter(is_news) {
        match holds {
            Some(immutable_id) => tenant_admins::add(tx, tenant, id, immutable_id.as_deref())?,
            None => tenant_admins::remove(tx, tenant, id)?,
        }
    }
    Ok(())
}
