//! Alice links a Microsoft account of hers in the portal, signs out, and signs in with it into Outlook.

use e2e::{Browser, Demo, Script};

/// What the simulator's registration for signing in is called, and its secret.
const CLIENT_ID: &str = "5c2f9e61-0b7d-4a38-9d14-6e8a3b5c7f20";
const SECRET: &str = "S1g8Q~gatehouse-sign-in-secret.3kB9xW5mQz";
/// Alice's account in another directory.
const ELSEWHERE: &str = "alice@fabrikam.com";

/// Olivia adds a registration, gives Microsoft its redirect URI, switches it on and tests it.
async fn add_registration(browser: &Browser, demo: &Demo) {
    browser.sign_in_to_console(demo).await.unwrap();
    browser.go(&format!("{}/admin/registrations/new", demo.ready.url)).await.unwrap();
    browser.expect("Add a registration").await.unwrap();
    browser.fill("#alias", "Partners").await.unwrap();
    browser.fill("#client_id", CLIENT_ID).await.unwrap();
    browser.fill("#client_secret", SECRET).await.unwrap();
    browser.click("[name='mode'][value='one']").await.unwrap();
    browser.send("#tenant", "fabrikam.com").await.unwrap();
    browser.expect("Partners").await.unwrap();
    let page = browser.address().await.unwrap();
    let redirect = browser.text(".facts code").await.unwrap();
    let apps = format!("{}/simulator/app-registrations", demo.ready.simulator_url);
    browser.go(&apps).await.unwrap();
    browser.send(&format!("[id='uri-{CLIENT_ID}']"), &redirect).await.unwrap();
    browser.expect("App registrations").await.unwrap();
    browser.go(&page).await.unwrap();
    browser.press("form[action$='/switch'] button").await.unwrap();
    browser.find(".verdict.ok").await.unwrap();
    browser.press("form[action$='/test'] button").await.unwrap();
    browser.find("section[aria-labelledby='test'] .verdict.ok").await.unwrap();
}

/// From the page in between to Microsoft's and back.
async fn sign_in_there(browser: &Browser) {
    browser.expect("Sign in with your Microsoft account").await.unwrap();
    browser.send("#username", ELSEWHERE).await.unwrap();
}

/// Each code works once: waits until the app shows the next one.
async fn next_code() {
    tokio::time::sleep(std::time::Duration::from_secs(31)).await;
}

async fn walk(script: Script) {
    let demo = Demo::start().unwrap();
    let olivia = Browser::open(script).await.unwrap();
    add_registration(&olivia, &demo).await;
    olivia.close().await.unwrap();
    let browser = Browser::open(script).await.unwrap();
    let alice = demo.person("alice").unwrap();
    let portal = format!("{}/portal", demo.ready.url);
    browser.go(&portal).await.unwrap();
    browser.send("#address", &alice.upn).await.unwrap();
    browser.give_password(&alice.password).await.unwrap();
    browser.give_code(alice).await.unwrap();
    browser.expect("Hello").await.unwrap();
    browser.go(&format!("{portal}/security")).await.unwrap();
    browser.press("form[action='/portal/security/microsoft'] button").await.unwrap();
    sign_in_there(&browser).await;
    browser.expect("Security").await.unwrap();
    let linked = browser.text("section[aria-labelledby='microsoft'] strong").await.unwrap();
    assert_eq!(linked, ELSEWHERE);
    browser.press("form[action='/sign-out'] button").await.unwrap();
    browser.expect("You are signed out").await.unwrap();

    browser.open_outlook(&demo, &alice.upn).await.unwrap();
    browser.expect("Enter your password").await.unwrap();
    browser.press("form[action='/sign-in/microsoft'] button").await.unwrap();
    sign_in_there(&browser).await;
    next_code().await;
    browser.give_code(alice).await.unwrap();
    browser.go_on_to_microsoft().await.unwrap();
    browser.expect("Inbox of Alice").await.unwrap();
    assert_eq!(browser.text("#mfa").await.unwrap(), "yes", "her code was asked for");
    browser.close().await.unwrap();
}

#[tokio::test]
async fn alice_links_her_account_and_reads_her_mail_by_it() {
    walk(Script::On).await;
}

#[tokio::test]
async fn the_same_without_script() {
    walk(Script::Off).await;
}
