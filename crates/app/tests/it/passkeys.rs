//! Passkeys and security keys, from an authenticator in software (R036 to R039, R094).

use std::time::Duration;

use app::{
    Employee, Kind, Visitor,
    accounts::FactorKind,
    portal::StepUp,
    sign_in::{Outcome, PasskeyQuestion, Screen, SignedIn},
    visitor::Secret,
};
use authn::{denial::Reason, testing::Authenticator};
use model::{
    Method,
    alarm::Cause,
    audit::{AuditKind, Outcome as AuditOutcome},
    pending_request::Purpose,
};
use store::{
    alarms,
    audit_log::{self, AuditFilter},
};

use crate::support::{Bench, both, visitor};

pub(crate) const ORIGIN: &str = "http://localhost:8080";

/// Registers an authenticator of somebody who is signed in and has just given a code.
async fn register(bench: &Bench, me: &Employee, from: &Visitor, key: &mut Authenticator) {
    let asked = bench.house.passkey_to_register(me).await.unwrap().unwrap();
    let answer = key.register(&asked);
    let refused = bench.house.register_passkey(me, from, "Laptop", &answer).await.unwrap();
    assert_eq!(refused, None);
}

/// Somebody's session, and an authenticator of theirs.
pub(crate) async fn with_key(
    bench: &Bench,
    (name, verifies): (&str, bool),
    from: &Visitor,
) -> (Employee, Authenticator) {
    let (me, _) = bench.employee(name, from).await;
    let mut key = Authenticator { verifies, ..Authenticator::at(ORIGIN) };
    register(bench, &me, from, &mut key).await;
    (me, key)
}

/// The session after its person has confirmed with their key.
pub(crate) async fn by_key(
    bench: &Bench,
    me: &Employee,
    key: &mut Authenticator,
    from: &Visitor,
) -> Employee {
    let who = StepUp::Employee(me);
    let asked = bench.house.what_steps_up(who, from).await.unwrap().passkey.unwrap();
    let answer = key.prove(&asked);
    let token = bench.house.step_up_by_passkey(who, &answer, from).await.unwrap().unwrap();
    bench.house.employee(&token).await.unwrap().unwrap()
}

/// The question for everybody in a new sign-in.
async fn begin(bench: &Bench, purpose: Purpose, from: &Visitor) -> (Secret, String) {
    let handle = bench.house.begin_sign_in(purpose, from).await.unwrap();
    (handle.clone(), ask_again(bench, &handle, from).await)
}

async fn ask_again(bench: &Bench, handle: &Secret, from: &Visitor) -> String {
    match bench.house.sign_in_passkey_question(handle, from).await.unwrap() {
        Some(PasskeyQuestion::SignIn(asked)) => asked,
        other => panic!("no question for everybody: {other:?}"),
    }
}

pub(crate) async fn sign_in(
    bench: &Bench,
    key: &mut Authenticator,
    purpose: Purpose,
    from: &Visitor,
) -> SignedIn {
    let (handle, asked) = begin(bench, purpose, from).await;
    let answer = key.prove(&asked);
    let outcome = bench.house.sign_in_passkey(&handle, from, "", &answer).await.unwrap();
    assert_eq!(outcome, Outcome::Next(Screen::Done));
    bench.house.complete_sign_in(&handle, from).await.unwrap().unwrap()
}

fn is_refused(outcome: &Outcome, reason: Reason) -> bool {
    matches!(outcome, Outcome::Again { sentence, .. } if sentence == reason.sentence())
}

/// What the audit log says why passkeys were refused, in the order of the alphabet.
async fn refusals(bench: &Bench, kind: AuditKind) -> Vec<String> {
    let filter = AuditFilter {
        kind: Some(kind),
        outcome: Some(AuditOutcome::Refused),
        limit: 20,
        ..AuditFilter::default()
    };
    let rows = bench.store.read(move |tx| audit_log::list(tx, &filter)).await.unwrap().rows;
    let mut why: Vec<String> = rows.into_iter().map(|row| row.detail).collect();
    why.sort();
    why
}

