//! Guessing: counted before the check, for all nodes together, and never against the victim.

use app::{
    House, Kind, Settings, Visitor,
    accounts::UsedUp,
    sign_in::{Outcome, Screen},
};
use authn::lockout;
use model::{Method, Role, audit::AuditKind, guess::GuessCounter, pending_request::Purpose};
use store::{
    audit_log::{self, AuditFilter},
    guess_counters,
};

use crate::support::{Bench, both, visitor};

async fn guess(house: House, from: Visitor, upn: String, password: String) -> Outcome {
    let handle = house.begin_sign_in(Purpose::Portal, &from).await.unwrap();
    house.sign_in_address(&handle, &from, &upn).await.unwrap();
    house.sign_in_password(&handle, &from, password.into()).await.unwrap()
}

async fn audited(bench: &Bench, kind: AuditKind) -> i64 {
    let filter = AuditFilter { kind: Some(kind), limit: 1, ..AuditFilter::default() };
    bench.store.read(move |tx| audit_log::list(tx, &filter)).await.unwrap().total
}

/// R015, R019
#[test]
fn parallel_guesses_on_two_nodes_do_not_outrun_the_counter() {
    both(|bench| async move {
        let nodes = [bench.house.clone(), bench.second_node().await];
        let mut guesses = Vec::new();
        for n in 0..100 {
            let house = nodes[n % 2].clone();
            let from = visitor(&format!("203.0.113.{}", n + 1));
            let spelling = ["alice@contoso.com", "ALICE@contoso.com", " alice@Contoso.com."][n % 3];
            let upn = spelling.to_owned();
            guesses.push(tokio::spawn(guess(house, from, upn, format!("wrong {n}"))));
        }
        for guess in guesses {
            assert!(matches!(guess.await.unwrap(), Outcome::Again { .. }));
        }
        assert_eq!(audited(&bench, AuditKind::PasswordChecked).await, 3, "reached the hash");
        assert_eq!(audited(&bench, AuditKind::Throttled).await, 97);
        let alice = bench.account("alice");
        let right = guess(
            bench.house.clone(),
            visitor("192.0.2.1"),
            alice.upn.clone(),
            alice.password().to_owned(),
        );
        assert!(matches!(right.await, Outcome::Again { .. }), "even the right one must wait");
    });
}

/// R017
#[test]
fn a_stranger_who_fails_does_not_stop_a_browser_that_is_known() {
    both(|bench| async move {
        let mut known = visitor("192.0.2.7");
        let signed_in = bench.sign_in("alice", Purpose::Portal, &known).await;
        known.device = Some(signed_in.device);
        let alice = bench.account("alice").clone();
        exhaust(&bench, "alice").await;
        let attack = (0..200).map(|n| {
            let (house, from) = (bench.house.clone(), visitor(&format!("203.0.113.{}", n % 50)));
            tokio::spawn(guess(house, from, alice.upn.clone(), format!("wrong {n}")))
        });
        let attack: Vec<_> = attack.collect();
        let house = bench.house.clone();
        let right = guess(house, known, alice.upn.clone(), alice.password().to_owned()).await;
        assert!(matches!(right, Outcome::Next(Screen::SecondFactor { .. })), "{right:?}");
        for wrong in attack {
            assert!(matches!(wrong.await.unwrap(), Outcome::Again { .. }));
        }
    });
}

/// As many wrong passwords of somebody as are ever checked.
pub(crate) async fn exhaust(bench: &Bench, name: &str) {
    let (key, now) = (authn::lockout::password(bench.user_id(name).await), bench.house.now());
    let failed = GuessCounter { failures: 100, window_began_at: now, last_at: now };
    bench.store.write(move |tx| guess_counters::put(tx, &key, &failed)).await.unwrap();
}

