//! A simulator on a free port with a clock that tests move, and a client for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};
use simulator::sample::{ADMIN_TOKEN, CLIENT_ID, CLIENT_SECRET, TENANT_ID};
use simulator::{Settings, Simulator};

/// 2026-11-22T09:01:00Z, a minute into the life of the recorded token.
pub(crate) const START: i64 = 1_795_338_060_000_000;

pub(crate) struct Bench {
    pub(crate) simulator: Simulator,
    pub(crate) http: Client,
    clock: Arc<AtomicI64>,
    token: String,
}

pub(crate) fn client() -> Client {
    Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .tls_certs_only([])
        .build()
        .unwrap()
}

pub(crate) fn settings(clock: &Arc<AtomicI64>) -> Settings {
    let clock = clock.clone();
    Settings {
        now: Arc::new(move || clock.load(Ordering::SeqCst)),
        ..Settings::contoso("127.0.0.1:0".parse().unwrap())
    }
}

impl Bench {
    pub(crate) async fn start() -> Self {
        let clock = Arc::new(AtomicI64::new(START));
        Self::with(settings(&clock), clock).await
    }

    pub(crate) async fn with(settings: Settings, clock: Arc<AtomicI64>) -> Self {
        let simulator = Simulator::start(settings).await.unwrap();
        let mut bench = Self { simulator, http: client(), clock, token: String::new() };
        bench.renew().await;
        bench
    }

    /// Takes a new access token.
    pub(crate) async fn renew(&mut self) {
        let body = self.token_request(TENANT_ID, &[]).await.json::<Value>().await.unwrap();
        body["access_token"].as_str().unwrap().clone_into(&mut self.token);
    }

    /// Asks for a token; `changes` replace fields of a good request, empty values drop them.
    pub(crate) async fn token_request(&self, tenant: &str, changes: &[(&str, &str)]) -> Response {
        let mut form = vec![
            ("grant_type", "client_credentials"),
            ("client_id", CLIENT_ID),
            ("client_secret", CLIENT_SECRET),
            ("scope", "https://graph.microsoft.com/.default"),
        ];
        form.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
        form.extend(changes.iter().filter(|(_, value)| !value.is_empty()));
        let address = format!("{}/{tenant}/oauth2/v2.0/token", self.simulator.url());
        self.http.post(address).form(&form).send().await.unwrap()
    }

    pub(crate) fn now(&self) -> i64 {
        self.clock.load(Ordering::SeqCst)
    }

    pub(crate) fn advance(&self, seconds: i64) {
        self.clock.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let address = format!("{}/v1.0{path}", self.simulator.url());
        self.http.request(Method::from_bytes(method.as_bytes()).unwrap(), address)
    }

    /// A call of the app: status and body.
    pub(crate) async fn app(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        answer(with(self.request(method, path).bearer_auth(&self.token), &body)).await
    }

    /// A call of the administrator: status and body.
    pub(crate) async fn admin(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        answer(with(self.request(method, path).bearer_auth(ADMIN_TOKEN), &body)).await
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        self.app("GET", path, Value::Null).await
    }

    pub(crate) async fn create(&self, upn: &str, immutable_id: Option<&str>) -> String {
        let (status, body) = self.app("POST", "/users", person(upn, immutable_id)).await;
        assert_eq!(status, 201, "{body}");
        body["id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn federate(&self, domain: &str, issuer: &str, certificate: &str) -> Value {
        let path = format!("/domains/{domain}/federationConfiguration");
        let (status, body) = self.admin("POST", &path, federation(issuer, certificate)).await;
        assert_eq!(status, 201, "{body}");
        body
    }
}

fn with(request: RequestBuilder, body: &Value) -> RequestBuilder {
    if body.is_null() { request } else { request.json(body) }
}

pub(crate) async fn answer(request: RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

pub(crate) fn person(upn: &str, immutable_id: Option<&str>) -> Value {
    let nickname = upn.split('@').next().unwrap().to_owned();
    let mut person = json!({
        "accountEnabled": true, "displayName": "Ada Lovelace", "mailNickname": nickname,
        "userPrincipalName": upn, "givenName": "Ada", "surname": "Lovelace",
        "usageLocation": "GB",
        "passwordProfile": {
            "forceChangePasswordNextSignIn": false, "password": "xWwvJ]6NMw+bWH-d-never-used",
        },
    });
    if let Some(immutable_id) = immutable_id {
        person["onPremisesImmutableId"] = immutable_id.into();
    }
    person
}

pub(crate) fn federation(issuer: &str, certificate: &str) -> Value {
    json!({
        "@odata.type": "#microsoft.graph.internalDomainFederation",
        "displayName": "Gatehouse", "issuerUri": issuer,
        "passiveSignInUri": "https://idp.example.com/d/7f3k/adfs/ls/",
        "signOutUri": "https://idp.example.com/d/7f3k/adfs/ls/",
        "signingCertificate": certificate, "preferredAuthenticationProtocol": "wsFed",
        "federatedIdpMfaBehavior": "acceptIfMfaDoneByFederatedIdp",
        "isSignedAuthenticationRequestRequired": false, "promptLoginBehavior": "nativeSupport",
    })
}

/// The stable parts of a Graph error.
pub(crate) fn error(body: &Value) -> (&str, &str) {
    (body["error"]["code"].as_str().unwrap(), body["error"]["message"].as_str().unwrap())
}
