//! A person's own authenticator app, on the portal: set up, moved to another phone, taken away.

use std::time::Duration;

use app::{
    Employee, Kind,
    sign_in::{Outcome, Screen},
};
use model::{ids::FactorId, pending_request::Purpose};

use crate::{
    passkeys::{by_key, with_key},
    support::{Bench, base32, both, visitor},
};

/// The code that a begun app shows now.
async fn shown(bench: &Bench, me: &Employee, id: FactorId) -> String {
    let begun = bench.house.begun_app(me, id).await.unwrap().unwrap();
    let secret = base32(&begun.key_text.replace(' ', ""));
    authn::totp::code_at(&secret.into(), bench.house.now())
}

/// Whether somebody who has proved their password is let in by this code.
async fn opens(bench: &Bench, name: &str, code: &str) -> bool {
    let from = visitor("198.51.100.30");
    let handle = bench.at_code(name, Purpose::Portal, &from).await;
    bench.house.sign_in_code(&handle, &from, code).await.unwrap() == Outcome::Next(Screen::Done)
}

/// R032, R034, R053
#[test]
fn an_app_moves_to_another_phone_with_the_first_code_of_the_new_one() {
    both(|bench| async move {
        let from = visitor("198.51.100.7");
        let (_, elsewhere) = bench.employee("alice", &visitor("198.51.100.8")).await;
        bench.next_code();
        let (me, here) = bench.employee("alice", &from).await;
        let new = bench.house.begin_app(&me).await.unwrap();
        let code = shown(&bench, &me, new).await;
        let wrong = if code == "000000" { "000001" } else { "000000" };
        let refused = bench.house.add_app(&me, &from, new, wrong).await;
        assert_eq!(refused.expect_err("a wrong code").kind, Kind::Invalid { field: "code" });
        assert!(bench.house.employee(&elsewhere).await.unwrap().is_some(), "nothing has moved");
        bench.next_code();
        assert!(opens(&bench, "alice", &bench.code(bench.account("alice"))).await);

        bench.house.add_app(&me, &from, new, &shown(&bench, &me, new).await).await.unwrap();
        assert_eq!(bench.house.security(&me).await.unwrap().factors.len(), 1);
        assert!(bench.house.employee(&elsewhere).await.unwrap().is_none());
        assert!(bench.house.employee(&here).await.unwrap().is_some());
        assert_eq!(bench.house.begun_app(&me, new).await.unwrap(), None, "it is shown no more");
        bench.next_code();
        assert!(!opens(&bench, "alice", &bench.code(bench.account("alice"))).await, "the old one");
    });
}

/// R034
#[test]
fn a_begun_app_is_its_persons_own_for_ten_minutes() {
    both(|bench| async move {
        let from = visitor("198.51.100.7");
        let (alice, _) = bench.employee("alice", &from).await;
        let (erin, _) = bench.employee("erin", &from).await;
        let new = bench.house.begin_app(&alice).await.unwrap();
        let code = shown(&bench, &alice, new).await;
        assert_eq!(bench.house.begun_app(&erin, new).await.unwrap(), None);
        let refused = bench.house.add_app(&erin, &from, new, &code).await;
        assert_eq!(refused.expect_err("it is Alice's").kind, Kind::Invalid { field: "code" });
        bench.pass(Duration::from_mins(11));
        assert_eq!(bench.house.begun_app(&alice, new).await.unwrap(), None);
        let late = bench.house.add_app(&alice, &from, new, &code).await;
        assert_eq!(late.expect_err("too late").kind, Kind::Invalid { field: "code" });
        for person in [&alice, &erin] {
            assert_eq!(bench.house.security(person).await.unwrap().factors.len(), 1);
        }
    });
}

/// R032
#[test]
fn a_factor_that_is_six_minutes_old_moves_no_app_and_removes_none() {
    both(|bench| async move {
        let from = visitor("198.51.100.7");
        let (me, _) = with_key(&bench, ("alice", true), &from).await;
        bench.pass(Duration::from_mins(6));
        let late = bench.house.begin_app(&me).await;
        assert_eq!(late.expect_err("six minutes are too long").kind, Kind::StepUp);
        let late = bench.house.remove_app(&me, &from).await;
        assert_eq!(late.expect_err("six minutes are too long").kind, Kind::StepUp);
        assert_eq!(bench.house.security(&me).await.unwrap().factors.len(), 2);
    });
}

/// R032, R053
#[test]
fn an_app_is_taken_away_where_a_passkey_is_left() {
    both(|bench| async move {
        let from = visitor("198.51.100.7");
        let (erin, _) = bench.employee("erin", &from).await;
        let last = bench.house.remove_app(&erin, &from).await;
        assert_eq!(last.expect_err("nothing would be left").kind, Kind::Conflict);

        let (_, elsewhere) = bench.employee("alice", &visitor("198.51.100.8")).await;
        bench.next_code();
        let (me, mut key) = with_key(&bench, ("alice", true), &from).await;
        bench.house.remove_app(&me, &from).await.unwrap();
        assert!(bench.house.employee(&elsewhere).await.unwrap().is_none());
        let again = bench.house.remove_app(&me, &from).await;
        assert_eq!(again.expect_err("it is gone").kind, Kind::NotFound);
        bench.next_code();
        assert!(!opens(&bench, "alice", &bench.code(bench.account("alice"))).await);

        // Whoever has a passkey alone sets an app up by it.
        let me = by_key(&bench, &me, &mut key, &from).await;
        let new = bench.house.begin_app(&me).await.unwrap();
        bench.house.add_app(&me, &from, new, &shown(&bench, &me, new).await).await.unwrap();
        assert_eq!(bench.house.security(&me).await.unwrap().factors.len(), 2);
    });
}

/// R029
#[test]
fn no_app_is_set_up_by_a_clock_that_was_set() {
    both(|bench| async move {
        let from = visitor("198.51.100.7");
        let (me, _) = bench.employee("alice", &from).await;
        let node = bench.node_set_by(120).await;
        let refused = node.begin_app(&me).await;
        assert_eq!(refused.expect_err("its clock was set").kind, Kind::Conflict);
    });
}
