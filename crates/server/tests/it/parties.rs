//! Relying parties that others wrote: pysaml2 and Authlib in Python, samael in Rust, and
//! `mod_auth_mellon` and `mod_auth_openidc` in Apache. Each signs in and out through the counter; they judge what we send.

#[cfg(test)]
mod apache;
#[cfg(test)]
mod openid;
#[cfg(test)]
mod program;

use std::{path::Path, process::Command};

use app::{Clock as _, SystemClock, relying_parties::registry::PartyWish};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use model::relying_party::{Access, ClaimSource, PickedClaim};
use serde_json::{Value, json};
use tempfile::TempDir;

use apache::Apache;
use program::{Program, samael_sp};

use crate::{
    applications,
    browser::{Browser, Page},
    support::World,
    wsfed::DOOR,
};

const ALICE: &str = "alice@contoso.com";

/// A world whose clock is a little behind everybody else's, as codes move it on.
async fn world() -> World {
    World::at(SystemClock.now() - std::time::Duration::from_mins(2)).await
}

/// A folder with a fresh key and certificate of a party.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let (key, certificate) = (at("key.pem"), at("cert.pem"));
    run(
        "openssl",
        &[
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "3",
            "-subj",
            "/CN=party",
            "-keyout",
            &key,
            "-out",
            &certificate,
        ],
    );
    folder
}

fn run(tool: &str, arguments: &[&str]) -> String {
    let ran = Command::new(tool).args(arguments).output().unwrap();
    assert!(ran.status.success(), "{tool}: {}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8_lossy(&ran.stdout).into_owned()
}

/// Registers a party by its metadata, and leaves our metadata in its folder.
async fn register(world: &World, folder: &Path, metadata: &str, complete: fn(&mut PartyWish)) {
    world.register(metadata, complete).await;
    let ours = Browser::new(&world.url).get("/d/contoso-com/saml/metadata").await;
    std::fs::write(folder.join("idp.xml"), ours.body).unwrap();
}

fn everybody(wish: &mut PartyWish) {
    wish.name = "Wiki".to_owned();
    wish.access = Access::Everyone;
    let claim = |name: &str, source| PickedClaim { name: name.to_owned(), source };
    wish.claims = vec![
        claim("mail", ClaimSource::Mail),
        claim("displayName", ClaimSource::DisplayName),
        claim("department", ClaimSource::Department),
    ];
}

/// The path of an address of ours.
fn ours<'a>(world: &World, address: &'a str) -> &'a str {
    address.strip_prefix(&world.url).unwrap_or_else(|| panic!("{address} is not ours"))
}

/// Signs in on the way, if anybody has to.
async fn signed_in(world: &World, browser: &Browser, page: Page) -> Page {
    let mut page = page;
    if page.location.as_deref().is_some_and(|at| at.starts_with("/continue")) {
        page = browser.come(page.location.as_deref().unwrap()).await;
    }
    if page.status == 303 {
        page = browser.get(page.location.as_deref().unwrap()).await;
        page = browser.fill(&page, "/sign-in/address", &[("address", ALICE)]).await;
        page = world.prove(browser, &page, "alice").await;
        page = browser.get(page.location.as_deref().unwrap()).await;
    }
    assert_eq!(page.status, 200, "{}", page.body);
    page
}

/// The address that a page on the way out leads to.
fn away(page: &Page) -> String {
    let link = page.elements().into_iter().find(|element| element.is("a"));
    link.and_then(|link| link.get("href").map(str::to_owned))
        .unwrap_or_else(|| panic!("no way on: {}", page.body))
}

/// The browser takes a message of a party to us, by its address or by its form.
async fn taken(world: &World, browser: &Browser, sent: &Value) -> Page {
    if let Some(address) = sent["address"].as_str() {
        return browser.come(ours(world, address)).await;
    }
    let field = |name| (name, sent["fields"][name].as_str().unwrap());
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(["SAMLRequest", "RelayState"].map(field))
        .finish();
    browser.come_by_form(ours(world, sent["action"].as_str().unwrap()), &body).await
}

