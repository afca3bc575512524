//! Values that a directory may hold, and the places that show, send or store them: pages, tokens,
//! Graph, searches, the audit log, the log; letters and CSV files in [`sinks`]. (The scripts have a
//! test of their own, in `federation`.) Logos have no place in the product yet.

mod sinks;

use std::{
    io::{self, Write},
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering},
    },
};

use app::relying_parties::registry::PartyWish;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use model::{
    plan::Scope,
    relying_party::{ClaimSource, PickedClaim, SignedRequests},
    user::Profile,
};
use serde::Deserialize;
use store::{audit_log, relying_parties, settings, tenants, users};
use url::form_urlencoded::byte_serialize;

use super::{sets::folder, wire::Canary};
use crate::{
    browser::{Browser, Page},
    support::World,
    wsfed::DOOR,
};

const ALICE: &str = "alice@contoso.com";
const NEW: &str = "/admin/users/new";
const REPLY: &str = "https://sp.example/acs";
/// What no form takes: hidden characters, and more than the field holds.
const REFUSED: [&str; 7] = ["S08", "S16", "S17", "S18", "S22", "S23", "S24"];
/// What XML 1.0 can't hold, so that no token may be made of it.
const NO_XML: &str = "S17";

#[derive(Debug, Deserialize)]
struct Stored {
    id: String,
    value: String,
}

#[derive(Debug, Deserialize)]
struct List {
    values: Vec<Stored>,
}

fn values(canary: &Canary) -> Vec<Stored> {
    let list = std::fs::read(folder().join("stored-values.json")).unwrap();
    let mut values = serde_json::from_slice::<List>(&list).unwrap().values;
    assert_eq!(values.len(), 28);
    for stored in &mut values {
        stored.value = canary.lured(&stored.value);
    }
    values
}

#[tokio::test(flavor = "multi_thread")]
async fn the_console_takes_what_is_plain_and_keeps_it_to_the_byte() {
    let (world, canary) = (World::new().await, Canary::listening());
    let admin = world.signed_in("olivia", "/admin").await;
    for Stored { id, value } in values(&canary) {
        let page = admin.get(NEW).await;
        let typed = [
            ("given_name", value.as_str()),
            ("surname", "Stored"),
            ("department", &value),
            ("job_title", &value),
            ("local_part", &id),
        ];
        let done = admin.fill(&page, NEW, &typed).await;
        done.elements();
        let upn = format!("{}@contoso.com", id.to_lowercase());
        let found = world.store.read(move |tx| users::by_upn(tx, &upn)).await.unwrap();
        if REFUSED.contains(&id.as_str()) {
            assert!(matches!(done.status, 400 | 422), "{id}: {}", done.status);
            assert!(found.is_none(), "{id}");
            continue;
        }
        assert_eq!(done.status, 200, "{id}: {}", done.body);
        let (profile, kept) = (found.unwrap().profile, value.trim().to_owned());
        assert_eq!(profile.display_name, format!("{kept} Stored"), "{id}");
        assert_eq!(profile.department, Some(kept), "{id}");
    }
    canary.assert_silent();
}

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Writes to the log of this process, which `main` would send to stderr.
struct Lines;

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A house in which one value stands wherever a name can.
struct Named {
    world: World,
    admin: Browser,
    alice: Browser,
    /// Somebody who is not assigned, and is told so by name of the application.
    olivia: Browser,
}

/// Which elements a page has and where, whatever its texts say.
fn shape(page: &Page) -> Vec<(String, Vec<String>)> {
    assert_eq!(page.status, 200, "{}", page.body);
    page.elements().into_iter().map(|element| (element.name, element.parents)).collect()
}

impl Named {
    async fn begin() -> Self {
        Self::begin_in(World::new().await).await
    }

    async fn begin_in(world: World) -> Self {
        world.sync().await;
        let metadata = std::fs::read_to_string(folder().join("saml2/metadata/M00-control.xml"));
        let complete = |wish: &mut PartyWish| {
            wish.requests = SignedRequests::Optional;
            let told =
                [("name", ClaimSource::DisplayName), ("department", ClaimSource::Department)];
            let claim = |(name, source): (&str, _)| PickedClaim { name: name.to_owned(), source };
            wish.claims = told.map(claim).to_vec();
        };
        world.register(&metadata.unwrap(), complete).await;
        let admin = world.signed_in("olivia", "/admin").await;
        let alice = world.signed_in("alice", "/portal").await;
        let olivia = world.signed_in("olivia", "/portal").await;
        Self { world, admin, alice, olivia }
    }

