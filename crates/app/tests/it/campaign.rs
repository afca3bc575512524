//! The campaign in which everybody sets up a second factor, and who needs none for a while (F048).

use std::time::Duration;

use app::{
    Error, Kind, Result, Visitor,
    campaign::{CampaignChange, CampaignView, NewExemption},
    issue::wsfed::Entered,
    policy::{Answer, MfaPolicy, RuleWish, Scenario, Verdict},
    sign_in::{Outcome, Screen},
    visitor::Secret,
};
use mail::testing::MailServer;
use model::{
    Role,
    audit::AuditKind,
    ids::LetterId,
    letter::Letter,
    pending_request::Purpose,
    policy::{Client, Factor, Target},
};
use store::{audit_log, letters, users};

use uuid::Uuid;

use crate::{
    policy::publish,
    support::{Bench, QUERY, both, visitor},
};

const DAY: Duration = Duration::from_hours(24);

async fn set(bench: &Bench, last_day: &str, may_put_off: bool) -> Result<()> {
    let admin = bench.admin().await;
    let change = CampaignChange { last_day: last_day.to_owned(), may_put_off };
    bench.house.change_campaign(&admin, change, &visitor("198.51.100.9")).await
}

async fn exempt(bench: &Bench, name: &str, last_day: &str, reason: &str) -> Result<()> {
    let (admin, id) = (bench.admin().await, bench.user_id(name).await);
    let new = NewExemption { last_day: last_day.to_owned(), reason: reason.to_owned() };
    bench.house.exempt(&admin, id, new, &visitor("198.51.100.9")).await
}

async fn board(bench: &Bench, query: &str) -> CampaignView {
    let admin = bench.admin().await;
    bench.house.campaign(&admin, query, (50, 0)).await.unwrap()
}

async fn last_detail(bench: &Bench, kind: AuditKind) -> Option<String> {
    let filter = audit_log::AuditFilter { kind: Some(kind), limit: 1, ..Default::default() };
    let rows = bench.store.read(move |tx| audit_log::list(tx, &filter)).await.unwrap().rows;
    rows.into_iter().next().map(|row| row.detail)
}

/// The page that follows on Carol's password; she has no second factor.
async fn after_password(bench: &Bench, purpose: Purpose, from: &Visitor) -> (Secret, Screen) {
    let handle = bench.at_code("carol", purpose, from).await;
    let screen = bench.house.sign_in_screen(&handle, from).await.unwrap().unwrap();
    (handle, screen)
}

fn may_put_off(screen: &Screen) -> bool {
    matches!(screen, Screen::Enroll { put_off_until: Some(_), .. })
}

/// Asks for a token for Carol as Microsoft does.
async fn token(bench: &Bench, from: &Visitor, session: &Secret, query: &str) -> Entered {
    let query = query.replace("alice%40", "carol%40");
    bench.enter(&query, from, Some(session)).await
}

#[test]
fn putting_it_off_opens_the_door_for_a_day_and_claims_nothing() {
    both(|bench| async move {
        let from = visitor("203.0.113.6");
        set(&bench, "2026-12-24", true).await.unwrap();
        assert_eq!(
            last_detail(&bench, AuditKind::CampaignChanged).await.unwrap(),
            "last day 2026-12-24; it may be put off until then"
        );
        let (handle, screen) = after_password(&bench, Purpose::Portal, &from).await;
        assert!(may_put_off(&screen), "{screen:?}");
        let outcome = bench.house.sign_in_put_off(&handle, &from).await.unwrap();
        assert_eq!(outcome, Outcome::Next(Screen::Done));
        let done = bench.house.complete_sign_in(&handle, &from).await.unwrap().unwrap();
        let carol = bench.house.employee(&done.token).await.unwrap().unwrap();
        assert!(carol.session().proof().unwrap().mfa().is_none(), "nothing was confirmed");
        assert!(last_detail(&bench, AuditKind::FactorPutOff).await.is_some());

        // Microsoft gets a token that says so, and asks in vain for more.
        let given = token(&bench, &from, &done.token, QUERY).await;
        assert!(matches!(given, Entered::Token(_)), "{given:?}");
        let demanding =
            format!("{QUERY}&wauth=http%3a%2f%2fschemas.microsoft.com%2fclaims%2fmultipleauthn");
        let more = token(&bench, &from, &done.token, &demanding).await;
        assert!(matches!(more, Entered::Ask(_)), "{more:?}");

        let (_, screen) = after_password(&bench, Purpose::Portal, &from).await;
        assert_eq!(screen, Screen::Done, "not asked again today");
        bench.pass(DAY);
        let late = token(&bench, &from, &done.token, QUERY).await;
        assert!(matches!(late, Entered::Ask(_)), "{late:?}");
        let (_, screen) = after_password(&bench, Purpose::Portal, &from).await;
        assert!(may_put_off(&screen), "and tomorrow: {screen:?}");
    });
}

