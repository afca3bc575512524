//! Hashing at the real cost: a few tens of milliseconds a hash.

use std::time::Duration;

use model::{Ts, ids::UserId};
use uuid::Uuid;

use super::*;
use crate::lockout::PERMIT;

const SALT: [u8; 16] = [9; 16];

fn pepper(id: &str, byte: u8) -> Pepper {
    Pepper { id: id.to_owned(), key: SecretSlice::from(vec![byte; 32]) }
}

fn hasher() -> Hasher {
    Hasher::new(Params::FLOOR, pepper("one", 1), Vec::new()).unwrap()
}

fn secret(text: &str) -> SecretString {
    SecretString::from(text)
}

fn stored(hashed: Hashed) -> Credential {
    Credential {
        user_id: UserId(Uuid::nil()),
        phc: hashed.phc,
        pepper_id: hashed.pepper_id,
        must_change_before: None,
        set_at: Ts(0),
    }
}

const RIGHT: Check = Check { matches: true, rehash: false };
const RIGHT_BUT_OLD: Check = Check { matches: true, rehash: true };

/// R001
#[test]
fn a_hash_is_argon2id_with_the_floors_parameters() {
    let hashed = hasher().hash(&secret("correct horse"), SALT).unwrap();
    let salt =
        base64::engine::Engine::encode(&base64::engine::general_purpose::STANDARD_NO_PAD, SALT);
    assert!(
        hashed.phc.starts_with(&format!("$argon2id$v=19$m=19456,t=2,p=1${salt}$")),
        "{}",
        hashed.phc
    );
    assert_eq!(hashed.pepper_id, "one");
    // 32 bytes of hash in base 64.
    assert_eq!(hashed.phc.rsplit('$').next().map(str::len), Some(43));
}

/// R006
#[test]
fn only_the_right_password_matches() {
    let credential = stored(hasher().hash(&secret("correct horse"), SALT).unwrap());
    let verify = |text: &str| hasher().verify(Some(&credential), &secret(text), &PERMIT);
    assert_eq!(verify("correct horse"), RIGHT);
    for wrong in ["Correct horse", "correct  horse", "correct horse ", "", "correct hors"] {
        assert_eq!(verify(wrong), Check::WRONG, "{wrong}");
    }
}

#[test]
fn nobody_and_an_unreadable_hash_match_nothing() {
    let text = secret("correct horse");
    assert_eq!(hasher().verify(None, &text, &PERMIT), Check::WRONG);
    let good = hasher().hash(&text, SALT).unwrap();
    for phc in [
        String::new(),
        "plain".to_owned(),
        good.phc.replace("argon2id", "argon2i"),
        good.phc.replace("v=19", "v=16"),
        good.phc.replace("m=19456", "m=1"),
        good.phc.rsplit_once('$').unwrap().0.to_owned(),
    ] {
        let credential = stored(Hashed { phc: phc.clone(), pepper_id: "one".to_owned() });
        assert_eq!(hasher().verify(Some(&credential), &text, &PERMIT), Check::WRONG, "{phc}");
    }
}

/// R003
#[test]
fn without_the_pepper_nothing_matches_and_an_old_one_is_replaced() {
    let text = secret("correct horse");
    let old = stored(hasher().hash(&text, SALT).unwrap());
    let without = Hasher::new(Params::FLOOR, pepper("two", 2), Vec::new()).unwrap();
    assert_eq!(without.verify(Some(&old), &text, &PERMIT), Check::WRONG);
    let another_key = Hasher::new(Params::FLOOR, pepper("one", 2), Vec::new()).unwrap();
    assert_eq!(another_key.verify(Some(&old), &text, &PERMIT), Check::WRONG);

    let rotated = Hasher::new(Params::FLOOR, pepper("two", 2), vec![pepper("one", 1)]).unwrap();
    assert_eq!(rotated.verify(Some(&old), &text, &PERMIT), RIGHT_BUT_OLD);
    assert_eq!(rotated.verify(Some(&old), &secret("wrong"), &PERMIT), Check::WRONG);
    let new = stored(rotated.hash(&text, SALT).unwrap());
    assert_eq!(new.pepper_id, "two");
    assert_eq!(rotated.verify(Some(&new), &text, &PERMIT), RIGHT);
}

#[test]
fn other_parameters_match_and_ask_for_a_new_hash() {
    let text = secret("correct horse");
    let old = stored(hasher().hash(&text, SALT).unwrap());
    let dearer = Params { t: 3, ..Params::FLOOR };
    let hasher = Hasher::new(dearer, pepper("one", 1), Vec::new()).unwrap();
    assert_eq!(hasher.verify(Some(&old), &text, &PERMIT), RIGHT_BUT_OLD);
    let new = stored(hasher.hash(&text, SALT).unwrap());
    assert!(new.phc.contains("t=3"));
    assert_eq!(hasher.verify(Some(&new), &text, &PERMIT), RIGHT);
}

