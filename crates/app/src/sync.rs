//! Keeping the tenant in step: look, want, decide, apply; a dry run is the plan and nothing else.
//!
//! Every run is a row with its steps before anything is sent (Y12); what was shown is what is done
//! (ruling 35). No transaction is open while Microsoft is asked.

mod apply;
mod bin;
mod look;
mod outbox;
mod written;

use model::{
    Actor, Role, Ts,
    application::Application,
    audit::{AuditKind, Outcome},
    ids::{ApplicationId, RunId, StepId, TenantId, UserId},
    plan::{Plan, RunState, Scope, StepOutcome},
    tenant::Tenant,
};
use provisioning::{
    DesiredUser, Mapping, desired,
    guard::{self, Verdict},
};
use store::{Tx, applications, audit_log, sync_runs, tenants};

pub(crate) use apply::{Lease, STOPPED};
pub(crate) use look::{Looking, Seen, objects_of};
pub use outbox::Lane;
pub use store::sync_runs::{RunStep, SyncRun};

use crate::{Admin, Error, House, Kind, Result, Visitor, entra::Protected};

/// What a run is about to do, and whether it may.
struct Decided {
    tenant: Tenant,
    application: Application,
    plan: Plan,
    verdict: Verdict,
    /// How many people are wanted in the tenant, when everybody was looked at (Y03).
    wanted: Option<usize>,
    /// Whom nothing is taken from (Y07).
    protected: Protected,
    /// The rules by which it was planned.
    mapping: Mapping,
    /// Whose object went into Entra's bin or came back, as far as we didn't know.
    in_bin: Vec<(UserId, Option<Ts>)>,
}

impl House {
    /// Plans and, unless the guard says otherwise, carries the plan out.
    pub async fn sync(&self, tenant: TenantId, scope: Scope, by: Actor) -> Result<RunId> {
        let Some(lease) = self.acquire(tenant, scope).await? else {
            return Err(Error::new(Kind::Unavailable, "Another run is at work on this already."));
        };
        let result = self.sync_leased(tenant, scope, by, &lease).await;
        self.release(lease).await?;
        if scope == Scope::Everyone {
            self.count_seats(tenant).await;
        }
        result
    }

    async fn sync_leased(
        &self,
        tenant: TenantId,
        scope: Scope,
        by: Actor,
        lease: &apply::Lease,
    ) -> Result<RunId> {
        let decided = self.decide_plan(tenant, scope).await?;
        self.keep_bin(tenant, &decided.in_bin).await?;
        if decided.plan.is_empty() && decided.plan.conflicts.is_empty() && by != Actor::Schedule {
            return self
                .save_run(&decided, scope, by, RunState::Finished, String::new())
                .await
                .map(|r| r.0);
        }
        match decided.verdict.clone() {
            Verdict::NeedsApproval { reason } => {
                let (run, _) =
                    self.save_run(&decided, scope, by, RunState::NeedsApproval, reason).await?;
                Ok(run)
            }
            Verdict::Go => {
                let (run, steps) =
                    self.save_run(&decided, scope, by, RunState::Running, String::new()).await?;
                self.carry_out(decided, run, steps, lease, by).await?;
                Ok(run)
            }
        }
    }

    /// Plans for everybody and writes nothing to the tenant (Y05).
    pub async fn preview(&self, admin: &Admin, tenant: TenantId) -> Result<RunId> {
        admin.require(Role::UserAdmin)?;
        let decided = self.decide_plan(tenant, Scope::Everyone).await?;
        let saved = self.save_run(
            &decided,
            Scope::Everyone,
            admin.actor(),
            RunState::Preview,
            String::new(),
        );
        Ok(saved.await?.0)
    }

    /// Carries out a plan that was shown, if planning again gives the very same one (Y02).
    pub async fn approve(&self, admin: &Admin, run: RunId, visitor: &Visitor) -> Result<RunId> {
        admin.require(Role::SecurityAdmin)?;
        admin.require_fresh(self.now())?;
        let shown = self.run(admin, run).await?.0;
        require_waiting(&shown, self.now())?;
        let Some(lease) = self.acquire(shown.tenant_id, shown.scope).await? else {
            return Err(Error::new(Kind::Unavailable, "Another run is at work on this already."));
        };
        let result = self.approve_leased(admin, &shown, &lease, visitor).await;
        self.release(lease).await?;
        self.count_seats(shown.tenant_id).await;
        result
    }