#[test]
fn it_is_put_off_to_the_last_day_at_most_and_not_where_one_is_demanded() {
    both(|bench| async move {
        let from = visitor("203.0.113.6");
        let (handle, screen) = after_password(&bench, Purpose::Portal, &from).await;
        assert!(matches!(screen, Screen::Enroll { put_off_until: None, .. }), "{screen:?}");
        let refused = bench.house.sign_in_put_off(&handle, &from).await.unwrap();
        assert!(matches!(refused, Outcome::Next(Screen::Enroll { .. })), "{refused:?}");
        assert!(bench.house.complete_sign_in(&handle, &from).await.unwrap().is_none());

        set(&bench, "2026-11-25", true).await.unwrap();
        let demanding =
            format!("{QUERY}&wauth=http%3a%2f%2fschemas.microsoft.com%2fclaims%2fmultipleauthn")
                .replace("alice%40", "carol%40");
        let Entered::Ask(handle) = bench.enter(&demanding, &from, None).await else {
            panic!("no sign-in")
        };
        let password = bench.account("carol").password.clone();
        let outcome = bench.house.sign_in_password(&handle, &from, password).await.unwrap();
        let Outcome::Next(screen) = outcome else { panic!("{outcome:?}") };
        assert!(!may_put_off(&screen), "Microsoft demands one: {screen:?}");
        let refused = bench.house.sign_in_put_off(&handle, &from).await.unwrap();
        assert!(matches!(refused, Outcome::Next(Screen::Enroll { .. })), "{refused:?}");

        let (handle, screen) = after_password(&bench, Purpose::Portal, &from).await;
        assert!(may_put_off(&screen), "{screen:?}");
        bench.house.sign_in_put_off(&handle, &from).await.unwrap();
        let admin = bench.admin().await;
        let carol = bench.user_id("carol").await;
        let until = bench.house.person(&admin, carol).await.unwrap().exemption.unwrap().until;
        assert_eq!(until.to_xml(), "2026-11-26T00:00:00.000Z", "the campaign ends sooner");
        bench.pass(DAY);
        let (_, screen) = after_password(&bench, Purpose::Portal, &from).await;
        assert!(matches!(screen, Screen::EnrollmentCode { .. }), "{screen:?}");
    });
}

#[test]
fn what_a_rule_demands_is_neither_put_off_nor_spared() {
    both(|bench| async move {
        let from = visitor("203.0.113.6");
        set(&bench, "2026-12-24", true).await.unwrap();
        exempt(&bench, "carol", "2026-12-01", "on leave").await.unwrap();
        let (_, screen) = after_password(&bench, Purpose::Portal, &from).await;
        assert_eq!(screen, Screen::Done);
        let (factor, targets) = (Some(Factor::Always), vec![Target::Portal]);
        let rule = RuleWish { name: "Portal".to_owned(), factor, targets, ..RuleWish::default() };
        let admin = bench.admin().await;
        publish(&bench.house, &admin, &visitor("198.51.100.9"), vec![rule]).await.unwrap();
        let (_, screen) = after_password(&bench, Purpose::Portal, &from).await;
        assert!(matches!(screen, Screen::Enroll { put_off_until: None, .. }), "{screen:?}");

        // What if says the same: nothing decides for the console, and it heeds no exemption.
        for (target, exempt) in [(Target::Portal, false), (Target::Console, false)] {
            let answer = what_if(&bench, target).await;
            assert_eq!(answer.exempt_until.is_some(), exempt, "{target:?}");
        }
        bench.house.clear_policy(&from).await.unwrap();
        let answer = what_if(&bench, Target::Portal).await;
        assert_eq!(answer.exempt_until.unwrap().to_xml(), "2026-12-02T00:00:00.000Z");
        let spared = Verdict::Allowed { mfa: MfaPolicy::OnDemand, max_age: None, remember: None };
        assert_eq!(answer.verdict, spared);
    });
}

