//! What people see of their own sign-ins, and what "This wasn't me" does (R054).

use std::time::Duration;

use app::{
    Kind,
    recent_sign_ins::{AtMicrosoft, RecentSignIns, Step, Way},
    sign_in::Outcome,
    sync::Writes,
};
use mail::testing::MailServer;
use model::{
    alarm::Cause,
    audit::AuditKind,
    ids::SessionId,
    pending_request::Purpose,
    session::{Session, SessionAudience},
};
use store::{alarms, audit_log, outbox, sessions};

use crate::{
    doors::{OFFICE, Stage},
    remembered::{allow, remember},
    support::{Bench, QUERY, both, visitor},
};

const HERE: &str = "198.51.100.7";
const STRANGER: &str = "203.0.113.66";

/// Somebody who knows the password and no code.
async fn wrong_code(bench: &Bench, name: &str) {
    let from = visitor(STRANGER);
    let handle = bench.at_code(name, Purpose::Portal, &from).await;
    let outcome = bench.house.sign_in_code(&handle, &from, "000000").await.unwrap();
    assert!(matches!(outcome, Outcome::Again { .. }), "{outcome:?}");
}

/// Somebody who knows the name alone.
async fn wrong_password(bench: &Bench, name: &str) {
    let from = visitor("203.0.113.99");
    let handle = bench.house.begin_sign_in(Purpose::Portal, &from).await.unwrap();
    bench.house.sign_in_address(&handle, &from, &bench.account(name).upn).await.unwrap();
    bench.house.sign_in_password(&handle, &from, "wrong".to_owned().into()).await.unwrap();
}

fn addresses(seen: &RecentSignIns) -> Vec<&str> {
    seen.sign_ins.iter().map(|it| it.client.address.as_str()).collect()
}

/// R054
#[test]
fn a_person_sees_their_own_sign_ins_and_who_came_far_and_no_strangers_noise() {
    both(|bench| async move {
        let stage = Stage::new(bench).await;
        let bench = &stage.bench;
        stage.right("alice").await;
        stage.right("alice").await;
        bench.pass(Duration::from_mins(1));
        bench.employee("erin", &visitor("198.51.100.9")).await;
        let (alice, token) = bench.employee("alice", &visitor(HERE)).await;
        bench.enter(QUERY, &visitor(HERE), Some(&token)).await;
        bench.pass(Duration::from_mins(1));
        wrong_code(bench, "alice").await;
        wrong_code(bench, "alice").await;
        wrong_code(bench, "erin").await;
        wrong_password(bench, "alice").await;

        let seen = bench.house.recent_sign_ins(&alice).await.unwrap();
        assert_eq!(addresses(&seen), [HERE, OFFICE], "newest first, and nobody else's");
        let Way::Browser { events, audience, remembered, current } = &seen.sign_ins[0].way else {
            panic!("a browser: {seen:?}")
        };
        assert_eq!((events.len(), *audience), (2, SessionAudience::Employee));
        assert!(*current && !remembered);
        assert_eq!(seen.sign_ins[0].applications.len(), 1, "{seen:?}");
        assert_eq!(seen.sign_ins[1].way, Way::Program(2), "one line for both");
        assert_eq!(seen.sign_ins[1].applications, seen.sign_ins[0].applications);
        let [stopped] = seen.stopped.as_slice() else { panic!("one line: {seen:?}") };
        assert_eq!((stopped.address.as_str(), stopped.times), (STRANGER, 2));
        assert_eq!(stopped.step, Step::SecondFactor);
        assert_eq!((seen.wrong_passwords, seen.said), (1, None));

        bench.pass(Duration::from_hours(30 * 24 + 1));
        let seen = bench.house.recent_sign_ins(&alice).await.unwrap();
        assert!(seen.sign_ins.is_empty() && seen.stopped.is_empty(), "{seen:?}");
        assert_eq!(seen.wrong_passwords, 0);
    });
}

