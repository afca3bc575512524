//! Alarms for another system: what arrives there, what is tried again, and where nothing is sent.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    sync::{Arc, Mutex},
    time::Duration,
};

use app::{Kind, visitor::Secret};
use aws_lc_rs::hmac;
use model::{Role, audit::AuditKind, webhook::Delivery};
use store::{audit_log::AuditFilter, users};

use crate::support::{Bench, both, visitor};

const DAY: Duration = Duration::from_hours(24);

/// The other system: answers each request with what it is told to, and keeps them all.
#[derive(Clone)]
struct Other {
    url: String,
    status: Arc<Mutex<u16>>,
    heard: Arc<Mutex<Vec<String>>>,
    /// How long it thinks about its answer.
    thinks: Arc<Mutex<Duration>>,
}

impl Other {
    fn listen() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/in?key=1", listener.local_addr().unwrap());
        let other = Self {
            url,
            status: Arc::new(Mutex::new(200)),
            heard: Arc::default(),
            thinks: Arc::default(),
        };
        let there = other.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut request = String::new();
                let mut buffer = [0; 8192];
                while !is_whole(&request) {
                    let read = stream.read(&mut buffer).unwrap();
                    request.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
                }
                there.heard.lock().unwrap().push(request);
                let thinks = *there.thinks.lock().unwrap();
                std::thread::sleep(thinks);
                let status = *there.status.lock().unwrap();
                let answer = format!("HTTP/1.1 {status} So\r\ncontent-length: 0\r\n\r\n");
                stream.write_all(answer.as_bytes()).unwrap();
            }
        });
        other
    }

    fn answers(&self, status: u16) {
        *self.status.lock().unwrap() = status;
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

/// Whether the body has come, too.
fn is_whole(request: &str) -> bool {
    let Some((head, body)) = request.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    length.is_some_and(|length| body.len() >= length.parse::<usize>().unwrap())
}

fn header<'r>(request: &'r str, name: &str) -> &'r str {
    let lines = request.lines();
    lines.filter_map(|line| line.split_once(": ")).find(|(known, _)| *known == name).unwrap().1
}

/// As the other system checks it.
fn is_signed(request: &str, secret: &Secret) -> bool {
    let (time, signature) = header(request, "gatehouse-signature").split_once(",v1=").unwrap();
    let body = request.split_once("\r\n\r\n").unwrap().1;
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes());
    let said = format!("{}.{body}", time.strip_prefix("t=").unwrap());
    hmac::verify(&key, said.as_bytes(), &hex::decode(signature).unwrap()).is_ok()
}

async fn sent(bench: &Bench) -> Vec<Delivery> {
    let admin = bench.admin().await;
    bench.house.webhook(&admin).await.unwrap().deliveries
}

/// A house that may send to this machine, and does.
async fn telling(bench: Bench) -> (Bench, Other, Secret) {
    let (bench, other) = (bench.with_private_webhooks().await, Other::listen());
    let (admin, from) = (bench.admin().await, visitor("198.51.100.9"));
    let secret = bench.house.set_webhook(&admin, &other.url, &from).await.unwrap();
    (bench, other, secret)
}

#[test]
fn another_system_hears_once_that_an_alarm_begins_and_that_it_is_over() {
    both(|bench| async move {
        let (bench, other, secret) = telling(bench).await;
        bench.house.keep_watch().await.unwrap();
        assert_eq!(bench.house.send_webhooks().await.unwrap(), 0);
        crate::alarms::permit_until(&bench, 10).await;
        bench.house.keep_watch().await.unwrap();
        assert_eq!(bench.house.send_webhooks().await.unwrap(), 1);
        assert_eq!(bench.house.send_webhooks().await.unwrap(), 0, "once");
        crate::alarms::permit_until(&bench, 90).await;
        bench.house.keep_watch().await.unwrap();
        assert_eq!(bench.house.send_webhooks().await.unwrap(), 1);
        let heard = other.heard();
        assert_eq!(heard.len(), 2);
        for (request, event) in heard.iter().zip(["alarm.raised", "alarm.ended"]) {
            assert!(request.starts_with("POST /in?key=1 HTTP/1.1\r\n"), "{request}");
            assert!(is_signed(request, &secret), "{request}");
            assert!(!is_signed(&request.replace("alarm.", "alarm,"), &secret));
            for said in [event, "permit_ends", "contoso.com", "\"severity\":\"warning\""] {
                assert!(request.contains(said), "{said}: {request}");
            }
        }
        assert!(sent(&bench).await.iter().all(|it| it.taken_at.is_some() && it.due_at.is_none()));
    });
}

