//! Draining the outbox: work that was written together with the change that caused it.

use std::{collections::HashSet, time::Duration};

use futures::{StreamExt as _, stream};
use model::{
    Actor,
    ids::TenantId,
    plan::{RunState, StepOutcome},
};
use store::{Tx, outbox, sync_runs};

use crate::{Error, House, Kind, Result};

/// How many people are brought in step at once. A drain takes no more than that, so that whoever
/// comes next waits for nobody's backlog.
const AT_ONCE: i64 = 16;

/// What waits: each lane is drained by itself, so that safety waits for nothing else (Y16).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// What keeps somebody out.
    Safety,
    /// Everything else.
    Rest,
}

impl House {
    /// Does the work of one lane that is due; true when there was any.
    pub async fn drain_outbox(&self, lane: Lane) -> Result<bool> {
        let now = self.now();
        let read = move |tx: &mut Tx| {
            Ok::<_, Error>(match lane {
                Lane::Safety => outbox::urgent(tx, AT_ONCE)?,
                Lane::Rest => outbox::due(tx, now, AT_ONCE)?,
            })
        };
        let due = self.store().read(read).await?;
        let any = !due.is_empty();
        let tenants: HashSet<TenantId> = due.iter().map(|item| item.tenant_id).collect();
        stream::iter(due).for_each_concurrent(None, |item| self.do_item(item, lane)).await;
        for tenant in tenants {
            self.count_seats(tenant).await;
        }
        Ok(any)
    }

    /// Admins see how many seats are free; no run fails for want of that number.
    pub(super) async fn count_seats(&self, tenant: TenantId) {
        if let Err(error) = self.load_products(tenant).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "seats are not counted");
        }
    }

    /// Trouble with one item is logged and tried again later; the others go on.
    async fn do_item(&self, item: outbox::OutboxItem, lane: Lane) {
        let ended = match self.sync(item.tenant_id, item.scope, Actor::Schedule).await {
            Ok(run) => self.settle_item(&item, run).await,
            // Somebody else is at work on this person; safety stays first in line.
            Err(error) if error.kind == Kind::Unavailable && lane == Lane::Safety => Ok(()),
            Err(error) => {
                tracing::warn!(%error, kind = ?error.kind, scope = ?item.scope, "work for Entra is put off");
                self.put_off(&item, error.kind).await
            }
        };
        if let Err(error) = ended {
            tracing::error!(%error, "the outbox could not be updated");
        }
    }

    /// Done when every step was; otherwise looked at again later.
    async fn settle_item(&self, item: &outbox::OutboxItem, run: model::ids::RunId) -> Result<()> {
        let item = item.clone();
        let now = self.now();
        self.store()
            .write(move |tx| {
                let state = sync_runs::by_id(tx, run)?.map(|run| run.state);
                let steps = sync_runs::steps(tx, run)?;
                let failed = steps.iter().any(|s| !matches!(s.outcome, StepOutcome::Done));
                let waits = state == Some(RunState::NeedsApproval);
                if failed && !waits {
                    outbox::postpone(tx, &item, now + back_off(item.attempts))?;
                } else {
                    outbox::done(tx, &item)?;
                }
                Ok::<_, Error>(())
            })
            .await
    }

    async fn put_off(&self, item: &outbox::OutboxItem, kind: Kind) -> Result<()> {
        let wait = match kind {
            Kind::Unavailable => Duration::from_secs(1),
            _ => back_off(item.attempts),
        };
        let (item, until) = (item.clone(), self.now() + wait);
        self.store().write(move |tx| Ok::<_, Error>(outbox::postpone(tx, &item, until)?)).await
    }
}

/// 2 s, 4 s, 8 s ... up to an hour.
fn back_off(attempts: u32) -> Duration {
    Duration::from_secs(2_u64.saturating_pow(attempts.min(12) + 1).min(3600))
}
