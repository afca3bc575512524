//! Walk A through HTTP: what Microsoft sends, what the person sees, and what goes back.

use std::{fmt::Write as _, time::Duration};

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use store::{
    audit_log::{self, AuditFilter},
    federated_domains, issued_tokens,
};

use crate::{
    browser::{Browser, Page},
    outside::{assertion, schema_agrees, xmlsec1_agrees},
    support::World,
};

pub(crate) const DOOR: &str = "/d/contoso-com/adfs/ls/";
const REALM: &str = "urn%3afederation%3aMicrosoftOnline";
pub(crate) const MFA: &str = "http%3a%2f%2fschemas.microsoft.com%2fclaims%2fmultipleauthn";

/// Eight KiB of bytes that mean something in addresses, forms or pages.
fn context() -> String {
    ":/?#[]@!$&'()*+,;=%\"<> ~-._".chars().cycle().take(8 * 1024).collect()
}

/// The context with these of its bytes escaped.
fn spelled(context: &str, is_escaped: impl Fn(u8) -> bool) -> String {
    let mut spelled = String::new();
    for byte in context.bytes() {
        if is_escaped(byte) {
            write!(spelled, "%{byte:02x}").unwrap();
        } else {
            spelled.push(char::from(byte));
        }
    }
    spelled
}

/// The context in an address that stays under its limit: what may stand there bare does.
fn bare(context: &str) -> String {
    spelled(context, |byte| b" %&+#\"'<>".contains(&byte))
}

/// Microsoft's number of the attempt.
const ATTEMPT: &str = "5d5e0b86-93f5-4a0a-a5a0-3f1f0a7c5b11";

/// A request as Microsoft sends it.
fn request(context: &str) -> String {
    format!(
        "client-request-id={ATTEMPT}&wa=wsignin1.0&wtrealm={REALM}\
         &wctx={context}&cbcxt=&username=alice%40contoso.com&mkt=&lc="
    )
}

fn entry(context: &str) -> String {
    format!("{DOOR}?{}", request(context))
}

/// Where the browser is sent next.
fn next(page: &Page) -> &str {
    assert_eq!(page.status, 303, "{}", page.body);
    page.location.as_deref().unwrap()
}

/// The fields that the last page posts to Microsoft.
fn answer(world: &World, page: &Page) -> (String, Option<String>) {
    assert_eq!(page.status, 200, "{}", page.body);
    let fields = page.form(&format!("{}/login.srf", world.simulator.url()));
    let names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
    assert!(names == ["wa", "wresult", "wctx"] || names == ["wa", "wresult"], "{names:?}");
    assert_eq!(fields[0].1, "wsignin1.0");
    (fields[1].1.clone(), fields.get(2).map(|(_, context)| context.clone()))
}

async fn tokens(world: &World) -> i64 {
    world.store.read(issued_tokens::count).await.unwrap()
}

/// R072
#[tokio::test(flavor = "multi_thread")]
async fn the_address_is_known_and_the_context_comes_back_byte_for_byte() {
    let world = World::new().await;
    let browser = Browser::new(&world.url);
    let sent = context();
    let asked = browser.come(&entry(&bare(&sent))).await;
    let page = browser.come(next(&asked)).await;
    assert_eq!(page.text("h1"), "Enter your password");
    let form = page.form("/sign-in/password");
    assert!(form.contains(&("username".to_owned(), "alice@contoso.com".to_owned())), "{form:?}");

    let proved = world.prove(&browser, &page, "alice").await;
    let (token, context) = answer(&world, &browser.get(next(&proved)).await);
    assert_eq!(context.as_deref(), Some(sent.as_str()));
    assert!(token.contains(&world.account("alice").immutable_id));
    assert!(token.contains("multipleauthn") && xmlsec1_agrees(&world, &token).await);
    assert!(schema_agrees(assertion(&token)), "{token}");
    let forged = token.replace("alice@", "mallory@");
    assert!(forged != token && !xmlsec1_agrees(&world, &forged).await);
    assert!(!schema_agrees(
        &assertion(&token).replace("<saml:Audience>", "<saml:Audience x=\"\">")
    ));
    assert_eq!(tokens(&world).await, 1);
    let again = browser.get(next(&proved)).await;
    assert_eq!((again.status, tokens(&world).await), (410, 1), "a request is answered once");
}