/// R013
#[test]
fn the_help_desk_unlocks_whom_strangers_have_used_up() {
    both(|bench| async move {
        let (owner, from) = (bench.admin().await, visitor("203.0.113.3"));
        let helper = crate::accounts::admin_as(&bench, "erin", Role::HelpDesk).await;
        let (house, alice) = (&bench.house, bench.account("alice").clone());
        let id = bench.user_id("alice").await;
        let comes = || async {
            bench.pass(std::time::Duration::from_secs(11));
            let (from, password) = (visitor("192.0.2.1"), alice.password().to_owned());
            guess(house.clone(), from, alice.upn.clone(), password).await
        };
        let none = house.unlock(&helper, id, &from).await;
        assert_eq!(none.expect_err("nothing is locked").kind, Kind::Conflict);
        exhaust(&bench, "alice").await;
        assert!(matches!(comes().await, Outcome::Again { .. }));
        let seen = house.person(&helper, id).await.unwrap().used_up;
        assert_eq!(seen, UsedUp { passwords: true, codes: false });
        house.unlock(&helper, id, &from).await.unwrap();
        assert!(matches!(comes().await, Outcome::Next(_)));
        assert_eq!(audited(&bench, AuditKind::UserUnlocked).await, 1);

        let (day, now) = (lockout::second_factor_day(id, Method::Totp), house.now());
        let failed = GuessCounter { failures: 20, window_began_at: now, last_at: now };
        bench.store.write(move |tx| guess_counters::put(tx, &day, &failed)).await.unwrap();
        let seen = house.person(&owner, id).await.unwrap().used_up;
        assert_eq!(seen, UsedUp { passwords: false, codes: true });
        house.unlock(&owner, id, &from).await.unwrap();
        assert_eq!(house.person(&owner, id).await.unwrap().used_up, UsedUp::default());

        exhaust(&bench, "olivia").await;
        let above = house.unlock(&helper, bench.user_id("olivia").await, &from).await;
        assert_eq!(above.expect_err("she has a role").kind, Kind::Forbidden);
        bench.pass(std::time::Duration::from_mins(6));
        let late = house.unlock(&helper, id, &from).await;
        assert_eq!(late.expect_err("six minutes are too long").kind, Kind::StepUp);
    });
}

/// R014, R157: guesses count before they are checked, and right ones of many people who come to work at
/// once from one address must not use up what that address may fail.
#[test]
fn an_office_that_signs_in_at_once_is_no_attack() {
    both(|bench| async move {
        let bench = bench.with_settings(|it| Settings { hashing_slots: 1, ..it }).await;
        let from = visitor("203.0.113.90");
        let (key, now) = (authn::lockout::address(&from.client.address), bench.house.now());
        let failed = GuessCounter { failures: 54, window_began_at: now, last_at: now };
        let put = move |tx: &mut store::Tx| guess_counters::put(tx, &key, &failed);
        bench.store.write(put).await.unwrap();
        let people =
            bench.sample.people.iter().map(|it| (it.upn.clone(), it.password().to_owned()));
        let guesses: Vec<_> = people
            .map(|(upn, password)| {
                tokio::spawn(guess(bench.house.clone(), from.clone(), upn, password))
            })
            .collect();
        assert!(guesses.len() > 6, "more than the address may still fail");
        for guess in guesses {
            let outcome = guess.await.unwrap();
            assert!(matches!(outcome, Outcome::Next(_)), "{outcome:?}");
        }
        assert_eq!(audited(&bench, AuditKind::Throttled).await, 0);
    });
}

/// R016
#[test]
fn codes_have_limits_of_their_own() {
    both(|bench| async move {
        let from = visitor("203.0.113.80");
        let handle = bench.at_code("alice", Purpose::Portal, &from).await;
        for _ in 0..5 {
            bench.house.sign_in_code(&handle, &from, "000000").await.unwrap();
        }
        let code = bench.code(bench.account("alice"));
        let right = bench.house.sign_in_code(&handle, &from, &code).await.unwrap();
        assert!(matches!(right, Outcome::Again { .. }), "the sixth is not even checked");
        bench.next_code();
        let code = bench.code(bench.account("alice"));
        let later = bench.house.sign_in_code(&handle, &from, &code).await.unwrap();
        assert_eq!(later, Outcome::Next(Screen::Done));
    });
}

/// R009, R021
#[test]
fn the_current_password_is_guessed_under_the_same_limits_and_into_the_audit_log() {
    both(|bench| async move {
        let from = visitor("203.0.113.81");
        let (alice, _) = bench.employee("alice", &from).await;
        let before = audited(&bench, AuditKind::PasswordChecked).await;
        for n in 0..5 {
            let (wrong, new) = (format!("wrong {n}"), "teal otter hums 7".to_owned());
            let tried = bench.house.change_password(&alice, &from, wrong.into(), new.into()).await;
            let error = tried.expect_err("a wrong password");
            assert_eq!(error.kind, app::Kind::Invalid { field: "current" });
        }
        assert_eq!(audited(&bench, AuditKind::PasswordChecked).await, before + 3);
        assert_eq!(audited(&bench, AuditKind::Throttled).await, 2);
    });
}
