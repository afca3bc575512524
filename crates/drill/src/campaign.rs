//! Campaigns: many tasks on several threads, and what came of them.

use std::{
    fmt,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use crate::{
    case::{self, Case, left_out},
    fault::Step,
    op::Op,
    play::Stage,
    prepared::{self, Result},
    schedule::{self, Size},
    single,
};

/// One thing to play.
#[derive(Debug, Clone, Copy)]
pub enum Task {
    /// An operation, a fault, a step.
    Single(Case),
    /// An operation, and the steps at which two runs in a row are killed.
    Killed(Op, Step, Step),
    /// A schedule by chance.
    Chance(u64, Size),
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Single(case) => case.fmt(f),
            Self::Killed(op, first, second) => write!(f, "{first:?}+{second:?} {}", op.name()),
            Self::Chance(seed, _) => write!(f, "seed {seed}"),
        }
    }
}

/// Every case that has a meaning here.
pub fn single() -> Vec<Task> {
    let cases = case::every().into_iter().filter(|case| left_out(case).is_none());
    cases.map(Task::Single).collect()
}

/// Every pair of steps, for each operation.
pub fn killed_twice() -> Vec<Task> {
    let firsts = Op::ALL.iter().flat_map(|op| Step::ALL.map(|step| (*op, step)));
    firsts.flat_map(|(op, first)| Step::ALL.map(|second| Task::Killed(op, first, second))).collect()
}

/// So many schedules by chance, from a seed on.
pub fn by_chance(from: u64, many: u64, size: Size) -> Vec<Task> {
    (from..from.saturating_add(many)).map(|seed| Task::Chance(seed, size)).collect()
}

/// Plays every task on so many threads; `tell` hears of each that broke something. Says how many did.
pub fn play_all(tasks: &[Task], threads: usize, tell: impl Fn(&Task, &[String]) + Sync) -> usize {
    prepared::all();
    let (next, failed) = (AtomicUsize::new(0), Mutex::new(0));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                let runtime = runtime.expect("a runtime can be made");
                runtime.block_on(async {
                    let stage = Stage::set_up().await.expect("a stage can be set up");
                    while let Some(task) = tasks.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let broken = play(&stage, task).await;
                        let broken = broken.unwrap_or_else(|error| vec![error.to_string()]);
                        if !broken.is_empty() {
                            let mut failed = failed.lock().unwrap_or_else(PoisonError::into_inner);
                            *failed += 1;
                            tell(task, &broken);
                        }
                    }
                });
            });
        }
    });
    failed.into_inner().unwrap_or_else(PoisonError::into_inner)
}

async fn play(stage: &Stage, task: &Task) -> Result<Vec<String>> {
    match task {
        Task::Single(case) => single::play(stage, case).await,
        Task::Killed(op, first, second) => single::killed(stage, *op, *first, *second).await,
        Task::Chance(seed, size) => schedule::play(stage, *seed, *size).await,
    }
}
