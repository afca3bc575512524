//! SAML 2.0 through HTTP: the simulator asks and judges, and what is refused leads nowhere.

use std::sync::atomic::{AtomicU32, Ordering};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use model::federated_domain::BrowserProtocol;
use store::{federated_domains, issued_tokens};

use crate::{
    browser::{Browser, Page},
    policy::{add, press},
    support::World,
};

const DOOR: &str = "/d/contoso-com/adfs/ls/";
const SLO: &str = "/d/contoso-com/saml/slo";
pub(crate) const ALICE: &str = "alice@contoso.com";

/// Federates the simulator's domain by SAML 2.0, with the very script that the console shows.
async fn federate(world: &World) {
    let id = world.house.addresses("contoso.com").await.unwrap().domain_id;
    world
        .store
        .write(move |tx| {
            let mut domain = federated_domains::by_id(tx, id)?.unwrap();
            domain.browser_protocol = BrowserProtocol::Saml2;
            federated_domains::update(tx, &domain)
        })
        .await
        .unwrap();
    let script = world.house.render_scripts(id).await.unwrap().federate_unasked().sh.clone();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("federate.sh");
    std::fs::write(&file, script).unwrap();
    let ran = std::process::Command::new("sh")
        .arg(&file)
        .current_dir(folder.path())
        .env("GRAPH_TOKEN", simulator::sample::ADMIN_TOKEN)
        .env("GRAPH_HOST", world.simulator.url())
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    world.drain().await;
    world.pass(std::time::Duration::from_secs(5));
}

