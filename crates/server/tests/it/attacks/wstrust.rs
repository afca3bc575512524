//! WS-Trust: the requests of rich clients. No token, no cookie, one audit row; and whatever is wrong
//! with the credential, the same fault to the byte.

use std::{collections::BTreeMap, time::Duration};

use model::Ts;
use secrecy::ExposeSecret as _;

use super::{
    process::Cost,
    sets::{Marks, Report, Stage, Vector, vectors},
    wire::{Answer, Request},
};
use crate::wstrust::{SOAP, TRUST};

/// Whose password a message carries.
fn person(id: &str) -> &'static str {
    match id {
        "T19" => "erin",
        "T22" => "bob",
        "T23" => "dan",
        _ => "alice",
    }
}

impl Stage {
    /// A message, with the people and the addresses of this house. Bob of the set demands a second
    /// factor: here that is whoever the permit does not name.
    fn rst(&self, vector: &Vector) -> Request {
        let password = self.world.account(person(&vector.id)).password.expose_secret();
        let trust = format!("https://idp.gatehouse.test{TRUST}/");
        let body = String::from_utf8(vector.bytes(&self.canary)).unwrap();
        let body = body
            .replace("https://idp.gatehouse.test/trust/", &trust)
            .replace("bob@contoso.com", "erin@contoso.com")
            .replace("carol@contoso.com", "bob@contoso.com")
            .replace("dave@contoso.com", "dan@contoso.com")
            .replace("correct-horse", password);
        soap(body)
    }

    /// Sends one message, and waits a little so that nobody is slowed down.
    pub(super) async fn ask(&self, request: &Request) -> (Answer, Cost, (Marks, Marks)) {
        self.world.pass(Duration::from_secs(20));
        let before = self.marks().await;
        let (answer, cost) = self.send_bare(request);
        (answer, cost, (before, self.marks().await))
    }
}

/// A message to the address of version 1.3.
pub(super) fn soap(body: String) -> Request {
    Request::post(&format!("{TRUST}/13/usernamemixed"), SOAP, body.into_bytes())
}

/// How long the token in an answer is good.
fn lifetime(text: &str) -> Duration {
    let moment = |part: &str| {
        let at = text.split(&format!("{part}=\"")).nth(1).unwrap();
        Ts::from_rfc3339(at.split('"').next().unwrap()).unwrap()
    };
    moment("NotOnOrAfter").since(moment("NotBefore"))
}

/// What is wrong about an answer that must hold no token.
pub(super) fn wrongs_of_refusal(answer: &Answer, (before, after): (Marks, Marks)) -> Vec<String> {
    let mut wrongs = Vec::new();
    if !matches!(answer.status, 400 | 500) {
        wrongs.push(answer.status.to_string());
    }
    if (answer.status == 500) != answer.body.contains("<s:Fault>") {
        wrongs.push("a fault comes with 500, and 500 with a fault".to_owned());
    }
    for said in ["Assertion", "root:"].iter().filter(|text| answer.body.contains(**text)) {
        wrongs.push(format!("it says {said}"));
    }
    if answer.headers("set-cookie").next().is_some() {
        wrongs.push("a cookie was set".to_owned());
    }
    if (after.tokens, after.refusals) != (before.tokens, before.refusals + 1) {
        wrongs.push(format!("{before:?} became {after:?}"));
    }
    wrongs
}

pub(super) fn wrongs_of_token(answer: &Answer, (before, after): (Marks, Marks)) -> Vec<String> {
    if answer.status != 200 || after.tokens != before.tokens + 1 {
        return vec![format!("{}, {before:?} became {after:?}", answer.status)];
    }
    let lives = lifetime(&answer.body);
    let too_long = lives > Duration::from_hours(1);
    too_long.then(|| format!("the token lives {lives:?}")).into_iter().collect()
}

/// An answer without what the moment decides.
fn masked(text: &str) -> String {
    let from = text.find("<u:Created>").unwrap();
    let to = text.find("</u:Timestamp>").unwrap();
    [&text[..from], &text[to..]].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn trust_requests_end_as_they_must() {
    let stage = Stage::begin().await;
    stage.world.permit("alice@contoso.com bob@contoso.com dan@contoso.com", false).await;
    let mut report = Report::of("WS-Trust");
    let mut answers = BTreeMap::new();
    for vector in vectors("T") {
        let (answer, cost, marks) = stage.ask(&stage.rst(&vector)).await;
        let wrongs = match vector.expect.as_str() {
            "reject" => wrongs_of_refusal(&answer, marks),
            _ => wrongs_of_token(&answer, marks),
        };
        report.count(&vector, wrongs, cost);
        let now = stage.world.house.now();
        answers.insert(vector.id, answer.body.replace(&now.to_xml()[..16], "now"));
    }
    report.finish(26);
    for same in ["T19", "T20", "T22", "T23"] {
        assert_eq!(masked(&answers[same]), masked(&answers["T21"]), "{same}");
    }
    stage.canary.assert_silent();
}
