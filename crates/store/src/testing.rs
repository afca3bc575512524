//! Throw-away databases for tests, migrated and empty. Every test of `store` and `app` runs on both
//! (`both`); without a PostgreSQL the tests fail, they are never skipped.
//!
//! `eval "$(scripts/test-db)"` starts one and names it in `GATEHOUSE_TEST_POSTGRES`.

use std::{path::Path, sync::Arc};

use aws_lc_rs::rand;
use diesel::{
    Connection, PgConnection, QueryableByName, RunQueryDsl, sql_query,
    sql_types::{BigInt, Text},
};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use url::Url;

use crate::{Database, Error, MasterKey, Settings, Store, Tx, connection::AnyConn};

mod filled;
mod frozen;

pub use frozen::{Frozen, Watch};

/// What secrets in test databases are sealed with.
pub const MASTER_KEY: [u8; 32] = [7; 32];

/// A database that is thrown away with its last handle; several stores can be opened on it.
#[derive(Clone)]
pub struct Throwaway {
    /// How to open it.
    pub settings: Settings,
    guard: Arc<Guard>,
}

enum Guard {
    Sqlite(#[expect(dead_code, reason = "the folder lives as long as this")] TempDir),
    Postgres { server: Url, name: String },
}

impl Throwaway {
    /// An empty SQLite file.
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let url = format!("sqlite://{}", folder.path().join("gatehouse.db").display());
        Self { settings: settings(url), guard: Arc::new(Guard::Sqlite(folder)) }
    }

    /// A PostgreSQL database, copied from a migrated template.
    pub fn postgres() -> Self {
        let server = server();
        Self::copy_of(&template(&mut connect(&server), &server))
    }

    fn copy_of(template: &str) -> Self {
        let server = server();
        let name = format!("t_{}", random_name());
        let create = format!("CREATE DATABASE {name} TEMPLATE {template}");
        run(&mut connect(&server), &create);
        let url = on(&server, &name);
        Self { settings: settings(url.into()), guard: Arc::new(Guard::Postgres { server, name }) }
    }

    /// A copy of a database that `fill` filled, once for this program and this name. What it returns
    /// comes with each copy. Blocks while it is filled.
    pub fn filled(
        kind: Database,
        name: &str,
        fill: impl FnOnce(Store) -> Vec<u8>,
    ) -> (Self, Vec<u8>) {
        filled::copy(kind, name, fill)
    }

    /// Opens it.
    pub fn open(&self) -> Store {
        let kept = Box::new(Arc::clone(&self.guard));
        Store::open_keeping(&self.settings, Some(kept)).expect("a fresh database opens")
    }

    /// One of each kind.
    pub fn both() -> [Self; 2] {
        [Self::sqlite(), Self::postgres()]
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Self::Postgres { server, name } = self
            && let Ok(mut admin) = PgConnection::establish(server.as_str())
        {
            let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
            if let Err(error) = sql_query(drop).execute(&mut admin) {
                tracing::warn!(%error, name, "a test database was left behind");
            }
        }
    }
}

/// An empty store on SQLite.
pub fn sqlite() -> Store {
    Throwaway::sqlite().open()
}

/// An empty store on PostgreSQL.
pub fn postgres() -> Store {
    Throwaway::postgres().open()
}

/// An empty store of each kind.
pub fn databases() -> [Store; 2] {
    [sqlite(), postgres()]
}

/// Runs `test` on an empty store of each kind, inside a runtime of its own.
pub fn both<F, Done>(test: F)
where
    F: Fn(Store) -> Done,
    Done: Future<Output = ()>,
{
    for store in databases() {
        eprintln!("on {:?}", store.database());
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime can be made");
        runtime.block_on(test(store));
    }
}

/// Runs raw SQL, for what no function of this crate does.
pub fn execute(tx: &mut Tx, sql: &str) -> Result<usize, Error> {
    Ok(sql_query(sql).execute(&mut tx.conn)?)
}

