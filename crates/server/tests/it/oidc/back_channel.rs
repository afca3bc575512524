//! Clients hear of the end of a session by themselves, whoever ended it.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use super::{Client, code, register};
use crate::{browser::Browser, parties::send, support::World};

/// A client's address for sign-outs, which takes everything or nothing.
struct Ear {
    address: String,
    heard: Arc<Mutex<Vec<String>>>,
    status: Arc<Mutex<&'static str>>,
}

impl Ear {
    async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/signed-out", listener.local_addr().unwrap());
        let heard: Arc<Mutex<Vec<String>>> = Arc::default();
        let status = Arc::new(Mutex::new("200 OK"));
        let (into, says) = (Arc::clone(&heard), Arc::clone(&status));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut text = String::new();
                let mut bytes = [0; 8192];
                while !text.contains("logout_token=") {
                    let read = stream.read(&mut bytes).await.unwrap_or(0);
                    if read == 0 {
                        break;
                    }
                    text.push_str(&String::from_utf8_lossy(&bytes[..read]));
                }
                into.lock().unwrap().push(text);
                let answer =
                    format!("HTTP/1.1 {}\r\ncontent-length: 0\r\n\r\n", says.lock().unwrap());
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        Self { address, heard, status }
    }

    fn answers(&self, status: &'static str) {
        *self.status.lock().unwrap() = status;
    }

    /// What was heard since the last look: the header and the claims of each token.
    fn tokens(&self) -> Vec<(Value, Value)> {
        let heard = std::mem::take(&mut *self.heard.lock().unwrap());
        let part =
            |text: &str| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap();
        let token = |request: &String| {
            let token = request.split("logout_token=").nth(1).unwrap();
            let mut parts = token.split('.');
            (part(parts.next().unwrap()), part(parts.next().unwrap()))
        };
        heard.iter().map(token).collect()
    }
}

async fn stage() -> (World, Ear, Client) {
    let (world, ear) =
        (World::calling_neighbours(app::testing::morning()).await, Ear::open().await);
    let admin = world.signed_in("olivia", "/admin").await;
    let client = register(&admin, &[("back_channel", &ear.address)]).await;
    (world, ear, client)
}

/// Signs Alice in here and at the client; gives what the client calls her session.
async fn there(world: &World, client: &Client) -> (Browser, String) {
    let browser = world.signed_in("alice", "/portal").await;
    let fetched = client.fetches(world, &code(client, &browser, &[]).await, &[]).await;
    let session = fetched.claims()["sid"].as_str().unwrap().to_owned();
    (browser, session)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_hears_of_each_end_once_with_a_token_that_is_no_id_token() {
    let (world, ear, client) = stage().await;
    let (browser, session) = there(&world, &client).await;
    let (_other, second) = there(&world, &client).await;
    assert_eq!(world.house.tell_clients().await.unwrap(), 0, "nothing has ended");

    let page = browser.get("/portal").await;
    let done = send(&browser, &page, "/sign-out", &[]).await;
    assert!(done.body.contains("It is told that you left"), "{}", done.body);
    assert_eq!(world.house.tell_clients().await.unwrap(), 1);
    let [(header, said)] = &ear.tokens()[..] else { panic!("one token") };
    assert_eq!((&header["typ"], &header["alg"]), (&"logout+jwt".into(), &"RS256".into()));
    let issuer = format!("{}/d/contoso-com/oidc", world.url);
    assert_eq!((&said["iss"], &said["aud"]), (&issuer.into(), &client.id.clone().into()));
    assert_eq!((&said["sid"], said.get("nonce")), (&session.into(), None));
    assert_eq!(said["sub"], *world.account("alice").immutable_id);
    let event = "http://schemas.openid.net/event/backchannel-logout";
    assert_eq!(said["events"][event], serde_json::json!({}));
    let lifetime = said["exp"].as_i64().unwrap() - said["iat"].as_i64().unwrap();
    assert_eq!(lifetime, 120);
    assert_eq!(world.house.tell_clients().await.unwrap(), 0, "once");

    let admin = world.signed_in("olivia", "/admin").await;
    let here = format!("/admin/users/{}", alice(&world).await);
    let page = admin.get(&here).await;
    send(&admin, &page, &format!("{here}/end-sessions"), &[]).await;
    assert_eq!(world.house.tell_clients().await.unwrap(), 1, "an admin ended it");
    assert_eq!(ear.tokens()[0].1["sid"], *second);
}

/// F023
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_can_not_be_told_is_named() {
    let (world, client) = super::world(&[]).await;
    let (browser, _) = there(&world, &client).await;
    let page = browser.get("/portal").await;
    let done = send(&browser, &page, "/sign-out", &[]).await;
    assert!(done.body.contains("It can&#39;t be told: sign out there."), "{}", done.body);
}

async fn alice(world: &World) -> model::ids::UserId {
    let found = world.store.read(|tx| store::users::by_upn(tx, "alice@contoso.com")).await;
    found.unwrap().unwrap().id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_does_not_listen_is_told_again_and_given_up_after_a_day() {
    let (world, ear, client) = stage().await;
    let (browser, session) = there(&world, &client).await;
    ear.answers("503 Service Unavailable");
    let page = browser.get("/portal").await;
    send(&browser, &page, "/sign-out", &[]).await;
    assert_eq!(world.house.tell_clients().await.unwrap(), 0);
    assert_eq!(ear.tokens().len(), 1, "it was told, and did not take it");
    assert_eq!(world.house.tell_clients().await.unwrap(), 0);
    assert_eq!(ear.tokens().len(), 0, "not at once again");
    world.pass(Duration::from_mins(5));
    ear.answers("200 OK");
    assert_eq!(world.house.tell_clients().await.unwrap(), 1);
    assert_eq!(ear.tokens()[0].1["sid"], *session, "signed anew");

    let (browser, _) = there(&world, &client).await;
    ear.answers("400 Bad Request");
    let page = browser.get("/portal").await;
    send(&browser, &page, "/sign-out", &[]).await;
    world.pass(Duration::from_hours(25));
    assert_eq!(world.house.tell_clients().await.unwrap(), 0);
    assert_eq!(ear.tokens().len(), 1);
    world.pass(Duration::from_hours(25));
    world.house.tell_clients().await.unwrap();
    assert_eq!(ear.tokens().len(), 0, "given up");
    let kind = Some(model::audit::AuditKind::ClientTold);
    let filter = store::audit_log::AuditFilter { kind, limit: 9, ..Default::default() };
    let page = world.store.read(move |tx| store::audit_log::list(tx, &filter)).await.unwrap();
    let said: Vec<_> = page.rows.iter().map(|row| row.detail.as_str()).collect();
    let [last, first] = &said[..] else { panic!("{said:?}") };
    assert_eq!(*first, "Tickets: taken, with 200");
    assert!(last.starts_with("Tickets: given up after a day:"), "{last}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_address_that_is_not_ours_to_call_is_registered() {
    let (world, _) = super::world(&[]).await;
    let admin = world.signed_in("olivia", "/admin").await;
    for wrong in ["http://tickets.contoso.com/out", "https://127.0.0.1/out", "ftp://x.test/", "x"] {
        let page = admin.get(&format!("{}?protocol=openid-connect", super::NEW)).await;
        let typed = [("name", "Wiki"), ("replies", super::REPLY), ("back_channel", wrong)];
        let page = send(&admin, &page, super::NEW, &typed).await;
        assert_eq!(page.status, 422, "{wrong}: {}", page.body);
        assert!(page.body.contains("id=\"back_channel-wrong\""), "the form is there again");
    }
}