/// What the browser takes to the party's address for logout messages: a query or a form.
fn logout_message(question: &str, page: &Page) -> Value {
    let slo = "https://sp.example.test/slo";
    if page.body.contains("<form") {
        let fields: Value = page.form(slo).into_iter().map(|(k, v)| (k, Value::from(v))).collect();
        return json!({"do": question, "fields": fields});
    }
    let back = away(page);
    let query = back.strip_prefix(slo).and_then(|rest| rest.strip_prefix('?')).unwrap();
    json!({"do": question, "query": query})
}

/// The response with one character of the person's name changed.
fn tampered(response: &str) -> String {
    let xml = String::from_utf8(STANDARD.decode(response).unwrap()).unwrap();
    let end = xml.find("</saml:NameID>").unwrap();
    let start = xml[..end].rfind('>').unwrap() + 1;
    let other = if xml[start..].starts_with('A') { "B" } else { "A" };
    STANDARD.encode(format!("{}{other}{}", &xml[..start], &xml[start + 1..]))
}

/// Signs in at a party; gives the response that it believed.
async fn sign_in_at(world: &World, browser: &Browser, party: &mut Program, by: &str) -> String {
    let state = "a=%41&b=\"<é>\"";
    let sent = party.ask(&json!({"do": "request", "binding": by, "relay_state": state}));
    let page = taken(world, browser, &sent).await;
    let fields = signed_in(world, browser, page).await.form("https://sp.example.test/acs");
    assert_eq!(fields[1], ("RelayState".to_owned(), state.to_owned()));
    party.refusal(&json!({"do": "response", "message": tampered(&fields[0].1)}));
    let said = party.ask(&json!({"do": "response", "message": fields[0].1}));
    assert_eq!(said["name_id"], *world.account("alice").immutable_id);
    assert_eq!(said["attributes"]["mail"][0], ALICE, "{said}");
    assert_eq!(said["attributes"].as_object().unwrap().len(), 3, "{said}");
    assert_eq!(said["context"][0], "https://refeds.org/profile/mfa");
    fields[0].1.clone()
}

/// Signs in at a party by redirect and by form, then out from there and from here; gives the last
/// response.
async fn sign_in_and_out_both_ways(start: fn(&Path) -> Program, folder: &Path) -> String {
    let world = world().await;
    let metadata = start(folder).ask(&json!({"do": "metadata"}));
    register(&world, folder, metadata["xml"].as_str().unwrap(), everybody).await;
    let (mut party, browser) = (start(folder), Browser::new(&world.url));
    sign_in_at(&world, &browser, &mut party, "redirect").await;
    sign_in_at(&world, &browser, &mut party, "post").await;

    let sent = party.ask(&json!({"do": "logout"}));
    let page = taken(&world, &browser, &sent).await;
    assert_eq!(party.ask(&logout_message("logout_response", &page))["ok"], true);
    assert_eq!(browser.get("/portal").await.status, 303, "the session here is over");

    let response = sign_in_at(&world, &browser, &mut party, "redirect").await;
    let csrf = browser.get("/portal").await.csrf();
    let page = browser.post("/sign-out", &[("csrf".to_owned(), csrf)]).await;
    let sent = party.ask(&logout_message("logout_request", &page));
    let done = taken(&world, &browser, &sent).await;
    assert_eq!((done.status, done.text("h1").as_str()), (200, "You are signed out"));
    assert!(done.body.contains("It signed you out, too."), "{}", done.body);
    response
}

#[tokio::test(flavor = "multi_thread")]
async fn pysaml2_signs_in_and_out_both_ways() {
    sign_in_and_out_both_ways(Program::pysaml2, folder().path()).await;
}

