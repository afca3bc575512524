//! Carrying a plan out under a lease, with the journal before and after every call.

use std::time::Duration;

use model::{
    Actor, Ts,
    ids::{RunId, StepId, TenantId},
    plan::{RunState, Scope, Step, StepOutcome},
};
use provisioning::{Journal, PlannedStep, Sleep, Summary, Work};
use store::{Tx, leases, sync_runs, tenants};

use super::Decided;
use crate::{Error, House, Result, entra::Adapter};

/// How long a lease holds without being renewed; longer than any one call to Graph may take.
const LEASE_FOR: Duration = Duration::from_mins(2);

/// Why a run ended that did not renew its lease in time.
pub(crate) const LOST: &str = "its lease is over; another node may have taken over";

/// Why a run ended whose process went away under it.
const LEFT_BEHIND: &str = "its process ended before it did; the next run looked anew";

/// The right to write to one person, or to everybody, of a tenant (Y14).
#[derive(Debug, Clone)]
pub(crate) struct Lease {
    name: String,
    holder: String,
    fence: leases::Fence,
}

impl Lease {
    /// Holds it for longer; false when it is over.
    pub(crate) fn renew(&self, tx: &mut Tx, now: Ts) -> Result<bool> {
        Ok(leases::renew(tx, &self.name, self.fence, LEASE_FOR, now)?)
    }
}

/// The journal of one run.
struct RunJournal {
    house: House,
    tenant_id: TenantId,
    lease: Lease,
}

struct RealSleep;

impl Sleep for RealSleep {
    fn sleep(&self, time: Duration) -> Work<'_, ()> {
        Box::pin(tokio::time::sleep(time))
    }
}

impl Journal for RunJournal {
    fn before(&self, step: StepId) -> Work<'_, std::result::Result<(), String>> {
        Box::pin(async move {
            let (tenant, lease, now) = (self.tenant_id, self.lease.clone(), self.house.now());
            let recorded = self.house.store().write(move |tx| {
                if !lease.renew(tx, now)? {
                    return Ok(Some(LOST));
                }
                if tenants::by_id(tx, tenant)?.is_none_or(|tenant| tenant.writes_stopped) {
                    return Ok(Some("writes to this tenant were stopped"));
                }
                sync_runs::record(tx, step, &StepOutcome::Sending, now)?;
                Ok::<_, Error>(None)
            });
            match recorded.await {
                Ok(None) => Ok(()),
                Ok(Some(reason)) => Err(reason.to_owned()),
                Err(error) => Err(error.to_string()),
            }
        })
    }

    fn after(
        &self,
        step: StepId,
        outcome: StepOutcome,
    ) -> Work<'_, std::result::Result<(), String>> {
        Box::pin(async move {
            let (lease, now) = (self.lease.clone(), self.house.now());
            let recorded = self.house.store().write(move |tx| {
                if !leases::holds(tx, &lease.name, lease.fence, now)? {
                    return Ok(Some(LOST));
                }
                sync_runs::record(tx, step, &outcome, now)?;
                Ok::<_, Error>(None)
            });
            match recorded.await {
                Ok(None) => Ok(()),
                Ok(Some(reason)) => Err(reason.to_owned()),
                Err(error) => Err(error.to_string()),
            }
        })
    }
}

impl House {
    pub(super) async fn acquire(&self, tenant: TenantId, scope: Scope) -> Result<Option<Lease>> {
        let name = match scope {
            Scope::Everyone => format!("sync:{tenant}"),
            Scope::Person(person) => format!("sync:{tenant}:{person}"),
        };
        let (holder, now) = (self.new_id().to_string(), self.now());
        let (wanted, who) = (name.clone(), holder.clone());
        let fence = self
            .store()
            .write(move |tx| {
                let fence = leases::acquire(tx, &wanted, &who, LEASE_FOR, now)?;
                if fence.is_some() {
                    sync_runs::end_left_behind(tx, tenant, scope, LEFT_BEHIND, now)?;
                }
                Ok::<_, Error>(fence)
            })
            .await?;
        Ok(fence.map(|fence| Lease { name, holder, fence }))
    }

    pub(super) async fn release(&self, lease: Lease) -> Result<()> {
        tracing::debug!(name = lease.name, holder = lease.holder, "lease released");
        self.store()
            .write(move |tx| {
                leases::release(tx, &lease.name, lease.fence)?;
                Ok::<_, Error>(())
            })
            .await
    }

    pub(super) async fn carry_out(
        &self,
        decided: Decided,
        run: RunId,
        steps: Vec<PlannedStep>,
        lease: &Lease,
        by: Actor,
    ) -> Result<()> {
        let tenant = &decided.tenant;
        let graph = self.graph(tenant, decided.application.settings.quota_percent)?;
        let tenant_id = tenant.id;
        let adapter = Adapter {
            house: self.clone(),
            graph,
            tenant_id,
            protected: decided.protected,
            lease: lease.clone(),
            by,
        };
        let journal = RunJournal { house: self.clone(), tenant_id, lease: lease.clone() };
        let summary = provisioning::apply(&steps, &adapter, &journal, &RealSleep).await;
        self.finish(run, &summary, lease.clone()).await
    }

    /// Writes down how a run ended, unless another node has taken its lease: that one has ended the run
    /// when it took over.
    async fn finish(&self, run: RunId, summary: &Summary, lease: Lease) -> Result<()> {
        let (state, reason) = match &summary.stopped {
            Some(reason) => (RunState::Stopped, reason.clone()),
            None => (RunState::Finished, String::new()),
        };
        let now = self.now();
        self.store()
            .write(move |tx| {
                if leases::is_newest(tx, &lease.name, lease.fence)? {
                    sync_runs::set_state(tx, run, state, &reason, now)?;
                }
                Ok::<_, Error>(())
            })
            .await
    }
}

pub(super) fn planned(id: StepId, step: Step) -> PlannedStep {
    PlannedStep { id, step }
}
