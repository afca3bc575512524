//! Both migration folders make the same tables, and a newer schema is refused (ruling 37).

use std::{collections::BTreeMap, fs, path::Path};

use store::{
    Database, Error, Store, Tx,
    testing::{Throwaway, databases, execute, rows},
};

pub(crate) type Tables = BTreeMap<String, Vec<String>>;

/// Every table with its columns, each as "name type null?", in order.
pub(crate) fn tables(tx: &mut Tx, database: Database) -> Result<Tables, Error> {
    let sql = match database {
        Database::Sqlite => {
            "SELECT t.name AS a, c.name AS b, c.type AS c,
                    CASE WHEN c.\"notnull\" THEN 'NO' ELSE 'YES' END AS d
             FROM sqlite_schema t JOIN pragma_table_info(t.name) c
             WHERE t.type = 'table' ORDER BY t.name, c.cid"
        }
        Database::Postgres => {
            "SELECT table_name::text AS a, column_name::text AS b, data_type::text AS c,
                    is_nullable::text AS d
             FROM information_schema.columns WHERE table_schema = 'public'
             ORDER BY table_name, ordinal_position"
        }
    };
    let mut tables = Tables::new();
    for [table, column, kind, null] in rows(tx, sql)? {
        if table.starts_with("__diesel") || table.starts_with("sqlite_") {
            continue;
        }
        let kind = match kind.as_str() {
            "boolean" | "bigint" | "INTEGER" => "number",
            "bytea" | "BLOB" => "bytes",
            "text" | "TEXT" => "text",
            other => other,
        };
        tables.entry(table).or_default().push(format!("{column} {kind} {null}"));
    }
    Ok(tables)
}

/// Every index with its table, uniqueness and columns.
fn indexes(tx: &mut Tx, database: Database) -> Result<Vec<[String; 4]>, Error> {
    rows(
        tx,
        match database {
            Database::Sqlite => {
                "SELECT m.name AS a, m.name AS b, CAST(i.\"unique\" AS TEXT) AS c,
                        group_concat(x.name, ',') AS d
                 FROM sqlite_schema m JOIN pragma_index_list(m.name) i
                 JOIN pragma_index_info(i.name) x
                 WHERE m.type = 'table' AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\'
                 GROUP BY m.name, i.name ORDER BY 1, 4, 3"
            }
            Database::Postgres => {
                "SELECT t.relname::text AS a, t.relname::text AS b,
                        CASE WHEN x.indisunique THEN '1' ELSE '0' END AS c,
                        string_agg(a.attname::text, ',' ORDER BY k.place) AS d
                 FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid
                 JOIN pg_namespace n ON n.oid = t.relnamespace AND n.nspname = 'public'
                 CROSS JOIN LATERAL unnest(x.indkey) WITH ORDINALITY AS k(column_number, place)
                 JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.column_number
                 WHERE t.relname NOT LIKE '\\_\\_%'
                 GROUP BY t.relname, x.indexrelid, x.indisunique ORDER BY 1, 4, 3"
            }
        },
    )
}

/// R170
#[test]
fn both_folders_make_the_same_tables_columns_and_indexes() {
    let [lite, server] = databases().map(|store| {
        let database = store.database();
        store
            .read_blocking(|tx| Ok::<_, Error>((tables(tx, database)?, indexes(tx, database)?)))
            .expect("read")
    });
    assert_eq!(lite.0.len(), 88, "{:?}", lite.0.keys());
    assert_eq!(lite.0, server.0);
    // The primary key of `revision` is SQLite's row id, which has no index of its own.
    let sorted = |mut indexes: Vec<[String; 4]>| {
        indexes.retain(|[table, ..]| table != "revision");
        indexes.sort();
        indexes
    };
    assert_eq!(sorted(lite.1), sorted(server.1));
}

#[test]
fn both_folders_have_the_same_steps() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
    let [lite, server] = ["sqlite", "postgres"].map(|database| {
        let entries = fs::read_dir(folder.join(database)).expect("the folder");
        let mut names: Vec<_> = entries.map(|e| e.expect("an entry").file_name()).collect();
        names.sort();
        names
    });
    assert_eq!(lite, server);
}

#[test]
fn every_sqlite_table_is_strict() {
    let store = store::testing::sqlite();
    let sql = "SELECT name AS a, type AS b, type AS c, type AS d FROM pragma_table_list
               WHERE schema = 'main' AND type = 'table' AND strict = 0
               AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE '\\_\\_%' ESCAPE '\\'";
    let loose = store.read_blocking(|tx| rows(tx, sql)).expect("read");
    assert!(loose.is_empty(), "{loose:?}");
}

/// R170
#[test]
fn a_newer_schema_is_refused() {
    for database in Throwaway::both() {
        let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('20991231235959')";
        database.open().write_blocking(move |tx| execute(tx, newer)).expect("pretended");
        let refused = Store::open(&database.settings).expect_err("refused");
        assert!(
            matches!(&refused, Error::NewerSchema { version } if version == "20991231235959"),
            "{refused:?}"
        );
    }
}

#[test]
fn words_that_are_not_in_the_list_are_refused_by_the_database() {
    for store in databases() {
        let wrong = "INSERT INTO users (id, upn, immutable_id, state, profile, search_fold,
                     created_at, updated_at) VALUES ('1', 'a', 'a', 'zzz', '{}', '', 0, 0)";
        let refused = store.write_blocking(move |tx| execute(tx, wrong));
        assert!(matches!(refused, Err(Error::Driver(_))), "{refused:?}");
    }
}
