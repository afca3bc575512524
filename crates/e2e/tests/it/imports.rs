//! The owner brings people along in a file: looks, corrects it, imports; one of them signs in with the
//! password and the authenticator from before; then it is undone.

use std::{fs, time::Duration};

use e2e::{
    Browser, Demo, Script,
    demo::{Account, code_now},
    steps::within,
};

/// Of "correct horse battery", as another system hashed it.
const HASH: &str = "$2b$05$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo.";
const SEED: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

async fn upload(owner: &Browser, demo: &Demo, content: &str) -> anyhow::Result<()> {
    let file = demo.folder().join("people.csv");
    fs::write(&file, content)?;
    owner.go(&format!("{}/admin/imports", demo.ready.url)).await?;
    owner.find("#file").await?.send_keys(file.to_string_lossy().as_ref()).await?;
    owner.press("form[action='/admin/imports'] button.primary").await?;
    owner.expect("Import of people.csv").await
}

/// A code that was good when the seed was brought along opens nothing: waits for the next one.
async fn next_code() -> anyhow::Result<()> {
    let before = code_now(SEED)?;
    within(Duration::from_secs(35), "the next code", async || Ok(code_now(SEED)? != before)).await
}

async fn signs_in_as_before(demo: &Demo, script: Script) -> anyhow::Result<()> {
    let mia = Account {
        upn: "mia@contoso.com".to_owned(),
        password: "correct horse battery".to_owned(),
        totp_secret: Some(SEED.to_owned()),
        enrollment_code: None,
    };
    let browser = Browser::open(script).await?;
    browser.go(&format!("{}/portal", demo.ready.url)).await?;
    browser.send("#address", &mia.upn).await?;
    browser.give_password(&mia.password).await?;
    next_code().await?;
    browser.give_code(&mia).await?;
    anyhow::ensure!(browser.address().await?.ends_with("/portal"), "she is in");
    browser.close().await
}

async fn people_come_from_a_file(script: Script) {
    let demo = Demo::start().unwrap();
    let owner = Browser::open(script).await.unwrap();
    owner.sign_in_to_console(&demo).await.unwrap();
    let head = "UPN;Name;Land;Password hash;TOTP seed;Team";
    let file = format!(
        "{head}\nmia@contoso.com;Mia Möller;Germany;{HASH};{SEED};Sales\n\
         noah@contoso.com;Noah Nagel;DE;;;Support\n"
    );
    upload(&owner, &demo, &file).await.unwrap();
    let wrong = owner.text("section[aria-labelledby='wrong']").await.unwrap();
    assert!(wrong.contains("Type the country as two letters"), "{wrong}");
    owner.press("form[action$='/discard'] button").await.unwrap();

    upload(&owner, &demo, &file.replace("Germany", "DE")).await.unwrap();
    owner.click("#department option[value='5']").await.unwrap();
    owner.press("form[action$='/mapping'] button").await.unwrap();
    let new = owner.text("section[aria-labelledby='new']").await.unwrap();
    assert!(new.contains("Sales, their password, their authenticator app"), "{new}");
    owner.press("form[action$='/apply'] button").await.unwrap();
    let first = owner.text("section[aria-labelledby='first']").await.unwrap();
    assert!(first.contains("1 new person has not been handed anything yet."), "{first}");

    signs_in_as_before(&demo, script).await.unwrap();
    owner.press("form[action$='/undo'] button").await.unwrap();
    let left = owner.text("section[aria-labelledby='left']").await.unwrap();
    assert!(left.contains("mia@contoso.com") && left.contains("They have signed in."), "{left}");
    assert!(!left.contains("noah@contoso.com"), "{left}");
    owner.close().await.unwrap();
}

#[tokio::test]
async fn whoever_comes_from_a_file_signs_in_as_before() {
    people_come_from_a_file(Script::On).await;
}

#[tokio::test]
async fn whoever_comes_from_a_file_signs_in_as_before_without_script() {
    people_come_from_a_file(Script::Off).await;
}
