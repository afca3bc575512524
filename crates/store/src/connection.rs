//! One connection to either database, and the transaction that functions of this crate get.
//! Nothing of diesel is visible outside.

use std::sync::Arc;

use diesel::{
    Connection, PgConnection, QueryResult, RunQueryDsl, SqliteConnection,
    backend::Backend,
    connection::SimpleConnection,
    query_builder::{AstPass, QueryFragment, QueryId},
    r2d2::R2D2Connection,
};

use crate::{Error, error::unavailable, revision, seal::Seal, target::Target};

/// Either database behind one connection.
#[derive(diesel::MultiConnection)]
pub(crate) enum AnyConn {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// Runs one expression on whichever connection it is, typed for that database: for the clauses
/// that diesel can't express for both at once.
macro_rules! both {
    ($tx:expr, $conn:ident => $run:expr) => {
        match &mut $tx.conn {
            crate::connection::AnyConn::Sqlite($conn) => $run,
            crate::connection::AnyConn::Postgres($conn) => $run,
        }
    };
}

/// Keeps others from changing the rows of these ids until the transaction ends. SQLite has one writer,
/// which is lock enough.
macro_rules! lock_row {
    ($tx:expr, $table:ident, $id:expr) => {
        if let crate::connection::AnyConn::Postgres(conn) = &mut $tx.conn {
            let row = $table::table.find($id.to_string()).select($table::id).for_update();
            row.load::<String>(conn)?;
        }
    };
}

/// Reads one row and keeps others from changing it until the transaction ends; rows that refer to it
/// may be added meanwhile. SQLite has one writer, which is lock enough.
macro_rules! first_locked {
    ($tx:expr, $row:ty, $query:expr) => {
        match &mut $tx.conn {
            crate::connection::AnyConn::Sqlite(conn) => $query.first::<$row>(conn).optional(),
            crate::connection::AnyConn::Postgres(conn) => {
                $query.for_no_key_update().first::<$row>(conn).optional()
            }
        }
    };
}

/// Inserts many rows. PostgreSQL takes them in one statement; for SQLite diesel would begin a
/// transaction of its own, so they go one by one.
macro_rules! insert_all {
    ($tx:expr, $table:ident, $rows:expr) => {
        match &mut $tx.conn {
            crate::connection::AnyConn::Sqlite(conn) => {
                for row in $rows {
                    diesel::insert_into($table::table).values(row).execute(conn)?;
                }
            }
            crate::connection::AnyConn::Postgres(conn) => {
                diesel::insert_into($table::table).values($rows).execute(conn)?;
            }
        }
    };
}

pub(crate) use {both, first_locked, insert_all, lock_row};

/// Statements that are said around every transaction: compiled once a connection, not each time.
macro_rules! statements {
    ($($name:ident = $sql:literal,)*) => { $(
        #[derive(QueryId)]
        struct $name;

        impl<B: Backend> QueryFragment<B> for $name {
            fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, B>) -> QueryResult<()> {
                out.push_sql($sql);
                Ok(())
            }
        }

        impl<C> RunQueryDsl<C> for $name {}
    )* };
}

statements! {
    Begin = "BEGIN",
    BeginImmediate = "BEGIN IMMEDIATE",
    Commit = "COMMIT",
    BeginPart = "SAVEPOINT part",
    KeepPart = "RELEASE SAVEPOINT part",
}

/// What a transaction may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Look at one snapshot.
    Read,
    /// Change things.
    Write,
}

/// A running transaction. Every function of this crate works inside one. When a function fails,
/// hand its error on: on PostgreSQL the transaction can't continue.
pub struct Tx {
    pub(crate) conn: AnyConn,
    pub(crate) seal: Arc<Seal>,
    pub(crate) mode: Mode,
    /// The revision grows before the commit: last, so that its row is locked for a short time and
    /// never before others.
    pub(crate) revision_moves: bool,
    running: bool,
    broken: bool,
}

impl Tx {
    /// Connects.
    pub(crate) fn connect(target: &Target, seal: Arc<Seal>, mode: Mode) -> Result<Self, Error> {
        let conn = match target {
            Target::Sqlite(path) => AnyConn::Sqlite(open_sqlite(&path.to_string_lossy(), mode)?),
            Target::Postgres(url) => AnyConn::Postgres(open_postgres(url)?),
        };
        Ok(Self { conn, seal, mode, revision_moves: false, running: false, broken: false })
    }

