//! An admin says what of people reaches Microsoft 365, with a browser.

use e2e::{Browser, Demo, Script};

const SAVE: &str = "form[action$='/attributes/department'] button.primary";

async fn the_owner_writes_departments_in_capitals(script: Script) {
    let demo = Demo::start().unwrap();
    let admin = Browser::open(script).await.unwrap();
    admin.sign_in_to_console(&demo).await.unwrap();
    admin.go(&format!("{}/admin/applications/office365", demo.ready.url)).await.unwrap();
    admin.press("a[href$='/office365/attributes']").await.unwrap();
    admin.press("a[href$='/attributes/department']").await.unwrap();
    admin.fill("#expression", "uper(department)").await.unwrap();
    admin.fill("#person", "alice@contoso.com").await.unwrap();
    admin.press("button[formaction$='/try']").await.unwrap();
    let wrong = admin.text("[role=alert]").await.unwrap();
    assert!(wrong.contains("there is no function uper"), "{wrong}");
    admin.fill("#expression", "upper(department)").await.unwrap();
    admin.press("button[formaction$='/try']").await.unwrap();
    let tried = admin.text("section[aria-labelledby='trial']").await.unwrap();
    assert!(tried.contains("SALES") && tried.contains("It differs"), "{tried}");
    admin.press(SAVE).await.unwrap();
    let asked = admin.text("section[aria-labelledby='review']").await.unwrap();
    assert!(asked.contains("people change in Microsoft 365"), "{asked}");
    admin.press(SAVE).await.unwrap();
    assert_eq!(admin.text(".toast p").await.unwrap(), "Saved.");
    admin.close().await.unwrap();
}

#[tokio::test]
async fn a_rule_is_tried_reviewed_and_saved() {
    the_owner_writes_departments_in_capitals(Script::On).await;
}

#[tokio::test]
async fn a_rule_is_tried_reviewed_and_saved_without_script() {
    the_owner_writes_departments_in_capitals(Script::Off).await;
}
