//! A new password without the old one, and the letters that people get (R035, R041 to R047).

use std::time::Duration;

use app::{
    Visitor,
    sign_in::{Outcome, Screen},
    visitor::Secret,
};
use mail::testing::MailServer;
use model::pending_request::Purpose;

use crate::support::{Bench, both, visitor};

const NEW: &str = "four unrelated words stand here";

/// Runs `test` with a mail server, on both databases.
fn with_mail<F, Done>(test: F)
where
    F: Fn(Bench, MailServer) -> Done,
    Done: Future<Output = ()>,
{
    both(|bench| async {
        let server = MailServer::start().await.unwrap();
        test(bench.with_mail(&server).await, server).await;
    });
}

/// A message as a reader of mail shows it: without soft line ends.
fn readable(message: &str) -> String {
    message.replace("=\n", "").replace("=3D", "=")
}

/// The secret of the newest link that was mailed.
async fn mailed(bench: &Bench, server: &MailServer) -> Option<Secret> {
    while bench.house.send_letters().await.unwrap() > 0 {}
    let messages = server.messages();
    let last = readable(messages.iter().rev().find(|m| m.contains("token"))?);
    let token: String =
        last.split("token=").nth(1)?.chars().take_while(char::is_ascii_hexdigit).collect();
    Some(Secret::from_cookie(&token))
}

async fn asked(bench: &Bench, server: &MailServer, address: &str) -> Option<Secret> {
    bench.house.ask_reset(address, &visitor("203.0.113.5")).await.unwrap();
    mailed(bench, server).await
}

/// Follows a link as far as the second factor.
async fn at_code(bench: &Bench, link: &Secret, from: &Visitor) -> Secret {
    let handle = bench.house.use_reset_link(link, from).await.unwrap().unwrap();
    // A password that is chosen from here on is newer than the sign-in that chooses it.
    bench.pass(Duration::from_secs(1));
    handle
}

async fn choose(bench: &Bench, handle: &Secret, from: &Visitor) -> Outcome {
    bench.house.sign_in_new_password(handle, from, NEW.to_owned().into()).await.unwrap()
}

/// R044
#[test]
fn r042_a_reset_asks_for_the_second_factor_and_then_a_new_password() {
    with_mail(|bench, server| async move {
        let elsewhere = bench.employee("alice", &visitor("198.51.100.7")).await.1;
        bench.next_code();
        // Strangers have used her guesses up: a new password unlocks them.
        crate::limits::exhaust(&bench, "alice").await;
        let link = asked(&bench, &server, "Alice@CONTOSO.com ").await.unwrap();
        let from = visitor("203.0.113.5");
        let handle = at_code(&bench, &link, &from).await;
        let screen = bench.house.sign_in_screen(&handle, &from).await.unwrap().unwrap();
        assert!(matches!(screen, Screen::SecondFactor { .. }), "{screen:?}");
        // The final step by itself changes nothing (R044).
        let early = choose(&bench, &handle, &from).await;
        assert!(matches!(early, Outcome::Next(Screen::SecondFactor { .. })), "{early:?}");
        assert!(bench.house.complete_sign_in(&handle, &from).await.unwrap().is_none());

        let code = bench.code(bench.account("alice"));
        let outcome = bench.house.sign_in_code(&handle, &from, &code).await.unwrap();
        assert!(matches!(outcome, Outcome::Next(Screen::NewPassword { .. })), "{outcome:?}");
        assert!(bench.house.complete_sign_in(&handle, &from).await.unwrap().is_none());
        assert_eq!(choose(&bench, &handle, &from).await, Outcome::Next(Screen::Done));
        let done = bench.house.complete_sign_in(&handle, &from).await.unwrap().unwrap();
        let me = bench.house.employee(&done.token).await.unwrap().unwrap();
        assert!(me.session().proof().unwrap().mfa().is_some());
        assert!(bench.house.employee(&elsewhere).await.unwrap().is_none(), "signed out elsewhere");

        // The old password is worth nothing, the new one opens.
        let handle = bench.house.begin_sign_in(Purpose::Portal, &from).await.unwrap();
        let account = bench.account("alice");
        bench.house.sign_in_address(&handle, &from, &account.upn).await.unwrap();
        let old = account.password.clone();
        let refused = bench.house.sign_in_password(&handle, &from, old).await.unwrap();
        assert!(matches!(refused, Outcome::Again { .. }), "{refused:?}");
        let opened = bench.house.sign_in_password(&handle, &from, NEW.to_owned().into());
        let opened = opened.await.unwrap();
        assert!(matches!(opened, Outcome::Next(Screen::SecondFactor { .. })), "{opened:?}");
        while bench.house.send_letters().await.unwrap() > 0 {}
        let last = readable(server.messages().last().unwrap());
        assert!(last.contains("your password was changed"), "{last}");
    });
}

