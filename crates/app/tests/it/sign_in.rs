//! Signing in: what leads to a session, and what does not.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use app::{
    House, Visitor,
    sign_in::{Outcome, Screen},
    visitor::Secret,
};
use authn::denial::Reason;
use model::{
    audit::{AuditKind, Outcome as AuditOutcome},
    pending_request::Purpose,
};
use store::audit_log::{self, AuditFilter};

use crate::support::{Bench, both, visitor};

async fn try_password(house: &House, from: &Visitor, upn: &str, password: &str) -> Outcome {
    let handle = house.begin_sign_in(Purpose::Portal, from).await.unwrap();
    house.sign_in_address(&handle, from, upn).await.unwrap();
    house.sign_in_password(&handle, from, password.to_owned().into()).await.unwrap()
}

/// R048, R049
#[test]
fn password_and_code_open_a_session_and_signing_out_ends_it() {
    both(|bench| async move {
        let from = visitor("203.0.113.1");
        let (alice, token) = bench.employee("alice", &from).await;
        assert_eq!(alice.user().upn.as_str(), "alice@contoso.com");
        assert!(alice.session().proof().unwrap().mfa().is_some());
        let shorter = Secret::from_cookie(&token.expose()[1..]);
        assert!(bench.house.employee(&shorter).await.unwrap().is_none());
        assert!(bench.house.admin(&token).await.unwrap().is_none(), "another door's cookie");
        bench.house.sign_out(&token, &from).await.unwrap();
        assert!(bench.house.employee(&token).await.unwrap().is_none());
    });
}

#[test]
fn a_wrong_password_and_an_unknown_address_look_alike() {
    both(|bench| async move {
        let from = visitor("203.0.113.2");
        let known = try_password(&bench.house, &from, "alice@contoso.com", "wrong one").await;
        let unknown = try_password(&bench.house, &from, "nobody@contoso.com", "wrong one").await;
        let blocked = try_password(&bench.house, &from, "dan@contoso.com", "wrong one").await;
        let sentence = |outcome: &Outcome| match outcome {
            Outcome::Again { sentence, screen: Screen::Password { .. } } => sentence.clone(),
            other => panic!("not the same page again: {other:?}"),
        };
        assert_eq!(sentence(&known), sentence(&unknown));
        assert_eq!(sentence(&known), sentence(&blocked));
    });
}

#[test]
fn a_blocked_person_is_told_so_only_after_the_right_password() {
    both(|bench| async move {
        let from = visitor("203.0.113.3");
        let dan = bench.account("dan");
        let outcome = try_password(&bench.house, &from, &dan.upn, dan.password()).await;
        let Outcome::Next(Screen::Denied { reason, .. }) = outcome else {
            panic!("not refused: {outcome:?}")
        };
        assert_eq!(reason, Reason::Blocked);
    });
}

/// R026, R028
#[test]
fn a_code_works_once() {
    both(|bench| async move {
        let from = visitor("203.0.113.4");
        bench.sign_in("alice", Purpose::Portal, &from).await;
        let handle = bench.at_code("alice", Purpose::Portal, &from).await;
        let code = bench.code(bench.account("alice"));
        let outcome = bench.house.sign_in_code(&handle, &from, &code).await.unwrap();
        assert!(matches!(outcome, Outcome::Again { .. }), "{outcome:?}");
        assert!(bench.house.complete_sign_in(&handle, &from).await.unwrap().is_none());
        // Whoever typed it reads what a wrong code reads; the log knows better.
        assert_eq!(Reason::ReplayedCode.sentence(), Reason::WrongCode.sentence());
        let filter = AuditFilter {
            kind: Some(AuditKind::FactorChecked),
            outcome: Some(AuditOutcome::Refused),
            limit: 1,
            ..AuditFilter::default()
        };
        let rows = bench.store.read(move |tx| audit_log::list(tx, &filter)).await.unwrap().rows;
        assert!(rows[0].detail.contains(Reason::ReplayedCode.as_str()), "{rows:?}");
    });
}

/// R040
#[test]
fn the_second_factor_cannot_be_skipped() {
    both(|bench| async move {
        let from = visitor("203.0.113.5");
        let handle = bench.at_code("alice", Purpose::Portal, &from).await;
        assert!(bench.house.complete_sign_in(&handle, &from).await.unwrap().is_none());
        let enrolled = bench.house.sign_in_enroll(&handle, &from, "123456").await.unwrap();
        assert!(matches!(enrolled, Outcome::Next(Screen::SecondFactor { .. })), "{enrolled:?}");
        let new = bench.house.sign_in_new_password(&handle, &from, "x".repeat(30).into()).await;
        assert!(matches!(new.unwrap(), Outcome::Next(Screen::SecondFactor { .. })));
        assert!(bench.house.complete_sign_in(&handle, &from).await.unwrap().is_none());
    });
}

