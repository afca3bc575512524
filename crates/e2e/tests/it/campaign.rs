//! Setting up a second factor may be put off for a day, and the board says who is left.

use e2e::{Browser, Demo, Script};

async fn carol_puts_it_off_and_sets_it_up_later(script: Script) {
    let demo = Demo::start().unwrap();
    let carol = demo.person("carol").unwrap();
    let owner = Browser::open(script).await.unwrap();
    owner.sign_in_to_console(&demo).await.unwrap();
    let board = format!("{}/admin/policy/second-factors", demo.ready.url);
    owner.go(&board).await.unwrap();
    owner.click("[name='may_put_off']").await.unwrap();
    owner.press("form:has(#last_day) button.primary").await.unwrap();

    let browser = Browser::open(script).await.unwrap();
    browser.go(&format!("{}/portal", demo.ready.url)).await.unwrap();
    browser.send("#address", &carol.upn).await.unwrap();
    browser.give_password(&carol.password).await.unwrap();
    browser.expect("Set up your authenticator").await.unwrap();
    browser.press("form[action='/sign-in/enroll/later'] button").await.unwrap();
    browser.expect("Hello, Carol").await.unwrap();

    owner.go(&format!("{board}?q=carol")).await.unwrap();
    assert_eq!(owner.text("td .badge").await.unwrap(), "Put off");
    owner.press("td a.strong").await.unwrap();
    let page = owner.text("main").await.unwrap();
    assert!(page.contains("Put off by themselves until"), "{page}");
    // The role of an owner may end it at once: Carol is asked at her next page.
    owner.press("form[action$='/exemption/end'] button").await.unwrap();
    browser.go(&format!("{}/portal", demo.ready.url)).await.unwrap();
    browser.send("#address", &carol.upn).await.unwrap();
    browser.give_password(&carol.password).await.unwrap();
    browser.enrol(&carol.upn).await.unwrap();
    browser.expect("Hello, Carol").await.unwrap();
    owner.go(&format!("{board}?q=carol")).await.unwrap();
    let page = owner.text("main").await.unwrap();
    assert!(page.contains("Nobody matches"), "{page}");
    owner.close().await.unwrap();
    browser.close().await.unwrap();
}

#[tokio::test]
async fn a_second_factor_is_put_off_and_set_up_later() {
    carol_puts_it_off_and_sets_it_up_later(Script::On).await;
}

#[tokio::test]
async fn a_second_factor_is_put_off_and_set_up_later_without_script() {
    carol_puts_it_off_and_sets_it_up_later(Script::Off).await;
}