async fn what_if(bench: &Bench, target: Target) -> Answer {
    let scenario = Scenario {
        person: "carol@contoso.com".to_owned(),
        target,
        address: "203.0.113.6".to_owned(),
        client: Client::Browser,
        agent: String::new(),
        asked: false,
    };
    let admin = bench.admin().await;
    bench.house.what_if(&admin, scenario).await.unwrap().remove(0)
}

#[test]
fn an_exemption_counts_until_its_day_and_ends_with_a_second_factor() {
    both(|bench| async move {
        let from = visitor("203.0.113.6");
        exempt(&bench, "carol", "2026-12-01", "on leave").await.unwrap();
        assert_eq!(
            last_detail(&bench, AuditKind::ExemptionGranted).await.unwrap(),
            "until 2026-12-01: on leave"
        );
        let (handle, screen) = after_password(&bench, Purpose::Portal, &from).await;
        assert_eq!(screen, Screen::Done);
        let done = bench.house.complete_sign_in(&handle, &from).await.unwrap().unwrap();
        let given = token(&bench, &from, &done.token, QUERY).await;
        assert!(matches!(given, Entered::Token(_)), "{given:?}");

        let (admin, carol) = (bench.admin().await, bench.user_id("carol").await);
        bench.house.end_exemption(&admin, carol, &visitor("198.51.100.9")).await.unwrap();
        let asked = token(&bench, &from, &done.token, QUERY).await;
        assert!(matches!(asked, Entered::Ask(_)), "at the next token: {asked:?}");
        let twice = bench.house.end_exemption(&admin, carol, &visitor("198.51.100.9")).await;
        assert_eq!(twice.unwrap_err().kind, Kind::Conflict);

        exempt(&bench, "carol", "2026-12-01", "still on leave").await.unwrap();
        bench.pass(DAY * 7);
        let (_, screen) = after_password(&bench, Purpose::Portal, &from).await;
        assert!(matches!(screen, Screen::EnrollmentCode { .. }), "it is over: {screen:?}");
        bench.house.forget_expired().await.unwrap();
        let admin = bench.admin().await;
        let ended = bench.house.end_exemption(&admin, carol, &visitor("198.51.100.9")).await;
        assert_eq!(ended.unwrap_err().kind, Kind::Conflict, "and forgotten");
    });
}

#[test]
fn whoever_has_a_second_factor_or_a_role_is_not_exempt() {
    both(|bench| async move {
        let refused = async |name: &str, day: &str, reason: &str| -> Error {
            exempt(&bench, name, day, reason).await.expect_err(name)
        };
        assert!(refused("alice", "2026-12-01", "why").await.public.contains("temporary pass"));
        assert!(refused("dan", "2026-12-01", "why").await.public.contains("Unblock"));
        let field = async |day: &str, reason: &str| refused("carol", day, reason).await.kind;
        assert_eq!(field("", "why").await, Kind::Invalid { field: "last_day" });
        assert_eq!(field("2026-11-24", "why").await, Kind::Invalid { field: "last_day" });
        assert_eq!(field("2027-02-24", "why").await, Kind::Invalid { field: "last_day" });
        assert_eq!(field("2026-12-01", " ").await, Kind::Invalid { field: "reason" });

        exempt(&bench, "carol", "2026-12-01", "on leave").await.unwrap();
        let (admin, carol) = (bench.admin().await, bench.user_id("carol").await);
        let from = visitor("198.51.100.9");
        bench.house.set_role(&admin, carol, Some(Role::Auditor), &from).await.unwrap();
        let person = bench.house.person(&admin, carol).await.unwrap();
        assert!(person.exemption.is_none(), "a role ends it");
        assert!(refused("carol", "2026-12-01", "why").await.public.contains("role"));

        // Setting one up ends an exemption, also when the factors are taken away later.
        bench.house.set_role(&admin, carol, None, &from).await.unwrap();
        exempt(&bench, "carol", "2026-12-01", "on leave").await.unwrap();
        bench.store.write(move |tx| store::factors::mark_enrolled(tx, carol)).await.unwrap();
        let person = bench.house.person(&admin, carol).await.unwrap();
        assert!(person.exemption.is_none());
    });
}

