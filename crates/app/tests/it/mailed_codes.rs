//! Codes by e-mail: only where the house alone asks, only to a mailbox outside, never as a factor.

use std::time::Duration;

use app::{
    Kind, Visitor,
    issue::wsfed::Entered,
    policy::{Entry, RuleWish},
    sign_in::{Outcome, Screen, SignedIn},
    visitor::Secret,
};
use mail::testing::MailServer;
use model::{
    FactorEvent, Method, Role,
    audit::AuditKind,
    ids::{EntraTenantId, MicrosoftAccountId, ObjectId},
    microsoft_account::{Identity, MicrosoftAccount},
    pending_request::Purpose,
    policy::Factor,
    user::Profile,
};
use store::audit_log::AuditFilter;
use uuid::Uuid;

use crate::{
    policy::publish,
    support::{Bench, QUERY, both, visitor},
};

const HOME: &str = "198.51.100.78";
const OUTSIDE: &str = "reader@example.net";
const MASKED: &str = "r\u{2026}@example.net";
const MULTIPLE: &str = "&wauth=http%3a%2f%2fschemas.microsoft.com%2fclaims%2fmultipleauthn";

/// Runs `test` with a mail server, on both databases; Alice and Bob have a mailbox outside.
fn with_mail<F, Done>(test: F)
where
    F: Fn(Bench, MailServer) -> Done,
    Done: Future<Output = ()>,
{
    both(|bench| async {
        let server = MailServer::start().await.unwrap();
        let bench = bench.with_mail(&server).await;
        for name in ["alice", "bob", "olivia"] {
            moved(&bench, name, OUTSIDE).await;
        }
        test(bench, server).await;
    });
}

async fn moved(bench: &Bench, name: &str, mailbox: &str) {
    let (id, mailbox) = (bench.user_id(name).await, mailbox.to_owned());
    let write = move |tx: &mut store::Tx| {
        let mut user = store::users::by_id(tx, id)?.unwrap();
        user.profile.mail = Some(mailbox.clone());
        store::users::update(tx, &user)
    };
    bench.store.write(write).await.unwrap();
}

async fn allow(bench: &Bench, allowed: bool) {
    let admin = bench.admin().await;
    bench.house.allow_mailed_codes(&admin, allowed, &visitor(HOME)).await.unwrap();
}

/// Where a sign-in stands: the masked mailbox that a code may go to.
async fn offered(bench: &Bench, handle: &Secret, from: &Visitor) -> Option<String> {
    bench.house.mailed_code(handle, from).await.unwrap().map(|it| it.mailbox)
}

/// The code of the newest letter; `None` when no letter holds one.
async fn newest(bench: &Bench, server: &MailServer) -> Option<String> {
    while bench.house.send_letters().await.unwrap() > 0 {}
    let messages = server.messages();
    let letter = messages.iter().rev().find(|it| it.contains("your code is"))?;
    let code = letter.split("your code is ").nth(1)?;
    Some(code.chars().take(9).collect())
}

async fn sent(bench: &Bench, server: &MailServer, handle: &Secret, from: &Visitor) -> String {
    let outcome = bench.house.send_mailed_code(handle, from).await.unwrap();
    assert!(matches!(outcome, Outcome::Next(_)), "{outcome:?}");
    newest(bench, server).await.expect("a letter")
}

/// Signs somebody in with password and mailed code.
async fn by_mail(bench: &Bench, server: &MailServer, name: &str, from: &Visitor) -> SignedIn {
    let handle = bench.at_code(name, Purpose::Portal, from).await;
    let code = sent(bench, server, &handle, from).await;
    let outcome = bench.house.sign_in_mailed_code(&handle, from, &code).await.unwrap();
    assert_eq!(outcome, Outcome::Next(Screen::Done));
    bench.house.complete_sign_in(&handle, from).await.unwrap().expect("signed in")
}

async fn details(bench: &Bench, kind: AuditKind) -> Vec<String> {
    let filter = AuditFilter { kind: Some(kind), limit: 99, ..AuditFilter::default() };
    let rows = bench.store.read(move |tx| store::audit_log::list(tx, &filter)).await.unwrap().rows;
    rows.into_iter().map(|row| row.detail).collect()
}

