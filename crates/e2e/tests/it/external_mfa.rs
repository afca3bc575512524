//! The domain is Microsoft's again: Alice's password is asked for there, and the code of her app here.
//! The owner switches it on and carries the values over by hand.

use e2e::{Browser, Demo, Script};
use reqwest::Method;
use serde_json::json;

/// What the simulator's registration for external providers is called.
const APP_ID: &str = "5c2f9e61-0b7d-4a38-9d14-6e8a3b5c7f20";

/// Olivia switches it on and tells Microsoft what the page shows.
async fn set_up(demo: &Demo, script: Script) {
    let browser = Browser::open(script).await.unwrap();
    browser.sign_in_to_console(demo).await.unwrap();
    let page = format!("{}/admin/microsoft365/external-mfa", demo.ready.url);
    browser.go(&page).await.unwrap();
    browser.expect("External MFA").await.unwrap();
    browser.press("form[action$='/external-mfa/switch'] button").await.unwrap();
    browser.find(".verdict.ok").await.unwrap();
    browser.send("#app_id", APP_ID).await.unwrap();
    browser.find(".verdict.ok").await.unwrap();
    let reply = browser.text("section[aria-labelledby='app'] .facts code").await.unwrap();
    let values = "section[aria-labelledby='method'] .facts div";
    let client = browser.text(&format!("{values}:nth-of-type(2) code")).await.unwrap();
    let discovery = browser.text(&format!("{values}:nth-of-type(3) code")).await.unwrap();
    let apps = format!("{}/simulator/app-registrations", demo.ready.simulator_url);
    browser.go(&apps).await.unwrap();
    browser.send(&format!("[id='uri-{APP_ID}']"), &reply).await.unwrap();
    browser.expect("App registrations").await.unwrap();
    browser.close().await.unwrap();
    let method = json!({
        "@odata.type": "#microsoft.graph.externalAuthenticationMethodConfiguration",
        "displayName": "Gatehouse", "appId": APP_ID, "state": "enabled",
        "openIdConnectSetting": {"clientId": client, "discoveryUrl": discovery},
        "includeTargets": [{"targetType": "group", "id": "all_users"}],
    });
    let all = "/v1.0/policies/authenticationMethodsPolicy/authenticationMethodConfigurations";
    demo.graph(Method::POST, all, Some(&method)).await.unwrap();
    demo.give_domain_back().await.unwrap();
}

/// Passes the page that takes the answer to Microsoft: by itself, or by its button.
async fn back(browser: &Browser, script: Script) {
    if script == Script::Off {
        browser.press("form[action$='/externalauthprovider'] button").await.unwrap();
    }
}

/// From Outlook's question to the page of ours.
async fn to_us(browser: &Browser, demo: &Demo, upn: &str) {
    browser.open_outlook(demo, upn).await.unwrap();
    browser.expect("contoso.com is managed by Microsoft").await.unwrap();
    browser.press("form[action='/outlook/verify'] button").await.unwrap();
    browser.expect("Verify your identity").await.unwrap();
    browser.press("#provider button").await.unwrap();
}

async fn walk(script: Script) {
    let demo = Demo::start().unwrap();
    set_up(&demo, script).await;
    let browser = Browser::open(script).await.unwrap();
    let alice = demo.person("alice").unwrap();
    to_us(&browser, &demo, &alice.upn).await;
    browser.give_code(alice).await.unwrap();
    back(&browser, script).await;
    browser.expect("Inbox of").await.unwrap();
    assert_eq!(browser.text("#mfa").await.unwrap(), "yes");
    browser.go(&format!("{}/portal", demo.ready.url)).await.unwrap();
    browser.expect("Sign in").await.unwrap();
    // Carol has no second factor, and sets none up by this.
    to_us(&browser, &demo, &demo.person("carol").unwrap().upn).await;
    browser.expect("This can't be confirmed here").await.unwrap();
    browser.press("form[action$='/externalauthprovider'] button").await.unwrap();
    browser.expect("Sorry, but we're having trouble signing you in.").await.unwrap();
    assert_eq!(browser.text("#code").await.unwrap(), "AADSTS50158");
    browser.close().await.unwrap();
}

#[tokio::test]
async fn a_second_factor_for_microsoft() {
    walk(Script::On).await;
}

#[tokio::test]
async fn a_second_factor_for_microsoft_without_script() {
    walk(Script::Off).await;
}
