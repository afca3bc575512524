//! Rules that take nothing but a passkey or security key (F052): at every door, for whom has one and
//! for whom has none.

use app::{
    House, Kind, Visitor,
    accounts::NewAccessPass,
    issue::wsfed::Entered,
    policy::{Entry, RuleWish, Scenario},
    portal::StepUp,
    sign_in::{Outcome, PasskeyQuestion, Screen},
    visitor::Secret,
};
use authn::testing::Authenticator;
use model::{
    Role,
    audit::AuditKind,
    pending_request::Purpose,
    policy::{Client, Factor, Target},
};
use secrecy::{ExposeSecret as _, SecretString};
use store::audit_log::AuditFilter;

use super::{HOME, publish, wish};
use crate::{
    doors::OFFICE,
    passkeys::{ORIGIN, sign_in, with_key},
    support::{Bench, QUERY, both, visitor},
};

pub(crate) fn keys_only(targets: Vec<Target>) -> RuleWish {
    RuleWish { targets, factor: Some(Factor::PhishingResistant), ..wish("Keys only") }
}

/// The party that Microsoft asks for.
async fn party(bench: &Bench) -> Target {
    let admin = bench.admin().await;
    let view = bench.house.policy(&admin).await.expect("a policy");
    Target::Party(view.parties.first().expect("a party").0.id)
}

/// Publishes the rule for these.
async fn take_keys_only(bench: &Bench, targets: Vec<Target>) {
    let admin = bench.admin().await;
    publish(&bench.house, &admin, &visitor(OFFICE), vec![keys_only(targets)])
        .await
        .expect("published");
}

/// A pass of the help desk.
async fn pass_for(bench: &Bench, name: &str, from: &Visitor) -> app::Result<SecretString> {
    let (admin, id) = (bench.admin().await, bench.user_id(name).await);
    let new = NewAccessPass { hours: 1, reason: "no key at hand".to_owned() };
    bench.house.give_access_pass(&admin, id, new, from).await
}

/// Asks for a token and gives the password; `None`: the session was enough.
async fn at_the_key(bench: &Bench, session: &Secret, name: &str, from: &Visitor) -> Option<Secret> {
    let query = QUERY.replace("alice", name);
    let entered = bench.enter(&query, from, Some(session)).await;
    let Entered::Ask(handle) = entered else { return None };
    let password = bench.account(name).password.clone();
    bench.house.sign_in_password(&handle, from, password).await.expect("an outcome");
    Some(handle)
}

/// Answers the question for a second factor; `None`: there is none.
async fn prove(
    house: &House,
    handle: &Secret,
    from: &Visitor,
    key: &mut Authenticator,
) -> Option<Outcome> {
    let asked = house.sign_in_passkey_question(handle, from).await.expect("asked");
    let Some(PasskeyQuestion::SecondFactor(asked)) = asked else { return None };
    let answer = key.prove(&asked);
    Some(house.sign_in_passkey(handle, from, "", &answer).await.expect("an outcome"))
}

#[test]
fn r094_no_code_opens_what_takes_a_key_and_the_page_takes_none() {
    both(|bench| async move {
        let home = visitor(HOME);
        let house = &bench.house;
        // Bound to their person the one, touched by anybody the other, which the password completes.
        for (name, verifies) in [("alice", true), ("grace", false)] {
            bench.next_code();
            let (me, mut key) = with_key(&bench, (name, verifies), &home).await;
            let recovery = house.replace_recovery_codes(&me, &home).await.unwrap().remove(0);
            bench.next_code();
            let (_, session) = bench.employee(name, &home).await;
            let query = QUERY.replace("alice", name);
            let before = bench.enter(&query, &home, Some(&session)).await;
            assert!(matches!(before, Entered::Token(_)), "{before:?}");
            let party = party(&bench).await;
            take_keys_only(&bench, vec![party]).await;
            let pass = pass_for(&bench, name, &home).await.unwrap();

            let handle =
                at_the_key(&bench, &session, name, &home).await.expect("a code is not enough");
            bench.next_code();
            let code = bench.code(bench.account(name));
            for outcome in [
                house.sign_in_code(&handle, &home, &code).await.unwrap(),
                house.sign_in_recovery_code(&handle, &home, &recovery).await.unwrap(),
                house.sign_in_recovery_code(&handle, &home, pass.expose_secret()).await.unwrap(),
            ] {
                assert!(matches!(outcome, Outcome::Next(Screen::Key { .. })), "{outcome:?}");
            }
            assert!(house.complete_sign_in(&handle, &home).await.unwrap().is_none());
            let outcome = prove(house, &handle, &home, &mut key).await;
            assert_eq!(outcome, Some(Outcome::Next(Screen::Done)));
            let signed_in = house.complete_sign_in(&handle, &home).await.unwrap().unwrap();
            let after = bench.enter(&query, &home, Some(&signed_in.token)).await;
            let Entered::Token(token) = after else { panic!("a key is enough: {after:?}") };
            assert!(token.wresult.contains("multipleauthn"));
            house.clear_policy(&home).await.unwrap();
        }
    });
}

