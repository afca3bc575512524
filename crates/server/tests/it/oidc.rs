//! OpenID Connect at the counter: an admin registers a client, people sign in there, and whoever asks
//! for more than that gets nothing.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;
use url::Url;

use crate::{
    browser::{Browser, Page},
    parties::send,
    support::World,
};

mod back_channel;
mod hostile;
mod pushed;
mod sign_out;

const NEW: &str = "/admin/relying-parties/new";
const REPLY: &str = "https://tickets.contoso.com/oidc/callback";
const GONE: &str = "https://tickets.contoso.com/bye";
const ROOT: &str = "/d/contoso-com/oidc";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// A registered client, as its own program knows it.
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) secret: Option<String>,
    /// Its page in the console.
    pub(crate) here: String,
}

/// Registers a client for everybody in the console; `filled` says what is special about it.
pub(crate) async fn register(admin: &Browser, filled: &[(&str, &str)]) -> Client {
    let page = admin.get(&format!("{NEW}?protocol=openid-connect")).await;
    assert!(!page.body.contains("By its metadata"), "{}", page.body);
    let usual = [("name", "Tickets"), ("replies", REPLY), ("access", "everyone")];
    let usual = usual.iter().chain(&[("after_sign_out", GONE)]);
    let all: Vec<(&str, &str)> = usual.chain(filled).copied().collect();
    let done = send(admin, &page, NEW, &all).await;
    let Some(at) = &done.location else {
        assert_eq!(done.status, 200, "{}", done.body);
        let codes: Vec<String> =
            done.elements().into_iter().filter(|it| it.is("code")).map(|it| it.text).collect();
        let here = format!("/admin/relying-parties/{}", codes[0]);
        return Client { id: codes[0].clone(), secret: Some(codes[1].clone()), here };
    };
    let here = at.split('?').next().unwrap().to_owned();
    Client { id: here.rsplit('/').next().unwrap().to_owned(), secret: None, here }
}

/// A world with one client.
pub(crate) async fn world(filled: &[(&str, &str)]) -> (World, Client) {
    let world = World::new().await;
    let admin = world.signed_in("olivia", "/admin").await;
    let client = register(&admin, filled).await;
    (world, client)
}

fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, VERIFIER.as_bytes()))
}

fn packed(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

impl Client {
    /// The parameters of an ordinary request, some of them replaced; an empty one is left out.
    fn asks(&self, other: &[(&str, &str)]) -> String {
        let challenge = challenge();
        let mut all = vec![
            ("client_id", &*self.id),
            ("redirect_uri", REPLY),
            ("response_type", "code"),
            ("scope", "openid profile email"),
            ("state", "a&b=é"),
            ("nonce", "n-0S6_WzA2Mj"),
            ("code_challenge", &*challenge),
            ("code_challenge_method", "S256"),
        ];
        for (name, value) in other {
            all.retain(|(known, _)| known != name);
            if !value.is_empty() {
                all.push((name, value));
            }
        }
        packed(&all)
    }

    fn address(&self, other: &[(&str, &str)]) -> String {
        format!("{ROOT}/authorize?{}", self.asks(other))
    }

    /// What it sends for a code, some of it replaced; an empty one is left out.
    pub(crate) async fn fetches(
        &self,
        world: &World,
        code: &str,
        other: &[(&str, &str)],
    ) -> Fetched {
        let mut all = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", REPLY),
            ("code_verifier", VERIFIER),
            ("client_id", &*self.id),
        ];
        all.extend(self.secret.as_deref().map(|secret| ("client_secret", secret)));
        for (name, value) in other {
            all.retain(|(known, _)| known != name);
            if !value.is_empty() {
                all.push((name, value));
            }
        }
        fetch(world, &packed(&all), &[]).await
    }
}

/// An answer of the token endpoint.
#[derive(Debug)]
pub(crate) struct Fetched {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) said: Value,
}

impl Fetched {
    fn error(&self) -> (u16, &str) {
        (self.status, self.said["error"].as_str().unwrap_or_default())
    }

    fn access_token(&self) -> &str {
        self.said["access_token"].as_str().unwrap_or_else(|| panic!("{self:?}"))
    }

    /// What the ID token says; others check its signature.
    fn claims(&self) -> Value {
        let token = self.said["id_token"].as_str().unwrap_or_else(|| panic!("{self:?}"));
        let part = token.split('.').nth(1).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    }
}

async fn fetch(world: &World, body: &str, authorization: &[&str]) -> Fetched {
    post(world, "/token", body, authorization).await
}

/// Sends a form to an endpoint for clients.
async fn post(world: &World, path: &str, body: &str, authorization: &[&str]) -> Fetched {
    let mut request = reqwest::Client::builder()
        .build()
        .unwrap()
        .post(format!("{}{ROOT}{path}", world.door))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body.to_owned());
    for header in authorization {
        request = request.header("authorization", header.as_bytes());
    }
    let answer = request.send().await.unwrap();
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    Fetched { status, headers, said: answer.json().await.unwrap() }
}

