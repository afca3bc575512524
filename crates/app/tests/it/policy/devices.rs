//! Devices that join by themselves: the narrow rules, and which computers came.

use app::{
    Kind,
    issue::wstrust::{Answer, Arrived, Version},
    policy::DeviceRules,
};
use model::Role;

use super::{publish, wish};
use crate::{
    doors::{OFFICE, Stage},
    support::{SLUG, both, visitor},
    wstrust::message,
};

const WINDOWS: &str = "Windows-AzureAD-Authentication-Provider/1.0";

impl Stage {
    pub(super) async fn comes(&self, program: &str, address: &str) -> bool {
        let alice = self.bench.account("alice").clone();
        let body = message(Version::V13, &alice.upn, alice.password(), self.house.now());
        let arrived = Arrived { slug: SLUG, version: Version::V13, actions: &[], body: &body };
        let mut from = visitor(address);
        program.clone_into(&mut from.client.user_agent);
        let answer = self.house.answer_trust(&arrived, &from).await.expect("answered");
        matches!(answer, Answer::Token(_))
    }
}

#[test]
fn only_windows_from_the_named_networks_gets_in_and_is_seen() {
    both(|bench| async move {
        let stage = Stage::new(bench).await;
        let (admin, from) = (stage.bench.admin().await, visitor(OFFICE));
        assert!(stage.comes("curl/8", OFFICE).await, "the permit alone lets every program in");
        for (typed, kind) in [
            ("", Kind::Invalid { field: "networks" }),
            ("x", Kind::Invalid { field: "networks" }),
            ("0.0.0.0/1", Kind::Invalid { field: "networks" }),
        ] {
            let refused = stage.house.add_device_rules(&admin, typed, &from).await.unwrap_err();
            assert_eq!(refused.kind, kind, "{typed}");
        }
        let before = stage.house.devices(&admin).await.unwrap();
        assert_eq!(before.rules, DeviceRules::Missing);
        assert!(before.seen.is_empty() && before.doors[0].1.is_some());
        publish(&stage.house, &admin, &from, vec![wish("Everybody")]).await.unwrap();
        stage.house.add_device_rules(&admin, "203.0.113.0/28", &from).await.unwrap();
        let drafted = stage.house.devices(&admin).await.unwrap();
        assert_eq!(drafted.rules, DeviceRules::Drafted);
        assert!(!stage.comes(WINDOWS, OFFICE).await, "a draft counts for nothing");
        let again = stage.house.add_device_rules(&admin, "203.0.113.0/28", &from).await;
        assert_eq!(again.unwrap_err().kind, Kind::Conflict);
        let impact = stage.house.policy_impact(&admin).await.unwrap().unwrap();
        assert!(impact.broad.is_empty(), "the preset is narrow: {:?}", impact.broad);
        publish(&stage.house, &admin, &from, vec![]).await.unwrap();

        assert!(stage.comes(WINDOWS, OFFICE).await, "before the rule that was there");
        assert!(!stage.comes("curl/8", OFFICE).await, "another program");
        assert!(!stage.comes(WINDOWS, "203.0.113.99").await, "another network");
        let after = stage.house.devices(&admin).await.unwrap();
        let alice = stage.bench.user_id("alice").await;
        assert_eq!(after.rules, DeviceRules::InForce);
        assert_eq!(after.seen.len(), 1);
        let (tokens, user) = &after.seen[0];
        assert_eq!((tokens.user_id, &*tokens.address, tokens.times), (alice, OFFICE, 1));
        assert_eq!(user.as_ref().unwrap().upn.as_str(), "alice@contoso.com");

        let policy = stage.house.policy(&admin).await.unwrap();
        let denies = policy.published.unwrap().rules[1].id;
        stage.house.switch_rule(&admin, denies, false, &from).await.unwrap();
        let switched = stage.house.devices(&admin).await.unwrap();
        assert_eq!(switched.rules, DeviceRules::InForce, "in the draft alone");
        publish(&stage.house, &admin, &from, vec![]).await.unwrap();
        let off = stage.house.devices(&admin).await.unwrap();
        assert_eq!(off.rules, DeviceRules::Broken);
    });
}

#[test]
fn a_review_warns_of_rules_that_spare_the_factor_for_any_program() {
    both(|bench| async move {
        let stage = Stage::new(bench).await;
        let (admin, from) = (stage.bench.admin().await, visitor(OFFICE));
        let factor = Some(model::policy::Factor::WhenAsked);
        let broad = app::policy::RuleWish { factor, ..wish("Password is enough") };
        stage.house.save_rule(&admin, None, broad.clone(), &from).await.unwrap();
        let clients = vec![model::policy::Client::Browser];
        let browsers = app::policy::RuleWish { clients, name: "Browsers".to_owned(), ..broad };
        stage.house.save_rule(&admin, None, browsers, &from).await.unwrap();
        let impact = stage.house.policy_impact(&admin).await.unwrap().unwrap();
        assert_eq!(impact.broad, ["Password is enough"]);
    });
}

#[test]
fn the_preset_takes_the_role_that_changes_the_policy() {
    both(|bench| async move {
        let (admin, from) = (bench.admin().await, visitor(OFFICE));
        let (olivia, now) = (admin.user().id, bench.house.now());
        let set = move |tx: &mut store::Tx| {
            store::users::set_role(tx, olivia, Some(Role::UserAdmin), now)
        };
        bench.store.write(set).await.unwrap();
        let admin = bench.admin().await;
        let refused = bench.house.add_device_rules(&admin, "203.0.113.0/28", &from).await;
        assert_eq!(refused.unwrap_err().kind, Kind::Forbidden);
    });
}
