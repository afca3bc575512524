//! The sign-in policy: a draft counts for nothing, a published rule decides at every door at once, no
//! rule shuts every owner out, and what-if says what happens.

mod devices;
mod entry;
mod foresight;
pub(crate) mod keys;
mod replay;

use std::time::Duration;

use app::{
    Admin, House, Kind, Visitor,
    issue::{
        Denial,
        wsfed::Entered,
        wstrust::{Answer, Arrived, Version},
    },
    policy::RuleWish,
    sign_in::{Outcome, Screen},
};
use authn::denial::Reason;
use model::{
    audit::AuditKind,
    ids::GroupId,
    pending_request::Purpose,
    policy::{Client, Factor, Target},
};

use store::audit_log::AuditFilter;

use crate::{
    doors::{OFFICE, Stage},
    support::{QUERY, SLUG, both, visitor},
    wstrust::message,
};

const HOME: &str = "198.51.100.77";

fn wish(name: &str) -> RuleWish {
    let factor = Some(Factor::Always);
    RuleWish { name: name.to_owned(), factor, ..RuleWish::default() }
}

/// Denies what does not come from the office.
pub(crate) fn office_only(targets: Vec<Target>) -> RuleWish {
    let networks = "203.0.113.0/24".to_owned();
    RuleWish { targets, inside: Some(false), networks, factor: None, ..wish("Office only") }
}

pub(crate) async fn publish(
    house: &House,
    admin: &Admin,
    from: &Visitor,
    rules: Vec<RuleWish>,
) -> app::Result<()> {
    for rule in rules {
        house.save_rule(admin, None, rule, from).await?;
    }
    let draft = house.policy(admin).await?.draft.expect("something is drafted");
    house.publish_policy(admin, draft.made_at, from).await
}

fn denied(entered: &Entered, rule: &str) -> bool {
    matches!(entered, Entered::Denied(Denial::ByPolicy { rule: by, .. }) if by == rule)
}

#[test]
fn a_rule_counts_for_the_next_token_once_it_is_published() {
    both(|bench| async move {
        let (office, home) = (visitor(OFFICE), visitor(HOME));
        let (_, alice) = bench.employee("alice", &home).await;
        let admin = bench.admin().await;
        let session = Some(&alice);
        bench.house.save_rule(&admin, None, office_only(vec![]), &office).await.unwrap();
        let before = bench.enter(QUERY, &home, session).await;
        assert!(matches!(before, Entered::Token(_)), "a draft counts for nothing: {before:?}");

        publish(&bench.house, &admin, &office, vec![]).await.unwrap();
        let after = bench.enter(QUERY, &home, session).await;
        assert!(denied(&after, "Office only"), "{after:?}");
        assert!(matches!(bench.enter(QUERY, &office, session).await, Entered::Token(_)));

        let first = bench.house.policy_history(&admin).await.unwrap();
        assert_eq!((first.len(), first[0].1.as_str()), (1, "olivia@contoso.com"));
        bench.house.clear_policy(&office).await.unwrap();
        assert!(matches!(bench.enter(QUERY, &home, session).await, Entered::Token(_)));
        bench.house.restore_policy(&admin, first[0].0.id, &office).await.unwrap();
        publish(&bench.house, &admin, &office, vec![]).await.unwrap();
        assert!(denied(&bench.enter(QUERY, &home, session).await, "Office only"), "taken up again");
    });
}

