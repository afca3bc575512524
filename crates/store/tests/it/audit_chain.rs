//! The chain over the audit log: whatever is done to it behind our back is found.

use model::{
    Actor, Ts,
    audit::{AuditEvent, AuditKind, Outcome},
    audit_chain::{Checkpoint, Finding, Report},
    ids::AuditId,
};
use store::{
    Error, Store, Tx, audit_chain, audit_log, audit_sinks,
    testing::{databases, execute, rows},
};

use crate::samples::{NOON, at, id};

/// So many rows there are, and so many tamperings.
const ROWS: u64 = 40;
const TAMPERINGS: u64 = 1_000;
const SEED: [u8; 32] = [9; 32];

fn event(number: u64) -> AuditEvent {
    AuditEvent {
        id: AuditId(id(1_000 + u128::from(number))),
        at: at(i64::try_from(number / 2).expect("small")),
        actor: Actor::Schedule,
        kind: AuditKind::ALL[usize::try_from(number).expect("small") % AuditKind::ALL.len()],
        subject: format!("Person{number}@contoso.com"),
        outcome: if number.is_multiple_of(3) { Outcome::Refused } else { Outcome::Done },
        detail: format!("detail {number}"),
        client_address: format!("198.51.100.{}", number % 250),
        correlation_id: format!("c{number}"),
    }
}

fn write(tx: &mut Tx, numbers: std::ops::Range<u64>) -> Result<(), Error> {
    numbers.map(event).try_for_each(|event| audit_log::record(tx, &event))
}

/// The head as it lies in the database.
#[derive(Debug, Clone)]
struct Kept {
    number: String,
    hash: String,
    signed_at: String,
    signature: String,
}

fn kept(tx: &mut Tx) -> Result<Kept, Error> {
    let found = rows(
        tx,
        "SELECT CAST(number AS TEXT) AS a, hash AS b, CAST(signed_at AS TEXT) AS c, signature AS d
         FROM audit_chain",
    )?;
    let [number, hash, signed_at, signature] = found.into_iter().next().expect("a chain");
    Ok(Kept { number, hash, signed_at, signature })
}

fn put_back(tx: &mut Tx, head: &Kept) -> Result<(), Error> {
    let Kept { number, hash, signed_at, signature } = head;
    execute(
        tx,
        &format!(
            "UPDATE audit_chain SET number = {number}, hash = '{hash}', signed_at = {signed_at},
             signature = '{signature}', broken_at = NULL"
        ),
    )?;
    Ok(())
}

/// A log with its chain, whose first half has a checkpoint, and the end as it was then and a bit later.
struct Log {
    store: Store,
    checkpoint: Checkpoint,
    early: Kept,
    late: Kept,
}

fn log(store: Store) -> Log {
    let early = store
        .write_blocking(|tx| {
            write(tx, 0..ROWS / 2)?;
            assert_eq!(audit_chain::extend(tx, at(100), 1_000, &SEED)?, 20);
            kept(tx)
        })
        .expect("written");
    let (checkpoint, late) = store
        .write_blocking(|tx| {
            write(tx, ROWS / 2..ROWS - 5)?;
            assert_eq!(audit_chain::extend(tx, at(200), 1_000, &SEED)?, 15);
            Ok::<_, Error>((audit_chain::checkpoint(tx, at(201))?.expect("one"), kept(tx)?))
        })
        .expect("written");
    store
        .write_blocking(|tx| {
            write(tx, ROWS - 5..ROWS)?;
            audit_chain::extend(tx, at(300), 1_000, &SEED)
        })
        .expect("written");
    Log { store, checkpoint, early, late }
}

fn check(tx: &mut Tx, checkpoint: &Checkpoint) -> Result<Report, Error> {
    audit_chain::verify(tx, 0, &[(1, Some(checkpoint.clone()))])
}

#[test]
fn a_log_that_nobody_touched_is_whole() {
    for store in databases() {
        let Log { store, checkpoint, .. } = log(store);
        let report = store.read_blocking(|tx| check(tx, &checkpoint)).expect("checked");
        assert!(report.is_whole(), "{report:?}");
        assert_eq!((report.rows, report.last, report.checkpoints, report.waiting), (40, 40, 1, 0));
        let new = store.read_blocking(|tx| audit_chain::verify(tx, 30, &[])).expect("checked");
        assert!(new.is_whole() && new.rows == 10, "{new:?}");
    }
}