/// R047
#[test]
fn r041_a_link_works_once_for_half_an_hour_and_the_newest_alone() {
    with_mail(|bench, server| async move {
        let from = visitor("203.0.113.5");
        let first = asked(&bench, &server, "alice@contoso.com").await.unwrap();
        let second = asked(&bench, &server, "alice@contoso.com").await.unwrap();
        assert!(first != second, "each letter has its own");
        assert!(bench.house.use_reset_link(&first, &from).await.unwrap().is_none(), "superseded");
        // Many at once: one wins.
        let tries = futures(&bench, &second, 8).await;
        assert_eq!(tries.iter().filter(|won| **won).count(), 1);
        assert!(bench.house.use_reset_link(&second, &from).await.unwrap().is_none(), "used");

        bench.pass(Duration::from_hours(1));
        let third = asked(&bench, &server, "alice@contoso.com").await.unwrap();
        bench.pass(Duration::from_mins(30));
        // Nobody swept: it is over at its time (R047).
        assert!(bench.house.use_reset_link(&third, &from).await.unwrap().is_none(), "run out");
    });
}

async fn futures(bench: &Bench, link: &Secret, many: usize) -> Vec<bool> {
    let mut tries = tokio::task::JoinSet::new();
    for _ in 0..many {
        let (house, link) = (bench.house.clone(), link.clone());
        tries.spawn(async move {
            let from = visitor("203.0.113.5");
            house.use_reset_link(&link, &from).await.is_ok_and(|handle| handle.is_some())
        });
    }
    tries.join_all().await
}

#[test]
fn r041_a_link_is_void_after_a_change_of_password_factor_or_state() {
    with_mail(|bench, server| async move {
        let from = visitor("203.0.113.5");
        let admin = bench.admin().await;
        let alice = bench.user_id("alice").await;

        let link = asked(&bench, &server, "alice@contoso.com").await.unwrap();
        bench.next_code();
        let me = visitor("198.51.100.7");
        let (employee, _) = bench.employee("alice", &me).await;
        let old = bench.account("alice").password.clone();
        let new = "another four words stand there".to_owned();
        bench.house.change_password(&employee, &me, old, new.into()).await.unwrap();
        assert!(bench.house.use_reset_link(&link, &from).await.unwrap().is_none(), "password");

        let link = asked(&bench, &server, "alice@contoso.com").await.unwrap();
        bench.house.block(&admin, alice, &from).await.unwrap();
        bench.house.unblock(&admin, alice, &from).await.unwrap();
        assert!(bench.house.use_reset_link(&link, &from).await.unwrap().is_none(), "blocked");

        let link = asked(&bench, &server, "alice@contoso.com").await.unwrap();
        bench.next_code();
        let admin = bench.admin().await;
        bench.house.reset_factors(&admin, alice, &from).await.unwrap();
        assert!(bench.house.use_reset_link(&link, &from).await.unwrap().is_none(), "factors");
    });
}

