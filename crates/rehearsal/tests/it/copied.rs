//! A copy of a tenant: what is rehearsed is what is there, and nothing of it is written.

use std::sync::Arc;

use app::{
    House, Mode, SystemClock, SystemRandom, office365::NewConnection, sample::Sample, testing,
};
use model::{
    Actor,
    ids::FederatedDomainId,
    plan::Scope,
    rehearsal::{Rehearsal, Step},
    relying_party::{Cloud, CloudHosts},
};
use rehearsal::{Audience, Source, rehearse};
use serde_json::{Value, json};
use simulator::{Fault, FederationConfiguration, Simulator, Trouble, sample};

use crate::{broken::only_this_failed, sample::of};

/// Nobody watches.
struct Nobody;

impl Audience for Nobody {}

/// A house with a domain that is planned, and the tenant of it: the simulator in the part of the real one.
pub(crate) struct Real {
    pub(crate) house: House,
    pub(crate) sample: Sample,
    pub(crate) id: FederatedDomainId,
    tenant: Simulator,
}

impl Real {
    pub(crate) async fn new() -> Self {
        let address = "127.0.0.1:0".parse().unwrap();
        let tenant = Simulator::start(simulator::Settings::contoso(address)).await.unwrap();
        let hosts = CloudHosts { login: tenant.url(), graph: tenant.url() };
        let settings = testing::settings(Mode::Demo, "https://sign-in.contoso.com");
        let (clock, random) = (Arc::new(SystemClock), Arc::new(SystemRandom));
        let store = store::testing::sqlite();
        let house = House::with_store(settings, store, clock, random).await.unwrap();
        let connection = NewConnection {
            alias: "Contoso".to_owned(),
            tenant_id: sample::TENANT_ID.to_owned(),
            client_id: sample::CLIENT_ID.to_owned(),
            client_secret: sample::CLIENT_SECRET.to_owned().into(),
            secret_ends: String::new(),
            cloud: Cloud::Simulator,
            simulator: Some(hosts),
        };
        let sample = testing::fill(&house, connection).await.unwrap();
        let id = house.addresses("contoso.com").await.unwrap().domain_id;
        Self { house, sample, id, tenant }
    }

    async fn sync(&self) {
        let tenant = self.house.tenant_ids().await.unwrap()[0];
        self.house.sync(tenant, Scope::Everyone, Actor::Operator).await.unwrap();
        while self.house.drain_outbox(app::sync::Lane::Rest).await.unwrap() {}
    }

    async fn state(&self) -> Value {
        let address = format!("{}/simulator/state", self.tenant.url());
        reqwest::get(address).await.unwrap().json().await.unwrap()
    }

    async fn rehearse(&self) -> Rehearsal {
        let (house, domain) = (self.house.clone(), "contoso.com".to_owned());
        rehearse(Source::House { house, id: self.id, domain }, &mut Nobody).await
    }
}

/// Y07, Y22
#[tokio::test(flavor = "multi_thread")]
async fn a_copied_tenant_goes_there_and_back_and_the_tenant_itself_is_only_read() {
    let real = Real::new().await;
    real.sync().await;
    let (before, sent) = (real.state().await, real.tenant.tenant().requests.len());
    let rehearsal = real.rehearse().await;
    assert!(rehearsal.passed(), "{rehearsal:#?}");
    assert_eq!(real.state().await, before, "the tenant is as it was");
    let requests = &real.tenant.tenant().requests[sent..];
    assert!(requests.iter().any(|it| it.path == "/v1.0/users"), "it was read");
    for request in requests {
        let is_token = request.path.ends_with("/oauth2/v2.0/token");
        assert!(request.method == "GET" || is_token, "{request:?}");
    }
    let copied = of(&rehearsal, Step::Copy).evidence.join("\n");
    assert!(copied.contains("2 domains, 11 accounts, 2 products."), "{copied}");
    assert!(copied.contains("alice@contoso.com, carol@contoso.com"), "{copied}");
    assert!(!copied.contains("bob@contoso.com"), "nobody assigned him: {copied}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_federation_from_before_is_given_back_property_by_property() {
    let real = Real::new().await;
    let certificate = real.house.active_certificate().await.unwrap();
    real.tenant.change_domain("contoso.com", |domain| {
        domain.federation = Some(FederationConfiguration {
            id: "5d5e0b86-93f5-4a0a-a5a0-3f1f0a7c5b11".to_owned(),
            display_name: Some("Old".to_owned()),
            issuer_uri: "http://sts.contoso.com/adfs/services/trust".to_owned(),
            passive_sign_in_uri: Some("https://sts.contoso.com/adfs/ls/".to_owned()),
            active_sign_in_uri: Some(
                "https://sts.contoso.com/adfs/services/trust/2005/usernamemixed".to_owned(),
            ),
            preferred_authentication_protocol: Some("wsFed".to_owned()),
            signing_certificate: Some(encoded(&certificate)),
            ..FederationConfiguration::default()
        });
    });
    let rehearsal = real.rehearse().await;
    assert!(rehearsal.passed(), "{rehearsal:#?}");
    let copied = of(&rehearsal, Step::Copy).evidence.join("\n");
    assert!(copied.contains("contoso.com is federated there."), "{copied}");
    let back = of(&rehearsal, Step::Revert).evidence.join("\n");
    assert!(back.contains("The federation from before is back"), "{back}");
    let once = "Never set before, and Microsoft unsets it no more: federatedIdpMfaBehavior";
    assert!(back.contains(once), "{back}");
}

/// What would fail at the tenant fails at the copy.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_somebody_elses_is_found_out_before_anything_is_touched() {
    let real = Real::new().await;
    let properties = json!({
        "userPrincipalName": "alice@contoso.com",
        "displayName": "Another Alice",
        "mailNickname": "alice",
        "onPremisesImmutableId": "c29tZWJvZHkgZWxzZQ==",
        "onPremisesSyncEnabled": true,
    });
    real.tenant.add_user(properties.as_object().unwrap().clone());
    let rehearsal = real.rehearse().await;
    only_this_failed(&rehearsal, Step::Sync);
    let seen = of(&rehearsal, Step::Sync).evidence.join("\n");
    assert!(seen.contains("alice@contoso.com has another immutable id there."), "{seen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_that_can_not_be_read_fails_the_copy() {
    let real = Real::new().await;
    real.tenant.faults().inject(Fault {
        trouble: Trouble::Forbidden,
        times: 100,
        method: Some("GET".to_owned()),
        path: Some("/v1.0/domains".to_owned()),
        skip: 0,
    });
    let rehearsal = real.rehearse().await;
    only_this_failed(&rehearsal, Step::Copy);
    let seen = of(&rehearsal, Step::Copy).evidence.join("\n");
    assert!(seen.contains("Domain.Read.All"), "{seen}");
}

fn encoded(der: &[u8]) -> String {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    STANDARD.encode(der)
}
