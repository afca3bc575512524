//! The open database: read transactions, write transactions, nothing else.

use std::{fmt, fs::OpenOptions, os::unix::fs::OpenOptionsExt, path::Path, sync::Arc};

use crate::{
    Error, Settings, Tx,
    connection::Mode,
    migrations,
    pool::{Connected, Connections},
    seal::Seal,
    target::{Database, Target},
    writer::Writer,
};

/// The open database; clones share it.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    /// Only SQLite has one.
    writer: Option<Writer>,
    connected: Connected,
    database: Database,
    master_key_id: String,
    /// What a test's database needs to be thrown away; dropped after the connections.
    _kept: Option<Box<dyn Send + Sync>>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Store({:?})", self.inner.database)
    }
}

impl Store {
    /// Opens the database, brings it up to date and checks the master key.
    pub fn open(settings: &Settings) -> Result<Self, Error> {
        Self::open_keeping(settings, None)
    }

    pub(crate) fn open_keeping(
        settings: &Settings,
        kept: Option<Box<dyn Send + Sync>>,
    ) -> Result<Self, Error> {
        let target = Target::parse(&settings.url)?;
        if let Target::Sqlite(path) = &target {
            create_private(path)?;
        }
        let database = target.database();
        let seal = Arc::new(Seal::new(&settings.master_keys));
        let connections = Connections { target, seal };
        let mut first = connections.connect(Mode::Write)?;
        migrations::run(&mut first)?;
        let connected = Connected::open(connections.clone(), settings.pool_size.max(1))?;
        let writer = match database {
            Database::Sqlite => Some(Writer::start(first, connections)?),
            Database::Postgres => None,
        };
        let master_key_id = settings.master_keys.current.id();
        let inner = Inner { writer, connected, database, master_key_id, _kept: kept };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Which database it is.
    #[must_use]
    pub fn database(&self) -> Database {
        self.inner.database
    }

    /// The id of the master key that secrets are sealed with.
    #[must_use]
    pub fn master_key_id(&self) -> &str {
        &self.inner.master_key_id
    }

    /// Reads from one snapshot.
    pub async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut Tx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.on_blocking_thread(Mode::Read, work).await
    }

    /// Reads a few indexed rows from one snapshot. SQLite has them in less time than it takes to
    /// change threads, so there it happens on the calling thread.
    pub async fn read_briefly<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut Tx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        match self.database() {
            Database::Sqlite => self.read_blocking(work),
            Database::Postgres => self.read(work).await,
        }
    }

    /// Reads from one snapshot, on the calling thread.
    pub fn read_blocking<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut Tx) -> Result<T, E>,
        E: From<Error>,
    {
        self.inner.connected.run(Mode::Read, work)
    }

    /// Changes things in one transaction. It is on the disk when this returns `Ok`; an error or a
    /// panic undoes it alone.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut Tx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        match &self.inner.writer {
            Some(writer) => writer.write(work).await,
            None => self.on_blocking_thread(Mode::Write, work).await,
        }
    }

    /// Changes things in one transaction, on a thread that may block.
    pub fn write_blocking<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut Tx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        match &self.inner.writer {
            Some(writer) => writer.write_blocking(work),
            None => self.inner.connected.run(Mode::Write, work),
        }
    }

    /// How many closures wait for the writer.
    #[cfg(feature = "testing")]
    pub fn waiting(&self) -> usize {
        self.inner.writer.as_ref().map_or(0, Writer::waiting)
    }

    async fn on_blocking_thread<T, E, F>(&self, mode: Mode, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut Tx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let store = self.clone();
        let ran = tokio::task::spawn_blocking(move || store.inner.connected.run(mode, work)).await;
        ran.unwrap_or_else(|_| Err(Error::Unavailable.into()))
    }
}

/// The file holds password hashes and sealed keys: only its owner may read it. SQLite gives its
/// companions the same mode.
fn create_private(path: &Path) -> Result<(), Error> {
    let made = OpenOptions::new().append(true).create(true).mode(0o600).open(path);
    made.map(drop).map_err(|error| Error::Open(format!("{}: {error}", path.display())))
}