#[test]
fn a_reset_under_way_ends_with_a_reset_of_the_factors_and_with_a_new_password() {
    with_mail(|bench, server| async move {
        let from = visitor("203.0.113.5");
        let link = asked(&bench, &server, "alice@contoso.com").await.unwrap();
        let handle = at_code(&bench, &link, &from).await;
        bench.next_code();
        let me = visitor("198.51.100.7");
        let (employee, _) = bench.employee("alice", &me).await;
        let old = bench.account("alice").password.clone();
        let new = "another four words stand there".to_owned();
        bench.house.change_password(&employee, &me, old, new.into()).await.unwrap();
        let screen = bench.house.sign_in_screen(&handle, &from).await.unwrap().unwrap();
        assert!(matches!(screen, Screen::Password { .. }), "{screen:?}");

        bench.pass(Duration::from_secs(1));
        let link = asked(&bench, &server, "alice@contoso.com").await.unwrap();
        let handle = at_code(&bench, &link, &from).await;
        let admin = bench.admin().await;
        let alice = bench.user_id("alice").await;
        bench.house.reset_factors(&admin, alice, &from).await.unwrap();
        let screen = bench.house.sign_in_screen(&handle, &from).await.unwrap().unwrap();
        assert!(matches!(screen, Screen::Password { .. }), "{screen:?}");
    });
}

/// R044
#[test]
fn a_link_is_bound_to_the_browser_and_the_person_that_used_it() {
    with_mail(|bench, server| async move {
        let link = asked(&bench, &server, "alice@contoso.com").await.unwrap();
        let from = visitor("203.0.113.5");
        let handle = at_code(&bench, &link, &from).await;
        let other = visitor("203.0.113.5");
        assert!(bench.house.sign_in_screen(&handle, &other).await.unwrap().is_none());
        // Somebody else's password makes it their sign-in, not their reset.
        let olivia = bench.account("olivia");
        bench.house.sign_in_address(&handle, &from, &olivia.upn).await.unwrap();
        let password = olivia.password.clone();
        bench.house.sign_in_password(&handle, &from, password).await.unwrap();
        bench.next_code();
        let code = bench.code(olivia);
        let outcome = bench.house.sign_in_code(&handle, &from, &code).await.unwrap();
        assert_eq!(outcome, Outcome::Next(Screen::Done));
    });
}

#[test]
fn who_has_no_second_factor_gets_no_link_and_who_is_nobody_no_letter() {
    with_mail(|bench, server| async move {
        assert!(asked(&bench, &server, "carol@contoso.com").await.is_none());
        assert_eq!(server.messages().len(), 1);
        let letter = readable(&server.messages()[0]);
        assert!(letter.contains("To: carol@contoso.com"), "{letter}");
        assert!(letter.contains("no second factor"), "{letter}");
        for nobody in ["nobody@contoso.com", "dan@contoso.com", "", "\u{0}", "alice"] {
            assert!(asked(&bench, &server, nobody).await.is_none(), "{nobody}");
        }
        assert_eq!(server.messages().len(), 1);
    });
}

#[test]
fn r047_three_letters_an_hour_to_a_person_and_twenty_from_an_address() {
    with_mail(|bench, server| async move {
        for _ in 0..5 {
            bench.house.ask_reset("alice@contoso.com", &visitor("203.0.113.5")).await.unwrap();
        }
        mailed(&bench, &server).await;
        assert_eq!(server.messages().len(), 3);
        // Another address doesn't help, and a spelling neither.
        bench.house.ask_reset("ALICE@contoso.com.", &visitor("203.0.113.9")).await.unwrap();
        mailed(&bench, &server).await;
        assert_eq!(server.messages().len(), 3);
        bench.pass(Duration::from_hours(1));
        assert!(asked(&bench, &server, "alice@contoso.com").await.is_some());
        for n in 0..19 {
            let nobody = format!("nobody{n}@contoso.com");
            bench.house.ask_reset(&nobody, &visitor("203.0.113.5")).await.unwrap();
        }
        let before = server.messages().len();
        bench.house.ask_reset("olivia@contoso.com", &visitor("203.0.113.5")).await.unwrap();
        mailed(&bench, &server).await;
        assert_eq!(server.messages().len(), before, "the 21st of this address");
        bench.house.ask_reset("olivia@contoso.com", &visitor("203.0.113.6")).await.unwrap();
        mailed(&bench, &server).await;
        assert_eq!(server.messages().len(), before + 1);
    });
}

