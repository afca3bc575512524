//! The steps of a run's plan and how each ended. A step is stored before its call is on the wire.

use std::collections::{HashMap, HashSet};

use diesel::{
    AggregateExpressionMethods, ExpressionMethods, Insertable, QueryDsl, Queryable, RunQueryDsl,
    dsl::count,
};
use model::{
    Ts,
    ids::{RunId, StepId, TenantId, UserId},
    plan::{Action, Plan, RunState, Scope, Step, StepOutcome},
};

use crate::{
    Error, Tx,
    schema::{sync_runs, sync_steps},
    text::{self, Row},
};

/// A step of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunStep {
    /// Our id.
    pub id: StepId,
    /// Its place in the plan, from 0.
    pub seq: i64,
    /// What to do.
    pub step: Step,
    /// How it ended.
    pub outcome: StepOutcome,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = sync_steps, treat_none_as_default_value = false)]
struct StepRow {
    id: String,
    run_id: String,
    seq: i64,
    user_id: String,
    action: String,
    step: String,
    destructive: bool,
    outcome: String,
    detail: String,
    at: Option<i64>,
}

/// Stores a run's plan; `ids` has one id for each step, in order.
pub fn save_steps(tx: &mut Tx, run: RunId, plan: &Plan, ids: &[StepId]) -> Result<(), Error> {
    if ids.len() != plan.steps.len() {
        return Err(Error::NotFound { what: "id for each step" });
    }
    for ((step, id), seq) in plan.steps.iter().zip(ids).zip(0..) {
        let row = StepRow {
            id: id.to_string(),
            run_id: run.to_string(),
            seq,
            user_id: step.user_id.to_string(),
            action: kind(&step.action).to_owned(),
            step: text::json(step),
            destructive: step.action.is_destructive(),
            outcome: "planned".to_owned(),
            detail: String::new(),
            at: None,
        };
        diesel::insert_into(sync_steps::table).values(&row).execute(&mut tx.conn)?;
    }
    Ok(())
}

/// Records how a step stands.
pub fn record(tx: &mut Tx, id: StepId, outcome: &StepOutcome, now: Ts) -> Result<(), Error> {
    let (word, detail) = match outcome {
        StepOutcome::Planned => ("planned", ""),
        StepOutcome::Sending => ("sending", ""),
        StepOutcome::Done => ("done", ""),
        StepOutcome::Skipped(why) => ("skipped", why.as_str()),
        StepOutcome::Failed(why) => ("failed", why.as_str()),
    };
    let changed = diesel::update(sync_steps::table.find(id.to_string()))
        .set((
            sync_steps::outcome.eq(word),
            sync_steps::detail.eq(detail),
            sync_steps::at.eq(now.0),
        ))
        .execute(&mut tx.conn)?;
    text::found(changed, "step")
}

/// A run's steps, in order.
pub fn steps(tx: &mut Tx, run: RunId) -> Result<Vec<RunStep>, Error> {
    let rows: Vec<StepRow> = sync_steps::table
        .filter(sync_steps::run_id.eq(run.to_string()))
        .order(sync_steps::seq)
        .load(&mut tx.conn)?;
    rows.into_iter().map(|row| row.read().map(|(_, step)| step)).collect()
}

/// What the journal says of a step whose end nobody heard and that the audit log tells of already.
const TOLD: &str = "nobody heard the answer, as the audit log says";

/// The steps of the runs over a scope whose end nobody heard and of which the audit log doesn't tell, each
/// with its run.
pub fn untold(tx: &mut Tx, tenant: TenantId, scope: Scope) -> Result<Vec<(RunId, RunStep)>, Error> {
    let rows: Vec<StepRow> = sync_steps::table
        .inner_join(sync_runs::table)
        .filter(sync_runs::tenant_id.eq(tenant.to_string()))
        .filter(sync_runs::scope.eq(text::json(&scope)))
        .filter(sync_steps::outcome.eq("sending"))
        .filter(sync_steps::detail.ne(TOLD))
        .order((sync_steps::run_id, sync_steps::seq))
        .select(sync_steps::all_columns)
        .load(&mut tx.conn)?;
    rows.into_iter().map(StepRow::read).collect()
}

/// Notes that the audit log tells of a step whose end nobody heard.
pub fn tell(tx: &mut Tx, step: StepId) -> Result<(), Error> {
    let open = sync_steps::table.find(step.to_string()).filter(sync_steps::outcome.eq("sending"));
    diesel::update(open).set(sync_steps::detail.eq(TOLD)).execute(&mut tx.conn)?;
    Ok(())
}

const NOT_ARRIVED: &str = "nobody heard the answer, and the account was found as it was before";

