//! Carrying a plan out under a lease, with the journal before and after every call.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use model::{
    Actor, Ts,
    ids::{RunId, StepId, TenantId},
    plan::{RunState, Scope, Step, StepOutcome},
};
use provisioning::{Journal, PlannedStep, Sleep, Summary, Work};
use store::{Tx, audit_log, leases, sync_runs, tenants};
use uuid::Uuid;

use super::{
    Decided,
    written::{self, Sent, Written},
};
use crate::{Error, House, Result, clock::Waiting, entra::Adapter};

/// How long a lease holds without being renewed; longer than any one call to Graph may take.
const LEASE_FOR: Duration = Duration::from_mins(2);

/// Why a run ended that did not renew its lease in time.
pub(crate) const LOST: &str = "its lease is over; another node may have taken over";

/// Why a run ends that somebody stopped.
pub(crate) const STOPPED: &str = "writes to this tenant were stopped";

/// Why a run ended whose process went away under it.
const LEFT_BEHIND: &str = "its process ended before it did; the next run looked anew";

/// The right to write to one person, or to everybody, of a tenant (Y14).
#[derive(Debug, Clone)]
pub(crate) struct Lease {
    name: String,
    holder: String,
    scope: Scope,
    fence: leases::Fence,
    /// When it was renewed last, by what had passed then.
    renewed: Arc<Mutex<Duration>>,
}

/// From what wait on a run over one person is put off.
const PUT_OFF: Duration = Duration::from_secs(30);

/// Waits, but not for ever.
struct Patience {
    timer: Waiting,
    most: Duration,
}

impl Sleep for Patience {
    fn sleep(&self, time: Duration) -> Work<'_, ()> {
        Sleep::sleep(&self.timer, time)
    }

    fn most(&self) -> Duration {
        self.most
    }
}

/// How long a renewal counts as just before: a call that waited for longer looks again before it leaves.
const JUST_NOW: Duration = Duration::from_secs(5);

impl Lease {
    /// Holds it for longer; false when somebody else has it. Over but free, it is still ours: whoever
    /// takes it raises the fence.
    pub(crate) fn renew(&self, tx: &mut Tx, (now, passed): (Ts, Duration)) -> Result<bool> {
        let held = leases::renew(tx, &self.name, self.fence, LEASE_FOR, now)?;
        if held {
            *self.renewed.lock().unwrap_or_else(PoisonError::into_inner) = passed;
        }
        Ok(held)
    }

    /// For how long a step may wait under it. What is about one person is put off instead, so that
    /// nobody's wait holds up who must be kept out (Y16).
    const fn patience(&self) -> Duration {
        match self.scope {
            Scope::Everyone => Duration::MAX,
            Scope::Person(_) => PUT_OFF,
        }
    }

    /// Whether it was renewed a moment ago.
    pub(crate) fn is_fresh(&self, passed: Duration) -> bool {
        let renewed = *self.renewed.lock().unwrap_or_else(PoisonError::into_inner);
        passed.saturating_sub(renewed) < JUST_NOW
    }
}

/// The journal of one run.
struct RunJournal<'s> {
    house: House,
    tenant_id: TenantId,
    lease: Lease,
    run: RunId,
    by: Actor,
    steps: HashMap<StepId, &'s Step>,
    sent: Sent,
}

