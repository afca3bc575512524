//! The last look before licences are taken: a plan may be minutes old, and a mailbox hangs on them.

use model::{
    ids::{SkuId, TenantId, UserId},
    user::UserState,
};
use provisioning::{Trouble, Verdict};
use store::{Tx, applications, assignments, users};

use super::{Adapter, stop};
use crate::{Result as AppResult, leavers};

/// Why licences stay that the plan would take.
const CHANGED: &str = "not to be taken any more: assigned again, put under a legal hold, or the \
     settings changed since this plan was made";

impl Adapter {
    /// Stops a step that takes what somebody has a right to as of now.
    pub(super) async fn only_if_taken(
        &self,
        user: UserId,
        remove: Vec<SkuId>,
    ) -> Result<(), Trouble> {
        let (tenant, now) = (self.tenant_id, self.now());
        let may = move |tx: &mut Tx| may_take(tx, tenant, (user, &remove), now);
        if self.house.store().read(may).await.map_err(|error| stop(&error))? {
            return Ok(());
        }
        let detail = CHANGED.to_owned();
        Err(Trouble { verdict: Verdict::SkipObject(detail.clone()), detail })
    }
}

/// Whoever may sign in loses what their assignment doesn't give; whoever left, all when it is due.
fn may_take(
    tx: &mut Tx,
    tenant: TenantId,
    (user, remove): (UserId, &[SkuId]),
    now: model::Ts,
) -> AppResult<bool> {
    let Some(user) = users::by_id(tx, user)? else { return Ok(false) };
    let Some(application) = applications::of_tenant(tx, tenant)? else { return Ok(false) };
    let assignment = assignments::active(tx, user.id, application.id)?;
    if let Some(assignment) = assignment.filter(|_| user.state == UserState::Active) {
        let given = |id: &SkuId| assignment.licences.iter().any(|given| given.sku_id == *id);
        return Ok(!remove.iter().any(given));
    }
    let due = leavers::fate(tx, &user, &application)?.leaving.and_then(|left| left.licences_at);
    Ok(due.is_some_and(|due| due <= now))
}
