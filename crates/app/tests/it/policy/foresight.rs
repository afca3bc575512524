//! What if, and what a draft changes.

use app::{
    Kind,
    policy::{Change, MfaPolicy, Misfit, RuleWish, Scenario, Verdict},
};
use model::{
    ids::GroupId,
    policy::{Client, Target},
};

use super::{HOME, office_only, wish};
use crate::{
    doors::OFFICE,
    support::{Bench, both, visitor},
};

#[test]
fn what_if_and_the_review_say_what_happens() {
    both(|bench| async move {
        let from = visitor(OFFICE);
        let admin = bench.admin().await;
        let house = &bench.house;
        let view = house.policy(&admin).await.unwrap();
        let sales = view.groups.iter().find(|group| group.name == "Sales").unwrap().id;
        let party = Target::Party(view.parties[0].0.id);
        let denies = RuleWish { groups: vec![sales], ..office_only(vec![party]) };
        let rules = [wish("Old phones"), denies];
        for rule in rules {
            let agent = if rule.name == "Old phones" { "SymbianOS" } else { "" };
            let rule = RuleWish { agent: agent.to_owned(), ..rule };
            house.save_rule(&admin, None, rule, &from).await.unwrap();
        }
        let scenario = Scenario {
            person: "ALICE@contoso.com".to_owned(),
            target: party,
            address: HOME.to_owned(),
            client: Client::Browser,
            agent: String::new(),
            asked: false,
        };
        let said = house.what_if(&admin, scenario.clone()).await.unwrap();
        assert_eq!(said.iter().map(|it| it.is_draft).collect::<Vec<_>>(), [false, true]);
        let always = Verdict::Allowed { mfa: MfaPolicy::Always, max_age: None, remember: None };
        assert_eq!((said[0].verdict, said[0].rules.len()), (always, 0));
        let (inside, outside) = members(&bench, sales).await;
        let asked = |person: String| house.what_if(&admin, Scenario { person, ..scenario.clone() });
        for (person, verdict, second) in [
            (inside, Verdict::Denied, (None, true)),
            (outside, always, (Some(Misfit::Groups), false)),
        ] {
            let said = asked(person).await.unwrap();
            let misfits: Vec<_> = said[1].rules.iter().map(|it| (it.misfit, it.decides)).collect();
            assert_eq!(said[1].verdict, verdict);
            assert_eq!(misfits, [(Some(Misfit::Agent), false), second]);
        }

        let impact = house.policy_impact(&admin).await.unwrap().unwrap();
        let members = bench.store.read(store::groups::all).await.unwrap();
        let members = members.iter().find(|(group, _)| group.id == sales).unwrap().1;
        let active = bench.store.read(store::users::all).await.unwrap();
        let active = active.iter().filter(|it| it.state == model::user::UserState::Active).count();
        assert_eq!(impact.of, active);
        assert!(impact.people > 0 && i64::try_from(impact.people).unwrap() <= members);
        let shut_out = |it: &Change| it.scene.target == party && it.after.1 == Verdict::Denied;
        assert!(impact.changes.iter().all(shut_out) && !impact.is_cut);
        let office: model::network::Network = "203.0.113.0/24".parse().unwrap();
        let from: Vec<_> = impact.changes.iter().map(|it| it.scene.address).collect();
        assert!(from.contains(&None) && from.len() == 3, "elsewhere, both sides: {from:?}");
        assert!(from.iter().flatten().all(|address| !office.contains(*address)));

        for (field, scenario) in [
            ("person", Scenario { person: "nobody".to_owned(), ..scenario.clone() }),
            ("address", Scenario { address: "home".to_owned(), ..scenario }),
        ] {
            let refused = house.what_if(&admin, scenario).await.unwrap_err();
            assert_eq!(refused.kind, Kind::Invalid { field });
        }
    });
}

/// Somebody of a group and somebody who is not in it, by their sign-in names.
async fn members(bench: &Bench, group: GroupId) -> (String, String) {
    let all = bench.store.read(|tx| {
        Ok::<_, store::Error>((store::users::all(tx)?, store::groups::memberships(tx)?))
    });
    let (users, memberships) = all.await.expect("read");
    let is_in = |user: &&model::user::User| {
        memberships.get(&user.id).is_some_and(|groups| groups.contains(&group))
    };
    let inside = users.iter().find(is_in).expect("somebody is in it");
    let outside = users.iter().find(|user| !is_in(user)).expect("somebody is not");
    (inside.upn.to_string(), outside.upn.to_string())
}
