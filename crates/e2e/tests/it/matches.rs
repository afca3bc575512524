//! People who were in the tenant before Gatehouse: the owner says who they are, a plan takes them
//! over, and they sign in to the mailbox that they had.

use e2e::{Browser, Demo, Script};
use serde_json::json;

async fn anchor(demo: &Demo, upn: &str) -> serde_json::Value {
    let there = demo.entra_user(upn).await.unwrap().expect("there");
    there["properties"]["onPremisesImmutableId"].clone()
}

async fn people_keep_their_mailbox(script: Script) {
    let demo = Demo::start().unwrap();
    let mut ids = Vec::new();
    for name in ["bob", "lena", "olivia"] {
        let upn = format!("{name}@contoso.com");
        let person = json!({
            "userPrincipalName": upn, "displayName": "Was here before", "usageLocation": "SE",
        });
        ids.push(demo.settle(&person).await.unwrap());
    }
    let admin = Browser::open(script).await.unwrap();
    admin.sign_in_to_console(&demo).await.unwrap();
    admin.go(&format!("{}/admin/applications/office365", demo.ready.url)).await.unwrap();
    admin.press("main a[href='/admin/matches']").await.unwrap();
    admin.expect("Sync users").await.unwrap();
    admin.press("form[action='/admin/matches/look'] button").await.unwrap();
    let waiting = admin.text(".verdict").await.unwrap();
    assert!(waiting.contains("3 suggestions"), "{waiting}");
    let reject = format!("button[name=reject][value$='{}']", ids[2]);
    admin.press(&reject).await.unwrap();
    for id in &ids[..2] {
        admin.click(&format!("input[name=pair][value$='{id}']")).await.unwrap();
    }
    admin.press("form[action='/admin/matches/accept'] button.primary").await.unwrap();
    let next = admin.text("section[aria-labelledby='waiting']").await.unwrap();
    assert!(next.contains("2 accounts are confirmed."), "{next}");
    assert_eq!(anchor(&demo, "lena@contoso.com").await, serde_json::Value::Null);
    admin.press("form[action='/admin/sync-runs/preview'] button").await.unwrap();
    admin.press("form[action$='/apply'] button").await.unwrap();

    for (name, id) in ["bob", "lena"].iter().zip(&ids) {
        let there = demo.entra_user(&format!("{name}@contoso.com")).await.unwrap().unwrap();
        assert_eq!(there["id"], *id, "the same account");
        assert!(there["properties"]["onPremisesImmutableId"].is_string(), "{name}");
    }
    assert_eq!(anchor(&demo, "olivia@contoso.com").await, serde_json::Value::Null);

    // Bob is assigned, and gets into the mailbox that he had.
    admin.find_person(&demo, "Bob").await.unwrap();
    admin.click("input[name=sku]:not([disabled])").await.unwrap();
    admin.press("form[action$='/assign'] button.primary").await.unwrap();
    let licensed = || async {
        let bob = demo.entra_user("bob@contoso.com").await?;
        Ok(bob.is_some_and(|bob| {
            bob["id"] == ids[0] && bob["licenses"].as_array().is_some_and(|all| !all.is_empty())
        }))
    };
    let patience = std::time::Duration::from_secs(10);
    e2e::steps::within(patience, "Bob has a licence", licensed).await.unwrap();
    let browser = Browser::open(script).await.unwrap();
    let bob = demo.person("bob").unwrap();
    browser.open_outlook(&demo, &bob.upn).await.unwrap();
    browser.give_password(&bob.password).await.unwrap();
    browser.enrol(&bob.upn).await.unwrap();
    browser.go_on_to_microsoft().await.unwrap();
    browser.expect("Inbox of").await.unwrap();
    assert_eq!(browser.text("#upn").await.unwrap(), bob.upn);
    browser.close().await.unwrap();
    admin.close().await.unwrap();
}

#[tokio::test]
async fn people_who_were_there_before_keep_their_mailbox() {
    people_keep_their_mailbox(Script::On).await;
}

#[tokio::test]
async fn they_keep_it_with_script_switched_off() {
    people_keep_their_mailbox(Script::Off).await;
}