/// A party of SAML 2.0 ends the session: one of WS-Federation cleans up before the first is answered.
#[tokio::test(flavor = "multi_thread")]
async fn a_logout_request_has_the_applications_of_ws_federation_clean_up_before_its_answer() {
    let (world, folder) = (world().await, folder());
    let mut party = Program::pysaml2(folder.path());
    let metadata = party.ask(&json!({"do": "metadata"}));
    register(&world, folder.path(), metadata["xml"].as_str().unwrap(), everybody).await;
    applications::register(&world.signed_in("olivia", "/admin").await).await;
    let (mut party, browser) = (Program::pysaml2(folder.path()), Browser::new(&world.url));
    sign_in_at(&world, &browser, &mut party, "redirect").await;
    let query = applications::QUERY;
    assert_eq!(browser.come(&format!("{DOOR}?{query}")).await.status, 200);

    let sent = party.ask(&json!({"do": "logout"}));
    let page = taken(&world, &browser, &sent).await;
    let told = format!("{}?wa=wsignoutcleanup1.0", applications::REPLY);
    assert_eq!(applications::leads_to(&page, "img", "src"), [told]);
    assert!(applications::policy(&page).contains("img-src 'self' data: https://time.contoso.com;"));
    assert_eq!(browser.get("/portal").await.status, 303, "the session is over already");
    let next = away(&page);
    assert!(next.starts_with("/sign-out/next?request="), "{next}");
    let page = browser.come(&next).await;
    assert!(applications::leads_to(&page, "img", "src").is_empty(), "once");
    assert_eq!(party.ask(&logout_message("logout_response", &page))["ok"], true);
}

