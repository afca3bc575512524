//! Credentials, factors, sessions and pending requests.

use model::{
    FactorEvent, Method,
    credential::Credential,
    factor::{AccessPass, EnrollmentCode, RecoveryCode},
    ids::{FactorId, SessionId, UserId},
};
use secrecy::{ExposeSecret, SecretSlice};
use store::{
    Error, access_passes, credentials, factors, pending_requests, peppers, sessions, testing::both,
    users,
};

use crate::samples::{NOON, alice, at, id, request, session, totp, user};

const ALICE: UserId = UserId(id(1));

#[test]
fn a_password_is_replaced_and_needs_its_person_and_pepper() {
    both(async |store| {
        let first = Credential {
            user_id: ALICE,
            phc: "$argon2id$a".to_owned(),
            pepper_id: "p1".to_owned(),
            must_change_before: Some(at(86_400)),
            set_at: NOON,
        };
        let orphan = first.clone();
        let refused = store.write(move |tx| credentials::put(tx, &orphan)).await;
        assert!(refused.is_err_and(|e| e.is_conflict_with("foreign_key")));
        store
            .write(move |tx| {
                alice(tx)?;
                peppers::create(tx, "p1", &SecretSlice::from(vec![1; 32]), NOON)?;
                assert_eq!(credentials::by_user(tx, ALICE)?, None);
                credentials::put(tx, &first)?;
                assert_eq!(credentials::by_user(tx, ALICE)?.as_ref(), Some(&first));
                let second = Credential { must_change_before: None, ..first };
                credentials::put(tx, &second)?;
                assert_eq!(credentials::by_user(tx, ALICE)?, Some(second));
                Ok::<_, Error>(())
            })
            .await
            .expect("kept");
    });
}

#[test]
fn the_newest_pepper_is_the_current_one() {
    both(async |store| {
        store
            .write(|tx| {
                assert!(peppers::current(tx)?.is_none());
                for (id, key, when) in [("a", 1, 1), ("b", 2, 3), ("c", 3, 2)] {
                    peppers::create(tx, id, &SecretSlice::from(vec![key; 32]), at(when))?;
                }
                let (id, key) = peppers::current(tx)?.expect("there");
                assert_eq!((id.as_str(), key.expose_secret()), ("b", &[2; 32][..]));
                let all: Vec<String> = peppers::all(tx)?.into_iter().map(|p| p.0).collect();
                assert_eq!(all, ["b", "c", "a"]);
                Ok::<_, Error>(())
            })
            .await
            .expect("kept");
    });
}

/// R034
#[test]
fn an_app_counts_once_confirmed_and_each_step_once() {
    both(async |store| {
        store
            .write(|tx| {
                alice(tx)?;
                let factor = totp(10, ALICE, b"twenty bytes of seed");
                factors::put_totp(tx, &factor)?;
                assert!(factors::totp_of(tx, ALICE)?.is_empty(), "pending");
                assert!(!factors::accept_totp_step(tx, factor.id, 5)?, "pending accepts nothing");
                assert!(factors::confirm_totp(tx, factor.id, 5, at(1))?);
                assert!(!factors::confirm_totp(tx, factor.id, 6, at(2))?, "confirmed once");
                let stored = factors::totp_of(tx, ALICE)?.remove(0);
                assert_eq!(stored.secret.expose_secret(), b"twenty bytes of seed");
                assert_eq!((stored.last_step, stored.confirmed_at), (Some(5), Some(at(1))));
                for (step, accepted) in [(5, false), (4, false), (7, true), (7, false), (6, false)]
                {
                    assert_eq!(factors::accept_totp_step(tx, factor.id, step)?, accepted, "{step}");
                }
                assert!(factors::totp_by_id(tx, FactorId(id(11)))?.is_none());
                Ok::<_, Error>(())
            })
            .await
            .expect("kept");
    });
}

/// R034
#[test]
fn abandoned_enrolments_are_forgotten_and_confirmed_apps_stay() {
    both(async |store| {
        store
            .write(|tx| {
                alice(tx)?;
                for number in [10, 11] {
                    factors::put_totp(tx, &totp(number, ALICE, b"seed"))?;
                }
                factors::confirm_totp(tx, FactorId(id(11)), 1, NOON)?;
                assert_eq!(factors::purge_pending(tx, NOON)?, 0, "not older");
                assert_eq!(factors::purge_pending(tx, at(1))?, 1);
                assert!(factors::totp_by_id(tx, FactorId(id(10)))?.is_none());
                assert_eq!(factors::totp_of(tx, ALICE)?.len(), 1);
                Ok::<_, Error>(())
            })
            .await
            .expect("purged");
    });
}

