//! Alice has her browser remembered: her password is enough there until she forgets it on the portal.

use e2e::{Browser, Demo, Script};

use crate::policy::publish;

/// Looks at a page, narrow and dark, wide and light.
pub(crate) async fn without_barriers(browser: &Browser) {
    for (width, dark) in [(320, true), (1440, false)] {
        browser.look(width, dark).await.unwrap();
        let found = browser.barriers().await.unwrap();
        assert!(found.is_empty(), "{width}: {found:?}");
    }
}

async fn a_browser_is_remembered(script: Script) {
    let demo = Demo::start().unwrap();
    let alice = demo.person("alice").unwrap();
    let owner = Browser::open(script).await.unwrap();
    owner.sign_in_to_console(&demo).await.unwrap();
    owner.go(&format!("{}/admin/policy/rules/new", demo.ready.url)).await.unwrap();
    owner.fill("#name", "Remember browsers").await.unwrap();
    owner.fill("#remember", "14").await.unwrap();
    owner.press("main form button.primary").await.unwrap();
    publish(&owner, &demo).await;
    owner.close().await.unwrap();

    let browser = Browser::open(script).await.unwrap();
    let portal = format!("{}/portal", demo.ready.url);
    browser.go(&portal).await.unwrap();
    browser.send("#address", &alice.upn).await.unwrap();
    browser.give_password(&alice.password).await.unwrap();
    browser.expect("Enter your code").await.unwrap();
    if script == Script::On {
        without_barriers(&browser).await;
    }
    browser.click("input[type='checkbox'][name='remember']").await.unwrap();
    browser.give_code(alice).await.unwrap();
    browser.expect("Hello").await.unwrap();

    browser.press("form[action='/sign-out'] button").await.unwrap();
    browser.open_outlook(&demo, &alice.upn).await.unwrap();
    browser.give_password(&alice.password).await.unwrap();
    browser.go_on_to_microsoft().await.unwrap();
    browser.expect("Inbox of Alice").await.unwrap();

    browser.go(&format!("{portal}/security")).await.unwrap();
    if script == Script::On {
        without_barriers(&browser).await;
    }
    browser.press("form[action^='/portal/remembered/'] button").await.unwrap();
    // The session rested on it: it opens nothing here any more.
    browser.expect("Sign in").await.unwrap();
    browser.send("#address", &alice.upn).await.unwrap();
    browser.give_password(&alice.password).await.unwrap();
    browser.expect("Enter your code").await.unwrap();
    browser.close().await.unwrap();
}

#[tokio::test]
async fn r056_a_password_is_enough_in_a_remembered_browser_until_it_is_forgotten() {
    a_browser_is_remembered(Script::On).await;
}

#[tokio::test]
async fn r056_the_same_without_script() {
    a_browser_is_remembered(Script::Off).await;
}
