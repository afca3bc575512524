//! Passwords at a directory, and whoever means harm: strangers, outages, and what was right before.

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use app::{Kind, accounts::NewPerson, directories::DirectoryForm, sign_in::Outcome};
use authn::lockout;
use directory::testing::PASSWORD;
use model::{
    Role,
    audit::AuditKind,
    directory::{Delegation, KeptPassword},
    pending_request::Purpose,
    user::Profile,
};
use store::{guess_counters, kept_passwords};

use crate::{
    directories::{ALICE, CAROL, delegated, details, form, is_kept, is_ringing, opens, slapd},
    support::{Bench, both, visitor},
};

const NEW: &str = "chosen at the directory";

async fn kept(bench: &Bench, name: &str) -> Option<KeptPassword> {
    let id = bench.user_id(name).await;
    bench.store.read(move |tx| kept_passwords::of_user(tx, id)).await.unwrap()
}

/// Everybody of the domain has the password at the directory, but Olivia.
async fn with_domain(bench: &Bench, slapd: &directory::testing::Slapd) -> DirectoryForm {
    let id = delegated(bench, slapd, "3").await;
    let (admin, me) = (bench.admin().await, visitor("198.51.100.9"));
    let olivia = bench.user_id("olivia").await;
    bench.house.delegate_password(&admin, olivia, Delegation::Here, &me).await.unwrap();
    let domains = "contoso.com".to_owned();
    let typed = DirectoryForm { domains, ..form(&slapd.settings()) };
    bench.house.save_directory(&admin, Some(id), typed.clone(), &me).await.unwrap();
    typed
}

/// R017: strangers lock nobody's account at the directory, nor take the way through an outage.
#[test]
fn a_strangers_guesses_are_sent_five_times_and_drop_nothing() {
    both(|bench| async move {
        let mut slapd = slapd();
        delegated(&bench, &slapd, "3").await;
        assert!(opens(&bench, ALICE, PASSWORD).await);
        for _ in 0..7 {
            assert!(!opens(&bench, ALICE, "a stranger's guess").await);
        }
        let said = details(&bench, AuditKind::DirectoryAnswered).await;
        let of = |words: &str| said.iter().filter(|it| it.contains(words)).count();
        // The directory of this test locks after three.
        assert_eq!((of("is locked"), of("too many wrong passwords")), (2, 2), "{said:?}");
        assert!(is_kept(&bench, "alice").await, "it was another password");
        assert!(!opens(&bench, ALICE, PASSWORD).await, "nor is hers sent then");
        bench.pass(Duration::from_mins(30));
        assert!(!opens(&bench, ALICE, "after a pause").await);
        let said = details(&bench, AuditKind::DirectoryAnswered).await;
        assert!(said[0].contains("is locked"), "asked again: {said:?}");
        slapd.pause();
        assert!(opens(&bench, ALICE, PASSWORD).await);
    });
}

/// R014: an office is not shut out because its directory is away.
#[test]
fn whoever_can_not_get_in_without_the_directory_takes_nothing_from_others() {
    both(|bench| async move {
        let mut slapd = slapd();
        with_domain(&bench, &slapd).await;
        assert!(opens(&bench, ALICE, PASSWORD).await);
        slapd.pause();
        let counted = async |bench: &Bench| {
            let key = lockout::address("203.0.113.5");
            let counter = bench.store.write(move |tx| guess_counters::lock(tx, &key)).await;
            counter.unwrap().failures
        };
        assert!(!opens(&bench, CAROL, PASSWORD).await, "nothing of hers was kept");
        assert_eq!(counted(&bench).await, 0);
        let guess = async |name: String| {
            let from = visitor("203.0.113.5");
            let handle = bench.house.begin_sign_in(Purpose::Portal, &from).await.unwrap();
            bench.house.sign_in_address(&handle, &from, &name).await.unwrap();
            let typed = "guess".to_owned().into();
            let outcome = bench.house.sign_in_password(&handle, &from, typed).await.unwrap();
            assert!(matches!(outcome, Outcome::Again { .. }), "{outcome:?}");
        };
        for round in 0..8 {
            let names = (0..8).map(|one| guess(format!("nobody{round}{one}@contoso.com")));
            futures::future::join_all(names).await;
        }
        assert_eq!(counted(&bench).await, 0, "names that nobody has tell nothing either");
        let olivia = bench.account("olivia").password().to_owned();
        assert!(opens(&bench, "olivia@contoso.com", &olivia).await, "whose password is here");
        assert!(!opens(&bench, ALICE, "a guess").await);
        assert_eq!(counted(&bench).await, 1, "there is something to guess at");
    });
}