#[test]
fn a_denied_sign_in_ends_after_the_right_password_alone() {
    both(|bench| async move {
        let (office, home) = (visitor(OFFICE), visitor(HOME));
        let admin = bench.admin().await;
        publish(&bench.house, &admin, &office, vec![office_only(vec![Target::Portal])])
            .await
            .unwrap();
        let alice = bench.account("alice").clone();
        let handle = bench.house.begin_sign_in(Purpose::Portal, &home).await.unwrap();
        bench.house.sign_in_address(&handle, &home, &alice.upn).await.unwrap();
        let wrong =
            bench.house.sign_in_password(&handle, &home, "a wrong one".into()).await.unwrap();
        assert!(matches!(wrong, Outcome::Again { .. }), "nothing is told before the password");
        let right = bench.house.sign_in_password(&handle, &home, alice.password.clone());
        let Outcome::Next(Screen::Denied { reason, .. }) = right.await.unwrap() else {
            panic!("the portal is for the office")
        };
        assert_eq!(reason, Reason::Forbidden);
        let kind = Some(AuditKind::SessionOpened);
        let filter = AuditFilter { kind, limit: 9, ..AuditFilter::default() };
        let rows = bench.store.read(move |tx| store::audit_log::list(tx, &filter)).await.unwrap();
        let why = "denied by the rule \"Office only\"";
        assert!(rows.rows.iter().any(|row| row.detail == why), "{rows:?}");
        assert!(bench.house.complete_sign_in(&handle, &home).await.unwrap().is_none());
        let token = bench.enter(QUERY, &home, None).await;
        let Entered::Ask(handle) = token else { panic!("{token:?}") };
        let other = bench.house.sign_in_password(&handle, &home, alice.password.clone()).await;
        let is_open = matches!(other.unwrap(), Outcome::Next(Screen::SecondFactor { .. }));
        assert!(is_open, "the rule names the portal alone");
    });
}

#[test]
fn a_rule_spares_the_second_factor_and_the_token_says_so() {
    both(|bench| async move {
        let (office, home) = (visitor(OFFICE), visitor(HOME));
        let admin = bench.admin().await;
        let spared = RuleWish {
            inside: Some(true),
            networks: "203.0.113.0/24".to_owned(),
            factor: Some(Factor::WhenAsked),
            hours: "2".to_owned(),
            ..wish("Spare the office")
        };
        publish(&bench.house, &admin, &office, vec![spared]).await.unwrap();
        let Entered::Ask(handle) = bench.enter(QUERY, &office, None).await else { panic!("asks") };
        let alice = bench.account("alice").clone();
        let right = bench.house.sign_in_password(&handle, &office, alice.password.clone()).await;
        assert_eq!(right.unwrap(), Outcome::Next(Screen::Done));
        let signed_in = bench.house.complete_sign_in(&handle, &office).await.unwrap().unwrap();
        let session = Some(&signed_in.token);
        let Entered::Token(token) = bench.enter(QUERY, &office, session).await else {
            panic!("a password is enough here")
        };
        assert!(!token.wresult.contains("multipleauthn"), "R094");

        let asked =
            format!("{QUERY}&wauth=http%3a%2f%2fschemas.microsoft.com%2fclaims%2fmultipleauthn");
        assert!(matches!(bench.enter(&asked, &office, session).await, Entered::Ask(_)));
        assert!(
            matches!(bench.enter(QUERY, &home, session).await, Entered::Ask(_)),
            "not from home"
        );
        for _ in 0..3 {
            bench.pass(Duration::from_mins(45));
            bench.house.employee(&signed_in.token).await.unwrap();
        }
        let stale = bench.enter(QUERY, &office, session).await;
        assert!(matches!(stale, Entered::Ask(_)), "two hours are over: {stale:?}");
    });
}

#[test]
fn no_rule_shuts_every_owner_out_of_the_console() {
    both(|bench| async move {
        let (office, home) = (visitor(OFFICE), visitor(HOME));
        let admin = bench.admin().await;
        let house = &bench.house;
        let refused = publish(house, &admin, &home, vec![office_only(vec![Target::Console])]).await;
        let refused = refused.unwrap_err();
        assert_eq!(refused.kind, Kind::Conflict);
        assert!(refused.public.contains("Office only"), "{}", refused.public);
        assert!(house.policy(&admin).await.unwrap().published.is_none());
        publish(house, &admin, &office, vec![]).await.unwrap();
        let handle = bench.at_code("olivia", Purpose::Console, &home).await;
        let screen = house.sign_in_screen(&handle, &home).await.unwrap().unwrap();
        assert!(matches!(screen, Screen::Denied { reason: Reason::Forbidden, .. }), "{screen:?}");
        house.clear_policy(&office).await.unwrap();
        let screen = house.sign_in_screen(&handle, &home).await.unwrap().unwrap();
        assert!(matches!(screen, Screen::SecondFactor { .. }), "{screen:?}");
    });
}

