//! Somebody left their phone at home: the owner gives them a pass, and they reach their mailbox.

use e2e::{Browser, Demo, Script};

async fn a_pass_opens_the_mailbox_once(script: Script) {
    let demo = Demo::start().unwrap();
    let alice = demo.person("alice").unwrap();
    let owner = Browser::open(script).await.unwrap();
    owner.sign_in_to_console(&demo).await.unwrap();
    owner.find_person(&demo, "Alice").await.unwrap();
    owner.click("details:has(form[action$='/access-pass']) > summary").await.unwrap();
    owner.send("#reason", "left the phone at home").await.unwrap();
    let pass = owner.text(".secret code").await.unwrap();
    assert_eq!(pass.len(), 29, "{pass}");

    for expected in [true, false] {
        let browser = Browser::open(script).await.unwrap();
        browser.open_outlook(&demo, &alice.upn).await.unwrap();
        browser.give_password(&alice.password).await.unwrap();
        browser.press("a[href^='/sign-in/recovery-code']").await.unwrap();
        browser.expect("Enter a recovery code or pass").await.unwrap();
        browser.send("#code", &pass).await.unwrap();
        if expected {
            browser.go_on_to_microsoft().await.unwrap();
            browser.expect("Inbox of").await.unwrap();
        } else {
            let page = browser.text("main").await.unwrap();
            assert!(page.contains("was used before or has run out"), "{page}");
        }
        browser.close().await.unwrap();
    }
    owner.close().await.unwrap();
}

#[tokio::test]
async fn whoever_left_the_phone_at_home_gets_in_with_a_pass() {
    a_pass_opens_the_mailbox_once(Script::On).await;
}

#[tokio::test]
async fn whoever_left_the_phone_at_home_gets_in_without_script() {
    a_pass_opens_the_mailbox_once(Script::Off).await;
}
