//! A client of OpenID Connect, in a real browser: the owner registers it and copies its secret, Alice
//! signs in there and out of it.

use std::time::Duration;

use e2e::{Browser, Demo, Script, steps::within};
use serde_json::Value;
use url::Url;

use crate::applications::TimeSheet;

/// What the client's settings say.
struct Settings {
    id: String,
    secret: String,
}

async fn register(demo: &Demo, client: &TimeSheet, script: Script) -> Settings {
    let browser = Browser::open(script).await.unwrap();
    browser.sign_in_to_console(demo).await.unwrap();
    browser.go(&format!("{}/admin/relying-parties/new", demo.ready.url)).await.unwrap();
    browser.press("nav[aria-label='Protocol'] a[href$='openid-connect']").await.unwrap();
    browser
        .find("nav[aria-label='Protocol'] a[href$='openid-connect'][aria-current]")
        .await
        .unwrap();
    assert_eq!(browser.count("#metadata, #certificates, #sign_out").await.unwrap(), 0);
    browser.fill("#name", "Tickets").await.unwrap();
    browser.fill("#replies", &client.address).await.unwrap();
    browser.fill("#after_sign_out", &client.address).await.unwrap();
    browser.press("form[action$='/new'] button.primary").await.unwrap();
    browser.expect("Tickets").await.unwrap();
    let id = browser.text("dl code").await.unwrap();
    let secret = browser.text(".secret code").await.unwrap();
    browser.press("a.button.primary").await.unwrap();
    browser.find("form[action$='/secret'] button.danger").await.unwrap();
    assert_eq!(browser.count(".secret code").await.unwrap(), 0, "it was shown once");
    browser.close().await.unwrap();
    Settings { id, secret }
}

/// Where the browser was sent: the parameters of the last request with this in it.
async fn brought(client: &TimeSheet, part: &str) -> Vec<(String, String)> {
    let came = || async { Ok(client.asked_with(part).is_some()) };
    within(Duration::from_secs(10), part, came).await.unwrap();
    let line = client.asked_with(part).unwrap();
    let target = line.split(' ').nth(1).unwrap();
    Url::parse("http://a.test").unwrap().join(target).unwrap().query_pairs().into_owned().collect()
}

async fn alice_uses_tickets(script: Script) {
    let (demo, client) = (Demo::start().unwrap(), TimeSheet::open());
    let settings = register(&demo, &client, script).await;
    let issuer = format!("{}/d/contoso-com/oidc", demo.ready.url);
    let programs = reqwest::Client::builder().build().unwrap();
    let said = programs.get(format!("{issuer}/.well-known/openid-configuration")).send();
    let said: Value = said.await.unwrap().json().await.unwrap();
    let at = |name: &str| said[name].as_str().unwrap();

    let browser = Browser::open(script).await.unwrap();
    let asked = [
        ("client_id", &*settings.id),
        ("redirect_uri", &*client.address),
        ("response_type", "code"),
        ("scope", "openid email"),
        ("state", "s t&ä"),
        ("nonce", "n-0S6_WzA2Mj"),
    ];
    let asked = Url::parse_with_params(at("authorization_endpoint"), asked).unwrap();
    browser.go(asked.as_str()).await.unwrap();
    browser.expect("Sign in").await.unwrap();
    let alice = demo.person("alice").unwrap();
    browser.send("#address", &alice.upn).await.unwrap();
    assert!(browser.text(".lead").await.unwrap().contains("Tickets"));
    browser.give_password(&alice.password).await.unwrap();
    browser.give_code(alice).await.unwrap();
    browser.expect("Time sheet").await.unwrap();
    let fields = brought(&client, "code=").await;
    let value = |name: &str| fields.iter().find(|(known, _)| known == name).unwrap().1.as_str();
    assert_eq!((value("state"), value("iss")), ("s t&ä", &*issuer));

    let form = [
        ("grant_type", "authorization_code"),
        ("code", value("code")),
        ("redirect_uri", &*client.address),
    ];
    let fetch = programs.post(at("token_endpoint")).form(&form);
    let fetched = fetch.basic_auth(&settings.id, Some(&settings.secret)).send().await.unwrap();
    let fetched: Value = fetched.json().await.unwrap();
    let token = fetched["access_token"].as_str().unwrap_or_else(|| panic!("{fetched}"));
    let info = programs.get(at("userinfo_endpoint")).bearer_auth(token).send().await.unwrap();
    assert_eq!(info.json::<Value>().await.unwrap()["email"], *alice.upn);

    let out = at("end_session_endpoint");
    let back = ("post_logout_redirect_uri", &*client.address);
    let bare = Url::parse_with_params(out, [("client_id", &*settings.id), back]).unwrap();
    browser.go(bare.as_str()).await.unwrap();
    browser.expect("Sign out?").await.unwrap();
    let hint = ("id_token_hint", fetched["id_token"].as_str().unwrap());
    let hinted = Url::parse_with_params(out, [hint, back, ("state", "bye")]).unwrap();
    browser.go(hinted.as_str()).await.unwrap();
    browser.expect("Time sheet").await.unwrap();
    brought(&client, "state=bye").await;
    browser.go(asked.as_str()).await.unwrap();
    browser.expect("Sign in").await.unwrap();
    browser.close().await.unwrap();
}

#[tokio::test]
async fn alice_signs_in_to_a_client_and_out_of_it() {
    alice_uses_tickets(Script::On).await;
}

#[tokio::test]
async fn alice_signs_in_to_a_client_and_out_of_it_with_script_switched_off() {
    alice_uses_tickets(Script::Off).await;
}