#[test]
fn r094_a_passkey_alone_opens_portal_and_console_with_the_claim() {
    both(|bench| async move {
        let from = visitor("203.0.113.1");
        let (_, mut key) = with_key(&bench, ("olivia", true), &from).await;
        for purpose in [Purpose::Portal, Purpose::Console] {
            let signed_in = sign_in(&bench, &mut key, purpose.clone(), &from).await;
            let proof = if purpose == Purpose::Console {
                let admin = bench.house.admin(&signed_in.token).await.unwrap().unwrap();
                assert!(admin.require_fresh(bench.house.now()).is_ok(), "as fresh as a code");
                admin.session().proof()
            } else {
                let me = bench.house.employee(&signed_in.token).await.unwrap().unwrap();
                me.session().proof()
            };
            let proof = proof.unwrap();
            assert!(proof.mfa().is_some());
            let methods: Vec<Method> = proof.events().iter().map(|event| event.method).collect();
            assert_eq!(methods, [Method::Passkey]);
        }
    });
}

#[test]
fn r036_a_challenge_is_good_once_whatever_came_of_it() {
    both(|bench| async move {
        let from = visitor("203.0.113.2");
        let (_, mut key) = with_key(&bench, ("alice", true), &from).await;
        let (handle, asked) = begin(&bench, Purpose::Portal, &from).await;
        let garbled = bench.house.sign_in_passkey(&handle, &from, "", "{}").await.unwrap();
        assert!(is_refused(&garbled, Reason::PasskeyRefused), "{garbled:?}");
        let late = key.prove(&asked);
        let outcome = bench.house.sign_in_passkey(&handle, &from, "", &late).await.unwrap();
        assert!(is_refused(&outcome, Reason::PasskeyRefused), "used up: {outcome:?}");

        let asked = ask_again(&bench, &handle, &from).await;
        let answer = key.prove(&asked);
        let outcome = bench.house.sign_in_passkey(&handle, &from, "", &answer).await.unwrap();
        assert_eq!(outcome, Outcome::Next(Screen::Done));
        // The same answer, by whoever listened, in a sign-in of their own.
        let thief = visitor("203.0.113.66");
        let (stolen, _) = begin(&bench, Purpose::Portal, &thief).await;
        let outcome = bench.house.sign_in_passkey(&stolen, &thief, "", &answer).await.unwrap();
        assert!(is_refused(&outcome, Reason::PasskeyRefused), "{outcome:?}");
        let outcome = bench.house.sign_in_passkey(&handle, &thief, "", &answer).await.unwrap();
        assert_eq!(outcome, Outcome::Expired, "another browser's request");
    });
}

#[test]
fn r036_a_challenge_is_good_for_five_minutes() {
    both(|bench| async move {
        let from = visitor("203.0.113.3");
        let (_, mut key) = with_key(&bench, ("alice", true), &from).await;
        for (wait, taken) in [(299, true), (300, false)] {
            let (handle, asked) = begin(&bench, Purpose::Portal, &from).await;
            bench.pass(Duration::from_secs(wait));
            let answer = key.prove(&asked);
            let outcome = bench.house.sign_in_passkey(&handle, &from, "", &answer).await.unwrap();
            assert_eq!(outcome == Outcome::Next(Screen::Done), taken, "{wait} s: {outcome:?}");
        }
    });
}