    async fn approve_leased(
        &self,
        admin: &Admin,
        shown: &SyncRun,
        lease: &apply::Lease,
        visitor: &Visitor,
    ) -> Result<RunId> {
        let decided = self.decide_plan(shown.tenant_id, shown.scope).await?;
        if decided.plan.hash() != shown.plan_hash {
            let public =
                "Something changed since this plan was shown. Look at a new preview first.";
            return Err(Error::new(Kind::Conflict, public));
        }
        let run = shown.id;
        let (house, actor, visitor) = (self.clone(), admin.actor(), visitor.clone());
        let application = decided.application.id;
        let steps = self
            .store()
            .write(move |tx| {
                // Looking took a while: the plan must still wait, and settings are as they are now.
                let run_now = sync_runs::by_id(tx, run)?.ok_or_else(|| Error::not_found("run"))?;
                require_waiting(&run_now, house.now())?;
                sync_runs::set_state(tx, run, RunState::Running, "", house.now())?;
                if run_now.scope == Scope::Everyone {
                    confirm_first_plan(tx, application)?;
                }
                let row = visitor.audit(&house, actor, AuditKind::PlanApproved, &run.to_string());
                audit_log::record(tx, &row)?;
                Ok::<_, Error>(sync_runs::steps(tx, run)?)
            })
            .await?;
        let steps = steps.into_iter().map(|step| apply::planned(step.id, step.step)).collect();
        self.carry_out(decided, run, steps, lease, admin.actor()).await?;
        Ok(run)
    }

    /// Look, want, decide.
    async fn decide_plan(&self, tenant: TenantId, scope: Scope) -> Result<Decided> {
        let (looked_at, passed) = (self.now(), self.passed());
        let seen = self.look(tenant, scope, Looking::Ahead).await?;
        let Seen { tenant, application, observed, counts, .. } = &seen;
        self.note_tenant_admins(tenant.id, scope, (&observed.users, looked_at)).await?;
        let protected = Protected::seen(&observed.users, passed);
        let desired = desired_by(&seen, (&seen.mapping, scope));
        let in_bin = bin::changes(observed);
        let plan = provisioning::plan(&desired, observed, seen.now);
        let wanted = desired::open_count(&desired);
        let input = guard::GuardInput {
            managed: counts.managed,
            already_destructive_24h: counts.already_destructive,
            scope,
            wanted,
            wanted_before: counts.wanted_before,
        };
        let verdict = if application.settings.first_plan_confirmed {
            guard::judge(&plan, &input)
        } else {
            let reason = "This is the first plan for this tenant: look at it and confirm it (Y06).";
            Verdict::NeedsApproval { reason: reason.to_owned() }
        };
        let wanted = (scope == Scope::Everyone).then_some(wanted);
        let Seen { tenant, application, mapping, .. } = seen;
        Ok(Decided { tenant, application, plan, verdict, wanted, protected, mapping, in_bin })
    }

    /// Writes the run and its steps, before anything is sent.
    async fn save_run(
        &self,
        decided: &Decided,
        scope: Scope,
        by: Actor,
        state: RunState,
        reason: String,
    ) -> Result<(RunId, Vec<provisioning::PlannedStep>)> {
        let now = self.now();
        let run = SyncRun {
            id: RunId(self.new_id()),
            tenant_id: decided.tenant.id,
            scope,
            state,
            plan_hash: decided.plan.hash(),
            conflicts: decided.plan.conflicts.clone(),
            wanted: decided.wanted,
            reason,
            started_at: now,
            finished_at: (state == RunState::Finished).then_some(now),
            started_by: by,
        };
        let ids: Vec<StepId> = decided.plan.steps.iter().map(|_| StepId(self.new_id())).collect();
        let id = run.id;
        let steps = decided.plan.steps.iter().cloned().zip(&ids);
        let planned = steps.map(|(step, &id)| apply::planned(id, step)).collect();
        let (house, plan) = (self.clone(), decided.plan.clone());
        self.store()
            .write(move |tx| {
                sync_runs::begin(tx, &run)?;
                sync_runs::save_steps(tx, run.id, &plan, &ids)?;
                house.audit_run(tx, &run)
            })
            .await?;
        Ok((id, planned))
    }

    fn audit_run(&self, tx: &mut Tx, run: &SyncRun) -> Result<()> {
        let kind = match run.state {
            RunState::NeedsApproval => AuditKind::GuardTripped,
            _ => AuditKind::SyncRun,
        };
        let visitor = crate::visitor::inside(&run.id.to_string());
        let mut row = visitor.audit(self, run.started_by, kind, &run.id.to_string());
        if kind == AuditKind::GuardTripped {
            row.outcome = Outcome::Refused;
        }
        row.detail.clone_from(&run.reason);
        Ok(audit_log::record(tx, &row)?)
    }

    /// A run with its steps.
    pub async fn run(&self, _admin: &Admin, id: RunId) -> Result<(SyncRun, Vec<RunStep>)> {
        self.store()
            .read(move |tx| {
                let run = sync_runs::by_id(tx, id)?.ok_or_else(|| Error::not_found("run"))?;
                let steps = sync_runs::steps(tx, id)?;
                Ok((run, steps))
            })
            .await
    }

