//! Each condition by itself, and the order of the rules.

use model::{
    ids::{RelyingPartyId, RuleId},
    policy::{Place, When},
};
use uuid::Uuid;

use super::*;

const WIKI: Target = Target::Party(RelyingPartyId(Uuid::from_u128(1)));
const SALES: GroupId = GroupId(Uuid::from_u128(2));
const SECOND: Then = Then::Allow { factor: Factor::Always, hours: None, remember: None };
const KEY: Then = Then::Allow { factor: Factor::PhishingResistant, hours: None, remember: None };
const ALONE: Then = Then::Allow { factor: Factor::WhenAsked, hours: Some(2), remember: None };

fn rule(name: &str, when: When, then: Then) -> Rule {
    Rule { id: RuleId(Uuid::nil()), name: name.to_owned(), enabled: true, when, then }
}

fn at_the_wiki() -> Circumstances<'static> {
    Circumstances {
        target: WIKI,
        groups: &[SALES],
        role: None,
        address: "203.0.113.9",
        client: Client::Browser,
        agent: "Mozilla/5.0 (X11; Linux)",
        asked: false,
    }
}

fn office(inside: bool) -> Place {
    Place { inside, networks: vec!["203.0.113.0/24".parse().unwrap()] }
}

fn policy(rules: Vec<Rule>) -> Policy {
    Policy { rules, ..Policy::default() }
}

#[test]
fn each_condition_lets_its_rule_fit_or_not() {
    let when = When::default();
    let other = RelyingPartyId(Uuid::from_u128(9));
    for (fits, when, misfit) in [
        (
            When { targets: vec![WIKI], ..when.clone() },
            When { targets: vec![Target::Party(other)], ..when.clone() },
            Misfit::Target,
        ),
        (
            When { groups: vec![SALES], ..when.clone() },
            When { groups: vec![GroupId(Uuid::nil())], ..when.clone() },
            Misfit::Groups,
        ),
        (when.clone(), When { roles: vec![Role::Owner], ..when.clone() }, Misfit::Role),
        (
            When { place: Some(office(true)), ..when.clone() },
            When { place: Some(office(false)), ..when.clone() },
            Misfit::Place,
        ),
        (
            When { clients: vec![Client::Ecp, Client::Browser], ..when.clone() },
            When { clients: vec![Client::WsTrust], ..when.clone() },
            Misfit::Client,
        ),
        (
            When { agent: "LINUX".to_owned(), ..when.clone() },
            When { agent: "iPhone".to_owned(), ..when.clone() },
            Misfit::Agent,
        ),
        (
            When { asked: Some(false), ..when.clone() },
            When { asked: Some(true), ..when.clone() },
            Misfit::Asked,
        ),
    ] {
        assert_eq!(super::misfit(&rule("fits", fits, SECOND), &at_the_wiki()), None);
        assert_eq!(super::misfit(&rule("does not", when, SECOND), &at_the_wiki()), Some(misfit));
    }
    let off = Rule { enabled: false, ..rule("off", when, Then::Deny) };
    assert_eq!(super::misfit(&off, &at_the_wiki()), Some(Misfit::Off));
}

#[test]
fn the_first_rule_that_fits_decides() {
    let inside = When { place: Some(office(true)), ..When::default() };
    let one = policy(vec![
        rule("spare the office", inside, ALONE),
        rule("deny the rest", When::default(), Then::Deny),
    ]);
    let ruling = one.ruling(&at_the_wiki());
    assert_eq!(ruling.rule.map(|rule| rule.name.as_str()), Some("spare the office"));
    let alone = Verdict::Allowed { mfa: MfaPolicy::OnDemand, max_age: Some(7_200), remember: None };
    assert_eq!(ruling.verdict, alone);
    let elsewhere = Circumstances { address: "198.51.100.1", ..at_the_wiki() };
    assert_eq!(one.ruling(&elsewhere).verdict, Verdict::Denied);
    let nowhere = Circumstances { address: "unknown", ..at_the_wiki() };
    assert_eq!(one.ruling(&nowhere).verdict, Verdict::Denied);
}

#[test]
fn whom_no_rule_fits_needs_a_second_factor() {
    let always = Verdict::Allowed { mfa: MfaPolicy::Always, max_age: None, remember: None };
    assert_eq!(policy(Vec::new()).ruling(&at_the_wiki()), Ruling { rule: None, verdict: always });
}

