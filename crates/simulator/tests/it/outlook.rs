//! The browser's walk: address, redirect, token, mailbox, sign-out.

use reqwest::Response;
use serde_json::{Value, json};
use simulator::sample::BUSINESS_PREMIUM;

use crate::refusals::{context, post};
use crate::signer::{Signer, Token};
use crate::support::Bench;

const ISSUER: &str = "https://idp.example.com/d/7f3k/adfs/services/trust/";
const ADA: &str = "7BVXb2y0RkmXv3pQ9sYq1w==";

async fn signed_in(bench: &Bench, signer: &Signer, id: &str) -> String {
    let token = Token::new(id, ISSUER, ADA).wresult(signer);
    let response = post(bench, &token, &context(bench).await).await;
    assert_eq!(response.status(), 303);
    let cookie = response.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    cookie.split(';').next().unwrap().to_owned()
}

async fn open(bench: &Bench, path: &str, cookie: &str) -> Response {
    let address = format!("{}{path}", bench.simulator.url());
    bench.http.get(address).header("cookie", cookie).send().await.unwrap()
}

async fn stage() -> (Bench, Signer) {
    let (bench, signer) = (Bench::start().await, Signer::new());
    bench.federate("contoso.com", ISSUER, &signer.certificate).await;
    bench.create("ada@contoso.com", Some(ADA)).await;
    (bench, signer)
}

async fn license(bench: &Bench) {
    let body = json!({"addLicenses": [{"skuId": BUSINESS_PREMIUM}], "removeLicenses": []});
    assert_eq!(bench.app("POST", "/users/ada@contoso.com/assignLicense", body).await.0, 200);
}

#[tokio::test]
async fn the_redirect_has_the_recorded_shape() {
    let (bench, _) = stage().await;
    let address = format!("{}/outlook", bench.simulator.url());
    let form = [("username", "ada@contoso.com")];
    let response = bench.http.post(&address).form(&form).send().await.unwrap();
    assert_eq!(response.status(), 302);
    let location = response.headers()["location"].to_str().unwrap();
    let (base, query) = location.split_once('?').unwrap();
    assert_eq!(base, "https://idp.example.com/d/7f3k/adfs/ls/");
    let names: Vec<&str> = query.split('&').map(|pair| pair.split('=').next().unwrap()).collect();
    assert_eq!(
        names,
        ["client-request-id", "wa", "wtrealm", "wctx", "cbcxt", "username", "mkt", "lc"]
    );
    assert!(query.contains("wtrealm=urn%3afederation%3aMicrosoftOnline&wctx=LoginOptions%3D3%26estsredirect%3d2%26estsrequest%3drQQIARAA"));
    assert!(query.ends_with("&cbcxt=&username=ada%40contoso.com&mkt=&lc="));
    assert!(location.len() > 1200);
}

#[tokio::test]
async fn managed_and_unknown_addresses_stay_here() {
    let bench = Bench::start().await;
    let address = format!("{}/outlook", bench.simulator.url());
    for (username, status, text) in [
        ("ada@contoso.com", 200, "managed by Microsoft"),
        ("ada@nowhere.example", 400, "find an account"),
        ("<script>", 400, "value=\"&lt;script&gt;\""),
    ] {
        let form = [("username", username)];
        let response = bench.http.post(&address).form(&form).send().await.unwrap();
        assert_eq!(response.status(), status);
        assert!(response.text().await.unwrap().contains(text));
    }
    let page = bench.http.get(&address).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("name=\"username\"") && !page.contains("<script"));
}

#[tokio::test]
async fn the_mailbox_needs_a_licence() {
    let (bench, signer) = stage().await;
    let cookie = signed_in(&bench, &signer, "_1").await;
    let page = open(&bench, "/outlook/mailbox", &cookie).await.text().await.unwrap();
    assert!(page.contains("id=\"no-mailbox\""), "{page}");
    license(&bench).await;
    let page = open(&bench, "/outlook/mailbox", &cookie).await.text().await.unwrap();
    assert!(page.contains("Inbox of Ada Lovelace") && page.contains("<dd id=\"mfa\">yes</dd>"));
    let stranger = open(&bench, "/outlook/mailbox", "ESTSAUTH=made-up").await;
    assert_eq!(stranger.headers()["location"], "/outlook");
}

#[tokio::test]
async fn revoking_blocking_and_deleting_end_the_session() {
    let (bench, signer) = stage().await;
    license(&bench).await;
    for (number, method, suffix, body, code) in [
        (1, "POST", "/revokeSignInSessions", Value::Null, "AADSTS50173"),
        (2, "PATCH", "", json!({"accountEnabled": false}), "AADSTS50057"),
        (3, "DELETE", "", Value::Null, "AADSTS51004"),
    ] {
        bench.advance(1);
        let enabled = json!({"accountEnabled": true});
        bench.app("PATCH", "/users/ada@contoso.com", enabled).await;
        let cookie = signed_in(&bench, &signer, &format!("_{number}")).await;
        assert_eq!(open(&bench, "/outlook/mailbox", &cookie).await.status(), 200);
        bench.app(method, &format!("/users/ada@contoso.com{suffix}"), body).await;
        let page = open(&bench, "/outlook/mailbox", &cookie).await.text().await.unwrap();
        assert!(page.contains(code), "{page}");
        assert_eq!(open(&bench, "/outlook/mailbox", &cookie).await.status(), 303);
    }
}

#[tokio::test]
async fn rejecting_the_providers_mfa_shows_no_mfa() {
    let (bench, signer) = stage().await;
    license(&bench).await;
    let configuration = "/domains/contoso.com/federationConfiguration";
    let (_, body) = bench.get(configuration).await;
    let path = format!("{configuration}/{}", body["value"][0]["id"].as_str().unwrap());
    let change = json!({"federatedIdpMfaBehavior": "rejectMfaByFederatedIdp"});
    assert_eq!(bench.admin("PATCH", &path, change).await.0, 204);
    let cookie = signed_in(&bench, &signer, "_1").await;
    let page = open(&bench, "/outlook/mailbox", &cookie).await.text().await.unwrap();
    assert!(page.contains("<dd id=\"mfa\">no</dd>"));
}

#[tokio::test]
async fn signing_out_goes_on_to_the_identity_provider() {
    let (bench, signer) = stage().await;
    let cookie = signed_in(&bench, &signer, "_1").await;
    let response = open(&bench, "/outlook/sign-out", &cookie).await;
    assert_eq!(
        response.headers()["location"],
        "https://idp.example.com/d/7f3k/adfs/ls/?wa=wsignout1.0"
    );
    assert_eq!(open(&bench, "/outlook/mailbox", &cookie).await.status(), 303);
    let cookie = signed_in(&bench, &signer, "_2").await;
    let cleaned = open(&bench, "/login.srf?wa=wsignoutcleanup1.0", &cookie).await;
    assert_eq!(cleaned.status(), 200);
    assert_eq!(open(&bench, "/outlook/mailbox", &cookie).await.status(), 303);
}

#[tokio::test]
async fn the_console_shows_people_and_state() {
    let (bench, _) = stage().await;
    let page = open(&bench, "/simulator", "").await.text().await.unwrap();
    assert!(page.contains("<td>ada@contoso.com</td>") && page.contains("Federated"));
    let state: Value = open(&bench, "/simulator/state", "").await.json().await.unwrap();
    assert_eq!(state["users"].as_array().unwrap().len(), 3);
    let log: Value = open(&bench, "/simulator/requests", "").await.json().await.unwrap();
    assert!(log.as_array().unwrap().iter().any(|line| line["path"] == "/v1.0/users"));
}
