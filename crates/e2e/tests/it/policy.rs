//! The owner closes Microsoft 365 with a rule, asks what if, publishes, takes it back; and takes keys
//! alone there.

use e2e::{Browser, Demo, Script};

use crate::passkeys::add_passkey;

pub(crate) async fn publish(browser: &Browser, demo: &Demo) {
    browser.go(&format!("{}/admin/policy", demo.ready.url)).await.unwrap();
    browser.press("a[href='/admin/policy/review']").await.unwrap();
    browser.expect("What the draft changes").await.unwrap();
    browser.press("form[action='/admin/policy/publish'] button").await.unwrap();
    browser.expect("Sign-in policy").await.unwrap();
}

async fn the_owner_closes_and_opens_a_door(script: Script) {
    let demo = Demo::start().unwrap();
    let alice = demo.person("alice").unwrap();
    let owner = Browser::open(script).await.unwrap();
    owner.sign_in_to_console(&demo).await.unwrap();
    owner.press("nav a[href='/admin/policy']").await.unwrap();
    owner.press("a[href='/admin/policy/rules/new']").await.unwrap();
    owner.expect("Add a rule").await.unwrap();
    owner.fill("#name", "Closed for the move").await.unwrap();
    owner.click("input[name='targets'][value^='party:']").await.unwrap();
    owner.click("input[name='then'][value='deny']").await.unwrap();
    owner.press("main form button.primary").await.unwrap();
    assert_eq!(owner.text(".rules h2 a").await.unwrap(), "Closed for the move");

    owner.press("nav[aria-label='Sign-in policy'] a[href$='what-if']").await.unwrap();
    owner.fill("#person", &alice.upn).await.unwrap();
    owner.press("main form button.primary").await.unwrap();
    let draft = owner.text("section[aria-labelledby='draft'] .verdict span").await.unwrap();
    assert!(draft.starts_with(&format!("Denied for {}", alice.upn)), "{draft}");
    let counts = owner.text("section[aria-labelledby='published'] .verdict span").await.unwrap();
    assert!(counts.starts_with("Second factor"), "{counts}");
    publish(&owner, &demo).await;

    let browser = Browser::open(script).await.unwrap();
    browser.open_outlook(&demo, &alice.upn).await.unwrap();
    browser.give_password(&alice.password).await.unwrap();
    let page = browser.text("main").await.unwrap();
    assert!(page.contains("does not allow this sign-in"), "{page}");
    browser.close().await.unwrap();

    owner.press(".rules form[action$='/remove'] button").await.unwrap();
    publish(&owner, &demo).await;
    let open = "No rule counts: everybody needs a second factor at every sign-in.";
    assert_eq!(owner.text(".verdict span").await.unwrap(), open);
    let browser = Browser::open(script).await.unwrap();
    browser.sign_in_to_outlook(&demo, alice).await.unwrap();
    browser.close().await.unwrap();
    owner.close().await.unwrap();
}

#[tokio::test]
async fn a_rule_closes_a_door_and_another_version_opens_it() {
    the_owner_closes_and_opens_a_door(Script::On).await;
}

#[tokio::test]
async fn the_same_without_script() {
    the_owner_closes_and_opens_a_door(Script::Off).await;
}

/// Alice has an app and no passkey: she gets one on the portal. Carol has nothing and sets one up.
#[tokio::test]
async fn a_rule_that_takes_keys_leads_people_to_theirs() {
    let demo = Demo::start().unwrap();
    let owner = Browser::open(Script::On).await.unwrap();
    owner.sign_in_to_console(&demo).await.unwrap();
    owner.go(&format!("{}/admin/policy/rules/new", demo.ready.url)).await.unwrap();
    owner.fill("#name", "Keys for mail").await.unwrap();
    owner.click("input[name='targets'][value^='party:']").await.unwrap();
    owner.click("input[name='then'][value='phishing-resistant']").await.unwrap();
    owner.press("main form button.primary").await.unwrap();
    let alice = demo.person("alice").unwrap();
    owner.go(&format!("{}/admin/policy/review", demo.ready.url)).await.unwrap();
    let locked_out = owner.text("section[aria-labelledby='locked-out']").await.unwrap();
    assert!(locked_out.contains(&alice.upn), "{locked_out}");
    publish(&owner, &demo).await;
    owner.close().await.unwrap();

    let browser = Browser::open(Script::On).await.unwrap();
    browser.plug_in_authenticator().await.unwrap();
    browser.open_outlook(&demo, &alice.upn).await.unwrap();
    browser.give_password(&alice.password).await.unwrap();
    browser.expect("You need a passkey").await.unwrap();
    browser.press("a[href='/portal/security']").await.unwrap();
    browser.send("#address", &alice.upn).await.unwrap();
    browser.give_password(&alice.password).await.unwrap();
    browser.give_code(alice).await.unwrap();
    browser.expect("Hello").await.unwrap();
    add_passkey(&browser, &demo, "Laptop").await;
    browser.open_outlook(&demo, &alice.upn).await.unwrap();
    browser.sign_in_by_passkey().await.unwrap();
    browser.expect("Inbox of Alice").await.unwrap();
    browser.close().await.unwrap();

    let browser = Browser::open(Script::On).await.unwrap();
    browser.plug_in_authenticator().await.unwrap();
    let carol = demo.person("carol").unwrap();
    browser.open_outlook(&demo, &carol.upn).await.unwrap();
    browser.give_password(&carol.password).await.unwrap();
    browser.expect("Set up a passkey").await.unwrap();
    browser.press("form[action='/sign-in/enroll/passkey'] button").await.unwrap();
    browser.expect("Keep your recovery codes").await.unwrap();
    browser.press("form[action='/sign-in/recovery-codes'] button.primary").await.unwrap();
    browser.expect("Inbox of Carol").await.unwrap();
    browser.close().await.unwrap();
}
