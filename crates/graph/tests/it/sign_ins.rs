//! The sign-in log: read to its end, and only what tells of assertions.

use model::{Ts, entra::SignInLog};
use simulator::SignIn;

use crate::{
    canned::serve,
    world::{World, connect, settings},
};

fn entry(at: i64, upn: &str) -> SignIn {
    SignIn {
        at: at * 1_000_000,
        user_id: "0199d1a4-7c1e-7b0a-9f6e-2f1f0a7c5b13".to_owned(),
        upn: upn.to_owned(),
        incoming_token_type: "saml11".to_owned(),
        error_code: 0,
        ip_address: "198.51.100.66".to_owned(),
    }
}

async fn read(world: &World, since: i64) -> Vec<model::entra::EntraSignIn> {
    match world.graph.federated_sign_ins(Ts::from_secs(since)).await.unwrap() {
        SignInLog::Read(all) => all,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn every_page_is_read_and_nothing_older_than_asked_for() {
    let world = World::start().await;
    for at in 0..2_105 {
        world.simulator.log_sign_in(entry(at, "Ada@contoso.com"));
    }
    let all = read(&world, 100).await;
    assert_eq!(all.len(), 2_005);
    assert_eq!(world.calls("GET", "/beta/auditLogs/signIns"), 3);
    assert_eq!((all[0].at, all[2_004].at), (Ts::from_secs(2_104), Ts::from_secs(100)));
    assert_eq!(all[0].upn, "ada@contoso.com");
    assert_eq!(all[0].address, "198.51.100.66");
    assert_eq!(all[0].object_id.unwrap().to_string(), "0199d1a4-7c1e-7b0a-9f6e-2f1f0a7c5b13");
}

#[tokio::test]
async fn what_did_not_come_by_an_assertion_or_did_not_get_in_is_left_out() {
    let world = World::start().await;
    let saml20 = SignIn { incoming_token_type: "saml20".to_owned(), ..entry(7, "a@contoso.com") };
    world.simulator.log_sign_in(saml20);
    world.simulator.log_sign_in(SignIn { error_code: 50_126, ..entry(8, "b@contoso.com") });
    let session = SignIn { incoming_token_type: "none".to_owned(), ..entry(9, "c@contoso.com") };
    world.simulator.log_sign_in(session);
    let all = read(&world, 0).await;
    assert_eq!(all.iter().map(|it| it.upn.as_str()).collect::<Vec<_>>(), ["a@contoso.com"]);
}

#[tokio::test]
async fn why_the_log_may_not_be_read_is_a_value() {
    let world = World::start().await;
    world.simulator.set_seats("SPB", 0);
    let log = world.graph.federated_sign_ins(Ts(0)).await.unwrap();
    assert_eq!(log, SignInLog::NoLicence);
    let world = World::start().await;
    world.simulator.withdraw_role("AuditLog.Read.All");
    let log = world.graph.federated_sign_ins(Ts(0)).await.unwrap();
    assert_eq!(log, SignInLog::NotPermitted);
}

#[tokio::test]
async fn a_log_that_says_nothing_of_tokens_is_no_log() {
    let body = r#"{"value":[{"id":"1","createdDateTime":"2026-11-28T09:00:00Z",
        "userPrincipalName":"ada@contoso.com","status":{"errorCode":0}}]}"#;
    let url = serve(vec![("/beta/auditLogs/signIns", "200 OK", body.to_owned())]);
    let error = connect(settings(&url)).federated_sign_ins(Ts(0)).await.unwrap_err();
    assert!(error.to_string().contains("which token was presented"), "{error}");
}
