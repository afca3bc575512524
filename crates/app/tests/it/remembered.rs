//! Browsers in which no second factor is asked for (R056): only where a rule allows it, for whom and
//! as long as it was said, and never as a factor.

use std::time::Duration;

use app::{
    Admin, Visitor,
    accounts::{Factor as Enrolled, FactorKind},
    issue::wsfed::Entered,
    policy::{Entry, RuleWish},
    remembered::Wish,
    sign_in::{Outcome, Screen, SignedIn},
    visitor::Secret,
};
use model::{Role, audit::AuditKind, pending_request::Purpose, policy::Factor, user::Profile};
use store::audit_log::AuditFilter;

use crate::{
    doors::OFFICE,
    passkeys::{by_key, with_key},
    policy::publish,
    support::{Bench, QUERY, both, visitor},
};

const HOME: &str = "198.51.100.77";
const DAY: Duration = Duration::from_hours(24);
const MULTIPLE: &str = "&wauth=http%3a%2f%2fschemas.microsoft.com%2fclaims%2fmultipleauthn";

fn remembering(days: &str) -> RuleWish {
    RuleWish {
        name: format!("Remember for {days} days"),
        factor: Some(Factor::Always),
        remember: days.to_owned(),
        ..RuleWish::default()
    }
}

pub(crate) async fn allow(bench: &Bench, days: &str) -> Admin {
    let admin = bench.admin().await;
    bench.house.clear_policy(&visitor(OFFICE)).await.unwrap();
    publish(&bench.house, &admin, &visitor(OFFICE), vec![remembering(days)]).await.unwrap();
    admin
}

/// Comes from Outlook and gives the password.
async fn with_password(bench: &Bench, name: &str, query: &str, from: &Visitor) -> (Secret, Screen) {
    let query = query.replace("alice", name);
    let entered = bench.enter(&query, from, None).await;
    let Entered::Ask(handle) = entered else { panic!("nobody is signed in: {entered:?}") };
    let password = bench.account(name).password.clone();
    match bench.house.sign_in_password(&handle, from, password).await.unwrap() {
        Outcome::Next(screen) => (handle, screen),
        other => panic!("the password is right: {other:?}"),
    }
}

/// For how many days the page offers to remember this browser; fails where it asks for no code.
fn offered(screen: &Screen) -> Option<u16> {
    match screen {
        Screen::SecondFactor { remember, .. } => *remember,
        other => panic!("a second factor is asked for: {other:?}"),
    }
}

async fn completed(bench: &Bench, handle: &Secret, from: &Visitor) -> SignedIn {
    bench.house.complete_sign_in(handle, from).await.unwrap().expect("signed in")
}

/// Signs in with a code and a tick in the box; gives the browser as it is afterwards.
pub(crate) async fn remember(bench: &Bench, name: &str, from: &Visitor) -> (Visitor, SignedIn) {
    bench.next_code();
    let (handle, screen) = with_password(bench, name, QUERY, from).await;
    assert!(offered(&screen).is_some());
    bench.house.sign_in_wish(&handle, from, Wish::Remember).await.unwrap();
    let code = bench.code(bench.account(name));
    bench.house.sign_in_code(&handle, from, &code).await.unwrap();
    let signed_in = completed(bench, &handle, from).await;
    let remembered = Some(signed_in.remembered.clone().expect("the browser gets a cookie"));
    (Visitor { remembered, ..from.clone() }, signed_in)
}

/// Signs in by the password alone.
async fn spared(bench: &Bench, name: &str, from: &Visitor) -> (Visitor, SignedIn) {
    let (handle, screen) = with_password(bench, name, QUERY, from).await;
    assert_eq!(screen, Screen::Done, "the browser is remembered");
    let signed_in = completed(bench, &handle, from).await;
    let remembered = Some(signed_in.remembered.clone().expect("the secret is renewed"));
    (Visitor { remembered, ..from.clone() }, signed_in)
}

async fn is_asked(bench: &Bench, name: &str, from: &Visitor) {
    offered(&with_password(bench, name, QUERY, from).await.1);
}

