//! What Gatehouse's own writer makes (its golden files, read as bytes, no code of it), judged here:
//! each is taken, and none of them with a byte changed.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use simulator::sample::PUBLIC_CLIENT_ID;

use crate::refusals::{context, post};
use crate::support::{Bench, START, answer};

const CERTIFICATE: &str = include_str!("../../../federation/tests/data/test-certificate.pem");
const ISSUER: &str = "https://sts.contoso.com/d/contoso-com/adfs/services/trust/";
const ADA: &str = "7BVXb2y0RkmXv3pQ9sYq1w==";
/// The request that the recorded answers are for, and where they go.
const REQUEST: (&str, &str) =
    ("_1e089e5c-a976-4881-af74-3b92c89e7e2c", "https://login.microsoftonline.com/login.srf");

fn golden(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../federation/tests/golden");
    std::fs::read_to_string(folder.join(name)).unwrap().trim_end().to_owned()
}

/// Ada's domain by this protocol, a second after the golden files were made.
async fn stage(protocol: &str) -> Bench {
    let certificate: String = CERTIFICATE.lines().filter(|line| !line.starts_with('-')).collect();
    let made = chrono::DateTime::parse_from_rfc3339("2026-11-25T09:00:00.041Z").unwrap();
    let mut bench = Bench::start().await;
    let held = bench.federate("contoso.com", ISSUER, &certificate).await;
    let path =
        format!("/domains/contoso.com/federationConfiguration/{}", held["id"].as_str().unwrap());
    let wanted = json!({"preferredAuthenticationProtocol": protocol});
    assert_eq!(bench.admin("PATCH", &path, wanted).await.0, 204);
    bench.create("ada@contoso.com", Some(ADA)).await;
    bench.advance((made.timestamp_micros() - START) / 1_000_000 + 1);
    bench.renew().await;
    bench
}

/// What is wrong with a document afterwards: something that it says, and its signature.
fn damaged(xml: &str, said: (&str, &str)) -> [String; 2] {
    let (before, signature) = xml.rsplit_once("<ds:SignatureValue>").unwrap();
    let flipped = if signature.starts_with('A') { "B" } else { "A" };
    let broken = format!("{before}<ds:SignatureValue>{flipped}{}", &signature[1..]);
    let other = xml.replace(said.0, said.1);
    assert!(other != xml && broken != xml);
    [other, broken]
}

async fn send(bench: &Bench, name: &str, xml: &str, state: &str) -> (u16, String) {
    let form = [(name, STANDARD.encode(xml)), ("RelayState", state.to_owned())];
    let address = format!("{}/login.srf", bench.simulator.url());
    let response = bench.http.post(address).form(&form).send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

#[tokio::test]
async fn the_golden_response_of_ws_federation_signs_in() {
    let (bench, xml) = (stage("wsFed").await, golden("response-mfa.xml"));
    let context = context(&bench).await;
    for damaged in damaged(&xml, ("Ada.O'Hara@", "Eve.O'Hara@")) {
        let page = post(&bench, &damaged, &context).await.text().await.unwrap();
        assert!(page.contains("AADSTS50006"), "{page}");
    }
    assert_eq!(post(&bench, &xml, &context).await.status(), 303);
}

#[tokio::test]
async fn the_golden_responses_of_saml_2_0_sign_in_and_the_golden_sign_out_ends_it() {
    for name in
        ["saml2-response-mfa.xml", "saml2-response-password.xml", "saml2-response-both-signed.xml"]
    {
        let (bench, xml) = (stage("saml").await, golden(name));
        bench.simulator.expect_answer("state", "ada@contoso.com", REQUEST);
        for damaged in damaged(&xml, ("Ada.O'Hara@", "Eve.O'Hara@")) {
            let (status, page) = send(&bench, "SAMLResponse", &damaged, "state").await;
            assert!(status == 400 && page.contains("AADSTS50006"), "{name}: {page}");
        }
        let taken = send(&bench, "SAMLResponse", &xml, "state").await;
        assert_eq!(taken.0, 303, "{name}: {}", taken.1);

        let out = golden("saml2-logout-request.xml");
        for damaged in damaged(&out, (">_6761", ">_6762")) {
            let (status, page) = send(&bench, "SAMLRequest", &damaged, "").await;
            assert!(status == 400 && page.contains("AADSTS50006"), "{page}");
        }
        let (status, page) = send(&bench, "SAMLRequest", &out, "").await;
        assert!(status == 200 && page.contains("SAMLResponse"), "{page}");
    }
    let bench = stage("saml").await;
    bench.simulator.expect_answer("state", "ada@contoso.com", REQUEST);
    let no = golden("saml2-response-no-passive.xml");
    let (status, page) = send(&bench, "SAMLResponse", &no, "state").await;
    assert!(status == 400 && page.contains("AADSTS500082"), "{page}");
    let out = golden("saml2-logout-response.xml");
    for damaged in damaged(&out, ("status:PartialLogout", "status:PartialLogou")) {
        let (status, page) = send(&bench, "SAMLResponse", &damaged, "").await;
        assert!(status == 400 && page.contains("AADSTS50006"), "{page}");
    }
    let (status, page) = send(&bench, "SAMLResponse", &out, "").await;
    assert_eq!(status, 200, "{page}");
    let wrapped = golden("saml2-ecp-answer.xml");
    assert!(wrapped.contains(&golden("saml2-response-password.xml")), "what was judged above");
}

#[tokio::test]
async fn the_golden_tokens_are_exchanged_or_are_for_somebody_else() {
    let exchange = async |bench: &Bench, xml: &str| -> (u16, Value) {
        let form = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:saml1_1-bearer"),
            ("client_id", PUBLIC_CLIENT_ID),
            ("scope", "https://graph.microsoft.com/User.Read"),
            ("assertion", &STANDARD.encode(xml)),
        ];
        let address = format!("{}/organizations/oauth2/v2.0/token", bench.simulator.url());
        answer(bench.http.post(address).form(&form)).await
    };
    for (name, code) in [
        ("token-mfa.xml", 0),
        ("token-password.xml", 0),
        ("token-every-claim.xml", 0),
        ("token-party.xml", 50008),
        ("wstrust-response-13.xml", 0),
        ("wstrust-response-2005.xml", 0),
    ] {
        let (bench, xml) = (stage("wsFed").await, golden(name));
        let (_, rest) = xml.split_once("<saml:Assertion ").unwrap();
        let (inside, _) = rest.split_once("</saml:Assertion>").unwrap();
        let token = format!("<saml:Assertion {inside}</saml:Assertion>");
        for damaged in damaged(&token, ("Ada.O'Hara@", "Eve.O'Hara@")) {
            let (_, body) = exchange(&bench, &damaged).await;
            assert_eq!(body["error_codes"], json!([50006]), "{name}: {body}");
        }
        let (status, body) = exchange(&bench, &token).await;
        assert_eq!(status == 200, code == 0, "{name}: {body}");
        assert!(code == 0 || body["error_codes"] == json!([code]), "{name}: {body}");
    }
}
