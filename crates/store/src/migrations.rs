//! Brings the database up to date, forward only, in one transaction. A newer schema or a wrong
//! master key stops it before anything is changed (R134).

use diesel::{
    OptionalExtension, QueryDsl, RunQueryDsl,
    connection::{AnsiTransactionManager, SimpleConnection, TransactionManager},
    migration::Migration,
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use secrecy::ExposeSecret;

use crate::{
    Error, Tx,
    connection::{AnyConn, both},
    schema::seal_canary,
    seal::Place,
    sealed_columns::SealedColumn,
};

const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");
const CANARY: Place<'_> = Place { column: SealedColumn::Canary, row: "canary" };
const SONG: &[u8] = b"gatehouse canary";

/// Runs what is missing and checks the master key.
pub(crate) fn run(tx: &mut Tx) -> Result<(), Error> {
    // The harness begins parts of its own, so this transaction is one that diesel knows of.
    match &mut tx.conn {
        AnyConn::Sqlite(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE"),
        AnyConn::Postgres(c) => AnsiTransactionManager::begin_transaction(c),
    }?;
    let done = bring_up_to_date(tx);
    if done.is_ok() {
        both!(tx, c => AnsiTransactionManager::commit_transaction(c))?;
    } else {
        both!(tx, c => AnsiTransactionManager::rollback_transaction(c))?;
    }
    done
}

fn bring_up_to_date(tx: &mut Tx) -> Result<(), Error> {
    if let AnyConn::Postgres(conn) = &mut tx.conn {
        // Two nodes that start at once take turns.
        conn.batch_execute("SELECT pg_advisory_xact_lock(7147348902)")?;
    }
    if !refuse_newer(tx)?.is_empty() {
        check_master_key(tx)?;
    }
    let ran = match &mut tx.conn {
        AnyConn::Sqlite(conn) => conn.run_pending_migrations(SQLITE).map(|ran| ran.len()),
        AnyConn::Postgres(conn) => conn.run_pending_migrations(POSTGRES).map(|ran| ran.len()),
    };
    let ran = ran.map_err(|error| Error::Open(error.to_string()))?;
    if ran > 0 {
        tracing::info!(migrations = ran, "the database was brought up to date");
    }
    check_master_key(tx)
}

/// The versions that have been applied, oldest first; an unknown one is refused.
fn refuse_newer(tx: &mut Tx) -> Result<Vec<String>, Error> {
    let applied = both!(tx, conn => conn.applied_migrations());
    let applied = applied.map_err(|error| Error::Open(error.to_string()))?;
    let applied: Vec<String> = applied.iter().rev().map(ToString::to_string).collect();
    let known = versions();
    match applied.iter().find(|version| !known.contains(version)) {
        Some(version) => Err(Error::NewerSchema { version: version.clone() }),
        None => Ok(applied),
    }
}

fn versions() -> Vec<String> {
    use diesel::migration::MigrationSource;
    let migrations = MigrationSource::<diesel::sqlite::Sqlite>::migrations(&SQLITE);
    let migrations: Vec<Box<dyn Migration<diesel::sqlite::Sqlite>>> =
        migrations.unwrap_or_default();
    migrations.iter().map(|migration| migration.name().version().to_string()).collect()
}

fn check_master_key(tx: &mut Tx) -> Result<(), Error> {
    let canary: Option<Vec<u8>> = seal_canary::table
        .find(CANARY.row)
        .select(seal_canary::canary)
        .first(&mut tx.conn)
        .optional()?;
    let Some(canary) = canary else { return place_canary(tx) };
    match tx.seal.open(CANARY, &canary) {
        Ok(song) if song.expose_secret() == SONG => Ok(()),
        _ => Err(Error::WrongMasterKey),
    }
}

fn place_canary(tx: &mut Tx) -> Result<(), Error> {
    use diesel::ExpressionMethods;
    let sealed = tx.seal.close(CANARY, SONG)?;
    diesel::insert_into(seal_canary::table)
        .values((seal_canary::id.eq(CANARY.row), seal_canary::canary.eq(sealed)))
        .execute(&mut tx.conn)?;
    Ok(())
}
