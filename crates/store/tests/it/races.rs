//! What works once works once, however many try at the same time.

use futures::future::join_all;
use model::{
    factor::{AccessPass, EnrollmentCode, RecoveryCode},
    guess::{GuessCounter, GuessKey},
    ids::{FactorId, SessionId, UserId},
};
use store::{
    Error, Store, Tx, access_passes, factors, guess_counters, leases, pending_requests,
    remembered_devices, sessions, signing_keys,
    testing::{Throwaway, both},
};

use crate::{
    remembered::device,
    samples::{NOON, alice, at, id, request, session, totp},
};

const ALICE: UserId = UserId(id(1));

/// Tries twenty times at once; says how often it worked.
async fn winners<F>(store: &Store, attempt: F) -> usize
where
    F: Fn(&mut Tx) -> Result<bool, Error> + Copy + Send + 'static,
{
    let tries = (0..20).map(|_| {
        let store = store.clone();
        tokio::spawn(async move { store.write(attempt).await })
    });
    let ended = join_all(tries).await;
    ended.into_iter().filter(|won| *won.as_ref().expect("ran").as_ref().expect("answered")).count()
}

/// R026
#[test]
fn of_twenty_that_use_one_totp_step_one_wins() {
    both(async |store| {
        store
            .write(|tx| {
                alice(tx)?;
                factors::put_totp(tx, &totp(10, ALICE, b"seed"))?;
                factors::confirm_totp(tx, FactorId(id(10)), 5, NOON)
            })
            .await
            .expect("confirmed");
        let won = winners(&store, |tx| factors::accept_totp_step(tx, FactorId(id(10)), 6)).await;
        assert_eq!(won, 1);
    });
}

#[test]
fn of_twenty_that_confirm_one_app_one_wins() {
    both(async |store| {
        store
            .write(|tx| {
                alice(tx)?;
                factors::put_totp(tx, &totp(10, ALICE, b"seed"))
            })
            .await
            .expect("pending");
        let won = winners(&store, |tx| factors::confirm_totp(tx, FactorId(id(10)), 6, NOON)).await;
        assert_eq!(won, 1);
    });
}

/// R031
#[test]
fn of_twenty_that_use_one_code_one_wins() {
    both(async |store| {
        store
            .write(|tx| {
                alice(tx)?;
                let code = RecoveryCode {
                    id: FactorId(id(3)),
                    user_id: ALICE,
                    digest: [1; 32],
                    used_at: None,
                };
                factors::replace_recovery_codes(tx, ALICE, &[code])?;
                let code = EnrollmentCode { user_id: ALICE, digest: [2; 32], expires_at: at(60) };
                factors::put_enrollment_code(tx, &code)?;
                let pass = AccessPass {
                    user_id: ALICE,
                    digest: [3; 32],
                    reason: "phone in the taxi".to_owned(),
                    given_by: ALICE,
                    given_at: NOON,
                    expires_at: at(60),
                };
                access_passes::put(tx, &pass)
            })
            .await
            .expect("stored");
        let won = winners(&store, |tx| factors::use_recovery_code(tx, ALICE, &[1; 32], NOON)).await;
        assert_eq!(won, 1, "recovery code");
        let won =
            winners(&store, |tx| factors::take_enrollment_code(tx, ALICE, &[2; 32], NOON)).await;
        assert_eq!(won, 1, "enrolment code");
        let won = winners(&store, |tx| access_passes::take(tx, ALICE, &[3; 32], NOON)).await;
        assert_eq!(won, 1, "access pass");
    });
}

/// R096
#[test]
fn of_twenty_that_redeem_one_request_one_wins() {
    both(async |store| {
        store.write(|tx| pending_requests::put(tx, &request(30))).await.expect("stored");
        let won = winners(&store, |tx| pending_requests::redeem(tx, request(30).id, NOON)).await;
        assert_eq!(won, 1);
    });
}

#[test]
fn of_twenty_that_take_one_lease_one_wins() {
    both(async |store| {
        let won = winners(&store, |tx| {
            let ttl = std::time::Duration::from_secs(10);
            let holder = format!("holder {}", fresh());
            Ok(leases::acquire(tx, "sync", &holder, ttl, NOON)?.is_some())
        })
        .await;
        assert_eq!(won, 1);
    });
}

