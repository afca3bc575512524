//! Guess counters, known devices and addresses.

use model::{
    guess::{GuessCounter, GuessKey},
    ids::{RelyingPartyId, UserId},
};
use store::{Error, guess_counters, known_addresses, known_devices, testing::both, used_messages};

use crate::samples::{NOON, alice, at, id};

const ALICE: UserId = UserId(id(1));

/// R018
#[test]
fn a_counter_begins_at_nothing_and_is_kept() {
    both(async |store| {
        store
            .write(|tx| {
                let key = GuessKey("password:alice".to_owned());
                assert_eq!(guess_counters::get(tx, &key)?, GuessCounter::default());
                assert_eq!(guess_counters::lock(tx, &key)?, GuessCounter::default());
                let counter =
                    GuessCounter { failures: u32::MAX, window_began_at: NOON, last_at: at(3) };
                guess_counters::put(tx, &key, &counter)?;
                assert_eq!(guess_counters::get(tx, &key)?, counter);
                assert_eq!(guess_counters::lock(tx, &key)?, counter);
                let other = GuessKey("unlocked".to_owned());
                guess_counters::put(tx, &other, &counter)?;
                assert_eq!(guess_counters::get(tx, &other)?, counter, "put needs no lock");
                assert_eq!(guess_counters::purge(tx, at(3))?, 0);
                assert_eq!(guess_counters::purge(tx, at(4))?, 2);
                Ok::<_, Error>(())
            })
            .await
            .expect("kept");
    });
}

/// R017
#[test]
fn the_newest_twenty_devices_and_addresses_are_known() {
    both(async |store| {
        store
            .write(|tx| {
                alice(tx)?;
                for number in 0..21_u8 {
                    let when = at(i64::from(number));
                    known_devices::put(tx, ALICE, &[number; 32], when)?;
                    known_addresses::put(tx, ALICE, &format!("192.0.2.{number}"), when)?;
                }
                known_devices::put(tx, ALICE, &[1; 32], at(100))?;
                for (number, known) in [(0, false), (1, true), (2, true), (20, true), (21, false)] {
                    let address = format!("192.0.2.{number}");
                    assert_eq!(known_devices::seen(tx, ALICE, &[number; 32], NOON)?, known);
                    assert_eq!(known_addresses::seen(tx, ALICE, &address, NOON)?, known);
                }
                assert!(known_devices::seen(tx, ALICE, &[1; 32], at(100))?, "seen again");
                assert!(!known_devices::seen(tx, ALICE, &[2; 32], at(100))?, "too long ago");
                Ok::<_, Error>(())
            })
            .await
            .expect("kept");
    });
}

/// R113
#[test]
fn a_message_counts_once_and_for_its_party_only() {
    both(async |store| {
        store
            .write(|tx| {
                let [one, other] = [1, 2].map(|number| RelyingPartyId(id(number)));
                assert!(used_messages::use_up(tx, one, "_l00", at(600))?);
                assert!(!used_messages::use_up(tx, one, "_l00", at(900))?);
                assert!(used_messages::use_up(tx, one, "_L00", at(600))?, "ids differ in case");
                assert!(used_messages::use_up(tx, other, "_l00", at(600))?);
                assert_eq!(used_messages::purge(tx, at(600))?, 0);
                assert!(!used_messages::use_up(tx, one, "_l00", at(900))?, "it is remembered");
                assert_eq!(used_messages::purge(tx, at(601))?, 3);
                assert!(used_messages::use_up(tx, one, "_l00", at(900))?);
                Ok::<_, Error>(())
            })
            .await
            .expect("remembered");
    });
}