#[test]
fn an_exemption_counts_where_no_rule_decides() {
    let verdict = |mfa| Verdict::Allowed { mfa, max_age: None, remember: None };
    let spared = policy(Vec::new());
    let spared = spared.ruling(&at_the_wiki()).spared();
    assert_eq!(spared, Ruling { rule: None, verdict: verdict(MfaPolicy::OnDemand) });
    for (then, expected) in [
        (SECOND, verdict(MfaPolicy::Always)),
        (KEY, verdict(MfaPolicy::PhishingResistant)),
        (Then::Deny, Verdict::Denied),
    ] {
        let ruled = policy(vec![rule("all", When::default(), then)]);
        assert_eq!(ruled.ruling(&at_the_wiki()).spared().verdict, expected);
    }
}

#[test]
fn a_rule_that_asks_for_a_second_factor_denies_where_there_is_none() {
    let program = Circumstances { client: Client::Ecp, ..at_the_wiki() };
    let strict = policy(vec![rule("second", When::default(), SECOND)]);
    assert_eq!(strict.ruling(&program).verdict, Verdict::Denied);
    let stricter = policy(vec![rule("key", When::default(), KEY)]);
    assert_eq!(stricter.ruling(&program).verdict, Verdict::Denied, "there is no key either");
    let key = Verdict::Allowed { mfa: MfaPolicy::PhishingResistant, max_age: None, remember: None };
    assert_eq!(stricter.ruling(&at_the_wiki()).verdict, key);
    let alone = Verdict::Allowed { mfa: MfaPolicy::OnDemand, max_age: None, remember: None };
    assert_eq!(policy(Vec::new()).ruling(&program).verdict, alone);
}

/// R146
#[test]
fn a_rule_for_everything_leaves_the_console_alone() {
    let console = Circumstances { target: Target::Console, ..at_the_wiki() };
    let everything = rule("all", When::default(), Then::Deny);
    assert_eq!(super::misfit(&everything, &console), Some(Misfit::Target));
    let named = When { targets: vec![Target::Console], ..When::default() };
    assert_eq!(super::misfit(&rule("console", named, Then::Deny), &console), None);
}

/// R004
#[test]
fn passwords_must_be_long_where_a_rule_spares_the_second_factor() {
    let spared = policy(vec![rule("alone", When::default(), ALONE)]);
    assert_eq!(Policy { wished_password_length: 8, ..spared }.min_password_length(), 15);
    let strict = policy(vec![rule("second", When::default(), SECOND)]);
    assert_eq!(Policy { wished_password_length: 8, ..strict }.min_password_length(), 8);
    let stricter = policy(vec![rule("key", When::default(), KEY)]);
    assert_eq!(Policy { wished_password_length: 8, ..stricter }.min_password_length(), 8);
}

#[test]
fn a_rule_is_broad_for_programs_until_it_names_the_program_and_the_networks() {
    let when = When::default();
    let narrow = When {
        clients: vec![Client::WsTrust],
        agent: "Windows".to_owned(),
        place: Some(office(true)),
        ..when.clone()
    };
    let vast = Place { inside: true, networks: vec!["0.0.0.0/0".parse().unwrap()] };
    for broad in [
        when.clone(),
        When { clients: vec![Client::Browser, Client::Ecp], ..when.clone() },
        When { agent: String::new(), ..narrow.clone() },
        When { place: None, ..narrow.clone() },
        When { place: Some(office(false)), ..narrow.clone() },
        When { place: Some(vast), ..narrow.clone() },
        When { targets: vec![Target::Portal, WIKI], ..when.clone() },
    ] {
        let named = format!("{broad:?}");
        assert!(is_broad_for_programs(&rule("broad", broad.clone(), ALONE)), "{named}");
        for then in [SECOND, KEY, Then::Deny] {
            assert!(!is_broad_for_programs(&rule("spares nothing", broad.clone(), then)));
        }
        let off = Rule { enabled: false, ..rule("off", broad, ALONE) };
        assert!(!is_broad_for_programs(&off));
    }
    for narrow in [
        narrow,
        When { clients: vec![Client::Browser], ..when.clone() },
        When { targets: vec![Target::Portal], ..when.clone() },
        When { asked: Some(true), ..when },
    ] {
        assert!(!is_broad_for_programs(&rule("narrow", narrow.clone(), ALONE)), "{narrow:?}");
    }
}
