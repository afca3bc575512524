//! One case being played: both sides as they were prepared, a house that runs, is struck and runs again.

mod blows;

use std::{
    collections::HashSet,
    future::poll_fn,
    pin::{Pin, pin},
    sync::Arc,
    task::Poll,
    time::Duration,
};

use app::{Clock as _, House, sync::Lane};
use model::{Actor, plan::Scope};
use simulator::Simulator;
use store::{
    Store,
    testing::{Throwaway, Watch},
};

use crate::{
    clock::VirtualClock,
    prepared::{self, Prepared, Result},
    script::{Blow, Moment, Script, Subject},
    wire::{Rule, Trouble, Wire},
};

/// A run of the engine.
pub type Run = Pin<Box<dyn Future<Output = app::Result<()>>>>;

/// How long until the next run by the schedule.
pub const A_CYCLE: Duration = Duration::from_mins(15);

/// The number of the newest run.
const NEWEST_RUN: &str = "SELECT max(rowid) AS count FROM sync_runs";

/// What every case on one thread uses again.
pub struct Stage {
    /// The time.
    pub clock: VirtualClock,
    /// Microsoft.
    pub simulator: Arc<Simulator>,
    /// What lies between.
    pub wire: Wire,
}

impl Stage {
    /// Sets it up.
    pub async fn set_up() -> Result<Self> {
        let clock = VirtualClock::default();
        let simulator = prepared::simulator(&clock).await?;
        let wire = Wire::lay(Arc::clone(&simulator), clock.clone()).await?;
        Ok(Self { clock, simulator, wire })
    }
}

/// One case being played.
pub struct Play<'s> {
    /// What is used again.
    pub stage: &'s Stage,
    /// What it began with.
    pub prepared: &'s Prepared,
    /// Our side.
    pub database: Throwaway,
    /// Somebody who looks at it.
    pub watch: Watch,
    /// Whom it is about.
    pub subject: Subject,
    /// The number of the newest run before.
    pub since: i64,
    /// The immutable ids of whoever had products when it began.
    pub licensed: HashSet<String>,
    /// What went wrong in runs that were meant to go well.
    pub trouble: Vec<String>,
    store: Store,
    house: House,
    seed: u64,
    houses: u64,
    /// How long the log was before the newest commit.
    log_before: u64,
    log_now: u64,
}

/// How far a run came.
enum Came {
    ToItsEnd(app::Result<()>),
    ToTheMoment(Run),
}

impl<'s> Play<'s> {
    /// Both sides as they were prepared.
    pub async fn begin(
        stage: &'s Stage,
        prepared: &'s Prepared,
        who: &str,
        seed: u64,
    ) -> Result<Self> {
        stage.clock.begin_at(prepared.passed);
        stage.simulator.begin_from(&prepared.tenant);
        stage.wire.begin(seed).await;
        let database = prepared.database.thaw();
        prepared::lead_to(&database, &stage.wire);
        let store = database.open();
        let house = prepared::house(&store, &stage.clock, seed).await?;
        let mut watch = Watch::over(&database);
        let since = watch.number(NEWEST_RUN);
        let upn = format!("{who}@contoso.com");
        let account = prepared.sample.people.iter().find(|account| account.upn == upn);
        let anchor = account.map(|account| account.immutable_id.clone()).unwrap_or_default();
        let subject = Subject { object: prepared.object.clone(), anchor };
        let had = |user: &simulator::User| {
            (!user.licenses.is_empty()).then(|| user.immutable_id().map(str::to_owned))?
        };
        let licensed = stage.simulator.tenant().users.iter().filter_map(had).collect();
        stage.clock.pass(A_CYCLE);
        let (log_before, log_now) = (0, database.log_length());
        let trouble = Vec::new();
        Ok(Self {
            stage,
            prepared,
            database,
            watch,
            subject,
            since,
            licensed,
            trouble,
            store,
            house,
            seed,
            houses: 1,
            log_before,
            log_now,
        })
    }

    /// The house of now.
    pub const fn house(&self) -> &House {
        &self.house
    }

    /// Our store, for whoever acts in the house.
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// What was broken, and what the runs said, where somebody wants to know.
    pub fn with_story(&mut self, mut broken: Vec<String>) -> Vec<String> {
        if !broken.is_empty() && std::env::args().any(|arg| arg == "--tell") {
            broken.extend(self.told());
        }
        broken
    }

    /// The number of the newest run.
    pub fn newest_run(&mut self) -> i64 {
        self.watch.number(NEWEST_RUN)
    }