    /// Puts it there past every check of a form.
    async fn name(&self, value: &str) {
        let value = value.to_owned();
        let named = self.world.store.write(move |tx| {
            let mut user = users::by_upn(tx, ALICE)?.unwrap();
            let some = || Some(value.clone());
            user.profile = Profile {
                display_name: value.clone(),
                given_name: some(),
                surname: some(),
                department: some(),
                job_title: some(),
                ..user.profile
            };
            users::update(tx, &user)?;
            settings::put(tx, "organisation", &value)?;
            for mut party in relying_parties::all(tx)? {
                party.name.clone_from(&value);
                relying_parties::update(tx, &party)?;
            }
            for mut tenant in tenants::all(tx)? {
                tenant.alias.clone_from(&value);
                tenants::update(tx, &tenant)?;
            }
            Ok::<_, store::Error>(())
        });
        named.await.unwrap();
    }

    async fn pages(&self) -> Vec<Page> {
        let list = self.admin.get("/admin/users?q=alice").await;
        let of_alice = list.elements().into_iter().find_map(|element| {
            let href = element.get("href")?.to_owned();
            element.parents.iter().any(|parent| parent == "tbody").then_some(href)
        });
        let mut pages = vec![list, self.alice.get("/portal").await];
        for path in [&*of_alice.unwrap(), "/admin/relying-parties", "/admin", "/admin/microsoft365"]
        {
            pages.push(self.admin.get(path).await);
        }
        pages
    }

    /// The answer to a request of the other application, if there is a token.
    async fn assertion(&self, browser: &Browser) -> Option<String> {
        static SENT: AtomicU32 = AtomicU32::new(0);
        let (now, number) = (self.world.house.now().to_xml(), SENT.fetch_add(1, Ordering::Relaxed));
        let request = format!(
            "<samlp:AuthnRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_s{number}\" \
             Version=\"2.0\" IssueInstant=\"{now}\"><Issuer \
             xmlns=\"urn:oasis:names:tc:SAML:2.0:assertion\">https://sp.example/md</Issuer>\
             </samlp:AuthnRequest>"
        );
        let message: String = byte_serialize(STANDARD.encode(request).as_bytes()).collect();
        let hop = browser.come_by_form(DOOR, &format!("SAMLRequest={message}")).await;
        let page = browser.come(hop.location.as_deref().unwrap()).await;
        if page.status != 200 {
            assert!(!page.body.contains("SAMLResponse"), "{}", page.body);
            page.elements();
            return None;
        }
        let message = STANDARD.decode(&page.form(REPLY)[0].1).unwrap();
        Some(String::from_utf8(message).unwrap())
    }

    /// The token for Microsoft, which names nobody but by their sign-in name.
    async fn wresult(&self) -> String {
        let asked = format!("{DOOR}?wa=wsignin1.0&wtrealm=urn%3Afederation%3AMicrosoftOnline");
        let page = self.alice.come(&asked).await;
        let fields = page.form(&format!("{}/login.srf", self.world.simulator.url()));
        fields.into_iter().find(|(name, _)| name == "wresult").unwrap().1
    }

    /// What Microsoft's directory says of her after a sync.
    async fn in_graph(&self) -> (String, usize) {
        let tenant = self.world.store.read(tenants::all).await.unwrap()[0].id;
        let actor = model::Actor::Operator;
        self.world.house.sync(tenant, Scope::Everyone, actor).await.unwrap();
        self.world.drain().await;
        let there = self.world.simulator.tenant();
        let name = &there.user(ALICE).unwrap().properties["displayName"];
        let everybody = ["bob", "erin", "grace", "hiro"].map(|name| format!("{name}@contoso.com"));
        let count = everybody.iter().filter(|upn| there.user(upn).is_some()).count();
        (name.as_str().unwrap().to_owned(), count)
    }