async fn details(bench: &Bench, kind: AuditKind) -> Vec<String> {
    let filter = AuditFilter { kind: Some(kind), limit: 99, ..AuditFilter::default() };
    let rows = bench.store.read(move |tx| store::audit_log::list(tx, &filter)).await.unwrap().rows;
    rows.into_iter().map(|row| row.detail).collect()
}

/// R094
#[test]
fn r056_there_a_password_is_enough_and_r094_the_token_says_no_more() {
    both(|bench| async move {
        allow(&bench, "14").await;
        let house = &bench.house;
        let (first, proved) = remember(&bench, "alice", &visitor(HOME)).await;
        let token = bench.enter(QUERY, &first, Some(&proved.token)).await;
        assert!(matches!(&token, Entered::Token(it) if it.wresult.contains("multipleauthn")));

        let (second, signed_in) = spared(&bench, "alice", &first).await;
        assert_ne!(second.remembered, first.remembered, "each use renews the secret");
        let session = Some(&signed_in.token);
        let entered = bench.enter(QUERY, &second, session).await;
        let Entered::Token(token) = entered else { panic!("{entered:?}") };
        assert!(!token.wresult.contains("multipleauthn"), "no second factor was proved");
        let me = house.employee(&signed_in.token).await.unwrap().unwrap();
        assert_eq!(house.enter_portal(&me, &second).await.unwrap(), Entry::Open);
        assert!(me.require_fresh(house.now()).is_err(), "it confirms nothing");
        let rested = "no second factor: this browser is remembered; Microsoft's number \
                      5d5e0b86-93f5-4a0a-a5a0-3f1f0a7c5b11";
        let opened = details(&bench, AuditKind::SessionOpened).await;
        assert_eq!(opened.iter().filter(|it| *it == rested).count(), 1);
        assert_eq!(details(&bench, AuditKind::DeviceRemembered).await, ["for 14 days"]);

        let asked = bench.enter(&format!("{QUERY}{MULTIPLE}"), &second, session).await;
        assert!(matches!(asked, Entered::Ask(_)), "who asks for two gets two: {asked:?}");
        let (third, _) = spared(&bench, "alice", &second).await;
        let security = house.security(&me).await.unwrap();
        assert_eq!(security.remembered.len(), 1, "it is the same browser");
        is_asked(&bench, "alice", &visitor(HOME)).await;
        let without_name = third.remembered.as_ref().unwrap().expose()[64..].to_owned();
        let half = Some(Secret::from_cookie(&without_name));
        is_asked(&bench, "alice", &Visitor { remembered: half, ..third }).await;
    });
}

#[test]
fn r056_whoever_asks_for_a_factor_by_itself_is_not_told_of_a_remembered_browser() {
    both(|bench| async move {
        let admin = allow(&bench, "14").await;
        let (home, _) = remember(&bench, "alice", &visitor(HOME)).await;
        for ask in [MULTIPLE, "&wfresh=0", "&wfresh=60"] {
            let (handle, screen) =
                with_password(&bench, "alice", &format!("{QUERY}{ask}"), &home).await;
            assert_eq!(offered(&screen), None, "{ask}: nothing is promised either");
            assert!(bench.house.complete_sign_in(&handle, &home).await.unwrap().is_none());
        }
        // Somebody else in the same browser, who may have it remembered in their turn.
        let (_, screen) = with_password(&bench, "erin", QUERY, &home).await;
        assert_eq!(offered(&screen), Some(14));
        let handle = bench.at_code("olivia", Purpose::Console, &home).await;
        let screen = bench.house.sign_in_screen(&handle, &home).await.unwrap().unwrap();
        assert_eq!(offered(&screen), None, "not in the console");
        let handle = bench.at_code("olivia", Purpose::Portal, &home).await;
        let screen = bench.house.sign_in_screen(&handle, &home).await.unwrap().unwrap();
        assert_eq!(offered(&screen), None, "nor for whoever has a role");

        let (home, rests) = spared(&bench, "alice", &home).await;
        let me = bench.house.employee(&rests.token).await.unwrap().unwrap();
        let alice = me.user().id;
        let give = async |role| bench.house.set_role(&admin, alice, role, &home).await.unwrap();
        give(Some(Role::Auditor)).await;
        let (_, screen) = with_password(&bench, "alice", QUERY, &home).await;
        assert_eq!(offered(&screen), None);
        give(None).await;
        is_asked(&bench, "alice", &home).await;
    });
}