async fn user_info(world: &World, token: &str) -> (u16, Value) {
    let request = reqwest::Client::builder().build().unwrap();
    let request = request.get(format!("{}{ROOT}/userinfo", world.door)).bearer_auth(token);
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap_or_default())
}

/// Signs somebody in from wherever the browser was sent, up to the page that leads to the client.
async fn signed_in(world: &World, browser: &Browser, asked: Page, name: &str) -> Page {
    let mut page = browser.come(asked.location.as_deref().unwrap()).await;
    if page.status == 303 {
        page = browser.get(page.location.as_deref().unwrap()).await;
    }
    assert!(page.body.contains("Tickets"), "{}", page.body);
    let upn = format!("{name}@contoso.com");
    let page = browser.fill(&page, "/sign-in/address", &[("address", &upn)]).await;
    let page = world.prove(browser, &page, name).await;
    browser.get(page.location.as_deref().unwrap()).await
}

/// The parameters of the address that an answer leads to.
fn told(page: &Page, reply: &str) -> Vec<(String, String)> {
    let address = page.location.clone().unwrap_or_else(|| {
        let link = page.elements().into_iter().find(|element| element.is("a"));
        let link = link.and_then(|link| link.get("href").map(str::to_owned));
        link.unwrap_or_else(|| panic!("no way on: {}", page.body))
    });
    let rest = address.strip_prefix(reply).unwrap_or_else(|| panic!("{address}"));
    assert!(rest.starts_with('?'), "{address}");
    Url::parse(&address).unwrap().query_pairs().into_owned().collect()
}

fn value<'a>(fields: &'a [(String, String)], name: &str) -> &'a str {
    fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
}

