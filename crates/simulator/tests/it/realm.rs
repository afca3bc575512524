//! Realm discovery.

use serde_json::{Value, json};

use crate::signer::Signer;
use crate::support::{Bench, answer};

async fn ask(bench: &Bench, path: &str) -> Value {
    answer(bench.http.get(format!("{}{path}", bench.simulator.url()))).await.1
}

#[tokio::test]
async fn discovery_tells_managed_federated_and_unknown_apart() {
    let bench = Bench::start().await;
    let path = "/common/userrealm/ada%40contoso.com?api-version=1.0";
    assert_eq!(ask(&bench, path).await["account_type"], "Managed");
    bench.federate("contoso.com", "https://idp.example.com/i", &Signer::new().certificate).await;
    let realm = ask(&bench, path).await;
    assert_eq!(realm["account_type"], "Federated");
    assert_eq!(realm["domain_name"], "contoso.com");
    assert_eq!(realm["federation_protocol"], "WSTrust");
    let unknown = "/common/userrealm/ada%40nowhere.example?api-version=1.0";
    assert_eq!(ask(&bench, unknown).await["account_type"], "Unknown");

    let second = ask(&bench, "/common/userrealm/ada%40contoso.com?api-version=2.0").await;
    let auth_url = "https://idp.example.com/d/7f3k/adfs/ls/?username=ada%40contoso.com&wa=wsignin1.0&wtrealm=urn%3afederation%3aMicrosoftOnline&wctx=";
    assert_eq!(second["AuthURL"], auth_url);
    assert_eq!(second["FederationBrandName"], "Gatehouse");
    let legacy = ask(&bench, "/getuserrealm.srf?login=ada%40contoso.com&json=1").await;
    assert_eq!((&legacy["State"], &legacy["NameSpaceType"]), (&3.into(), &"Federated".into()));
    let xml = ask(&bench, "/getuserrealm.srf?login=ada%40contoso.com&xml=1").await;
    let xml = xml.as_str().unwrap();
    assert!(xml.contains("<IsFederatedNS>true</IsFederatedNS>"), "{xml}");
    assert!(xml.contains("ada%40contoso.com&amp;wa=wsignin1.0"), "{xml}");
}

#[tokio::test]
async fn get_credential_type_points_to_the_identity_provider() {
    let bench = Bench::start().await;
    let address = format!("{}/common/GetCredentialType", bench.simulator.url());
    let ask = || bench.http.post(&address).json(&json!({"username": "ada@contoso.com"}));
    let (_, managed) = answer(ask()).await;
    assert_eq!(managed["EstsProperties"]["DomainType"], 3);
    assert_eq!(managed["IfExistsResult"], 1);
    bench.federate("contoso.com", "https://idp.example.com/i", &Signer::new().certificate).await;
    let (_, federated) = answer(ask()).await;
    assert_eq!(federated["EstsProperties"]["DomainType"], 4);
    assert_eq!(federated["Credentials"]["PrefCredential"], 4);
    assert_eq!(federated["IfExistsResult"], 0);
}