#[test]
fn r056_nothing_is_remembered_where_no_rule_says_so_or_no_factor_was_proved() {
    both(|bench| async move {
        let home = visitor(HOME);
        bench.next_code();
        let (handle, screen) = with_password(&bench, "alice", QUERY, &home).await;
        assert_eq!(offered(&screen), None);
        bench.house.sign_in_wish(&handle, &home, Wish::Remember).await.unwrap();
        assert!(bench.house.complete_sign_in(&handle, &home).await.unwrap().is_none());
        let code = bench.code(bench.account("alice"));
        bench.house.sign_in_code(&handle, &home, &code).await.unwrap();
        assert_eq!(completed(&bench, &handle, &home).await.remembered, None, "no rule allows it");

        // A wish is taken back by the next word, and ends with the sign-in that it was made in.
        allow(&bench, "14").await;
        bench.next_code();
        let (handle, _) = with_password(&bench, "alice", QUERY, &home).await;
        for wish in [Wish::Remember, Wish::DontRemember] {
            bench.house.sign_in_wish(&handle, &home, wish).await.unwrap();
        }
        let code = bench.code(bench.account("alice"));
        bench.house.sign_in_code(&handle, &home, &code).await.unwrap();
        assert_eq!(completed(&bench, &handle, &home).await.remembered, None);
        assert!(details(&bench, AuditKind::DeviceRemembered).await.is_empty());
    });
}

#[test]
fn r056_it_lasts_as_long_as_the_rule_says_now_and_no_longer_than_was_promised() {
    both(|bench| async move {
        allow(&bench, "14").await;
        let (home, _) = remember(&bench, "alice", &visitor(HOME)).await;
        bench.pass(DAY * 13);
        let (home, _) = spared(&bench, "alice", &home).await;
        allow(&bench, "13").await;
        is_asked(&bench, "alice", &home).await;
        allow(&bench, "30").await;
        let (home, rests) = spared(&bench, "alice", &home).await;
        bench.pass(Duration::from_mins(30));
        let token = bench.enter(QUERY, &home, Some(&rests.token)).await;
        assert!(matches!(token, Entered::Token(_)), "{token:?}");
        bench.house.clear_policy(&home).await.unwrap();
        let token = bench.enter(QUERY, &home, Some(&rests.token)).await;
        assert!(matches!(token, Entered::Ask(_)), "no rule allows it any more: {token:?}");
        allow(&bench, "30").await;
        bench.pass(DAY);
        is_asked(&bench, "alice", &home).await;
    });
}

