//! People whom a program brings: its own, and nobody else.

use std::time::Duration;

use app::programs::{FindPerson, Trouble};
use authn::lockout;
use model::{
    Actor, Role,
    audit::AuditKind,
    guess::GuessCounter,
    program::Removal,
    user::{Profile, UserState},
};
use store::{credentials, former_names, guess_counters, sessions, tenant_admins, users};

use super::{
    FROM, about, bring, brought, change, enter, find, hr, let_in, remove, set_active, user, wish,
};
use crate::support::{Bench, both, visitor};

fn is_taken(trouble: &Trouble) -> bool {
    matches!(trouble, Trouble::Taken(_))
}

#[test]
fn nobody_who_is_here_is_taken_over_changed_or_seen() {
    both(|bench| async move {
        let caller = hr(&bench).await;
        let alice = bench.user_id("alice").await;
        let before = user(&bench, alice).await;
        // By name, in another spelling, by mail address, and by an id of ours.
        for name in ["alice", "ALICE"] {
            assert!(is_taken(&bring(&bench, &caller, wish(name)).await.unwrap_err()));
        }
        let mut by_mail = wish("somebody.new");
        by_mail.profile.mail = Some("Alice@contoso.com".to_owned());
        assert!(is_taken(&bring(&bench, &caller, by_mail).await.unwrap_err()));
        let trouble = set_active(&bench, &caller, alice, false).await.unwrap_err();
        assert!(matches!(trouble, Trouble::NotThere), "{trouble:?}");
        let trouble = remove(&bench, &caller, alice).await.unwrap_err();
        assert!(matches!(trouble, Trouble::NotThere), "{trouble:?}");
        for wanted in [
            FindPerson::All,
            FindPerson::Id(alice),
            FindPerson::UserName("alice@contoso.com".to_owned()),
            FindPerson::Mail("alice@contoso.com".to_owned()),
            FindPerson::ExternalId("ext-alice".to_owned()),
        ] {
            assert_eq!(find(&bench, &caller, wanted).await, []);
        }
        assert_eq!(user(&bench, alice).await, before);
    });
}

#[test]
fn one_program_neither_sees_nor_touches_what_another_brought() {
    both(|bench| async move {
        let admin = bench.admin().await;
        let (_, one) = let_in(&bench, &admin, "One", Removal::Block).await;
        let (_, two) = let_in(&bench, &admin, "Two", Removal::Block).await;
        let (one, two) = (enter(&bench, &one).await, enter(&bench, &two).await);
        let anna = brought(&bench, &one, "anna").await;
        assert!(is_taken(&bring(&bench, &two, wish("anna")).await.unwrap_err()));
        assert_eq!(find(&bench, &two, FindPerson::All).await, []);
        assert_eq!(find(&bench, &two, FindPerson::Id(anna)).await, []);
        let same_id = FindPerson::ExternalId("ext-anna".to_owned());
        assert_eq!(find(&bench, &two, same_id.clone()).await, []);
        assert_eq!(find(&bench, &one, same_id).await.len(), 1);
        let trouble = set_active(&bench, &two, anna, false).await.unwrap_err();
        assert!(matches!(trouble, Trouble::NotThere));
        // Nor does it take over whom the other one let go.
        remove(&bench, &one, anna).await.unwrap();
        assert!(is_taken(&bring(&bench, &two, wish("anna")).await.unwrap_err()));
        assert_eq!(bring(&bench, &one, wish("anna")).await.unwrap().user.id, anna);
    });
}

