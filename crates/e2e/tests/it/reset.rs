//! Walk K: Alice does not know her password, and chooses another one.

use e2e::{Browser, Demo, Mailbox, Script};

use crate::remembered::without_barriers;

const NEW: &str = "four unrelated words stand here";

/// What each password is said to be worth while it is typed.
async fn meter(browser: &Browser) {
    for (typed, said) in [
        ("seven", "to go."),
        ("alice@contoso.com", "Weak: your address"),
        ("aaaaaaaabbbbbbbbbbbb", "Weak: too few different"),
        ("abcdefghijklmnopqrst", "Weak: it is a row"),
        (NEW, "Strong."),
    ] {
        browser.fill("#new_password", typed).await.unwrap();
        let words = browser.text(".meter").await.unwrap();
        assert!(words.contains(said), "{typed}: {words}");
    }
    without_barriers(browser).await;
    browser.fill("#new_password", "").await.unwrap();
}

async fn a_new_password_by_mail_and_code(script: Script) {
    let mailbox = Mailbox::open().await.unwrap();
    let server = mailbox.address.to_string();
    let demo = Demo::start_with(&["--mail-server", &server]).unwrap();
    let alice = demo.person("alice").unwrap();
    let browser = Browser::open(script).await.unwrap();
    browser.open_outlook(&demo, &alice.upn).await.unwrap();
    browser.expect("Enter your password").await.unwrap();
    browser.press("a[href^='/forgotten']").await.unwrap();
    browser.expect("Choose a new password").await.unwrap();
    let known = browser.find("#address").await.unwrap().prop("value").await.unwrap();
    assert_eq!(known.as_deref(), Some(alice.upn.as_str()), "nobody types it twice");
    if script == Script::On {
        without_barriers(&browser).await;
    }
    browser.send_by_keyboard("#address", "").await.unwrap();
    browser.expect("Look into your mail").await.unwrap();
    if script == Script::On {
        without_barriers(&browser).await;
    }

    let link = mailbox.link(&format!("{}/reset?token=", demo.ready.url)).await.unwrap();
    browser.go(&link).await.unwrap();
    browser.expect("Choose a new password").await.unwrap();
    if script == Script::On {
        without_barriers(&browser).await;
    }
    browser.press_by_keyboard("form[action='/reset'] button").await.unwrap();
    browser.give_code(alice).await.unwrap();
    browser.expect("Choose your password").await.unwrap();
    if script == Script::On {
        without_barriers(&browser).await;
    }
    if script == Script::On {
        meter(&browser).await;
    }
    browser.send_by_keyboard("#new_password", "too short").await.unwrap();
    browser.expect("Choose your password").await.unwrap();
    assert_eq!(browser.count("[role='alert']").await.unwrap(), 1);
    browser.send_by_keyboard("#new_password", NEW).await.unwrap();
    browser.expect("Hello").await.unwrap();

    // The link is used up, and the old password is worth nothing.
    let other = Browser::open(script).await.unwrap();
    other.go(&link).await.unwrap();
    other.press("form[action='/reset'] button").await.unwrap();
    other.expect("This link has run out").await.unwrap();
    for (password, heading) in
        [(alice.password.as_str(), "Enter your password"), (NEW, "Enter your code")]
    {
        other.open_outlook(&demo, &alice.upn).await.unwrap();
        other.give_password(password).await.unwrap();
        other.expect(heading).await.unwrap();
    }
    other.close().await.unwrap();
    browser.close().await.unwrap();
}

#[tokio::test]
async fn alice_chooses_a_new_password_by_mail_and_code() {
    a_new_password_by_mail_and_code(Script::On).await;
}

#[tokio::test]
async fn alice_chooses_a_new_password_without_script() {
    a_new_password_by_mail_and_code(Script::Off).await;
}
