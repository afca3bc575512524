//! *Import from Microsoft 365*, as an admin walks through it: list, search, tick, preview, import; a plan
//! takes the account over; then it is undone, and nobody is shut out.

use std::time::Duration;

use e2e::{Browser, Demo, Script, steps::within};
use serde_json::{Value, json};

const TICKS: &str = "form[action='/admin/tenant-people/ticks']";

async fn there(demo: &Demo, upn: &str) -> Value {
    demo.entra_user(upn).await.unwrap().expect("there")["properties"].clone()
}

async fn people_are_imported(script: Script) {
    let demo = Demo::start().unwrap();
    let mut ids = Vec::new();
    for (name, full) in [("mia", "Mia Möller"), ("ben", "Ben Berg")] {
        let upn = format!("{name}@contoso.com");
        let person = json!({"userPrincipalName": upn, "displayName": full, "usageLocation": "SE"});
        ids.push(demo.settle(&person).await.unwrap());
    }
    let [mia, ben] = [&ids[0], &ids[1]];
    let admin = Browser::open(script).await.unwrap();
    admin.sign_in_to_console(&demo).await.unwrap();
    admin.go(&format!("{}/admin/microsoft365", demo.ready.url)).await.unwrap();
    admin.press("a[href='/admin/tenant-people']").await.unwrap();
    admin.expect("Import from Microsoft 365").await.unwrap();
    admin.press("form[action='/admin/tenant-people/look'] button").await.unwrap();
    let left = admin.text(".verdict").await.unwrap();
    assert!(left.contains("are left over"), "{left}");

    // Search, tick one for both, and keep it; then the other one for signing in alone.
    admin.fill("#q", "mia").await.unwrap();
    admin.press("form[role='search'] button").await.unwrap();
    admin.click(&format!("input[name=sync][value='{mia}']")).await.unwrap();
    admin.click(&format!("input[name=sso][value='{mia}']")).await.unwrap();
    admin.press(&format!("{TICKS} button[value='keep']")).await.unwrap();
    admin.go(&format!("{}/admin/tenant-people?q=ben", demo.ready.url)).await.unwrap();
    admin.click(&format!("input[name=sso][value='{ben}']")).await.unwrap();
    admin.press(&format!("{TICKS} button[value='preview']")).await.unwrap();
    admin.expect("Import of Microsoft 365").await.unwrap();
    let shown = admin.text("section[aria-labelledby='accounts']").await.unwrap();
    for text in ["Mia Möller", "Sync user", "Ben Berg", "Provisioning leaves the account alone"] {
        assert!(shown.contains(text), "{text}: {shown}");
    }
    admin.press("form[action$='/apply'] button").await.unwrap();
    let first = admin.text("section[aria-labelledby='first']").await.unwrap();
    assert!(first.contains("2 new people have not been handed anything yet."), "{first}");
    let taken_over = || async {
        let mia = demo.entra_user("mia@contoso.com").await?;
        Ok(mia.is_some_and(|mia| mia["properties"]["onPremisesImmutableId"].is_string()))
    };
    within(Duration::from_secs(15), "Mia is taken over", taken_over).await.unwrap();
    let bens = there(&demo, "ben@contoso.com").await;
    assert_eq!(bens["onPremisesImmutableId"], Value::Null, "Ben's account is left alone");

    admin.press("form[action$='/undo'] button").await.unwrap();
    admin.expect("Import of Microsoft 365").await.unwrap();
    let facts = admin.text("dl.facts").await.unwrap();
    assert!(facts.contains("Removed again") && facts.contains('2'), "{facts}");
    for upn in ["mia@contoso.com", "ben@contoso.com"] {
        assert_ne!(there(&demo, upn).await["accountEnabled"], json!(false), "{upn} stays open");
    }
    admin.close().await.unwrap();
}

#[tokio::test]
async fn people_come_from_the_tenant_and_go_again() {
    people_are_imported(Script::On).await;
}

#[tokio::test]
async fn they_come_and_go_with_script_switched_off() {
    people_are_imported(Script::Off).await;
}
