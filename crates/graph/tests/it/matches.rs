//! Who was in the tenant before us: seen with every address, and given an immutable id.

use graph::{Error, Verdict};
use model::{
    ids::ObjectId,
    matches::{OffLimits, SeenObject},
};
use serde_json::json;

use crate::world::World;

impl World {
    /// Somebody who was there before us.
    fn settled(&self, properties: &serde_json::Value) -> ObjectId {
        self.simulator.add_user(properties.as_object().unwrap().clone()).parse().unwrap()
    }
}

fn old() -> serde_json::Value {
    json!({
        "userPrincipalName": "old@contoso.com", "displayName": "Old Hand",
        "mail": "old.hand@contoso.com",
        "proxyAddresses": ["SMTP:old.hand@contoso.com", "smtp:old@contoso.com"],
    })
}

#[tokio::test]
async fn everybody_is_seen_with_every_address_and_with_what_keeps_us_off() {
    let world = World::start().await;
    let id = world.settled(&old());
    world.settled(&json!({"userPrincipalName": "guest@contoso.com", "userType": "Guest"}));
    world.create("bob").await;
    world.settled(&json!({
        "userPrincipalName": "synced@contoso.com", "onPremisesSyncEnabled": true,
    }));
    world.create("gone").await;
    world.simulator.delete("gone@contoso.com");
    let seen = world.graph.seen_objects().await.unwrap();
    let of = |upn: &str| seen.iter().find(|object| object.upn == upn).cloned().unwrap();
    let expected = SeenObject {
        id,
        upn: "old@contoso.com".to_owned(),
        display_name: "Old Hand".to_owned(),
        mail: Some("old.hand@contoso.com".to_owned()),
        proxy_addresses: vec![
            "SMTP:old.hand@contoso.com".to_owned(),
            "smtp:old@contoso.com".to_owned(),
        ],
        immutable_id: None,
        off_limits: None,
    };
    assert_eq!(of("old@contoso.com"), expected);
    assert_eq!(of("bob@contoso.com").immutable_id.as_deref(), Some("id+bob/=="));
    for (upn, why) in [
        ("break.glass.1@contoso.onmicrosoft.com", OffLimits::Administrator),
        ("guest@contoso.com", OffLimits::Guest),
        ("synced@contoso.com", OffLimits::Synchronised),
        ("gone@contoso.com", OffLimits::Deleted),
    ] {
        assert_eq!(of(upn).off_limits, Some(why), "{upn}");
    }
    assert_eq!(seen.len(), 7);
}

/// Y09, Y10
#[tokio::test]
async fn an_immutable_id_is_given_once_and_refusals_concern_one_person() {
    let world = World::start().await;
    let (id, bob) = (world.settled(&old()), world.create("bob").await);
    let taken = world.graph.set_immutable_id(&id, "id+bob/==").await.unwrap_err();
    assert!(
        matches!(&taken, Error::Refused { taken: Some(p), .. } if p == "onPremisesImmutableId")
    );
    world.graph.set_immutable_id(&id, "fresh==").await.unwrap();
    let there = world.graph.user_by_immutable_id("fresh==").await.unwrap().unwrap();
    assert_eq!((there.id, there.upn.as_str()), (id, "old@contoso.com"));
    world.simulator.make_admin("bob@contoso.com");
    let refused = world.graph.set_immutable_id(&bob.id, "other==").await.unwrap_err();
    assert!(matches!(refused.verdict(), Verdict::SkipObject(_)), "{refused}");
}