#[test]
fn of_many_sign_ins_the_newest_fifty_are_shown() {
    both(|bench| async move {
        let (alice, _) = bench.employee("alice", &visitor(HERE)).await;
        let (id, now) = (alice.user().id, bench.house.now());
        let session = alice.session().clone();
        bench
            .store
            .write(move |tx| {
                for number in 1..=60_u8 {
                    let id =
                        SessionId(format!("00000000-0000-7000-8000-{number:012}").parse().unwrap());
                    let mut client = session.client.clone();
                    client.address = format!("192.0.2.{number}");
                    let at = now + Duration::from_secs(number.into());
                    let more = Session { id, client, created_at: at, ..session.clone() };
                    sessions::open(tx, &more, &[number; 32])?;
                }
                Ok::<_, store::Error>(())
            })
            .await
            .unwrap();
        let seen = bench.house.recent_sign_ins(&alice).await.unwrap();
        let expected: Vec<String> = (11..=60).rev().map(|n| format!("192.0.2.{n}")).collect();
        assert_eq!(addresses(&seen), expected, "ended ones too: {id}");
    });
}

/// R054, R053, R152
#[test]
fn this_was_not_me_ends_everything_else_and_tells_who_must_know() {
    both(|bench| async move {
        let server = MailServer::start().await.unwrap();
        let bench = bench.with_mail(&server).await;
        bench.drain().await;
        allow(&bench, "14").await;
        let me = visitor(HERE);
        let (known, _) = remember(&bench, "alice", &visitor("198.51.100.77")).await;
        bench.next_code();
        let (alice, old) = bench.employee("alice", &me).await;
        bench.next_code();
        let (there, stolen) = bench.employee("alice", &visitor(STRANGER)).await;
        let (_, erin) = bench.employee("erin", &visitor("198.51.100.9")).await;
        let halfway = bench.at_code("alice", Purpose::Portal, &visitor(STRANGER)).await;
        let opens = async |token| bench.house.employee(token).await.unwrap().is_some();

        // It takes no fresh factor.
        bench.pass(Duration::from_mins(6));
        let (before, asked_at) = (letters(&bench, &server).await, bench.house.now());
        let new = bench.house.disown_sign_ins(&alice, &me).await.unwrap();
        assert!(opens(&new).await, "whoever pressed stays");
        assert!(!opens(&old).await, "a copy of the cookie from before opens nothing");
        assert!(!opens(&stolen).await, "other sessions have ended");
        assert!(opens(&erin).await, "and nobody else's");
        assert!(bench.house.security(&alice).await.unwrap().remembered.is_empty());
        assert!(known.remembered.is_some(), "it was remembered");
        let code = bench.code(bench.account("alice"));
        let from = visitor(STRANGER);
        let outcome = bench.house.sign_in_code(&halfway, &from, &code).await.unwrap();
        assert!(!matches!(outcome, Outcome::Next(app::sign_in::Screen::Done)), "{outcome:?}");

        let said = async || bench.house.recent_sign_ins(&alice).await.unwrap().said.unwrap();
        assert_eq!((said().await.at, said().await.at_microsoft), (asked_at, AtMicrosoft::UnderWay));
        bench.pass(Duration::from_secs(1));
        bench.drain().await;
        assert_eq!(said().await.at_microsoft, AtMicrosoft::Ended);
        let ended = |upn: &str| {
            let tenant = bench.simulator.tenant();
            let user = tenant.users.iter().find(|user| user.upn() == upn).unwrap();
            user.sessions_valid_from >= asked_at.0
        };
        assert!(ended("alice@contoso.com") && !ended("erin@contoso.com"));

        // Again by what was proved before: nothing more is done, and nobody is told again.
        let again = bench.house.employee(&new).await.unwrap().unwrap();
        let twice = bench.house.disown_sign_ins(&again, &me).await;
        assert_eq!(twice.expect_err("it was done").kind, Kind::Conflict);
        let new_letters = letters(&bench, &server).await.split_off(before.len());
        let to = |name: &str| {
            let to = format!("To: {name}@contoso.com");
            new_letters.iter().filter(|it| it.contains(&to)).count()
        };
        assert_eq!((to("alice"), to("olivia")), (1, 1), "{new_letters:?}");
        assert_eq!(rung(&bench).await, [("alice@contoso.com".to_owned(), 1)]);

        // Whoever was thrown out can't press any more, in a request that was under way.
        let late = bench.house.disown_sign_ins(&there, &from).await;
        assert_eq!(late.expect_err("it has ended").kind, Kind::Conflict);
        assert_eq!(audited(&bench).await, 1);
    });
}

