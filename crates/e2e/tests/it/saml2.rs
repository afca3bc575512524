//! Walk G in a real browser: the owner plans SAML 2.0 for the domain, runs the script, and Alice
//! opens her mailbox. What matters is the form from another site, which comes without cookies.

use std::process::Command;

use e2e::{ADMIN_TOKEN, Browser, Demo, Script};

/// Plans SAML 2.0 on the domain's page, and runs the very script that the console shows.
async fn switch_to_saml(demo: &Demo, browser: &Browser) {
    browser.go(&format!("{}/admin/domains/contoso-com", demo.ready.url)).await.unwrap();
    browser.press("form[action$='/protocol'] button").await.unwrap();
    // The page comes anew and offers the way back; only then is there a new script.
    browser.find("input[name='protocol'][value='wsFed']").await.unwrap();
    browser.press("a[href$='/contoso-com/powershell']").await.unwrap();
    browser.press("a[href$='/contoso-com/sh']").await.unwrap();
    let script = browser.text("#source").await.unwrap();
    let file = demo.folder().join("to-saml.sh");
    std::fs::write(&file, script).unwrap();
    let ran = Command::new("sh")
        .arg(&file)
        .current_dir(demo.folder())
        .env("GRAPH_TOKEN", ADMIN_TOKEN)
        .env("GRAPH_HOST", &demo.ready.simulator_url)
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
}

async fn alice_opens_outlook_by_saml(script: Script) {
    let demo = Demo::start().unwrap();
    let console = Browser::open(Script::Off).await.unwrap();
    console.sign_in_to_console(&demo).await.unwrap();
    switch_to_saml(&demo, &console).await;
    console.close().await.unwrap();

    let alice = demo.person("alice").unwrap();
    let browser = Browser::open(script).await.unwrap();
    browser.open_outlook(&demo, &alice.upn).await.unwrap();
    browser.press("#saml button").await.unwrap();
    browser.expect("Sign in").await.unwrap();
    browser.send("#address", &alice.upn).await.unwrap();
    browser.give_password(&alice.password).await.unwrap();
    browser.give_code(alice).await.unwrap();
    browser.go_on_to_microsoft().await.unwrap();
    browser.expect("Inbox of").await.unwrap();

    browser.open_outlook(&demo, &alice.upn).await.unwrap();
    browser.press("#saml button").await.unwrap();
    browser.go_on_to_microsoft().await.unwrap();
    browser.expect("Inbox of").await.unwrap();
    browser.close().await.unwrap();
}

#[tokio::test]
async fn alice_opens_outlook_by_saml_and_the_second_time_without_a_question() {
    alice_opens_outlook_by_saml(Script::On).await;
}

#[tokio::test]
async fn alice_opens_outlook_by_saml_with_script_switched_off() {
    alice_opens_outlook_by_saml(Script::Off).await;
}

#[tokio::test]
async fn the_owner_registers_an_application_by_hand_and_another_by_its_metadata() {
    let demo = Demo::start().unwrap();
    let browser = Browser::open(Script::On).await.unwrap();
    browser.sign_in_to_console(&demo).await.unwrap();
    browser.go(&format!("{}/admin/applications", demo.ready.url)).await.unwrap();
    browser.press("a[href='/admin/relying-parties']").await.unwrap();
    browser.press("a[href='/admin/relying-parties/new']").await.unwrap();
    browser.fill("#entity_id", "https://wiki.contoso.com/metadata").await.unwrap();
    browser.fill("#name", "Wiki").await.unwrap();
    browser.fill("#replies", "https://wiki.contoso.com/acs").await.unwrap();
    browser.fill("#claim_mail", "mail").await.unwrap();
    browser.press("form[action$='/new'] button.primary").await.unwrap();
    browser.expect("Wiki").await.unwrap();
    assert_eq!(browser.text(".verdict span").await.unwrap(), "People can sign in there.");
    browser.press("form[action$='/switch'] button").await.unwrap();
    assert!(browser.text(".verdict span").await.unwrap().contains("switched off"));
    register_by_metadata(&demo, &browser).await;
    browser.close().await.unwrap();
}

const METADATA: &str = concat!(
    "<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" ",
    "entityID=\"https://forum.contoso.com/sp\"><md:SPSSODescriptor ",
    "protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">",
    "<md:SingleLogoutService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" ",
    "Location=\"https://forum.contoso.com/slo\"/><md:AssertionConsumerService ",
    "Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\" ",
    "Location=\"https://forum.contoso.com/acs\" index=\"0\"/>",
    "</md:SPSSODescriptor></md:EntityDescriptor>"
);

/// What is pasted is read into the form, where the owner sees it before anything is stored.
async fn register_by_metadata(demo: &Demo, browser: &Browser) {
    browser.go(&format!("{}/admin/relying-parties/new", demo.ready.url)).await.unwrap();
    browser.fill("#metadata", METADATA).await.unwrap();
    browser.press("form[action$='/read'] button").await.unwrap();
    browser.find("#entity_id[value='https://forum.contoso.com/sp']").await.unwrap();
    assert_eq!(browser.text("#replies").await.unwrap(), "https://forum.contoso.com/acs");
    browser.fill("#name", "Forum").await.unwrap();
    browser.press("form[action$='/new'] button.primary").await.unwrap();
    browser.expect("Forum").await.unwrap();
    assert_eq!(browser.text(".verdict span").await.unwrap(), "People can sign in there.");
}