/// R094
#[test]
fn a_mailed_code_opens_what_the_house_alone_guards_and_claims_no_second_factor() {
    with_mail(|bench, server| async move {
        allow(&bench, true).await;
        let from = visitor(HOME);
        let signed_in = by_mail(&bench, &server, "alice", &from).await;
        let alice = bench.house.employee(&signed_in.token).await.unwrap().unwrap();
        let proof = alice.session().proof().unwrap();
        assert!(proof.has(Method::MailedCode) && proof.mfa().is_none());
        assert_eq!(bench.house.enter_portal(&alice, &from).await.unwrap(), Entry::Open);
        let codes = bench.house.replace_recovery_codes(&alice, &from).await;
        assert_eq!(codes.expect_err("it confirms nothing").kind, Kind::StepUp);

        let entered = bench.enter(QUERY, &from, Some(&signed_in.token)).await;
        let Entered::Token(token) = entered else { panic!("{entered:?}") };
        assert!(!token.wresult.contains("multipleauthn"), "no second factor was proved");
        let asked = bench.enter(&format!("{QUERY}{MULTIPLE}"), &from, Some(&signed_in.token)).await;
        let Entered::Ask(handle) = asked else { panic!("who asks for two gets two: {asked:?}") };
        assert_eq!(offered(&bench, &handle, &from).await, None);
        assert_eq!(details(&bench, AuditKind::MailedCodeSent).await, [MASKED]);
        assert!(details(&bench, AuditKind::FactorChecked).await.contains(&"code by e-mail".into()));
    });
}

#[test]
fn whoever_has_no_second_factor_gets_in_by_mail_and_sets_none_up_by_it() {
    with_mail(|bench, server| async move {
        allow(&bench, true).await;
        let from = visitor(HOME);
        let signed_in = by_mail(&bench, &server, "bob", &from).await;
        let bob = bench.house.employee(&signed_in.token).await.unwrap().unwrap();
        assert!(bob.session().proof().unwrap().mfa().is_none());
        let elsewhere = visitor("203.0.113.9");
        let handle = bench.at_code("bob", Purpose::Portal, &elsewhere).await;
        let screen = bench.house.sign_in_screen(&handle, &elsewhere).await.unwrap();
        assert!(matches!(screen, Some(Screen::Enroll { .. })), "asked again: {screen:?}");
    });
}

#[test]
fn nobody_gets_a_code_where_more_is_asked_for_or_the_mailbox_is_not_outside() {
    with_mail(|bench, server| async move {
        let from = visitor(HOME);
        let at = async |name: &str| {
            let handle = bench.at_code(name, Purpose::Portal, &from).await;
            let offered = offered(&bench, &handle, &from).await;
            let outcome = bench.house.send_mailed_code(&handle, &from).await.unwrap();
            assert!(matches!(outcome, Outcome::Next(_)), "{outcome:?}");
            offered
        };
        assert_eq!(at("alice").await, None, "off until it is allowed");
        allow(&bench, true).await;
        for inside in ["alice@contoso.com", "a@mail.contoso.com", "a@contoso.onmicrosoft.com"] {
            moved(&bench, "alice", inside).await;
            assert_eq!(at("alice").await, None, "{inside}");
        }
        moved(&bench, "alice", OUTSIDE).await;
        assert_eq!(at("olivia").await, None, "she has a role");
        let console = bench.at_code("olivia", Purpose::Console, &from).await;
        assert_eq!(offered(&bench, &console, &from).await, None);
        let query = format!("{QUERY}{MULTIPLE}");
        let Entered::Ask(asked) = bench.enter(&query, &from, None).await else { panic!("asked") };
        let password = bench.account("alice").password.clone();
        bench.house.sign_in_password(&asked, &from, password).await.unwrap();
        assert_eq!(offered(&bench, &asked, &from).await, None, "Microsoft asks for a factor");

        let admin = bench.admin().await;
        let rule = RuleWish {
            name: "Everybody".to_owned(),
            factor: Some(Factor::Always),
            ..RuleWish::default()
        };
        publish(&bench.house, &admin, &from, vec![rule]).await.unwrap();
        assert_eq!(at("alice").await, None, "a rule asks for a factor");
        bench.house.clear_policy(&from).await.unwrap();
        assert_eq!(newest(&bench, &server).await, None, "no letter was written");
        assert_eq!(at("alice").await.as_deref(), Some(MASKED));
        assert!(newest(&bench, &server).await.is_some());
    });
}

