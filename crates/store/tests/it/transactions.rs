//! What `read` and `write` promise: all or nothing, alone or together, on the disk or not at all.

use std::sync::mpsc;

use futures::future::join_all;
use store::{
    Database, Error, Settings, Store, settings,
    testing::{self, Throwaway, both},
    users,
};

use crate::samples::{alice, user};

/// What the app's own error looks like to the store.
#[derive(Debug)]
enum Refused {
    ByRule,
    #[expect(dead_code, reason = "shown when a test fails")]
    Store(Error),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

type Work = Box<dyn FnOnce(&mut store::Tx) -> Result<(), Error> + Send>;

/// R152
#[test]
fn an_error_undoes_the_whole_closure_and_is_handed_on() {
    both(async |store| {
        let refused: Result<(), Refused> = store
            .write(|tx| {
                alice(tx)?;
                Err(Refused::ByRule)
            })
            .await;
        assert!(matches!(refused, Err(Refused::ByRule)), "{refused:?}");
        assert!(store.read(users::everyone).await.expect("read").is_empty());
    });
}

#[test]
fn a_panic_undoes_the_closure_and_the_store_lives_on() {
    both(async |store| {
        for _ in 0..10 {
            let panicked: Result<(), Error> = store
                .write(|tx| {
                    alice(tx)?;
                    panic!("a bug")
                })
                .await;
            assert!(matches!(panicked, Err(Error::Panicked)), "{panicked:?}");
            let panicked: Result<(), Error> = store.read(|_| panic!("a bug")).await;
            assert!(matches!(panicked, Err(Error::Panicked)), "{panicked:?}");
        }
        assert!(store.read(users::everyone).await.expect("read").is_empty());
        store.write(alice).await.expect("the writer lives");
    });
}

#[test]
fn neighbours_in_a_shared_commit_do_not_spoil_each_other() {
    both(async |store| {
        let mut writes = Vec::new();
        for number in 0..100_u128 {
            let store = store.clone();
            writes.push(tokio::spawn(async move {
                let written: Result<(), Refused> = store
                    .write(move |tx| {
                        users::create(tx, &user(number, &format!("user{number}")))?;
                        match number % 4 {
                            0 => Err(Refused::ByRule),
                            1 => panic!("a bug"),
                            // Somebody else's name: the statement itself fails.
                            2 => Ok(users::create(
                                tx,
                                &user(1000 + number, &format!("user{number}")),
                            )?),
                            _ => Ok(()),
                        }
                    })
                    .await;
                (number, written.is_ok())
            }));
        }
        for ended in join_all(writes).await {
            let (number, kept) = ended.expect("ran");
            assert_eq!(kept, number % 4 == 3, "{number}");
        }
        let kept = store.read(users::everyone).await.expect("read");
        assert_eq!(kept.len(), 25);
        assert!(kept.iter().all(|user| user.id.0.as_u128() % 4 == 3));
    });
}

#[test]
fn what_waits_while_the_writer_is_busy_shares_one_commit() {
    let store = testing::sqlite();
    let (let_go, wait) = mpsc::channel::<()>();
    let (begins, begun) = mpsc::channel::<()>();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let first = tokio::spawn({
            let store = store.clone();
            async move {
                store
                    .write(move |tx| {
                        begins.send(()).expect("awaited");
                        wait.recv().expect("let go");
                        alice(tx)
                    })
                    .await
            }
        });
        begun.recv().expect("the writer is busy");
        let others: Vec<_> = (10..60_u128)
            .map(|number| {
                let store = store.clone();
                let created = move |tx: &mut store::Tx| {
                    users::create(tx, &user(number, &format!("user{number}")))?;
                    // Everybody sees the work of the neighbours before them in the same commit.
                    Ok::<_, Error>(users::everyone(tx)?.len())
                };
                tokio::spawn(async move { store.write(created).await })
            })
            .collect();
        tokio::task::yield_now().await;
        let seen = store.read(users::everyone).await.expect("readers never wait for the writer");
        assert!(seen.is_empty(), "nothing is seen before the commit");
        let_go.send(()).expect("sent");
        first.await.expect("ran").expect("written");
        let mut counts: Vec<usize> = join_all(others)
            .await
            .into_iter()
            .map(|count| count.expect("ran").expect("written"))
            .collect();
        counts.sort_unstable();
        assert_eq!(counts, (2..=51).collect::<Vec<_>>());
    });
}

#[test]
fn a_commit_that_fails_is_told_to_everybody_who_shared_it() {
    let store = testing::sqlite();
    let (let_go, wait) = mpsc::channel::<()>();
    let (begins, begun) = mpsc::channel::<()>();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let write = |job: Work| {
            let store = store.clone();
            tokio::spawn(async move { store.write(job).await })
        };
        // The first keeps the writer until the other two have queued up behind it.
        let first = write(Box::new(move |tx| {
            begins.send(()).expect("awaited");
            wait.recv().expect("let go");
            settings::put(tx, "first", "1")
        }));
        begun.recv().expect("the writer is busy");
        let second = write(Box::new(|tx| settings::put(tx, "second", "2")));
        let third = write(Box::new(|tx| {
            // A broken reference that shows only at the commit.
            testing::execute(tx, "PRAGMA defer_foreign_keys = ON")?;
            testing::execute(tx, "INSERT INTO enrolled_users (user_id) VALUES ('nobody')")?;
            Ok(())
        }));
        while store.waiting() < 2 {
            tokio::task::yield_now().await;
        }
        let_go.send(()).expect("sent");
        for ended in [first, second, third] {
            let ended = ended.await.expect("ran");
            assert!(matches!(ended, Err(Error::Unavailable)), "{ended:?}");
        }
        let kept = store.read(|tx| settings::get(tx, "first")).await.expect("read");
        assert_eq!(kept, None, "nothing was acknowledged, nothing is there");
        store.write(|tx| settings::put(tx, "first", "1")).await.expect("and it goes on");
    });
}

