//! Passes of the provisioning engine. A run's state decides what may happen to it next.

mod fights;
mod steps;

use diesel::{ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, RunQueryDsl};
pub use fights::{ROUNDS, fought};
use model::{
    Actor, Ts,
    ids::{RunId, TenantId, UserId},
    plan::{Conflict, RunState, Scope},
};
pub(crate) use steps::without_sessions_since;
pub use steps::{
    RunStep, Unheard, blocked_by_us, deleted_by_us, destructive_since, makings_unheard,
    may_have_created, record, save_steps, settle, steps, tell, unheard, unrevoked, untold,
};

use crate::{
    Error, Tx,
    schema::sync_runs,
    text::{self, Row},
};

/// One pass over a scope of a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncRun {
    /// Our id.
    pub id: RunId,
    /// Where.
    pub tenant_id: TenantId,
    /// What it looks at.
    pub scope: Scope,
    /// Where it stands.
    pub state: RunState,
    /// The hash of its plan, which must not change between showing and carrying out.
    pub plan_hash: String,
    /// What its plan could not do.
    pub conflicts: Vec<Conflict>,
    /// How many people were wanted in the tenant, when it looked at everybody.
    pub wanted: Option<usize>,
    /// Why it was stopped, or why it needs approval; else empty.
    pub reason: String,
    /// When it began.
    pub started_at: Ts,
    /// When it ended.
    pub finished_at: Option<Ts>,
    /// Who began it.
    pub started_by: Actor,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = sync_runs, treat_none_as_default_value = false)]
struct RunRow {
    id: String,
    tenant_id: String,
    scope: String,
    state: String,
    plan_hash: String,
    conflicts: String,
    wanted: Option<i64>,
    reason: String,
    started_at: i64,
    finished_at: Option<i64>,
    started_by: String,
    approved_by: Option<String>,
    approved_at: Option<i64>,
}

/// Stores a new run.
pub fn begin(tx: &mut Tx, run: &SyncRun) -> Result<(), Error> {
    let row = RunRow {
        id: run.id.to_string(),
        tenant_id: run.tenant_id.to_string(),
        scope: text::json(&run.scope),
        state: text::word(run.state),
        plan_hash: run.plan_hash.clone(),
        conflicts: text::json(&run.conflicts),
        wanted: run.wanted.map(|wanted| text::number(wanted as u64)),
        reason: run.reason.clone(),
        started_at: run.started_at.0,
        finished_at: run.finished_at.map(|at| at.0),
        started_by: text::json(&run.started_by),
        approved_by: None,
        approved_at: None,
    };
    diesel::insert_into(sync_runs::table).values(&row).execute(&mut tx.conn)?;
    Ok(())
}

/// Ends the runs of a scope that are still called running, although their process is gone. Whoever
/// calls holds the scope's lease.
pub fn end_left_behind(
    tx: &mut Tx,
    tenant: TenantId,
    scope: Scope,
    reason: &str,
    now: Ts,
) -> Result<usize, Error> {
    let left = sync_runs::table
        .filter(sync_runs::tenant_id.eq(tenant.to_string()))
        .filter(sync_runs::scope.eq(text::json(&scope)))
        .filter(sync_runs::state.eq(text::word(RunState::Running)));
    let ended = diesel::update(left).set((
        sync_runs::state.eq(text::word(RunState::Stopped)),
        sync_runs::reason.eq(reason),
        sync_runs::finished_at.eq(Some(now.0)),
    ));
    Ok(ended.execute(&mut tx.conn)?)
}

/// Moves a run on. Finished and stopped runs get their end time.
pub fn set_state(
    tx: &mut Tx,
    id: RunId,
    state: RunState,
    reason: &str,
    now: Ts,
) -> Result<(), Error> {
    let ended = matches!(state, RunState::Finished | RunState::Stopped);
    let changed = diesel::update(sync_runs::table.find(id.to_string()))
        .set((
            sync_runs::state.eq(text::word(state)),
            sync_runs::reason.eq(reason),
            sync_runs::finished_at.eq(ended.then_some(now.0)),
        ))
        .execute(&mut tx.conn)?;
    text::found(changed, "sync run")
}

/// Approves a run that the guard has stopped, which sets it to running: true exactly once.
pub fn approve(tx: &mut Tx, id: RunId, admin: UserId, now: Ts) -> Result<bool, Error> {
    let waiting = sync_runs::table
        .find(id.to_string())
        .filter(sync_runs::state.eq(text::word(RunState::NeedsApproval)));
    let changed = diesel::update(waiting)
        .set((
            sync_runs::state.eq(text::word(RunState::Running)),
            sync_runs::approved_by.eq(admin.to_string()),
            sync_runs::approved_at.eq(now.0),
        ))
        .execute(&mut tx.conn)?;
    Ok(changed == 1)
}

/// Who approved a run, and when.
pub fn approval(tx: &mut Tx, id: RunId) -> Result<Option<(UserId, Ts)>, Error> {
    let row: Option<RunRow> =
        sync_runs::table.find(id.to_string()).first(&mut tx.conn).optional()?;
    let Some((Some(admin), Some(at))) = row.map(|row| (row.approved_by, row.approved_at)) else {
        return Ok(None);
    };
    Ok(Some((Row { table: "sync_runs", id: &id.to_string() }.id(&admin)?, Ts(at))))
}

/// One run.
pub fn by_id(tx: &mut Tx, id: RunId) -> Result<Option<SyncRun>, Error> {
    let row: Option<RunRow> =
        sync_runs::table.find(id.to_string()).first(&mut tx.conn).optional()?;
    row.map(RunRow::read).transpose()
}

/// A tenant's newest runs.
pub fn recent(tx: &mut Tx, tenant: TenantId, limit: i64) -> Result<Vec<SyncRun>, Error> {
    let rows: Vec<RunRow> = sync_runs::table
        .filter(sync_runs::tenant_id.eq(tenant.to_string()))
        .order((sync_runs::started_at.desc(), sync_runs::id.desc()))
        .limit(limit)
        .load(&mut tx.conn)?;
    rows.into_iter().map(RunRow::read).collect()
}

/// How many people the last finished run over everybody wanted (Y03).
pub fn last_wanted(tx: &mut Tx, tenant: TenantId) -> Result<Option<usize>, Error> {
    let row: Option<RunRow> = sync_runs::table
        .filter(sync_runs::tenant_id.eq(tenant.to_string()))
        .filter(sync_runs::scope.eq(text::json(&Scope::Everyone)))
        .filter(sync_runs::state.eq(text::word(RunState::Finished)))
        .filter(sync_runs::wanted.is_not_null())
        .order((sync_runs::started_at.desc(), sync_runs::id.desc()))
        .first(&mut tx.conn)
        .optional()?;
    Ok(row.map(RunRow::read).transpose()?.and_then(|run| run.wanted))
}

impl RunRow {
    fn read(self) -> Result<SyncRun, Error> {
        let row = Row { table: "sync_runs", id: &self.id };
        Ok(SyncRun {
            id: row.id(&self.id)?,
            tenant_id: row.id(&self.tenant_id)?,
            scope: row.json(&self.scope)?,
            state: row.word(&self.state)?,
            started_by: row.json(&self.started_by)?,
            conflicts: row.json(&self.conflicts)?,
            wanted: self.wanted.map(|wanted| row.number(wanted)).transpose()?,
            plan_hash: self.plan_hash,
            reason: self.reason,
            started_at: Ts(self.started_at),
            finished_at: self.finished_at.map(Ts),
        })
    }
}