    async fn audit_rows(&self) -> i64 {
        let filter = audit_log::AuditFilter { limit: 1, ..audit_log::AuditFilter::default() };
        self.world.store.read(move |tx| audit_log::list(tx, &filter)).await.unwrap().total
    }

    /// Types it where a stranger can: as an address, and then any password.
    async fn type_as_address(&self, value: &str) {
        let stranger = self.world.browser();
        let page = stranger.follow("/portal").await;
        let page = stranger.fill(&page, "/sign-in/address", &[("address", value)]).await;
        if page.status != 200 || !page.body.contains("/sign-in/password") {
            return;
        }
        let before = self.audit_rows().await;
        stranger.fill(&page, "/sign-in/password", &[("password", "wrong")]).await;
        assert_eq!(self.audit_rows().await, before + 1, "one row");
        shape(&self.admin.get("/admin/audit").await);
    }
}

fn unescaped(text: &str) -> String {
    let pairs = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#xD;", "\r"), ("&#xA;", "\n")];
    let text = pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
    text.replace("&#x9;", "\t").replace("&amp;", "&")
}

/// The first value of each attribute.
fn attributes(xml: &str) -> Vec<String> {
    let after = xml.split("<saml:AttributeValue").skip(1);
    after
        .map(|text| {
            let text = text.split_once('>').unwrap().1;
            unescaped(text.split("</saml:AttributeValue>").next().unwrap())
        })
        .collect()
}

/// R071, R154
#[tokio::test(flavor = "multi_thread")]
async fn every_place_that_shows_sends_or_searches_a_name_takes_it_for_a_text() {
    let log = tracing_subscriber::fmt().json().with_writer(|| Lines);
    log.try_init().unwrap();
    let (named, canary) = (Named::begin().await, Canary::listening());
    named.name("Plain").await;
    let tags = |xml: &str| xml.matches('<').count();
    let plain_assertion = tags(&named.assertion(&named.alice).await.unwrap());
    let plain_result = tags(&named.wresult().await);
    assert_eq!(named.in_graph().await, ("Plain".to_owned(), 3));
    // No database takes a NUL in a text, and no form lets one in.
    for Stored { id, value } in values(&canary).into_iter().filter(|stored| stored.id != "S24") {
        // Whoever asks for several tokens a minute is taken for a machine that goes round.
        named.world.pass(std::time::Duration::from_secs(61));
        named.name("Plain").await;
        let plain = named.pages().await;
        named.name(&value).await;
        for (page, plain) in named.pages().await.iter().zip(&plain) {
            assert_eq!(shape(page), shape(plain), "{id}: {}", page.body);
            let shown = |text: &str| text.contains(value.trim());
            let elements = page.elements();
            assert!(elements.iter().any(|element| shown(&element.text)), "{id}: {}", page.body);
            assert!(page.headers.contains_key("content-security-policy"));
        }
        let search: String = byte_serialize(value.as_bytes()).collect();
        let found = named.admin.get(&format!("/admin/users?q={search}")).await;
        assert!(found.body.contains(ALICE), "{id}: {}", found.body);
        match named.assertion(&named.alice).await {
            Some(xml) => {
                assert_eq!(attributes(&xml), [value.clone(), value.clone()], "{id}");
                assert_eq!(tags(&xml), plain_assertion, "{id}: {xml}");
            }
            None => assert_eq!(id, NO_XML),
        }
        assert_eq!(named.assertion(&named.olivia).await, None, "{id}");
        assert_eq!(tags(&named.wresult().await), plain_result, "{id}");
        if !REFUSED.contains(&id.as_str()) {
            assert_eq!(named.in_graph().await, (value.trim().to_owned(), 3), "{id}");
        }
        named.type_as_address(&value).await;
    }
    let log = String::from_utf8(LOG.lock().unwrap().clone()).unwrap();
    let said = log.lines().filter(|line| line.contains("NotAssigned")).count();
    assert_eq!(said, 27, "one line for each value that names the application");
    for line in log.lines() {
        let read = serde_json::from_str::<serde_json::Value>(line);
        assert!(read.is_ok() && model::line::is_plain(line), "{line}");
    }
    canary.assert_silent();
}