#[test]
fn r036_a_challenge_is_bound_to_its_ceremony_session_and_person() {
    both(|bench| async move {
        let from = visitor("203.0.113.4");
        let (me, mut key) = with_key(&bench, ("alice", true), &from).await;
        let who = StepUp::Employee(&me);
        // An answer for a sign-in is none for a step-up, and the other way round.
        let (handle, asked) = begin(&bench, Purpose::Portal, &from).await;
        let step_up = bench.house.what_steps_up(who, &from).await.unwrap().passkey.unwrap();
        let (for_sign_in, for_step_up) = (key.prove(&asked), key.prove(&step_up));
        let swapped = bench.house.step_up_by_passkey(who, &for_sign_in, &from).await.unwrap();
        assert!(swapped.is_none());
        let outcome = bench.house.sign_in_passkey(&handle, &from, "", &for_step_up).await.unwrap();
        assert!(is_refused(&outcome, Reason::PasskeyRefused), "{outcome:?}");
        // Another session of the same person did not ask.
        let step_up = bench.house.what_steps_up(who, &from).await.unwrap().passkey.unwrap();
        let answer = key.prove(&step_up);
        let other = sign_in(&bench, &mut key, Purpose::Portal, &from).await;
        let other = bench.house.employee(&other.token).await.unwrap().unwrap();
        let swapped =
            bench.house.step_up_by_passkey(StepUp::Employee(&other), &answer, &from).await;
        assert!(swapped.unwrap().is_none());
        // What alice was asked, grace's key does not answer.
        bench.next_code();
        let (grace, mut hers) = with_key(&bench, ("grace", true), &from).await;
        let step_up = bench.house.what_steps_up(who, &from).await.unwrap().passkey.unwrap();
        let answer = hers.prove(&step_up);
        assert!(bench.house.step_up_by_passkey(who, &answer, &from).await.unwrap().is_none());
        let why = refusals(&bench, AuditKind::PasskeyChecked).await;
        assert!(why.contains(&"foreign_passkey".to_owned()), "{why:?}");
        // A question to register is one for its session, too.
        let me = by_key(&bench, &me, &mut key, &from).await;
        let grace = by_key(&bench, &grace, &mut hers, &from).await;
        let asked = bench.house.passkey_to_register(&me).await.unwrap().unwrap();
        let answer = Authenticator::at(ORIGIN).register(&asked);
        let refused = bench.house.register_passkey(&grace, &from, "Key", &answer).await.unwrap();
        assert_eq!(refused, Some(Reason::PasskeyRefused));
    });
}

#[test]
fn r036_a_key_at_another_origin_signs_nobody_in() {
    both(|bench| async move {
        let from = visitor("203.0.113.5");
        let (_, key) = with_key(&bench, ("alice", true), &from).await;
        for origin in
            ["http://badlocalhost:8080", "http://localhost:8081", "https://localhost:8080"]
        {
            let (handle, asked) = begin(&bench, Purpose::Portal, &from).await;
            let mut key = Authenticator { origin: origin.to_owned(), ..key.clone() };
            let answer = key.prove(&asked);
            let outcome = bench.house.sign_in_passkey(&handle, &from, "", &answer).await.unwrap();
            assert!(is_refused(&outcome, Reason::PasskeyRefused), "{origin}: {outcome:?}");
            assert!(bench.house.complete_sign_in(&handle, &from).await.unwrap().is_none());
        }
    });
}

#[test]
fn r037_a_key_that_does_not_verify_its_person_is_a_second_factor_only() {
    both(|bench| async move {
        let from = visitor("203.0.113.6");
        let (me, mut key) = with_key(&bench, ("alice", false), &from).await;
        let factors = bench.house.security(&me).await.unwrap().factors;
        assert_eq!(factors[1].kind, FactorKind::SecurityKey("Laptop".to_owned()));
        // A PIN that it got since may be that of whoever found it.
        for got_a_pin in [false, true] {
            key.verifies = got_a_pin;
            let (handle, asked) = begin(&bench, Purpose::Portal, &from).await;
            let answer = key.prove(&asked);
            let outcome = bench.house.sign_in_passkey(&handle, &from, "", &answer).await.unwrap();
            assert!(is_refused(&outcome, Reason::PasskeyRefused), "{outcome:?}");
            assert!(bench.house.complete_sign_in(&handle, &from).await.unwrap().is_none());
        }

        let handle = bench.at_code("alice", Purpose::Portal, &from).await;
        let asked = match bench.house.sign_in_passkey_question(&handle, &from).await.unwrap() {
            Some(PasskeyQuestion::SecondFactor(asked)) => asked,
            other => panic!("no question for a second factor: {other:?}"),
        };
        let answer = key.prove(&asked);
        let outcome = bench.house.sign_in_passkey(&handle, &from, "", &answer).await.unwrap();
        assert_eq!(outcome, Outcome::Next(Screen::Done));
        let signed_in = bench.house.complete_sign_in(&handle, &from).await.unwrap().unwrap();
        let me = bench.house.employee(&signed_in.token).await.unwrap().unwrap();
        let proof = me.session().proof().unwrap();
        assert!(proof.mfa().is_some(), "the password and the key are two");
        assert!(proof.has(Method::SecurityKey) && !proof.has(Method::Passkey));
    });
}

