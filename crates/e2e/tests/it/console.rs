//! The console in a browser: the owner assigns Bob and takes it back (walk D), and promotes a signing
//! key (walk F).

use std::time::Duration;

use e2e::{Browser, Demo, Script, steps::within};

async fn the_owner_assigns_bob(script: Script) {
    let demo = Demo::start().unwrap();
    let bob = &demo.person("bob").unwrap().upn;
    assert!(demo.entra_user(bob).await.unwrap().is_none(), "Bob is not there yet");
    let browser = Browser::open(script).await.unwrap();
    browser.sign_in_to_console(&demo).await.unwrap();
    browser.find_person(&demo, "Bob").await.unwrap();

    browser.click("input[name=sku]:not([disabled])").await.unwrap();
    let name = browser.text("label.tick strong").await.unwrap();
    assert!(name.starts_with("Microsoft 365") || name.starts_with("Exchange"), "{name}");
    browser.press("form[action$='/assign'] button.primary").await.unwrap();

    let present = || async {
        let user = demo.entra_user(bob).await?;
        Ok(user.is_some_and(|user| {
            let properties = &user["properties"];
            properties["onPremisesImmutableId"].is_string()
                && properties["usageLocation"].is_string()
                && properties["accountEnabled"] == true
                && user["licenses"].as_array().is_some_and(|all| !all.is_empty())
        }))
    };
    within(Duration::from_secs(5), "Bob is there with id, location and licence", present)
        .await
        .unwrap();

    browser.find_person(&demo, "Bob").await.unwrap();
    browser.find(".panel .fold summary.danger").await.unwrap();
    browser.click("details:has(form[action$='/unassign']) summary").await.unwrap();
    browser.press("form[action$='/unassign'] button").await.unwrap();
    let blocked = || async {
        let user = demo.entra_user(bob).await?;
        Ok(user.is_some_and(|user| user["properties"]["accountEnabled"] == false))
    };
    within(Duration::from_secs(5), "Bob is blocked", blocked).await.unwrap();
    let user = demo.entra_user(bob).await.unwrap().unwrap();
    let licences = user["licenses"].as_array().unwrap();
    assert!(!licences.is_empty(), "the licence stays for the days of grace");
    browser.close().await.unwrap();
}

#[tokio::test]
async fn the_owner_assigns_bob_and_takes_it_back() {
    the_owner_assigns_bob(Script::On).await;
}

#[tokio::test]
async fn the_owner_assigns_bob_with_script_switched_off() {
    the_owner_assigns_bob(Script::Off).await;
}

/// The demo speaks http, so it says why WS-Trust can't be switched on; `server` tests the form.
#[tokio::test]
async fn the_protocols_of_a_domain_are_shown_and_its_networks_named() {
    let demo = Demo::start().unwrap();
    let browser = Browser::open(Script::Off).await.unwrap();
    browser.sign_in_to_console(&demo).await.unwrap();
    browser.go(&format!("{}/admin/microsoft365", demo.ready.url)).await.unwrap();
    browser.press("a[href*='/domains/']").await.unwrap();
    browser.press("a[href$='/protocols']").await.unwrap();
    browser.find("#wstrust").await.unwrap();
    assert_eq!(browser.text(".verdict span").await.unwrap(), "WS-Trust is off for contoso.com.");
    assert_eq!(browser.text("h2 .badge").await.unwrap(), "Off");
    assert_eq!(browser.count("form[action$='/wstrust']").await.unwrap(), 0);
    assert!(browser.text(".alert.warn").await.unwrap().contains("https"));

    let networks = "#corporate_networks";
    browser.fill(networks, "203.0.113.0/24, 300.1.1.1").await.unwrap();
    browser.press("form[action$='/networks'] button").await.unwrap();
    browser.find(&format!("{networks}[aria-invalid]")).await.unwrap();
    browser.fill(networks, "203.0.113.0/24 2001:db8::/32").await.unwrap();
    browser.press("form[action$='/networks'] button").await.unwrap();
    assert_eq!(browser.text("h2#corporate .badge").await.unwrap(), "Named");
    browser.find(&format!("{networks}[value*='2001:db8::/32']")).await.unwrap();
    browser.close().await.unwrap();
}

async fn the_owner_promotes_a_key(script: Script) {
    let demo = Demo::start().unwrap();
    let browser = Browser::open(script).await.unwrap();
    browser.sign_in_to_console(&demo).await.unwrap();
    let keys = format!("{}/admin/keys", demo.ready.url);
    browser.go(&keys).await.unwrap();
    let (active, next) = ("tr:nth-child(1) td code", "tr:nth-child(2) td code");
    let promoted = browser.text(next).await.unwrap();
    browser.press("form[action='/admin/keys/promote'] button.primary").await.unwrap();
    let said = browser.text(".toast p").await.unwrap();
    assert!(said.starts_with("Promoted:"), "{said}");
    assert_eq!(browser.text(active).await.unwrap(), promoted);
    assert_ne!(browser.text(next).await.unwrap(), promoted);

    // Microsoft has not learned the new next key yet: a box must be ticked, and it is not.
    browser.press("form[action='/admin/keys/promote'] button").await.unwrap();
    let said = browser.text(".alert.danger").await.unwrap();
    assert!(said.contains("nothing was changed"), "{said}");

    let alice = demo.person("alice").unwrap();
    let hers = Browser::open(script).await.unwrap();
    hers.sign_in_to_outlook(&demo, alice).await.unwrap();
    hers.close().await.unwrap();
    replace_both_keys(&browser, &keys).await;
    browser.close().await.unwrap();
}

/// The emergency: nothing happens before the box is ticked.
async fn replace_both_keys(browser: &Browser, keys: &str) {
    browser.go(keys).await.unwrap();
    let codes = ["tr:nth-child(1) td code", "tr:nth-child(2) td code"];
    let before = [browser.text(codes[0]).await.unwrap(), browser.text(codes[1]).await.unwrap()];
    let form = "form[action='/admin/keys/replace']";
    browser.click("#emergency ~ details summary").await.unwrap();
    browser.click(&format!("{form} button")).await.unwrap();
    assert_eq!(browser.text(codes[0]).await.unwrap(), before[0], "the box must be ticked");
    browser.click(&format!("{form} input[name='sure']")).await.unwrap();
    browser.press(&format!("{form} button")).await.unwrap();
    for code in codes {
        assert!(!before.contains(&browser.text(code).await.unwrap()), "both are new");
    }
}

#[tokio::test]
async fn the_owner_promotes_a_key_and_alice_still_gets_her_mail() {
    the_owner_promotes_a_key(Script::On).await;
}

#[tokio::test]
async fn the_owner_promotes_a_key_with_script_switched_off() {
    the_owner_promotes_a_key(Script::Off).await;
}

#[tokio::test]
async fn an_employee_finds_no_console() {
    let demo = Demo::start().unwrap();
    let alice = demo.person("alice").unwrap();
    let browser = Browser::open(Script::On).await.unwrap();
    browser.go(&format!("{}/admin", demo.ready.url)).await.unwrap();
    browser.send("#address", &alice.upn).await.unwrap();
    browser.give_password(&alice.password).await.unwrap();
    browser.find("h1").await.unwrap();
    assert_eq!(browser.count("body.console").await.unwrap(), 0);
    browser.go(&format!("{}/admin/users", demo.ready.url)).await.unwrap();
    assert_eq!(browser.count("body.console").await.unwrap(), 0);
    browser.close().await.unwrap();
}
