//! The one thread that writes to SQLite. Whatever waits while a commit goes to the disk shares the
//! next commit (group commit); each closure has a savepoint of its own, and is answered only after
//! the commit.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
};

use tokio::sync::{mpsc, oneshot};

use crate::{Error, Tx, connection::Mode, error::unavailable, pool::Connections};

/// How many closures may wait for the writer; more wait outside.
const WAITING: usize = 4096;
/// How many closures share a commit at most, so that none waits long.
const SHARING: usize = 128;

/// The way to the writing thread; it ends when the last way to it is gone.
pub(crate) struct Writer {
    jobs: mpsc::Sender<Box<dyn Job>>,
}

impl Writer {
    /// Starts the thread with `tx` as its connection.
    pub(crate) fn start(tx: Tx, connections: Connections) -> Result<Self, Error> {
        let (jobs, waiting) = mpsc::channel(WAITING);
        let mut desk = Desk { tx, connections, waiting };
        thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || desk.work())
            .map_err(|error| Error::Open(error.to_string()))?;
        Ok(Self { jobs })
    }

    #[cfg(feature = "testing")]
    pub(crate) fn waiting(&self) -> usize {
        self.jobs.max_capacity() - self.jobs.capacity()
    }

    /// Waits until `work` is on the disk, or undone.
    pub(crate) async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut Tx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (job, answer) = Pending::queue_up(work);
        self.jobs.send(job).await.map_err(|_| Error::Unavailable)?;
        answer.await.unwrap_or_else(|_| Err(Error::Unavailable.into()))
    }

    /// The same for a thread that may block.
    pub(crate) fn write_blocking<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut Tx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (job, answer) = Pending::queue_up(work);
        self.jobs.blocking_send(job).map_err(|_| Error::Unavailable)?;
        answer.blocking_recv().unwrap_or_else(|_| Err(Error::Unavailable.into()))
    }
}

/// How a shared transaction ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ended {
    OnDisk,
    Undone,
}

/// One closure that waits for the writer.
trait Job: Send {
    /// Runs the closure; false when its part must be undone.
    fn run(&mut self, tx: &mut Tx) -> bool;
    /// Tells the one who waits.
    fn answer(self: Box<Self>, ended: Ended);
}

struct Pending<F, T, E> {
    work: Option<F>,
    outcome: Option<Result<T, E>>,
    answer: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Pending<F, T, E>
where
    F: FnOnce(&mut Tx) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<Error> + Send + 'static,
{
    fn queue_up(work: F) -> (Box<dyn Job>, oneshot::Receiver<Result<T, E>>) {
        let (answer, waiting) = oneshot::channel();
        (Box::new(Self { work: Some(work), outcome: None, answer }), waiting)
    }
}

impl<F, T, E> Job for Pending<F, T, E>
where
    F: FnOnce(&mut Tx) -> Result<T, E> + Send,
    T: Send,
    E: From<Error> + Send,
{
    fn run(&mut self, tx: &mut Tx) -> bool {
        let Some(work) = self.work.take() else { return false };
        let ended = catch_unwind(AssertUnwindSafe(|| {
            let value = work(tx)?;
            tx.settle()?;
            Ok(value)
        }));
        let outcome = ended.unwrap_or_else(|_| Err(Error::Panicked.into()));
        self.outcome.insert(outcome).is_ok()
    }

    fn answer(self: Box<Self>, ended: Ended) {
        let outcome = match (self.outcome, ended) {
            (Some(Err(error)), _) => Err(error),
            (Some(Ok(value)), Ended::OnDisk) => Ok(value),
            (Some(Ok(_)), Ended::Undone) | (None, _) => Err(Error::Unavailable.into()),
        };
        // Who asked may have gone away meanwhile; what was committed stays.
        drop(self.answer.send(outcome));
    }
}

/// The writing thread's own things.
struct Desk {
    tx: Tx,
    connections: Connections,
    waiting: mpsc::Receiver<Box<dyn Job>>,
}

impl Desk {
    fn work(&mut self) {
        while let Some(first) = self.waiting.blocking_recv() {
            self.share_a_commit(first);
            if self.tx.is_broken() {
                self.reconnect();
            }
        }
    }

    fn share_a_commit(&mut self, first: Box<dyn Job>) {
        if self.tx.begin(Mode::Write).is_err() {
            return first.answer(Ended::Undone);
        }
        let mut jobs = Vec::new();
        let mut next = Some(first);
        let mut sound = true;
        while let Some(mut job) = next.take() {
            sound = self.run_apart(job.as_mut());
            jobs.push(job);
            if sound && jobs.len() < SHARING {
                next = self.waiting.try_recv().ok();
            }
        }
        let ended = if sound && self.tx.commit().is_ok() { Ended::OnDisk } else { Ended::Undone };
        if ended == Ended::Undone {
            self.tx.roll_back();
        }
        for job in jobs {
            job.answer(ended);
        }
    }

    /// Runs one job in a savepoint; false when the shared transaction itself is lost, as after a
    /// full disk.
    fn run_apart(&mut self, job: &mut dyn Job) -> bool {
        let tx = &mut self.tx;
        if let Err(error) = tx.begin_part() {
            unavailable(&error);
            return false;
        }
        let ended = if job.run(tx) { tx.keep_part() } else { tx.undo_part() };
        ended.is_ok()
    }

    fn reconnect(&mut self) {
        match self.connections.connect(Mode::Write) {
            Ok(tx) => self.tx = tx,
            Err(error) => tracing::error!(%error, "the writer could not reopen the database"),
        }
    }
}
