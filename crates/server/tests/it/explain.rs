//! *Errors explained*: found by code, message and words; every place exists; what is known here.

use std::collections::BTreeSet;

use app::explain::CATALOGUE;
use model::explanation::Site;
use serde_json::json;
use simulator::{Fault, Trouble};
use url::form_urlencoded::byte_serialize;

use crate::{
    alarms,
    browser::{Browser, Page},
    html::Element,
    support::World,
};

async fn asked(admin: &Browser, q: &str, person: &str) -> Page {
    let part = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    let page = admin.get(&format!("/admin/explain?q={}&person={}", part(q), part(person))).await;
    assert_eq!(page.status, 200, "{q}: {}", page.body);
    page
}

/// What a reader sees of a page.
fn text(page: &Page) -> String {
    let body = page.body.split("<main").nth(1).unwrap();
    body.split('<').filter_map(|piece| piece.split_once('>')).map(|(_, text)| text).collect()
}

fn has(page: &Page, part: &str) {
    let text = text(page).replace("&#39;", "'").replace("&#x27;", "'").replace("&quot;", "\"");
    assert!(text.contains(part), "{part}: {text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pasted_message_is_explained_and_its_ids_are_shown_apart() {
    let world = World::new().await;
    let admin = world.signed_in("olivia", "/admin").await;
    has(&asked(&admin, "", "").await, "errors of Microsoft are explained here.");
    let pasted = "Sorry, but we're having trouble signing you in.\r\nAADSTS53003: Access has been \
                  blocked by <b>Conditional Access</b>.\r\nCorrelation ID: \
                  fb3d2015-bc17-4bb9-bb85-30c5cf1aaaa7\r\nTimestamp: 2026-11-09 02:02:12Z";
    let page = asked(&admin, pasted, "").await;
    has(&page, "AADSTS53003: Conditional Access blocks the sign-in.");
    has(&page, "An admin of the tenant at Microsoft");
    has(&page, "Microsoft Entra admin center: Conditional Access");
    has(&page, "Correlation idfb3d2015-bc17-4bb9-bb85-30c5cf1aaaa7");
    has(&page, "Time2026-11-09 02:02:12Z");
    assert!(!page.body.contains("<b>Conditional"), "what is pasted stays text");
    let fields = page.form("/admin/explain");
    let q = &fields.iter().find(|(name, _)| name == "q").unwrap().1;
    assert!(q.contains("<b>Conditional Access</b>"), "what was pasted is still there: {q}");

    has(&asked(&admin, "secret expired", "").await, "AADSTS7000222: The client secret has expired");
    has(&asked(&admin, "AADSTS99999999", "").await, "AADSTS99999999 isn't explained here.");
    has(&asked(&admin, "xyzzy", "").await, "No code is in this text");
    has(&asked(&admin, "Request_BadRequest", "").await, "Request_BadRequest: No seat is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_place_in_the_console_exists() {
    let world = World::new().await;
    let admin = world.signed_in("olivia", "/admin").await;
    let mut places = BTreeSet::new();
    for entry in CATALOGUE.iter() {
        let (site, page) = entry.place.named();
        if !places.insert((site.label(), page)) {
            continue;
        }
        let page = asked(&admin, &entry.query(), "").await;
        let label = format!("{}: {}", site.label(), entry.place.named().1);
        let elements = page.elements();
        let link = elements.iter().find(|it| it.is("a") && it.text.trim() == label);
        let href = link.and_then(|it| it.get("href")).unwrap_or_else(|| panic!("{label}: no link"));
        if !matches!(site, Site::Console | Site::Portal) {
            assert!(href.ends_with(".microsoft.com"), "{label}: {href}");
            continue;
        }
        let (path, anchor) = href.split_once('#').unwrap_or((href, ""));
        let there = match site {
            Site::Portal => world.signed_in("alice", "/portal").await.get(path).await,
            _ => admin.get(path).await,
        };
        assert_eq!(there.status, 200, "{label}: {href}");
        let named = there.elements().iter().any(|it| it.get("id") == Some(anchor));
        assert!(anchor.is_empty() || named, "{href} has no such part");
    }
    assert!(places.len() > 15, "{places:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_we_send_is_compared_with_what_entra_has() {
    let world = World::new().await;
    world.sync().await;
    let admin = world.signed_in("olivia", "/admin").await;
    let sent = &world.account("alice").immutable_id;
    let page = asked(&admin, "51004", "alice@contoso.com").await;
    has(&page, "alice@contoso.com has the immutable id that we send.");
    has(&page, "Assigned, and not blocked.");
    let quoted = format!("AADSTS51004: The user account {sent} does not exist in the directory.");
    has(&asked(&admin, &quoted, "").await, "alice@contoso.com has the immutable id that we send.");

    let other = "7hLwM0kq3UyQ1nB2Zt8E5g==";
    world.simulator.set("alice@contoso.com", "onPremisesImmutableId", other);
    let page = asked(&admin, "AADSTS90072: (alice@contoso.com)", "").await;
    has(&page, &format!("alice@contoso.com has the immutable id {other}; we send {sent}."));
    world.simulator.set("alice@contoso.com", "accountEnabled", false);
    has(&asked(&admin, "50057", "alice@contoso.com").await, "Sign-in is blocked there.");

    has(&asked(&admin, "51004", "bob@contoso.com").await, "Nobody there has this name");
    has(&asked(&admin, "51004", "bob@contoso.com").await, "Not assigned");
    let page = asked(&admin, "51004", "nobody@contoso.com").await;
    has(&page, "Nobody here has the sign-in name nobody@contoso.com.");

    world.simulator.expire_client_secret();
    world.pass(std::time::Duration::from_hours(2));
    let admin = world.signed_in("olivia", "/admin").await;
    let page = asked(&admin, "51004", "alice@contoso.com").await;
    has(&page, "It can't be read now: Microsoft 365 answered: AADSTS7000222");
}

/// The last link of a page that explains a code, and what it leads to.
async fn explained(admin: &Browser, path: &str) -> Option<(String, Page)> {
    let elements = admin.get(path).await.elements();
    let links = elements.iter().filter(|it| it.is("a"));
    let explains = |it: &&Element| it.get("href").is_some_and(|it| it.contains("/explain?q="));
    let link = links.rev().find(explains)?;
    Some((link.text.clone(), admin.get(link.get("href")?).await))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_microsoft_said_leads_to_its_explanation() {
    let world = World::new().await;
    let path = Some("assignLicense".to_owned());
    world.simulator.faults().inject(Fault { path, ..Fault::new(Trouble::Forbidden) });
    world.sync().await;
    let admin = world.signed_in("olivia", "/admin").await;
    let runs = admin.get("/admin/sync-runs").await.elements();
    let runs = runs.iter().filter_map(|it| it.get("href"));
    let mut found = None;
    for run in runs.filter(|href| href.starts_with("/admin/sync-runs/")) {
        found = found.or(explained(&admin, run).await);
    }
    let (label, page) = found.expect("a run in which Microsoft refused a step");
    assert_eq!(label, "What Authorization_RequestDenied means");
    has(&page, "Authorization_RequestDenied: The app isn't allowed to do that.");

    world.simulator.expire_client_secret();
    world.pass(std::time::Duration::from_hours(2));
    let admin = world.signed_in("olivia", "/admin").await;
    let (label, page) = explained(&admin, "/admin/microsoft365").await.unwrap();
    assert_eq!(label, "What AADSTS7000222 means");
    has(&page, "AADSTS7000222: The client secret has expired.");
    has(&page, "When it ends is not known: type it in to be told.");
    let (label, _) = explained(&admin, "/admin/domains/contoso-com").await.unwrap();
    assert_eq!(label, "What AADSTS7000222 means");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_domain_is_shown_as_it_was_last_found() {
    let (world, admin) = alarms::begin(World::new().await).await;
    has(&asked(&admin, "5000811", "").await, "What Microsoft has equals what we have.");
    let ours = world.house.addresses("contoso.com").await.unwrap().issuer_uri;
    let says = |issuer: &str| format!("AADSTS50107: The realm object '{issuer}' does not exist.");
    let page = asked(&admin, &says(&ours), "").await;
    has(&page, "It is that of contoso.com here, to the letter.");
    let slash = ours.trim_end_matches('/');
    has(&asked(&admin, &says(slash), "").await, "No domain here has this issuer");
    let reply = "AADSTS50011: The redirect URI 'https://app.example/in' does not match.";
    assert!(!text(&asked(&admin, reply, "").await).contains("this issuer"));

    alarms::change_federation(&world, &json!({"signOutUri": "https://evil.example/out"})).await;
    alarms::look(&admin).await;
    let page = asked(&admin, "AADSTS50008", "alice@contoso.com").await;
    has(&page, "The federation was changed");
    has(&page, "contoso.com");
}