    pub(crate) fn begin(&mut self, mode: Mode) -> Result<(), Error> {
        self.mode = mode;
        self.revision_moves = false;
        let begun = match (&mut self.conn, mode) {
            (AnyConn::Sqlite(c), Mode::Read) => Begin.execute(c).map(drop),
            // A deferred transaction can't become a writing one once another has written.
            (AnyConn::Sqlite(c), Mode::Write) => BeginImmediate.execute(c).map(drop),
            (AnyConn::Postgres(c), Mode::Read) => {
                c.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            }
            (AnyConn::Postgres(c), Mode::Write) => {
                c.batch_execute("BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE")
            }
        };
        self.running = begun.is_ok();
        begun.map_err(|error| {
            self.broken = true;
            unavailable(&error)
        })
    }

    /// Writes what was put off to the end of the transaction.
    pub(crate) fn settle(&mut self) -> Result<(), Error> {
        if std::mem::take(&mut self.revision_moves) { revision::advance(self) } else { Ok(()) }
    }

    pub(crate) fn commit(&mut self) -> Result<(), Error> {
        let committed = match &mut self.conn {
            AnyConn::Sqlite(c) => Commit.execute(c).map(drop),
            // After a failed statement PostgreSQL takes COMMIT for ROLLBACK and reports success;
            // the SELECT fails then.
            AnyConn::Postgres(c) => c.batch_execute("SELECT 1; COMMIT"),
        };
        match committed {
            Ok(()) => {
                self.running = false;
                Ok(())
            }
            Err(error) => {
                self.roll_back();
                Err(unavailable(&error))
            }
        }
    }

    /// Undoes the whole transaction, if one is running.
    pub(crate) fn roll_back(&mut self) {
        self.revision_moves = false;
        if !std::mem::take(&mut self.running) {
            return;
        }
        if let Err(error) = both!(self, c => c.batch_execute("ROLLBACK")) {
            tracing::error!(%error, "a transaction could not be rolled back");
            self.broken = true;
        }
    }

    /// Begins a part that can be undone alone; parts don't nest.
    pub(crate) fn begin_part(&mut self) -> Result<(), Error> {
        self.revision_moves = false;
        match &mut self.conn {
            AnyConn::Sqlite(c) => BeginPart.execute(c)?,
            AnyConn::Postgres(c) => BeginPart.execute(c)?,
        };
        Ok(())
    }

    pub(crate) fn keep_part(&mut self) -> Result<(), Error> {
        match &mut self.conn {
            AnyConn::Sqlite(c) => KeepPart.execute(c)?,
            AnyConn::Postgres(c) => KeepPart.execute(c)?,
        };
        Ok(())
    }

    pub(crate) fn undo_part(&mut self) -> Result<(), Error> {
        self.revision_moves = false;
        let undo = "ROLLBACK TO SAVEPOINT part; RELEASE SAVEPOINT part";
        Ok(both!(self, c => c.batch_execute(undo))?)
    }

    /// Whether the connection is of no more use.
    pub(crate) fn is_broken(&mut self) -> bool {
        self.broken || both!(self, c => c.is_broken())
    }
}

/// Write-ahead log, every commit on the disk before it is acknowledged, references checked.
fn open_sqlite(path: &str, mode: Mode) -> Result<SqliteConnection, Error> {
    let failed = |error: &dyn std::fmt::Display| Error::Open(format!("{path}: {error}"));
    let mut conn = SqliteConnection::establish(path).map_err(|error| failed(&error))?;
    conn.batch_execute(
        "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY;",
    )
    .map_err(|error| failed(&error))?;
    if mode == Mode::Read {
        conn.batch_execute("PRAGMA query_only = ON").map_err(|error| failed(&error))?;
    }
    Ok(conn)
}

/// No statement and no lock waits for ever, and a commit is on the disk unless the server waits
/// for even more.
fn open_postgres(url: &str) -> Result<PgConnection, Error> {
    let mut conn = PgConnection::establish(url).map_err(|error| unavailable(&error))?;
    conn.batch_execute(
        "SET statement_timeout = '15s'; SET lock_timeout = '10s';
         SET idle_in_transaction_session_timeout = '60s'; SET client_min_messages = 'warning';
         SELECT set_config('synchronous_commit', 'on', false)
         WHERE current_setting('synchronous_commit') = 'off'",
    )
    .map_err(|error| unavailable(&error))?;
    Ok(conn)
}
