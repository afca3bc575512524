//! People: creating, finding, changing, protecting.

use std::time::Duration;

use graph::{Error, Verdict, users::Access};
use model::{
    attribute::Attribute,
    entra::{AttributeChanges, Origin},
    ids::ObjectId,
};
use simulator::{Fault, Trouble};
use uuid::Uuid;

use crate::world::{World, new_user, password};

#[tokio::test]
async fn a_created_person_is_found_by_id_immutable_id_and_name() {
    let world = World::start().await;
    let bob = world.create("bob").await;
    let graph = &world.graph;
    assert_eq!(graph.user_by_id(&bob.id).await.unwrap().as_ref(), Some(&bob));
    let by_id = graph.user_by_immutable_id("id+bob/==").await.unwrap();
    assert_eq!(by_id.as_ref(), Some(&bob));
    assert_eq!(graph.user_by_upn("BOB@contoso.com").await.unwrap().as_ref(), Some(&bob));
    assert_eq!(graph.user_by_upn("o'hara@contoso.com").await.unwrap(), None);
    assert_eq!(graph.user_by_immutable_id("ID+bob/==").await.unwrap(), None);
    assert!(graph.list_users().await.unwrap().contains(&bob));
}

#[tokio::test]
async fn attributes_are_set_and_what_we_do_not_name_stays() {
    let world = World::start().await;
    let bob = world.create("bob").await;
    let change = |changes: &[(Attribute, Option<&str>)]| {
        let changes = changes.iter().map(|(it, value)| (*it, value.map(str::to_owned)));
        AttributeChanges(changes.collect())
    };
    let filled: Vec<(Attribute, Option<&str>)> = Attribute::ALL
        .into_iter()
        .filter(|attribute| *attribute != Attribute::MailNickname)
        .map(|attribute| (attribute, Some("de")))
        .collect();
    world.graph.update_attributes(&bob.id, &change(&filled)).await.unwrap();
    let now = world.graph.user_by_id(&bob.id).await.unwrap().unwrap();
    assert_eq!(now.attributes.iter().count(), filled.len());
    let some = [
        (Attribute::DisplayName, Some("Bob")),
        (Attribute::Department, Some("Sales")),
        (Attribute::GivenName, None),
        (Attribute::BusinessPhone, None),
        (Attribute::EmployeeId, None),
    ];
    world.graph.update_attributes(&bob.id, &change(&some)).await.unwrap();
    world.graph.set_usage_location(&bob.id, "FR").await.unwrap();
    let now = world.graph.user_by_id(&bob.id).await.unwrap().unwrap();
    assert_eq!(now.usage_location.as_deref(), Some("FR"));
    assert_eq!(now.attributes.get(Attribute::Department), Some("Sales"));
    assert_eq!(now.attributes.get(Attribute::JobTitle), Some("de"));
    assert_eq!(now.attributes.display_name(), "Bob");
    for emptied in [Attribute::GivenName, Attribute::BusinessPhone, Attribute::EmployeeId] {
        assert_eq!(now.attributes.get(emptied), None);
    }
    for refused in [
        (Attribute::EmployeeId, Some("12345678901234567")),
        (Attribute::DisplayName, None),
        (Attribute::City, Some("")),
    ] {
        assert!(world.graph.update_attributes(&bob.id, &change(&[refused])).await.is_err());
    }
}

#[tokio::test]
async fn blocking_revoking_and_opening_reach_the_object() {
    let world = World::start().await;
    let bob = world.create("bob").await;
    let valid_from = |world: &World| {
        world.simulator.tenant().user("bob@contoso.com").unwrap().sessions_valid_from
    };
    let before = valid_from(&world);
    world.graph.set_account_enabled(&bob.id, Access::Blocked).await.unwrap();
    world.graph.revoke_sessions(&bob.id).await.unwrap();
    assert!(!world.graph.user_by_id(&bob.id).await.unwrap().unwrap().account_enabled);
    assert!(valid_from(&world) > before);
    world.graph.set_account_enabled(&bob.id, Access::Open).await.unwrap();
    assert!(world.graph.user_by_id(&bob.id).await.unwrap().unwrap().account_enabled);
}