/// Y07
#[test]
fn whoever_has_a_role_here_or_in_the_tenant_is_out_of_reach() {
    both(|bench| async move {
        let caller = hr(&bench).await;
        let anna = brought(&bench, &caller, "anna").await;
        let berta = brought(&bench, &caller, "berta").await;
        let now = bench.house.now();
        let (tenant, immutable_id) = (bench.tenant, user(&bench, berta).await.immutable_id);
        let object = model::ids::ObjectId(uuid(7));
        bench
            .store
            .write(move |tx| {
                tenant_admins::add(tx, tenant, object, Some(immutable_id.as_str()))?;
                users::set_role(tx, anna, Some(Role::Auditor), now)
            })
            .await
            .unwrap();
        let mut sentences = Vec::new();
        for id in [anna, berta] {
            let before = user(&bench, id).await;
            let closed = |trouble: &Trouble| matches!(trouble, Trouble::Closed(_));
            let trouble = set_active(&bench, &caller, id, false).await.unwrap_err();
            let Trouble::Closed(sentence) = trouble else { panic!("{trouble:?}") };
            sentences.push(sentence.replace(&before.profile.display_name, ""));
            let renamed = change(&bench, &caller, id, |wish| {
                wish.profile.display_name = "Nobody".to_owned();
            });
            assert!(closed(&renamed.await.unwrap_err()));
            assert!(closed(&remove(&bench, &caller, id).await.unwrap_err()));
            assert_eq!(user(&bench, id).await, before);
        }
        assert_eq!(sentences[0], sentences[1], "which of the two it is, is not said");
    });
}

fn uuid(n: u8) -> uuid::Uuid {
    format!("00000000-0000-4000-8000-0000000000{n:02}").parse().unwrap()
}

/// R084
#[test]
fn names_lie_in_our_domains_and_are_nobodys_name_former_name_or_mail_address() {
    both(|bench| async move {
        let caller = hr(&bench).await;
        let (now, lena) = (bench.house.now(), bench.user_id("lena").await);
        bench
            .store
            .write(move |tx| {
                let mut lena = users::by_id(tx, lena)?.unwrap();
                former_names::add(tx, lena.id, &"lena.old@contoso.com".parse_upn(), now)?;
                lena.profile.mail = Some("L.Mail@contoso.com".to_owned());
                users::update(tx, &lena)
            })
            .await
            .unwrap();
        for name in ["lena.old", "Lena.OLD", "l.mail"] {
            assert!(is_taken(&bring(&bench, &caller, wish(name)).await.unwrap_err()), "{name}");
        }
        let mut by_mail = wish("somebody.new");
        by_mail.profile.mail = Some("Lena.Old@contoso.com".to_owned());
        assert!(is_taken(&bring(&bench, &caller, by_mail).await.unwrap_err()), "a former name");
        for wrong in ["eva@fabrikam.com", "eva@sub.contoso.com", "eva", "eva @contoso.com", ""] {
            let mut wish = wish("eva");
            wish.user_name = wrong.to_owned();
            let trouble = bring(&bench, &caller, wish).await.unwrap_err();
            assert!(matches!(trouble, Trouble::Wrong(_)), "{wrong}: {trouble:?}");
        }
        // The same for somebody who is there: another name in the same domain, as an admin would.
        let anna = brought(&bench, &caller, "anna").await;
        let rename = |to: &'static str| {
            change(&bench, &caller, anna, move |wish| wish.user_name = to.to_owned())
        };
        for taken in ["lena.old@contoso.com", "l.mail@contoso.com", "alice@contoso.com"] {
            assert!(is_taken(&rename(taken).await.unwrap_err()), "{taken}");
        }
        assert!(matches!(rename("anna@fabrikam.com").await.unwrap_err(), Trouble::Fixed(_)));
        let renamed = rename("anna.arm@contoso.com").await.unwrap();
        assert_eq!(renamed.user.upn.as_str(), "anna.arm@contoso.com");
        let wanted = "sign-in name: anna@contoso.com -> anna.arm@contoso.com";
        let rows = about(&bench, "anna@contoso.com").await;
        assert!(rows.iter().any(|row| row.detail == wanted), "{rows:?}");
        assert!(is_taken(&bring(&bench, &caller, wish("anna")).await.unwrap_err()), "former name");
        assert_eq!(rename("anna@contoso.com").await.unwrap().user.id, anna, "her own");
    });
}