/// R145
#[test]
fn the_last_owner_who_gets_in_without_the_directory_stays() {
    both(|bench| async move {
        let (alice, olivia) = (bench.user_id("alice").await, bench.user_id("olivia").await);
        let now = bench.house.now();
        let promote =
            move |tx: &mut store::Tx| store::users::set_role(tx, alice, Some(Role::Owner), now);
        bench.store.write(promote).await.unwrap();
        bench.next_code();
        let from = visitor("198.51.100.7");
        let signed_in = bench.sign_in("alice", Purpose::Console, &from).await;
        let slapd = slapd();
        let other = bench.house.admin(&signed_in.token).await.unwrap().unwrap();
        let id = delegated(&bench, &slapd, "3").await;
        let demoted = bench.house.set_role(&other, olivia, None, &from).await.unwrap_err();
        assert_eq!(demoted.kind, Kind::Conflict, "{}", demoted.public);
        let blocked = bench.house.block(&other, olivia, &from).await.unwrap_err();
        assert_eq!(blocked.kind, Kind::Conflict, "{}", blocked.public);

        // Moved back here she has no password, and so does not count.
        assert!(opens(&bench, ALICE, PASSWORD).await);
        let admin = bench.admin().await;
        bench.house.delegate_password(&admin, alice, Delegation::Here, &from).await.unwrap();
        let gone = bench.house.delegate_password(&admin, olivia, Delegation::To(id), &from).await;
        assert_eq!(gone.unwrap_err().kind, Kind::Conflict);
    });
}

/// What the directory answers is not its absence: a refused account of ours opens nothing.
#[test]
fn a_fault_of_the_settings_opens_nothing() {
    both(|bench| async move {
        let slapd = slapd();
        let id = delegated(&bench, &slapd, "3").await;
        assert!(opens(&bench, ALICE, PASSWORD).await);
        let (admin, me) = (bench.admin().await, visitor("198.51.100.9"));
        let wrong = "not the password of the account".into();
        let typed = DirectoryForm { password: wrong, ..form(&slapd.settings()) };
        bench.house.save_directory(&admin, Some(id), typed, &me).await.unwrap();
        assert!(is_kept(&bench, "alice").await, "the place is the same");
        assert!(!opens(&bench, ALICE, PASSWORD).await);
        assert!(is_ringing(&bench).await);
    });
}

/// R053: what a directory found right at one place opens nothing at another.
#[test]
fn another_place_begins_anew() {
    both(|bench| async move {
        let slapd = slapd();
        let typed = with_domain(&bench, &slapd).await;
        assert!(opens(&bench, ALICE, PASSWORD).await);
        let since = kept(&bench, "alice").await.unwrap().since;
        let (admin, me) = (bench.admin().await, visitor("198.51.100.9"));
        let id = bench.house.directories(&admin).await.unwrap()[0].directory.id;
        let base = "ou=people,dc=contoso,dc=com".to_owned();
        let moved = DirectoryForm { base, ..typed.clone() };
        bench.house.save_directory(&admin, Some(id), moved.clone(), &me).await.unwrap();
        assert!(
            !is_kept(&bench, "alice").await && kept(&bench, "alice").await.unwrap().since > since
        );

        let erin = bench.account("erin").password().to_owned();
        let erin_id = bench.user_id("erin").await;
        bench.house.delegate_password(&admin, erin_id, Delegation::Here, &me).await.unwrap();
        let session = bench.signed_in_elsewhere("erin", &erin).await;
        let admin = bench.admin().await;
        bench.house.delegate_password(&admin, erin_id, Delegation::ByDomain, &me).await.unwrap();
        assert!(bench.house.employee(&session).await.unwrap().is_none(), "it was another password");

        let alice = bench.user_id("alice").await;
        bench.house.delegate_password(&admin, alice, Delegation::ByDomain, &me).await.unwrap();
        let session = bench.signed_in_elsewhere("alice", PASSWORD).await;
        let admin = bench.admin().await;
        let none = DirectoryForm { domains: String::new(), ..moved };
        bench.house.save_directory(&admin, Some(id), none, &me).await.unwrap();
        assert!(bench.house.employee(&session).await.unwrap().is_none(), "her domain moved");

        // One entry there is one person here.
        let both = "contoso.com\nfabrikam.com".to_owned();
        let short = DirectoryForm { filter: "(uid={user})".to_owned(), domains: both, ..typed };
        let refused = bench.house.save_directory(&admin, Some(id), short, &me).await.unwrap_err();
        assert_eq!(refused.kind, Kind::Invalid { field: "filter" }, "{}", refused.public);
    });
}

