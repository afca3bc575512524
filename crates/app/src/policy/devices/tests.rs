//! When the two rules are in force, and what they reach.

use authn::policy::{Circumstances, MfaPolicy, Policy, Verdict};
use model::{
    ids::{GroupId, RelyingPartyId},
    policy::Target,
};
use uuid::Uuid;

use super::*;

fn rules() -> Vec<Rule> {
    let ids = [RuleId(Uuid::from_u128(1)), RuleId(Uuid::from_u128(2))];
    let networks = vec!["203.0.113.0/24".parse().unwrap()];
    pair(ids, Place { inside: true, networks }).to_vec()
}

#[test]
fn the_rules_are_in_force_only_as_they_were_made() {
    assert!(are_in_force(&rules(), true));
    let changes: [fn(&mut Vec<Rule>); 10] = [
        |rules| rules[0].enabled = false,
        |rules| rules[1].enabled = false,
        |rules| drop(rules.remove(1)),
        |rules| rules.swap(0, 1),
        |rules| rules[0].then = Then::Deny,
        |rules| rules[1].then = rules[0].then,
        |rules| rules[1].when.targets = vec![Target::Party(RelyingPartyId(Uuid::nil()))],
        |rules| rules[1].when.groups = vec![GroupId(Uuid::nil())],
        |rules| rules[1].when.place = rules[0].when.place.clone(),
        |rules| {
            let mut broad = rules[0].clone();
            broad.when.agent.clear();
            rules.insert(1, broad);
        },
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let mut edited = rules();
        change(&mut edited);
        assert!(!are_in_force(&edited, false), "{number}");
    }
}

#[test]
fn where_a_permit_opens_ecp_it_must_be_denied_as_well() {
    let mut changed = rules();
    changed[1].when.clients = vec![Client::WsTrust];
    assert!(are_in_force(&changed, false));
    assert!(!are_in_force(&changed, true));
}

#[test]
fn a_party_of_tomorrow_is_covered_and_portal_and_console_are_not() {
    let policy = Policy { rules: rules(), mfa: MfaPolicy::Always, ..Policy::default() };
    let tomorrow = Target::Party(RelyingPartyId(Uuid::from_u128(99)));
    let ruling = |target, client, agent| {
        let at = Circumstances {
            target,
            groups: &[],
            role: None,
            address: "203.0.113.9",
            client,
            agent,
            asked: false,
        };
        let ruling = policy.ruling(&at);
        (ruling.rule.is_some(), ruling.verdict == Verdict::Denied)
    };
    assert_eq!(ruling(tomorrow, Client::WsTrust, WINDOWS), (true, false));
    assert_eq!(ruling(tomorrow, Client::WsTrust, "curl/8"), (true, true));
    assert_eq!(ruling(tomorrow, Client::Ecp, WINDOWS), (true, true));
    for target in [Target::Portal, Target::Console, tomorrow] {
        assert_eq!(ruling(target, Client::Browser, WINDOWS), (false, false), "{target:?}");
    }
    for client in Client::ALL {
        assert!(!ruling(Target::Console, client, "curl/8").0, "{client:?}");
    }
}
