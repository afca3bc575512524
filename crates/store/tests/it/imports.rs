//! Lists of people that admins bring along: sealed files, outcomes of rows, and what is forgotten when.

use model::{
    credential::Credential,
    ids::{ImportId, UserId},
    import::{Field, Import, ImportRow, ImportState, RowOutcome, Terms, Trace},
};
use secrecy::{ExposeSecret, SecretSlice};
use store::{
    Error, Tx, credentials, import_rows, imports, peppers,
    testing::{both, execute},
};

use crate::samples::{NOON, alice, at, id};

const LIST: ImportId = ImportId(id(70));

pub(crate) fn import(number: u128, until: i64) -> Import {
    Import {
        id: ImportId(id(number)),
        state: ImportState::Draft,
        made_by: UserId(id(1)),
        made_at: NOON,
        terms: Terms {
            file_name: "people.csv".to_owned(),
            rows: 2,
            mapping: [(Field::Upn, 0), (Field::JobTitle, 3)].into(),
            secrets: [3].into(),
            update: false,
            tenant: None,
        },
        done: 0,
        until: at(until),
    }
}

fn file() -> SecretSlice<u8> {
    b"upn\ncanary@contoso.com\n".to_vec().into()
}

fn row(line: u32, outcome: RowOutcome, user_id: Option<UserId>) -> ImportRow {
    let trace = Trace { upn: "a@b.example".to_owned(), ..Trace::default() };
    ImportRow { import_id: LIST, line, user_id, outcome, trace, at: NOON, handed_out_at: None }
}

#[test]
fn a_file_comes_back_and_its_terms_are_changed_while_it_is_a_draft() {
    both(async |store| {
        let kept = store.write(|tx| {
            let mut import = import(70, 100);
            imports::create(tx, &import, &file())?;
            assert_eq!(imports::by_id(tx, LIST)?, Some(import.clone()));
            let content = imports::content(tx, LIST)?.expect("there");
            assert_eq!(content.expose_secret(), file().expose_secret());
            import.terms.update = true;
            assert!(imports::set_terms(tx, LIST, &import.terms)?);
            import.state = ImportState::Applying;
            import.done = 1;
            imports::put_progress(tx, &import)?;
            assert!(!imports::set_terms(tx, LIST, &import.terms)?, "it is no draft any more");
            assert_eq!(imports::newest(tx, 9)?, [import]);
            Ok::<_, Error>(())
        });
        kept.await.expect("kept");
    });
}

/// A password that another system hashed.
pub(crate) fn brought(user_id: UserId, hash: &str) -> Credential {
    let (phc, pepper_id) = (hash.to_owned(), String::new());
    Credential { user_id, phc, pepper_id, must_change_before: None, set_at: NOON }
}

/// R003, R125
#[test]
fn a_hash_that_was_brought_along_is_gone_with_the_next_one() {
    both(async |store| {
        let done = store.write(|tx| {
            let alice = alice(tx)?;
            peppers::create(tx, "p", &vec![1; 32].into(), NOON)?;
            let old = brought(alice, "{SSHA512}abc");
            credentials::put(tx, &old)?;
            assert_eq!(credentials::by_user(tx, alice)?, Some(old.clone()));
            assert_eq!(credentials::imported(tx)?, 1);
            let pepper_id = "p".to_owned();
            let ours = Credential { phc: "$argon2id$".to_owned(), pepper_id, ..old.clone() };
            credentials::put(tx, &ours)?;
            assert_eq!(credentials::by_user(tx, alice)?, Some(ours));
            assert_eq!(credentials::imported(tx)?, 0);
            credentials::put(tx, &old)?;
            credentials::forget(tx, alice)?;
            assert_eq!(credentials::by_user(tx, alice)?, None);
            assert_eq!(credentials::imported(tx)?, 0);
            Ok::<_, Error>(())
        });
        done.await.expect("done");
    });
}