async fn enroll(bench: &Bench, from: &Visitor, handle: &Secret) -> Vec<String> {
    let screen = bench.house.sign_in_screen(handle, from).await.unwrap().unwrap();
    let Screen::Enroll { authenticator, .. } = screen else { panic!("no enrolment: {screen:?}") };
    let account = app::sample::SampleAccount {
        totp_secret: Some(authenticator.key_text.replace(' ', "").into()),
        ..bench.account("carol").clone()
    };
    let wrong = bench.house.sign_in_enroll(handle, from, "000000").await.unwrap();
    assert!(matches!(wrong, Outcome::Again { .. }), "{wrong:?}");
    let code = bench.code(&account);
    match bench.house.sign_in_enroll(handle, from, &code).await.unwrap() {
        Outcome::RecoveryCodes { address, codes } => {
            assert_eq!(address, "carol@contoso.com");
            codes
        }
        other => panic!("not enrolled: {other:?}"),
    }
}

/// R031, R034
#[test]
fn a_new_account_enrols_in_the_grace_time_and_its_recovery_codes_work_once() {
    both(|bench| async move {
        let from = visitor("203.0.113.6");
        let handle = bench.at_code("carol", Purpose::Portal, &from).await;
        let codes = enroll(&bench, &from, &handle).await;
        assert_eq!(codes.len(), 10);
        let signed_in = bench.house.complete_sign_in(&handle, &from).await.unwrap().unwrap();
        let carol = bench.house.employee(&signed_in.token).await.unwrap().unwrap();
        assert!(carol.session().proof().unwrap().mfa().is_some());

        for expected in [true, false] {
            let handle = bench.at_code("carol", Purpose::Portal, &from).await;
            let outcome =
                bench.house.sign_in_recovery_code(&handle, &from, &codes[0]).await.unwrap();
            assert_eq!(outcome == Outcome::Next(Screen::Done), expected, "{outcome:?}");
        }
    });
}

/// R033
#[test]
fn after_the_grace_time_enrolling_needs_the_code_that_an_admin_hands_over() {
    both(|bench| async move {
        bench.pass(Duration::from_hours(48));
        let (from, admin) = (visitor("203.0.113.7"), bench.admin().await);
        let carol = bench.user_id("carol").await;
        let code = bench.house.reset_factors(&admin, carol, &from).await.unwrap();
        let code = secrecy::ExposeSecret::expose_secret(&code).to_owned();
        let handle = bench.at_code("carol", Purpose::Portal, &from).await;
        let screen = bench.house.sign_in_screen(&handle, &from).await.unwrap();
        assert!(matches!(screen, Some(Screen::EnrollmentCode { .. })), "{screen:?}");
        let wrong = bench.house.sign_in_enrollment_code(&handle, &from, "AAAA-AAAA").await.unwrap();
        assert!(matches!(wrong, Outcome::Again { .. }), "{wrong:?}");
        let filter = AuditFilter {
            kind: Some(AuditKind::FactorChecked),
            outcome: Some(AuditOutcome::Refused),
            limit: 9,
            ..AuditFilter::default()
        };
        let noted = bench.store.read(move |tx| audit_log::list(tx, &filter)).await.unwrap();
        assert_eq!(noted.rows.len(), 1);
        assert_eq!(noted.rows[0].detail, "wrong_enrollment_code");
        let right = bench.house.sign_in_enrollment_code(&handle, &from, &code).await.unwrap();
        assert!(matches!(right, Outcome::Next(Screen::Enroll { .. })), "{right:?}");
        enroll(&bench, &from, &handle).await;

        let again = bench.at_code("carol", Purpose::Portal, &visitor("203.0.113.8")).await;
        let outcome = bench.house.sign_in_enrollment_code(&again, &from, &code).await.unwrap();
        assert_eq!(outcome, Outcome::Expired, "another browser's request");
    });
}

/// R096
#[test]
fn a_request_belongs_to_one_browser_and_ends_after_ten_minutes() {
    both(|bench| async move {
        let (mine, theirs) = (visitor("203.0.113.9"), visitor("203.0.113.10"));
        let handle = bench.at_code("alice", Purpose::Portal, &mine).await;
        assert!(bench.house.sign_in_screen(&handle, &theirs).await.unwrap().is_none());
        let code = bench.code(bench.account("alice"));
        let stolen = bench.house.sign_in_code(&handle, &theirs, &code).await.unwrap();
        assert_eq!(stolen, Outcome::Expired);
        bench.pass(Duration::from_secs(601));
        let late = bench.house.sign_in_screen(&handle, &mine).await.unwrap();
        assert_eq!(late, None);
    });
}

