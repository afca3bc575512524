//! The owner gives Alice a role; she opens the console with it, as far as it goes, until it is taken.

use e2e::{Browser, Demo, Script};

use crate::remembered::without_barriers;

/// Chooses a role on Alice's page, by the keyboard.
async fn give(owner: &Browser, demo: &Demo, role: &str) {
    owner.find_person(demo, "Alice").await.unwrap();
    owner.click("details:has(form[action$='/role']) > summary").await.unwrap();
    owner.type_by_keyboard("#role", role).await.unwrap();
    owner.press_by_keyboard("form[action$='/role'] button").await.unwrap();
    let page = owner.text("body").await.unwrap();
    assert!(page.contains("The role is changed"), "{page}");
}

async fn a_role_opens_the_console_as_far_as_it_goes(script: Script) {
    let demo = Demo::start().unwrap();
    let alice = demo.person("alice").unwrap();
    let owner = Browser::open(script).await.unwrap();
    owner.sign_in_to_console(&demo).await.unwrap();
    give(&owner, &demo, "Help desk").await;
    if script == Script::On {
        owner.find_person(&demo, "Alice").await.unwrap();
        owner.click("details:has(form[action$='/role']) > summary").await.unwrap();
        without_barriers(&owner).await;
    }

    let browser = Browser::open(script).await.unwrap();
    browser.go(&format!("{}/admin", demo.ready.url)).await.unwrap();
    browser.send_by_keyboard("#address", &alice.upn).await.unwrap();
    browser.send_by_keyboard("#password", &alice.password).await.unwrap();
    browser.give_code(alice).await.unwrap();
    browser.find("body.console").await.unwrap();
    browser.find_person(&demo, "Bob").await.unwrap();
    assert_eq!(browser.count("form[action$='/end-sessions']").await.unwrap(), 1, "she helps");
    assert_eq!(browser.count("form[action$='/role']").await.unwrap(), 0, "she gives no roles");
    browser.find_person(&demo, "Olivia").await.unwrap();
    browser.press("form[action$='/end-sessions'] button").await.unwrap();
    let page = browser.text("body").await.unwrap();
    assert!(page.contains("has a role above yours"), "{page}");

    give(&owner, &demo, "None").await;
    browser.go(&format!("{}/admin/users", demo.ready.url)).await.unwrap();
    browser.expect("Sign in").await.unwrap();
    browser.close().await.unwrap();
    owner.close().await.unwrap();
}

#[tokio::test]
async fn alice_helps_with_a_role_until_it_is_taken() {
    a_role_opens_the_console_as_far_as_it_goes(Script::On).await;
}

#[tokio::test]
async fn alice_helps_with_a_role_without_script() {
    a_role_opens_the_console_as_far_as_it_goes(Script::Off).await;
}
