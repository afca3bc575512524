//! WS-Federation, and what HTTP itself allows: names, hosts, methods, sizes.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use url::form_urlencoded::byte_serialize;

use super::{
    sets::{Report, Stage, Vector, folder},
    wire::{Answer, Request},
};
use crate::wsfed::DOOR;

/// What must come of each; "reject" and "neutralise" alone would let too much pass.
const OUTCOMES: &[(Seen<'static>, &str)] = &[
    (Seen::Token, "W00 W34 W35 W37 W40 W41 W42 W48 W49"),
    (Seen::SignIn, "W38 W39"),
    (Seen::SignedOut, "W43"),
    (Seen::Refused("GH-FED-01"), "W36"),
    (Seen::Refused("GH-FED-02"), "W30"),
    (
        Seen::Refused("GH-FED-03"),
        "W01 W02 W03 W04 W05 W06 W07 W08 W09 W10 W11 W12 W13 W14 W15 W16 W17",
    ),
    (Seen::Refused("GH-FED-04"), "W31"),
    (Seen::Refused("GH-FED-05"), "W32 W33"),
    (Seen::Refused("GH-WEB-01"), "W46"),
    (Seen::Refused("GH-WEB-03"), "W47"),
    // Before anything of ours has seen them.
    (Seen::Refused("no code"), "W44 W45 W50"),
];

/// What came of an attack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen<'a> {
    /// A token for the registered party.
    Token,
    /// The person must prove anew who they are.
    SignIn,
    /// The session is over, and nothing is shown.
    SignedOut,
    /// A page with this code.
    Refused(&'a str),
}

impl<'a> Seen<'a> {
    fn in_answer(answer: &'a Answer) -> Self {
        let to = answer.headers("location").next().unwrap_or_default();
        match answer.status {
            200 if answer.body.contains("name=\"wresult\"") => Self::Token,
            204 => Self::SignedOut,
            303 if to.starts_with("/sign-in?request=") => Self::SignIn,
            _ => Self::Refused(answer.code().unwrap_or("no code")),
        }
    }
}

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
    fn request(&self, stage: &Stage) -> Request {
        let door = self.endpoint.replace("wsfed:", DOOR).replace("wsfed", DOOR);
        let pairs: Vec<String> = self
            .params
            .iter()
            .flat_map(|(name, value)| {
                let value = stage.canary.lured(&text(value));
                let value: String = byte_serialize(value.as_bytes()).collect();
                names(name).into_iter().map(move |name| format!("{name}={value}"))
            })
            .collect();
        let path = format!("{}?{}", door.replace("//", "/"), pairs.join("&"));
        let request = Request { method: self.method.clone(), ..Request::get(&path) };
        self.headers.iter().fold(request, |request, (name, value)| request.with(name, value))
    }

    /// The ways in which the answer is not the one that was expected.
    fn wrongs(&self, answer: &Answer) -> Vec<String> {
        let mut wrongs = Vec::new();
        let seen = Seen::in_answer(answer);
        let wanted = OUTCOMES.iter().find(|(_, ids)| ids.split(' ').any(|id| id == self.id));
        if wanted.is_none_or(|(wanted, _)| *wanted != seen) {
            wrongs.push(format!("{seen:?}, {}", answer.status));
        }
        let must_refuse = self.expect == "reject" && self.alt_expect.is_none();
        if must_refuse && !self.http.contains(&answer.status) {
            wrongs.push(format!("{} is not in {:?}", answer.status, self.http));
        }
        let reflected = self.must_not_contain.iter().filter(|text| answer.body.contains(*text));
        wrongs.extend(reflected.map(|text| format!("the page holds {text}")));
        for (name, text) in &self.must_not_contain_header {
            if answer.headers(name).any(|value| value.contains(text)) {
                wrongs.push(format!("the header {name} holds {text}"));
            }
        }
        if answer.sets_a_session() {
            wrongs.push("a cookie was set".to_owned());
        }
        wrongs
    }

    /// The same attack for the count.
    fn vector(&self) -> Vector {
        Vector {
            title: self.title.clone(),
            max_ms: self.max_ms,
            max_rss_mib: self.max_rss_mib,
            ..Vector::collected(&self.id, "http-requests.json")
        }
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

/// R020, R058, R067, R073, R074, R077, R078, R079
#[tokio::test(flavor = "multi_thread")]
async fn every_attack_on_the_sign_in_address_ends_as_it_must() {
    let stage = Stage::begin().await;
    // The list names Microsoft's address.
    stage.party(|_| ()).await;
    let list = std::fs::read(folder().join("http-requests.json")).unwrap();
    let mut attacks: Vec<Attack> = serde_json::from_slice(&list).unwrap();
    // The control shows that the session lived all the time; then it may be ended.
    let held_back = ["control", "csrf"];
    attacks.sort_by_key(|attack| held_back.iter().position(|cls| attack.cls == *cls));
    let mut report = Report::of("WS-Federation and HTTP");
    for attack in &attacks {
        let (answer, cost) = stage.send(&attack.request(&stage));
        report.count(&attack.vector(), attack.wrongs(&answer), cost);
    }
    report.finish(39);
    stage.canary.assert_silent();
}