/// A new number each time.
fn fresh() -> usize {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

async fn guess(store: Store) -> u32 {
    let counted = store.write(|tx| {
        let key = GuessKey("password:alice".to_owned());
        let mut counter = guess_counters::lock(tx, &key)?;
        counter.failures += 1;
        counter.last_at = NOON;
        guess_counters::put(tx, &key, &counter)?;
        Ok::<_, Error>(counter.failures)
    });
    counted.await.expect("counted")
}

/// R019
#[test]
fn five_hundred_parallel_guesses_on_two_nodes_are_five_hundred() {
    for database in Throwaway::both() {
        let nodes = [database.open(), database.open()];
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let mut seen: Vec<u32> = runtime.block_on(async {
            let guesses = (0..500).map(|n| tokio::spawn(guess(nodes[n % 2].clone())));
            join_all(guesses).await.into_iter().map(|seen| seen.expect("ran")).collect()
        });
        seen.sort_unstable();
        assert_eq!(seen, (1..=500).collect::<Vec<u32>>(), "each guess saw its own number (R019)");
        let key = GuessKey("password:alice".to_owned());
        let end = nodes[0].read_blocking(|tx| guess_counters::get(tx, &key)).expect("read");
        assert_eq!(end, GuessCounter { failures: 500, last_at: NOON, ..Default::default() });
    }
}

/// R055
#[test]
fn twenty_five_parallel_sign_ins_leave_twenty_sessions() {
    both(async |store| {
        store.write(alice).await.expect("created");
        let opened = (0..25_u8).map(|number| {
            let store = store.clone();
            tokio::spawn(async move {
                let next = session(100 + u128::from(number), ALICE);
                store.write(move |tx| sessions::open(tx, &next, &[number; 32])).await
            })
        });
        for opened in join_all(opened).await {
            opened.expect("ran").expect("opened");
        }
        let live = store.read(|tx| sessions::live_of(tx, ALICE)).await.expect("read");
        assert_eq!(live.len(), 20);
    });
}

#[test]
fn events_that_are_added_at_once_are_all_kept() {
    both(async |store| {
        store
            .write(|tx| {
                alice(tx)?;
                sessions::open(tx, &session(10, ALICE), &[1; 32])
            })
            .await
            .expect("opened");
        let added = (0..10).map(|number| {
            let store = store.clone();
            let event = model::FactorEvent { method: model::Method::Totp, at: at(number) };
            tokio::spawn(async move {
                store.write(move |tx| sessions::add_event(tx, SessionId(id(10)), event)).await
            })
        });
        for added in join_all(added).await {
            added.expect("ran").expect("added");
        }
        let mine = store.read(|tx| sessions::by_token(tx, &[1; 32])).await.expect("read");
        assert_eq!(mine.expect("live").events.len(), 11);
    });
}

#[test]
fn nobody_ever_sees_a_promotion_half_done() {
    both(async |store| {
        use model::signing_key::SigningKeyState::{Active, Next};
        store
            .write(|tx| {
                signing_keys::create(tx, &crate::samples::signing_key(80, Active, b"old"))?;
                signing_keys::create(tx, &crate::samples::signing_key(81, Next, b"new"))
            })
            .await
            .expect("made");
        let looking = (0..40).map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.read(signing_keys::active).await })
        });
        let looking = tokio::spawn(join_all(looking));
        let new = crate::samples::signing_key(81, Next, b"new").id;
        store.write(move |tx| signing_keys::promote(tx, new, at(1))).await.expect("promoted");
        for seen in looking.await.expect("ran") {
            assert!(seen.expect("ran").expect("read").is_some(), "one key is always active");
        }
    });
}

#[test]
fn of_two_promotions_at_once_one_wins() {
    both(async |store| {
        use model::signing_key::SigningKeyState::{Active, Next};
        store
            .write(|tx| {
                signing_keys::create(tx, &crate::samples::signing_key(80, Active, b"old"))?;
                signing_keys::create(tx, &crate::samples::signing_key(81, Next, b"new"))
            })
            .await
            .expect("made");
        let new = crate::samples::signing_key(81, Next, b"new").id;
        let promoting = (0..4_u128).map(|number| {
            let (store, next) =
                (store.clone(), crate::samples::signing_key(90 + number, Next, b"n"));
            tokio::spawn(async move {
                store
                    .write(move |tx| {
                        signing_keys::promote(tx, new, at(1))?;
                        signing_keys::create(tx, &next)
                    })
                    .await
            })
        });
        let ended = join_all(promoting).await;
        let won = ended.into_iter().filter(|ended| ended.as_ref().is_ok_and(Result::is_ok)).count();
        assert_eq!(won, 1);
        let all = store.read(signing_keys::all).await.expect("read");
        let active: Vec<_> =
            all.iter().filter(|key| key.state == Active).map(|key| key.id).collect();
        assert_eq!((active, all.len()), (vec![new], 3));
    });
}

/// R056
#[test]
fn of_twenty_that_renew_one_secret_one_wins() {
    both(async |store| {
        store
            .write(|tx| {
                alice(tx)?;
                remembered_devices::put(tx, &device(10, ALICE), (&[1; 32], &[2; 32]))
            })
            .await
            .expect("remembered");
        let renew = |tx: &mut Tx| {
            let (one, digests) = (device(10, ALICE), (&[2; 32], &[3; 32]));
            remembered_devices::renew(tx, one.id, digests, &one.client, NOON)
        };
        assert_eq!(winners(&store, renew).await, 1);
    });
}
