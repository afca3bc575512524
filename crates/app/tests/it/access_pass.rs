//! The temporary access pass: who gives it, what it opens, and how it ends.

use std::time::Duration;

use app::{
    Admin, Kind, Visitor,
    accounts::NewAccessPass,
    sign_in::{Outcome, Screen},
    visitor::Secret,
};
use mail::testing::MailServer;
use model::{
    Method, Role,
    audit::{AuditKind, Outcome as AuditOutcome},
    ids::UserId,
    pending_request::Purpose,
};
use secrecy::ExposeSecret as _;
use store::audit_log::{self, AuditFilter};

use crate::support::{Bench, both, visitor};

fn eight_hours() -> NewAccessPass {
    NewAccessPass { hours: 8, reason: "left the phone at home, called back".to_owned() }
}

async fn given(bench: &Bench, admin: &Admin, name: &str) -> app::Result<String> {
    let (id, from) = (bench.user_id(name).await, visitor("198.51.100.9"));
    let pass = bench.house.give_access_pass(admin, id, eight_hours(), &from).await?;
    Ok(pass.expose_secret().to_owned())
}

/// Types it after the password, in a sign-in of its own.
async fn typed(bench: &Bench, name: &str, pass: &str) -> app::Result<(Secret, Outcome)> {
    let from = visitor("203.0.113.20");
    typed_from(bench, name, pass, &from).await
}

async fn typed_from(
    bench: &Bench,
    name: &str,
    pass: &str,
    from: &Visitor,
) -> app::Result<(Secret, Outcome)> {
    let handle = bench.at_code(name, Purpose::Portal, from).await;
    let outcome = bench.house.sign_in_recovery_code(&handle, from, pass).await?;
    Ok((handle, outcome))
}

async fn details(bench: &Bench, kind: AuditKind) -> app::Result<Vec<(AuditOutcome, String)>> {
    let filter = AuditFilter { kind: Some(kind), limit: 50, ..AuditFilter::default() };
    let page = bench.store.read(move |tx| audit_log::list(tx, &filter)).await?;
    Ok(page.rows.into_iter().map(|row| (row.outcome, row.detail)).collect())
}

/// R094
#[test]
fn a_pass_stands_in_for_the_second_factor_once() {
    both(|bench| async move {
        let (admin, me) = (bench.admin().await, visitor("203.0.113.21"));
        let pass = given(&bench, &admin, "alice").await.unwrap();
        let (handle, outcome) = typed_from(&bench, "alice", &pass, &me).await.unwrap();
        assert_eq!(outcome, Outcome::Next(Screen::Done));
        let signed_in = bench.house.complete_sign_in(&handle, &me).await.unwrap().unwrap();
        let alice = bench.house.employee(&signed_in.token).await.unwrap().unwrap();
        let proof = alice.session().proof().unwrap();
        assert!(proof.has(Method::AccessPass) && proof.mfa().is_some());
        assert!(!proof.resists_phishing());
        let codes = bench.house.replace_recovery_codes(&alice, &me).await;
        assert_eq!(codes.expect_err("it confirms nothing").kind, Kind::StepUp);

        let (_, again) = typed(&bench, "alice", &pass).await.unwrap();
        assert!(matches!(again, Outcome::Again { .. }), "{again:?}");
        let made = details(&bench, AuditKind::AccessPassGiven).await.unwrap();
        let reason = "for 8 h: left the phone at home, called back".to_owned();
        assert_eq!(made, [(AuditOutcome::Done, reason)]);
        let checked = details(&bench, AuditKind::FactorChecked).await.unwrap();
        assert!(checked.contains(&(AuditOutcome::Done, "access pass".to_owned())), "{checked:?}");
        let wrong = (AuditOutcome::Refused, "wrong_recovery_code".to_owned());
        assert!(checked.contains(&wrong), "{checked:?}");
    });
}

