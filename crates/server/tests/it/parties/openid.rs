//! Clients of OpenID Connect that others wrote.

use app::{Clock as _, SystemClock};
use serde_json::{Value, json};

use super::{
    ALICE,
    apache::{self, Apache},
    away, ours,
    program::Program,
    send, signed_in, world,
};
use crate::{
    browser::{Browser, Page},
    oidc::{self, Client},
    support::World,
};

const REPLY: &str = "https://tickets.contoso.com/oidc/callback";

async fn registered(world: &World, filled: &[(&str, &str)]) -> Client {
    oidc::register(&world.signed_in("olivia", "/admin").await, filled).await
}

/// Where a page leads: by itself, or by a link.
fn onward(page: &Page) -> String {
    page.location.clone().unwrap_or_else(|| away(page))
}

/// Signs in at Authlib's client; gives what it understood.
async fn sign_in(world: &World, browser: &Browser, program: &mut Program, ask: &Value) -> Value {
    let begun = program.ask(ask);
    let asked = browser.come(ours(world, begun["address"].as_str().unwrap())).await;
    let page = match &asked.location {
        Some(at) if !at.starts_with(REPLY) => signed_in(world, browser, asked).await,
        _ => asked,
    };
    program.ask(&json!({"do": "finish", "address": onward(&page)}))
}

#[tokio::test(flavor = "multi_thread")]
async fn authlib_signs_in_and_out_with_a_secret_and_without_one() {
    let world = world().await;
    for (proof, method) in
        [("secret", "client_secret_basic"), ("secret", "client_secret_post"), ("public", "none")]
    {
        let client = registered(&world, &[("proof", proof)]).await;
        let issuer = format!("{}/d/contoso-com/oidc", world.url);
        let mut arguments = vec![&*issuer, REPLY, &*client.id];
        arguments.extend(client.secret.as_deref());
        let mut program = Program::authlib(&arguments);
        let browser = Browser::new(&world.url);
        let ask = json!({"do": "begin", "method": method, "more": {"max_age": 600}});
        let said = sign_in(&world, &browser, &mut program, &ask).await;
        let alice = world.account("alice");
        assert_eq!(said["claims"]["sub"], *alice.immutable_id, "{said}");
        assert_eq!(said["claims"]["amr"], json!(["pwd", "otp", "mfa"]));
        assert_eq!(
            (&said["info"]["email"], &said["info"]["preferred_username"]),
            (&json!(ALICE), &json!(ALICE))
        );

        let few = json!({"do": "begin", "method": method, "scope": "openid"});
        let said = sign_in(&world, &browser, &mut program, &few).await;
        assert_eq!(said["info"].as_object().unwrap().len(), 1, "only sub: {said}");
        let at = said["claims"]["auth_time"].as_i64().unwrap();
        assert!(at <= world.house.now().secs(), "{said}");

        let more =
            json!({"post_logout_redirect_uri": "https://tickets.contoso.com/bye", "state": "s"});
        let sent = program.ask(&json!({"do": "log_out", "more": more}));
        let page = browser.come(ours(&world, sent["address"].as_str().unwrap())).await;
        assert_eq!(onward(&page), "https://tickets.contoso.com/bye?state=s");
        assert_eq!(browser.get("/portal").await.status, 303, "the session here is over");
    }
}

/// What is said of the module for this client.
fn openidc(world: &World, client: &Client, mode: &str) -> String {
    apache::OPENIDC
        .replace("{issuer}", &format!("{}/d/contoso-com/oidc", world.url))
        .replace("{client}", &client.id)
        .replace("{secret}", client.secret.as_deref().unwrap())
        .replace("{mode}", mode)
}

async fn apache_signs_in_and_out(mode: &str) {
    let (world, apache) = (world().await, Apache::new());
    let (reply, gone) = (format!("{}/oidc/callback", apache.origin), format!("{}/", apache.origin));
    let client = registered(&world, &[("replies", &reply), ("after_sign_out", &gone)]).await;
    apache.start(&openidc(&world, &client, mode));
    let browser = Browser::new(&world.url);
    let (status, at, _) = apache.ask("/secret/index.html", &[]);
    assert_eq!(status, "302");
    let page = signed_in(&world, &browser, browser.come(ours(&world, &at)).await).await;
    let (status, at, _) = if mode == "form_post" {
        apache.ask("/oidc/callback", &page.form(&reply))
    } else {
        apache.ask(apache.path(&onward(&page)), &[])
    };
    assert_eq!((status.as_str(), apache.path(&at)), ("302", "/secret/index.html"));
    let (status, _, user) = apache.ask("/secret/index.html", &[]);
    assert_eq!((status.as_str(), user.as_str()), ("200", ALICE));

    let back = url::form_urlencoded::byte_serialize(gone.as_bytes()).collect::<String>();
    let (_, at, _) = apache.ask(&format!("/oidc/callback?logout={back}"), &[]);
    let page = browser.come(ours(&world, &at)).await;
    assert_eq!(onward(&page), gone);
    assert_eq!(apache.ask("/secret/index.html", &[]).0, "302", "signed out there");
    assert_eq!(browser.get("/portal").await.status, 303, "and here");
}

#[tokio::test(flavor = "multi_thread")]
async fn mod_auth_openidc_in_apache_signs_in_and_out_by_query() {
    apache_signs_in_and_out("query").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mod_auth_openidc_in_apache_signs_in_and_out_by_form() {
    apache_signs_in_and_out("form_post").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mod_auth_openidc_in_apache_hears_of_a_sign_out_elsewhere() {
    let start = SystemClock.now() - std::time::Duration::from_mins(2);
    let (world, apache) = (World::calling_neighbours(start).await, Apache::new());
    let reply = format!("{}/oidc/callback", apache.origin);
    let ear = format!("{reply}?logout=backchannel");
    let client = registered(&world, &[("replies", &reply), ("back_channel", &ear)]).await;
    apache.start(&openidc(&world, &client, "query"));
    let browser = Browser::new(&world.url);
    let (_, at, _) = apache.ask("/secret/index.html", &[]);
    let page = signed_in(&world, &browser, browser.come(ours(&world, &at)).await).await;
    apache.ask(apache.path(&onward(&page)), &[]);
    assert_eq!(apache.ask("/secret/index.html", &[]).0, "200", "signed in there");

    let page = browser.get("/portal").await;
    send(&browser, &page, "/sign-out", &[]).await;
    assert_eq!(apache.ask("/secret/index.html", &[]).0, "200", "nobody has told it yet");
    assert_eq!(world.house.tell_clients().await.unwrap(), 1);
    assert_eq!(apache.ask("/secret/index.html", &[]).0, "302", "signed out there");
}
