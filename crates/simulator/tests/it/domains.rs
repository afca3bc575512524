//! Domains and their federation, with Microsoft's traps.

use serde_json::{Value, json};

use crate::signer::Signer;
use crate::support::{Bench, error, federation};

const CONFIGURATION: &str = "/domains/contoso.com/federationConfiguration";
const ISSUER: &str = "https://idp.example.com/d/7f3k/adfs/services/trust/";

#[tokio::test]
async fn the_organization_and_its_domains_are_readable() {
    let bench = Bench::start().await;
    let (_, body) = bench.get("/organization").await;
    assert_eq!(body["value"][0]["id"], simulator::sample::TENANT_ID);
    assert_eq!(body["value"][0]["verifiedDomains"].as_array().unwrap().len(), 2);
    let (_, body) = bench.get("/domains/contoso.com").await;
    assert_eq!(
        (&body["authenticationType"], &body["isVerified"]),
        (&"Managed".into(), &true.into())
    );
    assert_eq!(bench.get("/domains/fabrikam.com").await.0, 404);
}

#[tokio::test]
async fn creating_the_configuration_federates_the_domain_and_back() {
    let bench = Bench::start().await;
    let (status, body) = bench.get(CONFIGURATION).await;
    assert_eq!(status, 404);
    assert!(error(&body).1.contains("'federationConfiguration' does not exist"));
    let body = federation(ISSUER, &Signer::new().certificate);
    let (status, _) = bench.app("POST", CONFIGURATION, body.clone()).await;
    assert_eq!(status, 403, "the app holds no permission to write federation");

    let (status, made) = bench.admin("POST", CONFIGURATION, body.clone()).await;
    assert_eq!(status, 201);
    for (name, value) in body.as_object().unwrap() {
        assert_eq!(&made[name], value, "{name}");
    }
    assert_eq!(bench.get("/domains/contoso.com").await.1["authenticationType"], "Federated");
    let (_, listed) = bench.get(CONFIGURATION).await;
    assert_eq!(listed["value"], json!([made]));
    let (status, again) = bench.admin("POST", CONFIGURATION, body).await;
    assert_eq!(
        (status, error(&again).1),
        (400, "Domain already has Federation Configuration set.")
    );

    let managed = json!({"authenticationType": "Managed"});
    assert_eq!(bench.admin("PATCH", "/domains/contoso.com", managed).await.0, 204);
    assert_eq!(bench.get(CONFIGURATION).await.0, 404);
}

#[tokio::test]
async fn a_configuration_can_be_changed_and_deleted() {
    let bench = Bench::start().await;
    let made = bench.federate("contoso.com", ISSUER, &Signer::new().certificate).await;
    let path = format!("{CONFIGURATION}/{}", made["id"].as_str().unwrap());
    let change = json!({"displayName": "Gate", "metadataExchangeUri": null});
    assert_eq!(bench.admin("PATCH", &path, change).await.0, 204);
    assert_eq!(bench.get(&path).await.1["displayName"], "Gate");
    for change in [
        json!({"federatedIdpMfaBehavior": ""}),
        json!({"promptLoginBehavior": "sometimes"}),
        json!({"signingCertificate": "-----BEGIN CERTIFICATE-----"}),
        json!({"signingCertificate": null}),
        json!({"passiveSignInUri": "not a uri"}),
        json!({"favouriteColour": "red"}),
    ] {
        assert_eq!(bench.admin("PATCH", &path, change.clone()).await.0, 400, "{change}");
    }
    assert_eq!(bench.admin("DELETE", &path, Value::Null).await.0, 204);
    assert_eq!(bench.get("/domains/contoso.com").await.1["authenticationType"], "Managed");
}

#[tokio::test]
async fn only_verified_domains_that_are_not_default_and_own_issuers_federate() {
    let bench = Bench::start().await;
    let certificate = Signer::new().certificate;
    let body = federation(ISSUER, &certificate);
    let initial = "/domains/contoso.onmicrosoft.com/federationConfiguration";
    assert_eq!(bench.admin("POST", initial, body.clone()).await.0, 400);
    let added = bench.admin("POST", "/domains", json!({"id": "fabrikam.com"})).await;
    assert_eq!((added.0, &added.1["isVerified"]), (201, &false.into()));
    let other = "/domains/fabrikam.com/federationConfiguration";
    assert_eq!(bench.admin("POST", other, body.clone()).await.0, 400);
    assert_eq!(bench.admin("POST", "/domains/fabrikam.com/verify", Value::Null).await.0, 200);
    bench.federate("contoso.com", ISSUER, &certificate).await;
    let (status, answer) = bench.admin("POST", other, body).await;
    assert_eq!((status, error(&answer).0), (409, "Request_MultipleObjectsWithSameKeyValue"));

    let default = json!({"isDefault": true});
    assert_eq!(bench.admin("PATCH", "/domains/contoso.com", default.clone()).await.0, 400);
    assert_eq!(bench.admin("PATCH", "/domains/fabrikam.com", default).await.0, 204);
    let body = federation("https://idp.example.com/other", &certificate);
    assert_eq!(bench.admin("POST", other, body).await.0, 400);
    let federated = json!({"authenticationType": "Federated"});
    let (status, answer) = bench.admin("PATCH", "/domains/fabrikam.com", federated).await;
    assert_eq!(status, 400);
    assert!(error(&answer).1.contains("currently not supported"));
}

#[tokio::test]
async fn without_a_certificate_the_domain_is_federated_and_broken_until_it_is_managed() {
    let bench = Bench::start().await;
    let mut body = federation(ISSUER, "");
    body.as_object_mut().unwrap().remove("signingCertificate");
    assert_eq!(bench.admin("POST", CONFIGURATION, body).await.0, 500);
    assert_eq!(bench.get("/domains/contoso.com").await.1["authenticationType"], "Federated");
    assert_eq!(bench.get(CONFIGURATION).await.0, 500);
    let managed = json!({"authenticationType": "Managed"});
    assert_eq!(bench.admin("PATCH", "/domains/contoso.com", managed).await.0, 204);
    bench.federate("contoso.com", ISSUER, &Signer::new().certificate).await;
}
