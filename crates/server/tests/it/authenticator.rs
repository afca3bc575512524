//! A person's own authenticator app, over the wire.

use std::time::Duration;

use crate::support::{World, base32, totp};

const APP: &str = "/portal/security/app";

/// R025, R032
#[tokio::test(flavor = "multi_thread")]
async fn an_app_is_moved_and_its_key_is_on_no_page_afterwards() {
    let world = World::new().await;
    let browser = world.signed_in("alice", "/portal").await;
    let begun = browser.fill(&browser.get(APP).await, &format!("{APP}/new"), &[]).await;
    let at = begun.location.unwrap();
    let page = browser.get(&at).await;
    let all = page.elements();
    let link = all.iter().find_map(|it| it.get("href").filter(|to| to.starts_with("otpauth:")));
    let key = link.unwrap().split_once("secret=").unwrap().1.split('&').next().unwrap();
    assert_eq!(key.len(), 32, "160 bits: {key}");
    let refused = browser.fill(&page, &at, &[("code", "12345")]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("That code does not fit"), "{}", refused.body);
    assert!(refused.body.contains("otpauth://totp/"), "the picture is still there");
    let taken =
        browser.fill(&refused, &at, &[("code", &totp(&base32(key), world.house.now()))]).await;
    assert_eq!(taken.location.as_deref(), Some("/portal/security?done=app-added"));

    let admin = world.signed_in("olivia", "/admin").await;
    let found = world.store.read(|tx| store::users::by_upn(tx, "alice@contoso.com")).await;
    let alice = format!("/admin/users/{}", found.unwrap().unwrap().id);
    assert_eq!(browser.get(&at).await.status, 404);
    for (by, path) in [
        (&browser, "/portal"),
        (&browser, "/portal/security"),
        (&browser, APP),
        (&browser, "/portal/sign-ins"),
        (&admin, alice.as_str()),
        (&admin, "/admin/audit"),
    ] {
        let page = by.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(!page.body.contains(key) && !page.body.contains("otpauth:"), "{path}");
    }
}

/// R032
#[tokio::test(flavor = "multi_thread")]
async fn an_old_factor_leads_to_the_question_for_a_fresh_one_and_back() {
    let world = World::new().await;
    let browser = world.signed_in("alice", "/portal").await;
    let open = browser.get(APP).await;
    world.pass(Duration::from_mins(6));
    let asked = browser.fill(&open, &format!("{APP}/new"), &[]).await;
    let to = asked.location.unwrap();
    assert!(to.starts_with("/portal/step-up?back=%2Fportal%2Fsecurity%2Fapp"), "{to}");
    let late = browser.get(APP).await;
    assert!(late.body.contains("Confirm that it is you"), "{}", late.body);
    assert!(!late.body.contains("/app/new"), "there is no form to fill in for nothing");
}
