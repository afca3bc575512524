//! A new password without the old one, over the wire (R024, R043, R047).

use std::collections::BTreeSet;

use app::settings::MailSettings;
use mail::testing::MailServer;

use crate::{
    browser::{Browser, Page},
    support::World,
};

const NEW: &str = "four unrelated words stand here";

async fn world() -> (World, MailServer) {
    let server = MailServer::start().await.unwrap();
    let settings: MailSettings = server.settings();
    (World::with_mail(settings).await, server)
}

/// The address of the newest link that was mailed.
async fn mailed(world: &World, server: &MailServer) -> String {
    while world.house.send_letters().await.unwrap() > 0 {}
    let last = server.messages().pop().unwrap().replace("=\n", "").replace("=3D", "=");
    let at = last.find("/reset?token=").unwrap_or_else(|| panic!("no link in {last}"));
    last[at..].lines().next().unwrap_or_default().to_owned()
}

async fn ask(browser: &Browser, address: &str) -> Page {
    let page = browser.get("/forgotten").await;
    browser.fill(&page, "/forgotten", &[("address", address)]).await
}

/// R043
#[tokio::test(flavor = "multi_thread")]
async fn alice_chooses_a_new_password_and_is_on_her_portal() {
    let (world, server) = world().await;
    let browser = Browser::new(&world.url);
    let page = browser.follow("/portal").await;
    let page = browser.fill(&page, "/sign-in/address", &[("address", "alice@contoso.com")]).await;
    let all = page.elements();
    let link = all.iter().find(|it| it.is("a") && it.text.contains("I don't know my password"));
    let link = link.and_then(|it| it.get("href")).unwrap().to_owned();
    let page = browser.get(&link).await;
    assert!(page.body.contains("value=\"alice@contoso.com\""), "{}", page.body);
    let page = browser.fill(&page, "/forgotten", &[]).await;
    assert_eq!(page.status, 200);
    let link = mailed(&world, &server).await;

    // Programs that look into letters use nothing up, and nobody is told the address.
    for _ in 0..2 {
        let page = Browser::new(&world.url).get(&link).await;
        assert_eq!(page.status, 200);
        assert_eq!(page.headers["referrer-policy"], "no-referrer");
        assert_eq!(page.headers["cache-control"], "no-store");
    }
    let other = Browser::new(&world.url);
    let page = other.get(&link).await;
    let page = other.fill(&page, "/reset", &[]).await;
    assert_eq!(page.status, 303, "{}", page.body);
    let page = other.follow(page.location.as_deref().unwrap()).await;
    let code = world.next_code(world.account("alice"));
    let page = other.fill(&page, "/sign-in/second-factor", &[("code", &code)]).await;
    assert!(page.body.contains("It takes the place of the one you had"), "{}", page.body);
    let weak = other.fill(&page, "/sign-in/new-password", &[("new_password", "password")]).await;
    assert!(weak.body.contains("role=\"alert\""), "{}", weak.body);
    let done = other.fill(&weak, "/sign-in/new-password", &[("new_password", NEW)]).await;
    assert_eq!((done.status, done.location.as_deref()), (303, Some("/portal")), "{}", done.body);
    assert_eq!(other.get("/portal").await.status, 200);

    let again = Browser::new(&world.url);
    let page = again.get(&link).await;
    let page = again.fill(&page, "/reset", &[]).await;
    assert_eq!(page.status, 410);
    assert!(page.body.contains("This link has run out"), "{}", page.body);
}

/// An answer without what differs from request to request, and the address that was typed.
fn masked(page: &Page, address: &str) -> (u16, BTreeSet<String>, String) {
    let csp = page.headers["content-security-policy"].to_str().unwrap();
    let nonce = csp.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap();
    let number = page.text("code");
    let differs = [page.csrf(), nonce.to_owned(), number, address.to_owned()];
    let known = differs.iter().filter(|text| !text.is_empty());
    let body = known.fold(page.body.clone(), |body, text| body.replace(text.as_str(), "…"));
    let names = page.headers.keys().map(ToString::to_string).collect();
    (page.status, names, body)
}

/// R047
#[tokio::test(flavor = "multi_thread")]
async fn r024_the_answer_is_the_same_for_every_address() {
    let (world, server) = world().await;
    let browser = Browser::new(&world.url);
    let mut seen = Vec::new();
    for address in ["alice@contoso.com", "carol@contoso.com", "dan@contoso.com", "no@contoso.com"] {
        let page = ask(&browser, address).await;
        seen.push(masked(&page, address));
    }
    assert!(seen.iter().all(|answer| *answer == seen[0]), "{seen:#?}");
    // What differs is the letter.
    while world.house.send_letters().await.unwrap() > 0 {}
    assert_eq!(server.messages().len(), 2);
}

/// R043
#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_hides_its_address_may_post_only_where_the_browser_says_same_origin() {
    let (world, server) = world().await;
    let browser = Browser::new(&world.url);
    ask(&browser, "alice@contoso.com").await;
    let link = mailed(&world, &server).await;
    let page = browser.get(&link).await;
    let (browser, page) = (&browser, &page);
    let send = async |site: Option<&'static str>| {
        let headers = [("origin", Some("null")), ("sec-fetch-site", site)];
        browser.post_as(page, "/reset", &headers).await
    };
    for site in [None, Some("cross-site"), Some("same-site"), Some("none")] {
        assert_eq!(send(site).await.status, 403, "{site:?}");
    }
    assert_eq!(send(Some("same-origin")).await.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn r078_a_form_with_a_nul_is_refused() {
    let (world, _) = world().await;
    let browser = Browser::new(&world.url);
    let page = browser.follow("/portal").await;
    let sent = browser.fill(&page, "/sign-in/address", &[("address", "alice\0")]).await;
    assert_eq!(sent.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_mail_server_the_help_desk_is_named() {
    let world = World::new().await;
    let browser = Browser::new(&world.url);
    let page = browser.follow("/portal").await;
    let page = browser.fill(&page, "/sign-in/address", &[("address", "alice@contoso.com")]).await;
    assert!(!page.body.contains("/forgotten"), "{}", page.body);
    let page = browser.get("/forgotten").await;
    assert!(page.body.contains("help desk"), "{}", page.body);
    assert!(!page.body.contains("<form"), "{}", page.body);
}