/// The domain of the house that a request names is all that its person need not type; what else it
/// names nobody is shown.
#[tokio::test(flavor = "multi_thread")]
async fn a_named_domain_of_ours_begins_the_address_and_a_foreign_one_is_ignored() {
    let world = World::new().await;
    for (named, begun) in [
        ("contoso.com", "@contoso.com"),
        ("EU.contoso.com", "@eu.contoso.com"),
        ("evil.example", ""),
        ("notcontoso.com", ""),
        ("com", ""),
    ] {
        let browser = world.browser();
        let query = format!("wa=wsignin1.0&wtrealm={REALM}&wctx=x&whr={named}&mkt=de-DE&lc=1031");
        let asked = browser.come(&format!("{DOOR}?{query}")).await;
        let page = browser.come(next(&asked)).await;
        let fields = page.elements().into_iter().filter(|it| it.get("id") == Some("address"));
        let values: Vec<_> = fields.filter_map(|it| it.get("value").map(str::to_owned)).collect();
        assert_eq!(values, [begun], "{named}");
        assert!(!page.body.contains("evil.example") && page.body.contains("lang=\"en\""));
        if begun == "@contoso.com" {
            let hollow = browser.fill(&page, "/sign-in/address", &[("address", begun)]).await;
            assert_eq!(hollow.text("h1"), "Sign in", "that names nobody yet");
            let typed = [("address", "alice@contoso.com")];
            let page = browser.fill(&page, "/sign-in/address", &typed).await;
            assert_eq!(page.text("h1"), "Enter your password");
        }
    }
    let browser = world.browser();
    let asked = browser.come(&format!("{}&whr=eu.contoso.com", entry("x"))).await;
    let page = browser.come(next(&asked)).await;
    assert!(page.body.contains("alice@contoso.com"), "a person counts more than their domain");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_session_shows_no_page_and_comes_along_on_a_link_of_another_site() {
    let world = World::new().await;
    let browser = world.signed_in("alice", "/portal").await;
    let sent = context();
    let (first, context) = answer(&world, &browser.come(&entry(&bare(&sent))).await);
    assert_eq!(context, Some(sent));
    let (second, none) =
        answer(&world, &browser.come(&format!("{DOOR}?wa=wsignin1.0&wtrealm={REALM}")).await);
    assert_ne!(first, second, "each answer has a token of its own");
    assert_eq!(none, None, "no context came");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_is_sent_back_again_and_again_is_told_so() {
    let world = World::new().await;
    let browser = world.signed_in("alice", "/portal").await;
    let sent = context();
    let path = format!("{}&wauth={MFA}", entry(&bare(&sent)));
    world.pass(Duration::from_secs(1));
    for _ in 0..3 {
        assert_eq!(browser.come(&path).await.status, 200);
    }
    let page = browser.come(&path).await;
    assert_eq!((page.status, page.text("h1").as_str()), (403, "You are being sent back and forth"));
    assert!(page.body.contains("GH-SIGN-04") && !page.body.contains("wresult"));
    let key = world.store.read(store::signing_keys::active).await.unwrap().unwrap();
    let key = hex::encode_upper(digest(&SHA1_FOR_LEGACY_USE_ONLY, &key.certificate));
    let domain = world.store.read(|tx| federated_domains::by_slug(tx, "contoso-com")).await;
    let issuer = domain.unwrap().unwrap().issuer_uri;
    let asked = "a second factor (wauth or resource_params)";
    for told in [asked, "says that MFA was done; Password at 25 Nov 2026", &issuer, &key] {
        assert!(page.body.contains(told), "{told}: {}", page.body);
    }
    assert_eq!(page.body.matches("says that MFA was done").count(), 3, "all that was sent");
    let audit = world
        .store
        .read(|tx| audit_log::list(tx, &AuditFilter { limit: 1, ..AuditFilter::default() }));
    let row = audit.await.unwrap().rows.remove(0);
    let told = format!(
        "sends the browser back after each token: asked for {asked}; sent 3; the newest with MFA, \
         by {issuer}, signed with {key}; Microsoft's number "
    );
    assert!(row.detail.starts_with(&told), "{}", row.detail);
    world.pass(Duration::from_secs(61));
    assert_eq!(browser.come(&path).await.status, 200, "a minute later it is no loop any more");
}

/// R051
#[tokio::test(flavor = "multi_thread")]
async fn a_posted_request_finds_the_session_after_one_hop() {
    let world = World::new().await;
    let browser = world.signed_in("alice", "/portal").await;
    let sent = context();
    let asked = browser.come_by_form(DOOR, &request(&spelled(&sent, |_| true))).await;
    assert_eq!(asked.status, 303, "the post itself came without the session");
    let done = browser.come(next(&asked)).await;
    assert_eq!(answer(&world, &done).1, Some(sent));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_posted_request_without_a_session_signs_in() {
    let world = World::new().await;
    let browser = Browser::new(&world.url);
    let sent = context();
    let asked = browser.come_by_form(DOOR, &request(&spelled(&sent, |_| true))).await;
    let hop = browser.come(next(&asked)).await;
    let page = browser.come(next(&hop)).await;
    assert_eq!(page.text("h1"), "Enter your password");
    let proved = world.prove(&browser, &page, "alice").await;
    let done = browser.get(next(&proved)).await;
    assert_eq!(answer(&world, &done).1, Some(sent));
}

/// R051
#[tokio::test(flavor = "multi_thread")]
async fn the_consoles_cookie_stays_at_home_when_another_site_links() {
    let world = World::new().await;
    let admin = world.signed_in("olivia", "/admin").await;
    assert_eq!(admin.get("/admin").await.status, 200);
    assert_eq!(admin.come("/admin").await.status, 303);
}

/// R051, R059: whoever has the console open and comes from Microsoft, or from a link in a letter, sends
/// its cookie with the form alone, not with the request for its page.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_the_console_open_signs_in_to_outlook_and_uses_the_portal() {
    let world = World::new().await;
    let browser = world.signed_in("olivia", "/admin").await;
    let sent = context();
    let asked = browser.come(&entry(&bare(&sent))).await;
    let page = browser.come(next(&asked)).await;
    let proved = world.prove(&browser, &page, "alice").await;
    let (_, context) = answer(&world, &browser.get(next(&proved)).await);
    assert_eq!(context, Some(sent));

    let (portal, console) = (browser.come("/portal").await, browser.get("/admin").await);
    assert_eq!((portal.status, console.status), (200, 200), "both are still open");
    let gone = browser.fill(&portal, "/sign-out", &[]).await;
    assert_ne!(gone.status, 403, "{}", gone.body);
    assert_eq!(browser.get("/admin").await.status, 303, "it signed out of both");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_not_microsofts_gets_a_page_and_leads_nowhere() {
    let world = World::new().await;
    let browser = world.signed_in("alice", "/portal").await;
    let good = format!("wa=wsignin1.0&wtrealm={REALM}");
    let own = world.simulator.url().replace(':', "%3a").replace('/', "%2f");
    let requests = [
        ("wa=wsignin1.0&wtrealm=urn%3aevil".to_owned(), "GH-FED-02"),
        ("wa=wsignin1.0&wtrealm=urn%3afederation%3amicrosoftonline".to_owned(), "GH-FED-02"),
        (format!("{good}&wreply=https%3a%2f%2fevil.example%2f"), "GH-FED-03"),
        (format!("{good}&wreply={own}%2flogin.srf%2f"), "GH-FED-03"),
        (format!("{good}&wreply={own}%2flogin.srf%3fx"), "GH-FED-03"),
        (format!("{good}&wreply={own}%40evil.example%2flogin.srf"), "GH-FED-03"),
        (format!("{good}&wreply="), "GH-FED-03"),
        (format!("{good}&wtrealm={REALM}"), "GH-FED-05"),
        ("wa=wattr1.0".to_owned(), "GH-FED-01"),
    ];
    for (query, code) in requests {
        let asked = browser.come(&format!("{DOOR}?{query}")).await;
        let posted = browser.come_by_form(DOOR, &query).await;
        for page in [asked, posted] {
            assert_eq!((page.status, page.location.as_deref()), (400, None), "{query}");
            assert!(page.body.contains(code), "{query}: {}", page.body);
            assert!(!page.body.contains("wresult") && !page.body.contains("evil.example"));
        }
    }
    for id in [ATTEMPT, "<script>", "evil.example"] {
        let query = format!("wa=wsignin1.0&wtrealm=urn%3aevil&client-request-id={id}");
        let page = browser.come(&format!("{DOOR}?{query}")).await;
        assert_eq!(page.body.contains("Microsoft's number"), id == ATTEMPT, "{}", page.body);
        assert_eq!(page.body.contains(id), id == ATTEMPT, "{}", page.body);
        let said = details(&world).await.concat();
        assert_eq!(said.contains(id), id == ATTEMPT, "{said}");
    }
    let both = browser.come_by_form(&format!("{DOOR}?{good}"), &good).await;
    assert_eq!((both.status, both.location), (400, None), "parameters in both places");
    assert_eq!(tokens(&world).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_request_says_so_and_leads_back_to_outlook() {
    let world = World::new().await;
    let browser = Browser::new(&world.url);
    let asked = browser.come(&entry("x")).await;
    let page = browser.come(next(&asked)).await;
    world.pass(Duration::from_secs(601));
    let late = browser.fill(&page, "/sign-in/password", &[("password", "late")]).await;
    let outlook = format!("{}/outlook", world.simulator.url());
    for page in [late, browser.come(next(&asked)).await] {
        assert_eq!(page.status, 410);
        let link = page.elements().into_iter().find(|it| it.get("href") == Some(&outlook));
        assert!(link.is_some_and(|link| link.is("a")), "{}", page.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_without_the_assignment_gets_the_page_and_no_token() {
    let world = World::new().await;
    let browser = world.signed_in("olivia", "/portal").await;
    let at_once = browser.come(&entry("x")).await;
    let another = Browser::new(&world.url);
    let nameless = entry("x").replace("alice%40contoso.com", "");
    let asked = another.come(&nameless).await;
    let page = another.come(next(&asked)).await;
    let olivia = [("address", "olivia@contoso.com")];
    let page = another.fill(&page, "/sign-in/address", &olivia).await;
    let proved = world.prove(&another, &page, "olivia").await;
    let afterwards = another.get(next(&proved)).await;
    for page in [at_once, afterwards] {
        assert_eq!((page.status, page.location.as_deref()), (403, None));
        assert_eq!(page.text("h1"), "You don't have access to Office 365");
        assert!(!page.body.contains("wresult") && page.body.contains(ATTEMPT), "{}", page.body);
    }
    assert_eq!(tokens(&world).await, 0);
    let said = details(&world).await;
    let denied = said.iter().filter(|it| it.contains("not assigned") && it.contains(ATTEMPT));
    assert_eq!(denied.count(), 2, "{said:?}");
    assert!(said.contains(&format!("Microsoft's number {ATTEMPT}")), "the session: {said:?}");
}

/// What the rows of the activity log say.
async fn details(world: &World) -> Vec<String> {
    let filter = AuditFilter { limit: 20, ..AuditFilter::default() };
    let page = world.store.read(move |tx| audit_log::list(tx, &filter)).await.unwrap();
    page.rows.into_iter().map(|row| row.detail).collect()
}

/// R058
#[tokio::test(flavor = "multi_thread")]
async fn microsofts_sign_out_ends_the_session_in_the_database() {
    let world = World::new().await;
    for (action, status) in [("wsignout1.0", 200), ("wsignoutcleanup1.0", 204)] {
        let browser = world.signed_in("alice", "/portal").await;
        let kept = Browser::new(&world.url);
        kept.set_cookie("gh_session", &browser.cookie("gh_session").unwrap());
        assert_eq!(kept.get("/portal").await.status, 200, "a copy of the cookie works");
        let out = browser.come(&format!("{DOOR}?wa={action}")).await;
        assert_eq!((out.status, out.location.as_deref()), (status, None), "{action}");
        assert_eq!(browser.cookie("gh_session"), None, "{action} takes the cookie along");
        assert_eq!(kept.get("/portal").await.status, 303, "{action} ends the session itself");
        assert_eq!(kept.come(&entry("x")).await.status, 303, "and with it the tokens");
    }
}