#[test]
fn who_has_no_key_reads_what_to_do_and_no_token_leaves() {
    both(|bench| async move {
        let home = visitor(HOME);
        let house = &bench.house;
        let party = party(&bench).await;
        let (_, session) = bench.employee("alice", &home).await;
        for (targets, may_add) in [(vec![party], true), (vec![], false)] {
            take_keys_only(&bench, targets).await;
            let handle =
                at_the_key(&bench, &session, "alice", &home).await.expect("a code is not enough");
            let screen = house.sign_in_screen(&handle, &home).await.unwrap().unwrap();
            let address = "alice@contoso.com".to_owned();
            assert_eq!(screen, Screen::NoPasskey { address, may_add });
            bench.next_code();
            let code = bench.code(bench.account("alice"));
            let outcome = house.sign_in_code(&handle, &home, &code).await.unwrap();
            assert!(matches!(outcome, Outcome::Next(Screen::NoPasskey { .. })), "{outcome:?}");
            assert!(house.complete_sign_in(&handle, &home).await.unwrap().is_none());
            house.clear_policy(&home).await.unwrap();
        }
        let kind = Some(AuditKind::SessionOpened);
        let filter = AuditFilter { kind, limit: 20, ..AuditFilter::default() };
        let rows = bench.store.read(move |tx| store::audit_log::list(tx, &filter)).await.unwrap();
        let why = "no passkey for the rule \"Keys only\"";
        assert_eq!(
            rows.rows.iter().filter(|row| row.detail.starts_with(why)).count(),
            2,
            "{rows:?}"
        );
    });
}

/// R033: with no factor at all, the first one is set up here, and it is a key.
#[test]
fn the_first_factor_of_somebody_new_is_a_key_and_no_app() {
    both(|bench| async move {
        let home = visitor(HOME);
        let house = &bench.house;
        take_keys_only(&bench, vec![]).await;
        let handle = bench.at_code("carol", Purpose::Portal, &home).await;
        let screen = house.sign_in_screen(&handle, &home).await.unwrap().unwrap();
        assert!(matches!(screen, Screen::EnrollKey { .. }), "{screen:?}");
        let typed = house.sign_in_enroll(&handle, &home, "123456").await.unwrap();
        assert!(matches!(typed, Outcome::Next(Screen::EnrollKey { .. })), "{typed:?}");
        let asked = house.sign_in_passkey_question(&handle, &home).await.unwrap();
        let Some(PasskeyQuestion::Register(asked)) = asked else {
            panic!("no question: {asked:?}")
        };
        let answer = Authenticator::at(ORIGIN).register(&asked);
        let enrolled = house.sign_in_enroll_passkey(&handle, &home, "Phone", &answer).await;
        assert!(matches!(enrolled.unwrap(), Outcome::RecoveryCodes { .. }));
        let carol = house.complete_sign_in(&handle, &home).await.unwrap().unwrap();
        let carol = house.employee(&carol.token).await.unwrap().unwrap();
        assert_eq!(house.enter_portal(&carol, &home).await.unwrap(), Entry::Open);

        let admin = bench.admin().await;
        let id = bench.user_id("carol").await;
        house.reset_factors(&admin, id, &home).await.unwrap();
        let handle = bench.at_code("carol", Purpose::Portal, &home).await;
        let screen = house.sign_in_screen(&handle, &home).await.unwrap().unwrap();
        assert!(matches!(screen, Screen::EnrollmentCode { .. }), "R033: {screen:?}");
    });
}