#[test]
fn r038_a_copied_key_is_refused_written_down_and_rung_for() {
    both(|bench| async move {
        let from = visitor("203.0.113.7");
        let (_, mut key) = with_key(&bench, ("alice", true), &from).await;
        let mut copy = key.clone();
        sign_in(&bench, &mut key, Purpose::Portal, &from).await;
        for times in 1..3 {
            copy.counter = 1;
            let (handle, asked) = begin(&bench, Purpose::Portal, &from).await;
            let answer = copy.prove(&asked);
            let outcome = bench.house.sign_in_passkey(&handle, &from, "", &answer).await.unwrap();
            assert!(is_refused(&outcome, Reason::PasskeyRefused), "reads like any other refusal");
            assert!(bench.house.complete_sign_in(&handle, &from).await.unwrap().is_none());
            assert_eq!(refusals(&bench, AuditKind::PasskeyChecked).await[0], "copied_passkey");
            let open = bench.store.read(alarms::open).await.unwrap();
            assert_eq!(open[0].subject, "alice@contoso.com");
            let said = Cause::PasskeyCopied {
                name: "Laptop".to_owned(),
                times,
                address: "203.0.113.7".to_owned(),
            };
            assert_eq!(open[0].cause, said);
        }
        sign_in(&bench, &mut key, Purpose::Portal, &from).await;
    });
}

#[test]
fn r039_a_key_of_one_person_is_never_another_persons() {
    both(|bench| async move {
        let from = visitor("203.0.113.8");
        let (me, mut key) = with_key(&bench, ("alice", true), &from).await;
        let (grace, _) = bench.employee("grace", &from).await;
        let me = by_key(&bench, &me, &mut key, &from).await;
        for who in [&grace, &me] {
            let asked = bench.house.passkey_to_register(who).await.unwrap().unwrap();
            let mut again = key.clone();
            let answer = again.register(&asked);
            let refused = bench.house.register_passkey(who, &from, "Mine", &answer).await.unwrap();
            assert!(refused.is_some(), "registered twice");
        }
        assert_eq!(
            refusals(&bench, AuditKind::FactorEnrolled).await,
            ["known_passkey", "passkey_refused"],
            "alice's is in the list that her browser leaves out; grace's list is her own"
        );
        let signed_in = sign_in(&bench, &mut key, Purpose::Portal, &from).await;
        let found = bench.house.employee(&signed_in.token).await.unwrap().unwrap();
        assert_eq!(found.user().upn.as_str(), "alice@contoso.com");
    });
}

#[test]
fn r024_the_question_tells_nothing_and_another_accounts_passkey_is_not_taken() {
    both(|bench| async move {
        let from = visitor("203.0.113.9");
        let (_, mut key) = with_key(&bench, ("alice", true), &from).await;
        let mut shapes = Vec::new();
        for wanted in ["alice@contoso.com", "bob@contoso.com", "nobody@contoso.com"] {
            let handle = bench.house.begin_sign_in(Purpose::Portal, &from).await.unwrap();
            bench.house.sign_in_address(&handle, &from, wanted).await.unwrap();
            let asked = ask_again(&bench, &handle, &from).await;
            let mut shape: serde_json::Value = serde_json::from_str(&asked).unwrap();
            shape["challenge"] = "".into();
            shapes.push(shape);
            let answer = key.prove(&asked);
            let outcome =
                bench.house.sign_in_passkey(&handle, &from, wanted, &answer).await.unwrap();
            if wanted == "alice@contoso.com" {
                assert_eq!(outcome, Outcome::Next(Screen::Done));
            } else {
                assert!(is_refused(&outcome, Reason::ForeignPasskey), "{wanted}: {outcome:?}");
            }
        }
        assert!(shapes.iter().all(|shape| *shape == shapes[0]), "{shapes:?}");
    });
}

