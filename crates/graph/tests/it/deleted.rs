//! Deleting, the bin, and coming back from it.

use std::time::Duration;

use graph::{Error, users::Access};
use simulator::{Fault, Trouble};

use crate::world::World;

/// Y04
#[tokio::test]
async fn a_deleted_person_is_in_the_bin_as_they_will_be_once_they_are_back() {
    let world = World::start().await;
    let bob = world.create("bob").await;
    world.graph.set_account_enabled(&bob.id, Access::Blocked).await.unwrap();
    assert!(!world.graph.is_deleted(&bob.id).await.unwrap());
    world.graph.delete_user(&bob.id).await.unwrap();
    assert!(world.graph.is_deleted(&bob.id).await.unwrap());
    let [deleted] = world.graph.deleted_users().await.unwrap().try_into().unwrap();
    assert_eq!(deleted.user.upn, "bob@contoso.com", "without the mark of the bin");
    assert_eq!((deleted.user.id, deleted.user.immutable_id), (bob.id, bob.immutable_id.clone()));
    assert!(!deleted.user.account_enabled);
    assert!(deleted.deleted_at.0 > 0);

    world.graph.restore_user(&bob.id).await.unwrap();
    let back = world.graph.user_by_id(&bob.id).await.unwrap().unwrap();
    assert_eq!((back.upn.as_str(), back.account_enabled), ("bob@contoso.com", false));
    assert!(world.graph.deleted_users().await.unwrap().is_empty());
    assert_eq!(world.calls("DELETE", &format!("/deletedItems/{}", bob.id)), 0);
}

/// A deletion is no lag, although the object was written a moment ago.
#[tokio::test]
async fn whoever_was_deleted_is_gone_at_once() {
    let world = World::start().await;
    let bob = world.create("bob").await;
    world.graph.delete_user(&bob.id).await.unwrap();
    let found = tokio::time::timeout(Duration::from_secs(5), world.graph.user_by_id(&bob.id));
    assert_eq!(found.await.expect("without waiting").unwrap(), None);
    let again = world.graph.delete_user(&bob.id).await;
    assert!(matches!(again, Err(Error::NotFound)), "{again:?}");
}

#[tokio::test]
async fn an_administrator_is_refused_and_a_lost_answer_is_told() {
    let world = World::start().await;
    let (bob, cid) = (world.create("bob").await, world.create("cid").await);
    world.simulator.make_admin("bob@contoso.com");
    let refused = world.graph.delete_user(&bob.id).await;
    assert!(matches!(refused, Err(Error::Protected { .. })), "{refused:?}");
    let lost = Fault::new(Trouble::DroppedConnection).on("DELETE", "/users/");
    world.simulator.faults().inject(lost);
    let unknown = world.graph.delete_user(&cid.id).await;
    assert!(matches!(unknown, Err(Error::NoAnswer { .. })), "{unknown:?}");
    assert!(world.graph.is_deleted(&cid.id).await.unwrap());
    // The log is written once the connection has been cut.
    for _ in 0..100 {
        if world.calls("DELETE", &cid.id.to_string()) > 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(world.calls("DELETE", &cid.id.to_string()), 1, "never twice by itself");
}

#[tokio::test]
async fn a_name_that_was_taken_meanwhile_is_named() {
    let world = World::start().await;
    let bob = world.create("bob").await;
    let cid = world.create("cid").await;
    world.graph.delete_user(&bob.id).await.unwrap();
    world.simulator.set(&cid.id.to_string(), "mail", "bob@contoso.com");
    let refused = world.graph.restore_user(&bob.id).await;
    assert!(matches!(refused, Err(Error::Refused { taken: Some(_), .. })), "{refused:?}");
}
