//! WS-Trust over HTTP: what is read, the switch, and MSAL for Python as a rich client that is not ours.

use std::{
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use app::{Clock as _, SystemClock};
use reqwest::{Client, Response, header};
use secrecy::ExposeSecret as _;
use store::{federated_domains, issued_tokens};

use crate::support::World;

pub(crate) const TRUST: &str = "/d/contoso-com/adfs/services/trust";
pub(crate) const SOAP: &str = "application/soap+xml; charset=utf-8";

pub(crate) fn client() -> Client {
    Client::builder().build().unwrap()
}

impl World {
    /// The console switches WS-Trust on, as an admin does it.
    pub(crate) async fn permit(&self, people: &str, ecp: bool) {
        let admin = self.signed_in("olivia", "/admin").await;
        let page = admin.get("/admin/domains/contoso-com/protocols").await;
        let last = (self.house.now() + Duration::from_hours(24 * 30)).datetime();
        let mut typed = vec![
            ("people", people.to_owned()),
            ("networks", "127.0.0.0/8 ::1/128".to_owned()),
            ("until", last.format("%Y-%m-%d").to_string()),
            ("reason", "Windows sign-in of the laptops".to_owned()),
        ];
        typed.extend(ecp.then(|| ("ecp", "yes".to_owned())));
        let form = "/admin/domains/contoso-com/wstrust";
        let mut fields = page.form(form);
        fields.retain(|(name, _)| name != "ecp" && typed.iter().all(|(known, _)| known != name));
        fields.extend(typed.into_iter().map(|(name, value)| (name.to_owned(), value)));
        let done = admin.post(form, &fields).await;
        let on = "/admin/domains/contoso-com/protocols?done=wstrust-on";
        assert_eq!(done.location.as_deref(), Some(on), "{}", done.body);
    }

    async fn send(&self, path: &str, kind: &str, body: impl Into<reqwest::Body>) -> Response {
        client()
            .post(format!("{}{TRUST}{path}", self.door))
            .header(header::HOST, "idp.gatehouse.test")
            .header(header::CONTENT_TYPE, kind)
            .body(body)
            .send()
            .await
            .unwrap()
    }

    async fn mex(&self) -> Response {
        let address = format!("{}{TRUST}/mex", self.door);
        let asked = client().get(address).header(header::HOST, "idp.gatehouse.test");
        asked.send().await.unwrap()
    }

    async fn journaled(&self) -> i64 {
        self.store.read(issued_tokens::count).await.unwrap()
    }

    /// Microsoft's side learns the federation as it is planned now.
    pub(crate) async fn federate(&self) {
        self.federate_domain("contoso.com").await;
    }

    /// The same for a domain of one's choice.
    pub(crate) async fn federate_domain(&self, name: &str) {
        let slug = name.replace('.', "-");
        let found = self.store.read(move |tx| federated_domains::by_slug(tx, &slug)).await;
        let (_, plan) = self.house.federation_plan(found.unwrap().unwrap().id).await.unwrap();
        let planned = plan.configuration();
        let text = |value: &Option<String>| match value {
            Some(value) => format!("\"{value}\""),
            None => "null".to_owned(),
        };
        let body = format!(
            "{{\"displayName\":\"Contoso\",\"issuerUri\":\"{}\",\"passiveSignInUri\":\"{}\",\
             \"signOutUri\":\"{}\",\"activeSignInUri\":{},\"metadataExchangeUri\":{},\
             \"signingCertificate\":\"{}\",\"preferredAuthenticationProtocol\":\"wsFed\",\
             \"federatedIdpMfaBehavior\":\"acceptIfMfaDoneByFederatedIdp\"}}",
            planned.issuer_uri,
            planned.passive_sign_in_uri,
            planned.sign_out_uri,
            text(&planned.active_sign_in_uri),
            text(&planned.metadata_exchange_uri),
            planned.signing_certificate,
        );
        let path = format!("/v1.0/domains/{name}/federationConfiguration");
        let asked = client()
            .post(format!("{}{path}", self.simulator.url()))
            .bearer_auth(simulator::sample::ADMIN_TOKEN)
            .header(header::CONTENT_TYPE, "application/json")
            .body(body);
        assert_eq!(asked.send().await.unwrap().status(), 201);
    }

    /// What MSAL says, as one line of JSON.
    async fn msal(&self, way: &str, name: &str, password: &str) -> String {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let python = root.join("../../target/tools/msal/bin/python");
        assert!(python.exists(), "scripts/test makes {}", python.display());
        let mut command = Command::new(python);
        command.arg(root.join("tests/msal/ropc.py"));
        command.args([&self.door, &self.simulator.url(), way, name]);
        let password = password.to_owned();
        let run = tokio::task::spawn_blocking(move || {
            let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped());
            let mut child = piped.stderr(Stdio::piped()).spawn().unwrap();
            child.stdin.take().unwrap().write_all(password.as_bytes()).unwrap();
            child.wait_with_output().unwrap()
        });
        let output = run.await.unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{errors}");
        String::from_utf8(output.stdout).unwrap()
    }
}