#[test]
fn what_is_not_taken_is_tried_again_ever_more_seldom_and_given_up_after_a_day() {
    both(|bench| async move {
        let (bench, other, _) = telling(bench).await;
        other.answers(503);
        crate::alarms::permit_until(&bench, 10).await;
        bench.house.keep_watch().await.unwrap();
        assert_eq!(bench.house.send_webhooks().await.unwrap(), 0);
        let first = sent(&bench).await.remove(0);
        assert_eq!((first.attempts, first.answer.as_str()), (1, "the host answered 503"));
        bench.house.send_webhooks().await.unwrap();
        assert_eq!(other.heard().len(), 1, "not before its time");
        for _ in 0..30 {
            bench.pass(Duration::from_secs(61));
            bench.house.send_webhooks().await.unwrap();
        }
        let tries = other.heard().len();
        assert!((3..10).contains(&tries), "{tries} tries in half an hour");
        let ids: Vec<String> =
            other.heard().iter().map(|it| header(it, "gatehouse-delivery").to_owned()).collect();
        assert!(ids.iter().all(|id| *id == first.id.to_string()), "one id for every try");
        bench.pass(DAY);
        bench.house.send_webhooks().await.unwrap();
        let last = sent(&bench).await.remove(0);
        assert_eq!((last.due_at, last.taken_at), (None, None), "given up");
        bench.pass(DAY);
        let tries = other.heard().len();
        bench.house.send_webhooks().await.unwrap();
        assert_eq!(other.heard().len(), tries);
    });
}

#[test]
fn a_try_says_how_it_ended_and_comes_no_second_time() {
    both(|bench| async move {
        let (bench, other, secret) = telling(bench).await;
        let admin = bench.admin().await;
        assert!(bench.house.try_webhook(&admin).await.unwrap().taken_at.is_some());
        assert!(is_signed(&other.heard()[0], &secret));
        other.answers(302);
        let refused = bench.house.try_webhook(&admin).await.unwrap();
        assert_eq!(refused.answer, "the host answered 302");
        bench.pass(Duration::from_hours(1));
        bench.house.send_webhooks().await.unwrap();
        assert_eq!(other.heard().len(), 2);
    });
}

#[test]
fn a_try_that_takes_its_time_is_sent_by_nobody_else_meanwhile() {
    both(|bench| async move {
        let (bench, other, _) = telling(bench).await;
        let admin = bench.admin().await;
        *other.thinks.lock().unwrap() = Duration::from_millis(500);
        let tried = async {
            let (house, admin) = (bench.house.clone(), admin);
            house.try_webhook(&admin).await.unwrap()
        };
        let background = async {
            while other.heard().is_empty() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            bench.pass(Duration::from_hours(1));
            bench.house.send_webhooks().await.unwrap()
        };
        let (tried, sent) = tokio::join!(tried, background);
        assert_eq!((tried.attempts, tried.due_at, sent), (1, None, 0));
        assert!(tried.taken_at.is_some());
        assert_eq!(other.heard().len(), 1);
        assert_eq!(crate::webhooks::sent(&bench).await, [tried]);
    });
}

/// R141, R147
#[test]
fn an_owner_with_a_fresh_code_sets_it_and_private_addresses_are_refused() {
    both(|bench| async move {
        let from = visitor("198.51.100.9");
        let admin = bench.admin().await;
        for typed in ["https://127.0.0.1/", "http://contoso.com/", "https://[::1]/", "x", ""] {
            let refused = bench.house.set_webhook(&admin, typed, &from).await.unwrap_err();
            assert_eq!(refused.kind, Kind::Invalid { field: "url" }, "{typed}");
        }
        let url = "https://localhost:9/in?key=secret";
        let secret = bench.house.set_webhook(&admin, url, &from).await.unwrap();
        let tried = bench.house.try_webhook(&admin).await.unwrap();
        assert!(tried.answer.contains("not on the internet"), "{}", tried.answer);
        let again = bench.house.set_webhook(&admin, url, &from).await.unwrap();
        assert_ne!(secret.expose(), again.expose(), "a new secret each time");

        let filter =
            AuditFilter { kind: Some(AuditKind::WebhookChanged), limit: 9, ..Default::default() };
        let found = bench.store.read(move |tx| store::audit_log::list(tx, &filter)).await.unwrap();
        assert_eq!(found.rows.len(), 2);
        assert!(found.rows.iter().all(|row| row.subject == "localhost"), "the host alone");

        bench.pass(Duration::from_mins(6));
        let late = bench.house.set_webhook(&admin, url, &from).await;
        assert_eq!(late.unwrap_err().kind, Kind::StepUp);
        let late = bench.house.remove_webhook(&admin, &from).await;
        assert_eq!(late.unwrap_err().kind, Kind::StepUp);
        let (id, now) = (admin.user().id, bench.house.now());
        let set = move |tx: &mut store::Tx| users::set_role(tx, id, Some(Role::SecurityAdmin), now);
        bench.store.write(set).await.unwrap();
        let admin = bench.admin().await;
        let refused = bench.house.set_webhook(&admin, url, &from).await;
        assert_eq!(refused.unwrap_err().kind, Kind::Forbidden);
        assert!(bench.house.webhook(&admin).await.unwrap().set.is_some(), "it may be looked at");
    });
}

#[test]
fn what_waits_is_given_up_when_the_webhook_is_removed() {
    both(|bench| async move {
        let (bench, other, _) = telling(bench).await;
        crate::alarms::permit_until(&bench, 10).await;
        bench.house.keep_watch().await.unwrap();
        let (admin, from) = (bench.admin().await, visitor("198.51.100.9"));
        bench.house.remove_webhook(&admin, &from).await.unwrap();
        assert_eq!(bench.house.send_webhooks().await.unwrap(), 0);
        assert!(other.heard().is_empty());
        assert_eq!(sent(&bench).await[0].answer, "the webhook was removed");
    });
}
