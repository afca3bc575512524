//! Somebody changes the federation at Microsoft: the owner is told, looks, and says so.

use e2e::{Browser, Demo, Script};
use serde_json::json;

#[tokio::test]
async fn the_owner_is_told_of_a_changed_federation_and_says_that_she_knows() {
    let demo = Demo::start().unwrap();
    let browser = Browser::open(Script::On).await.unwrap();
    browser.sign_in_to_console(&demo).await.unwrap();
    browser.press("main a[href='/admin/alarms']").await.unwrap();
    assert_eq!(browser.text(".verdict span").await.unwrap(), "No alarm is open.");

    let evil = "https://evil.example/";
    demo.change_federation(&json!({ "passiveSignInUri": evil })).await.unwrap();
    browser.press("form[action='/admin/alarms/look'] button").await.unwrap();
    assert_eq!(browser.text(".verdict span").await.unwrap(), "1 alarm needs somebody now.");
    assert_eq!(browser.text("td[data-label='Found'] code").await.unwrap(), evil);

    browser.go(&format!("{}/admin", demo.ready.url)).await.unwrap();
    assert_eq!(browser.text(".verdict span").await.unwrap(), "1 thing needs you and can't wait.");
    assert_eq!(browser.count("main a[href='/admin/alarms']").await.unwrap(), 2, "banner and tile");
    browser.press(".banner .more a").await.unwrap();
    browser.press("form[action$='/acknowledge'] button").await.unwrap();
    let known = "Somebody knows of every open alarm.";
    assert_eq!(browser.text(".verdict span").await.unwrap(), known);
    assert_eq!(browser.text("h2 .badge").await.unwrap(), "Known");
    browser.close().await.unwrap();
}