#[test]
fn a_passkey_takes_the_place_of_the_app_at_the_first_sign_in() {
    both(|bench| async move {
        let from = visitor("203.0.113.10");
        let handle = bench.at_code("carol", Purpose::Portal, &from).await;
        let asked = match bench.house.sign_in_passkey_question(&handle, &from).await.unwrap() {
            Some(PasskeyQuestion::Register(asked)) => asked,
            other => panic!("no question to register: {other:?}"),
        };
        let mut key = Authenticator::at(ORIGIN);
        let answer = key.register(&asked);
        let outcome =
            bench.house.sign_in_enroll_passkey(&handle, &from, "Phone", &answer).await.unwrap();
        assert!(
            matches!(&outcome, Outcome::RecoveryCodes { codes, .. } if codes.len() == 10),
            "{outcome:?}"
        );
        let signed_in = bench.house.complete_sign_in(&handle, &from).await.unwrap().unwrap();
        let carol = bench.house.employee(&signed_in.token).await.unwrap().unwrap();
        assert!(carol.session().proof().unwrap().mfa().is_some());
        // Nothing but the key is left: the next password leads to it, and a reset to a code.
        let handle = bench.at_code("carol", Purpose::Portal, &from).await;
        let screen = bench.house.sign_in_screen(&handle, &from).await.unwrap().unwrap();
        assert!(
            matches!(&screen, Screen::SecondFactor { with, .. } if !with.has_app()),
            "{screen:?}"
        );
        let admin = bench.admin().await;
        let id = bench.user_id("carol").await;
        bench.house.reset_factors(&admin, id, &from).await.unwrap();
        let (handle, asked) = begin(&bench, Purpose::Portal, &from).await;
        let answer = key.prove(&asked);
        let outcome = bench.house.sign_in_passkey(&handle, &from, "", &answer).await.unwrap();
        assert!(is_refused(&outcome, Reason::UnknownPasskey), "{outcome:?}");
        let handle = bench.at_code("carol", Purpose::Portal, &from).await;
        let screen = bench.house.sign_in_screen(&handle, &from).await.unwrap().unwrap();
        assert!(matches!(screen, Screen::EnrollmentCode { .. }), "{screen:?}");
    });
}

/// R053
#[test]
fn a_passkey_is_renamed_and_removed_and_the_last_factor_stays() {
    both(|bench| async move {
        let from = visitor("203.0.113.11");
        let (me, mut key) = with_key(&bench, ("alice", true), &from).await;
        let id = bench.house.security(&me).await.unwrap().factors[1].id;
        bench.house.rename_passkey(&me, &from, id, " Work laptop ").await.unwrap();
        let named = bench.house.security(&me).await.unwrap().factors[1].kind.clone();
        assert_eq!(named, FactorKind::Passkey("Work laptop".to_owned()));
        for name in ["", "a\nb", &"x".repeat(65)] {
            let error = bench.house.rename_passkey(&me, &from, id, name).await.unwrap_err();
            assert_eq!(error.kind, Kind::Invalid { field: "name" });
        }
        let (grace, _) = bench.employee("grace", &from).await;
        let error = bench.house.rename_passkey(&grace, &from, id, "Mine").await.unwrap_err();
        assert_eq!(error.kind, Kind::NotFound);
        let error = bench.house.remove_passkey(&grace, &from, id).await.unwrap_err();
        assert_eq!(error.kind, Kind::NotFound);

        let other = sign_in(&bench, &mut key, Purpose::Portal, &from).await;
        let (handle, asked) = begin(&bench, Purpose::Portal, &from).await;
        let answer = key.prove(&asked);
        let under_way = bench.house.sign_in_passkey(&handle, &from, "", &answer).await.unwrap();
        assert_eq!(under_way, Outcome::Next(Screen::Done));
        let error = bench.house.remove_passkey(&me, &from, id).await.unwrap_err();
        assert_eq!(error.kind, Kind::StepUp, "a code does not remove it");
        let (me, other) = (by_key(&bench, &me, &mut key, &from).await, other);
        bench.house.remove_passkey(&me, &from, id).await.unwrap();
        assert!(bench.house.employee(&other.token).await.unwrap().is_none(), "R053");
        assert!(bench.house.complete_sign_in(&handle, &from).await.unwrap().is_none(), "R053");

        let handle = bench.at_code("carol", Purpose::Portal, &from).await;
        let Some(PasskeyQuestion::Register(asked)) =
            bench.house.sign_in_passkey_question(&handle, &from).await.unwrap()
        else {
            panic!("no question to register")
        };
        let answer = Authenticator::at(ORIGIN).register(&asked);
        bench.house.sign_in_enroll_passkey(&handle, &from, "Phone", &answer).await.unwrap();
        let carol = bench.house.complete_sign_in(&handle, &from).await.unwrap().unwrap();
        let carol = bench.house.employee(&carol.token).await.unwrap().unwrap();
        let only = bench.house.security(&carol).await.unwrap().factors[0].id;
        let error = bench.house.remove_passkey(&carol, &from, only).await.unwrap_err();
        assert_eq!(error.kind, Kind::Conflict);
    });
}

