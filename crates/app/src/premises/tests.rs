//! The rule of who vouches, against one that is worked out in another way (F007, R085).

use model::{
    federated_domain::{BrowserProtocol, FederatedDomain, MfaBehavior},
    ids::{FederatedDomainId, TenantId},
};
use proptest::prelude::*;
use uuid::Uuid;

use super::closest;

/// A name of one to four labels out of few, so that trees come about, and names that only look alike.
fn name() -> impl Strategy<Value = String> {
    let label = prop::sample::select(vec!["a", "b", "ab", "contoso", "com", "notcontoso"]);
    prop::collection::vec(label, 1..5).prop_map(|labels| labels.join("."))
}

fn domain(number: usize, name: &str) -> FederatedDomain {
    FederatedDomain {
        id: FederatedDomainId(Uuid::from_u128(number as u128)),
        tenant_id: TenantId(Uuid::from_u128(number as u128 % 3)),
        name: name.to_owned(),
        slug: name.replace('.', "-"),
        issuer_uri: format!("https://idp.example/{name}"),
        enabled: true,
        federated_at: None,
        mfa_behavior: MfaBehavior::default(),
        browser_protocol: BrowserProtocol::default(),
        corporate_networks: Vec::new(),
    }
}

/// Of all domains whose labels the name ends in, the one with the most.
fn naive<'a>(domains: &'a [FederatedDomain], name: &str) -> Option<&'a FederatedDomain> {
    let labels: Vec<&str> = name.split('.').collect();
    let is_above = |domain: &&FederatedDomain| {
        let own: Vec<&str> = domain.name.split('.').collect();
        labels.ends_with(&own)
    };
    domains.iter().filter(is_above).max_by_key(|domain| domain.name.split('.').count())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_closest_domain_above_vouches_in_every_tree(
        names in prop::collection::btree_set(name(), 0..9),
        asked in name(),
        seed in any::<u64>(),
    ) {
        let mut domains: Vec<_> =
            names.iter().enumerate().map(|(number, name)| domain(number, name)).collect();
        // The order in which they were added makes no difference.
        let turns = usize::try_from(seed % 9).unwrap_or(0).min(domains.len());
        domains.rotate_left(turns);
        let (found, expected) = (closest(&domains, &asked), naive(&domains, &asked));
        prop_assert_eq!(found.map(|it| &it.name), expected.map(|it| &it.name), "{}", asked);
        // Whoever is below a domain of a tree takes its issuer, unless something closer is there.
        if let Some(found) = found {
            let below = format!("new.{asked}");
            if !names.contains(&below) {
                prop_assert_eq!(closest(&domains, &below).map(|it| it.id), Some(found.id));
            }
        }
    }
}