/// R121
#[tokio::test(flavor = "multi_thread")]
async fn only_soap_is_read_and_only_a_little_of_it() {
    let world = World::behind_https(SystemClock.now()).await;
    for path in ["/13/usernamemixed", "/2005/usernamemixed"] {
        assert_eq!(world.send(path, SOAP, "x").await.status(), 404, "it is off");
    }
    assert_eq!(world.mex().await.status(), 404);
    world.permit("alice@contoso.com", false).await;
    for (kind, body, status) in [
        (SOAP, "x".to_owned(), 400),
        (SOAP, String::new(), 400),
        ("text/xml", "<a/>".to_owned(), 415),
        ("application/x-www-form-urlencoded", "a=b".to_owned(), 415),
        (SOAP, format!("<a>{}</a>", "x".repeat(33 * 1024)), 400),
        (SOAP, "x".repeat(65 * 1024), 413),
        (SOAP, "<a/>".to_owned(), 500),
    ] {
        let answer = world.send("/13/usernamemixed", kind, body).await;
        assert_eq!(answer.status(), status, "{kind}");
        assert!(answer.headers().get(header::SET_COOKIE).is_none());
        assert!(answer.headers().get(header::WWW_AUTHENTICATE).is_none());
    }
    let first = world.mex().await;
    assert_eq!(first.status(), 200);
    assert_eq!(first.headers()[header::CONTENT_TYPE], "text/xml; charset=utf-8");
    assert!(first.headers().get(header::SET_COOKIE).is_none());
    let first = first.text().await.unwrap();
    assert_eq!(first, world.mex().await.text().await.unwrap(), "R121");
    assert!(first.contains(&format!("https://idp.gatehouse.test{TRUST}/13/usernamemixed")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_console_shows_it_and_switches_it_off() {
    let world = World::behind_https(SystemClock.now()).await;
    let admin = world.signed_in("olivia", "/admin").await;
    let tab = "/admin/domains/contoso-com/protocols";
    let page = admin.get(tab).await;
    assert!(page.body.contains("WS-Trust is off for contoso.com."), "{}", page.body);
    let form = "/admin/domains/contoso-com/wstrust";
    let typed = [("people", "alice@contoso.com"), ("networks", "10.0.0.1/8")];
    let wrong = admin.fill(&page, form, &typed).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("10.0.0.1/8 is no network"), "{}", wrong.body);
    assert!(wrong.body.contains("value=\"alice@contoso.com\""), "what was typed stays");
    world.permit("alice@contoso.com", false).await;
    let page = admin.get(tab).await;
    for said in ["WS-Trust is on", "Windows sign-in of the laptops", "olivia@contoso.com on"] {
        assert!(page.body.contains(said), "{said}: {}", page.body);
    }
    assert_eq!(world.mex().await.status(), 200);
    let done = admin.fill(&page, "/admin/domains/contoso-com/wstrust/off", &[]).await;
    assert_eq!(
        done.location.as_deref(),
        Some("/admin/domains/contoso-com/protocols?done=wstrust-off")
    );
    assert_eq!(world.mex().await.status(), 404);
}

/// A client that is not ours goes all the way: realm discovery, description, request, exchange.
#[tokio::test(flavor = "multi_thread")]
async fn msal_gets_an_access_token_by_both_versions_and_reads_our_faults() {
    let world = World::behind_https(SystemClock.now()).await;
    world.permit("alice@contoso.com", false).await;
    world.federate().await;
    world.sync().await;
    let alice = world.account("alice").clone();
    let password = alice.password.expose_secret();
    for (way, path) in [("mex", "/13/usernamemixed"), ("active", "/2005/usernamemixed")] {
        let said = world.msal(way, &alice.upn, password).await;
        assert!(said.contains("\"token\": \"eyJ"), "{said}");
        assert!(said.contains("\"accounts\": [\"alice@contoso.com\"]"), "{said}");
        let asked = format!("https://idp.gatehouse.test{TRUST}{path}");
        assert!(said.contains(&asked), "{said}");
        assert_eq!(said.contains("/trust/mex"), way == "mex", "{said}");
    }
    assert_eq!(world.journaled().await, 2);
    for (way, name, password) in [
        ("mex", &alice.upn, "not her password"),
        ("active", &alice.upn, "not her password"),
        ("mex", &"nobody@contoso.com".to_owned(), "x"),
        ("mex", &world.account("erin").upn, world.account("erin").password.expose_secret()),
    ] {
        let said = world.msal(way, name, password).await;
        let clear = "RuntimeError: WsTrust server returned error in RSTR: \
                     {'reason': 'MSIS7068: Access denied.', 'code': 'a:FailedAuthentication'}";
        assert!(said.contains(clear), "{way} {name}: {said}");
    }
    assert_eq!(world.journaled().await, 2);
}