/// R088
#[tokio::test(flavor = "multi_thread")]
async fn samael_signs_in_and_out_both_ways_and_refuses_what_is_for_another_audience() {
    let folder = folder();
    let response = sign_in_and_out_both_ways(Program::samael, folder.path()).await;
    let other = Path::new("https://other.example.test/metadata");
    let mut other = Program::start(&samael_sp(), &[folder.path(), other]);
    let why = other.refusal(&json!({"do": "response", "message": response}));
    assert!(why.contains("AudienceRequirement"), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn mellon_in_apache_signs_in_and_out_both_ways() {
    let (world, apache) = (world().await, Apache::new());
    register(&world, apache.folder.path(), &apache.metadata(), everybody).await;
    apache.start(apache::MELLON);
    let browser = Browser::new(&world.url);
    let enter = async || {
        let (status, at, _) = apache.ask("/secret/index.html", &[]);
        assert_eq!(status, "303");
        let (_, at, _) = apache.ask(apache.path(&at), &[]);
        let page = signed_in(&world, &browser, browser.come(ours(&world, &at)).await).await;
        let action = format!("{}/mellon/postResponse", apache.origin);
        let (status, at, _) = apache.ask("/mellon/postResponse", &page.form(&action));
        assert_eq!((status.as_str(), apache.path(&at)), ("303", "/secret/index.html"));
        let (status, _, user) = apache.ask("/secret/index.html", &[]);
        assert_eq!((status.as_str(), user.as_str()), ("200", ALICE));
    };

    enter().await;
    let (_, at, _) = apache.ask("/mellon/logout?ReturnTo=/", &[]);
    let page = browser.come(ours(&world, &at)).await;
    let (status, _, _) = apache.ask(apache.path(&away(&page)), &[]);
    assert_eq!(status, "303");
    assert_eq!(apache.ask("/secret/index.html", &[]).0, "303", "signed out there");
    assert_eq!(browser.get("/portal").await.status, 303, "and here");

    enter().await;
    let csrf = browser.get("/portal").await.csrf();
    let page = browser.post("/sign-out", &[("csrf".to_owned(), csrf)]).await;
    let (_, at, _) = apache.ask(apache.path(&away(&page)), &[]);
    let done = browser.come(ours(&world, &at)).await;
    assert_eq!((done.status, done.text("h1").as_str()), (200, "You are signed out"));
    assert_eq!(apache.ask("/secret/index.html", &[]).0, "303", "signed out there, too");
}

/// A form of the console, as it stands on the page, with some fields filled in.
pub(crate) async fn send(
    admin: &Browser,
    page: &Page,
    action: &str,
    filled: &[(&str, &str)],
) -> Page {
    let mut fields = page.form(action);
    for (name, value) in filled {
        match fields.iter_mut().find(|(known, _)| known == name) {
            Some(field) => (*value).clone_into(&mut field.1),
            None => fields.push(((*name).to_owned(), (*value).to_owned())),
        }
    }
    admin.post(action, &fields).await
}

/// R143
#[tokio::test(flavor = "multi_thread")]
async fn an_admin_registers_changes_switches_and_removes_an_application() {
    let (world, folder) = (World::new().await, folder());
    let metadata = Program::pysaml2(folder.path()).ask(&json!({"do": "metadata"}));
    let metadata = metadata["xml"].as_str().unwrap();
    let admin = world.signed_in("olivia", "/admin").await;
    let list = "/admin/relying-parties";
    let (new, read) = (format!("{list}/new"), format!("{list}/read"));
    assert!(admin.get(list).await.body.contains("urn:federation:MicrosoftOnline"));

    let page = admin.get(&new).await;
    let wrong = send(&admin, &page, &read, &[("metadata", "<a/>")]).await;
    assert!(wrong.status == 422 && wrong.body.contains("not metadata"), "{}", wrong.body);
    let page = send(&admin, &page, &read, &[("metadata", metadata)]).await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert_eq!(admin.get(list).await.body.matches("class=\"strong\"").count(), 1, "only read");
    let replies = [("replies", "http://sp.example.test/acs")];
    let plain = send(&admin, &page, &new, &replies).await;
    assert!(plain.status == 422 && plain.body.contains("plain https"), "{}", plain.body);
    let filled = [
        ("name", "Wiki"),
        ("replies", "https://sp.example.test/acs"),
        ("certificates", &*std::fs::read_to_string(folder.path().join("cert.pem")).unwrap()),
        ("claim_mail", "mail"),
    ];
    let done = send(&admin, &page, &new, &filled).await;
    assert_eq!(done.status, 303, "{}", done.body);
    let here = done.location.unwrap().split('?').next().unwrap().to_owned();
    let again = send(&admin, &page, &new, &filled).await;
    assert!(again.status == 409 && again.body.contains("is registered"), "{}", again.body);

    let page = admin.get(&here).await;
    assert!(page.body.contains("https://sp.example.test/metadata"), "{}", page.body);
    let moved = metadata.replace("https://sp.example.test/acs", "https://sp.example.test/acs2");
    let compared = send(&admin, &page, &format!("{here}/metadata"), &[("metadata", &moved)]).await;
    assert!(compared.body.contains("What the metadata changes"), "{}", compared.body);
    assert!(!admin.get(&here).await.body.contains("acs2"), "nothing is stored");
    let other = metadata.replace("example.test/metadata", "example.test/other");
    let foreign = send(&admin, &page, &format!("{here}/metadata"), &[("metadata", &other)]).await;
    assert!(foreign.status == 422 && foreign.body.contains("another application"));
    let saved = send(&admin, &compared, &here, &[]).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    assert!(admin.get(&here).await.body.contains("acs2"));

    let off = send(&admin, &admin.get(&here).await, &format!("{here}/switch"), &[]).await;
    assert_eq!(off.status, 303);
    assert!(admin.get(&here).await.body.contains("switched off"));
    world.pass(std::time::Duration::from_mins(6));
    let stale = send(&admin, &admin.get(&here).await, &format!("{here}/remove"), &[]).await;
    assert!(stale.location.is_some_and(|at| at.starts_with("/admin/step-up")), "a fresh code");
}