/// R052
#[test]
fn an_idle_session_ends_and_so_does_an_old_one() {
    both(|bench| async move {
        let from = visitor("203.0.113.11");
        let (_, token) = bench.employee("alice", &from).await;
        for _ in 0..14 {
            bench.pass(Duration::from_mins(55));
            let live = bench.house.employee(&token).await.unwrap();
            let age = live.map(|alice| bench.house.now().since(alice.session().created_at));
            assert!(age.is_none_or(|age| age < Duration::from_hours(12)));
        }
        assert!(bench.house.employee(&token).await.unwrap().is_none(), "after 12 hours");
        let (_, token) = bench.employee("alice", &from).await;
        bench.pass(Duration::from_mins(61));
        assert!(bench.house.employee(&token).await.unwrap().is_none(), "after an idle hour");
    });
}

#[test]
fn a_new_password_ends_sign_ins_that_are_under_way() {
    both(|bench| async move {
        let (me, thief) = (visitor("203.0.113.12"), visitor("203.0.113.13"));
        let (alice, _) = bench.employee("alice", &me).await;
        let handle = bench.at_code("alice", Purpose::Portal, &thief).await;
        bench.next_code();
        let (old, new) = (bench.account("alice").password.clone(), "teal otter hums 7");
        bench.house.change_password(&alice, &me, old, new.to_owned().into()).await.unwrap();
        bench.next_code();
        let code = bench.code(bench.account("alice"));
        let outcome = bench.house.sign_in_code(&handle, &thief, &code).await.unwrap();
        assert!(matches!(outcome, Outcome::Next(Screen::Password { .. })), "{outcome:?}");
        assert!(bench.house.complete_sign_in(&handle, &thief).await.unwrap().is_none());
    });
}

#[test]
fn resetting_the_factors_ends_sign_ins_that_are_under_way() {
    both(|bench| async move {
        let (admin, thief) = (bench.admin().await, visitor("203.0.113.14"));
        let handle = bench.at_code("alice", Purpose::Portal, &thief).await;
        let code = bench.code(bench.account("alice"));
        let outcome = bench.house.sign_in_code(&handle, &thief, &code).await.unwrap();
        assert_eq!(outcome, Outcome::Next(Screen::Done));
        let alice = bench.user_id("alice").await;
        bench.house.reset_factors(&admin, alice, &visitor("198.51.100.9")).await.unwrap();
        assert!(bench.house.complete_sign_in(&handle, &thief).await.unwrap().is_none());
        let screen = bench.house.sign_in_screen(&handle, &thief).await.unwrap();
        assert!(matches!(screen, Some(Screen::Password { .. })), "{screen:?}");
    });
}

#[test]
fn blocking_takes_back_what_an_unfinished_sign_in_has_proved() {
    both(|bench| async move {
        let (admin, from) = (bench.admin().await, visitor("203.0.113.12"));
        let handle = bench.at_code("alice", Purpose::Portal, &from).await;
        let id = bench.user_id("alice").await;
        bench.house.block(&admin, id, &from).await.unwrap();
        bench.house.unblock(&admin, id, &from).await.unwrap();
        let screen = bench.house.sign_in_screen(&handle, &from).await.unwrap();
        assert!(matches!(screen, Some(Screen::Password { .. })), "{screen:?}");
    });
}

/// R156
#[test]
fn what_nobody_needs_any_more_is_forgotten_and_the_rest_is_kept() {
    both(|bench| async move {
        let rows = async |table: &str| -> String {
            let sql = format!("SELECT CAST(COUNT(*) AS TEXT) AS value FROM {table}");
            bench.store.read(move |tx| store::testing::text(tx, &sql)).await.unwrap()
        };
        let from = visitor("203.0.113.20");
        bench.employee("alice", &from).await;
        let handle = bench.at_code("carol", Purpose::Portal, &from).await;
        let other = visitor("203.0.113.21");
        try_password(&bench.house, &other, "nobody@contoso.com", "wrong one").await;
        bench.house.forget_expired().await.unwrap();
        assert!(bench.house.sign_in_screen(&handle, &from).await.unwrap().is_some());
        let enrolled = rows("totp_factors").await.parse::<u32>().unwrap() - 1;

        bench.pass(Duration::from_hours(31 * 24));
        bench.employee("grace", &from).await;
        bench.house.forget_expired().await.unwrap();
        assert_eq!(rows("sessions").await, "1", "Grace has just signed in");
        assert_eq!(rows("pending_requests").await, "1", "so has her request");
        assert_eq!(rows("totp_factors").await, enrolled.to_string(), "Carol never confirmed hers");
        let counted = rows("guess_counters").await;
        bench.pass(Duration::from_hours(31 * 24));
        bench.house.forget_expired().await.unwrap();
        assert_ne!(counted, "0");
        assert_eq!(rows("guess_counters").await, "0");
    });
}