#[test]
fn the_portal_asks_a_session_by_code_for_the_key_and_takes_it_at_once() {
    both(|bench| async move {
        let home = visitor(HOME);
        let house = &bench.house;
        let (_, mut key) = with_key(&bench, ("alice", true), &home).await;
        bench.next_code();
        let (by_code, _) = bench.employee("alice", &home).await;
        take_keys_only(&bench, vec![Target::Portal]).await;
        assert_eq!(house.enter_portal(&by_code, &home).await.unwrap(), Entry::SignInFirst);
        let by_key = sign_in(&bench, &mut key, Purpose::Portal, &home).await;
        let by_key = house.employee(&by_key.token).await.unwrap().unwrap();
        assert_eq!(house.enter_portal(&by_key, &home).await.unwrap(), Entry::Open);

        let who = StepUp::Employee(&by_code);
        // Nor does a code at the step-up page open it.
        bench.next_code();
        let code = bench.code(bench.account("alice"));
        let error = house.step_up(who, &code, &home).await.expect_err("a code");
        assert_eq!(error.kind, Kind::Forbidden);
        let asked = house.what_steps_up(who, &home).await.unwrap();
        assert!(!asked.app, "a code is not even asked for");
        let answer = key.prove(&asked.passkey.unwrap());
        let token = house.step_up_by_passkey(who, &answer, &home).await.unwrap().unwrap();
        let stepped_up = house.employee(&token).await.unwrap().unwrap();
        assert_eq!(house.enter_portal(&stepped_up, &home).await.unwrap(), Entry::Open);
    });
}

/// R146
#[test]
fn no_rule_takes_keys_that_no_owner_has_and_the_review_names_whom_it_locks_out() {
    both(|bench| async move {
        let home = visitor(HOME);
        let house = &bench.house;
        with_key(&bench, ("alice", true), &home).await;
        let admin = bench.admin().await;
        let rule = keys_only(vec![Target::Console, Target::Portal]);
        let refused = publish(house, &admin, &home, vec![rule]).await.unwrap_err();
        assert_eq!(refused.kind, Kind::Conflict);
        assert!(refused.public.contains("Keys only"), "{}", refused.public);

        let impact = house.policy_impact(&admin).await.unwrap().unwrap();
        let locked_out = impact.without_passkey;
        assert_eq!(impact.people, locked_out.len() + 1, "all but alice: {locked_out:?}");
        assert!(!locked_out.contains(&"alice@contoso.com".to_owned()));
        assert!(locked_out.contains(&"olivia@contoso.com".to_owned()), "{locked_out:?}");
        for (person, lacks) in [("alice", false), ("olivia", true)] {
            let scenario = Scenario {
                person: format!("{person}@contoso.com"),
                target: Target::Portal,
                address: HOME.to_owned(),
                client: Client::Browser,
                agent: String::new(),
                asked: false,
            };
            let said = house.what_if(&admin, scenario).await.unwrap();
            let lacking: Vec<_> = said.iter().map(|it| it.lacks_passkey).collect();
            assert_eq!(lacking, [false, lacks], "today nobody needs one");
        }

        bench.next_code();
        let (_, mut hers) = with_key(&bench, ("olivia", true), &home).await;
        publish(house, &admin, &home, vec![]).await.unwrap();
        let by_code = house.enter_console(&admin, &home).await.unwrap();
        assert_eq!(by_code, Entry::SignInFirst);
        let signed_in = sign_in(&bench, &mut hers, Purpose::Console, &home).await;
        let by_key = house.admin(&signed_in.token).await.unwrap().unwrap();
        assert_eq!(house.enter_console(&by_key, &home).await.unwrap(), Entry::Open);
    });
}

/// R145, R146
#[test]
fn the_last_key_of_the_owners_stays_where_the_console_takes_keys_alone() {
    both(|bench| async move {
        let home = visitor(HOME);
        let house = &bench.house;
        let (olivia, mut key) = with_key(&bench, ("olivia", true), &home).await;
        take_keys_only(&bench, vec![Target::Console]).await;
        let portal = sign_in(&bench, &mut key, Purpose::Portal, &home).await;
        let portal = house.employee(&portal.token).await.unwrap().unwrap();
        let own = house.security(&portal).await.unwrap().factors[1].id;
        let error = house.remove_passkey(&portal, &home, own).await.expect_err("the last key");
        assert_eq!(error.kind, Kind::Conflict);
        assert_eq!(house.security(&portal).await.unwrap().factors.len(), 2);

        // Grace becomes an owner without a key: Olivia's role must stay, until Grace has one.
        let console = sign_in(&bench, &mut key, Purpose::Console, &home).await;
        let admin = house.admin(&console.token).await.unwrap().unwrap();
        let (grace, me) = (bench.user_id("grace").await, olivia.user().id);
        house.set_role(&admin, grace, Some(Role::Owner), &home).await.unwrap();
        let error = house.set_role(&admin, me, None, &home).await.expect_err("nobody could enter");
        assert_eq!(error.kind, Kind::Conflict);
        bench.next_code();
        with_key(&bench, ("grace", true), &home).await;
        house.set_role(&admin, me, None, &home).await.unwrap();
    });
}