#[test]
fn r035_every_change_of_the_factors_is_mailed() {
    with_mail(|bench, server| async move {
        let me = visitor("198.51.100.7");
        let (alice, _) = bench.employee("alice", &me).await;
        let codes = bench.house.replace_recovery_codes(&alice, &me).await.unwrap();
        let handle = bench.at_code("alice", Purpose::Portal, &me).await;
        bench.house.sign_in_recovery_code(&handle, &me, &codes[0]).await.unwrap();
        let admin = bench.admin().await;
        let id = bench.user_id("alice").await;
        bench.house.reset_factors(&admin, id, &me).await.unwrap();
        while bench.house.send_letters().await.unwrap() > 0 {}
        let subjects =
            ["new recovery codes", "a recovery code was used", "your second factors were reset"];
        let messages = server.messages();
        assert_eq!(messages.len(), subjects.len(), "{messages:#?}");
        for subject in subjects {
            let about = |message: &&String| {
                readable(message).lines().any(|line| line == format!("Subject: Contoso: {subject}"))
            };
            let message = readable(messages.iter().find(about).unwrap());
            assert!(message.contains("To: alice@contoso.com"), "{message}");
            assert!(message.contains("198.51.100.7"), "{message}");
        }
        let says = |what: &str| messages.iter().any(|message| readable(message).contains(what));
        assert!(says("you have 9 left"), "{messages:#?}");
    });
}

#[test]
fn a_letter_waits_sealed_until_a_mail_server_takes_it_and_one_node_sends_it() {
    with_mail(|bench, server| async move {
        bench.house.ask_reset("alice@contoso.com", &visitor("203.0.113.5")).await.unwrap();
        let now = bench.house.now();
        let waiting = bench.store.read(move |tx| store::letters::due(tx, now, 10)).await.unwrap();
        assert_eq!(waiting.len(), 1);
        assert!(waiting[0].letter.text.contains("token="));
        // Two nodes at once.
        let other = bench.house.clone();
        let (one, two) = tokio::join!(bench.house.send_letters(), other.send_letters());
        assert_eq!(one.unwrap() + two.unwrap(), 1);
        assert_eq!(server.messages().len(), 1);
        let left = bench.store.read(move |tx| store::letters::due(tx, now, 10)).await.unwrap();
        assert!(left.is_empty());
    });
}

#[test]
fn a_letter_that_can_not_be_sent_now_is_tried_again_and_given_up_after_a_day() {
    with_mail(|bench, server| async move {
        let id = bench.user_id("alice").await;
        let full = move |tx: &mut store::Tx| {
            let mut alice = store::users::by_id(tx, id)?.unwrap();
            alice.profile.mail = Some("alice@full.example".to_owned());
            store::users::update(tx, &alice)
        };
        bench.store.write(full).await.unwrap();
        bench.house.ask_reset("alice@contoso.com", &visitor("203.0.113.5")).await.unwrap();
        assert_eq!(bench.house.send_letters().await.unwrap(), 0);
        let later = bench.house.now() + Duration::from_mins(3);
        let due = |at| bench.store.read(move |tx| store::letters::due(tx, at, 10));
        assert!(due(bench.house.now()).await.unwrap().is_empty(), "not at once");
        assert_eq!(due(later).await.unwrap()[0].attempts, 1);
        bench.pass(Duration::from_hours(25));
        assert_eq!(bench.house.send_letters().await.unwrap(), 0);
        bench.pass(Duration::from_hours(25));
        assert!(due(bench.house.now()).await.unwrap().is_empty(), "given up");
        assert!(server.messages().is_empty());
    });
}

#[test]
fn without_a_mail_server_no_letter_is_written() {
    both(|bench| async move {
        assert!(!bench.house.sends_letters());
        bench.house.ask_reset("alice@contoso.com", &visitor("203.0.113.5")).await.unwrap();
        let later = bench.house.now() + Duration::from_hours(1);
        let due = bench.store.read(move |tx| store::letters::due(tx, later, 10)).await.unwrap();
        assert!(due.is_empty());
    });
}