/// To how many different people of a tenant something destructive was done since `since`, or may have
/// been: whose call was on the wire when the process ended, and whose answer nobody heard.
pub fn destructive_since(tx: &mut Tx, tenant: TenantId, since: Ts) -> Result<usize, Error> {
    let people = sync_steps::table
        .inner_join(sync_runs::table)
        .filter(sync_runs::tenant_id.eq(tenant.to_string()))
        .filter(sync_steps::destructive.eq(true))
        // Each new name was asked for by itself, and ended sessions take nothing away: neither takes a
        // share from who leaves.
        .filter(sync_steps::action.ne_all(["rename", "revoke_sessions"]))
        .filter(sync_steps::outcome.eq_any(["done", "sending"]))
        .filter(sync_steps::at.ge(since.0))
        .select(count(sync_steps::user_id).aggregate_distinct());
    let people: i64 = people.first(&mut tx.conn)?;
    Ok(usize::try_from(people).unwrap_or_default())
}

/// People whose newest revocation was begun or meant to be done, and didn't end well: it is done
/// again.
pub fn unrevoked(tx: &mut Tx, tenant: TenantId) -> Result<HashSet<UserId>, Error> {
    const REVOKE: &[&str] = &["revoke_sessions"];
    let outcomes = ["planned", "sending", "done", "skipped", "failed"];
    let newest = newest_of(tx, tenant, None, (REVOKE, &outcomes))?;
    let open = |newest: &Newest| newest.outcome != "done" && newest.outcome != "skipped";
    Ok(newest.into_iter().filter(|(_, newest)| open(newest)).map(|(user, _)| user).collect())
}

/// Whose sessions ended at `since` or later, or who had none before as they were made then; of
/// everybody or of one.
pub(crate) fn without_sessions_since(
    tx: &mut Tx,
    (tenant, user): (TenantId, Option<UserId>),
    since: Ts,
) -> Result<HashSet<UserId>, Error> {
    let ended = newest_of(tx, tenant, user, (&["revoke_sessions", "create"], &["done"]))?;
    let late = |newest: &Newest| newest.at.is_some_and(|at| at >= since.0);
    Ok(ended.into_iter().filter(|(_, newest)| late(newest)).map(|(user, _)| user).collect())
}

/// When we last blocked people's sign-in, of whom we didn't unblock since; of everybody or of one. A
/// block whose answer nobody heard counts, or nobody would open the account again. Who blocked an
/// object that was made later is another question.
pub fn blocked_by_us(
    tx: &mut Tx,
    tenant: TenantId,
    user: Option<UserId>,
) -> Result<HashMap<UserId, Ts>, Error> {
    let since = ["unblock_sign_in", "create"];
    let opened = newest_of(tx, tenant, user, (&since, &["done"]))?;
    let blocked = newest_of(tx, tenant, user, (&["block_sign_in"], &["done", "sending"]))?;
    let lasts = |user: &UserId, newest: &Newest| {
        opened.get(user).is_none_or(|opened| opened.order < newest.order)
    };
    Ok(blocked
        .into_iter()
        .filter(|(user, newest)| lasts(user, newest))
        .filter_map(|(user, newest)| Some((user, Ts(newest.at?))))
        .collect())
}

/// A block or its end whose answer nobody heard, in a run that is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unheard {
    /// The step.
    pub step: StepId,
    /// Whom it is about.
    pub user_id: UserId,
    /// It blocked, or else opened.
    pub blocks: bool,
}

/// What may have been done or not, and can be seen in the account.
pub fn unheard(tx: &mut Tx, tenant: TenantId) -> Result<Vec<Unheard>, Error> {
    let over = [RunState::Finished, RunState::Stopped].map(text::word);
    let rows: Vec<(String, String, String)> = sync_steps::table
        .inner_join(sync_runs::table)
        .filter(sync_runs::tenant_id.eq(tenant.to_string()))
        .filter(sync_runs::state.eq_any(over))
        .filter(sync_steps::outcome.eq("sending"))
        .filter(sync_steps::action.eq_any(["block_sign_in", "unblock_sign_in"]))
        .order(sync_steps::id)
        .select((sync_steps::id, sync_steps::user_id, sync_steps::action))
        .load(&mut tx.conn)?;
    let read = |(id, user, action): (String, String, String)| {
        let row = Row { table: "sync_steps", id: &id };
        let (step, user_id) = (row.id(&id)?, row.id(&user)?);
        Ok(Unheard { step, user_id, blocks: action == "block_sign_in" })
    };
    rows.into_iter().map(read).collect()
}

/// Writes how such a step turned out to have ended, at the time that it was sent.
pub fn settle(tx: &mut Tx, step: StepId, done: bool) -> Result<(), Error> {
    let (outcome, detail) = if done { ("done", "") } else { ("failed", NOT_ARRIVED) };
    let open = sync_steps::table.find(step.to_string()).filter(sync_steps::outcome.eq("sending"));
    diesel::update(open)
        .set((sync_steps::outcome.eq(outcome), sync_steps::detail.eq(detail)))
        .execute(&mut tx.conn)?;
    Ok(())
}