/// The only value of the only row.
pub fn text(tx: &mut Tx, sql: &str) -> Result<String, Error> {
    let found = match &mut tx.conn {
        AnyConn::Sqlite(conn) if sql.starts_with("PRAGMA ") => {
            let name = sql.trim_start_matches("PRAGMA ");
            let sql = format!("SELECT CAST({name} AS TEXT) AS value FROM pragma_{name}");
            sql_query(sql).get_result::<Value>(conn)
        }
        _ => sql_query(sql).get_result::<Value>(&mut tx.conn),
    };
    Ok(found?.value)
}

/// All rows of four text columns named a, b, c, d.
pub fn rows(tx: &mut Tx, sql: &str) -> Result<Vec<[String; 4]>, Error> {
    let rows: Vec<Four> = sql_query(sql).load(&mut tx.conn)?;
    Ok(rows.into_iter().map(|row| [row.a, row.b, row.c, row.d]).collect())
}

#[derive(QueryableByName)]
struct Value {
    #[diesel(sql_type = Text)]
    value: String,
}

#[derive(QueryableByName)]
struct Four {
    #[diesel(sql_type = Text)]
    a: String,
    #[diesel(sql_type = Text)]
    b: String,
    #[diesel(sql_type = Text)]
    c: String,
    #[diesel(sql_type = Text)]
    d: String,
}

fn settings(url: String) -> Settings {
    Settings { url, master_keys: MasterKey::from_bytes(MASTER_KEY).into(), pool_size: 4 }
}

fn server() -> Url {
    #[expect(clippy::disallowed_methods, reason = "scripts/test-db names its server this way")]
    let url = std::env::var("GATEHOUSE_TEST_POSTGRES")
        .expect("GATEHOUSE_TEST_POSTGRES names a server: eval \"$(scripts/test-db)\"");
    Url::parse(&url).expect("GATEHOUSE_TEST_POSTGRES is a URL")
}

fn on(server: &Url, name: &str) -> Url {
    let mut url = server.clone();
    url.set_path(name);
    url
}

fn connect(url: &Url) -> PgConnection {
    PgConnection::establish(url.as_str()).expect("the test server answers")
}

fn run(conn: &mut PgConnection, sql: &str) {
    sql_query(sql).execute(conn).expect("the test server does it");
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// The migrated template, made by whichever test process comes first.
fn template(admin: &mut PgConnection, server: &Url) -> String {
    let name = format!("gatehouse_template_{}", migrations_digest());
    run(admin, "SELECT pg_advisory_lock(7147348903)");
    if !database_exists(admin, &name) {
        let draft = format!("draft_{}", random_name());
        run(admin, &format!("CREATE DATABASE {draft}"));
        let store = Store::open(&settings(on(server, &draft).into()));
        drop(store.expect("an empty database can be brought up to date"));
        disconnect_all(admin, &draft);
        run(admin, &format!("ALTER DATABASE {draft} RENAME TO {name}"));
    }
    run(admin, "SELECT pg_advisory_unlock(7147348903)");
    name
}

fn database_exists(admin: &mut PgConnection, name: &str) -> bool {
    let found = sql_query(format!("SELECT count(*) FROM pg_database WHERE datname = '{name}'"))
        .get_result::<Count>(admin)
        .expect("the test server does it");
    found.count > 0
}

fn disconnect_all(admin: &mut PgConnection, name: &str) {
    let close =
        format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
    run(admin, &close);
}

/// Changed migrations need another template.
fn migrations_digest() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations/postgres");
    let entries = folder.read_dir().expect("the migrations are beside the crates");
    let mut files: Vec<_> =
        entries.flatten().map(|entry| entry.path().join("up.sql")).filter(|f| f.exists()).collect();
    files.sort();
    let mut digest = Sha256::new();
    for file in files {
        digest.update(std::fs::read(file).expect("a migration can be read"));
    }
    hex::encode(&digest.finalize()[..8])
}

fn random_name() -> String {
    let mut bytes = [0; 8];
    rand::fill(&mut bytes).expect("the system has randomness");
    hex::encode(bytes)
}
