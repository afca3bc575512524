//! Walks a plan's steps in their order through the ports. It makes no choices: what to do was
//! decided by the planner, what to do after a failure by the error's verdict (Y12, Y15, Y17).

use std::collections::{HashMap, HashSet};

use model::{
    entra::NewEntraUser,
    ids::{ObjectId, StepId, UserId},
    plan::{Action, Step, StepOutcome, Verdict},
};

use crate::directory::{Directory, Journal, Sleep, Trouble};

/// How often one step is tried in one run (Y17).
pub const MOST_ATTEMPTS: u32 = 8;

/// A step with the id that it has in the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedStep {
    /// The journal's id.
    pub id: StepId,
    /// What to do.
    pub step: Step,
}

/// How a walk ended.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Summary {
    /// Steps that were done.
    pub done: usize,
    /// Steps that were left out.
    pub skipped: usize,
    /// Steps that failed.
    pub failed: usize,
    /// Why the rest wasn't begun, if so.
    pub stopped: Option<String>,
}

/// Carries the steps out. After a step that wasn't done, the rest of that person waits for the
/// next run; everybody else goes on.
pub async fn apply(
    steps: &[PlannedStep],
    directory: &dyn Directory,
    journal: &dyn Journal,
    sleep: &dyn Sleep,
) -> Summary {
    let mut walk = Walk {
        directory,
        journal,
        sleep,
        objects: HashMap::new(),
        parked: HashSet::new(),
        summary: Summary::default(),
    };
    for planned in steps {
        if let Err(reason) = walk.take(planned).await {
            walk.summary.stopped = Some(reason);
            break;
        }
    }
    walk.summary
}

struct Walk<'a> {
    directory: &'a dyn Directory,
    journal: &'a dyn Journal,
    sleep: &'a dyn Sleep,
    objects: HashMap<UserId, ObjectId>,
    parked: HashSet<UserId>,
    summary: Summary,
}

/// How one step ended, and whether the run ends with it.
struct Ending {
    outcome: StepOutcome,
    stop: Option<String>,
}

impl Walk<'_> {
    async fn take(&mut self, planned: &PlannedStep) -> Result<(), String> {
        let ending = if self.parked.contains(&planned.step.user_id) {
            let reason = "an earlier step of this person wasn't done".to_owned();
            Ending { outcome: StepOutcome::Skipped(reason), stop: None }
        } else {
            self.attempt(planned).await?
        };
        match &ending.outcome {
            StepOutcome::Done => self.summary.done += 1,
            StepOutcome::Skipped(_) => self.summary.skipped += 1,
            _ => self.summary.failed += 1,
        }
        if ending.outcome != StepOutcome::Done {
            self.parked.insert(planned.step.user_id);
        }
        self.journal.after(planned.id, ending.outcome).await?;
        ending.stop.map_or(Ok(()), Err)
    }

    async fn attempt(&mut self, planned: &PlannedStep) -> Result<Ending, String> {
        let mut attempts = 0;
        loop {
            self.journal.before(planned.id).await?;
            attempts += 1;
            let Err(trouble) = self.carry_out(&planned.step).await else {
                return Ok(Ending { outcome: StepOutcome::Done, stop: None });
            };
            match trouble.verdict {
                Verdict::RetryAfter(time)
                    if attempts < MOST_ATTEMPTS && time <= self.sleep.most() =>
                {
                    self.sleep.sleep(time).await;
                }
                verdict => return Ok(ending(verdict, trouble.detail)),
            }
        }
    }

    async fn carry_out(&mut self, step: &Step) -> Result<(), Trouble> {
        let directory = self.directory;
        let object = self.object(step);
        match step.action.clone() {
            Action::Create { mail_nickname, immutable_id, usage_location, attributes } => {
                let upn = step.upn.clone();
                let new =
                    NewEntraUser { upn, mail_nickname, immutable_id, usage_location, attributes };
                self.create(step.user_id, new).await
            }
            Action::BlockSignIn => directory.block_sign_in(object?).await,
            Action::RevokeSessions => directory.revoke_sessions(object?).await,
            Action::Link => directory.link_found(step.user_id, object?).await,
            Action::Adopt { immutable_id } => {
                directory.adopt(step.user_id, object?, immutable_id).await
            }
            Action::Rename { upn } => directory.rename(step.user_id, object?, upn).await,
            Action::Update { attributes } => directory.update(object?, attributes).await,
            Action::SetUsageLocation { usage_location } => {
                directory.set_usage_location(object?, usage_location).await
            }
            Action::UnblockSignIn => directory.unblock_sign_in(object?).await,
            Action::SetLicences { add, remove } => {
                directory.set_licences(step.user_id, object?, add, remove).await
            }
            Action::Restore => directory.restore(step.user_id, object?).await,
            Action::SoftDelete => directory.soft_delete(step.user_id, object?).await,
        }
    }

    /// A new object is linked at once, as part of the same step.
    async fn create(&mut self, user: UserId, new: NewEntraUser) -> Result<(), Trouble> {
        let (object, origin) = self.directory.create(user, new).await?;
        self.objects.insert(user, object);
        self.directory.link(user, object, origin).await
    }

    fn object(&self, step: &Step) -> Result<ObjectId, Trouble> {
        let known = step.object_id.or_else(|| self.objects.get(&step.user_id).copied());
        known.ok_or_else(|| Trouble {
            verdict: Verdict::Relink,
            detail: "the person has no object yet".to_owned(),
        })
    }
}

fn ending(verdict: Verdict, detail: String) -> Ending {
    let (outcome, stop) = match verdict {
        Verdict::RetryAfter(_) => (StepOutcome::Failed(detail), None),
        Verdict::SkipObject(reason) => (StepOutcome::Skipped(reason), None),
        Verdict::Relink => {
            let reason = format!("{detail}; the next run looks for the person again");
            (StepOutcome::Skipped(reason), None)
        }
        Verdict::StopRun(reason) => (StepOutcome::Failed(detail), Some(reason)),
    };
    Ending { outcome, stop }
}
