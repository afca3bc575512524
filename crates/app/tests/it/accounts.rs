//! People: created with secrets that are shown once, and changed only by those who may.

use app::accounts::NewPerson;
use model::{pending_request::Purpose, user::Profile};
use secrecy::ExposeSecret as _;

use app::sign_in::{Outcome, Screen};

use crate::support::{both, visitor};

fn new_person(upn: &str) -> NewPerson {
    let profile = Profile { display_name: "Mia Moser".to_owned(), ..Profile::default() };
    NewPerson { upn: upn.to_owned(), profile }
}

#[test]
fn a_new_person_chooses_a_password_of_their_own_after_enrolling() {
    both(|bench| async move {
        let (admin, from) = (bench.admin().await, visitor("203.0.113.1"));
        let made =
            bench.house.create_person(&admin, new_person("mia@contoso.com"), &from).await.unwrap();
        let handle = bench.house.begin_sign_in(Purpose::Portal, &from).await.unwrap();
        bench.house.sign_in_address(&handle, &from, "mia@contoso.com").await.unwrap();
        let password = made.initial_password.clone();
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

#[test]
fn the_first_secrets_are_not_in_the_database() {
    both(|bench| async move {
        let (admin, from) = (bench.admin().await, visitor("203.0.113.3"));
        let made =
            bench.house.create_person(&admin, new_person("mia@contoso.com"), &from).await.unwrap();
        let password = made.initial_password.expose_secret().to_owned();
        let id = made.user.id;
        let stored =
            bench.store.read(move |tx| store::credentials::by_user(tx, id)).await.unwrap().unwrap();
        assert!(stored.phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", stored.phc);
        assert!(!stored.phc.contains(&password));
        assert!(stored.must_change_before.is_some());
    });
}
