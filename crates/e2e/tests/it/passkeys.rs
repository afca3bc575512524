//! Walks with a passkey, which Chromium's own authenticator holds.

use e2e::{Browser, Demo, Script};

/// Adds a passkey on the portal, from the session that there is.
pub(crate) async fn add_passkey(browser: &Browser, demo: &Demo, name: &str) {
    browser.go(&format!("{}/portal/security", demo.ready.url)).await.unwrap();
    browser.fill("#name", name).await.unwrap();
    browser.press("form[action='/portal/security/passkeys'] button").await.unwrap();
    // The heading is that of the page before, too, and a page has no word of what fades in.
    let toast = browser.text(".toast").await.unwrap();
    assert!(toast.contains("Added."), "{toast}");
    let page = browser.text("main").await.unwrap();
    assert!(page.contains(name), "{page}");
}

async fn sign_out(browser: &Browser, demo: &Demo) {
    browser.go(&format!("{}/portal", demo.ready.url)).await.unwrap();
    browser.press("form[action='/sign-out'] button").await.unwrap();
    browser.expect("You are signed out").await.unwrap();
}

#[tokio::test]
async fn alice_adds_a_passkey_and_opens_outlook_with_it_alone() {
    let demo = Demo::start().unwrap();
    let browser = Browser::open(Script::On).await.unwrap();
    browser.plug_in_authenticator().await.unwrap();
    let alice = demo.person("alice").unwrap();
    browser.sign_in_to_outlook(&demo, alice).await.unwrap();
    add_passkey(&browser, &demo, "Alice's laptop").await;
    sign_out(&browser, &demo).await;

    // The list of the password's field takes the passkey as soon as somebody is there; if not, the
    // button does.
    browser.open_outlook(&demo, &alice.upn).await.unwrap();
    browser.sign_in_by_passkey().await.unwrap();
    browser.expect("Inbox of Alice").await.unwrap();
    assert_eq!(browser.text("#upn").await.unwrap(), alice.upn);
    assert_eq!(browser.text("#mfa").await.unwrap(), "yes", "a passkey is both factors");
    browser.close().await.unwrap();
}

#[tokio::test]
async fn olivia_opens_the_console_with_a_passkey_alone() {
    let demo = Demo::start().unwrap();
    let browser = Browser::open(Script::On).await.unwrap();
    browser.plug_in_authenticator().await.unwrap();
    let olivia = &demo.ready.admin;
    browser.go(&format!("{}/portal", demo.ready.url)).await.unwrap();
    browser.expect("Sign in").await.unwrap();
    browser.send("#address", &olivia.upn).await.unwrap();
    browser.give_password(&olivia.password).await.unwrap();
    browser.give_code(olivia).await.unwrap();
    browser.expect("Hello").await.unwrap();
    add_passkey(&browser, &demo, "Office key").await;
    sign_out(&browser, &demo).await;

    browser.go(&format!("{}/admin", demo.ready.url)).await.unwrap();
    browser.sign_in_by_passkey().await.unwrap();
    browser.find("body.console").await.unwrap();
    browser.close().await.unwrap();
}

#[tokio::test]
async fn carol_sets_up_a_passkey_in_the_place_of_an_app() {
    let demo = Demo::start().unwrap();
    let browser = Browser::open(Script::On).await.unwrap();
    browser.plug_in_authenticator().await.unwrap();
    let carol = demo.person("carol").unwrap();
    browser.open_outlook(&demo, &carol.upn).await.unwrap();
    browser.give_password(&carol.password).await.unwrap();
    browser.expect("Set up your authenticator").await.unwrap();
    browser.press("form[action='/sign-in/enroll/passkey'] button").await.unwrap();
    browser.expect("Keep your recovery codes").await.unwrap();
    browser.press("form[action='/sign-in/recovery-codes'] button.primary").await.unwrap();
    browser.expect("Inbox of Carol").await.unwrap();
    assert_eq!(browser.text("#mfa").await.unwrap(), "yes");

    // After the password the passkey is asked for: there is no app.
    sign_out(&browser, &demo).await;
    browser.open_outlook(&demo, &carol.upn).await.unwrap();
    browser.sign_in_by_passkey().await.unwrap();
    browser.expect("Inbox of Carol").await.unwrap();
    browser.close().await.unwrap();
}

#[tokio::test]
async fn without_script_nothing_offers_a_passkey_and_everything_else_works() {
    let demo = Demo::start().unwrap();
    let browser = Browser::open(Script::Off).await.unwrap();
    let alice = demo.person("alice").unwrap();
    browser.open_outlook(&demo, &alice.upn).await.unwrap();
    browser.expect("Enter your password").await.unwrap();
    let page = browser.text("main").await.unwrap();
    assert!(!page.contains("passkey"), "{page}");
    browser.give_password(&alice.password).await.unwrap();
    browser.give_code(alice).await.unwrap();
    browser.go_on_to_microsoft().await.unwrap();
    browser.expect("Inbox of Alice").await.unwrap();
    browser.go(&format!("{}/portal/security", demo.ready.url)).await.unwrap();
    let page = browser.text("main").await.unwrap();
    assert!(page.contains("This browser can't add passkeys"), "{page}");
    assert!(
        !browser
            .find("form[action='/portal/security/passkeys']")
            .await
            .unwrap()
            .is_displayed()
            .await
            .unwrap()
    );
    browser.close().await.unwrap();
}
