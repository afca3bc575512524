//! The token endpoint and its errors.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use simulator::sample::{CLIENT_ID, TENANT_ID};

use crate::signer::Signer;
use crate::support::{Bench, error};

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

async fn refused(bench: &Bench, tenant: &str, changes: &[(&str, &str)]) -> (u16, String, u64) {
    let response = bench.token_request(tenant, changes).await;
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    let code = body["error_codes"][0].as_u64().unwrap();
    assert!(body["error_description"].as_str().unwrap().starts_with(&format!("AADSTS{code}: ")));
    (status, body["error"].as_str().unwrap().to_owned(), code)
}

#[tokio::test]
async fn a_good_secret_gets_a_bearer_token() {
    let bench = Bench::start().await;
    let body: Value = bench.token_request("contoso.com", &[]).await.json().await.unwrap();
    assert_eq!(body["token_type"], "Bearer");
    assert_eq!(body["expires_in"], 3599);
    assert!(body["access_token"].as_str().unwrap().starts_with("eyJ0"));
}

#[tokio::test]
async fn each_mistake_has_its_code() {
    let bench = Bench::start().await;
    let other = "11111111-2222-4333-8444-555555555555";
    for (tenant, changes, expected) in [
        (TENANT_ID, [("client_secret", "wrong")], (401, "invalid_client", 7_000_215)),
        (TENANT_ID, [("client_secret", "")], (401, "invalid_client", 7_000_218)),
        (TENANT_ID, [("client_id", other)], (400, "unauthorized_client", 700_016)),
        (
            TENANT_ID,
            [("scope", "https://graph.microsoft.com/User.Read")],
            (400, "invalid_scope", 1_002_012),
        ),
        (
            TENANT_ID,
            [("scope", "https://vault.azure.net/.default")],
            (400, "invalid_resource", 500_011),
        ),
        (TENANT_ID, [("grant_type", "password")], (400, "invalid_request", 900_144)),
        (TENANT_ID, [("grant_type", "device_code")], (400, "unsupported_grant_type", 70003)),
        (other, [("grant_type", "client_credentials")], (400, "invalid_request", 90002)),
        ("nonsense", [("grant_type", "client_credentials")], (400, "invalid_request", 900_023)),
        ("common", [("grant_type", "client_credentials")], (400, "invalid_request", 50059)),
    ] {
        let (status, error, code) = refused(&bench, tenant, &changes).await;
        assert_eq!((status, error.as_str(), code), expected);
    }
    bench.simulator.expire_client_secret();
    let expired = refused(&bench, TENANT_ID, &[]).await;
    assert_eq!(expired, (401, "invalid_client".to_owned(), 7_000_222));
}

#[tokio::test]
async fn a_registered_certificate_signs_in_the_client_and_another_does_not() {
    let bench = Bench::start().await;
    let signer = Signer::new();
    let der = STANDARD.decode(&signer.certificate).unwrap();
    let seconds = bench.now() / 1_000_000;
    let assertion = |aud: &str| {
        let print = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &der);
        let header =
            json!({"typ": "JWT", "alg": "RS256", "x5t#S256": URL_SAFE_NO_PAD.encode(print)});
        let claims = json!({
            "aud": aud, "iss": CLIENT_ID, "sub": CLIENT_ID, "jti": "1",
            "nbf": seconds, "exp": seconds + 300,
        });
        let parts = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
        let payload = parts.join(".");
        let signature = URL_SAFE_NO_PAD.encode(signer.sign(payload.as_bytes()));
        format!("{payload}.{signature}")
    };
    let endpoint = format!("{}/{TENANT_ID}/oauth2/v2.0/token", bench.simulator.url());
    let good = assertion(&endpoint);
    let changes = [
        ("client_secret", ""),
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", good.as_str()),
    ];
    let unknown = refused(&bench, TENANT_ID, &changes).await;
    assert_eq!(unknown, (401, "invalid_client".to_owned(), 700_027));
    bench.simulator.register_client_certificate(&der);
    assert_eq!(bench.token_request(TENANT_ID, &changes).await.status(), 200);
    let elsewhere = assertion("https://login.example.com/oauth2/v2.0/token");
    let changes = [changes[0], changes[1], ("client_assertion", elsewhere.as_str())];
    assert_eq!(refused(&bench, TENANT_ID, &changes).await.2, 700_023);
    bench.advance(301);
    let changes = [changes[0], changes[1], ("client_assertion", good.as_str())];
    assert_eq!(refused(&bench, TENANT_ID, &changes).await.2, 700_024);
}

#[tokio::test]
async fn a_token_ends_and_carries_the_roles_of_its_birth() {
    let mut bench = Bench::start().await;
    bench.simulator.withdraw_role("Domain.Read.All");
    assert_eq!(bench.get("/domains").await.0, 200);
    bench.renew().await;
    let (status, body) = bench.get("/domains").await;
    assert_eq!((status, error(&body).0), (403, "Authorization_RequestDenied"));
    bench.advance(3600);
    let (status, body) = bench.get("/users").await;
    assert_eq!((status, error(&body).0), (401, "InvalidAuthenticationToken"));
}

#[tokio::test]
async fn graph_wants_a_token_and_echoes_the_callers_id() {
    let bench = Bench::start().await;
    let id = "5d5e3a4b-8f6e-4d5b-9b0a-3b1f9f0c2d11";
    let request = bench.request("GET", "/users").header("client-request-id", id);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 401);
    assert_eq!(response.headers()["client-request-id"], id);
    assert!(response.headers().contains_key("request-id"));
    assert!(response.headers().contains_key("date"));
    let body: Value = response.json().await.unwrap();
    assert_eq!(error(&body), ("InvalidAuthenticationToken", "Access token is empty."));
    assert_eq!(body["error"]["innerError"]["client-request-id"], id);
    let forged = bench.request("GET", "/users").bearer_auth("eyJ0.e30.AAAA");
    assert_eq!(forged.send().await.unwrap().status(), 401);
    let logged = bench.simulator.tenant().requests;
    let call = logged.iter().find(|request| request.client_request_id.as_deref() == Some(id));
    assert_eq!(call.map(|call| (call.path.as_str(), call.status)), Some(("/v1.0/users", 401)));
}

#[tokio::test]
async fn a_token_with_a_role_added_by_hand_is_no_token() {
    let bench = Bench::start().await;
    let body: Value = bench.token_request(TENANT_ID, &[]).await.json().await.unwrap();
    let token = body["access_token"].as_str().unwrap();
    let parts: Vec<&str> = token.split('.').collect();
    let mut claims: Value =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
    let call = |token: String| bench.request("GET", "/users").bearer_auth(token).send();
    assert_eq!(call(token.to_owned()).await.unwrap().status(), 200);
    claims["roles"].as_array_mut().unwrap().push("Domain.ReadWrite.All".into());
    let claims = URL_SAFE_NO_PAD.encode(claims.to_string());
    let forged = format!("{}.{claims}.{}", parts[0], parts[2]);
    assert_eq!(call(forged).await.unwrap().status(), 401);
}