/// R054: a stranger with a stolen session gains nothing by it, and the person has the last word.
#[test]
fn a_stolen_session_that_presses_first_loses_to_its_person() {
    both(|bench| async move {
        let (from, me) = (visitor(STRANGER), visitor(HERE));
        let (_, mine) = bench.employee("alice", &me).await;
        bench.next_code();
        let (stranger, _) = bench.employee("alice", &from).await;
        bench.pass(Duration::from_mins(6));
        let kept = bench.house.disown_sign_ins(&stranger, &from).await.unwrap();
        assert!(bench.house.employee(&mine).await.unwrap().is_none(), "ended, and no more");
        let stranger = bench.house.employee(&kept).await.unwrap().unwrap();
        let codes = bench.house.replace_recovery_codes(&stranger, &from).await;
        assert_eq!(codes.expect_err("no factor is fresh by it").kind, Kind::StepUp);
        assert_eq!(rung(&bench).await.len(), 1, "an admin knows");

        let (alice, _) = bench.employee("alice", &me).await;
        let again = bench.house.disown_sign_ins(&stranger, &from).await;
        assert_eq!(again.expect_err("once an hour").kind, Kind::Conflict);
        let mine = bench.house.disown_sign_ins(&alice, &me).await.unwrap();
        assert!(bench.house.employee(&kept).await.unwrap().is_none());
        let alice = bench.house.employee(&mine).await.unwrap().unwrap();
        let seen = bench.house.recent_sign_ins(&alice).await.unwrap();
        assert!(!seen.said.unwrap().password_changed);
        bench.pass(Duration::from_secs(1));
        let old = bench.account("alice").password.clone();
        let new = "four unrelated words stand here".to_owned().into();
        bench.house.change_password(&alice, &me, old, new).await.unwrap();
        let seen = bench.house.recent_sign_ins(&alice).await.unwrap();
        assert!(seen.said.unwrap().password_changed);
    });
}

#[test]
fn where_nothing_may_be_written_at_microsoft_the_person_is_told_to_ask() {
    both(|bench| async move {
        let me = visitor(HERE);
        let (alice, _) = bench.employee("alice", &me).await;
        bench.house.disown_sign_ins(&alice, &me).await.unwrap();
        let said = async || bench.house.recent_sign_ins(&alice).await.unwrap().said.unwrap();
        assert_eq!(said().await.at_microsoft, AtMicrosoft::None, "no account there is linked");
        bench.drain().await;
        let (admin, tenant) = (bench.admin().await, bench.tenant);
        bench.house.stop_writes(&admin, tenant, Writes::Stopped, &me).await.unwrap();
        bench.next_code();
        let (alice, _) = bench.employee("alice", &me).await;
        bench.house.disown_sign_ins(&alice, &me).await.unwrap();
        assert_eq!(said().await.at_microsoft, AtMicrosoft::NotFromHere);
        let now = bench.house.now();
        let due = bench.store.read(move |tx| outbox::due(tx, now, 10)).await.unwrap();
        assert!(due.is_empty(), "nothing waits for what can't be done: {due:?}");
    });
}

/// All letters so far, and those that wait.
async fn letters(bench: &Bench, server: &MailServer) -> Vec<String> {
    while bench.house.send_letters().await.unwrap() > 0 {}
    server.messages()
}

/// About whom an alarm of this kind is open, and how often they said so.
async fn rung(bench: &Bench) -> Vec<(String, u32)> {
    let open = bench.store.read(alarms::open).await.unwrap().into_iter();
    open.filter_map(|alarm| match alarm.cause {
        Cause::SignInDisowned { times, .. } => Some((alarm.subject, times)),
        _ => None,
    })
    .collect()
}

async fn audited(bench: &Bench) -> i64 {
    let filter =
        audit_log::AuditFilter { kind: Some(AuditKind::SignInDisowned), ..Default::default() };
    bench.store.read(move |tx| audit_log::list(tx, &filter)).await.unwrap().total
}
