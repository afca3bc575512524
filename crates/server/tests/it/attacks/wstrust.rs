//! WS-Trust: the requests of rich clients. No token, no cookie, one audit row; and whatever is wrong
//! with the credential, the same fault to the byte.

use std::{collections::BTreeMap, time::Duration};

use model::{Ts, audit::Outcome};
use secrecy::ExposeSecret as _;
use store::audit_log::{self, AuditFilter};

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

/// Why each is refused, as the audit log has it.
const REASONS: &[(&str, &str)] = &[
    ("WS-Trust: it has a DTD, comment, CDATA or instruction", "T01 T02 T08 T15 T25"),
    ("WS-Trust: it is for nobody who is registered", "T03"),
    ("WS-Trust: it has expired", "T04"),
    ("WS-Trust: it has no timestamp", "T05"),
    ("WS-Trust: it is good for too long", "T06"),
    ("WS-Trust: it was made in the future", "T07"),
    ("WS-Trust: it is addressed to somebody else", "T09"),
    ("WS-Trust: it names another action", "T10 T16"),
    ("WS-Trust: it has two timestamps or two names", "T11"),
    ("WS-Trust: its password is not plain", "T12"),
    ("WS-Trust: an element holds more than text", "T13"),
    ("WS-Trust: it asks for something that we don't know", "T14"),
    ("WS-Trust: a header block must be understood and isn't", "T18"),
    ("WS-Trust, not named by the permit, so a second factor is demanded: wrong password", "T19"),
    ("WS-Trust, unknown person: wrong password", "T20"),
    ("WS-Trust: wrong password", "T21"),
    ("WS-Trust, not assigned to the application: wrong password", "T22"),
    ("WS-Trust, blocked: wrong password", "T23"),
    ("WS-Trust: an id stands twice", "T24"),
];

impl Stage {
    /// What the audit log says of the newest refusal at this door.
    async fn last_refusal(&self) -> String {
        let filter =
            AuditFilter { outcome: Some(Outcome::Refused), limit: 1, ..AuditFilter::default() };
        let found = self.world.store.read(move |tx| audit_log::list(tx, &filter)).await.unwrap();
        found.rows[0].detail.clone()
    }

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
        self.world.pass(Duration::from_secs(10));
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

/// R089, R109, R117, R119, R120
#[tokio::test(flavor = "multi_thread")]
async fn trust_requests_end_as_they_must() {
    let stage = Stage::begin().await;
    stage.world.permit("alice@contoso.com bob@contoso.com dan@contoso.com", false).await;
    let mut report = Report::of("WS-Trust");
    let mut answers = BTreeMap::new();
    let mut attacks = vectors("T");
    // The control once more: nothing was refused because the set had run out by then.
    attacks.extend(vectors("T").into_iter().filter(|vector| vector.id == "T00"));
    for vector in attacks {
        let (answer, cost, marks) = stage.ask(&stage.rst(&vector)).await;
        let wrongs = match vector.expect.as_str() {
            "reject" => {
                let why = stage.last_refusal().await;
                let known = REASONS
                    .iter()
                    .any(|(said, ids)| why == *said && ids.split(' ').any(|id| id == vector.id));
                let mut wrongs = wrongs_of_refusal(&answer, marks);
                if !known {
                    wrongs.push(format!("for another reason: {why}"));
                }
                wrongs
            }
            _ => wrongs_of_token(&answer, marks),
        };
        report.count(&vector, wrongs, cost);
        let now = stage.world.house.now();
        answers.insert(vector.id, answer.body.replace(&now.to_xml()[..16], "now"));
    }
    report.finish(27);
    for same in ["T19", "T20", "T22", "T23"] {
        assert_eq!(masked(&answers[same]), masked(&answers["T21"]), "{same}");
    }
    stage.canary.assert_silent();
}
