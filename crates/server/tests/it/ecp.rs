//! SAML 2.0 without a browser over HTTP: what goes in and out, and pysaml2 as a client that is not
//! ours.

use std::{
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use app::{Clock as _, SystemClock};
use reqwest::{Response, header};
use secrecy::ExposeSecret as _;
use serde_json::Value;

use crate::{support::World, wstrust::client};

const ECP: &str = "/d/contoso-com/saml/ecp";
const HOST: &str = "idp.gatehouse.test";

impl World {
    async fn ecp(&self, kind: &str, name: &str, password: &str, body: &str) -> Response {
        let asked = client()
            .post(format!("{}{ECP}", self.door))
            .header(header::HOST, HOST)
            .header(header::CONTENT_TYPE, kind)
            .body(body.to_owned());
        let asked = if name.is_empty() { asked } else { asked.basic_auth(name, Some(password)) };
        asked.send().await.unwrap()
    }

    /// What pysaml2 makes of it.
    async fn pysaml2_ecp(&self, name: &str, password: &str) -> Value {
        let metadata = client()
            .get(format!("{}/d/contoso-com/saml/metadata", self.door))
            .header(header::HOST, HOST);
        let metadata = metadata.send().await.unwrap().text().await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("idp.xml");
        std::fs::write(&file, metadata).unwrap();
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut command = Command::new(root.join("../../target/tools/python/bin/python"));
        command.arg(root.join("tests/sp/pysaml2_ecp.py"));
        command.args([format!("{}{ECP}", self.door), HOST.to_owned()]);
        command.arg(format!("{}/login.srf", self.simulator.url())).arg(file).arg(name);
        let password = password.to_owned();
        let run = tokio::task::spawn_blocking(move || {
            let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped());
            let mut child = piped.spawn().expect("scripts/test puts pysaml2 into target/tools");
            child.stdin.take().unwrap().write_all(password.as_bytes()).unwrap();
            child.wait_with_output().unwrap()
        });
        serde_json::from_slice(&run.await.unwrap().stdout).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pysaml2_gets_a_token_for_whoever_the_exception_names() {
    let world = World::behind_https(SystemClock.now()).await;
    world.permit("alice@contoso.com", true).await;
    let alice = world.account("alice").clone();
    let said = world.pysaml2_ecp(&alice.upn, alice.password.expose_secret()).await;
    assert_eq!(said["name_id"], alice.immutable_id.as_str(), "{said}");
    assert_eq!(
        said["contexts"][0],
        "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
    );
    let erin = world.account("erin").clone();
    for (name, password) in [
        (&alice.upn, "not her password"),
        (&erin.upn, erin.password.expose_secret()),
        (&"nobody@contoso.com".to_owned(), "x"),
    ] {
        let said = world.pysaml2_ecp(name, password).await;
        assert_eq!(said["error"], "SAMLError: Request to IdP failed (401): ", "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_tick_there_is_nothing_and_what_is_no_message_gets_a_fault() {
    let world = World::behind_https(SystemClock.now()).await;
    let alice = world.account("alice").clone();
    let password = alice.password.expose_secret();
    world.permit("alice@contoso.com", false).await;
    assert_eq!(world.ecp("text/xml", &alice.upn, password, "<a/>").await.status(), 404);
    world.permit("alice@contoso.com", true).await;
    let nobody = world.ecp("text/xml", "", "", "<a/>").await;
    assert_eq!(nobody.status(), 401);
    let asks = nobody.headers()[header::WWW_AUTHENTICATE].to_str().unwrap();
    assert_eq!(asks, "Basic realm=\"Gatehouse\", charset=\"UTF-8\"");
    let broken = ["<a/>", "x", "<!DOCTYPE a []><a/>"].map(|body| ("text/xml", body));
    for (kind, body) in broken.into_iter().chain([("application/xml", "<a/>")]) {
        let answer = world.ecp(kind, &alice.upn, password, body).await;
        assert_eq!(answer.status(), 500, "{body}");
        assert!(answer.headers().get(header::SET_COOKIE).is_none());
        assert_eq!(answer.headers()[header::CONTENT_TYPE], "text/xml; charset=utf-8");
        let text = answer.text().await.unwrap();
        assert!(text.contains("<faultcode>S:Client</faultcode>"), "{text}");
        assert!(text.contains("the SAML message can"), "{text}");
    }
}

/// The help desk reads why, whoever the mail server said that it came for.
#[tokio::test(flavor = "multi_thread")]
async fn the_console_says_why_a_program_keeps_asking_and_where_it_is_mended() {
    let world = World::behind_https(SystemClock.now()).await;
    world.permit("alice@contoso.com", true).await;
    let now = SystemClock.now().to_xml();
    for number in 0..2 {
        let body = format!(
            "<S:Envelope xmlns:S='http://schemas.xmlsoap.org/soap/envelope/'><S:Body><samlp:AuthnRequest xmlns:samlp='urn:oasis:names:tc:SAML:2.0:protocol' ID='_{number}' Version='2.0' IssueInstant='{now}'><Issuer xmlns='urn:oasis:names:tc:SAML:2.0:assertion'>urn:federation:MicrosoftOnline</Issuer></samlp:AuthnRequest></S:Body></S:Envelope>"
        );
        let asked = client()
            .post(format!("{}{ECP}", world.door))
            .header(header::HOST, HOST)
            .header(header::CONTENT_TYPE, "text/xml")
            .header("x-ms-client-application", "Microsoft.Exchange.ActiveSync")
            .header("x-ms-client-user-agent", "Apple-iPhone12C1/1805.84<script>")
            .basic_auth("alice@contoso.com", Some("old"))
            .body(body);
        assert_eq!(asked.send().await.unwrap().status(), 401);
    }
    let admin = world.signed_in("olivia", "/admin").await;
    let user = world.store.read(|tx| store::users::by_upn(tx, "alice@contoso.com")).await.unwrap();
    let hers = format!("/admin/users/{}", user.unwrap().id);
    for page in ["/admin/old-clients", "/admin/old-clients?days=30", &hers] {
        let page = admin.get(page).await;
        assert_eq!(page.status, 200);
        for said in [
            "Mail on an iPhone, through Exchange Online",
            "The password is wrong.",
            "Refused 2 times by SAML ECP",
            "HTTP 401",
            "Apple-iPhone12C1/1805.84&lt;script&gt;",
        ] {
            assert!(page.body.contains(said), "{said}: {}", page.body);
        }
    }
    let page = admin.get("/admin/old-clients").await;
    assert!(page.body.contains(&format!("href=\"{hers}\"")), "it leads to her page");
    assert!(page.body.contains("1 program was refused in the last 7 days."));
    assert!(page.body.contains("by WS-Trust and SAML ECP"));
}