#[test]
fn a_pass_is_nobody_elses_and_no_first_factor() {
    both(|bench| async move {
        let (admin, from) = (bench.admin().await, visitor("203.0.113.22"));
        let pass = given(&bench, &admin, "alice").await.unwrap();
        let (_, others) = typed(&bench, "erin", &pass).await.unwrap();
        assert!(matches!(others, Outcome::Again { .. }), "{others:?}");
        let handle = bench.house.begin_sign_in(Purpose::Portal, &from).await.unwrap();
        bench.house.sign_in_address(&handle, &from, "alice@contoso.com").await.unwrap();
        let early = bench.house.sign_in_recovery_code(&handle, &from, &pass).await.unwrap();
        assert!(matches!(early, Outcome::Next(Screen::Password { .. })), "{early:?}");
        assert!(bench.house.complete_sign_in(&handle, &from).await.unwrap().is_none());
        let (_, still_good) = typed(&bench, "alice", &pass).await.unwrap();
        assert_eq!(still_good, Outcome::Next(Screen::Done));
    });
}

#[test]
fn a_pass_ends_with_its_time_a_newer_one_a_word_a_block_and_a_reset() {
    both(|bench| async move {
        let from = visitor("198.51.100.9");
        let id = bench.user_id("alice").await;
        for how in ["time", "newer", "word", "block", "role", "reset"] {
            let admin = bench.admin().await;
            let pass = given(&bench, &admin, "erin").await.unwrap();
            let erin = bench.user_id("erin").await;
            assert_ne!(erin, id);
            match how {
                "time" => bench.pass(Duration::from_hours(8)),
                "newer" => drop(given(&bench, &admin, "erin").await.unwrap()),
                "word" => bench.house.withdraw_access_pass(&admin, erin, &from).await.unwrap(),
                "role" => {
                    for role in [Some(Role::Auditor), None] {
                        bench.house.set_role(&admin, erin, role, &from).await.unwrap();
                    }
                }
                "block" => {
                    bench.house.block(&admin, erin, &from).await.unwrap();
                    bench.house.unblock(&admin, erin, &from).await.unwrap();
                }
                _ => drop(bench.house.reset_factors(&admin, erin, &from).await.unwrap()),
            }
            let (handle, outcome) = typed(&bench, "erin", &pass).await.unwrap();
            assert!(outcome != Outcome::Next(Screen::Done), "{how}: {outcome:?}");
            let opened = bench.house.complete_sign_in(&handle, &visitor("203.0.113.20")).await;
            assert!(opened.unwrap().is_none(), "{how}");
        }
        let admin = bench.admin().await;
        let none = bench.house.withdraw_access_pass(&admin, id, &from).await;
        assert_eq!(none.expect_err("there is none").kind, Kind::Conflict);
    });
}

/// R053
#[test]
fn a_reset_takes_back_what_a_pass_has_proved() {
    both(|bench| async move {
        let (admin, from) = (bench.admin().await, visitor("203.0.113.23"));
        let pass = given(&bench, &admin, "alice").await.unwrap();
        let (handle, outcome) = typed_from(&bench, "alice", &pass, &from).await.unwrap();
        assert_eq!(outcome, Outcome::Next(Screen::Done));
        let alice = bench.user_id("alice").await;
        bench.house.reset_factors(&admin, alice, &from).await.unwrap();
        assert!(bench.house.complete_sign_in(&handle, &from).await.unwrap().is_none());
    });
}

/// R016
#[test]
fn guesses_at_a_pass_are_counted_and_a_new_pass_begins_anew() {
    both(|bench| async move {
        let from = visitor("203.0.113.24");
        let admin = bench.admin().await;
        let pass = given(&bench, &admin, "alice").await.unwrap();
        let handle = bench.at_code("alice", Purpose::Portal, &from).await;
        for _ in 0..5 {
            bench.house.sign_in_recovery_code(&handle, &from, "AAAA-AAAA").await.unwrap();
        }
        let right = bench.house.sign_in_recovery_code(&handle, &from, &pass).await.unwrap();
        assert!(matches!(right, Outcome::Again { .. }), "the sixth is not even checked");
        let newer = given(&bench, &admin, "alice").await.unwrap();
        let right = bench.house.sign_in_recovery_code(&handle, &from, &newer).await.unwrap();
        assert_eq!(right, Outcome::Next(Screen::Done));
    });
}

