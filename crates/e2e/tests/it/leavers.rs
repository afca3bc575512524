//! Somebody leaves, is put under a legal hold, and comes back, through the console.

use e2e::{Browser, Demo, Script};

async fn text_of_leaving(admin: &Browser) -> String {
    admin.text("section[aria-labelledby='departure']").await.unwrap()
}

async fn somebody_leaves_and_comes_back(script: Script) {
    let demo = Demo::start().unwrap();
    let admin = Browser::open(script).await.unwrap();
    admin.sign_in_to_console(&demo).await.unwrap();
    let settings = format!("{}/admin/applications/office365", demo.ready.url);
    admin.go(&settings).await.unwrap();
    admin.fill("#delete_days", "10").await.unwrap();
    admin.press("form[action='/admin/applications/office365'] button[type=submit]").await.unwrap();
    let refused = admin.text("[role=alert]").await.unwrap();
    assert!(refused.contains("isn't deleted before its licences"), "{refused}");
    admin.fill("#licence_grace_days", "5").await.unwrap();
    admin.press("form[action='/admin/applications/office365'] button[type=submit]").await.unwrap();
    assert_eq!(admin.text(".toast p").await.unwrap(), "Saved.");

    admin.find_person(&demo, "Erin Eriksen").await.unwrap();
    assert!(text_of_leaving(&admin).await.contains("Nothing is going to be taken away."));
    admin.click("details:has(form[action$='/unassign']) summary").await.unwrap();
    admin.press("form[action$='/unassign'] button").await.unwrap();
    let leaving = text_of_leaving(&admin).await;
    assert!(leaving.contains("The account will be deleted"), "{leaving}");
    admin.go(&settings).await.unwrap();
    let due = admin.text("section[aria-labelledby='due']").await.unwrap();
    assert!(due.contains("Erin") && due.contains("Account"), "{due}");

    admin.press("section[aria-labelledby='due'] tbody a").await.unwrap();
    admin.click("section[aria-labelledby='departure'] details summary").await.unwrap();
    admin.fill("#hold_reason", "Case 4711").await.unwrap();
    admin.press("form[action$='/hold'] button").await.unwrap();
    let held = text_of_leaving(&admin).await;
    assert!(held.contains("There is a legal hold.") && held.contains("Case 4711"), "{held}");
    admin.click("section[aria-labelledby='departure'] details summary").await.unwrap();
    admin.press("form[action$='/hold/lift'] button").await.unwrap();
    assert!(text_of_leaving(&admin).await.contains("The account will be deleted"));
    admin.press("form[action$='/assign'] button.primary").await.unwrap();
    let back = text_of_leaving(&admin).await;
    assert!(back.contains("Nothing is going to be taken away."), "{back}");
    admin.close().await.unwrap();
}

#[tokio::test]
async fn somebody_leaves_is_held_and_comes_back() {
    somebody_leaves_and_comes_back(Script::On).await;
}

#[tokio::test]
async fn the_same_without_script() {
    somebody_leaves_and_comes_back(Script::Off).await;
}