    /// *Run now*: everybody, carried out unless the guard says otherwise.
    pub async fn run_now(&self, admin: &Admin, tenant: TenantId) -> Result<RunId> {
        admin.require(Role::UserAdmin)?;
        self.sync(tenant, Scope::Everyone, admin.actor()).await
    }

    /// The newest runs of a tenant, each with how its steps went.
    pub async fn runs(&self, _admin: &Admin, tenant: TenantId) -> Result<Vec<RunSummary>> {
        self.store()
            .read(move |tx| {
                let mut runs = Vec::new();
                for run in sync_runs::recent(tx, tenant, 30)? {
                    let steps = sync_runs::steps(tx, run.id)?;
                    let count = |is: fn(&StepOutcome) -> bool| {
                        steps.iter().filter(|step| is(&step.outcome)).count()
                    };
                    let done = count(|outcome| *outcome == StepOutcome::Done);
                    let failed = count(|outcome| matches!(outcome, StepOutcome::Failed(_)));
                    runs.push(RunSummary { steps: steps.len(), done, failed, run });
                }
                Ok::<_, Error>(runs)
            })
            .await
    }

    /// Every connected tenant.
    pub async fn tenant_ids(&self) -> Result<Vec<TenantId>> {
        let all = self.store().read(|tx| Ok::<_, Error>(tenants::all(tx)?)).await?;
        Ok(all.into_iter().map(|tenant| tenant.id).collect())
    }

    /// Stops, or allows again, every write to a tenant (Y33).
    pub async fn stop_writes(
        &self,
        admin: &Admin,
        tenant: TenantId,
        writes: Writes,
        visitor: &Visitor,
    ) -> Result<()> {
        admin.require(Role::SecurityAdmin)?;
        let (house, actor, visitor) = (self.clone(), admin.actor(), visitor.clone());
        self.store()
            .write(move |tx| {
                tenants::stop_writes(tx, tenant, writes == Writes::Stopped)?;
                let mut row =
                    visitor.audit(&house, actor, AuditKind::TenantChanged, &tenant.to_string());
                row.detail = format!("writes {writes:?}").to_lowercase();
                Ok(audit_log::record(tx, &row)?)
            })
            .await
    }
}

/// How everybody shall be, by these rules.
fn desired_by(seen: &Seen, (mapping, scope): (&Mapping, Scope)) -> Vec<DesiredUser> {
    desired::from(&desired::Input {
        people: &seen.people,
        settings: &seen.application.settings,
        mapping,
        domains: &seen.domains,
        links: &seen.observed.links,
        accepted: &seen.observed.accepted,
        former_names: &seen.former_names,
        past: &seen.past,
        may_delete: scope == Scope::Everyone,
    })
}

/// The plan for everybody by other rules; it is for looking at.
pub(crate) fn planned_by(seen: &Seen, mapping: &Mapping) -> Plan {
    provisioning::plan(&desired_by(seen, (mapping, Scope::Everyone)), &seen.observed, seen.now)
}

/// For how long what was taken counts against the guard's share (Y01).
const A_DAY: std::time::Duration = std::time::Duration::from_hours(24);

/// How long a plan that was shown may be approved (Y02).
const GOOD_FOR: std::time::Duration = std::time::Duration::from_hours(24);

/// A plan is carried out once, and within a day of when it was made (Y02).
fn require_waiting(run: &SyncRun, now: Ts) -> Result<()> {
    let conflict = |public: &str| Err(Error::new(Kind::Conflict, public));
    if !matches!(run.state, RunState::Preview | RunState::NeedsApproval) {
        return conflict("This plan was carried out or replaced already.");
    }
    if now.since(run.started_at) > GOOD_FOR {
        return conflict("This plan is more than a day old. Look at a new preview first.");
    }
    Ok(())
}

/// Remembers that a plan for everybody was confirmed; one for a single person says nothing about
/// the others (Y06).
fn confirm_first_plan(tx: &mut Tx, id: ApplicationId) -> Result<()> {
    let gone = || Error::not_found("application");
    let mut settings = applications::by_id(tx, id)?.ok_or_else(gone)?.settings;
    settings.first_plan_confirmed = true;
    Ok(applications::update_settings(tx, id, &settings)?)
}

/// A run and how its steps went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunSummary {
    /// The run.
    pub run: SyncRun,
    /// How many steps its plan has.
    pub steps: usize,
    /// How many of them are done.
    pub done: usize,
    /// How many of them failed.
    pub failed: usize,
}

/// Whether a tenant may be written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writes {
    /// It may.
    Allowed,
    /// It may not, until somebody allows it again.
    Stopped,
}