/// R009, R053
#[test]
fn r056_it_ends_with_whatever_it_rested_on_and_so_does_the_session() {
    both(|bench| async move {
        let admin = allow(&bench, "14").await;
        let (house, from) = (&bench.house, visitor(OFFICE));
        for act in ["forget", "block", "end sessions", "add a key", "reset", "new password"] {
            let name = match act {
                "reset" => "erin",
                "new password" => "grace",
                _ => "alice",
            };
            let id = bench.user_id(name).await;
            let (home, _) = remember(&bench, name, &visitor(HOME)).await;
            let (home, rests) = spared(&bench, name, &home).await;
            let me = house.employee(&rests.token).await.unwrap().unwrap();
            match act {
                "forget" => {
                    let known = house.security(&me).await.unwrap().remembered.remove(0);
                    let (erin, _) = bench.employee("erin", &from).await;
                    assert!(house.forget_device(&erin, known.id, &from).await.is_err(), "hers");
                    house.forget_device(&me, known.id, &home).await.unwrap();
                    assert_eq!(details(&bench, AuditKind::DeviceForgotten).await.len(), 1);
                }
                "block" => {
                    house.block(&admin, id, &from).await.unwrap();
                    house.unblock(&admin, id, &from).await.unwrap();
                }
                "end sessions" => house.end_sessions(&admin, id, &from).await.unwrap(),
                "add a key" => {
                    bench.next_code();
                    with_key(&bench, (name, true), &from).await;
                }
                "reset" => {
                    let admin = bench.admin().await;
                    house.reset_factors(&admin, id, &from).await.unwrap();
                }
                _ => {
                    bench.next_code();
                    let (me, _) = bench.employee(name, &from).await;
                    let old = bench.account(name).password.clone();
                    let new = "four unrelated words stand here".to_owned();
                    house.change_password(&me, &from, old, new.into()).await.unwrap();
                }
            }
            let query = QUERY.replace("alice", name);
            let token = bench.enter(&query, &home, Some(&rests.token)).await;
            assert!(matches!(token, Entered::Ask(_)), "{act}: {token:?}");
            if let Some(me) = house.employee(&rests.token).await.unwrap() {
                let entry = house.enter_portal(&me, &home).await.unwrap();
                assert_eq!(entry, Entry::SignInFirst, "{act}");
                assert!(house.security(&me).await.unwrap().remembered.is_empty(), "{act}");
            }
            if act != "reset" && act != "new password" {
                is_asked(&bench, name, &home).await;
            }
        }
    });
}

/// Does something to Alice's account, and puts it back where that can be done.
async fn there_and_back(bench: &Bench, act: &str) -> app::Result<()> {
    let (house, from, id) = (&bench.house, visitor(OFFICE), bench.user_id("alice").await);
    let admin = bench.admin().await;
    match act {
        "key" => {
            let (me, mut key) = with_key(bench, ("alice", true), &from).await;
            let me = by_key(bench, &me, &mut key, &from).await;
            let passkey = |factor: &Enrolled| factor.kind != FactorKind::App;
            let added = house.security(&me).await?.factors.into_iter().find(passkey);
            house.remove_passkey(&me, &from, added.expect("it was added").id).await?;
        }
        "mail" => {
            let found = bench.store.read(move |tx| store::users::by_id(tx, id)).await?;
            let profile = found.expect("she is there").profile;
            for mail in [Some("alice@elsewhere.example".to_owned()), profile.mail.clone()] {
                let profile = Profile { mail, ..profile.clone() };
                house.change_profile(&admin, id, profile, &from).await?;
            }
        }
        "name" => {
            for name in ["alicia@contoso.com", "alice@contoso.com"] {
                house.rename_person(&admin, id, name, &from).await?;
            }
        }
        _ => {
            let (me, _) = bench.employee("alice", &from).await;
            house.replace_recovery_codes(&me, &from).await?;
        }
    }
    Ok(())
}

#[test]
fn r056_what_was_changed_and_changed_back_has_ended_it_all_the_same() {
    both(|bench| async move {
        allow(&bench, "14").await;
        let mut alive = Vec::new();
        for act in ["key", "mail", "name", "recovery codes"] {
            let (home, _) = remember(&bench, "alice", &visitor(HOME)).await;
            there_and_back(&bench, act).await.unwrap();
            let (_, screen) = with_password(&bench, "alice", QUERY, &home).await;
            if screen == Screen::Done {
                alive.push(act);
            }
        }
        assert!(alive.is_empty(), "{alive:?}");
    });
}

/// R009
#[test]
fn r056_each_change_of_the_password_or_a_key_forgets_the_browsers_at_once() {
    both(|bench| async move {
        allow(&bench, "14").await;
        let (house, from) = (&bench.house, visitor(OFFICE));
        for act in ["key", "password"] {
            remember(&bench, "grace", &visitor(HOME)).await;
            bench.next_code();
            if act == "key" {
                with_key(&bench, ("grace", true), &from).await;
            } else {
                let (me, _) = bench.employee("grace", &from).await;
                let old = bench.account("grace").password.clone();
                let new = "four unrelated words stand here".to_owned();
                house.change_password(&me, &from, old, new.into()).await.unwrap();
            }
            let id = bench.user_id("grace").await;
            let kept = bench.store.read(move |tx| store::remembered_devices::of_user(tx, id));
            assert_eq!(kept.await.unwrap(), [], "{act}");
        }
    });
}

