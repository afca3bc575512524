//! Bad days: throttling, outages, tokens that end early.

use std::time::Duration;

use graph::{Error, Verdict, users::Access};
use simulator::{Fault, Trouble};

use crate::world::World;

#[tokio::test]
async fn a_read_waits_as_long_as_it_is_asked_and_then_works() {
    let world = World::start().await;
    world.simulator.faults().throttle(1, 1);
    let start = std::time::Instant::now();
    world.graph.organization_id().await.unwrap();
    assert!(start.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn a_throttled_write_is_not_repeated_here_and_says_how_long_to_wait() {
    let world = World::start().await;
    let bob = world.create("bob").await;
    let trouble = Trouble::TooManyRequests { retry_after: Some(17) };
    world.simulator.faults().inject(Fault::new(trouble).on("PATCH", "/users"));
    let error = world.graph.set_account_enabled(&bob.id, Access::Blocked).await.unwrap_err();
    assert_eq!(error.verdict(), Verdict::RetryAfter(Duration::from_secs(17)));
    assert_eq!(world.calls("PATCH", &bob.id.to_string()), 1);
}

/// R159, Y19
#[tokio::test]
async fn an_outage_of_a_moment_is_read_through_and_a_long_one_is_told() {
    let world = World::start().await;
    let down = Trouble::Unavailable { retry_after: None };
    world.simulator.faults().inject(Fault::new(down).times(2).on("GET", "/organization"));
    world.graph.organization_id().await.unwrap();
    world.simulator.faults().inject(Fault::new(down).times(99).on("GET", "/organization"));
    let error = world.graph.organization_id().await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { status: 503, .. }), "{error}");
}

/// R137
#[tokio::test]
async fn a_connection_that_breaks_is_no_answer() {
    let world = World::start().await;
    let bob = world.create("bob").await;
    world.simulator.faults().inject(Fault::new(Trouble::DroppedConnection).on("PATCH", "/users"));
    let error = world.graph.set_account_enabled(&bob.id, Access::Blocked).await.unwrap_err();
    assert!(matches!(error, Error::NoAnswer { .. }), "{error}");
    assert!(matches!(error.verdict(), Verdict::RetryAfter(_)));
    assert!(!format!("{error:?}").contains(&bob.id.to_string()), "addresses stay out of errors");
}

#[tokio::test]
async fn a_token_that_ends_early_is_replaced_once() {
    let world = World::start().await;
    world.graph.organization_id().await.unwrap();
    let expired = Fault::new(Trouble::ExpiredToken).on("GET", "/organization");
    world.simulator.faults().inject(expired.clone());
    world.graph.organization_id().await.unwrap();
    assert_eq!(world.calls("POST", "/oauth2/v2.0/token"), 2);
    world.simulator.faults().inject(expired.times(2));
    let error = world.graph.organization_id().await.unwrap_err();
    assert!(matches!(error.verdict(), Verdict::StopRun(_)), "{error}");
}

#[tokio::test]
async fn a_token_is_replaced_before_it_ends() {
    let world = World::start().await;
    world.simulator.faults().set_token_life(0);
    world.graph.domains().await.unwrap_err();
    world.simulator.faults().set_token_life(3599);
    world.graph.domains().await.unwrap();
    world.graph.domains().await.unwrap();
    assert_eq!(world.calls("GET", "/domains"), 4, "two refused, two answered");
}

/// Y29
#[tokio::test]
async fn every_call_has_an_id_of_its_own() {
    let world = World::start().await;
    world.create("bob").await;
    world.graph.list_users().await.unwrap();
    let requests = world.simulator.tenant().requests;
    let ids: Vec<_> = requests.iter().map(|r| r.client_request_id.clone().unwrap()).collect();
    let distinct: std::collections::HashSet<_> = ids.iter().collect();
    assert!(ids.len() >= 4 && distinct.len() == ids.len(), "{ids:?}");
}
