//! Sessions end when they must, and dangerous things need a fresh second factor.

use std::time::Duration;

use app::{Kind, issue::wsfed::Entered, portal::Office};
use model::ids::ObjectId;
use store::{Tx, tenant_admins, tenants, testing::execute};
use uuid::Uuid;

use crate::support::{QUERY, both, visitor};

/// R053, R054
#[test]
fn an_admin_ends_every_session_of_a_person_and_they_may_sign_in_again() {
    both(|bench| async move {
        let (admin, from) = (bench.admin().await, visitor("203.0.113.3"));
        let mut tokens = Vec::new();
        for place in ["198.51.100.7", "198.51.100.8"] {
            bench.next_code();
            tokens.push(bench.employee("alice", &visitor(place)).await.1);
        }
        let alice = bench.user_id("alice").await;
        bench.house.end_sessions(&admin, alice, &from).await.unwrap();
        for token in &tokens {
            assert!(bench.house.employee(token).await.unwrap().is_none());
        }
        bench.next_code();
        bench.employee("alice", &visitor("198.51.100.7")).await;
    });
}

/// R053, R054
#[test]
fn a_person_ends_one_session_of_their_own_and_none_of_another_person() {
    both(|bench| async move {
        let me = visitor("198.51.100.7");
        let (alice, here) = bench.employee("alice", &me).await;
        bench.next_code();
        let (there, away) = bench.employee("alice", &visitor("198.51.100.8")).await;
        let (erin, _) = bench.employee("erin", &visitor("198.51.100.9")).await;
        let others = bench.house.end_session(&alice, erin.session().id, &me).await;
        assert_eq!(others.expect_err("it is Erin's").kind, Kind::NotFound);
        bench.house.end_session(&alice, there.session().id, &me).await.unwrap();
        assert!(bench.house.employee(&away).await.unwrap().is_none());
        assert!(bench.house.employee(&here).await.unwrap().is_some());
    });
}

/// R009, R032
#[test]
fn a_factor_that_is_six_minutes_old_changes_no_password_and_makes_no_recovery_codes() {
    both(|bench| async move {
        let me = visitor("198.51.100.7");
        let (alice, _) = bench.employee("alice", &me).await;
        bench.pass(Duration::from_mins(6));
        let old = bench.account("alice").password.clone();
        let new = "four unrelated words stand here".to_owned().into();
        let late = bench.house.change_password(&alice, &me, old, new).await;
        assert_eq!(late.expect_err("six minutes are too long").kind, Kind::StepUp);
        let late = bench.house.replace_recovery_codes(&alice, &me).await;
        assert_eq!(late.expect_err("six minutes are too long").kind, Kind::StepUp);
        // The password is the one from before.
        bench.employee("alice", &visitor("198.51.100.8")).await;
    });
}

/// R152
#[test]
fn what_can_not_be_written_down_is_not_done() {
    both(|bench| async move {
        let (admin, from) = (bench.admin().await, visitor("203.0.113.3"));
        let alice = bench.user_id("alice").await;
        let break_it = |tx: &mut store::Tx| execute(tx, "ALTER TABLE audit_log RENAME TO gone");
        bench.store.write(break_it).await.unwrap();
        assert!(bench.house.block(&admin, alice, &from).await.is_err());
        let role = Some(model::Role::Auditor);
        assert!(bench.house.set_role(&admin, alice, role, &from).await.is_err());
        assert!(bench.house.reset_factors(&admin, alice, &from).await.is_err());
        let mend_it = |tx: &mut store::Tx| execute(tx, "ALTER TABLE gone RENAME TO audit_log");
        bench.store.write(mend_it).await.unwrap();
        let user = bench.store.read(move |tx| store::users::by_id(tx, alice)).await.unwrap();
        let user = user.unwrap();
        assert_eq!((user.state, user.role), (model::user::UserState::Active, None));
        bench.next_code();
        bench.employee("alice", &visitor("198.51.100.7")).await;
    });
}

/// F023, F024
#[test]
fn a_person_sees_what_they_may_open_and_what_each_session_opened() {
    both(|bench| async move {
        let from = visitor("198.51.100.7");
        let (alice, session) = bench.employee("alice", &from).await;
        bench.next_code();
        let (there, _) = bench.employee("alice", &visitor("198.51.100.8")).await;
        for _ in 0..2 {
            let entered = bench.enter(QUERY, &from, Some(&session)).await;
            assert!(matches!(entered, Entered::Token(_)), "{entered:?}");
        }
        let used = bench.house.security(&alice).await.unwrap().used_with;
        assert_eq!(used.get(&alice.session().id).unwrap(), &["Microsoft 365"], "once");
        assert_eq!(used.get(&there.session().id), None);

        let home = Some("contoso.com".to_owned());
        let office = |administers| Some(Office { home: home.clone(), administers });
        assert_eq!(bench.house.office(&alice).await.unwrap(), office(false));
        let (tenant, source) = (bench.tenant, alice.user().immutable_id.to_string());
        let made_admin = move |tx: &mut Tx| {
            tenant_admins::add(tx, tenant, ObjectId(Uuid::from_u128(77)), Some(&source))
        };
        bench.store.write(made_admin).await.unwrap();
        assert_eq!(bench.house.office(&alice).await.unwrap(), office(true));
        bench.store.write(move |tx| tenants::keep_admins_out(tx, tenant, true)).await.unwrap();
        assert_eq!(bench.house.office(&alice).await.unwrap(), office(false), "not by this door");
        bench.next_code();
        let (olivia, _) = bench.employee("olivia", &from).await;
        assert_eq!(bench.house.office(&olivia).await.unwrap(), None, "nothing is assigned");
    });
}