/// R147
#[test]
fn only_the_draft_that_was_looked_at_is_published_and_only_with_a_fresh_factor() {
    both(|bench| async move {
        let from = visitor(OFFICE);
        let admin = bench.admin().await;
        let house = &bench.house;
        house.save_rule(&admin, None, wish("One"), &from).await.unwrap();
        let seen = house.policy(&admin).await.unwrap().draft.unwrap().made_at;
        bench.pass(Duration::from_secs(1));
        house.save_rule(&admin, None, wish("Two"), &from).await.unwrap();
        let outrun = house.publish_policy(&admin, seen, &from).await.unwrap_err();
        assert_eq!(outrun.kind, Kind::Conflict);
        let draft = house.policy(&admin).await.unwrap().draft.unwrap();
        bench.pass(Duration::from_mins(11));
        let stale = house.publish_policy(&admin, draft.made_at, &from).await.unwrap_err();
        assert_eq!(stale.kind, Kind::StepUp);
        assert!(house.policy(&admin).await.unwrap().published.is_none());
    });
}

#[test]
fn rules_are_moved_switched_and_removed_in_the_draft() {
    both(|bench| async move {
        let from = visitor(OFFICE);
        let admin = bench.admin().await;
        let house = &bench.house;
        for name in ["One", "Two", "Three"] {
            house.save_rule(&admin, None, wish(name), &from).await.unwrap();
        }
        let rules = || async { house.policy(&admin).await.unwrap().rules().to_vec() };
        let names = |rules: &[model::policy::Rule]| {
            rules.iter().map(|rule| rule.name.clone()).collect::<Vec<_>>()
        };
        let [one, two, three] = <[_; 3]>::try_from(rules().await).unwrap().map(|rule| rule.id);
        house.move_rule(&admin, three, true, &from).await.unwrap();
        house.move_rule(&admin, one, true, &from).await.unwrap();
        house.move_rule(&admin, two, false, &from).await.unwrap();
        house.switch_rule(&admin, three, false, &from).await.unwrap();
        let changed = RuleWish { agent: " iPhone ".to_owned(), ..wish("Three, changed") };
        house.save_rule(&admin, Some(three), changed, &from).await.unwrap();
        house.remove_rule(&admin, two, &from).await.unwrap();
        let left = rules().await;
        assert_eq!(names(&left), ["One", "Three, changed"]);
        assert!(!left[1].enabled && left[1].when.agent == "iPhone", "a change leaves it off");
        let gone = house.remove_rule(&admin, two, &from).await.unwrap_err();
        assert_eq!(gone.kind, Kind::Conflict);
        house.discard_policy(&admin, &from).await.unwrap();
        assert_eq!(rules().await, []);
    });
}

#[test]
fn a_wish_that_means_nothing_is_refused_at_its_field() {
    both(|bench| async move {
        let from = visitor(OFFICE);
        let admin = bench.admin().await;
        let networks =
            |inside, text: &str| RuleWish { inside, networks: text.to_owned(), ..wish("Networks") };
        let hours = |text: &str| RuleWish { hours: text.to_owned(), ..wish("Hours") };
        let remembering =
            |factor| RuleWish { factor, remember: "14".to_owned(), ..wish("Nothing to leave out") };
        let nobody = GroupId(uuid::Uuid::nil());
        let stranger = Target::Party(model::ids::RelyingPartyId(uuid::Uuid::nil()));
        for (field, wish) in [
            ("name", wish("  ")),
            ("name", wish(&"x".repeat(81))),
            ("networks", networks(Some(true), "")),
            ("networks", networks(None, "203.0.113.0/24")),
            ("networks", networks(Some(true), "203.0.113.7/24")),
            ("hours", hours("0")),
            ("hours", hours("721")),
            ("hours", hours("a day")),
            ("agent", RuleWish { agent: "x".repeat(101), ..wish("Agent") }),
            ("remember", RuleWish { remember: "31".to_owned(), ..wish("Too long") }),
            ("remember", remembering(Some(Factor::WhenAsked))),
            ("remember", remembering(Some(Factor::PhishingResistant))),
            ("groups", RuleWish { groups: vec![nobody], ..wish("Groups") }),
            ("targets", RuleWish { targets: vec![stranger], ..wish("Targets") }),
        ] {
            let refused = bench.house.save_rule(&admin, None, wish, &from).await.unwrap_err();
            assert_eq!(refused.kind, Kind::Invalid { field }, "{}", refused.public);
        }
        assert!(bench.house.policy(&admin).await.unwrap().draft.is_none());
    });
}