/// R145
#[test]
fn the_help_desk_gives_passes_to_people_who_need_one_and_have_no_role() {
    both(|bench| async move {
        let (olivia, from) = (bench.admin().await, visitor("198.51.100.9"));
        let (alice, erin) = (bench.user_id("alice").await, bench.user_id("erin").await);
        let now = bench.house.now();
        for (mine, theirs, kind) in [
            (Role::Auditor, None, Some(Kind::Forbidden)),
            (Role::HelpDesk, None, None),
            (Role::HelpDesk, Some(Role::Auditor), Some(Kind::Forbidden)),
            (Role::UserAdmin, Some(Role::Auditor), None),
            (Role::UserAdmin, Some(Role::Owner), Some(Kind::Forbidden)),
        ] {
            let set = move |tx: &mut store::Tx| {
                store::users::set_role(tx, alice, Some(mine), now)?;
                store::users::set_role(tx, erin, theirs, now)
            };
            bench.store.write(set).await.unwrap();
            bench.next_code();
            let signed_in = bench.sign_in("alice", Purpose::Console, &from).await;
            let admin = bench.house.admin(&signed_in.token).await.unwrap().unwrap();
            let tried = bench.house.give_access_pass(&admin, erin, eight_hours(), &from).await;
            assert_eq!(tried.err().map(|error| error.kind), kind, "{mine:?} to {theirs:?}");
        }
        refusals(&bench, &olivia, &from).await;
    });
}

async fn refusals(bench: &Bench, olivia: &Admin, from: &Visitor) {
    let (carol, dan) = (bench.user_id("carol").await, bench.user_id("dan").await);
    let erin = bench.user_id("erin").await;
    let plain = eight_hours();
    let too_long = NewAccessPass { hours: 48, ..plain.clone() };
    let hollow = NewAccessPass { reason: "  ".to_owned(), ..plain.clone() };
    let endless = NewAccessPass { reason: "x".repeat(201), ..plain.clone() };
    let cases: [(UserId, NewAccessPass, Kind); 6] = [
        (olivia.user().id, plain.clone(), Kind::Conflict),
        (carol, plain.clone(), Kind::Conflict),
        (dan, plain.clone(), Kind::Conflict),
        (erin, too_long, Kind::Invalid { field: "hours" }),
        (erin, hollow, Kind::Invalid { field: "reason" }),
        (erin, endless, Kind::Invalid { field: "reason" }),
    ];
    for (id, new, kind) in cases {
        let tried = bench.house.give_access_pass(olivia, id, new.clone(), from).await;
        assert_eq!(tried.err().map(|error| error.kind), Some(kind), "{id} {new:?}");
    }
    bench.pass(Duration::from_mins(6));
    let late = bench.house.give_access_pass(olivia, erin, plain, from).await;
    assert_eq!(late.err().map(|error| error.kind), Some(Kind::StepUp));
}

/// R035
#[test]
fn whoever_is_given_a_pass_hears_of_it_and_of_its_use() {
    both(|bench| async move {
        let server = MailServer::start().await.unwrap();
        let bench = bench.with_mail(&server).await;
        let admin = bench.admin().await;
        let pass = given(&bench, &admin, "alice").await.unwrap();
        typed(&bench, "alice", &pass).await.unwrap();
        while bench.house.send_letters().await.unwrap() > 0 {}
        let letters = server.messages();
        let has = |words: &str| letters.iter().any(|letter| letter.contains(words));
        assert!(has("a temporary access pass was made"), "{letters:?}");
        assert!(has("your temporary access pass was used"), "{letters:?}");
        assert!(!has(&pass), "a letter never holds it");
    });
}
