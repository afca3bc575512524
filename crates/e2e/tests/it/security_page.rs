//! Alice's own security page, by the keyboard alone: new recovery codes, a session that she ends,
//! another phone, another password, and a sign-in that wasn't hers.

use e2e::{Browser, Demo, Script, demo::code_now};

use crate::remembered::without_barriers;

const NEW: &str = "four unrelated words stand here";

/// As far as the page after the password, by the keyboard.
async fn give_password(browser: &Browser, demo: &Demo, password: &str) {
    let alice = demo.person("alice").unwrap();
    browser.go(&format!("{}/portal", demo.ready.url)).await.unwrap();
    browser.expect("Sign in").await.unwrap();
    browser.send_by_keyboard("#address", &alice.upn).await.unwrap();
    browser.expect("Enter your password").await.unwrap();
    browser.send_by_keyboard("#password", password).await.unwrap();
    browser.expect("Enter your code").await.unwrap();
}

/// Sets the authenticator app up anew, as on another phone.
async fn move_app(browser: &Browser, script: Script) {
    browser.press_by_keyboard("a[href='/portal/security/app']").await.unwrap();
    browser.expect("Authenticator app").await.unwrap();
    if script == Script::On {
        without_barriers(browser).await;
    }
    browser.press_by_keyboard("form[action$='/app/new'] button").await.unwrap();
    browser.expect("Set up your authenticator").await.unwrap();
    if script == Script::On {
        without_barriers(browser).await;
    }
    let key = browser.text(".key code").await.unwrap();
    browser.send_by_keyboard("#code", &code_now(&key).unwrap()).await.unwrap();
    browser.expect("Security").await.unwrap();
    let page = browser.text("body").await.unwrap();
    assert!(page.contains("Your authenticator app is set up."), "{page}");
}

async fn alice_looks_after_her_sign_in(script: Script) {
    let demo = Demo::start().unwrap();
    let alice = demo.person("alice").unwrap();
    let browser = Browser::open(script).await.unwrap();
    give_password(&browser, &demo, &alice.password).await;
    browser.give_code(alice).await.unwrap();
    browser.expect("Hello").await.unwrap();
    browser.press_by_keyboard("a[href='/portal/security']").await.unwrap();
    browser.press_by_keyboard("form[action$='/recovery-codes'] button").await.unwrap();
    browser.expect("Keep your recovery codes").await.unwrap();
    let code = browser.text("#codes li").await.unwrap();

    let other = Browser::open(script).await.unwrap();
    give_password(&other, &demo, &alice.password).await;
    other.press_by_keyboard("a[href^='/sign-in/recovery-code']").await.unwrap();
    other.send_by_keyboard("#code", &code).await.unwrap();
    other.expect("Hello").await.unwrap();

    browser.go(&format!("{}/portal/security", demo.ready.url)).await.unwrap();
    let page = browser.text("main").await.unwrap();
    assert!(page.contains("9 of 10 left") && page.contains("This browser"), "{page}");
    if script == Script::On {
        without_barriers(&browser).await;
    }
    browser.press_by_keyboard("form[action^='/portal/sessions/'] button").await.unwrap();
    let page = browser.text("body").await.unwrap();
    assert!(page.contains("The session has ended."), "{page}");
    other.go(&format!("{}/portal", demo.ready.url)).await.unwrap();
    other.expect("Sign in").await.unwrap();

    move_app(&browser, script).await;

    browser.type_by_keyboard("#current_password", &alice.password).await.unwrap();
    browser.send_by_keyboard("#new_password", NEW).await.unwrap();
    let page = browser.text("body").await.unwrap();
    assert!(page.contains("Your password is changed"), "{page}");
    browser.press_by_keyboard("a[href='/portal/sign-ins']").await.unwrap();
    browser.expect("Recent sign-ins").await.unwrap();
    browser.press_by_keyboard("form[action$='/not-me'] button").await.unwrap();
    let page = browser.text("main").await.unwrap();
    assert!(page.contains("Your other sessions have ended"), "{page}");
    if script == Script::On {
        without_barriers(&browser).await;
    }
    give_password(&other, &demo, NEW).await;
    other.close().await.unwrap();
    browser.close().await.unwrap();
}

#[tokio::test]
async fn alice_looks_after_her_sign_in_by_the_keyboard_alone() {
    alice_looks_after_her_sign_in(Script::On).await;
}

#[tokio::test]
async fn alice_looks_after_her_sign_in_without_script() {
    alice_looks_after_her_sign_in(Script::Off).await;
}
