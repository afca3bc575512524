//! What attackers send to the sign-in address, and what must come of each: the list is
//! `tests/attacks/http-requests.json`. All are sent by a browser with a live session, so that
//! whatever is not refused would get a token.

use std::{
    collections::BTreeMap,
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    time::{Duration, Instant},
};

use serde::Deserialize;
use serde_json::Value;
use url::form_urlencoded::byte_serialize;

use crate::{support::World, wsfed::DOOR};

const ATTACKS: &str = include_str!("../attacks/http-requests.json");
/// Where the list says that nobody may ever call; the test listens on another port in its place.
const CANARY: &str = "127.0.0.1:18080";

#[derive(Debug, Deserialize)]
struct Attack {
    id: String,
    title: String,
    cls: String,
    method: String,
    endpoint: String,
    params: Vec<(Value, Value)>,
    expect: String,
    alt_expect: Option<String>,
    #[serde(default)]
    http: Vec<u16>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    must_not_contain: Vec<String>,
    #[serde(default)]
    must_not_contain_header: BTreeMap<String, String>,
    max_ms: Option<u64>,
    max_rss_mib: Option<u64>,
}

impl Attack {
    fn path(&self, canary: &str) -> String {
        let door = self.endpoint.replace("wsfed:", DOOR).replace("wsfed", DOOR);
        let pairs: Vec<String> = self
            .params
            .iter()
            .flat_map(|(name, value)| {
                let value: String =
                    byte_serialize(text(value).replace(CANARY, canary).as_bytes()).collect();
                names(name).into_iter().map(move |name| format!("{name}={value}"))
            })
            .collect();
        format!("{}?{}", door.replace("//", "/"), pairs.join("&"))
    }

    /// The ways in which the answer is not the one that was expected.
    fn wrongs(&self, page: &Answer) -> Vec<String> {
        let refused = self.http.contains(&page.status) && !page.body.contains("wresult");
        let harmless = page.status < 500;
        let as_expected = match self.expect.as_str() {
            "accept" => page.status == 200 && page.body.contains("wresult"),
            "reject" => refused || (self.alt_expect.is_some() && harmless),
            "neutralise" => harmless,
            other => panic!("{other} is no expectation"),
        };
        let mut wrongs = Vec::new();
        if !as_expected {
            wrongs.push(format!("{} instead of {}", page.status, self.expect));
        }
        let reflected = self.must_not_contain.iter().filter(|text| page.body.contains(*text));
        wrongs.extend(reflected.map(|text| format!("the page holds {text}")));
        for (name, text) in &self.must_not_contain_header {
            if page.headers(name).any(|value| value.contains(text)) {
                wrongs.push(format!("the header {name} holds {text}"));
            }
        }
        let is_wrong = |cookie: &str| {
            let is_set = !cookie.contains("Max-Age=0");
            is_set && (cookie.starts_with("x=") || cookie.contains("session="))
        };
        if page.headers("set-cookie").any(is_wrong) {
            wrongs.push("a cookie was set".to_owned());
        }
        wrongs
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(rule) => {
            let times = usize::try_from(rule["times"].as_u64().unwrap()).unwrap();
            rule["repeat"].as_str().unwrap().repeat(times)
        }
        other => panic!("{other} is no value"),
    }
}

fn names(name: &Value) -> Vec<String> {
    match name {
        Value::String(name) => vec![name.clone()],
        rule => {
            let (prefix, count) =
                (rule["prefix"].as_str().unwrap(), rule["count"].as_u64().unwrap());
            (0..count).map(|n| format!("{prefix}{n}")).collect()
        }
    }
}

/// Resident memory of this process, which the server under test is part of, in MiB.
fn resident() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: u64 = pages.split_whitespace().nth(1).unwrap().parse().unwrap();
    pages * 4096 / (1024 * 1024)
}

/// What came back, as it came.
struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn headers(&self, wanted: &str) -> impl Iterator<Item = &str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(move |(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value)
    }
}

/// Sends it byte for byte, as no client library would.
fn send_once(world: &World, session: &str, attack: &Attack, canary: &str) -> Answer {
    let host = world.url.trim_start_matches("http://");
    let port = host.split_once(':').unwrap().1.parse().unwrap();
    let mut headers = BTreeMap::from([("Host".to_owned(), host.to_owned())]);
    headers.extend(attack.headers.clone());
    let headers: Vec<String> =
        headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let request = format!(
        "{} {} HTTP/1.1\r\n{}Cookie: gh_session={session}\r\nConnection: close\r\n\r\n",
        attack.method,
        attack.path(canary),
        headers.concat(),
    );
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    // Who sends too much may find the door closed before the end.
    let whole = stream.write_all(request.as_bytes()).is_ok();
    let mut bytes = Vec::new();
    let ended = stream.read_to_end(&mut bytes);
    assert!(ended.is_ok() || !whole || !bytes.is_empty(), "{}: {ended:?}", attack.id);
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    let (head, body) = (head.to_owned(), body.to_owned());
    Answer { status: status.unwrap_or_else(|| panic!("{}: no answer", attack.id)), head, body }
}

/// Sends it three times; the quickest counts, as other tests run beside this one.
fn send(world: &World, session: &str, attack: &Attack, canary: &str) -> (Answer, Duration) {
    let (mut quickest, mut last) = (Duration::MAX, None);
    for _ in 0..3 {
        let began = Instant::now();
        last = Some(send_once(world, session, attack, canary));
        quickest = quickest.min(began.elapsed());
    }
    (last.unwrap(), quickest)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_attack_on_the_sign_in_address_ends_as_it_must() {
    let world = World::new().await;
    let session = world.signed_in("alice", "/portal").await.cookie("gh_session").unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let canary = listener.local_addr().unwrap().to_string();
    let mut attacks: Vec<Attack> = serde_json::from_str(ATTACKS).unwrap();
    // The control shows that the session lived all the time; then it may be ended.
    let last = ["control", "csrf"];
    attacks.sort_by_key(|attack| last.iter().position(|cls| attack.cls == *cls));
    assert_eq!(attacks.len(), 39);
    let mut wrongs = Vec::new();
    for attack in &attacks {
        let before = resident();
        let (page, took) = tokio::task::block_in_place(|| send(&world, &session, attack, &canary));
        let mut found = attack.wrongs(&page);
        if attack.max_ms.is_some_and(|most| took > Duration::from_millis(most)) {
            found.push(format!("it took {took:?}"));
        }
        let grown = resident().saturating_sub(before);
        if attack.max_rss_mib.is_some_and(|most| grown > most) {
            found.push(format!("memory grew by {grown} MiB"));
        }
        wrongs.extend(found.iter().map(|wrong| format!("{} {}: {wrong}", attack.id, attack.title)));
    }
    assert_eq!(wrongs, Vec::<String>::new());
    assert!(listener.accept().is_err(), "somebody called the canary");
}