fn encoded(fields: &[(String, String)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// What Outlook sends the browser to, by either way, and what comes of it here.
pub(crate) async fn ask(world: &World, browser: &Browser, binding: &str) -> Page {
    let outlook = Browser::new(&world.simulator.url());
    let fields =
        [("username".to_owned(), ALICE.to_owned()), ("binding".to_owned(), binding.to_owned())];
    let sent = outlook.post("/outlook", &fields).await;
    if binding == "redirect" {
        let location = sent.location.unwrap();
        return browser.come(location.strip_prefix(&world.url).unwrap()).await;
    }
    let form = sent.form(&format!("{}{DOOR}", world.url));
    let hop = browser.come_by_form(DOOR, &encoded(&form)).await;
    assert_eq!(hop.status, 303, "the post itself came without the session: {}", hop.body);
    browser.come(hop.location.as_deref().unwrap()).await
}

/// The fields that go back to Microsoft.
pub(crate) fn answer(world: &World, page: &Page) -> Vec<(String, String)> {
    assert_eq!(page.status, 200, "{}", page.body);
    page.form(&format!("{}/login.srf", world.simulator.url()))
}

fn xml(fields: &[(String, String)]) -> String {
    let (name, message) = &fields[0];
    assert!(name == "SAMLResponse" || name == "SAMLRequest", "{name}");
    String::from_utf8(STANDARD.decode(message).unwrap()).unwrap()
}

/// A mailbox that Alice opened by SAML 2.0, and the browser that she is signed in with here.
pub(crate) async fn mailbox(world: &World, browser: &Browser, binding: &str) -> Browser {
    let mut page = ask(world, browser, binding).await;
    if page.status == 303 {
        page = browser.get(page.location.as_deref().unwrap()).await;
        page = browser.fill(&page, "/sign-in/address", &[("address", ALICE)]).await;
        page = world.prove(browser, &page, "alice").await;
        page = browser.get(page.location.as_deref().unwrap()).await;
    }
    let outlook = Browser::new(&world.simulator.url());
    let judged = outlook.post("/login.srf", &answer(world, &page)).await;
    assert_eq!(judged.location.as_deref(), Some("/outlook/mailbox"), "{}", judged.body);
    let mail = outlook.get("/outlook/mailbox").await;
    assert!(mail.body.contains(&format!("id=\"upn\">{ALICE}<")), "{}", mail.body);
    assert!(mail.body.contains("id=\"mfa\">yes<"), "{}", mail.body);
    outlook
}

#[tokio::test(flavor = "multi_thread")]
async fn outlook_opens_by_form_and_by_redirect_and_the_simulator_believes_it() {
    let world = World::new().await;
    federate(&world).await;
    let browser = Browser::new(&world.url);
    mailbox(&world, &browser, "post").await;
    mailbox(&world, &browser, "redirect").await;
    mailbox(&world, &browser, "post").await;
    assert_eq!(world.store.read(issued_tokens::count).await.unwrap(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_simulator_refuses_a_changed_a_used_and_a_foreign_answer() {
    let world = World::new().await;
    federate(&world).await;
    let browser = world.signed_in("alice", "/portal").await;
    let outlook = Browser::new(&world.simulator.url());
    let fields = answer(&world, &ask(&world, &browser, "redirect").await);
    let good = xml(&fields);
    for (from, to, code) in [
        ("alice@contoso.com", "olivia@contoso.com", "AADSTS50006"),
        ("InResponseTo=\"_", "InResponseTo=\"_0", "AADSTS750054"),
        ("multipleauthn", "nothing", "AADSTS50006"),
        ("<saml:Issuer>", "<saml:Issuer> ", "AADSTS750054"),
    ] {
        let changed = good.replace(from, to);
        assert_ne!(changed, good, "{from}");
        let mut forged = fields.clone();
        forged[0].1 = STANDARD.encode(changed);
        let judged = outlook.post("/login.srf", &forged).await;
        assert!(judged.status == 400 && judged.body.contains(code), "{from}: {}", judged.body);
    }
    assert_eq!(outlook.post("/login.srf", &fields).await.status, 303);
    let again = outlook.post("/login.srf", &fields).await;
    assert!(again.body.contains("AADSTS50089"), "{}", again.body);
}

/// A request of our own making, as Entra would post it.
pub(crate) async fn request(
    browser: &Browser,
    world: &World,
    attributes: &str,
    inside: &str,
) -> Page {
    static SENT: AtomicU32 = AtomicU32::new(1);
    let number = SENT.fetch_add(1, Ordering::Relaxed);
    numbered(browser, world, number, attributes, inside).await
}

async fn numbered(
    browser: &Browser,
    world: &World,
    number: u32,
    attributes: &str,
    inside: &str,
) -> Page {
    let now = world.house.now().to_xml();
    let xml = format!(
        "<samlp:AuthnRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_r{number}\" \
         Version=\"2.0\" IssueInstant=\"{now}\"{attributes}>\
         <Issuer xmlns=\"urn:oasis:names:tc:SAML:2.0:assertion\">urn:federation:MicrosoftOnline\
         </Issuer>{inside}</samlp:AuthnRequest>"
    );
    post(browser, DOOR, "SAMLRequest", &xml, STATE).await
}

async fn post(browser: &Browser, door: &str, name: &str, xml: &str, state: &str) -> Page {
    let fields =
        [(name.to_owned(), STANDARD.encode(xml)), ("RelayState".to_owned(), state.to_owned())];
    let page = browser.come_by_form(door, &encoded(&fields)).await;
    match page.location.clone() {
        Some(location) if page.status == 303 => {
            browser.come(location.strip_prefix(&*own(browser)).unwrap_or(&location)).await
        }
        _ => page,
    }
}

fn own(browser: &Browser) -> String {
    browser.origin().to_owned()
}

const STATE: &str = "estsredirect=2&x=%41+\"<é>\" ";

/// R072, R090
#[tokio::test(flavor = "multi_thread")]
async fn the_relay_state_comes_back_byte_for_byte() {
    let world = World::new().await;
    let browser = world.signed_in("alice", "/portal").await;
    let fields = answer(&world, &request(&browser, &world, "", "").await);
    assert_eq!(fields[1], ("RelayState".to_owned(), STATE.to_owned()));
    let token = xml(&fields);
    assert!(token.contains("InResponseTo=\"_r") && token.contains("IDPEmail"));
}

/// What a request asks for that takes one way of signing in alone.
fn context(class: &str) -> String {
    format!(
        "<samlp:RequestedAuthnContext><a:AuthnContextClassRef \
         xmlns:a=\"urn:oasis:names:tc:SAML:2.0:assertion\">{class}\
         </a:AuthnContextClassRef></samlp:RequestedAuthnContext>"
    )
}

const MFA: &str = "http://schemas.microsoft.com/claims/multipleauthn";

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_done_is_said_in_a_signed_answer_and_nobody_sees_a_page() {
    let world = World::new().await;
    let stranger = Browser::new(&world.url);
    let alice = world.signed_in("alice", "/portal").await;
    let card = context("urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI");
    let transient = "<samlp:NameIDPolicy \
                     Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:transient\"/>";
    for (browser, attributes, inside, status) in [
        (&stranger, " IsPassive=\"true\"", "", "NoPassive"),
        (&alice, " IsPassive=\"true\" ForceAuthn=\"1\"", "", "NoPassive"),
        (&alice, "", &card, "NoAuthnContext"),
        (&alice, "", transient, "InvalidNameIDPolicy"),
    ] {
        let said = xml(&answer(&world, &request(browser, &world, attributes, inside).await));
        assert!(said.contains(&format!("status:{status}\"")), "{said}");
        assert!(said.contains("<ds:Signature") && !said.contains("Assertion"), "{said}");
    }
    let passive = xml(&answer(&world, &request(&alice, &world, " IsPassive=\"true\"", "").await));
    assert!(passive.contains("status:Success"), "somebody is signed in");
    let password = context("urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport");
    let exact = xml(&answer(&world, &request(&alice, &world, "", &password).await));
    assert!(exact.contains("PasswordProtectedTransport") && !exact.contains("multipleauthn"));
}

/// R094
#[tokio::test(flavor = "multi_thread")]
async fn whoever_came_in_with_a_password_alone_proves_the_factor_that_the_context_asks_for() {
    let world = World::new().await;
    let admin = world.signed_in("olivia", "/admin").await;
    add(&admin, &[("name", "Password is enough"), ("then", "when-asked")]).await;
    press(&admin, "/admin/policy/review", "/admin/policy/publish").await;
    let browser = world.browser();
    let page = browser.follow("/portal").await;
    let page = browser.fill(&page, "/sign-in/address", &[("address", ALICE)]).await;
    let password = world.account("alice").password().to_owned();
    let inside = browser.fill(&page, "/sign-in/password", &[("password", &password)]).await;
    assert_eq!(inside.location.as_deref(), Some("/portal"), "{}", inside.body);

    let plain = xml(&answer(&world, &request(&browser, &world, "", "").await));
    assert!(plain.contains("PasswordProtectedTransport") && !plain.contains(MFA), "{plain}");
    world.pass(std::time::Duration::from_mins(1));
    let asked = context(MFA);
    let silent = request(&browser, &world, " IsPassive=\"true\"", &asked).await;
    let said = xml(&answer(&world, &silent));
    assert!(said.contains("status:NoPassive") && !said.contains("Assertion"), "{said}");
    let page = request(&browser, &world, "", &asked).await;
    assert_eq!(page.status, 303, "a password is not what was asked for: {}", page.body);
    let before = world.house.now().to_xml();
    let page = browser.get(page.location.as_deref().unwrap()).await;
    let page = browser.fill(&page, "/sign-in/address", &[("address", ALICE)]).await;
    let page = world.prove(&browser, &page, "alice").await;
    let said = xml(&answer(&world, &browser.get(page.location.as_deref().unwrap()).await));
    assert!(said.contains(&format!("AuthnContextClassRef>{MFA}<")), "{said}");
    let instant = said.split("AuthnInstant=\"").nth(1).unwrap();
    assert!(instant[..24] >= before[..], "{instant}");
    let at_once = request(&browser, &world, "", &asked).await;
    assert!(xml(&answer(&world, &at_once)).contains(MFA), "and nobody is asked twice");
}

/// R096, R113
#[tokio::test(flavor = "multi_thread")]
async fn the_second_token_for_a_request_takes_a_sign_in_of_its_own() {
    let world = World::new().await;
    let browser = world.signed_in("alice", "/portal").await;
    let send = async |attributes| numbered(&browser, &world, 7_000, attributes, "").await;
    let count = async || world.store.read(issued_tokens::count).await.unwrap();
    assert!(xml(&answer(&world, &send("").await)).contains("status:Success"));
    let passive = xml(&answer(&world, &send(" IsPassive=\"true\"").await));
    assert!(passive.contains("status:NoPassive"), "{passive}");
    let page = send("").await;
    assert_eq!((page.status, count().await), (303, 1), "{}", page.body);
    world.pass(std::time::Duration::from_mins(1));
    let page = browser.get(page.location.as_deref().unwrap()).await;
    let page = browser.fill(&page, "/sign-in/address", &[("address", ALICE)]).await;
    let page = world.prove(&browser, &page, "alice").await;
    let page = browser.get(page.location.as_deref().unwrap()).await;
    assert!(xml(&answer(&world, &page)).contains("InResponseTo=\"_r7000\""));
    assert_eq!(count().await, 2);
    world.pass(std::time::Duration::from_mins(1));
    assert_eq!((send("").await.status, count().await), (303, 2));
}

/// R097
#[tokio::test(flavor = "multi_thread")]
async fn a_forced_sign_in_is_a_new_one() {
    let world = World::new().await;
    let browser = world.signed_in("alice", "/portal").await;
    let page = request(&browser, &world, " ForceAuthn=\"true\"", "").await;
    assert_eq!(page.status, 303, "{}", page.body);
    world.pass(std::time::Duration::from_mins(1));
    let page = browser.get(page.location.as_deref().unwrap()).await;
    let page = browser.fill(&page, "/sign-in/address", &[("address", ALICE)]).await;
    let before = world.house.now().to_xml();
    let page = world.prove(&browser, &page, "alice").await;
    let said = xml(&answer(&world, &browser.get(page.location.as_deref().unwrap()).await));
    let instant = said.split("AuthnInstant=\"").nth(1).unwrap();
    assert!(instant[..24] >= before[..], "{instant}");
    let alice = world.store.read(|tx| store::users::by_upn(tx, ALICE)).await.unwrap().unwrap().id;
    let tokens = world.store.read(move |tx| issued_tokens::of_user(tx, alice, 1)).await.unwrap();
    let asked = tokens[0].asked.as_ref().map(|asked| asked.words(tokens[0].protocol));
    assert_eq!(asked.as_deref(), Some("a new sign-in (ForceAuthn)"), "the journal keeps it");
}

/// R076
#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_not_microsofts_leads_nowhere() {
    let world = World::new().await;
    let browser = world.signed_in("alice", "/portal").await;
    let login = format!("{}/login.srf", world.simulator.url());
    let acs = |address: &str| format!(" AssertionConsumerServiceURL=\"{address}\"");
    for (attributes, code) in [
        (acs("https://evil.example/"), "GH-SAML-08"),
        (acs(&format!("{login}/")), "GH-SAML-08"),
        (acs(&format!("{login}?next=https://evil.example")), "GH-SAML-08"),
        (acs("javascript:alert(1)"), "GH-SAML-08"),
        (" AssertionConsumerServiceIndex=\"77\"".to_owned(), "GH-SAML-08"),
        (
            " ProtocolBinding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact\"".to_owned(),
            "GH-SAML-11",
        ),
        (" Destination=\"https://other.example/\"".to_owned(), "GH-SAML-06"),
    ] {
        let page = request(&browser, &world, &attributes, "").await;
        assert_eq!((page.status, page.location.as_deref()), (400, None), "{attributes}");
        assert!(page.body.contains(code), "{attributes}: {}", page.body);
        assert!(!page.body.contains("evil.example"));
    }
    let selected = request(&browser, &world, &acs(&login), "").await;
    assert!(xml(&answer(&world, &selected)).contains("status:Success"));
    for (message, code) in [("<a/>", "GH-SAML-03"), ("<!DOCTYPE a><a/>", "GH-SAML-03")] {
        let page = post(&browser, DOOR, "SAMLRequest", message, "").await;
        assert!(page.status == 400 && page.body.contains(code), "{}", page.body);
    }
    let page = browser.come_by_form(DOOR, "SAMLRequest=%%%").await;
    assert_eq!(page.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_assigned_gets_a_page_and_no_token() {
    let world = World::new().await;
    let browser = world.signed_in("olivia", "/portal").await;
    let page = request(&browser, &world, "", "").await;
    assert_eq!(page.status, 403, "{}", page.body);
    assert_eq!(world.store.read(issued_tokens::count).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_of_outlook_ends_the_session_here() {
    let world = World::new().await;
    federate(&world).await;
    let browser = Browser::new(&world.url);
    let outlook = mailbox(&world, &browser, "redirect").await;
    let away = outlook.get("/outlook/sign-out").await.location.unwrap();
    assert!(away.starts_with(&format!("{}{SLO}?SAMLRequest=", world.url)), "{away}");
    let page = browser.come(away.strip_prefix(&world.url).unwrap()).await;
    let said = answer(&world, &page);
    assert!(xml(&said).contains("LogoutResponse") && xml(&said).contains("status:Success"));
    assert_eq!(browser.cookie("gh_session"), None);
    assert_eq!(browser.get("/portal").await.status, 303);
    let back = outlook.post("/login.srf", &said).await;
    assert_eq!(back.text("h1"), "You signed out of your account");
}

/// Signs out on the portal; the page that sends the browser to Microsoft comes back.
async fn sign_out_here(world: &World, browser: &Browser) -> Vec<(String, String)> {
    let security = browser.get("/portal/security").await;
    assert!(security.body.contains("Opened: Microsoft 365"), "{}", security.body);
    let csrf = security.csrf();
    let page = browser.post("/sign-out", &[("csrf".to_owned(), csrf)]).await;
    let asked = answer(world, &page);
    assert!(xml(&asked).contains("LogoutRequest"), "{}", page.body);
    asked
}

fn is_over(done: &Page, told: &str) {
    assert_eq!((done.status, done.text("h1").as_str()), (200, "You are signed out"));
    assert!(done.body.contains("Microsoft 365") && done.body.contains(told), "{}", done.body);
}

/// F023
#[tokio::test(flavor = "multi_thread")]
async fn signing_out_here_ends_the_mailbox_and_says_how_it_went() {
    let world = World::new().await;
    federate(&world).await;
    let browser = Browser::new(&world.url);
    for (said, told) in [
        ("status:Success", "It signed you out, too."),
        ("status:Requester", "It could not sign you out: do it there."),
    ] {
        let outlook = mailbox(&world, &browser, "post").await;
        let asked = sign_out_here(&world, &browser).await;
        let ended = outlook.post("/login.srf", &asked).await;
        assert_eq!(outlook.get("/outlook/mailbox").await.status, 303, "the mailbox is closed");
        let mut form = ended.form(&format!("{}{SLO}", world.url));
        form[0].1 = STANDARD.encode(xml(&form).replace("status:Success", said));
        let hop = browser.come_by_form(SLO, &encoded(&form)).await;
        assert_eq!(hop.status, 303, "{}", hop.body);
        is_over(&browser.come(hop.location.as_deref().unwrap()).await, told);
    }

    mailbox(&world, &browser, "post").await;
    let asked = sign_out_here(&world, &browser).await;
    let handle = &asked.iter().find(|(name, _)| name == "RelayState").unwrap().1;
    let done = browser.get(&format!("/sign-out/next?request={handle}")).await;
    is_over(&done, "It did not answer: sign out there.");
}

/// R114
#[tokio::test(flavor = "multi_thread")]
async fn a_logout_message_about_somebody_else_ends_nothing() {
    let world = World::new().await;
    let browser = world.signed_in("alice", "/portal").await;
    let xml = format!(
        "<samlp:LogoutRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_l1\" \
         Version=\"2.0\" IssueInstant=\"{}\">\
         <Issuer xmlns=\"urn:oasis:names:tc:SAML:2.0:assertion\">urn:federation:MicrosoftOnline\
         </Issuer><NameID xmlns=\"urn:oasis:names:tc:SAML:2.0:assertion\">bm9ib2R5</NameID>\
         </samlp:LogoutRequest>",
        world.house.now().to_xml()
    );
    let page = post(&browser, SLO, "SAMLRequest", &xml, "").await;
    assert!(page.status == 400 && page.body.contains("GH-SAML-13"), "{}", page.body);
    assert_eq!(browser.get("/portal").await.status, 200);
}