trait ParseUpn {
    fn parse_upn(&self) -> model::Upn;
}

impl ParseUpn for str {
    fn parse_upn(&self) -> model::Upn {
        model::Upn::parse(self).unwrap()
    }
}

#[test]
fn who_is_new_has_no_password_and_is_written_down_with_the_program_as_actor() {
    both(|bench| async move {
        let caller = hr(&bench).await;
        let anna = brought(&bench, &caller, "anna").await;
        let held = bench.store.read(move |tx| credentials::by_user(tx, anna)).await.unwrap();
        assert!(held.is_none());
        let (id, row) = (caller.program().id, &about(&bench, "anna@contoso.com").await[0]);
        assert_eq!((row.kind, row.actor), (AuditKind::UserCreated, Actor::Program(id)));
        assert_eq!(row.client_address, FROM);
        let changed = change(&bench, &caller, anna, |wish| {
            wish.profile = Profile {
                department: Some("Sales".to_owned()),
                country: Some("de".to_owned()),
                ..wish.profile.clone()
            };
        });
        assert_eq!(changed.await.unwrap().user.profile.country.as_deref(), Some("DE"));
        let row = &about(&bench, "anna@contoso.com").await[0];
        assert_eq!((row.kind, row.actor), (AuditKind::UserChanged, Actor::Program(id)));
        assert_eq!(row.detail, "department: none -> Sales; country: none -> DE");
        let view = bench.house.program(&bench.admin().await, id).await.unwrap();
        assert_eq!((view.people, view.groups), (1, 0));
        assert_eq!(view.program.last.unwrap().1, "changed anna@contoso.com");
    });
}

#[test]
fn a_change_that_can_not_be_made_as_a_whole_is_not_made_at_all() {
    both(|bench| async move {
        let caller = hr(&bench).await;
        let anna = brought(&bench, &caller, "anna").await;
        let before = user(&bench, anna).await;
        let changed = change(&bench, &caller, anna, |wish| {
            wish.user_name = "anna.arm@contoso.com".to_owned();
            wish.active = false;
            wish.profile.country = Some("Germany".to_owned());
        });
        assert!(matches!(changed.await.unwrap_err(), Trouble::Wrong(_)));
        brought(&bench, &caller, "berta").await;
        let changed = change(&bench, &caller, anna, |wish| {
            wish.profile.display_name = "Anna Arm".to_owned();
            wish.external_id = Some("ext-berta".to_owned());
        });
        assert!(is_taken(&changed.await.unwrap_err()));
        assert_eq!(user(&bench, anna).await, before);
        assert_eq!(about(&bench, "anna@contoso.com").await.len(), 1, "made, and nothing since");
    });
}

/// R053
#[test]
fn whom_a_program_blocks_is_out_at_once_and_the_tenant_follows() {
    both(|bench| async move {
        let caller = hr(&bench).await;
        let admin = bench.admin().await;
        let anna = brought(&bench, &caller, "anna").await;
        let from = visitor("198.51.100.9");
        bench.house.assign(&admin, anna, bench.application, vec![], &from).await.unwrap();
        bench.drain().await;
        let enabled = || {
            let tenant = bench.simulator.tenant();
            tenant.user("anna@contoso.com").unwrap().properties["accountEnabled"].as_bool()
        };
        assert_eq!(enabled(), Some(true));
        let session = open_session(&bench, anna).await;
        set_active(&bench, &caller, anna, false).await.unwrap();
        assert_eq!(user(&bench, anna).await.state, UserState::Blocked);
        let ended = bench.store.read(move |tx| sessions::by_token(tx, &session)).await.unwrap();
        assert!(ended.is_none_or(|session| session.ended_at.is_some()));
        bench.drain().await;
        assert_eq!(enabled(), Some(false));
        bench.pass(Duration::from_mins(1));
        set_active(&bench, &caller, anna, true).await.unwrap();
        bench.drain().await;
        assert_eq!(enabled(), Some(true));
    });
}