#[test]
fn r056_whoever_has_a_browser_remembered_anew_ends_the_copy_of_it() {
    both(|bench| async move {
        allow(&bench, "14").await;
        let (owner, _) = remember(&bench, "alice", &visitor(HOME)).await;
        let thief = Visitor { remembered: owner.remembered.clone(), ..visitor("203.0.113.66") };
        let (thief, _) = spared(&bench, "alice", &thief).await;
        // Within the minute in which it may have been another tab.
        let (owner, _) = remember(&bench, "alice", &owner).await;
        is_asked(&bench, "alice", &thief).await;
        let forgotten = details(&bench, AuditKind::DeviceForgotten).await;
        assert_eq!(forgotten, ["an old secret of it came again, perhaps from a copy"]);
        spared(&bench, "alice", &owner).await;
    });
}

#[test]
fn r056_no_code_that_is_good_once_has_a_browser_remembered() {
    both(|bench| async move {
        allow(&bench, "14").await;
        let home = visitor(HOME);
        bench.next_code();
        let (me, _) = bench.employee("alice", &home).await;
        let codes = bench.house.replace_recovery_codes(&me, &home).await.unwrap();
        let (handle, _) = with_password(&bench, "alice", QUERY, &home).await;
        bench.house.sign_in_wish(&handle, &home, Wish::Remember).await.unwrap();
        bench.house.sign_in_recovery_code(&handle, &home, &codes[0]).await.unwrap();
        assert_eq!(completed(&bench, &handle, &home).await.remembered, None);
    });
}

#[test]
fn r056_a_copy_is_noticed_whoever_uses_it_first() {
    both(|bench| async move {
        allow(&bench, "14").await;
        let (owner, _) = remember(&bench, "alice", &visitor(HOME)).await;
        let thief = Visitor { remembered: owner.remembered.clone(), ..visitor("203.0.113.66") };
        let (thief, _) = spared(&bench, "alice", &thief).await;
        is_asked(&bench, "alice", &owner).await;
        assert!(details(&bench, AuditKind::DeviceForgotten).await.is_empty(), "perhaps two tabs");
        // However often they used it since.
        let (thief, rests) = spared(&bench, "alice", &thief).await;
        bench.pass(Duration::from_secs(61));
        is_asked(&bench, "alice", &owner).await;
        let forgotten = details(&bench, AuditKind::DeviceForgotten).await;
        assert_eq!(forgotten, ["an old secret of it came again, perhaps from a copy"]);
        let token = bench.enter(QUERY, &thief, Some(&rests.token)).await;
        assert!(
            matches!(token, Entered::Ask(_)),
            "the thief's session is worth nothing: {token:?}"
        );
        is_asked(&bench, "alice", &thief).await;
    });
}

#[test]
fn r056_of_two_tabs_and_two_nodes_one_uses_the_secret_and_the_other_asks() {
    both(|bench| async move {
        allow(&bench, "14").await;
        let (home, _) = remember(&bench, "alice", &visitor(HOME)).await;
        let second = bench.second_node().await;
        let (one, _) = with_password(&bench, "alice", QUERY, &home).await;
        let (other, _) = with_password(&bench, "alice", QUERY, &home).await;
        let ended = tokio::join!(
            bench.house.complete_sign_in(&one, &home),
            second.complete_sign_in(&other, &home),
        );
        let (won, lost) = match (ended.0.unwrap(), ended.1.unwrap()) {
            (Some(won), None) => (won, other),
            (None, Some(won)) => (won, one),
            both => panic!("one of the two: {both:?}"),
        };
        let screen = bench.house.sign_in_screen(&lost, &home).await.unwrap().unwrap();
        assert_eq!(offered(&screen), Some(14));
        let remembered = won.remembered;
        spared(&bench, "alice", &Visitor { remembered, ..home }).await;
    });
}