/// R031, R046
#[test]
fn codes_work_once_and_a_reset_forgets_all_but_that_somebody_had_enrolled() {
    both(async |store| {
        store
            .write(|tx| {
                alice(tx)?;
                users::create(tx, &user(2, "Bob"))?;
                let bob = UserId(id(2));
                let code = |number: u128, byte| RecoveryCode {
                    id: FactorId(id(number)),
                    user_id: ALICE,
                    digest: [byte; 32],
                    used_at: None,
                };
                factors::replace_recovery_codes(tx, ALICE, &[code(1, 1), code(2, 2)])?;
                assert!(!factors::use_recovery_code(tx, ALICE, &[9; 32], NOON)?);
                assert!(!factors::use_recovery_code(tx, bob, &[1; 32], NOON)?, "not his");
                assert!(factors::use_recovery_code(tx, ALICE, &[1; 32], NOON)?);
                assert!(!factors::use_recovery_code(tx, ALICE, &[1; 32], NOON)?, "used");
                assert_eq!(factors::recovery_codes_left(tx, ALICE)?, 1);
                factors::replace_recovery_codes(tx, ALICE, &[code(3, 3)])?;
                assert!(!factors::use_recovery_code(tx, ALICE, &[2; 32], NOON)?, "replaced");

                let handed = |byte| EnrollmentCode {
                    user_id: ALICE,
                    digest: [byte; 32],
                    expires_at: at(60),
                };
                factors::put_enrollment_code(tx, &handed(1))?;
                factors::put_enrollment_code(tx, &handed(2))?;
                assert!(!factors::take_enrollment_code(tx, ALICE, &[1; 32], NOON)?, "void");
                assert!(!factors::take_enrollment_code(tx, ALICE, &[2; 32], at(60))?, "expired");
                assert!(factors::take_enrollment_code(tx, ALICE, &[2; 32], at(59))?);
                assert!(!factors::take_enrollment_code(tx, ALICE, &[2; 32], at(59))?, "taken");

                assert!(!factors::enrolled_before(tx, ALICE)?);
                factors::mark_enrolled(tx, ALICE)?;
                factors::mark_enrolled(tx, ALICE)?;
                factors::put_totp(tx, &totp(10, ALICE, b"seed"))?;
                factors::put_enrollment_code(tx, &handed(3))?;
                factors::remove_all(tx, ALICE)?;
                assert!(factors::totp_by_id(tx, FactorId(id(10)))?.is_none());
                assert_eq!(factors::recovery_codes_left(tx, ALICE)?, 0);
                assert!(!factors::take_enrollment_code(tx, ALICE, &[3; 32], NOON)?);
                assert!(factors::enrolled_before(tx, ALICE)?, "stays (R033)");
                assert!(!factors::enrolled_before(tx, bob)?);
                Ok::<_, Error>(())
            })
            .await
            .expect("kept");
    });
}

#[test]
fn a_pass_is_good_once_until_it_ends_and_one_at_a_time() {
    both(async |store| {
        store
            .write(|tx| {
                alice(tx)?;
                users::create(tx, &user(2, "Bob"))?;
                let bob = UserId(id(2));
                let pass = |byte| AccessPass {
                    user_id: ALICE,
                    digest: [byte; 32],
                    reason: "phone in the taxi".to_owned(),
                    given_by: bob,
                    given_at: NOON,
                    expires_at: at(60),
                };
                access_passes::put(tx, &pass(1))?;
                access_passes::put(tx, &pass(2))?;
                assert_eq!(access_passes::of_user(tx, ALICE, at(59))?, Some(pass(2)));
                assert_eq!(access_passes::of_user(tx, ALICE, at(60))?, None, "ended");
                assert!(!access_passes::take(tx, ALICE, &[1; 32], NOON)?, "void");
                assert!(!access_passes::take(tx, bob, &[2; 32], NOON)?, "not his");
                assert!(!access_passes::take(tx, ALICE, &[2; 32], at(60))?, "ended");
                assert!(access_passes::take(tx, ALICE, &[2; 32], at(59))?);
                assert!(!access_passes::take(tx, ALICE, &[2; 32], at(59))?, "used");

                access_passes::put(tx, &pass(3))?;
                access_passes::purge(tx, at(60))?;
                assert!(access_passes::forget(tx, ALICE)?, "good until the last moment");
                assert!(!access_passes::forget(tx, ALICE)?);
                access_passes::put(tx, &pass(4))?;
                access_passes::purge(tx, at(61))?;
                assert!(!access_passes::forget(tx, ALICE)?, "swept");
                access_passes::put(tx, &pass(5))?;
                factors::remove_all(tx, ALICE)?;
                assert!(!access_passes::take(tx, ALICE, &[5; 32], NOON)?, "reset");
                Ok::<_, Error>(())
            })
            .await
            .expect("kept");
    });
}

