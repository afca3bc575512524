//! The owner makes a group, puts Bob into it and assigns it: Bob reaches the tenant, and leaves it
//! again with the group.

use std::time::Duration;

use e2e::{Browser, Demo, Script, steps::within};

async fn is_enabled(demo: &Demo, upn: &str) -> anyhow::Result<Option<bool>> {
    let user = demo.entra_user(upn).await?;
    Ok(user.and_then(|user| user["properties"]["accountEnabled"].as_bool()))
}

async fn a_group_brings_bob_into_the_tenant(script: Script) {
    let demo = Demo::start().unwrap();
    let bob = demo.person("bob").unwrap();
    let owner = Browser::open(script).await.unwrap();
    owner.sign_in_to_console(&demo).await.unwrap();
    owner.go(&format!("{}/admin/groups", demo.ready.url)).await.unwrap();
    owner.expect("Groups").await.unwrap();
    owner.send("#name", "Road crew").await.unwrap();
    owner.expect("Road crew").await.unwrap();
    owner.fill("#people", "bob@contoso.com\nzed@contoso.com").await.unwrap();
    owner.press("form[action$='/members'] button").await.unwrap();
    let problem = owner.text(".alert").await.unwrap();
    assert!(problem.contains("Nobody has the address zed@contoso.com"), "{problem}");
    owner.fill("#people", &bob.upn).await.unwrap();
    owner.press("form[action$='/members'] button").await.unwrap();
    assert_eq!(owner.count("form[action*='/members/']").await.unwrap(), 1);

    owner.click("form[action$='/assign'] input[name='sku']").await.unwrap();
    owner.press("form[action$='/assign'] button.primary").await.unwrap();
    let there = async || Ok(is_enabled(&demo, &bob.upn).await? == Some(true));
    within(Duration::from_secs(20), "Bob exists in the tenant", there).await.unwrap();
    owner.find_person(&demo, "Bob").await.unwrap();
    let panel = owner.text("section[aria-labelledby='assignment']").await.unwrap();
    assert!(panel.contains("Through the group Road crew"), "{panel}");

    owner.press("section[aria-labelledby='assignment'] a").await.unwrap();
    owner.press("form[action*='/members/'] button").await.unwrap();
    let gone = async || Ok(is_enabled(&demo, &bob.upn).await? == Some(false));
    within(Duration::from_secs(20), "Bob is blocked in the tenant", gone).await.unwrap();
    owner.close().await.unwrap();
}

#[tokio::test]
async fn whoever_is_in_an_assigned_group_reaches_the_tenant() {
    a_group_brings_bob_into_the_tenant(Script::On).await;
}