#[test]
fn a_failed_statement_that_is_swallowed_does_not_pass_for_success() {
    both(async |store| {
        let database = store.database();
        store.write(alice).await.expect("created");
        let swallowed = store
            .write(|tx| {
                settings::put(tx, "name", "value")?;
                users::create(tx, &user(1, "alice")).ok();
                Ok::<_, Error>(())
            })
            .await;
        let kept = store.read(|tx| settings::get(tx, "name")).await.expect("read").is_some();
        assert_eq!(swallowed.is_ok(), kept, "on {database:?} what is acknowledged is there");
    });
}

#[test]
fn a_read_is_one_snapshot_and_can_not_write() {
    both(async |store| {
        let writer = store.clone();
        store
            .read(move |tx| {
                assert!(users::everyone(tx)?.is_empty());
                writer.write_blocking(alice)?;
                assert!(users::everyone(tx)?.is_empty(), "the snapshot stays");
                Ok::<_, Error>(())
            })
            .await
            .expect("read");
        assert_eq!(store.read(users::everyone).await.expect("read").len(), 1);
        let written = store.read(|tx| settings::put(tx, "a", "b")).await;
        assert!(matches!(written, Err(Error::Driver(_))), "{written:?}");
    });
}

#[test]
fn what_was_acknowledged_is_there_after_reopening() {
    for database in Throwaway::both() {
        let store = database.open();
        store.write_blocking(alice).expect("written");
        drop(store);
        let kept = database.open().read_blocking(users::everyone).expect("read");
        assert_eq!(kept.len(), 1);
    }
}

#[test]
fn every_sqlite_connection_is_durable_and_checks_references() {
    let database = Throwaway::sqlite();
    let store = database.open();
    let pragma = |tx: &mut store::Tx, name: &str| testing::text(tx, &format!("PRAGMA {name}"));
    let seen = move |tx: &mut store::Tx| {
        let names = ["journal_mode", "synchronous", "foreign_keys"];
        names.into_iter().map(|name| pragma(tx, name)).collect::<Result<Vec<_>, Error>>()
    };
    assert_eq!(store.write_blocking(seen).expect("read"), ["wal", "2", "1"], "the writer");
    assert_eq!(store.read_blocking(seen).expect("read"), ["wal", "2", "1"], "a reader");
    let path = database.settings.url.strip_prefix("sqlite://").expect("a path");
    for file in [path.to_owned(), format!("{path}-wal"), format!("{path}-shm")] {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&file).expect("there").permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{file}");
    }
}

/// R165
#[test]
fn dead_connections_are_replaced() {
    let database = Throwaway::postgres();
    let store = database.open();
    store.write_blocking(alice).expect("written");
    let other = database.open();
    let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()";
    other.write_blocking(move |tx| testing::execute(tx, kill)).expect("killed");
    assert_eq!(store.read_blocking(users::everyone).expect("reconnected").len(), 1);
    assert_eq!(store.database(), Database::Postgres);
}

/// R165
#[test]
fn a_database_that_can_not_be_reached_is_an_error_and_not_a_panic() {
    let settings = |url: &str| Settings {
        url: url.to_owned(),
        master_keys: store::MasterKey::from_bytes([1; 32]).into(),
        pool_size: 1,
    };
    for url in ["sqlite:///nowhere/at/all.db", "postgres://nobody@127.0.0.1:1/none"] {
        assert!(Store::open(&settings(url)).is_err(), "{url}");
    }
}

const VICTIM: &str = "GATEHOUSE_TEST_VICTIM";

/// The other half of the test below: it writes and says so, until it is killed.
#[test]
#[ignore = "runs only as a child of the next test"]
fn a_victim_writes_until_it_is_killed() {
    #[expect(clippy::disallowed_methods, reason = "the parent names the database this way")]
    let Ok(url) = std::env::var(VICTIM) else { return };
    let master_keys = store::MasterKey::from_bytes(testing::MASTER_KEY).into();
    let store = Store::open(&Settings { url, master_keys, pool_size: 1 }).expect("opened");
    for number in 0_u64.. {
        store
            .write_blocking(move |tx| settings::put(tx, &format!("row {number}"), "there"))
            .expect("written");
        println!("acknowledged {number}");
    }
}

/// R095
#[test]
fn a_kill_loses_nothing_that_was_acknowledged() {
    use std::io::{BufRead, BufReader};
    let database = Throwaway::sqlite();
    drop(database.open());
    let mut victim = std::process::Command::new(std::env::current_exe().expect("this binary"))
        .args(["--ignored", "--exact", "--nocapture"])
        .arg("transactions::a_victim_writes_until_it_is_killed")
        .env(VICTIM, &database.settings.url)
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("started");
    let mut lines = BufReader::new(victim.stdout.take().expect("piped")).lines();
    let mut last = None;
    while last < Some(200) {
        let line = lines.next().expect("it goes on").expect("text");
        last = line.rsplit("acknowledged ").next().and_then(|n| n.parse().ok()).max(last);
    }
    victim.kill().expect("killed");
    victim.wait().expect("gone");
    // What it said between the last line read and its end counts as well.
    for line in lines.map_while(Result::ok) {
        last = line.rsplit("acknowledged ").next().and_then(|n| n.parse().ok()).max(last);
    }
    let last: u64 = last.expect("it wrote");
    let store = database.open();
    for number in 0..=last {
        let name = format!("row {number}");
        let kept = store.read_blocking(|tx| settings::get(tx, &name)).expect("read");
        assert_eq!(kept.as_deref(), Some("there"), "row {number} of {last}");
    }
}
