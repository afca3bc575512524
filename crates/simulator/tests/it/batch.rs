//! `$batch`.

use serde_json::{Value, json};
use simulator::{Fault, Trouble};

use crate::support::{Bench, person};

fn create(id: &str, upn: &str) -> Value {
    json!({
        "id": id, "method": "POST", "url": "/users",
        "headers": {"Content-Type": "application/json"}, "body": person(upn, None),
    })
}

fn statuses(body: &Value) -> Vec<u64> {
    let responses = body["responses"].as_array().unwrap();
    responses.iter().map(|response| response["status"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn parts_run_in_order_and_fail_one_by_one() {
    let bench = Bench::start().await;
    let trouble = Trouble::TooManyRequests { retry_after: Some(10) };
    bench.simulator.faults().inject(Fault::new(trouble).on("GET", "/subscribedSkus"));
    let requests = json!({"requests": [
        create("1", "ada@contoso.com"),
        {"id": "2", "dependsOn": ["1"], "method": "GET", "url": "/users/ada@contoso.com?$select=id"},
        create("3", "ada@contoso.com"),
        {"id": "4", "dependsOn": ["3"], "method": "GET", "url": "/users"},
        {"id": "5", "method": "GET", "url": "/subscribedSkus"},
    ]});
    let (status, body) = bench.app("POST", "/$batch", requests).await;
    assert_eq!(status, 200);
    assert_eq!(statuses(&body), [201, 200, 400, 424, 429]);
    assert_eq!(body["responses"][4]["headers"]["Retry-After"], "10");
    assert_eq!(body["responses"][4]["body"]["error"]["code"], "TooManyRequests");
}

#[tokio::test]
async fn a_batch_has_at_most_twenty_parts_with_ids_of_their_own() {
    let bench = Bench::start().await;
    let part = |id: usize| json!({"id": id.to_string(), "method": "GET", "url": "/users"});
    let many: Vec<Value> = (0..21).map(part).collect();
    assert_eq!(bench.app("POST", "/$batch", json!({"requests": many})).await.0, 400);
    let twice = json!({"requests": [part(1), part(1)]});
    assert_eq!(bench.app("POST", "/$batch", twice).await.0, 400);
}