/// R046, R016, R047
#[test]
fn a_code_is_good_once_for_its_sign_in_alone_and_guesses_and_letters_are_counted() {
    with_mail(|bench, server| async move {
        allow(&bench, true).await;
        let (from, house) = (visitor(HOME), &bench.house);
        let [one, other] = [
            bench.at_code("alice", Purpose::Portal, &from).await,
            bench.at_code("alice", Purpose::Portal, &from).await,
        ];
        let first = sent(&bench, &server, &one, &from).await;
        let newer = sent(&bench, &server, &one, &from).await;
        let elsewhere = sent(&bench, &server, &other, &from).await;
        for wrong in [&first, &elsewhere, &"00000000".to_owned(), &String::new()] {
            let outcome = house.sign_in_mailed_code(&one, &from, wrong).await.unwrap();
            assert!(matches!(outcome, Outcome::Again { .. }), "{outcome:?}");
        }
        let stranger = visitor("203.0.113.99");
        let taken = house.sign_in_mailed_code(&one, &stranger, &newer).await.unwrap();
        assert_eq!(taken, Outcome::Expired, "another browser's");
        let right = house.sign_in_mailed_code(&one, &from, &newer).await.unwrap();
        assert_eq!(right, Outcome::Next(Screen::Done));

        // Four failures are left standing: one more, and even the right code is not looked at.
        for last in ["00000000", &elsewhere] {
            let outcome = house.sign_in_mailed_code(&other, &from, last).await.unwrap();
            assert!(matches!(outcome, Outcome::Again { .. }), "{outcome:?}");
        }
        assert!(details(&bench, AuditKind::Throttled).await.contains(&"too_many_codes".to_owned()));
        // Three letters were sent: the fourth is not.
        let refused = house.send_mailed_code(&other, &from).await.unwrap();
        assert!(matches!(refused, Outcome::Again { .. }), "{refused:?}");

        bench.pass(Duration::from_hours(1));
        let late = bench.at_code("alice", Purpose::Portal, &from).await;
        let code = sent(&bench, &server, &late, &from).await;
        bench.pass(Duration::from_mins(10));
        let outcome = house.sign_in_mailed_code(&late, &from, &code).await.unwrap();
        assert_eq!(outcome, Outcome::Expired);
    });
}

/// R046
#[test]
fn a_code_is_good_for_whom_it_was_sent_to_and_by_the_mailbox_it_went_to() {
    with_mail(|bench, server| async move {
        allow(&bench, true).await;
        let (from, house) = (visitor(HOME), &bench.house);
        // Bob has a code sent to himself, and types another's name and password in the same sign-in.
        let handle = bench.at_code("bob", Purpose::Portal, &from).await;
        let code = sent(&bench, &server, &handle, &from).await;
        let alice = bench.account("alice");
        house.sign_in_address(&handle, &from, &alice.upn).await.unwrap();
        house.sign_in_password(&handle, &from, alice.password.clone()).await.unwrap();
        let hers = house.mailed_code(&handle, &from).await.unwrap().expect("she may have one");
        assert!(!hers.was_sent, "nothing was sent to her");
        let taken = house.sign_in_mailed_code(&handle, &from, &code).await.unwrap();
        assert!(matches!(taken, Outcome::Again { .. }), "{taken:?}");
        assert!(house.complete_sign_in(&handle, &from).await.unwrap().is_none());

        let waiting = bench.at_code("alice", Purpose::Portal, &from).await;
        let code = sent(&bench, &server, &waiting, &from).await;
        let open = by_mail(&bench, &server, "alice", &from).await;
        let admin = bench.admin().await;
        let id = bench.user_id("alice").await;
        let user = bench.store.read(move |tx| store::users::by_id(tx, id)).await.unwrap().unwrap();
        let mail = Some("other@example.org".to_owned());
        let elsewhere = Profile { mail, ..user.profile };
        house.change_profile(&admin, id, elsewhere, &from).await.unwrap();
        assert!(house.employee(&open.token).await.unwrap().is_none(), "that session is over");
        let late = house.sign_in_mailed_code(&waiting, &from, &code).await.unwrap();
        assert!(!matches!(late, Outcome::Next(Screen::Done)), "{late:?}");
    });
}

