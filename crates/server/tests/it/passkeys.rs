//! Passkeys over the wire, answered by an authenticator in software: on the portal, at the doors, and
//! what Microsoft's side makes of it.

use std::time::Duration;

use authn::testing::Authenticator;
use model::Method;

use crate::{
    browser::{Browser, Page},
    keys::{run, visit_outlook},
    policy,
    support::World,
};

const REGISTER: &str = "/portal/security/passkeys";
const SIGN_IN: &str = "/sign-in/passkey";

/// The question that a form of a page carries for authenticators.
fn question(page: &Page, action: &str) -> String {
    let all = page.elements();
    let form = all.iter().find(|it| it.is("form") && it.get("action") == Some(action));
    let form = form.unwrap_or_else(|| panic!("no form {action}:\n{}", page.body));
    assert!(form.get("hidden").is_some(), "nobody without script sees the form");
    form.get("data-passkey").unwrap_or_default().to_owned()
}

/// Answers the question of a form.
async fn prove(browser: &Browser, page: &Page, action: &str, key: &mut Authenticator) -> Page {
    let answer = key.prove(&question(page, action));
    browser.fill(page, action, &[("answer", &answer)]).await
}

/// Adds a passkey on the portal's security page.
async fn add(browser: &Browser, key: &mut Authenticator, name: &str) -> Page {
    let page = browser.get("/portal/security").await;
    let answer = key.register(&question(&page, REGISTER));
    browser.fill(&page, REGISTER, &[("name", name), ("answer", answer.as_str())]).await
}

