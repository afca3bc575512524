//! The pre-flight in a browser: the owner lets the house look, and reads who would be locked out.

use e2e::{Browser, Demo, Script};
use serde_json::json;

async fn the_owner_looks_ahead(script: Script) {
    let demo = Demo::start().unwrap();
    let stranger = json!({
        "userPrincipalName": "stranger@contoso.com", "displayName": "Stranger",
        "mailNickname": "stranger", "userType": "Member",
    });
    demo.settle(&stranger).await.unwrap();
    let browser = Browser::open(script).await.unwrap();
    browser.sign_in_to_console(&demo).await.unwrap();
    browser.go(&format!("{}/admin/domains/contoso-com", demo.ready.url)).await.unwrap();
    browser.press("a[href$='/contoso-com/preflight'].button").await.unwrap();
    browser.press("form[action$='/preflight'] button.primary").await.unwrap();
    browser.find(".findings").await.unwrap();
    assert!(browser.count(".findings h3").await.unwrap() >= 30);
    let failed = browser.text("#area-2 + .findings li:first-child").await.unwrap();
    assert!(failed.contains("Failed") && failed.contains("stranger@contoso.com"), "{failed}");
    let way_back = browser.text("#area-1 + .findings").await.unwrap();
    assert!(way_back.contains("break.glass.1@contoso.onmicrosoft.com"), "{way_back}");
    if script == Script::On {
        browser.look(320, false).await.unwrap();
        assert_eq!(browser.barriers().await.unwrap(), Vec::<String>::new());
    }
    browser.press("a[href$='/admin/matches']").await.unwrap();
    browser.expect("Sync users").await.unwrap();
    browser.close().await.unwrap();
}

#[tokio::test]
async fn the_owner_looks_ahead_and_reads_who_would_be_locked_out() {
    the_owner_looks_ahead(Script::On).await;
}

#[tokio::test]
async fn the_owner_looks_ahead_with_script_switched_off() {
    the_owner_looks_ahead(Script::Off).await;
}
