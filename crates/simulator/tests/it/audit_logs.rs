//! `/auditLogs/signIns`: what Microsoft answers, and to whom.

use serde_json::{Value, json};
use simulator::SignIn;

use crate::support::{Bench, answer};

fn entry(at: i64) -> SignIn {
    SignIn {
        at,
        user_id: "u".to_owned(),
        upn: "ada@contoso.com".to_owned(),
        incoming_token_type: "saml11".to_owned(),
        error_code: 0,
        ip_address: "203.0.113.9".to_owned(),
    }
}

#[tokio::test]
async fn the_newest_come_first_page_by_page_and_only_beta_tells_the_token() {
    let bench = Bench::start().await;
    for second in 0..5 {
        bench.simulator.log_sign_in(entry(bench.now() + second * 1_000_000));
    }
    let (status, page) = bench.get("/auditLogs/signIns?$top=3").await;
    assert_eq!((status, page["value"].as_array().unwrap().len()), (200, 3), "{page}");
    assert_eq!(page["value"][0]["createdDateTime"], "2026-11-22T09:01:04Z");
    assert_eq!(page["value"][0]["status"]["errorCode"], 0);
    assert_eq!(page["value"][0]["incomingTokenType"], Value::Null);
    let next = page["@odata.nextLink"].as_str().unwrap().split("/v1.0").nth(1).unwrap();
    bench.simulator.log_sign_in(entry(bench.now()));
    let (_, rest) = bench.get(next).await;
    assert_eq!(rest["value"].as_array().unwrap().len(), 2, "a newer one shifts nothing: {rest}");
    assert_eq!(rest["@odata.nextLink"], Value::Null);
    let since = "/auditLogs/signIns?$filter=createdDateTime%20ge%202026-11-22T09:01:03Z";
    assert_eq!(bench.get(since).await.1["value"].as_array().unwrap().len(), 2);
    let (status, _) = bench.get("/auditLogs/signIns?$filter=location/city%20eq%20'Bonn'").await;
    assert_eq!(status, 400);

    let beta = format!("{}/beta/auditLogs/signIns", bench.simulator.url());
    let asked = bench.http.get(beta).bearer_auth(simulator::sample::ADMIN_TOKEN);
    let (_, page) = answer(asked).await;
    assert_eq!(page["value"][0]["incomingTokenType"], json!("saml11"));
    let users = format!("{}/beta/users", bench.simulator.url());
    let asked = bench.http.get(users).bearer_auth(simulator::sample::ADMIN_TOKEN);
    assert_eq!(answer(asked).await.0, 400, "nothing else is there");
}

#[tokio::test]
async fn it_takes_the_permission_and_a_premium_licence() {
    let mut bench = Bench::start().await;
    bench.simulator.set_seats("SPB", 0);
    let (status, refusal) = bench.get("/auditLogs/signIns").await;
    let code = "Authentication_RequestFromNonPremiumTenantOrB2CTenant";
    assert_eq!((status, refusal["error"]["code"].as_str()), (403, Some(code)));
    bench.simulator.withdraw_role("AuditLog.Read.All");
    bench.renew().await;
    let (status, refusal) = bench.get("/auditLogs/signIns").await;
    let code = refusal["error"]["code"].as_str();
    assert_eq!((status, code), (403, Some("Authorization_RequestDenied")));
}
