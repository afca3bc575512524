//! SQLite databases as they were at one moment: begun with again and again, watched while others write,
//! and cut short as by a power failure.

use std::{fs, path::PathBuf, sync::Arc};

use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};
use tempfile::TempDir;

use super::{Count, Guard, Throwaway, settings};
use crate::target::Target;

/// A database as it was at one moment, in memory. Each use of it begins with a copy.
#[derive(Clone)]
pub struct Frozen(Arc<Vec<u8>>);

impl Frozen {
    /// The database as of the last commit.
    pub fn of(database: &Throwaway) -> Self {
        let draft = database.file().with_extension("frozen");
        let mut conn = connect(&database.file());
        let copied = sql_query(format!("VACUUM INTO '{}'", draft.display())).execute(&mut conn);
        copied.expect("a database can be copied");
        let bytes = fs::read(&draft).expect("it was written");
        fs::remove_file(draft).expect("it is ours");
        Self(Arc::new(bytes))
    }

    /// A copy of it.
    #[must_use]
    pub fn thaw(&self) -> Throwaway {
        Throwaway::holding(&self.0, &[])
    }
}

impl Throwaway {
    fn file(&self) -> PathBuf {
        match Target::parse(&self.settings.url) {
            Ok(Target::Sqlite(path)) => path,
            _ => unreachable!("only what is one file is frozen"),
        }
    }

    fn log(&self) -> PathBuf {
        self.file().with_extension("db-wal")
    }

    /// In memory where the machine lets us: the disk is not what is tried here.
    fn holding(file: &[u8], log: &[u8]) -> Self {
        let folder = TempDir::new_in("/dev/shm").or_else(|_| tempfile::tempdir());
        let folder = folder.expect("a temporary folder can be made");
        let path = folder.path().join("gatehouse.db");
        fs::write(&path, file).expect("a file can be written");
        if !log.is_empty() {
            fs::write(path.with_extension("db-wal"), log).expect("a file can be written");
        }
        let settings = settings(format!("sqlite://{}", path.display()));
        let settings = crate::Settings { pool_size: 2, ..settings };
        Self { settings, guard: Arc::new(Guard::Sqlite(folder)) }
    }

    /// How many bytes its write-ahead log has.
    pub fn log_length(&self) -> u64 {
        fs::metadata(self.log()).map_or(0, |log| log.len())
    }

    /// What a power failure leaves when of the log so many bytes had reached the disk.
    #[must_use]
    pub fn after_power_failure(&self, of_the_log: u64) -> Self {
        let file = fs::read(self.file()).expect("it is there");
        let mut log = fs::read(self.log()).unwrap_or_default();
        log.truncate(usize::try_from(of_the_log).unwrap_or(usize::MAX));
        Self::holding(&file, &log)
    }
}

/// Somebody who looks at a database while others write, and notices each commit.
pub struct Watch {
    conn: SqliteConnection,
    version: i64,
}

impl Watch {
    /// Watches from now on.
    pub fn over(database: &Throwaway) -> Self {
        let mut watch = Self { conn: connect(&database.file()), version: 0 };
        watch.saw_commit();
        watch
    }

    /// Whether somebody has committed since it was asked last.
    pub fn saw_commit(&mut self) -> bool {
        let version = self.number("SELECT data_version AS count FROM pragma_data_version");
        std::mem::replace(&mut self.version, version) != version
    }

    /// The only number of the only row, which is named `count`.
    pub fn number(&mut self, sql: &str) -> i64 {
        sql_query(sql).get_result::<Count>(&mut self.conn).expect("it can be asked").count
    }

    /// All rows of one text column named `line`.
    pub fn lines(&mut self, sql: &str) -> Vec<String> {
        let rows: Vec<Line> = sql_query(sql).load(&mut self.conn).expect("it can be asked");
        rows.into_iter().map(|row| row.line).collect()
    }

    /// Keeps everybody from committing until it lets go.
    pub fn hold(&mut self) {
        self.meddle("BEGIN IMMEDIATE");
    }

    /// Lets go.
    pub fn let_go(&mut self) {
        self.meddle("ROLLBACK");
    }

    /// Changes the database behind everybody's back.
    pub fn meddle(&mut self, sql: &str) {
        sql_query(sql).execute(&mut self.conn).expect("it can be changed");
    }
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = diesel::sql_types::Text)]
    line: String,
}

fn connect(file: &std::path::Path) -> SqliteConnection {
    let mut conn = SqliteConnection::establish(&file.to_string_lossy()).expect("it is there");
    sql_query("PRAGMA busy_timeout = 10000").execute(&mut conn).expect("it waits");
    conn
}