    /// A run over everybody.
    pub fn everybody(&self) -> Run {
        let (house, tenant) = (self.house.clone(), self.prepared.tenant_id);
        Box::pin(
            async move { house.sync(tenant, Scope::Everyone, Actor::Schedule).await.map(drop) },
        )
    }

    /// All that waits in the outbox, each thing once.
    pub fn outbox(&self) -> Run {
        let house = self.house.clone();
        Box::pin(async move {
            for lane in [Lane::Safety, Lane::Rest] {
                house.drain_outbox(lane).await?;
            }
            Ok(())
        })
    }

    /// Arranges what a script says, before its run.
    pub fn arrange(&mut self, script: &Script) {
        for sql in &script.spoil {
            self.watch.meddle(sql);
        }
        if let Some(arrange) = &script.arrange {
            arrange(&self.stage.simulator);
        }
        self.stage.simulator.faults().set_replication_lag(script.lag);
        self.watch.saw_commit();
    }

    /// Puts right again what is ours to put right.
    pub fn put_right(&mut self, script: &Script) {
        self.stage.wire.calm();
        for sql in &script.mend {
            self.watch.meddle(sql);
        }
        self.stage.clock.put_right();
    }

    /// Runs with these rules on the wire, and a blow at a moment. Says whether the moment came.
    pub async fn run(
        &mut self,
        rules: &[Rule],
        strike: Option<&(Moment, Blow)>,
        run: Run,
    ) -> Result<bool> {
        for rule in rules {
            let storm = rule.percent < 100;
            let until = self.stage.clock.passed() + Duration::from_mins(30);
            self.stage.wire.rule(Rule { until: storm.then_some(until), ..rule.clone() });
        }
        let Some((moment, blow)) = strike else {
            drop(self.drive(run, None).await);
            return Ok(true);
        };
        let commit = match moment {
            Moment::Commit(_) | Moment::Commits(_) => Some(moment),
            Moment::Call { on, skip, carried_out } => {
                let what = Trouble::Stopped { carried_out: *carried_out };
                self.stage.wire.rule(Rule::next(on.clone(), what).after(*skip));
                None
            }
        };
        match self.drive(run, commit).await {
            Came::ToItsEnd(_) => Ok(false),
            Came::ToTheMoment(run) => self.strike(*blow, run).await.map(|()| true),
        }
    }

    /// Polls a run until its end, a commit, or a call that stops it.
    async fn drive(&mut self, mut run: Run, until: Option<&Moment>) -> Came {
        let wire = self.stage.wire.clone();
        let mut stopped = pin!(wire.stopped());
        let mut commits = 0;
        let exact = matches!(until, Some(Moment::Commit(_) | Moment::Commits(_)));
        let ended = poll_fn(|cx| {
            // Nobody commits between the look and the poll: a commit is seen before whoever made it
            // hears of it.
            if exact {
                self.watch.hold();
            }
            let polled =
                if self.has_come(until, &mut commits) || stopped.as_mut().poll(cx).is_ready() {
                    Poll::Ready(None)
                } else {
                    run.as_mut().poll(cx).map(Some)
                };
            if exact {
                self.watch.let_go();
            }
            polled
        });
        match ended.await {
            Some(result) => Came::ToItsEnd(result),
            None => Came::ToTheMoment(run),
        }
    }

    /// Whether a commit was made since it was asked last, after which a moment has come.
    fn has_come(&mut self, until: Option<&Moment>, commits: &mut u32) -> bool {
        if !self.watch.saw_commit() {
            return false;
        }
        self.log_before = std::mem::replace(&mut self.log_now, self.database.log_length());
        *commits += 1;
        match until {
            Some(Moment::Commit(sql)) => self.watch.number(sql) > 0,
            Some(Moment::Commits(wanted)) => *commits >= *wanted,
            _ => false,
        }
    }

    /// All goes well for one cycle: what waits is done, and then everybody.
    pub async fn cycle(&mut self) {
        self.stage.clock.pass(A_CYCLE);
        self.stage.wire.deliver_late().await;
        for run in [self.outbox(), self.everybody()] {
            if let Came::ToItsEnd(Err(error)) = self.drive(run, None).await {
                self.trouble.push(format!("a cycle that nothing disturbed: {error}"));
            }
        }
    }

    /// The words of the newest runs, for whoever looks for a fault.
    pub fn told(&mut self) -> Vec<String> {
        self.watch.lines(&format!(
            "SELECT state || ' ' || reason || ' ' || conflicts || ' | ' || \
             coalesce((SELECT group_concat(action || '=' || outcome || ' ' || detail, '; ') \
             FROM sync_steps WHERE run_id = sync_runs.id), '') AS line \
             FROM sync_runs WHERE rowid > {} ORDER BY rowid",
            self.since
        ))
    }
}