impl Journal for RunJournal<'_> {
    fn before(&self, step: StepId) -> Work<'_, std::result::Result<(), String>> {
        Box::pin(async move {
            let (tenant, lease) = (self.tenant_id, self.lease.clone());
            let (now, passed) = (self.house.now(), self.house.passed());
            let recorded = self.house.store().write(move |tx| {
                if !lease.renew(tx, (now, passed))? {
                    return Ok(Some(LOST));
                }
                if tenants::by_id(tx, tenant)?.is_none_or(|tenant| tenant.writes_stopped) {
                    return Ok(Some(STOPPED));
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
            let sent = self.sent.all();
            let step_now = self.steps.get(&step).filter(|_| !sent.is_empty());
            let row = step_now.map(|step| {
                let written = Written { step, run: self.run, by: self.by, calls: &sent };
                written.audit(&self.house, &outcome)
            });
            let recorded = self.house.store().write(move |tx| {
                if !leases::is_newest(tx, &lease.name, lease.fence)? {
                    return Ok(Some(LOST));
                }
                sync_runs::record(tx, step, &outcome, now)?;
                row.iter().try_for_each(|row| audit_log::record(tx, row))?;
                Ok::<_, Error>(None)
            });
            match recorded.await {
                Ok(None) => {
                    self.sent.clear();
                    Ok(())
                }
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
        let (house, wanted, who) = (self.clone(), name.clone(), holder.clone());
        let fence = self
            .store()
            .write(move |tx| {
                let fence = leases::acquire(tx, &wanted, &who, LEASE_FOR, now)?;
                if fence.is_some() {
                    written::audit_unheard(tx, &house, (tenant, scope), &[])?;
                    sync_runs::end_left_behind(tx, tenant, scope, LEFT_BEHIND, now)?;
                }
                Ok::<_, Error>(fence)
            })
            .await?;
        let renewed = Arc::new(Mutex::new(self.passed()));
        Ok(fence.map(|fence| Lease { name, holder, scope, fence, renewed }))
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
        let sent = Sent::default();
        let adapter = Adapter {
            house: self.clone(),
            graph: graph.behind(self.gate(tenant_id, lease, &sent)),
            tenant_id,
            protected: decided.protected,
            mapping: decided.mapping,
            lease: lease.clone(),
            by,
        };
        let planned = steps.iter().map(|planned| (planned.id, &planned.step)).collect();
        let (house, lease_now) = (self.clone(), lease.clone());
        let left = sent.clone();
        let journal =
            RunJournal { house, tenant_id, lease: lease_now, run, by, steps: planned, sent };
        let patience = Patience { timer: self.timer(), most: lease.patience() };
        let summary = provisioning::apply(&steps, &adapter, &journal, &patience).await;
        self.finish((tenant_id, run), &summary, lease.clone(), left.all()).await
    }

    /// Keeps a write back when it waited for long and the lease went to another node meanwhile, or
    /// writes were stopped (Y14, Y33).
    fn gate(&self, tenant: TenantId, lease: &Lease, sent: &Sent) -> graph::Gate {
        let (house, lease, sent) = (self.clone(), lease.clone(), sent.clone());
        Arc::new(move |call| {
            let (house, lease, sent) = (house.clone(), lease.clone(), sent.clone());
            Box::pin(async move {
                let over = if lease.is_fresh(house.passed()) {
                    None
                } else {
                    let leads = house.still_leads(tenant, lease).await;
                    leads.map_err(|error| error.to_string())?
                };
                if let Some(over) = over {
                    return Err(over.to_owned());
                }
                sent.note(call);
                Ok(())
            })
        })
    }

    /// Renews a lease; says what ended it, or that writes were stopped.
    pub(crate) async fn still_leads(
        &self,
        tenant: TenantId,
        lease: Lease,
    ) -> Result<Option<&'static str>> {
        let now = (self.now(), self.passed());
        self.store()
            .write(move |tx| {
                if !lease.renew(tx, now)? {
                    return Ok(Some(LOST));
                }
                let stopped =
                    tenants::by_id(tx, tenant)?.is_none_or(|tenant| tenant.writes_stopped);
                Ok(stopped.then_some(STOPPED))
            })
            .await
    }

    /// Writes down how a run ended, unless another node has taken its lease: that one has ended the run
    /// when it took over.
    async fn finish(
        &self,
        (tenant, run): (TenantId, RunId),
        summary: &Summary,
        lease: Lease,
        unwritten: Vec<Uuid>,
    ) -> Result<()> {
        let (state, reason) = match &summary.stopped {
            Some(reason) => (RunState::Stopped, reason.clone()),
            None => (RunState::Finished, String::new()),
        };
        let (house, now) = (self.clone(), self.now());
        self.store()
            .write(move |tx| {
                if leases::is_newest(tx, &lease.name, lease.fence)? {
                    written::audit_unheard(tx, &house, (tenant, lease.scope), &unwritten)?;
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
