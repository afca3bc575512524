//! A new person: the owner creates her, she comes with the password that works once, sets up an
//! authenticator, and chooses her own password.

use e2e::{Browser, Demo, Script};

async fn gina_comes_for_the_first_time(script: Script) {
    let demo = Demo::start().unwrap();
    let owner = Browser::open(script).await.unwrap();
    owner.sign_in_to_console(&demo).await.unwrap();
    owner.go(&format!("{}/admin/users/new", demo.ready.url)).await.unwrap();
    for (field, text) in
        [("#given_name", "Gina"), ("#surname", "Green"), ("#local_part", "gina.green")]
    {
        owner.fill(field, text).await.unwrap();
    }
    owner.press("main form button.primary").await.unwrap();
    owner.expect("Gina Green").await.unwrap();
    let password = owner.text(".secret .value code").await.unwrap();
    owner.close().await.unwrap();

    let browser = Browser::open(script).await.unwrap();
    browser.go(&format!("{}/portal", demo.ready.url)).await.unwrap();
    browser.expect("Sign in").await.unwrap();
    browser.send("#address", "gina.green@contoso.com").await.unwrap();
    browser.give_password(&password).await.unwrap();
    browser.enrol("gina.green@contoso.com").await.unwrap();
    browser.expect("Choose your password").await.unwrap();
    browser.send("#new_password", "four unrelated plum words").await.unwrap();
    browser.expect("Hello, Gina").await.unwrap();
    browser.close().await.unwrap();
}

#[tokio::test]
async fn a_new_person_enrols_and_then_chooses_a_password() {
    gina_comes_for_the_first_time(Script::On).await;
}

#[tokio::test]
async fn the_same_without_script() {
    gina_comes_for_the_first_time(Script::Off).await;
}
