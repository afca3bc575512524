//! A host that keeps what it is sent, and answers as it is told.

use std::time::Duration;

use hooks::{Courier, Error, Parcel, Settings};
use model::Ts;
use secrecy::SecretString;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    task::JoinHandle,
};
use url::Url;

const BODY: &str = "{\"event\":\"test\"}";

/// Answers one request with this; the request comes back.
async fn host(answer: &'static str) -> (Url, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/in", listener.local_addr().unwrap()).parse().unwrap();
    let heard = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        while !String::from_utf8_lossy(&request).ends_with(BODY) {
            let mut buffer = [0; 4096];
            let read = stream.read(&mut buffer).await.unwrap();
            request.extend_from_slice(&buffer[..read]);
        }
        stream.write_all(answer.as_bytes()).await.unwrap();
        String::from_utf8(request).unwrap()
    });
    (url, heard)
}

async fn send(url: &Url, allow_private: bool) -> Result<u16, Error> {
    let secret = SecretString::from("key");
    let at = Ts(1_764_147_600_000_000);
    let parcel = Parcel { url, secret: &secret, id: "delivery-1", body: BODY, at };
    Courier::new(Settings { allow_private }).deliver(&parcel).await
}

#[tokio::test]
async fn a_post_is_signed_and_its_status_is_all_that_counts() {
    let (url, heard) = host("HTTP/1.1 204 No Content\r\n\r\n").await;
    assert_eq!(send(&url, true).await.unwrap(), 204);
    let request = heard.await.unwrap();
    assert!(request.starts_with("POST /in HTTP/1.1\r\n"), "{request}");
    for line in [
        "content-type: application/json",
        "gatehouse-delivery: delivery-1",
        "gatehouse-signature: t=1764147600,v1=",
    ] {
        assert!(request.contains(line), "{line}: {request}");
    }
    let (url, _) = host("HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n").await;
    assert!(matches!(send(&url, true).await, Err(Error::Refused(500))));
}

/// R140
#[tokio::test]
async fn a_redirect_is_an_answer_and_nothing_more() {
    let canary = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let there = canary.local_addr().unwrap();
    let answer =
        format!("HTTP/1.1 307 There\r\nlocation: http://{there}/\r\ncontent-length: 0\r\n\r\n");
    let (url, _) = host(Box::leak(answer.into_boxed_str())).await;
    assert!(matches!(send(&url, true).await, Err(Error::Refused(307))));
    let heard = tokio::time::timeout(Duration::from_millis(200), canary.accept()).await;
    assert!(heard.is_err(), "somebody came");
}

/// R141
#[tokio::test]
async fn names_that_lead_to_this_machine_are_not_called() {
    let canary = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = canary.local_addr().unwrap().port();
    for host in ["localhost", "127.0.0.1", "[::1]", "[::ffff:127.0.0.1]"] {
        let url = format!("https://{host}:{port}/").parse().unwrap();
        let refused = send(&url, false).await;
        assert!(
            matches!(refused, Err(Error::Private(_) | Error::Address(_))),
            "{host}: {refused:?}"
        );
    }
    let heard = tokio::time::timeout(Duration::from_millis(200), canary.accept()).await;
    assert!(heard.is_err(), "somebody came");
}

#[tokio::test]
async fn all_of_it_has_one_limit_of_time() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/in", silent.local_addr().unwrap()).parse().unwrap();
    let late = tokio::time::timeout(Duration::from_secs(8), send(&url, true)).await;
    assert!(matches!(late, Ok(Err(Error::Late))), "{late:?}");
}
