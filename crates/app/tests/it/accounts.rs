//! People: created with secrets that are shown once, and changed only by those who may.

use app::accounts::NewPerson;
use model::{Role, application::Office365Settings, pending_request::Purpose, user::Profile};
use secrecy::ExposeSecret as _;

use app::sign_in::{Outcome, Screen};

use crate::support::{Bench, both, visitor};

fn new_person(upn: &str) -> NewPerson {
    let profile = Profile { display_name: "Mia Moser".to_owned(), ..Profile::default() };
    NewPerson { upn: upn.to_owned(), profile }
}

/// R010
#[test]
fn a_new_person_chooses_a_password_of_their_own_after_enrolling() {
    both(|bench| async move {
        let (admin, from) = (bench.admin().await, visitor("203.0.113.1"));
        let made =
            bench.house.create_person(&admin, new_person("mia@contoso.com"), &from).await.unwrap();
        let handle = bench.house.begin_sign_in(Purpose::Portal, &from).await.unwrap();
        bench.house.sign_in_address(&handle, &from, "mia@contoso.com").await.unwrap();
        let password = made.initial_password.clone().unwrap();
        let outcome = bench.house.sign_in_password(&handle, &from, password).await.unwrap();
        let Outcome::Next(Screen::Enroll { authenticator, .. }) = outcome else {
            panic!("a new account enrols first: {outcome:?}")
        };
        let account = app::sample::SampleAccount {
            totp_secret: Some(authenticator.key_text.replace(' ', "").into()),
            ..bench.account("carol").clone()
        };
        let code = bench.code(&account);
        bench.house.sign_in_enroll(&handle, &from, &code).await.unwrap();
        assert!(bench.house.complete_sign_in(&handle, &from).await.unwrap().is_none());
        for (new, good) in [
            ("short", false),
            ("contoso contoso", false),
            ("Password1234", false),
            ("teal otter hums 7", true),
        ] {
            let outcome =
                bench.house.sign_in_new_password(&handle, &from, new.to_owned().into()).await;
            let outcome = outcome.unwrap();
            assert_eq!(outcome == Outcome::Next(Screen::Done), good, "{new}: {outcome:?}");
        }
        assert!(bench.house.complete_sign_in(&handle, &from).await.unwrap().is_some());
    });
}

#[test]
fn an_address_is_given_once_and_must_be_one() {
    both(|bench| async move {
        let (admin, from) = (bench.admin().await, visitor("203.0.113.2"));
        for upn in ["ALICE@contoso.com", "no address", "a b@contoso.com"] {
            let error = bench.house.create_person(&admin, new_person(upn), &from).await;
            let kind = error.expect_err("refused").kind;
            assert_eq!(kind, app::Kind::Invalid { field: "upn" }, "{upn}");
        }
    });
}

/// R001
#[test]
fn the_first_secrets_are_not_in_the_database() {
    both(|bench| async move {
        let (admin, from) = (bench.admin().await, visitor("203.0.113.3"));
        let made =
            bench.house.create_person(&admin, new_person("mia@contoso.com"), &from).await.unwrap();
        let password = made.initial_password.as_ref().unwrap().expose_secret().to_owned();
        let id = made.user.id;
        let stored =
            bench.store.read(move |tx| store::credentials::by_user(tx, id)).await.unwrap().unwrap();
        assert!(stored.phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", stored.phc);
        assert!(!stored.phc.contains(&password));
        assert!(stored.must_change_before.is_some());
    });
}

/// Signs somebody in at the console, in a role.
pub(crate) async fn admin_as(bench: &Bench, name: &str, role: Role) -> app::Admin {
    let (id, now) = (bench.user_id(name).await, bench.house.now());
    let set = bench.store.write(move |tx| store::users::set_role(tx, id, Some(role), now));
    set.await.unwrap();
    bench.next_code();
    let signed_in = bench.sign_in(name, Purpose::Console, &visitor("203.0.113.4")).await;
    bench.house.admin(&signed_in.token).await.unwrap().unwrap()
}

/// R145
#[test]
fn the_help_desk_does_not_reset_the_factors_of_people_with_a_role() {
    both(|bench| async move {
        let from = visitor("203.0.113.5");
        let alice = admin_as(&bench, "alice", Role::HelpDesk).await;
        let (erin, now) = (bench.user_id("erin").await, bench.house.now());
        for (role, allowed) in [
            (None, true),
            (Some(Role::Auditor), false),
            (Some(Role::HelpDesk), false),
            (Some(Role::Owner), false),
        ] {
            let set = bench.store.write(move |tx| store::users::set_role(tx, erin, role, now));
            set.await.unwrap();
            let reset = bench.house.reset_factors(&alice, erin, &from).await;
            assert_eq!(reset.is_ok(), allowed, "{role:?}: {reset:?}");
        }
    });
}

/// R010
#[test]
fn the_help_desk_gives_a_new_initial_password_that_has_to_be_changed() {
    both(|bench| async move {
        let (admin, me) = (bench.admin().await, visitor("203.0.113.5"));
        bench.next_code();
        let (_, before) = bench.employee("erin", &me).await;
        let erin = bench.user_id("erin").await;
        let given = bench.house.give_initial_password(&admin, erin, &me).await.unwrap();
        assert!(bench.house.employee(&before).await.unwrap().is_none(), "sessions end");
        bench.next_code();
        let handle = bench.house.begin_sign_in(Purpose::Portal, &me).await.unwrap();
        bench.house.sign_in_address(&handle, &me, "erin@contoso.com").await.unwrap();
        let old = bench.account("erin").password.clone();
        let refused = bench.house.sign_in_password(&handle, &me, old).await.unwrap();
        assert!(matches!(refused, Outcome::Again { .. }), "{refused:?}");
        let factor = bench.house.sign_in_password(&handle, &me, given).await.unwrap();
        assert!(matches!(factor, Outcome::Next(Screen::SecondFactor { .. })), "{factor:?}");
        let code = bench.code(bench.account("erin"));
        let choose = bench.house.sign_in_code(&handle, &me, &code).await.unwrap();
        assert!(matches!(choose, Outcome::Next(Screen::NewPassword { .. })), "{choose:?}");
        bench.pass(std::time::Duration::from_mins(6));
        let late = bench.house.give_initial_password(&admin, erin, &me).await;
        assert_eq!(late.expect_err("six minutes are too long").kind, app::Kind::StepUp);
    });
}

/// R145
#[test]
fn the_last_owner_stays() {
    both(|bench| async move {
        let (olivia, from) = (bench.admin().await, visitor("203.0.113.6"));
        let alice = admin_as(&bench, "alice", Role::Owner).await;
        bench.house.block(&olivia, alice.user().id, &from).await.unwrap();
        let both_at_once = bench.house.block(&alice, olivia.user().id, &from).await;
        assert_eq!(both_at_once.expect_err("nobody would be left").kind, app::Kind::Conflict);
    });
}

#[test]
fn what_unassigning_takes_away_is_changed_with_a_fresh_factor_only() {
    both(|bench| async move {
        let (admin, from) = (bench.admin().await, visitor("203.0.113.7"));
        let settings = Office365Settings { licence_grace_days: 0, ..Default::default() };
        bench.pass(std::time::Duration::from_mins(6));
        let saved = bench.house.save_office365(&admin, bench.application, settings, &from).await;
        assert_eq!(saved.expect_err("six minutes are too long").kind, app::Kind::StepUp);
    });
}