#[test]
fn nothing_weaker_than_the_floor_is_accepted() {
    for weak in [
        Params { m_kib: 19_455, ..Params::FLOOR },
        Params { t: 1, ..Params::FLOOR },
        Params { p: 0, ..Params::FLOOR },
    ] {
        assert!(weak.floor().is_err());
        assert!(Hasher::new(weak, pepper("one", 1), Vec::new()).is_err());
    }
    let short = Pepper { id: "short".to_owned(), key: SecretSlice::from(vec![1; 31]) };
    assert_eq!(
        Hasher::new(Params::FLOOR, pepper("one", 1), vec![short]).err(),
        Some(Error::WeakPepper { id: "short".to_owned() })
    );
}

/// R002
#[test]
fn fitting_to_a_machine_aims_at_20_to_50_ms_and_never_goes_below_the_floor() {
    let passes = |t, ms| Params { t, ..Params::FLOOR }.fitted(Duration::from_millis(ms)).t;
    assert_eq!(passes(2, 10), 4);
    assert_eq!(passes(2, 30), 2);
    assert_eq!(passes(4, 80), 2);
    assert_eq!(passes(2, 500), 2);
    assert_eq!(passes(3, 45), 3);
    assert!(Params::FLOOR.fitted(Duration::ZERO).floor().is_ok());
}

/// R006
#[test]
fn composed_and_decomposed_letters_are_the_same() {
    let credential = stored(hasher().hash(&secret("caf\u{e9} am ufer"), SALT).unwrap());
    let verify = |text: &str| hasher().verify(Some(&credential), &secret(text), &PERMIT);
    assert_eq!(verify("cafe\u{301} am ufer"), RIGHT);
    assert_eq!(verify("cafe am ufer"), Check::WRONG);
}

/// R005
#[test]
fn a_megabyte_is_refused_before_any_hashing() {
    let megabyte = secret(&"x".repeat(1_000_000));
    assert_eq!(normal_form(&megabyte), None);
    assert_eq!(hasher().hash(&megabyte, SALT), Err(Error::PasswordTooLong));
    assert_eq!(hasher().verify(None, &megabyte, &PERMIT), Check::WRONG);
}

/// R005
#[test]
fn the_hundred_and_twenty_eighth_character_counts_and_one_more_is_too_many() {
    let long = |last: &str| secret(&format!("{}{last}", "ü".repeat(127)));
    let credential = stored(hasher().hash(&long("a"), SALT).unwrap());
    assert_eq!(hasher().verify(Some(&credential), &long("a"), &PERMIT), RIGHT);
    assert_eq!(hasher().verify(Some(&credential), &long("b"), &PERMIT), Check::WRONG);
    assert_eq!(hasher().hash(&long("ab"), SALT), Err(Error::PasswordTooLong));
    // 128 characters of four bytes fill the 512 bytes exactly.
    assert!(normal_form(&secret(&"\u{1F511}".repeat(128))).is_some());
}

/// R136
#[test]
fn the_debug_form_shows_no_key() {
    let shown = format!("{:?}", hasher());
    assert!(shown.contains("one") && !shown.contains("[1, 1"), "{shown}");
}

fn brought(hash: &str) -> Credential {
    stored(Hashed { phc: hash.to_owned(), pepper_id: String::new() })
}

/// R002, R023
#[test]
fn a_hash_of_another_system_opens_once_and_takes_at_least_as_long_as_nobody() {
    let hasher = hasher();
    // Its own cost is next to nothing.
    let credential = brought(
        "{SSHA512}QOZ0WJFlSsWxwsBsupmlywYHsTXLksvamFsJJ+kcy5d3+UwtZHlzrNVNkgUEahEnTPkf4ckoCn+PJZ9WOKzal3NhbHRzYWx0",
    );
    let took = |credential: Option<&Credential>| {
        let timed = (0..5).map(|_| {
            let began = std::time::Instant::now();
            assert_eq!(hasher.verify(credential, &secret("correct horse"), &PERMIT), Check::WRONG);
            began.elapsed()
        });
        timed.min().unwrap()
    };
    // Our own hash was computed beside it: nothing else takes of this memory.
    assert_eq!(hasher.memory.kept(), 0);
    assert_eq!(hasher.verify(Some(&credential), &secret("x"), &PERMIT), Check::WRONG);
    assert_eq!(hasher.memory.kept(), 1);
    assert!(took(Some(&credential)) > took(None) / 2);
    let right = hasher.verify(Some(&credential), &secret("correct horse battery"), &PERMIT);
    assert_eq!(right, RIGHT_BUT_OLD);
    for odd in [
        "",
        "nothing",
        "$argon2id$v=19$m=4194304,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
    ] {
        assert_eq!(
            hasher.verify(Some(&brought(odd)), &secret("x"), &PERMIT),
            Check::WRONG,
            "{odd}"
        );
    }
}