/// R004
#[test]
fn nothing_is_put_off_any_more_once_the_campaign_is_over() {
    both(|bench| async move {
        set(&bench, "2026-11-26", true).await.unwrap();
        bench.house.forget_expired().await.unwrap();
        assert!(board(&bench, "").await.campaign.may_put_off, "not before its end");
        bench.pass(DAY * 2);
        bench.house.forget_expired().await.unwrap();
        assert!(
            !board(&bench, "").await.campaign.may_put_off,
            "new passwords may be shorter again"
        );
    });
}

#[test]
fn a_block_or_a_reset_ends_an_exemption() {
    both(|bench| async move {
        let from = visitor("198.51.100.9");
        let carol = bench.user_id("carol").await;
        let left = async || {
            let admin = bench.admin().await;
            bench.house.person(&admin, carol).await.unwrap().exemption.is_some()
        };
        exempt(&bench, "carol", "2026-12-01", "on leave").await.unwrap();
        assert!(left().await);
        let admin = bench.admin().await;
        bench.house.block(&admin, carol, &from).await.unwrap();
        bench.house.unblock(&admin, carol, &from).await.unwrap();
        assert!(!left().await, "whoever was blocked is looked at again");
        exempt(&bench, "carol", "2026-12-01", "on leave").await.unwrap();
        let admin = bench.admin().await;
        bench.house.reset_factors(&admin, carol, &from).await.unwrap();
        assert!(!left().await);
    });
}

#[test]
fn invitations_wait_while_other_letters_do() {
    both(|bench| async {
        let server = MailServer::start().await.unwrap();
        let bench = bench.with_mail(&server).await;
        set(&bench, "2026-12-24", false).await.unwrap();
        let admin = bench.admin().await;
        bench.house.invite_to_enroll(&admin, &visitor("198.51.100.9")).await.unwrap();
        let now = bench.house.now();
        let crowd = bench.store.write(move |tx| {
            for number in 0..101 {
                let id = LetterId(Uuid::from_u128(number));
                let (to, subject) = ("x@full.example".to_owned(), "a letter".to_owned());
                letters::put(tx, &Letter { id, to, subject, text: String::new() }, now)?;
            }
            Ok::<_, store::Error>(())
        });
        crowd.await.unwrap();
        assert!(!bench.house.invite_some().await.unwrap());
        let waiting = bench.store.read(letters::waiting).await.unwrap();
        assert_eq!(waiting, 101, "nothing was added");
    });
}

/// R147
#[test]
fn only_a_security_admin_with_a_fresh_factor_changes_the_campaign() {
    both(|bench| async move {
        let admin = bench.admin().await;
        bench.pass(Duration::from_mins(6));
        let change = CampaignChange { last_day: "2026-12-24".to_owned(), may_put_off: false };
        let from = visitor("198.51.100.9");
        let stale = bench.house.change_campaign(&admin, change.clone(), &from).await;
        assert_eq!(stale.unwrap_err().kind, Kind::StepUp);
        let carol = bench.user_id("carol").await;
        let new = NewExemption { last_day: "2026-12-01".to_owned(), reason: "why".to_owned() };
        let stale = bench.house.exempt(&admin, carol, new.clone(), &from).await;
        assert_eq!(stale.unwrap_err().kind, Kind::StepUp);
        let (olivia, now) = (bench.user_id("olivia").await, bench.house.now());
        let demoted =
            bench.store.write(move |tx| users::set_role(tx, olivia, Some(Role::UserAdmin), now));
        demoted.await.unwrap();
        let lower = bench.admin().await;
        let refused = bench.house.change_campaign(&lower, change, &from).await;
        assert_eq!(refused.unwrap_err().kind, Kind::Forbidden);
        let refused = bench.house.exempt(&lower, carol, new, &from).await;
        assert_eq!(refused.unwrap_err().kind, Kind::Forbidden);
    });
}