/// R053: a password that was changed there is noticed, whatever was kept of the one before.
#[test]
fn another_password_is_noticed_though_nothing_was_kept_to_open() {
    both(|bench| async move {
        let slapd = slapd();
        delegated(&bench, &slapd, "0").await;
        let session = bench.signed_in_elsewhere("alice", PASSWORD).await;
        let is_open =
            async |bench: &Bench, session| bench.house.employee(session).await.unwrap().is_some();
        assert!(opens(&bench, ALICE, PASSWORD).await && is_open(&bench, &session).await);
        slapd.set_password(ALICE, NEW);
        assert!(opens(&bench, ALICE, NEW).await);
        assert!(!is_open(&bench, &session).await, "with no days");

        let session = bench.signed_in_elsewhere("alice", NEW).await;
        slapd.set_password(ALICE, PASSWORD);
        assert!(!opens(&bench, ALICE, "a slip").await && is_open(&bench, &session).await);
        assert!(!opens(&bench, ALICE, NEW).await);
        assert!(!is_open(&bench, &session).await, "the old one was refused");

        let session = bench.signed_in_elsewhere("alice", PASSWORD).await;
        slapd.lock(ALICE);
        assert!(!opens(&bench, ALICE, PASSWORD).await && is_open(&bench, &session).await);
        slapd.unlock(ALICE);
        slapd.set_password(ALICE, NEW);
        assert!(opens(&bench, ALICE, NEW).await);
        assert!(!is_open(&bench, &session).await, "after it was locked");

        let session = bench.signed_in_elsewhere("alice", NEW).await;
        slapd.leaves(ALICE);
        assert!(!opens(&bench, ALICE, NEW).await);
        assert!(!is_open(&bench, &session).await, "nobody has this name there any more");
    });
}

/// R053
#[test]
fn another_password_is_noticed_after_the_days_are_over() {
    both(|bench| async move {
        let slapd = slapd();
        delegated(&bench, &slapd, "1").await;
        assert!(opens(&bench, ALICE, PASSWORD).await);
        let since = kept(&bench, "alice").await.unwrap().since;
        bench.pass(Duration::from_hours(25));
        bench.house.forget_expired().await.unwrap();
        assert!(!is_kept(&bench, "alice").await);
        assert!(opens(&bench, ALICE, PASSWORD).await);
        assert_eq!(kept(&bench, "alice").await.unwrap().since, since, "the same one");
        slapd.set_password(ALICE, NEW);
        assert!(opens(&bench, ALICE, NEW).await);
        assert!(kept(&bench, "alice").await.unwrap().since > since);
    });
}

#[test]
fn a_try_hears_a_no_to_the_account() {
    both(|bench| async move {
        let slapd = slapd();
        let id = delegated(&bench, &slapd, "3").await;
        assert!(opens(&bench, ALICE, PASSWORD).await);
        slapd.leaves(ALICE);
        let (admin, me) = (bench.admin().await, visitor("198.51.100.9"));
        let wish = (ALICE.to_owned(), PASSWORD.to_owned().into());
        bench.house.try_directory(&admin, id, wish, &me).await.unwrap();
        assert!(!is_kept(&bench, "alice").await);
    });
}

/// One that takes calls and says nothing costs each of many people the time of one.
#[test]
fn whoever_waited_for_a_silent_directory_does_not_ask_it_again() {
    both(|bench| async move {
        let slapd = slapd();
        let id = delegated(&bench, &slapd, "3").await;
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let (admin, me) = (bench.admin().await, visitor("198.51.100.9"));
        let port = silent.local_addr().unwrap().port().to_string();
        let typed = DirectoryForm { port, ..form(&slapd.settings()) };
        bench.house.save_directory(&admin, Some(id), typed, &me).await.unwrap();
        let mut names = Vec::new();
        for one in 0..40 {
            let name = format!("waits{one}@contoso.com");
            let new = NewPerson { upn: name.clone(), profile: named(&name) };
            let person = bench.house.create_person(&admin, new, &me).await.unwrap().user.id;
            let to = Delegation::To(id);
            bench.house.delegate_password(&admin, person, to, &me).await.unwrap();
            names.push(name);
        }
        let guess = async |name: String| {
            let from = visitor("203.0.113.5");
            let handle = bench.house.begin_sign_in(Purpose::Portal, &from).await.unwrap();
            bench.house.sign_in_address(&handle, &from, &name).await.unwrap();
            let typed = "guess".to_owned().into();
            bench.house.sign_in_password(&handle, &from, typed).await.unwrap();
        };
        let began = Instant::now();
        futures::future::join_all(names.into_iter().map(guess)).await;
        assert!(began.elapsed() < Duration::from_secs(9), "{:?}", began.elapsed());
        drop(silent);
    });
}

fn named(name: &str) -> Profile {
    Profile { display_name: name.to_owned(), ..Profile::default() }
}
