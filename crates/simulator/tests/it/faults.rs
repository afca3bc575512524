//! Bad days: throttling, outages, lost answers, lag, expired tokens.

use std::time::Duration;

use serde_json::{Value, json};
use simulator::{Fault, Trouble};

use crate::support::{Bench, person};

#[tokio::test]
async fn the_next_calls_are_throttled_and_then_not() {
    let bench = Bench::start().await;
    bench.simulator.faults().throttle(2, 7);
    for expected in [429, 429, 200] {
        let request = bench.request("GET", "/users").bearer_auth(simulator::sample::ADMIN_TOKEN);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), expected);
        let seconds = response.headers().get("retry-after").map(|value| value.to_str().unwrap());
        assert_eq!(seconds, (expected == 429).then_some("7"));
    }
}

#[tokio::test]
async fn a_fault_over_http_hits_only_its_path_and_method() {
    let bench = Bench::start().await;
    let address = format!("{}/simulator/faults", bench.simulator.url());
    let fault = json!({"kind": "unavailable", "method": "GET", "path": "/subscribedSkus"});
    assert_eq!(bench.http.post(&address).json(&fault).send().await.unwrap().status(), 204);
    assert_eq!(bench.get("/users").await.0, 200);
    assert_eq!(bench.get("/subscribedSkus").await.0, 503);
    assert_eq!(bench.get("/subscribedSkus").await.0, 200);
}

#[tokio::test]
async fn a_lost_answer_leaves_the_user_behind() {
    let bench = Bench::start().await;
    let faults = bench.simulator.faults();
    faults.inject(Fault::new(Trouble::LostResponse).on("POST", "/users"));
    assert_eq!(bench.app("POST", "/users", person("ada@contoso.com", None)).await.0, 504);
    assert!(bench.simulator.tenant().user("ada@contoso.com").is_some());
    assert_eq!(bench.app("POST", "/users", person("ada@contoso.com", None)).await.0, 400);
}

#[tokio::test]
async fn a_cut_connection_leaves_the_user_behind() {
    let bench = Bench::start().await;
    let faults = bench.simulator.faults();
    faults.inject(Fault::new(Trouble::DroppedConnection).on("POST", "/users"));
    let request = bench.request("POST", "/users").bearer_auth(simulator::sample::ADMIN_TOKEN);
    let outcome = request.json(&person("ada@contoso.com", None)).send().await;
    assert!(outcome.is_err());
    assert!(bench.simulator.tenant().user("ada@contoso.com").is_some());
}

#[tokio::test]
async fn an_expired_token_and_a_missing_permission_can_be_played() {
    let bench = Bench::start().await;
    bench.simulator.faults().inject(Fault::new(Trouble::ExpiredToken));
    assert_eq!(bench.get("/users").await.0, 401);
    bench.simulator.faults().inject(Fault::new(Trouble::Forbidden));
    assert_eq!(bench.get("/users").await.0, 403);
    assert_eq!(bench.get("/users").await.0, 200);
}

#[tokio::test]
async fn a_new_user_is_unseen_until_the_lag_is_over() {
    let bench = Bench::start().await;
    bench.simulator.faults().set_replication_lag(Duration::from_mins(1));
    let id = bench.create("ada@contoso.com", None).await;
    let path = format!("/users/{id}");
    let change = json!({"jobTitle": "Countess"});
    let listing = "/users?$filter=userPrincipalName%20eq%20'ada@contoso.com'";
    assert_eq!(bench.get(&path).await.0, 404);
    assert_eq!(bench.app("PATCH", &path, change.clone()).await.0, 404);
    assert_eq!(bench.get(listing).await.1["value"], json!([]));
    // The name is taken all the same.
    assert_eq!(bench.app("POST", "/users", person("ada@contoso.com", None)).await.0, 400);
    bench.advance(60);
    assert_eq!(bench.get(&path).await.0, 200);
    assert_eq!(bench.app("PATCH", &path, change).await.0, 204);
    assert_eq!(bench.get(listing).await.1["value"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn the_token_endpoint_is_hit_only_by_name() {
    let bench = Bench::start().await;
    bench.simulator.faults().throttle(1, 1);
    assert_eq!(bench.token_request("contoso.com", &[]).await.status(), 200);
    bench.simulator.faults().clear();
    let trouble = Trouble::TooManyRequests { retry_after: Some(3) };
    bench.simulator.faults().inject(Fault::new(trouble).on("POST", "/oauth2/"));
    let response = bench.token_request("contoso.com", &[]).await;
    assert_eq!(response.status(), 429);
    assert_eq!(response.headers()["retry-after"], "3");
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["error"], "temporarily_unavailable");
}