#[test]
fn r029_a_clock_that_was_set_rings_and_stops_new_apps() {
    both(|bench| async move {
        let from = visitor("203.0.113.8");
        bench.node_set_by(60).await.keep_watch().await.unwrap();
        assert!(
            bench.store.read(store::alarms::open).await.unwrap().is_empty(),
            "a minute is fine"
        );
        for seconds in [61, -90] {
            let node = bench.node_set_by(seconds).await;
            node.keep_watch().await.unwrap();
            bench.house.keep_watch().await.unwrap();
            let open = bench.store.read(store::alarms::open).await.unwrap();
            let said: Vec<String> = open.iter().map(model::alarm::Alarm::sentence).collect();
            let this = format!("by {} seconds", seconds.abs());
            let of_this = said.iter().filter(|it| it.contains(&this)).count();
            assert_eq!(of_this, 1, "each node speaks for itself: {said:?}");

            let handle = bench.at_code("carol", Purpose::Portal, &from).await;
            let screen = node.sign_in_screen(&handle, &from).await.unwrap().unwrap();
            let Screen::Enroll { authenticator, .. } = &screen else { panic!("{screen:?}") };
            let account = app::sample::SampleAccount {
                totp_secret: Some(authenticator.key_text.replace(' ', "").into()),
                ..bench.account("carol").clone()
            };
            let code = bench.code(&account);
            let outcome = node.sign_in_enroll(&handle, &from, &code).await.unwrap();
            let Outcome::Again { sentence, .. } = &outcome else { panic!("{outcome:?}") };
            assert!(sentence.contains("the clock of the server"), "{sentence}");
            assert!(node.complete_sign_in(&handle, &from).await.unwrap().is_none());
        }
        let handle = bench.at_code("carol", Purpose::Portal, &from).await;
        assert_eq!(enroll(&bench, &from, &handle).await.len(), 10, "a right clock judges");
    });
}

#[test]
fn r029_an_acknowledged_clock_counts_from_where_it_was_set_to() {
    both(|bench| async move {
        let (from, set) = (visitor("203.0.113.8"), Arc::new(AtomicI64::new(300)));
        let node = bench.node_that_is_set(&set).await;
        let admin = bench.admin().await;
        let open = async || {
            node.keep_watch().await.unwrap();
            bench.store.read(store::alarms::open).await.unwrap()
        };
        let handle = bench.at_code("carol", Purpose::Portal, &from).await;
        let tried = async |node: &House| {
            let outcome = node.sign_in_enroll(&handle, &from, "000000").await.unwrap();
            let Outcome::Again { sentence, .. } = outcome else { panic!("{outcome:?}") };
            sentence.contains("does not fit")
        };
        bench.house.sign_in_screen(&handle, &from).await.unwrap();
        assert!(!tried(&node).await, "no code is looked at");
        let [alarm] = open().await.try_into().unwrap();
        bench.house.acknowledge_alarm(&admin, alarm.id, &from).await.unwrap();
        for known in [300, 310, 5] {
            set.store(known, Ordering::Relaxed);
            assert_eq!(open().await, [], "{known}");
            assert!(tried(&node).await, "{known}");
        }
        let restarted = bench.node_set_by(300).await;
        assert!(!tried(&restarted).await, "that is another jump");
        for unknown in [-90, 361] {
            set.store(unknown, Ordering::Relaxed);
            assert_eq!(open().await.len(), 1, "{unknown}");
            assert!(!tried(&node).await, "{unknown}");
        }
    });
}

/// R033
#[test]
fn r029_no_enrolment_code_is_used_up_where_no_app_can_be_set_up() {
    both(|bench| async move {
        bench.pass(Duration::from_hours(48));
        let (from, admin) = (visitor("203.0.113.7"), bench.admin().await);
        let carol = bench.user_id("carol").await;
        let code = bench.house.reset_factors(&admin, carol, &from).await.unwrap();
        let code = secrecy::ExposeSecret::expose_secret(&code).to_owned();
        let handle = bench.at_code("carol", Purpose::Portal, &from).await;
        let node = bench.node_set_by(61).await;
        let kept = node.sign_in_enrollment_code(&handle, &from, &code).await.unwrap();
        let Outcome::Again { sentence, .. } = &kept else { panic!("{kept:?}") };
        assert!(sentence.contains("was not used up"), "{sentence}");
        let right = bench.house.sign_in_enrollment_code(&handle, &from, &code).await.unwrap();
        assert!(matches!(right, Outcome::Next(Screen::Enroll { .. })), "{right:?}");
    });
}
