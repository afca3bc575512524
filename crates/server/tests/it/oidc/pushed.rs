//! Requests that a client brings before it sends a browser (RFC 9126).

use std::time::Duration;

use super::{Client, Fetched, REPLY, ROOT, packed, post, told, value, world};
use crate::{parties::send, support::World};

impl Client {
    /// Brings its usual request, some of it replaced, and proves itself with its secret.
    async fn pushes(&self, world: &World, other: &[(&str, &str)]) -> Fetched {
        let mut body = self.asks(other);
        if let Some(secret) = &self.secret {
            body = format!("{body}&{}", packed(&[("client_secret", secret)]));
        }
        post(world, "/par", &body, &[]).await
    }

    async fn pushed(&self, world: &World, other: &[(&str, &str)]) -> String {
        let kept = self.pushes(world, other).await;
        assert_eq!(kept.status, 201, "{kept:?}");
        assert_eq!(kept.said["expires_in"], 60);
        kept.said["request_uri"].as_str().unwrap().to_owned()
    }
}

fn address(client_id: &str, name: &str, more: &[(&str, &str)]) -> String {
    let usual = [("client_id", client_id), ("request_uri", name)];
    let all: Vec<(&str, &str)> = usual.iter().chain(more).copied().collect();
    format!("{ROOT}/authorize?{}", packed(&all))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_brings_the_name_alone_and_nothing_beside_it_counts() {
    let (world, client) = world(&[]).await;
    let browser = world.signed_in("alice", "/portal").await;
    let name = client.pushed(&world, &[]).await;
    let beside = [("redirect_uri", "https://evil.test/"), ("state", "other"), ("prompt", "login")];
    let page = browser.come(&address(&client.id, &name, &beside)).await;
    let fields = told(&page, REPLY);
    assert_eq!(value(&fields, "state"), "a&b=é");
    let fetched = client.fetches(&world, value(&fields, "code"), &[]).await;
    assert_eq!(fetched.status, 200, "{fetched:?}");
    assert_eq!(fetched.claims()["nonce"], "n-0S6_WzA2Mj");

    let again = browser.come(&address(&client.id, &name, &[])).await;
    assert_eq!((again.status, again.location.as_deref()), (400, None));
    assert!(again.body.contains("GH-OIDC-04"), "{}", again.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_good_for_its_client_and_for_a_minute() {
    let (world, client) = world(&[]).await;
    let admin = world.signed_in("olivia", "/admin").await;
    let other = super::register(&admin, &[("name", "Wiki")]).await;
    let browser = world.signed_in("alice", "/portal").await;
    let foreign = client.pushed(&world, &[]).await;
    let late = client.pushed(&world, &[]).await;
    let page = browser.come(&address(&other.id, &foreign, &[])).await;
    assert!(page.status == 400 && page.body.contains("GH-OIDC-04"), "{}", page.body);
    let used = browser.come(&address(&client.id, &foreign, &[])).await;
    assert_eq!(used.status, 400, "whoever knows a name uses it up");
    world.pass(Duration::from_mins(1));
    let page = browser.come(&address(&client.id, &late, &[])).await;
    assert!(page.status == 400 && page.body.contains("GH-OIDC-04"), "{}", page.body);
    let made_up = format!("urn:ietf:params:oauth:request_uri:{}", "0".repeat(64));
    assert_eq!(browser.come(&address(&client.id, &made_up, &[])).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_browser_would_be_refused_for_is_refused_beforehand() {
    let (world, client) = world(&[]).await;
    for (other, error) in [
        (&[("redirect_uri", "https://evil.test/")][..], (400, "invalid_request")),
        (&[("redirect_uri", "")], (400, "invalid_request")),
        (&[("response_type", "token")], (400, "unsupported_response_type")),
        (&[("scope", "profile")], (400, "invalid_scope")),
        (&[("code_challenge", "short")], (400, "invalid_request")),
        (&[("request_uri", "urn:ietf:params:oauth:request_uri:x")], (400, "invalid_request")),
        (&[("client_id", "nobody")], (401, "invalid_client")),
    ] {
        assert_eq!(client.pushes(&world, other).await.error(), error, "{other:?}");
    }
    let without = post(&world, "/par", &client.asks(&[]), &[]).await;
    assert_eq!(without.error(), (401, "invalid_client"));
    let wrong = format!("{}&client_secret=wrong", client.asks(&[]));
    assert_eq!(post(&world, "/par", &wrong, &[]).await.error(), (401, "invalid_client"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_must_push_is_told_so_when_it_does_not() {
    let (world, client) = world(&[("pushes", "yes")]).await;
    let browser = world.signed_in("alice", "/portal").await;
    let fields = told(&browser.come(&client.address(&[])).await, REPLY);
    assert_eq!((value(&fields, "error"), value(&fields, "state")), ("invalid_request", "a&b=é"));
    let name = client.pushed(&world, &[]).await;
    let page = browser.come(&address(&client.id, &name, &[])).await;
    assert!(!value(&told(&page, REPLY), "code").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_not_signed_in_does_so_first_and_the_request_waits() {
    let (world, client) = world(&[]).await;
    let name = client.pushed(&world, &[]).await;
    let browser = world.browser();
    let asked = browser.come(&address(&client.id, &name, &[])).await;
    let page = super::signed_in(&world, &browser, asked, "alice").await;
    let fields = told(&page, REPLY);
    assert_eq!(value(&fields, "state"), "a&b=é");
    assert_eq!(client.fetches(&world, value(&fields, "code"), &[]).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_without_a_secret_brings_nothing_and_is_not_made_to() {
    let (world, client) = world(&[("proof", "public")]).await;
    assert_eq!(client.pushes(&world, &[]).await.error(), (400, "unauthorized_client"));
    let admin = world.signed_in("olivia", "/admin").await;
    let page = admin.get(&format!("{}?protocol=openid-connect", super::NEW)).await;
    let typed = [("name", "Wiki"), ("replies", REPLY), ("proof", "public"), ("pushes", "yes")];
    let page = send(&admin, &page, super::NEW, &typed).await;
    assert_eq!(page.status, 422, "{}", page.body);
    assert!(page.body.contains("keeps no secret"), "{}", page.body);
}