/// Rows are taken in the order in which they happened, each once, however many there are at a time.
#[test]
fn rows_are_numbered_in_their_order_and_in_portions() {
    for store in databases() {
        let numbered = store
            .write_blocking(|tx| {
                write(tx, 0..7)?;
                assert!(audit_chain::has_waiting(tx)?);
                let counts: Vec<usize> = (0..4)
                    .map(|_| audit_chain::extend(tx, NOON, 3, &SEED))
                    .collect::<Result<_, _>>()?;
                assert_eq!(counts, [3, 3, 1, 0]);
                assert!(!audit_chain::has_waiting(tx)?);
                assert_eq!(audit_chain::last_number(tx)?, 7);
                audit_chain::rows_after(tx, 2, 3)
            })
            .expect("numbered");
        let numbers: Vec<(i64, &str)> =
            numbered.iter().map(|row| (row.number, row.detail.as_str())).collect();
        assert_eq!(numbers, [(3, "detail 2"), (4, "detail 3"), (5, "detail 4")]);
    }
}

/// A small generator, so that each run tries the same.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    /// The number of a row.
    fn row(&mut self) -> u64 {
        1 + self.roll(ROWS)
    }
}

const TEXTS: [&str; 9] = [
    "id",
    "actor",
    "kind",
    "subject",
    "subject_fold",
    "detail",
    "client_address",
    "correlation_id",
    "hash",
];

/// Does something to the database that only somebody with its password can, but without the master key.
fn tamper(tx: &mut Tx, dice: &mut Dice, log: &(Kept, Kept)) -> Result<String, Error> {
    let (row, other) = (dice.row(), dice.row());
    let other = if row == other { 1 + row % ROWS } else { other };
    let (low, high) = (row.min(other), row.max(other));
    let column = TEXTS[usize::try_from(dice.roll(9)).expect("small")];
    let was = dice.roll(13);
    let statements = match was {
        0 => vec![format!("UPDATE audit_log SET {column} = {column} || 'x' WHERE number = {row}")],
        1 => vec![format!(
            "UPDATE audit_log SET {column} = substr({column}, 2) WHERE number = {row}"
        )],
        2 => vec![format!("UPDATE audit_log SET at = at + {} WHERE number = {row}", other)],
        3 => vec![format!(
            "UPDATE audit_log SET outcome = CASE outcome WHEN 'done' THEN 'refused' ELSE 'done' END
             WHERE number = {row}"
        )],
        4 => vec![format!("DELETE FROM audit_log WHERE number = {row}")],
        5 => vec![format!("DELETE FROM audit_log WHERE number BETWEEN {low} AND {high}")],
        6 => vec![format!("DELETE FROM audit_log WHERE number >= {row}")],
        7 => vec![
            format!("UPDATE audit_log SET number = 1000 WHERE number = {row}"),
            format!("UPDATE audit_log SET number = {row} WHERE number = {other}"),
            format!("UPDATE audit_log SET number = {other} WHERE number = 1000"),
        ],
        8 => vec![format!("UPDATE audit_log SET number = NULL, hash = NULL WHERE number = {row}")],
        9 => {
            let place = ["-5", "0", "41", "1000", "9223372036854775807"];
            let place = place[usize::try_from(dice.roll(5)).expect("small")];
            vec![format!(
                "INSERT INTO audit_log (id, at, actor, kind, subject, subject_fold, outcome, detail,
                    client_address, correlation_id, number, hash)
                 SELECT 'forged', at, actor, kind, subject, subject_fold, outcome, detail,
                    client_address, correlation_id, {place}, hash FROM audit_log WHERE number = {row}"
            )]
        }
        10 => return rewrite(tx, dice, row).map(|()| format!("rewritten from row {row}")),
        11 => return roll_back(tx, dice, log).map(|what| format!("back to {what}")),
        _ => return head(tx, dice).map(|what| format!("the end: {what}")),
    };
    let mut changed = 0;
    for statement in &statements {
        changed += execute(tx, statement)?;
    }
    assert!(changed > 0, "{statements:?} does something");
    Ok(format!("{statements:?}"))
}