/// A code for somebody who is signed in already.
pub(crate) async fn code(client: &Client, browser: &Browser, other: &[(&str, &str)]) -> String {
    let page = browser.come(&client.address(other)).await;
    assert_eq!(page.status, 303, "{}", page.body);
    value(&told(&page, REPLY), "code").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_is_registered_people_sign_in_and_the_journal_says_why() {
    let (world, client) = world(&[("claim_department", "department")]).await;
    let browser = world.browser();
    let asked = browser.come(&client.address(&[])).await;
    let page = signed_in(&world, &browser, asked, "alice").await;
    assert!(page.body.contains("One more step to Tickets."), "{}", page.body);
    let fields = told(&page, REPLY);
    let issuer = format!("{}{ROOT}", world.url);
    assert_eq!((value(&fields, "state"), value(&fields, "iss")), ("a&b=é", &*issuer));

    let fetched = client.fetches(&world, value(&fields, "code"), &[]).await;
    assert_eq!(fetched.status, 200, "{fetched:?}");
    assert_eq!(
        (&fetched.headers["cache-control"], &fetched.headers["pragma"]),
        (&"no-store".parse().unwrap(), &"no-cache".parse().unwrap())
    );
    assert!(fetched.headers.get("set-cookie").is_none());
    assert_eq!(
        (&fetched.said["token_type"], &fetched.said["scope"]),
        (&"Bearer".into(), &"openid profile email".into())
    );
    let claims = fetched.claims();
    let alice = world.account("alice");
    assert_eq!((&claims["iss"], &claims["aud"]), (&issuer.into(), &client.id.clone().into()));
    assert_eq!(
        (&claims["sub"], &claims["nonce"]),
        (&(*alice.immutable_id).into(), &"n-0S6_WzA2Mj".into())
    );
    assert_eq!(claims["acr"], "https://refeds.org/profile/mfa");
    assert_eq!(claims["amr"], serde_json::json!(["pwd", "otp", "mfa"]));
    assert_eq!(
        (&claims["email"], &claims["department"]),
        (&"alice@contoso.com".into(), &"Sales".into())
    );
    let (status, info) = user_info(&world, fetched.access_token()).await;
    assert_eq!((status, &info["sub"], &info["name"]), (200, &claims["sub"], &claims["name"]));
    assert!(info.get("aud").is_none() && info.get("amr").is_none(), "{info}");

    let admin = world.signed_in("olivia", "/admin").await;
    let found = admin.get("/admin/users?q=alice").await;
    let person = found.elements().into_iter().filter_map(|it| it.get("href").map(str::to_owned));
    let person = person.into_iter().find(|at| at.starts_with("/admin/users/0")).unwrap();
    let tokens = admin.get(&format!("{person}/tokens")).await;
    for shown in ["OpenID Connect", "Tickets", "Chosen by an admin", "auth_time"] {
        assert!(tokens.body.contains(shown), "{shown}: {}", tokens.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_sees_a_secret_once_and_makes_another_one() {
    let world = World::new().await;
    let admin = world.signed_in("olivia", "/admin").await;
    let client = register(&admin, &[]).await;
    let page = admin.get(&client.here).await;
    for shown in ["OpenID Connect", &client.id, REPLY, GONE, "openid-configuration"] {
        assert!(page.body.contains(shown), "{shown}: {}", page.body);
    }
    let old = client.secret.clone().unwrap();
    assert!(!page.body.contains(&old) && old.len() == 64, "{old}");
    assert!(!page.body.contains("New metadata"), "{}", page.body);

    let saved = send(&admin, &page, &client.here, &[("name", "Helpdesk")]).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    let browser = world.signed_in("alice", "/portal").await;
    let fetched = client.fetches(&world, &code(&client, &browser, &[]).await, &[]).await;
    assert_eq!(fetched.status, 200, "saving leaves the secret alone: {fetched:?}");

    let page = admin.get(&client.here).await;
    let renewed = send(&admin, &page, &format!("{}/secret", client.here), &[]).await;
    let codes: Vec<String> =
        renewed.elements().into_iter().filter(|it| it.is("code")).map(|it| it.text).collect();
    let stale = client.fetches(&world, &code(&client, &browser, &[]).await, &[]).await;
    assert_eq!(stale.error(), (401, "invalid_client"));
    let new = Client { secret: Some(codes[1].clone()), id: client.id, here: client.here };
    let fetched = new.fetches(&world, &code(&new, &browser, &[]).await, &[]).await;
    assert_eq!(fetched.status, 200, "{fetched:?}");

    let public = register(&admin, &[("proof", "public"), ("name", "App")]).await;
    let page = admin.get(&public.here).await;
    assert!(!page.body.contains("Another secret"), "{}", page.body);
    let wrong = [("replies", "https://a.test/#x"), ("proof", "public")];
    for filled in [&wrong[..], &[("claim_upn", "sub")], &[("after_sign_out", "javascript:a")]] {
        let page = admin.get(&format!("{NEW}?protocol=openid-connect")).await;
        let all = [&[("name", "A"), ("replies", REPLY)][..], filled].concat();
        assert_eq!(send(&admin, &page, NEW, &all).await.status, 422, "{filled:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documents_say_what_there_is_and_the_keys_are_those_that_sign() {
    let (world, client) = world(&[]).await;
    let browser = world.browser();
    let page = browser.get(&format!("{ROOT}/.well-known/openid-configuration")).await;
    let said: Value = serde_json::from_str(&page.body).unwrap();
    assert_eq!(page.headers["content-type"], "application/json");
    assert!(page.headers["cache-control"].to_str().unwrap().starts_with("public"));
    assert_eq!(said["issuer"], format!("{}{ROOT}", world.url));
    for (name, path) in [("authorization_endpoint", "authorize"), ("jwks_uri", "jwks")] {
        assert_eq!(said[name], format!("{}{ROOT}/{path}", world.url));
    }
    let keys = async || -> Vec<String> {
        let page = browser.get(&format!("{ROOT}/jwks")).await;
        let said: Value = serde_json::from_str(&page.body).unwrap();
        let keys = said["keys"].as_array().unwrap().clone();
        keys.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
    };
    let page = browser.get(&format!("{ROOT}/jwks")).await;
    let kept = &page.headers["cache-control"];
    assert_eq!(kept, "public, max-age=300", "a stolen key is forgotten soon");
    let before = keys().await;
    assert_eq!(before.len(), 2, "the active and the next one");
    let alice = world.signed_in("alice", "/portal").await;
    let signed_by = async || {
        let fetched = client.fetches(&world, &code(&client, &alice, &[]).await, &[]).await;
        let token = fetched.said["id_token"].as_str().unwrap().to_owned();
        let head = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
        let head: Value = serde_json::from_slice(&head).unwrap();
        assert_eq!(head["alg"], "RS256");
        head["kid"].as_str().unwrap().to_owned()
    };
    assert_eq!(signed_by().await, before[0]);

    let keeper = app::keys::Keeper::Operator;
    let visitor = app::Visitor::at_the_command_line(&world.house);
    let next = world.store.read(store::signing_keys::next).await.unwrap().unwrap().id;
    let accept = app::keys::Unseen::Accept;
    world.house.promote_key(keeper, next, accept, &visitor).await.unwrap();
    let after = keys().await;
    assert_eq!((after.len(), &after[0], &after[2]), (3, &before[1], &before[0]));
    assert_eq!(signed_by().await, before[1]);
    world.pass(Duration::from_mins(61));
    assert_eq!(keys().await, after[..2], "the old one's last token is over");
    assert_eq!(browser.get("/d/elsewhere/oidc/jwks").await.status, 404);
}
