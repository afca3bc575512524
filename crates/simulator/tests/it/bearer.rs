//! An assertion at the token endpoint: what it brings, and each refusal with its code.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use simulator::sample::{PUBLIC_CLIENT_ID, TENANT_ID};

use crate::signer::{Signer, Token};
use crate::support::{Bench, answer};

const ISSUER: &str = "https://idp.example.com/d/7f3k/adfs/services/trust/";
const ADA: &str = "7BVXb2y0RkmXv3pQ9sYq1w==";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:saml1_1-bearer";

struct Stage {
    bench: Bench,
    signer: Signer,
}

impl Stage {
    async fn new() -> Self {
        let (bench, signer) = (Bench::start().await, Signer::new());
        bench.federate("contoso.com", ISSUER, &signer.certificate).await;
        bench.create("ada@contoso.com", Some(ADA)).await;
        Self { bench, signer }
    }

    async fn exchange(&self, assertion: &str) -> (u16, Value) {
        let form = [
            ("grant_type", GRANT),
            ("client_id", PUBLIC_CLIENT_ID),
            ("scope", "https://graph.microsoft.com/User.Read openid profile"),
            ("client_info", "1"),
            ("assertion", assertion),
        ];
        let address = format!("{}/organizations/oauth2/v2.0/token", self.bench.simulator.url());
        answer(self.bench.http.post(address).form(&form)).await
    }

    async fn code(&self, token: &Token) -> u64 {
        let (status, body) = self.exchange(&STANDARD.encode(token.assertion(&self.signer))).await;
        assert_eq!((status, &body["error"]), (400, &json!("invalid_grant")), "{body}");
        body["error_codes"][0].as_u64().unwrap()
    }
}

fn good(id: &str) -> Token {
    Token::new(id, ISSUER, ADA).with_password_only()
}

#[tokio::test]
async fn a_good_assertion_brings_a_token_of_its_person_once() {
    let stage = Stage::new().await;
    let assertion = good("_1").assertion(&stage.signer);
    let (status, body) = stage.exchange(&URL_SAFE.encode(&assertion)).await;
    assert_eq!(status, 200, "{body}");
    let access = body["access_token"].as_str().unwrap();
    let claims = access.split('.').nth(1).unwrap();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    assert_eq!(claims["upn"], "ada@contoso.com");
    assert_eq!(claims["scp"], "User.Read");
    let users = stage.bench.request("GET", "/users").bearer_auth(access);
    assert_eq!(answer(users).await.0, 403, "it is no token of the app");

    let (status, again) = stage.exchange(&STANDARD.encode(&assertion)).await;
    assert_eq!((status, &again["error_codes"]), (400, &json!([50013])), "{again}");
}

#[tokio::test]
async fn each_wrong_assertion_has_its_code() {
    let stage = Stage::new().await;
    let stranger = Token::new("_2", ISSUER, "AAAAAAAAAAAAAAAAAAAAAA==");
    let other_audience = Token { audience: "urn:other".to_owned(), ..good("_3") };
    let old = Token { not_on_or_after: "2026-11-22T08:00:00.000Z".to_owned(), ..good("_4") };
    let nameless = Token { immutable_id: None, ..good("_5") };
    for (token, code) in [
        (Token::new("_1", &ISSUER.to_uppercase(), ADA), 50107),
        (stranger, 51004),
        (other_audience, 50008),
        (old, 500_133),
        (nameless, 90020),
        (Token { swaps_statements: true, ..good("_6") }, 50008),
    ] {
        assert_eq!(stage.code(&token).await, code, "{}", token.id);
    }
    let flipped = good("_7").assertion(&stage.signer).replace("ada@", "eve@");
    assert_eq!(stage.exchange(&STANDARD.encode(flipped)).await.1["error_codes"], json!([50006]));
    assert_eq!(stage.exchange("%%%").await.1["error_codes"], json!([50013]));
    let two = good("_8").wresult(&stage.signer);
    assert_eq!(stage.exchange(&STANDARD.encode(two)).await.1["error_codes"], json!([50008]));
}

#[tokio::test]
async fn a_domain_that_enforces_a_second_factor_takes_no_password_alone() {
    let stage = Stage::new().await;
    let list = "/domains/contoso.com/federationConfiguration";
    let held = stage.bench.admin("GET", list, Value::Null).await.1;
    let path = format!("{list}/{}", held["value"][0]["id"].as_str().unwrap());
    let change = json!({"federatedIdpMfaBehavior": "enforceMfaByFederatedIdp"});
    assert!(stage.bench.admin("PATCH", &path, change).await.0 < 300);
    assert_eq!(stage.code(&good("_1")).await, 50076);
}

#[tokio::test]
async fn a_password_is_never_right_here() {
    let stage = Stage::new().await;
    for (name, code) in [("ada@contoso.com", 50126), ("nobody@contoso.com", 50034)] {
        let form = [
            ("grant_type", "password"),
            ("client_id", PUBLIC_CLIENT_ID),
            ("scope", "openid"),
            ("username", name),
            ("password", "anything at all"),
        ];
        let address = format!("{}/{TENANT_ID}/oauth2/v2.0/token", stage.bench.simulator.url());
        let (status, body) = answer(stage.bench.http.post(address).form(&form)).await;
        assert_eq!((status, &body["error_codes"]), (400, &json!([code])), "{body}");
    }
}

#[tokio::test]
async fn libraries_find_their_way() {
    let stage = Stage::new().await;
    // Libraries are sent here under Microsoft's names; whoever comes under ours is told ours.
    let plain = |path: &str| stage.bench.http.get(format!("{}{path}", stage.bench.simulator.url()));
    let ask = |path: &str| answer(plain(path).header("host", "login.microsoftonline.com"));
    let (_, ours) = answer(plain("/organizations/v2.0/.well-known/openid-configuration")).await;
    let issuer = format!("{}/{{tenantid}}/v2.0", stage.bench.simulator.url());
    assert_eq!(ours["issuer"], issuer.as_str());
    let (_, found) = ask("/organizations/v2.0/.well-known/openid-configuration").await;
    let endpoint = "https://login.microsoftonline.com/organizations/oauth2/v2.0/token";
    assert_eq!(found["token_endpoint"], endpoint);
    let (_, named) = ask("/contoso.com/v2.0/.well-known/openid-configuration").await;
    assert!(named["token_endpoint"].as_str().unwrap().contains(TENANT_ID), "{named}");
    assert_eq!(ask("/nowhere.example/v2.0/.well-known/openid-configuration").await.0, 400);
    let (_, instance) = ask("/common/discovery/instance").await;
    assert!(instance["metadata"][0]["aliases"].as_array().unwrap().len() > 1);
}