/// Changes or removes a row and computes everything after it anew, as the house does; but the end is
/// not signed, since the key is sealed.
fn rewrite(tx: &mut Tx, dice: &mut Dice, row: u64) -> Result<(), Error> {
    let honest = kept(tx)?;
    let act = match dice.roll(2) {
        0 => format!("UPDATE audit_log SET detail = 'harmless' WHERE number = {row}"),
        _ => format!("DELETE FROM audit_log WHERE number = {row}"),
    };
    execute(tx, &act)?;
    let before = rows(
        tx,
        &format!(
            "SELECT hash AS a, hash AS b, hash AS c, hash AS d FROM audit_log WHERE number = {row} - 1"
        ),
    )?;
    let before = before.first().map_or_else(|| "0".repeat(64), |[hash, ..]| hash.clone());
    execute(tx, &format!("UPDATE audit_log SET number = NULL, hash = NULL WHERE number >= {row}"))?;
    // The house's own work stands in for the forger's, and its signature is taken away again.
    let end = Kept { number: (row - 1).to_string(), hash: before, ..honest.clone() };
    put_back(tx, &end)?;
    audit_chain::extend(tx, at(400), 1_000, &SEED)?;
    let forged = Kept { signature: honest.signature, ..kept(tx)? };
    put_back(tx, &forged)
}

/// An older end with its true signature, and no row after it.
fn roll_back(tx: &mut Tx, dice: &mut Dice, (early, late): &(Kept, Kept)) -> Result<String, Error> {
    let (head, more) = match dice.roll(3) {
        0 => (early, 0),
        1 => (early, dice.roll(15)),
        _ => (late, 1 + dice.roll(5)),
    };
    put_back(tx, head)?;
    let after = head.number.parse::<u64>().expect("a number") + more;
    execute(tx, &format!("DELETE FROM audit_log WHERE number > {after}"))?;
    Ok(format!("{} with {more} more rows", head.number))
}

fn head(tx: &mut Tx, dice: &mut Dice) -> Result<String, Error> {
    let act = [
        "UPDATE audit_chain SET number = number - 1",
        "UPDATE audit_chain SET hash = signature",
        "UPDATE audit_chain SET signature = ''",
        "UPDATE audit_chain SET broken_at = 3",
        "UPDATE audit_chain SET signed_at = signed_at - 1",
        "DELETE FROM audit_chain",
    ][usize::try_from(dice.roll(6)).expect("small")];
    execute(tx, act)?;
    Ok(act.to_owned())
}

/// R153
#[test]
fn a_thousand_random_tamperings_are_all_found() {
    for store in databases() {
        let Log { store, checkpoint, early, late } = log(store);
        let ends = (early, late);
        let mut dice = Dice(7);
        for round in 0..TAMPERINGS {
            let (checkpoint, ends, mut thrown) =
                (checkpoint.clone(), ends.clone(), Dice(dice.roll(u64::MAX)));
            // An error undoes it, so that the next one begins with an honest log.
            let undone = store.write_blocking(move |tx| {
                let what = tamper(tx, &mut thrown, &ends)?;
                let report = check(tx, &checkpoint)?;
                assert!(!report.is_whole(), "{round}: {what} was not found");
                Err::<(), _>(Error::NotFound { what: "reason to keep it" })
            });
            assert!(matches!(undone, Err(Error::NotFound { .. })), "{round}: {undone:?}");
        }
        let report = store.read_blocking(|tx| check(tx, &checkpoint)).expect("checked");
        assert!(report.is_whole(), "{report:?}");
    }
}

/// R153: the limit that is stated. Whoever puts back an end that was signed after the last checkpoint,
/// with all that was there then, can not be told from an old copy.
#[test]
fn an_old_end_after_the_last_checkpoint_is_the_limit() {
    for store in databases() {
        let Log { store, checkpoint, early, late } = log(store);
        let found = |head: Kept, checkpoint: Option<Checkpoint>| {
            let undone = store.write_blocking(move |tx| {
                put_back(tx, &head)?;
                execute(tx, &format!("DELETE FROM audit_log WHERE number > {}", head.number))?;
                let known: Vec<_> = checkpoint.into_iter().map(|it| (1, Some(it))).collect();
                let report = audit_chain::verify(tx, 0, &known)?;
                Err::<(), _>(Error::Open(report.findings.len().to_string()))
            });
            let Err(Error::Open(count)) = undone else { panic!("{undone:?}") };
            count.parse::<usize>().expect("a number")
        };
        assert_eq!(found(late, Some(checkpoint.clone())), 0, "the stated limit");
        assert_eq!(
            found(early.clone(), None),
            0,
            "without a checkpoint there is nothing to compare"
        );
        assert_eq!(found(early, Some(checkpoint)), 1);
    }
}

