//! A simulator with a client that is connected to it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use graph::{Clock, Graph, Random, RealTimer, Settings};
use model::{
    Ts,
    attribute::Attribute,
    entra::{EntraUser, NewEntraUser},
    relying_party::CloudHosts,
    tenant::AppCredential,
};
use secrecy::SecretString;
use simulator::{Simulator, sample};

pub(crate) struct World {
    pub(crate) simulator: Simulator,
    pub(crate) graph: Graph,
}

/// Counts, so that ids differ; its first bytes stay zero, so that waits are the shortest.
pub(crate) fn counting() -> Random {
    let next = AtomicU64::new(1);
    Arc::new(move || {
        let mut bytes = [0; 16];
        bytes[8..].copy_from_slice(&next.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        bytes
    })
}

/// The simulator's own clock.
pub(crate) fn clock() -> Clock {
    let theirs = simulator::Settings::contoso("127.0.0.1:0".parse().unwrap()).now;
    Arc::new(move || Ts(theirs()))
}

pub(crate) fn settings(url: &str) -> Settings {
    let url = url.to_owned();
    Settings {
        hosts: CloudHosts { login: url.clone(), graph: url },
        entra_tenant_id: sample::TENANT_ID.parse().unwrap(),
        client_id: sample::CLIENT_ID.parse().unwrap(),
        credential: AppCredential::Secret(sample::CLIENT_SECRET.into()),
        quota_percent: 80,
        timeout: Duration::from_secs(10),
        allow_http: true,
    }
}

pub(crate) fn connect(settings: Settings) -> Graph {
    Graph::new(settings, counting(), clock(), Arc::new(RealTimer)).unwrap()
}

pub(crate) fn password() -> SecretString {
    "Aa1!9f3c77e2b04d4c1b8f".into()
}

pub(crate) fn new_user(name: &str) -> NewEntraUser {
    NewEntraUser {
        upn: format!("{name}@contoso.com"),
        mail_nickname: name.to_owned(),
        immutable_id: format!("id+{name}/=="),
        usage_location: "DE".to_owned(),
        attributes: [
            (Attribute::DisplayName, format!("O'{name}")),
            (Attribute::GivenName, name.to_owned()),
            (Attribute::JobTitle, "Buyer".to_owned()),
        ]
        .into_iter()
        .collect(),
    }
}

impl World {
    pub(crate) async fn start() -> Self {
        let settings_there = simulator::Settings::contoso("127.0.0.1:0".parse().unwrap());
        let simulator = Simulator::start(settings_there).await.unwrap();
        let graph = connect(settings(&simulator.url()));
        Self { simulator, graph }
    }

    pub(crate) async fn create(&self, name: &str) -> EntraUser {
        self.graph.create_user(&new_user(name), password()).await.unwrap()
    }

    /// How many calls arrived whose path ends like this.
    pub(crate) fn calls(&self, method: &str, ending: &str) -> usize {
        let requests = self.simulator.tenant().requests;
        requests.iter().filter(|r| r.method == method && r.path.ends_with(ending)).count()
    }

    /// Does something to the tenant as its administrator, behind our back.
    pub(crate) async fn as_admin(&self, method: reqwest::Method, path: &str, body: &str) {
        let client = reqwest::Client::builder().tls_certs_only([]).build().unwrap();
        let request = client
            .request(method, format!("{}/v1.0/{path}", self.simulator.url()))
            .bearer_auth(sample::ADMIN_TOKEN)
            .header("content-type", "application/json")
            .body(body.to_owned());
        let response = request.send().await.unwrap();
        let (status, text) = (response.status(), response.text().await.unwrap());
        assert!(status.is_success(), "{status} {text}");
    }
}