/// A session of somebody, by its digest.
async fn open_session(bench: &Bench, user: model::ids::UserId) -> [u8; 32] {
    let digest = [7; 32];
    let now = bench.house.now();
    let session = model::session::Session {
        id: model::ids::SessionId(uuid(9)),
        user_id: user,
        audience: model::session::SessionAudience::Employee,
        events: Vec::new(),
        created_at: now,
        last_seen_at: now,
        ended_at: None,
        client: model::session::ClientInfo::default(),
        remembered: None,
    };
    bench.store.write(move |tx| sessions::open(tx, &session, &digest)).await.unwrap();
    digest
}

#[test]
fn whom_an_admin_blocked_a_program_does_not_let_in() {
    both(|bench| async move {
        let caller = hr(&bench).await;
        let (admin, from) = (bench.admin().await, visitor("198.51.100.9"));
        let anna = brought(&bench, &caller, "anna").await;
        let state = async |bench: &Bench| user(bench, anna).await.state;
        bench.house.block(&admin, anna, &from).await.unwrap();
        let person = set_active(&bench, &caller, anna, true).await.unwrap();
        assert_eq!(person.user.state, UserState::Blocked);
        // Blocked by the program, let in by an admin, blocked by an admin.
        bench.house.unblock(&admin, anna, &from).await.unwrap();
        set_active(&bench, &caller, anna, false).await.unwrap();
        bench.pass(Duration::from_secs(1));
        bench.house.unblock(&admin, anna, &from).await.unwrap();
        bench.pass(Duration::from_secs(1));
        bench.house.block(&admin, anna, &from).await.unwrap();
        set_active(&bench, &caller, anna, true).await.unwrap();
        assert_eq!(state(&bench).await, UserState::Blocked);
        // Blocked by the program, and then by an admin as well.
        bench.house.unblock(&admin, anna, &from).await.unwrap();
        set_active(&bench, &caller, anna, false).await.unwrap();
        bench.house.block(&admin, anna, &from).await.unwrap();
        set_active(&bench, &caller, anna, true).await.unwrap();
        assert_eq!(state(&bench).await, UserState::Blocked);
        // Whom it removed and brings anew stays blocked as well.
        remove(&bench, &caller, anna).await.unwrap();
        bring(&bench, &caller, wish("anna")).await.unwrap();
        assert_eq!(state(&bench).await, UserState::Blocked);
    });
}

#[test]
fn whom_a_program_removes_is_blocked_gone_for_it_and_comes_back_as_the_same_person() {
    both(|bench| async move {
        let caller = hr(&bench).await;
        let anna = brought(&bench, &caller, "anna").await;
        remove(&bench, &caller, anna).await.unwrap();
        let gone = user(&bench, anna).await;
        assert_eq!(gone.state, UserState::Blocked, "late, and undone by letting them in");
        assert_eq!(find(&bench, &caller, FindPerson::All).await, []);
        for trouble in [
            set_active(&bench, &caller, anna, true).await.map(drop).unwrap_err(),
            remove(&bench, &caller, anna).await.unwrap_err(),
        ] {
            assert!(matches!(trouble, Trouble::NotThere), "{trouble:?}");
        }
        let kinds: Vec<_> =
            about(&bench, "anna@contoso.com").await.iter().map(|r| r.kind).collect();
        assert!(
            kinds.contains(&AuditKind::ProgramLetGo) && kinds.contains(&AuditKind::UserBlocked)
        );
        let back = bring(&bench, &caller, wish("anna")).await.unwrap();
        assert_eq!((back.user.id, back.user.state), (anna, UserState::Active));
        assert_eq!(back.external_id.as_deref(), Some("ext-anna"));
        let rows = about(&bench, "anna@contoso.com").await;
        let again = rows.iter().find(|row| row.detail == "brought again").unwrap();
        let program = Actor::Program(caller.program().id);
        assert_eq!((again.kind, again.actor), (AuditKind::UserChanged, program));
        let view = bench.house.program(&bench.admin().await, caller.program().id).await.unwrap();
        assert_eq!(view.program.last.unwrap().1, "brought anna@contoso.com again");
    });
}