/// R153: the house goes on behind a forged end, and never signs away that it was one.
#[test]
fn a_forged_end_is_never_made_good() {
    for store in databases() {
        let Log { store, checkpoint, .. } = log(store);
        let report = store
            .write_blocking(move |tx| {
                rewrite(tx, &mut Dice(1), 38)?;
                write(tx, 50..53)?;
                assert_eq!(audit_chain::extend(tx, at(500), 1_000, &SEED)?, 3);
                check(tx, &checkpoint)
            })
            .expect("checked");
        let broken = report.findings.iter().any(|it| matches!(it, Finding::Broken { .. }));
        assert!(broken, "{report:?}");
        // Nor when the end is taken away.
        let report = store
            .write_blocking(|tx| {
                execute(tx, "DELETE FROM audit_chain")?;
                write(tx, 60..62)?;
                assert_eq!(audit_chain::extend(tx, at(600), 1_000, &[1; 32])?, 2);
                audit_chain::verify(tx, 0, &[])
            })
            .expect("checked");
        assert!(matches!(report.findings[..], [Finding::Broken { .. }, ..]), "{report:?}");
    }
}

/// R153
#[test]
fn checkpoints_of_others_and_broken_lines_are_findings() {
    for store in databases() {
        let Log { store, checkpoint, .. } = log(store);
        let mut later = checkpoint.clone();
        later.audit_checkpoint.at = at(202);
        let mut foreign = checkpoint.clone();
        foreign.key = "00".repeat(32);
        let lines = [(1, Some(checkpoint)), (2, Some(later)), (4, Some(foreign)), (5, None)];
        let report = store.read_blocking(|tx| audit_chain::verify(tx, 0, &lines)).expect("checked");
        let expected = [
            Finding::Foreign { line: 2 },
            Finding::Foreign { line: 4 },
            Finding::Unreadable { line: 5 },
        ];
        assert_eq!((report.findings.as_slice(), report.checkpoints), (expected.as_slice(), 1));
    }
}

/// Two nodes that number at the same time give each number once.
#[test]
fn of_two_nodes_one_numbers_at_a_time() {
    for database in store::testing::Throwaway::both() {
        let (one, other) = (database.open(), database.open());
        one.write_blocking(|tx| write(tx, 0..200)).expect("written");
        std::thread::scope(|threads| {
            for node in [&one, &other] {
                threads.spawn(|| {
                    for _ in 0..40 {
                        let extend = |tx: &mut Tx| audit_chain::extend(tx, NOON, 10, &SEED);
                        node.write_blocking(extend).expect("numbered, or left to the other");
                    }
                });
            }
        });
        while one.write_blocking(|tx| audit_chain::extend(tx, NOON, 99, &SEED)).expect("done") > 0 {
        }
        let report = one.read_blocking(|tx| audit_chain::verify(tx, 0, &[])).expect("checked");
        assert!(report.is_whole() && report.rows == 200 && report.waiting == 0, "{report:?}");
    }
}

/// R155
#[test]
fn a_place_keeps_how_far_it_is_and_since_when_it_takes_nothing() {
    for store in databases() {
        let (first, again, after) = store
            .write_blocking(|tx| {
                assert_eq!(audit_sinks::get(tx, "log a")?, None);
                audit_sinks::delivered(tx, "log a", 7, at(1))?;
                audit_sinks::failed(tx, "log a", at(2), "no route")?;
                let first = audit_sinks::get(tx, "log a")?.expect("there");
                audit_sinks::failed(tx, "log a", at(3), "full")?;
                let again = audit_sinks::all(tx)?.remove(0);
                audit_sinks::delivered(tx, "log a", 9, at(4))?;
                Ok::<_, Error>((first, again, audit_sinks::get(tx, "log a")?.expect("there")))
            })
            .expect("kept");
        let since = |it: &model::audit_chain::Sink| (it.number, it.failing_since, it.delivered_at);
        assert_eq!(since(&first), (7, Some(at(2)), Some(at(1))));
        assert_eq!(since(&again), (7, Some(at(2)), Some(at(1))), "since the first time");
        assert_eq!((again.tried_at, again.trouble.as_str()), (at(3), "full"));
        assert_eq!((since(&after), after.trouble.as_str()), ((9, None, Some(Ts(at(4).0))), ""));
    }
}
