//! Versions of the sign-in policy: one draft, everything that was published, the newest of which counts.

use model::{
    ids::{GroupId, PolicyVersionId, RelyingPartyId, RuleId, UserId},
    policy::{Client, Factor, Place, PolicyVersion, Rule, Target, Then, When},
    user::Group,
};
use store::{groups, policy_versions, testing::both};

use crate::samples::{NOON, alice, at, id};

/// A version with rules of these names.
pub(crate) fn version(number: u128, names: &[&str]) -> PolicyVersion {
    let rule = |name: &&str| Rule {
        id: RuleId(id(number)),
        name: (*name).to_owned(),
        enabled: true,
        when: When {
            targets: vec![Target::Party(RelyingPartyId(id(60))), Target::Console],
            groups: vec![GroupId(id(90))],
            roles: vec![model::Role::HelpDesk],
            place: Some(Place {
                inside: false,
                networks: vec!["2001:db8::/32".parse().expect("a network")],
            }),
            clients: Client::ALL.to_vec(),
            agent: "\"Ünïcode\"".to_owned(),
            asked: Some(true),
        },
        then: Then::Allow { factor: Factor::WhenAsked, hours: Some(8), remember: None },
    };
    PolicyVersion {
        id: PolicyVersionId(id(number)),
        rules: names.iter().map(rule).collect(),
        made_by: None,
        made_at: NOON,
        published_at: None,
    }
}

#[test]
fn a_draft_counts_for_nothing_until_it_is_published() {
    both(async |store| {
        store
            .write(|tx| {
                let by = alice(tx)?;
                assert_eq!(policy_versions::published(tx)?, None);
                policy_versions::put_draft(tx, &version(1, &["a"]))?;
                let draft = PolicyVersion { made_by: Some(by), ..version(1, &["a", "b"]) };
                policy_versions::put_draft(tx, &draft)?;
                assert_eq!(policy_versions::draft(tx)?, Some(draft.clone()));
                assert_eq!(policy_versions::rules(tx)?, []);

                policy_versions::publish(tx, &draft, at(1))?;
                assert_eq!(policy_versions::draft(tx)?, None);
                let published = PolicyVersion { published_at: Some(at(1)), ..draft };
                assert_eq!(policy_versions::published(tx)?, Some(published.clone()));
                assert_eq!(policy_versions::rules(tx)?, published.rules);
                assert_eq!(policy_versions::by_id(tx, published.id)?, Some(published));
                Ok::<_, store::Error>(())
            })
            .await
            .expect("written");
    });
}

#[test]
fn what_was_published_stays_and_the_newest_counts() {
    both(async |store| {
        store
            .write(|tx| {
                policy_versions::publish(tx, &version(1, &["old"]), at(1))?;
                // By another node, whose clock is behind.
                policy_versions::publish(tx, &version(2, &["new"]), at(-9))?;
                assert_eq!(policy_versions::rules(tx)?, version(2, &["new"]).rules);
                policy_versions::put_draft(tx, &version(3, &["draft"]))?;
                assert!(policy_versions::discard_draft(tx)?);
                assert!(!policy_versions::discard_draft(tx)?);
                let ids = |limit, tx: &mut store::Tx| {
                    let all = policy_versions::history(tx, limit)?;
                    Ok::<_, store::Error>(all.iter().map(|it| it.id.0).collect::<Vec<_>>())
                };
                assert_eq!(ids(9, tx)?, [id(2), id(1)]);
                assert_eq!(ids(1, tx)?, [id(2)]);
                Ok::<_, store::Error>(())
            })
            .await
            .expect("written");
        let again = store.write(|tx| policy_versions::publish(tx, &version(1, &[]), at(3))).await;
        assert!(again.is_err(), "a published version is never written again");
    });
}

#[test]
fn everybody_is_listed_with_their_groups() {
    both(async |store| {
        let groups = store
            .write(|tx| {
                let alice = alice(tx)?;
                for number in [91, 90] {
                    let name = format!("group {number}");
                    groups::create(tx, &Group { id: GroupId(id(number)), name })?;
                    groups::add_member(tx, GroupId(id(number)), alice)?;
                }
                groups::memberships(tx)
            })
            .await
            .expect("written");
        let of_alice = groups.get(&UserId(id(1))).expect("she is in two");
        assert_eq!((groups.len(), of_alice), (1, &vec![GroupId(id(90)), GroupId(id(91))]));
    });
}