/// R049, R057
#[test]
fn a_session_reads_back_changes_and_ends() {
    both(async |store| {
        store
            .write(|tx| {
                alice(tx)?;
                let mut mine = session(10, ALICE);
                sessions::open(tx, &mine, &[1; 32])?;
                assert_eq!(sessions::by_token(tx, &[1; 32])?.as_ref(), Some(&mine));
                let event = FactorEvent { method: Method::Totp, at: at(5) };
                sessions::add_event(tx, mine.id, event)?;
                sessions::touch(tx, mine.id, at(9))?;
                sessions::rotate(tx, mine.id, &[2; 32])?;
                mine.events.push(event);
                mine.last_seen_at = at(9);
                assert_eq!(sessions::by_token(tx, &[1; 32])?, None, "the old cookie");
                assert_eq!(sessions::by_token(tx, &[2; 32])?.as_ref(), Some(&mine));
                sessions::end(tx, mine.id, at(10))?;
                sessions::end(tx, mine.id, at(11))?;
                assert_eq!(sessions::by_token(tx, &[2; 32])?, None);
                let ended = sessions::by_id(tx, mine.id)?.expect("kept");
                assert_eq!(ended.ended_at, Some(at(10)));
                let nobody = SessionId(id(99));
                assert!(sessions::touch(tx, nobody, NOON).is_err());
                assert!(sessions::add_event(tx, nobody, event).is_err());
                assert!(sessions::rotate(tx, nobody, &[3; 32]).is_err());
                assert_eq!(sessions::purge(tx, at(9))?, 0);
                assert_eq!(sessions::purge(tx, at(10))?, 1);
                Ok::<_, Error>(())
            })
            .await
            .expect("kept");
    });
}

/// R055
#[test]
fn the_oldest_of_twenty_one_sessions_ends() {
    both(async |store| {
        store
            .write(|tx| {
                alice(tx)?;
                for number in 0..21_u8 {
                    let mut next = session(100 + u128::from(number), ALICE);
                    next.created_at = at(i64::from(number));
                    sessions::open(tx, &next, &[number; 32])?;
                }
                assert_eq!(sessions::live_of(tx, ALICE)?.len(), 20);
                assert_eq!(sessions::by_token(tx, &[0; 32])?, None);
                assert!(sessions::by_token(tx, &[1; 32])?.is_some());
                let kept = SessionId(id(105));
                assert_eq!(sessions::end_all_of(tx, ALICE, Some(kept), at(50))?, 19);
                assert_eq!(sessions::live_of(tx, ALICE)?[0].id, kept);
                assert_eq!(sessions::end_all_of(tx, ALICE, None, at(51))?, 1);
                assert!(sessions::live_of(tx, ALICE)?.is_empty());
                Ok::<_, Error>(())
            })
            .await
            .expect("ended");
    });
}

#[test]
fn a_request_keeps_its_context_byte_for_byte_and_is_redeemed_once_in_time() {
    both(async |store| {
        store
            .write(|tx| {
                alice(tx)?;
                let mut asked = request(30);
                pending_requests::put(tx, &asked)?;
                assert_eq!(pending_requests::by_handle(tx, &[1; 32])?.as_ref(), Some(&asked));
                assert_eq!(pending_requests::by_handle(tx, &[2; 32])?, None);
                asked.user_id = Some(ALICE);
                asked.events = vec![FactorEvent { method: Method::Password, at: NOON }];
                asked.enrolling = Some(FactorId(id(10)));
                pending_requests::update(tx, &asked)?;
                assert_eq!(pending_requests::by_handle(tx, &[1; 32])?.as_ref(), Some(&asked));
                assert!(!pending_requests::redeem(tx, asked.id, at(600))?, "expired");
                assert!(pending_requests::redeem(tx, asked.id, at(599))?);
                assert!(!pending_requests::redeem(tx, asked.id, at(599))?, "used");
                assert!(pending_requests::update(tx, &asked).is_err(), "used");
                assert_eq!(pending_requests::purge_expired(tx, at(600))?, 0);
                assert_eq!(pending_requests::purge_expired(tx, at(601))?, 1);
                Ok::<_, Error>(())
            })
            .await
            .expect("kept");
    });
}