#[test]
fn the_board_counts_who_may_sign_in_and_lists_who_is_left() {
    both(|bench| async move {
        exempt(&bench, "carol", "2026-12-01", "on leave").await.unwrap();
        let view = board(&bench, "").await;
        let people = bench.sample.people.len() + 1;
        let with = bench.sample.people.iter().filter(|it| it.totp_secret.is_some()).count() + 1;
        // Dan is blocked; whether he has one makes no difference.
        let dan = usize::from(bench.account("dan").totp_secret.is_some());
        let counted = |n: usize| i64::try_from(n).unwrap();
        assert_eq!(view.coverage.people, counted(people - 1));
        assert_eq!(view.coverage.with_factor, counted(with - dan));
        assert_eq!(view.coverage.with_key, 0);
        assert_eq!(view.left.total, view.coverage.people - view.coverage.with_factor);
        assert_eq!(view.exempt, 1);
        let names: Vec<&str> = view.left.rows.iter().map(|row| row.user.upn.as_str()).collect();
        assert!(names.contains(&"carol@contoso.com") && !names.contains(&"alice@contoso.com"));
        assert!(!names.contains(&"dan@contoso.com"));
        let carol = board(&bench, "carol").await.left.rows.remove(0);
        assert_eq!(carol.exemption.unwrap().reason, "on leave");
    });
}

fn invitations(server: &MailServer) -> usize {
    let readable = |message: &String| message.replace("=\n", "");
    server
        .messages()
        .iter()
        .map(readable)
        .filter(|it| it.contains("set up your second factor"))
        .count()
}

async fn post(bench: &Bench) {
    while bench.house.invite_some().await.unwrap() {}
    while bench.house.send_letters().await.unwrap() > 0 {}
}

#[test]
fn who_is_left_is_asked_by_an_admin_once_a_day_and_before_the_last_day_ends() {
    both(|bench| async {
        let server = MailServer::start().await.unwrap();
        let bench = bench.with_mail(&server).await;
        let from = visitor("198.51.100.9");
        set(&bench, "", false).await.unwrap();
        let admin = bench.admin().await;
        let closed = bench.house.invite_to_enroll(&admin, &from).await.unwrap_err();
        assert!(closed.public.contains("last day"), "{}", closed.public);
        set(&bench, "2026-12-24", false).await.unwrap();
        let left = usize::try_from(board(&bench, "").await.left.total).unwrap();
        let admin = bench.admin().await;
        bench.house.invite_to_enroll(&admin, &from).await.unwrap();
        let again = bench.house.invite_to_enroll(&admin, &from).await;
        assert_eq!(again.unwrap_err().kind, Kind::Conflict);
        let other = bench.second_node().await;
        post(&bench).await;
        assert!(!other.invite_some().await.unwrap(), "without a mail server it keeps away");
        assert_eq!(invitations(&server), left);
        let one = server.messages().pop().unwrap().replace("=\n", "");
        assert!(one.contains("until 24 December 2026"), "{one}");
        assert!(one.contains("http://localhost:8080/portal"), "{one}");

        // 14, 7, 3 days and one day are left; nothing twice, and nothing after the end.
        let mut passed = 0;
        for (days, rounds) in
            [(14, 1), (15, 1), (16, 2), (22, 2), (23, 3), (27, 4), (29, 5), (31, 5)]
        {
            bench.pass(DAY * (days - passed));
            passed = days;
            post(&bench).await;
            assert_eq!(invitations(&server), left * rounds, "after {days} days");
        }
    });
}