/// Whether the last time that we made an object for a person nobody heard the answer: if there is one
/// now, it is ours.
pub fn may_have_created(tx: &mut Tx, tenant: TenantId, user: UserId) -> Result<bool, Error> {
    Ok(makings_unheard(tx, tenant, Some(user))?.contains(&user))
}

/// For whom we may have made an object like this; of everybody or of one.
pub fn makings_unheard(
    tx: &mut Tx,
    tenant: TenantId,
    user: Option<UserId>,
) -> Result<HashSet<UserId>, Error> {
    let outcomes = ["sending", "done", "failed"];
    let newest = newest_of(tx, tenant, user, (&["create"], &outcomes))?;
    let open = |newest: &Newest| newest.outcome == "sending";
    Ok(newest.into_iter().filter(|(_, newest)| open(newest)).map(|(user, _)| user).collect())
}

/// When we last deleted people, of whom we didn't restore since; of everybody or of one.
pub fn deleted_by_us(
    tx: &mut Tx,
    tenant: TenantId,
    user: Option<UserId>,
) -> Result<HashMap<UserId, Ts>, Error> {
    let newest = newest_of(tx, tenant, user, (&["soft_delete", "restore"], &["done"]))?;
    Ok(newest.into_iter().filter_map(|(user, newest)| newest.at_if("soft_delete", user)).collect())
}

/// A person's newest step of some kinds.
struct Newest {
    action: String,
    outcome: String,
    at: Option<i64>,
    /// Its place among all steps.
    order: (i64, String, i64),
}

impl Newest {
    fn at_if(&self, action: &str, user: UserId) -> Option<(UserId, Ts)> {
        self.at.filter(|_| self.action == action).map(|at| (user, Ts(at)))
    }
}

/// Each person's newest step among `actions` that ended in one of `outcomes`; runs that were never
/// carried out don't count.
fn newest_of(
    tx: &mut Tx,
    tenant: TenantId,
    user: Option<UserId>,
    (actions, outcomes): (&[&str], &[&str]),
) -> Result<HashMap<UserId, Newest>, Error> {
    type Found = (String, String, String, Option<i64>, (i64, String, i64));
    let carried_out = [RunState::Running, RunState::Finished, RunState::Stopped].map(text::word);
    let mut found = sync_steps::table
        .inner_join(sync_runs::table)
        .filter(sync_runs::tenant_id.eq(tenant.to_string()))
        .filter(sync_runs::state.eq_any(carried_out))
        .filter(sync_steps::action.eq_any(actions))
        .filter(sync_steps::outcome.eq_any(outcomes))
        .order((sync_runs::started_at, sync_steps::run_id, sync_steps::seq))
        .select((
            sync_steps::user_id,
            sync_steps::action,
            sync_steps::outcome,
            sync_steps::at,
            (sync_runs::started_at, sync_steps::run_id, sync_steps::seq),
        ))
        .into_boxed();
    if let Some(user) = user {
        found = found.filter(sync_steps::user_id.eq(user.to_string()));
    }
    let rows: Vec<Found> = found.load(&mut tx.conn)?;
    let mut newest = HashMap::new();
    for (user, action, outcome, at, order) in rows {
        let id = Row { table: "sync_steps", id: &user }.id(&user)?;
        newest.insert(id, Newest { action, outcome, at, order });
    }
    Ok(newest)
}

/// The word that the journal has for an action.
const fn kind(action: &Action) -> &'static str {
    match action {
        Action::BlockSignIn => "block_sign_in",
        Action::RevokeSessions => "revoke_sessions",
        Action::Link => "link",
        Action::Adopt { .. } => "adopt",
        Action::Create { .. } => "create",
        Action::Update { .. } => "update",
        Action::Rename { .. } => "rename",
        Action::SetUsageLocation { .. } => "set_usage_location",
        Action::UnblockSignIn => "unblock_sign_in",
        Action::SetLicences { .. } => "set_licences",
        Action::Restore => "restore",
        Action::SoftDelete => "soft_delete",
    }
}

impl StepRow {
    fn read(self) -> Result<(RunId, RunStep), Error> {
        let row = Row { table: "sync_steps", id: &self.id };
        let outcome = match self.outcome.as_str() {
            "planned" => StepOutcome::Planned,
            "sending" => StepOutcome::Sending,
            "done" => StepOutcome::Done,
            "skipped" => StepOutcome::Skipped(self.detail),
            "failed" => StepOutcome::Failed(self.detail),
            _ => return Err(row.corrupt()),
        };
        let step = row.json(&self.step)?;
        Ok((row.id(&self.run_id)?, RunStep { id: row.id(&self.id)?, seq: self.seq, step, outcome }))
    }
}