#[tokio::test]
async fn an_object_that_never_was_means_relink() {
    let world = World::start().await;
    let nobody = ObjectId(Uuid::from_u128(7));
    assert_eq!(world.graph.user_by_id(&nobody).await.unwrap(), None);
    let error = world.graph.revoke_sessions(&nobody).await.unwrap_err();
    assert_eq!(error.verdict(), Verdict::Relink);
}

#[tokio::test]
async fn an_object_that_was_just_made_is_late_and_not_gone() {
    let world = World::start().await;
    world.simulator.faults().set_replication_lag(Duration::from_hours(1));
    let bob = world.create("bob").await;
    let error = world.graph.revoke_sessions(&bob.id).await.unwrap_err();
    assert!(matches!(error, Error::NotYetVisible { .. }), "{error}");
    assert!(matches!(error.verdict(), Verdict::RetryAfter(_)));
}

/// Y28
#[tokio::test]
async fn a_name_that_somebody_has_is_named_as_the_conflict() {
    let world = World::start().await;
    world.create("bob").await;
    let mut other = new_user("bob");
    other.immutable_id = "another".to_owned();
    let error = world.graph.create_user(&other, password()).await.unwrap_err();
    let Error::Refused { taken, .. } = &error else { panic!("{error}") };
    assert_eq!(taken.as_deref(), Some("userPrincipalName"));
    let error = world.graph.ensure_user(&other, password()).await.unwrap_err();
    assert!(matches!(error.verdict(), Verdict::SkipObject(_)), "{error}");
}

/// Y11
#[tokio::test]
async fn a_create_whose_answer_was_lost_does_not_make_a_second_person() {
    let world = World::start().await;
    world.simulator.faults().inject(Fault::new(Trouble::LostResponse).on("POST", "/users"));
    world.simulator.faults().set_replication_lag(Duration::from_millis(300));
    let error = world.graph.ensure_user(&new_user("bob"), password()).await.unwrap_err();
    assert!(matches!(error.verdict(), Verdict::RetryAfter(_)), "{error}");
    let (bob, origin) = world.graph.ensure_user(&new_user("bob"), password()).await.unwrap();
    assert_eq!(origin, Origin::Found, "nobody knows whether that attempt made it");
    let there = world.simulator.tenant();
    assert_eq!(there.user("bob@contoso.com").unwrap().id, bob.id.to_string());
    assert_eq!(there.users.len(), 3, "two administrators and bob");
}

/// Y11, Y28
#[tokio::test]
async fn a_deleted_person_is_brought_back_and_not_made_anew() {
    let world = World::start().await;
    let bob = world.create("bob").await;
    world.as_admin(reqwest::Method::DELETE, &format!("users/{}", bob.id), "").await;
    let (again, origin) = world.graph.ensure_user(&new_user("bob"), password()).await.unwrap();
    assert_eq!((again, origin), (bob, Origin::Found));
    assert_eq!(world.calls("POST", "/v1.0/users"), 1);
}

#[tokio::test]
async fn administrators_are_known_and_a_refusal_for_one_concerns_that_one() {
    let world = World::start().await;
    let bob = world.create("bob").await;
    world.simulator.make_admin("bob@contoso.com");
    assert_eq!(world.graph.protected_ids().await.unwrap().len(), 3);
    let listed = world.graph.list_users().await.unwrap();
    assert!(listed.iter().all(|user| user.protected), "{listed:?}");
    let error = world.graph.set_account_enabled(&bob.id, Access::Blocked).await.unwrap_err();
    assert!(matches!(error.verdict(), Verdict::SkipObject(_)), "{error}");
}

#[tokio::test]
async fn a_refusal_for_everybody_is_a_missing_permission() {
    let world = World::start().await;
    let mut people = Vec::new();
    for name in ["amy", "bob", "cid"] {
        people.push(world.create(name).await.id);
    }
    world.simulator.withdraw_role("User.RevokeSessions.All");
    world.simulator.withdraw_role("User.ReadWrite.All");
    let fresh = crate::world::connect(crate::world::settings(&world.simulator.url()));
    let mut verdicts = Vec::new();
    for id in people {
        verdicts.push(fresh.revoke_sessions(&id).await.unwrap_err().verdict());
    }
    assert!(matches!(verdicts[..2], [Verdict::SkipObject(_), Verdict::SkipObject(_)]));
    let Verdict::StopRun(text) = &verdicts[2] else { panic!("{verdicts:?}") };
    assert!(text.contains("User.RevokeSessions.All"), "{text}");
}