pub(crate) async fn with_key(world: &World, name: &str) -> (Browser, Authenticator) {
    let browser = world.signed_in(name, "/portal").await;
    let mut key = Authenticator::at(&world.url);
    let added = add(&browser, &mut key, "Work laptop").await;
    assert_eq!(added.location.as_deref(), Some("/portal/security?done=passkey-added"));
    (browser, key)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_page_offers_passkeys_under_the_strict_content_rules() {
    let world = World::new().await;
    let page = Browser::new(&world.url).follow("/portal").await;
    question(&page, SIGN_IN);
    let all = page.elements();
    let address = all.iter().find(|it| it.get("id") == Some("address")).unwrap();
    assert_eq!(address.get("autocomplete"), Some("username webauthn"));
    let scripts: Vec<_> = all.iter().filter(|it| it.is("script")).collect();
    assert!(scripts.iter().all(|it| it.get("nonce").is_some() && it.get("src").is_some()));
    assert_eq!(scripts.len(), 2);
    let rules = page.headers["content-security-policy"].to_str().unwrap();
    assert!(rules.starts_with("default-src 'none'; style-src 'self'; script-src 'nonce-"));
    assert!(!rules.contains("connect-src"), "the script fetches nothing: {rules}");
}

/// pages.md, rule 13
#[tokio::test(flavor = "multi_thread")]
async fn inside_an_app_no_passkey_is_offered_and_the_page_says_where_one_works() {
    let world = World::new().await;
    let browser = Browser::new(&world.url);
    let at = browser.get("/portal").await.location.unwrap();
    let view = "Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) AppleWebKit/537.36 Chrome/131.0";
    for (user_agent, offered) in [(view, false), ("Mozilla/5.0 Firefox/128.0", true)] {
        let page = browser.odd("GET", &at, &[("user-agent", user_agent)]).await;
        assert_eq!(page.status, 200);
        assert_eq!(page.body.contains("data-passkey="), offered, "{}", page.body);
        assert_eq!(page.body.contains("work inside this app"), !offered, "{}", page.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn r094_a_passkey_alone_opens_outlook_and_the_console_and_says_mfa() {
    let world = World::new().await;
    world.drain().await;
    let admin = world.signed_in("olivia", "/admin").await;
    run(&world, &admin, "federate.sh").await;
    let (_, mut key) = with_key(&world, "olivia").await;
    let browser = Browser::new(&world.url);
    let page = browser.follow("/admin").await;
    let done = prove(&browser, &page, SIGN_IN, &mut key).await;
    assert_eq!((done.status, done.location.as_deref()), (303, Some("/admin")), "{}", done.body);
    assert_eq!(browser.get("/admin").await.status, 200);

    let (_, mut key) = with_key(&world, "alice").await;
    let browser = Browser::new(&world.url);
    let page = browser.follow("/portal").await;
    let page = browser.fill(&page, "/sign-in/address", &[("address", "alice@contoso.com")]).await;
    assert_eq!(page.text("h1"), "Enter your password");
    let done = prove(&browser, &page, SIGN_IN, &mut key).await;
    assert_eq!(done.location.as_deref(), Some("/portal"), "{}", done.body);
    let (status, mailbox) = visit_outlook(&world, &browser).await;
    assert_eq!(status, 303, "{mailbox}");
    let find = |tx: &mut store::Tx| {
        let alice = store::users::by_upn(tx, "alice@contoso.com")?.unwrap().id;
        store::issued_tokens::of_user(tx, alice, 1)
    };
    let token = world.store.read(find).await.unwrap().remove(0);
    assert!(token.says_mfa);
    let methods: Vec<Method> = token.events.iter().map(|event| event.method).collect();
    assert_eq!(methods, [Method::Passkey], "no password was typed");
    let said: Vec<&String> = token.claims.iter().flat_map(|claim| &claim.values).collect();
    assert!(said.iter().any(|value| value.ends_with("/multipleauthn")), "{said:?}");
    assert!(!said.iter().any(|value| value.to_lowercase().contains("password")), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_without_verification_follows_the_password() {
    let world = World::new().await;
    let browser = world.signed_in("alice", "/portal").await;
    let mut key = Authenticator { verifies: false, ..Authenticator::at(&world.url) };
    add(&browser, &mut key, "Key ring").await;
    let seen = browser.get("/portal/security").await;
    assert!(seen.body.contains("Security key, needs the password too."), "{}", seen.body);

    let browser = Browser::new(&world.url);
    let page = browser.follow("/portal").await;
    let again = prove(&browser, &page, SIGN_IN, &mut key).await;
    assert_eq!((again.status, again.text("h1").as_str()), (200, "Sign in"));
    assert!(again.body.contains("That passkey wasn"), "{}", again.body);
    let account = world.account("alice");
    let page = browser.fill(&again, "/sign-in/address", &[("address", &account.upn)]).await;
    let password = secrecy::ExposeSecret::expose_secret(&account.password);
    let page = browser.fill(&page, "/sign-in/password", &[("password", password)]).await;
    assert_eq!(page.text("h1"), "Enter your code");
    let done = prove(&browser, &page, SIGN_IN, &mut key).await;
    assert_eq!(done.location.as_deref(), Some("/portal"), "{}", done.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_is_named_renamed_and_removed_on_the_portal() {
    let world = World::new().await;
    let (browser, mut key) = with_key(&world, "alice").await;
    let page = browser.get("/portal/security").await;
    assert!(page.body.contains("Work laptop") && page.body.contains("signs in by itself"));
    let all = page.elements();
    let link = all.iter().filter_map(|it| it.get("href")).find(|it| it.starts_with(REGISTER));
    let own = link.unwrap().to_owned();
    let page = browser.get(&own).await;
    let wrong = browser.fill(&page, &own, &[("name", " ")]).await;
    assert_eq!(wrong.status, 422);
    let renamed = browser.fill(&wrong, &own, &[("name", "Blue laptop")]).await;
    assert_eq!(renamed.location.as_deref(), Some("/portal/security?done=passkey-renamed"));

    // Removing it needs a fresh passkey, and a code is not asked for.
    world.pass(Duration::from_mins(6));
    let page = browser.get(&own).await;
    assert_eq!(page.text("h1"), "Blue laptop");
    let way = page
        .elements()
        .iter()
        .filter_map(|it| it.get("href").map(str::to_owned))
        .find(|href| href.starts_with("/portal/step-up"));
    let asked = browser.get(&way.unwrap()).await;
    assert!(!asked.body.contains("authenticator app"), "{}", asked.body);
    let back = prove(&browser, &asked, "/portal/step-up/passkey", &mut key).await;
    assert_eq!(back.location.as_deref(), Some(own.as_str()), "{}", back.body);
    let page = browser.get(&own).await;
    let removed = browser.fill(&page, &format!("{own}/remove"), &[]).await;
    assert_eq!(removed.location.as_deref(), Some("/portal/security?done=passkey-removed"));
    assert_eq!(browser.get(&own).await.status, 404);
    let other = Browser::new(&world.url);
    let page = other.follow("/portal").await;
    let refused = prove(&other, &page, SIGN_IN, &mut key).await;
    assert!(refused.body.contains("That passkey wasn"), "{}", refused.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn r039_a_passkey_of_somebody_else_is_not_added() {
    let world = World::new().await;
    let (_, mut key) = with_key(&world, "alice").await;
    let grace = world.signed_in("grace", "/portal").await;
    let refused = add(&grace, &mut key, "Mine").await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("That passkey can"), "{}", refused.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_sees_passkeys_and_resets_them_with_everything_else() {
    let world = World::new().await;
    let (_, mut key) = with_key(&world, "alice").await;
    let admin = world.signed_in("olivia", "/admin").await;
    let list = admin.get("/admin/users?q=alice").await.elements();
    let link =
        list.iter().find(|it| it.parents.iter().any(|parent| parent == "tbody") && it.is("a"));
    let person = link.and_then(|it| it.get("href")).unwrap();
    let page = admin.get(person).await;
    assert!(page.body.contains("Work laptop"), "{}", page.body);
    let reset = admin.fill(&page, &format!("{person}/factors/reset"), &[]).await;
    assert!(reset.body.contains("Enrolment code"), "{}", reset.body);
    assert!(!reset.body.contains("<strong>Work laptop"), "{}", reset.body);
    let browser = Browser::new(&world.url);
    let page = browser.follow("/portal").await;
    let refused = prove(&browser, &page, SIGN_IN, &mut key).await;
    assert!(refused.body.contains("That passkey wasn"), "{}", refused.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn password_managers_find_where_passkeys_are_managed() {
    let world = World::new().await;
    let change = Browser::new(&world.url).get("/.well-known/change-password").await;
    assert_eq!(change.location.as_deref(), Some("/portal/security#password"));
    let page = Browser::new(&world.url).get("/.well-known/passkey-endpoints").await;
    assert_eq!(page.headers["content-type"], "application/json");
    let said: serde_json::Value = serde_json::from_str(&page.body).unwrap();
    let security = format!("{}/portal/security", world.url);
    assert_eq!(said, serde_json::json!({ "enroll": security, "manage": security }));
}

/// F052: a code is not enough any more; the key is, and who has none reads how to get one.
#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_takes_keys_only_asks_for_the_key_and_says_who_has_none() {
    let world = World::new().await;
    let (alice, mut key) = with_key(&world, "alice").await;
    let admin = world.signed_in("olivia", "/admin").await;
    policy::add(&admin, &[("name", "Keys only"), ("then", "phishing-resistant")]).await;
    let review = admin.get("/admin/policy/review").await;
    let portal_too = "the draft keeps them from the portal";
    for shown in ["Passkey or security key", portal_too, "<code>olivia@contoso.com</code>"] {
        assert!(review.body.contains(shown), "{shown}: {}", review.body);
    }
    assert!(!review.body.contains("<code>alice@contoso.com</code>"), "she has one");
    let asked =
        "/admin/policy/what-if?person=grace%40contoso.com&address=203.0.113.9&target=portal";
    let answer = admin.get(asked).await;
    assert!(answer.body.contains("They have none: with an app they are locked out"));
    policy::press(&admin, "/admin/policy/review", "/admin/policy/publish").await;

    assert_eq!(alice.get("/portal").await.status, 303, "her session is by a code");
    let page = by_password(&alice, &world, "alice").await;
    assert_eq!(page.text("h1"), "Use your passkey");
    assert!(page.body.contains("a code can be given away to a false page"), "{}", page.body);
    for other in ["/sign-in/second-factor", "/sign-in/recovery-code"] {
        assert!(!page.body.contains(other), "{other} is of no use: {}", page.body);
    }
    let again = alice.fill(&page, SIGN_IN, &[("answer", "{}")]).await;
    assert!(again.body.contains("Try again, or use another device or key."), "{}", again.body);
    assert!(!again.body.contains("another way"), "there is none: {}", again.body);
    let done = prove(&alice, &again, SIGN_IN, &mut key).await;
    assert_eq!(done.location.as_deref(), Some("/portal"), "{}", done.body);
    assert_eq!(alice.get("/portal").await.status, 200);

    let none = by_password(&Browser::new(&world.url), &world, "grace").await;
    assert_eq!(none.text("h1"), "You need a passkey");
    assert!(none.body.contains("Ask your administrator"), "the portal takes keys only, too");
    let first = by_password(&Browser::new(&world.url), &world, "carol").await;
    assert_eq!(first.text("h1"), "Set up a passkey");
    assert!(!first.body.contains("QR code"), "{}", first.body);
    question(&first, "/sign-in/enroll/passkey");
}

/// On the way to the portal, after name and password.
async fn by_password(browser: &Browser, world: &World, name: &str) -> Page {
    let (page, account) = (browser.follow("/portal").await, world.account(name));
    let page = browser.fill(&page, "/sign-in/address", &[("address", &account.upn)]).await;
    browser.fill(&page, "/sign-in/password", &[("password", account.password())]).await
}
