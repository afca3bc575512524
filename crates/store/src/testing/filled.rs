//! Databases that were filled once for a test program: each test begins with a copy.
//!
//! What makes a test slow is often what it begins with: keys and password hashes are dear, and meant
//! to be. A filling is made anew when its program was built anew.

use std::{
    fs,
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

use diesel::{Connection, RunQueryDsl, SqliteConnection, sql_query};
use sha2::{Digest, Sha256};

use super::{Throwaway, connect, database_exists, disconnect_all, random_name, run, server};
use crate::{Database, Store, target::Target};

/// A filling of one kind, by the program that runs.
struct Filling {
    kind: Database,
    /// Its own folder: what lies in it is of this filling alone.
    folder: PathBuf,
    /// When its program was built.
    built: String,
}

/// A copy of the database that `fill` filled, and what it left for whoever uses a copy.
pub(super) fn copy(
    kind: Database,
    name: &str,
    fill: impl FnOnce(Store) -> Vec<u8>,
) -> (Throwaway, Vec<u8>) {
    let filling = Filling::of_this_program(kind, name);
    // Whoever comes second waits, and finds it.
    let lock = fs::File::create(filling.folder.join("lock")).expect("the folder can be written");
    lock.lock().expect("a file can be locked");
    if !filling.is_made() {
        filling.make(fill);
    }
    let notes = fs::read(filling.folder.join("notes")).expect("it was made");
    (filling.throwaway(), notes)
}

impl Filling {
    fn of_this_program(kind: Database, name: &str) -> Self {
        let program = std::env::current_exe().expect("this program is a file");
        let built = fs::metadata(&program).and_then(|file| file.modified()).expect("it is there");
        let built = built.duration_since(UNIX_EPOCH).expect("not built long ago").as_nanos();
        let stem = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let folder = program.with_file_name("filled").join(format!("{stem}-{name}-{kind:?}"));
        fs::create_dir_all(&folder).expect("a folder can be made beside the program");
        Self { kind, folder, built: built.to_string() }
    }

    fn is_made(&self) -> bool {
        let label = fs::read_to_string(self.folder.join("label"));
        label.is_ok_and(|built| built == self.built)
            && match self.kind {
                Database::Sqlite => self.file().exists(),
                Database::Postgres => database_exists(&mut connect(&server()), &self.database()),
            }
    }

    fn make(&self, fill: impl FnOnce(Store) -> Vec<u8>) {
        let draft = match self.kind {
            Database::Sqlite => Throwaway::sqlite(),
            Database::Postgres => Throwaway::postgres(),
        };
        let notes = fill(draft.open());
        self.keep(&draft);
        fs::write(self.folder.join("notes"), notes).expect("the folder can be written");
        fs::write(self.folder.join("label"), &self.built).expect("the folder can be written");
    }

    fn keep(&self, draft: &Throwaway) {
        match Target::parse(&draft.settings.url).expect("it was opened") {
            Target::Sqlite(path) => keep_file(&path, &self.file()),
            Target::Postgres(url) => {
                let mut admin = connect(&server());
                let (from, to) = (url.rsplit('/').next().unwrap_or_default(), self.database());
                disconnect_all(&mut admin, from);
                run(&mut admin, &format!("DROP DATABASE IF EXISTS {to} WITH (FORCE)"));
                run(&mut admin, &format!("CREATE DATABASE {to} TEMPLATE {from}"));
            }
        }
    }

    fn throwaway(&self) -> Throwaway {
        match self.kind {
            Database::Sqlite => {
                let throwaway = Throwaway::sqlite();
                let Ok(Target::Sqlite(path)) = Target::parse(&throwaway.settings.url) else {
                    unreachable!("it names a file")
                };
                fs::copy(self.file(), path).expect("a file can be copied");
                throwaway
            }
            Database::Postgres => Throwaway::copy_of(&self.database()),
        }
    }

    fn file(&self) -> PathBuf {
        self.folder.join("gatehouse.db")
    }

    /// Two checkouts may share a server.
    fn database(&self) -> String {
        let digest = Sha256::digest(self.folder.to_string_lossy().as_bytes());
        format!("filled_{}", hex::encode(&digest[..8]))
    }
}

/// One file without its log, which is private as every database is.
fn keep_file(from: &Path, to: &Path) {
    let draft = to.with_file_name(random_name());
    let mut conn = SqliteConnection::establish(&from.to_string_lossy()).expect("it was opened");
    // Whoever filled it may not have let go of it yet.
    sql_query("PRAGMA busy_timeout = 10000").execute(&mut conn).expect("it waits");
    let copied = sql_query(format!("VACUUM INTO '{}'", draft.display())).execute(&mut conn);
    copied.expect("a database can be copied");
    fs::set_permissions(&draft, fs::metadata(from).expect("it is there").permissions())
        .expect("the copy is ours");
    fs::rename(draft, to).expect("a file can be renamed");
}
