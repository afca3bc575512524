//! Connections that are kept open, and transactions that run on the calling thread.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use diesel::r2d2::{ManageConnection, Pool, PooledConnection};

use crate::{
    Error, Tx,
    connection::Mode,
    error::unavailable,
    seal::Seal,
    target::{Database, Target},
};

/// Makes connections to one database.
#[derive(Clone)]
pub(crate) struct Connections {
    pub(crate) target: Target,
    pub(crate) seal: Arc<Seal>,
}

impl Connections {
    pub(crate) fn connect(&self, mode: Mode) -> Result<Tx, Error> {
        Tx::connect(&self.target, Arc::clone(&self.seal), mode)
    }
}

impl ManageConnection for Connections {
    type Connection = Tx;
    type Error = Error;

    fn connect(&self) -> Result<Tx, Error> {
        Connections::connect(self, Mode::Read)
    }

    /// A dead connection shows at its next BEGIN; asking first would cost every transaction.
    fn is_valid(&self, _: &mut Tx) -> Result<(), Error> {
        Ok(())
    }

    fn has_broken(&self, tx: &mut Tx) -> bool {
        tx.is_broken()
    }
}

/// The kept connections.
pub(crate) struct Connected(Pool<Connections>);

impl Connected {
    pub(crate) fn open(connections: Connections, size: u32) -> Result<Self, Error> {
        let least = match connections.target.database() {
            Database::Sqlite => size,
            Database::Postgres => 1,
        };
        Pool::builder()
            .max_size(size)
            .min_idle(Some(least))
            .test_on_check_out(false)
            .idle_timeout(None)
            .max_lifetime(None)
            .connection_timeout(Duration::from_secs(10))
            .build(connections)
            .map(Self)
            .map_err(|error| Error::Open(error.to_string()))
    }

    /// Runs `work` as one transaction: kept when it succeeds, undone when it fails or panics.
    pub(crate) fn run<T, E, F>(&self, mode: Mode, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut Tx) -> Result<T, E>,
        E: From<Error>,
    {
        let mut tx = self.begin(mode)?;
        let ended = catch_unwind(AssertUnwindSafe(|| {
            let value = work(&mut tx)?;
            tx.settle()?;
            Ok(value)
        }));
        match ended {
            Ok(Ok(value)) => {
                tx.commit()?;
                Ok(value)
            }
            Ok(Err(error)) => {
                tx.roll_back();
                Err(error)
            }
            Err(_) => {
                tx.roll_back();
                Err(Error::Panicked.into())
            }
        }
    }

    /// After the server was restarted every kept connection is dead: each is tried once.
    fn begin(&self, mode: Mode) -> Result<PooledConnection<Connections>, Error> {
        let mut trouble = Error::Unavailable;
        for _ in 0..=self.0.max_size() {
            let mut tx = self.0.get().map_err(|error| unavailable(&error))?;
            match tx.begin(mode) {
                Ok(()) => return Ok(tx),
                Err(error) => trouble = error,
            }
        }
        Err(trouble)
    }
}