/// R032
#[test]
fn r147_a_passkey_is_added_and_removed_only_with_a_fresh_factor_and_is_one() {
    both(|bench| async move {
        let from = visitor("203.0.113.12");
        let (me, mut key) = with_key(&bench, ("alice", true), &from).await;
        let id = bench.house.security(&me).await.unwrap().factors[1].id;
        bench.pass(Duration::from_mins(6));
        let error = bench.house.passkey_to_register(&me).await.unwrap_err();
        assert_eq!(error.kind, Kind::StepUp);
        let error = bench.house.register_passkey(&me, &from, "Key", "{}").await.unwrap_err();
        assert_eq!(error.kind, Kind::StepUp);
        let error = bench.house.remove_passkey(&me, &from, id).await.unwrap_err();
        assert_eq!(error.kind, Kind::StepUp);
        let who = StepUp::Employee(&me);
        let asked = bench.house.what_steps_up(who, &from).await.unwrap();
        assert!(asked.app);
        let answer = key.prove(&asked.passkey.unwrap());
        let fresh = bench.house.step_up_by_passkey(who, &answer, &from).await.unwrap().unwrap();
        let me = bench.house.employee(&fresh).await.unwrap().unwrap();
        assert!(me.require_fresh(bench.house.now()).is_ok());
        let asked = bench.house.passkey_to_register(&me).await.unwrap().unwrap();
        let answer = Authenticator::at(ORIGIN).register(&asked);
        let refused = bench.house.register_passkey(&me, &from, "Second", &answer).await.unwrap();
        assert_eq!(refused, None);
        bench.house.remove_passkey(&me, &from, id).await.unwrap();
    });
}

/// R032
#[test]
fn whoever_has_a_passkey_adds_and_removes_one_by_a_passkey_alone() {
    both(|bench| async move {
        let from = visitor("203.0.113.14");
        with_key(&bench, ("alice", true), &from).await;
        // Password and code, as somebody has them who was given them by a false page.
        bench.next_code();
        let (thief, _) = bench.employee("alice", &visitor("203.0.113.66")).await;
        assert!(thief.require_fresh(bench.house.now()).is_ok());
        let id = bench.house.security(&thief).await.unwrap().factors[1].id;
        let errors = [
            bench.house.passkey_to_register(&thief).await.map(drop),
            bench.house.register_passkey(&thief, &from, "Mine", "{}").await.map(drop),
            bench.house.remove_passkey(&thief, &from, id).await,
        ];
        assert!(errors.iter().all(|it| it.as_ref().is_err_and(|it| it.kind == Kind::StepUp)));
        assert_eq!(bench.house.security(&thief).await.unwrap().factors.len(), 2);
    });
}

#[test]
fn of_two_answers_at_once_one_wins() {
    both(|bench| async move {
        let from = visitor("203.0.113.13");
        let (_, mut key) = with_key(&bench, ("alice", true), &from).await;
        let (handle, asked) = begin(&bench, Purpose::Portal, &from).await;
        let answer = key.prove(&asked);
        let second = bench.second_node().await;
        let (one, other) = tokio::join!(
            bench.house.sign_in_passkey(&handle, &from, "", &answer),
            second.sign_in_passkey(&handle, &from, "", &answer),
        );
        let refused = [&one, &other].map(|outcome| refusals_of(outcome.as_ref().unwrap()));
        assert!(refused.iter().any(|refused| !refused), "{one:?} {other:?}");
        let rows = refusals(&bench, AuditKind::PasskeyChecked).await.len();
        let won = done(&bench, AuditKind::PasskeyChecked).await;
        assert_eq!(won, 1, "taken once; {rows} refused");
    });
}

fn refusals_of(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Again { .. })
}

async fn done(bench: &Bench, kind: AuditKind) -> usize {
    let filter = AuditFilter {
        kind: Some(kind),
        outcome: Some(AuditOutcome::Done),
        limit: 20,
        ..AuditFilter::default()
    };
    bench.store.read(move |tx| audit_log::list(tx, &filter)).await.unwrap().rows.len()
}
