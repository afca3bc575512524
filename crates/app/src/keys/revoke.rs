//! Ending everybody's sessions at Microsoft after an emergency (R129): whoever signed in there with a
//! forged token stays signed in by it, whatever key is trusted today. Each person's are ended by a run
//! of the sync about them, with its lease, its journal and its tries again.

use std::time::Duration;

use model::{Role, Ts, audit::AuditKind, ids::TenantId, plan::Scope, user::User};
use store::{Tx, applications, audit_log, outbox, revocations, tenants, users};

use crate::{Admin, Error, House, Kind, Result, Visitor, sync::Lane};

/// After so long nobody looks how far it has come.
const SHOWN_FOR: Duration = Duration::from_hours(7 * 24);

/// Before then the same wish is a form that was sent twice.
const AGAIN_AFTER: Duration = Duration::from_mins(10);

/// How ending everybody's sessions in a tenant has come along.
#[derive(Debug, Clone)]
pub struct Revocation {
    /// The tenant.
    pub tenant: TenantId,
    /// What admins call it.
    pub alias: String,
    /// How many people are linked to an account there now.
    pub people: usize,
    /// The newest wish, unless it is older than a week.
    pub asked: Option<Asked>,
}

/// A wish on its way.
#[derive(Debug, Clone)]
pub struct Asked {
    /// When: sessions from before then end.
    pub at: Ts,
    /// Of how many people they have ended.
    pub ended: usize,
    /// Whose have not, by name.
    pub left: Vec<User>,
}

impl House {
    /// How it stands in each tenant.
    pub async fn revocations(&self, _admin: &Admin) -> Result<Vec<Revocation>> {
        let since = self.now() - SHOWN_FOR;
        self.store()
            .read(move |tx| {
                let tenants = tenants::all(tx)?.into_iter();
                tenants.map(|tenant| revocation(tx, (tenant.id, tenant.alias), since)).collect()
            })
            .await
    }

    /// Has the sessions at Microsoft ended of everybody who is linked there. It takes the number of
    /// people that was shown, since no guard looks at it again, and a fresh second factor (R147).
    pub async fn revoke_everybody(
        &self,
        admin: &Admin,
        (tenant, people): (TenantId, usize),
        visitor: &Visitor,
    ) -> Result<()> {
        admin.require(Role::SecurityAdmin)?;
        admin.require_fresh(self.now())?;
        let (house, actor, visitor) = (self.clone(), admin.actor(), visitor.clone());
        self.store()
            .write(move |tx| {
                may_write(tx, tenant)?;
                was_not_just_asked(tx, tenant, house.now())?;
                let links = revocations::reachable(tx, tenant)?;
                if links.len() != people {
                    let public = format!(
                        "{} people have an account there by now. Look at the number again.",
                        links.len()
                    );
                    return Err(Error::new(Kind::Conflict, public));
                }
                revocations::ask(tx, tenant, house.now())?;
                for link in links {
                    let scope = Scope::Person(link.user_id);
                    // Whoever is to be kept out stays first in line, and has them ended as well; a run
                    // that began before knows nothing of it, so it is put anew.
                    let urgent = outbox::is_urgent(tx, tenant, &scope)?;
                    let lane = if urgent { Lane::Safety } else { Lane::Rest };
                    house.put_work(tx, tenant, scope, lane)?;
                }
                let kind = AuditKind::TenantChanged;
                let mut row = visitor.audit(&house, actor, kind, &tenant.to_string());
                row.detail = format!("sessions at Microsoft of {people} people to be ended");
                Ok(audit_log::record(tx, &row)?)
            })
            .await
    }
}

/// Stops where the sync would leave all of them undone.
pub(crate) fn may_write(tx: &mut Tx, tenant: TenantId) -> Result<()> {
    let found = tenants::by_id(tx, tenant)?.ok_or_else(|| Error::not_found("tenant"))?;
    if found.writes_stopped {
        let public = "Writes to this tenant are stopped. Allow them again first.";
        return Err(Error::new(Kind::Conflict, public));
    }
    let application = applications::of_tenant(tx, tenant)?;
    if !application.is_some_and(|it| it.settings.first_plan_confirmed) {
        let public = "The first plan for this tenant is not confirmed yet. Confirm it first.";
        return Err(Error::new(Kind::Conflict, public));
    }
    Ok(())
}

/// A form that is sent twice ends nobody's sessions twice.
fn was_not_just_asked(tx: &mut Tx, tenant: TenantId, now: Ts) -> Result<()> {
    let progress = revocations::progress(tx, tenant)?;
    if progress.is_some_and(|it| !it.left.is_empty() && now.since(it.asked_at) < AGAIN_AFTER) {
        let public = "That was asked a moment ago and is under way. Ask again in ten minutes if \
                      somebody has signed in since whom it should reach.";
        return Err(Error::new(Kind::Conflict, public));
    }
    Ok(())
}

fn revocation(tx: &mut Tx, (tenant, alias): (TenantId, String), since: Ts) -> Result<Revocation> {
    let people = revocations::reachable(tx, tenant)?.len();
    let progress = revocations::progress(tx, tenant)?.filter(|it| it.asked_at >= since);
    let Some(progress) = progress else {
        return Ok(Revocation { tenant, alias, people, asked: None });
    };
    let found = progress.left.iter().map(|id| users::by_id(tx, *id));
    let found: Vec<_> = found.collect::<std::result::Result<_, _>>()?;
    let mut left: Vec<User> = found.into_iter().flatten().collect();
    left.sort_by(|one, other| one.upn.as_str().cmp(other.upn.as_str()));
    let asked = Some(Asked { at: progress.asked_at, ended: progress.ended.len(), left });
    Ok(Revocation { tenant, alias, people, asked })
}