#[test]
fn a_first_password_and_a_microsoft_account_are_not_enough_for_a_code() {
    with_mail(|bench, _| async move {
        allow(&bench, true).await;
        let (from, bob) = (visitor(HOME), bench.user_id("bob").await);
        let admin = bench.admin().await;
        let given = bench.house.give_initial_password(&admin, bob, &from).await.unwrap();
        let handle = bench.house.begin_sign_in(Purpose::Portal, &from).await.unwrap();
        bench.house.sign_in_address(&handle, &from, "bob@contoso.com").await.unwrap();
        let outcome = bench.house.sign_in_password(&handle, &from, given).await.unwrap();
        assert!(matches!(outcome, Outcome::Next(Screen::Enroll { .. })), "{outcome:?}");
        assert_eq!(offered(&bench, &handle, &from).await, None, "it becomes a lasting one");

        let (alice, digest) = (bench.user_id("alice").await, at_microsoft(&bench, &from).await);
        let now = bench.house.now();
        let by_microsoft = move |tx: &mut store::Tx| {
            let account = MicrosoftAccount {
                id: MicrosoftAccountId(Uuid::from_u128(7)),
                user_id: alice,
                identity: Identity {
                    tenant: EntraTenantId(Uuid::from_u128(8)),
                    object: ObjectId(Uuid::from_u128(9)),
                },
                name: OUTSIDE.to_owned(),
                linked_at: now,
                used_at: None,
            };
            store::microsoft_accounts::put(tx, &account)?;
            let mut request = store::pending_requests::by_handle(tx, &digest.digest())?.unwrap();
            request.user_id = Some(alice);
            request.events = vec![FactorEvent { method: Method::Microsoft, at: now }];
            store::pending_requests::update(tx, &request)?;
            Ok::<_, store::Error>(digest)
        };
        let handle = bench.store.write(by_microsoft).await.unwrap();
        let screen = bench.house.sign_in_screen(&handle, &from).await.unwrap();
        assert!(matches!(screen, Some(Screen::SecondFactor { .. })), "{screen:?}");
        assert_eq!(offered(&bench, &handle, &from).await, None, "it may open the same mailbox");
    });
}

async fn at_microsoft(bench: &Bench, from: &Visitor) -> Secret {
    bench.house.begin_sign_in(Purpose::Portal, from).await.unwrap()
}

#[test]
fn what_rests_on_a_code_ends_when_codes_or_the_mailbox_do() {
    with_mail(|bench, server| async move {
        let from = visitor(HOME);
        for how in ["codes", "mailbox", "role"] {
            allow(&bench, true).await;
            moved(&bench, "alice", OUTSIDE).await;
            let signed_in = by_mail(&bench, &server, "alice", &from).await;
            match how {
                "codes" => allow(&bench, false).await,
                "mailbox" => moved(&bench, "alice", "alice@contoso.com").await,
                _ => {
                    let (admin, alice) = (bench.admin().await, bench.user_id("alice").await);
                    let role = Some(Role::Auditor);
                    bench.house.set_role(&admin, alice, role, &from).await.unwrap();
                }
            }
            let entered = bench.enter(QUERY, &from, Some(&signed_in.token)).await;
            assert!(matches!(entered, Entered::Ask(_)), "{how}: {entered:?}");
            if let Some(alice) = bench.house.employee(&signed_in.token).await.unwrap() {
                let entry = bench.house.enter_portal(&alice, &from).await.unwrap();
                assert_eq!(entry, Entry::SignInFirst, "{how}");
            }
        }
    });
}

#[test]
fn only_a_security_admin_with_a_fresh_factor_and_a_mail_server_allows_codes() {
    both(|bench| async move {
        let admin = bench.admin().await;
        let none = bench.house.allow_mailed_codes(&admin, true, &visitor(HOME)).await;
        assert_eq!(none.expect_err("no mail server").kind, Kind::Conflict);
        bench.pass(Duration::from_mins(6));
        let stale = bench.house.allow_mailed_codes(&admin, false, &visitor(HOME)).await;
        assert_eq!(stale.expect_err("not fresh").kind, Kind::StepUp);
        assert!(!bench.house.mailed_codes_allowed(&admin).await.unwrap());
    });
}