/// R003
///
/// Whoever writes the database without the master key makes nobody a password.
#[test]
fn a_bare_hash_beside_the_sealed_ones_is_no_password() {
    both(async |store| {
        let planted = store.write(|tx| {
            let alice = alice(tx)?;
            peppers::create(tx, "", &vec![1; 32].into(), NOON)?;
            let hash = "$2b$04$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo.";
            execute(
                tx,
                &format!(
                    "INSERT INTO credentials (user_id, phc, pepper_id, set_at)
                     VALUES ('{alice}', '{hash}', '', 0)"
                ),
            )?;
            let read = credentials::by_user(tx, alice);
            assert!(matches!(read, Err(Error::Corrupt { table: "credentials", .. })), "{read:?}");
            // A new password of theirs takes its place.
            peppers::create(tx, "p", &vec![1; 32].into(), NOON)?;
            let pepper_id = "p".to_owned();
            let ours = Credential { pepper_id, ..brought(alice, "$argon2id$") };
            credentials::put(tx, &ours)?;
            assert_eq!(credentials::by_user(tx, alice)?, Some(ours));
            Ok::<_, Error>(())
        });
        planted.await.expect("done");
    });
}

fn fill(tx: &mut Tx) -> Result<(), Error> {
    let alice = alice(tx)?;
    imports::create(tx, &import(70, 100), &file())?;
    imports::create(tx, &import(71, 200), &file())?;
    import_rows::record(tx, &row(2, RowOutcome::Created, Some(alice)))?;
    import_rows::record(tx, &row(3, RowOutcome::Refused, None))?;
    import_rows::record(tx, &row(5, RowOutcome::Created, Some(alice)))
}

#[test]
fn a_row_has_one_outcome_and_is_handed_out_once() {
    both(async |store| {
        let done = store.write(|tx| {
            fill(tx)?;
            let mut tally = import_rows::tally(tx, LIST)?;
            tally.sort_by_key(|(_, count)| *count);
            assert_eq!(tally, [(RowOutcome::Refused, 1), (RowOutcome::Created, 2)]);
            assert!(import_rows::hand_out(tx, LIST, 2, at(1))?);
            assert!(!import_rows::hand_out(tx, LIST, 2, at(2))?);
            assert_eq!(import_rows::waiting(tx, LIST)?, 1);
            let next = import_rows::not_handed_out(tx, LIST, 9)?;
            assert_eq!(next.iter().map(|row| row.line).collect::<Vec<_>>(), [5]);
            let mut taken = row(5, RowOutcome::Removed, None);
            taken.trace.why = "gone".to_owned();
            import_rows::settle(tx, &taken)?;
            let found = import_rows::with_outcome(tx, LIST, &[RowOutcome::Removed], (0, 9))?;
            assert_eq!((found.len(), found[0].trace.why.as_str()), (1, "gone"));
            Ok::<_, Error>(())
        });
        done.await.expect("done");
        let twice = store.write(|tx| import_rows::record(tx, &row(2, RowOutcome::Left, None)));
        assert!(matches!(twice.await, Err(Error::Conflict { .. })));
    });
}

#[test]
fn what_is_over_is_forgotten_and_old_files_before_it() {
    both(async |store| {
        let done = store.write(|tx| {
            fill(tx)?;
            imports::purge(tx, at(150), (at(-1), at(150)))?;
            assert_eq!(imports::by_id(tx, LIST)?, None);
            assert!(import_rows::tally(tx, LIST)?.is_empty());
            assert!(imports::content(tx, ImportId(id(71)))?.is_some());
            imports::purge(tx, at(160), (at(1), at(160)))?;
            assert!(imports::content(tx, ImportId(id(71)))?.is_none());
            assert!(imports::by_id(tx, ImportId(id(71)))?.is_some());
            Ok::<_, Error>(())
        });
        done.await.expect("done");
    });
}

#[test]
fn the_file_of_an_import_that_began_late_is_kept_for_a_day_from_then() {
    both(async |store| {
        let done = store.write(|tx| {
            let mut import = import(70, 500);
            imports::create(tx, &import, &file())?;
            assert_eq!(imports::drafts_of(tx, import.made_by)?, 1);
            assert_eq!(imports::drafts_of(tx, UserId(id(2)))?, 0);
            import.state = ImportState::Applying;
            imports::put_progress(tx, &import)?;
            assert_eq!(imports::drafts_of(tx, import.made_by)?, 0);
            imports::purge(tx, at(160), (at(100), at(499)))?;
            assert!(imports::content(tx, LIST)?.is_some(), "it was uploaded long ago");
            imports::purge(tx, at(160), (at(100), at(501)))?;
            assert!(imports::content(tx, LIST)?.is_none());
            assert!(imports::by_id(tx, LIST)?.is_some(), "it can be undone still");
            Ok::<_, Error>(())
        });
        done.await.expect("done");
    });
}