/// Y07
#[test]
fn what_an_admin_does_while_a_program_brings_somebody_back_stands() {
    both(|bench| async move {
        let caller = hr(&bench).await;
        let anna = brought(&bench, &caller, "anna").await;
        remove(&bench, &caller, anna).await.unwrap();
        let (store, now) = (bench.store.clone(), bench.house.now());
        let (changed, is_changed) = tokio::sync::oneshot::channel();
        let admin = tokio::spawn(async move {
            let work = store.write(move |tx| {
                users::lock(tx, anna)?;
                users::set_role(tx, anna, Some(Role::Auditor), now)?;
                changed.send(()).unwrap();
                // Not on the disk yet: the program has read its row by then, and waits.
                std::thread::sleep(Duration::from_millis(700));
                Ok::<_, store::Error>(())
            });
            work.await.unwrap();
        });
        is_changed.await.unwrap();
        let mut back = wish("anna");
        back.profile.department = Some("Sales".to_owned());
        let closed = bring(&bench, &caller, back).await;
        admin.await.unwrap();
        let after = user(&bench, anna).await;
        assert_eq!((after.role, after.state), (Some(Role::Auditor), UserState::Blocked));
        assert!(matches!(closed.unwrap_err(), Trouble::Closed(_)));
    });
}

/// R014
#[test]
fn a_program_forgives_no_guesses_at_a_password() {
    both(|bench| async move {
        let caller = hr(&bench).await;
        let anna = brought(&bench, &caller, "anna").await;
        let (key, now) = (lockout::password(anna), bench.house.now());
        let guesses = GuessCounter { failures: 9, window_began_at: now, last_at: now };
        let (at, counted) = (key.clone(), guesses);
        bench.store.write(move |tx| guess_counters::put(tx, &at, &counted)).await.unwrap();
        let held = || {
            let key = key.clone();
            bench.store.read(move |tx| guess_counters::get(tx, &key))
        };
        set_active(&bench, &caller, anna, false).await.unwrap();
        set_active(&bench, &caller, anna, true).await.unwrap();
        assert_eq!(user(&bench, anna).await.state, UserState::Active);
        assert_eq!(held().await.unwrap(), guesses);
        let (admin, from) = (bench.admin().await, visitor("198.51.100.9"));
        bench.house.block(&admin, anna, &from).await.unwrap();
        bench.house.unblock(&admin, anna, &from).await.unwrap();
        assert_eq!(held().await.unwrap(), GuessCounter::default(), "an admin does");
    });
}

#[test]
fn a_program_whose_people_stay_lets_them_go_as_they_are() {
    both(|bench| async move {
        let admin = bench.admin().await;
        let (id, token) = let_in(&bench, &admin, "Old HR", Removal::Keep).await;
        let caller = enter(&bench, &token).await;
        let anna = brought(&bench, &caller, "anna").await;
        let before = user(&bench, anna).await;
        remove(&bench, &caller, anna).await.unwrap();
        assert_eq!(user(&bench, anna).await, before);
        assert_eq!(find(&bench, &caller, FindPerson::Id(anna)).await, []);
        // It has no say any more, whatever it sends.
        assert!(is_taken(&bring(&bench, &caller, wish("anna")).await.unwrap_err()));
        assert_eq!(user(&bench, anna).await, before);
        // A program that is removed leaves everybody as they are, and can do nothing any more.
        let berta = brought(&bench, &caller, "berta").await;
        bench.next_code();
        let admin = bench.admin().await;
        bench.house.remove_program(&admin, id, &visitor("198.51.100.9")).await.unwrap();
        let trouble = set_active(&bench, &caller, berta, false).await.unwrap_err();
        assert!(matches!(trouble, Trouble::ShutOut), "{trouble:?}");
        assert_eq!(user(&bench, berta).await.state, UserState::Active);
    });
}