#[test]
fn a_change_that_would_leave_nothing_of_a_condition_is_refused() {
    both(|bench| async move {
        let from = visitor(OFFICE);
        let admin = bench.admin().await;
        let house = &bench.house;
        let closed = RuleWish { targets: vec![Target::Portal], factor: None, ..wish("Closed") };
        house.save_rule(&admin, None, closed.clone(), &from).await.unwrap();
        let id = house.policy(&admin).await.unwrap().rules()[0].id;
        let wide = RuleWish { targets: Vec::new(), ..closed.clone() };
        let refused = house.save_rule(&admin, Some(id), wide, &from).await.unwrap_err();
        assert_eq!(refused.kind, Kind::Invalid { field: "targets" });
        let other = RuleWish { targets: vec![Target::Console], ..closed };
        house.save_rule(&admin, Some(id), other, &from).await.unwrap();
    });
}

/// Two admins at two nodes: neither's change is lost (PostgreSQL lets them in at once).
#[test]
fn changes_of_two_admins_at_once_are_all_kept() {
    both(|bench| async move {
        let from = visitor(OFFICE);
        let admin = bench.admin().await;
        let other = bench.second_node().await;
        let saves = (0..10).map(|number| {
            let house = if number % 2 == 0 { bench.house.clone() } else { other.clone() };
            let (admin, from) = (admin.clone(), from.clone());
            tokio::spawn(async move {
                house.save_rule(&admin, None, wish(&format!("Rule {number}")), &from).await
            })
        });
        for saved in saves.collect::<Vec<_>>() {
            saved.await.unwrap().unwrap();
        }
        assert_eq!(bench.house.policy(&admin).await.unwrap().rules().len(), 10);
    });
}

/// R116
#[test]
fn a_rule_closes_the_doors_for_programs_whatever_their_permit_says() {
    both(|bench| async move {
        let stage = Stage::new(bench).await;
        let (bench, house) = (&stage.bench, &stage.house);
        let from = visitor(OFFICE);
        let alice = bench.account("alice").clone();
        let knock = || async {
            let body = message(Version::V13, &alice.upn, alice.password(), house.now());
            let arrived = Arrived { slug: SLUG, version: Version::V13, actions: &[], body: &body };
            house.answer_trust(&arrived, &from).await.unwrap()
        };
        let admin = bench.admin().await;
        let other = RuleWish { clients: vec![Client::Ecp], factor: None, ..wish("No old mail") };
        publish(house, &admin, &from, vec![other]).await.unwrap();
        assert!(matches!(knock().await, Answer::Token(_)), "that rule is for ECP");
        bench.next_code();
        for factor in [Factor::Always, Factor::PhishingResistant] {
            let factor = Some(factor);
            let rule = RuleWish { clients: vec![Client::WsTrust], factor, ..wish("Factor") };
            publish(house, &admin, &from, vec![rule]).await.unwrap();
            assert!(matches!(knock().await, Answer::Fault(_)), "there is no second factor here");
            house.clear_policy(&from).await.unwrap();
            assert!(matches!(knock().await, Answer::Token(_)), "it was the rule");
        }
        let reasons =
            stage.reasons(model::wstrust::PasswordDoor::WsTrust, AuditKind::PasswordChecked).await;
        let why = "WS-Trust, not allowed by the sign-in policy, by test: wrong password";
        assert!(reasons.iter().any(|reason| reason == why), "{reasons:?}");
    });
}

#[test]
fn who_only_helps_people_changes_no_rule() {
    both(|bench| async move {
        let from = visitor(OFFICE);
        let id = bench.user_id("alice").await;
        let role = Some(model::Role::UserAdmin);
        let now = bench.house.now();
        bench.store.write(move |tx| store::users::set_role(tx, id, role, now)).await.unwrap();
        let signed_in = bench.sign_in("alice", Purpose::Console, &from).await;
        let alice = bench.house.admin(&signed_in.token).await.unwrap().unwrap();
        let refused = bench.house.save_rule(&alice, None, wish("One"), &from).await.unwrap_err();
        assert_eq!(refused.kind, Kind::Forbidden);
        let refused = bench.house.publish_policy(&alice, now, &from).await.unwrap_err();
        assert_eq!(refused.kind, Kind::Forbidden);
    });
}
