//! SAML 2.0: requests by form and by redirect, and logout messages, each with the reason for which it
//! must be refused.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use model::{
    ImmutableId,
    relying_party::{RelyingParty, SignedRequests},
};
use store::{
    federated_domains, relying_parties,
    testing::{self, Throwaway},
    users,
};
use url::form_urlencoded::byte_serialize;

use super::{
    sets::{COOKIE, Marks, Report, SENT, Stage, Vector, folder, vectors},
    wire::{Answer, Request},
};
use crate::{html, wsfed::DOOR};

pub(crate) const REALM: &str = "urn:federation:MicrosoftOnline";
const REPLY: &str = "https://login.microsoftonline.com/login.srf";
const SLO: &str = "/d/contoso-com/saml/slo";
const FORM: &str = "application/x-www-form-urlencoded";
/// The join value of whoever asked to be signed out.
const OWN: &str = "b3duLWltbXV0YWJsZS1pZA==";
/// The join value of whom nobody may sign out.
const VICTIM: &str = "dmljdGltLWltbXV0YWJsZQ==";

/// The code with which each attack must be refused. Attacks that are cryptographically sound for a
/// lax verifier stand here with the rule that stops them, not with a signature that happens to fail.
const REASONS: &[(&str, &str)] = &[
    // Those that begin with a digit are the collected ones.
    ("GH-FED-05", "R05 R06"),
    ("GH-FED-06", "R08"),
    ("GH-FED-07", "C03"),
    ("GH-FED-08", "E22 20"),
    ("GH-SAML-01", "R07"),
    ("GH-SAML-02", "A10 C01 C02 C04 C05 C06 C07 C08 R12 R13 R14 R15 R16 R17"),
    (
        "GH-SAML-03",
        "A01 A02 A03 A04 A05 A06 A07 A08 A09 A11 A13 A14 A15 C09 C10 C11 C12 C13 C14 C15 C16 C17 \
         C18 C19 C20 C21 D14 D16 D17 D18 D31 D37 E15 E16 E17 E19 E20 E21 E24 E28 E32 E33 L13 L14 \
         L20 L25 01 02 03 04 05 06 07 08 09 13 14 15 19 21 22 24",
    ),
    ("GH-SAML-04", "E18 E23 E25"),
    ("GH-SAML-05", "E12 E13 E14"),
    ("GH-SAML-06", "E01 E26 L22 12"),
    ("GH-SAML-07", "E02 E03 L21 23"),
    ("GH-SAML-08", "E04 E05 E06 E07 E08 E09 E10 E11 10 11"),
    ("GH-SAML-09", "D01 D11 D15 D38 R01 R11"),
    (
        "GH-SAML-10",
        "D02 D03 D04 D05 D12 D13 D20 D21 D22 D23 D24 D25 D26 D27 D28 D29 D30 D32 D34 D35 D36 D39 \
         R02 R03 R04 R09 R10 L02 L12",
    ),
    ("GH-SAML-11", "E27"),
    ("GH-SAML-12", "L23"),
    ("GH-SAML-13", "L01 L11 L24"),
];

/// The controls, and what the list says may go on without its hostile part. A12 and D33 carry an
/// address that nobody looks at, E29 a name that nobody shows.
const OTHERS: &[(&str, Seen)] = &[
    ("D00 D00b E00 R00 R00u R21", Seen::Token),
    ("A12 D33 E29 R18 R19 R20 18", Seen::Token),
    ("E30 E34 16 17", Seen::Status),
    ("E31", Seen::SignIn),
    ("L00", Seen::LoggedOut),
];

/// What came of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seen {
    /// A token for the registered party.
    Token,
    /// A signed word to the party that there is none.
    Status,
    /// An answer to a logout request.
    LoggedOut,
    /// The person must sign in.
    SignIn,
    /// A page with a code.
    Refused,
}

/// A form that leads to the party: its fields.
pub(crate) fn fields(answer: &Answer) -> Vec<(String, String)> {
    let elements = html::read(&answer.body).unwrap_or_default();
    let form = elements.iter().find(|element| element.is("form"));
    assert_eq!(form.and_then(|form| form.get("action")), Some(REPLY), "{}", answer.body);
    let inputs = elements.iter().filter(|element| element.is("input"));
    inputs
        .map(|input| {
            let text = |name| input.get(name).unwrap_or_default().to_owned();
            (text("name"), text("value"))
        })
        .collect()
}

impl Seen {
    pub(crate) fn in_answer(answer: &Answer) -> Self {
        match answer.status {
            200 if answer.body.contains("SAMLResponse") => {
                let message = STANDARD.decode(&fields(answer)[0].1).unwrap();
                let xml = String::from_utf8(message).unwrap();
                match (xml.contains(":LogoutResponse"), xml.contains("<saml:Assertion")) {
                    (true, false) => Self::LoggedOut,
                    (false, true) if xml.contains("status:Success\"") => Self::Token,
                    (false, false) if !xml.contains("status:Success\"") => Self::Status,
                    _ => panic!("{xml}"),
                }
            }
            303 => {
                let to = answer.headers("location").next().unwrap_or_default();
                assert!(to.starts_with("/sign-in?request="), "it leads to {to}");
                Self::SignIn
            }
            _ => Self::Refused,
        }
    }
}

/// The address or the form with which an attack comes.
fn request(vector: &Vector, bytes: &[u8]) -> Request {
    let escaped = |bytes: &[u8]| byte_serialize(bytes).collect::<String>();
    let message = match vector.binding.as_str() {
        "saml-post" | "saml-slo-post" => escaped(STANDARD.encode(bytes).as_bytes()),
        "saml-post-raw" => escaped(bytes),
        "saml-redirect" => {
            let query = String::from_utf8(bytes.to_vec()).unwrap();
            return Request::get(&format!("{DOOR}?{}", query.trim_end()));
        }
        other => panic!("{other} is no way to come"),
    };
    let door = if vector.binding == "saml-slo-post" { SLO } else { DOOR };
    Request::post(door, FORM, format!("SAMLRequest={message}").into_bytes())
}

/// What is wrong about the answer to an attack.
fn wrongs(vector: &Vector, answer: &Answer, (before, after): (Marks, Marks)) -> Vec<String> {
    let mut wrongs = Vec::new();
    let seen = Seen::in_answer(answer);
    let code = answer.code().unwrap_or("no code");
    let listed = |id: &str| id == vector.id;
    let reason = REASONS.iter().find(|(_, ids)| ids.split(' ').any(listed));
    let other = OTHERS.iter().find(|(ids, _)| ids.split(' ').any(listed));
    match (reason, other) {
        (Some((wanted, _)), None) if seen == Seen::Refused && code == *wanted => {}
        (None, Some((_, wanted))) if seen == *wanted => {}
        _ => wrongs.push(format!("{seen:?} {} {code}", answer.status)),
    }
    let must_refuse = vector.expect == "reject" && other.is_none();
    if must_refuse && !vector.http.contains(&answer.status) {
        wrongs.push(format!("{} is not in {:?}", answer.status, vector.http));
    }
    let issued = i64::from(seen == Seen::Token);
    if after.tokens - before.tokens != issued {
        wrongs.push("the journal of tokens says something else".to_owned());
    }
    if seen == Seen::Refused && after.refusals != before.refusals + 1 {
        wrongs.push(format!("{} audit rows", after.refusals - before.refusals));
    }
    if answer.sets_a_session() {
        wrongs.push("a cookie was set".to_owned());
    }
    let hostile = vector.must_not_contain.iter().chain(&vector.evil_acs);
    let all = format!("{}\r\n\r\n{}", answer.head, answer.body);
    wrongs.extend(hostile.filter(|text| all.contains(*text)).map(|text| format!("it says {text}")));
    wrongs
}

impl Stage {
    /// Changes what is known of the party that the messages come from.
    pub(crate) async fn party(&self, change: impl Fn(&mut RelyingParty) + Send + 'static) {
        self.world
            .store
            .write(move |tx| {
                let domain = federated_domains::by_slug(tx, "contoso-com")?.unwrap();
                let mut party = relying_parties::by_realm(tx, domain.id, REALM)?.unwrap();
                party.replies = vec![REPLY.to_owned()];
                change(&mut party);
                relying_parties::update(tx, &party)
            })
            .await
            .unwrap();
    }

    /// The rules that an attack is played under.
    async fn set_up(&self, setup: Option<&str>) {
        let required = setup == Some("require_signed");
        let certificate = STANDARD.encode(std::fs::read(folder().join("saml2/sp.der")).unwrap());
        self.party(move |party| {
            party.settings.requests =
                if required { SignedRequests::Required } else { SignedRequests::Optional };
            party.settings.certificates =
                if required { vec![certificate.clone()] } else { Vec::new() };
            party.settings.sha1_until = None;
        })
        .await;
    }

    /// Many attacks are one request, changed: each is played as if it were the first.
    async fn forget_requests(&self) {
        let sql = "DELETE FROM used_messages WHERE message_id NOT LIKE '\\_l%' ESCAPE '\\'";
        self.world.store.write(|tx| testing::execute(tx, sql)).await.unwrap();
    }

    /// Plays one attack.
    pub(super) async fn play(&self, vector: &Vector, report: &mut Report) -> Answer {
        self.set_up(vector.setup.as_deref()).await;
        self.forget_requests().await;
        let request = request(vector, &vector.bytes(&self.canary));
        let before = self.marks().await;
        let (mut answer, mut cost) = self.send(&request);
        // A form leads to ourselves first, as the session's cookie may have stayed behind.
        let on = answer.headers("location").find(|to| to.starts_with("/continue?"));
        if let Some(on) = on.map(str::to_owned) {
            let browser = answer.headers("set-cookie").next().unwrap().split(';').next().unwrap();
            let cookies = format!("{COOKIE}={}; {browser}", self.session);
            let (page, more) = self.send_bare(&Request::get(&on).with("Cookie", &cookies));
            (answer, cost) = (page, cost.and(more));
        }
        let after = self.marks().await;
        report.count(vector, wrongs(vector, &answer, (before, after)), cost);
        answer
    }

    async fn rename(&self, name: &str, immutable_id: &'static str) {
        let upn = self.world.account(name).upn.clone();
        let renamed = self.world.store.write(move |tx| {
            let mut user = users::by_upn(tx, &upn)?.unwrap();
            user.immutable_id = ImmutableId::parse(immutable_id).unwrap();
            users::update(tx, &user)
        });
        renamed.await.unwrap();
    }

    /// Gets a token with a session, and gives it the index that messages name.
    async fn token_named(&self, session: &str, index: &str) {
        self.set_up(None).await;
        self.forget_requests().await;
        let control = vectors("R").into_iter().find(|vector| vector.id == "R00u").unwrap();
        let request = request(&control, &control.bytes(&self.canary));
        let cookie = format!("{COOKIE}={session}");
        let (answer, _) = self.send_bare(&request.with("Cookie", &cookie));
        assert_eq!(Seen::in_answer(&answer), Seen::Token);
        let xml = STANDARD.decode(&fields(&answer)[0].1).unwrap();
        let xml = String::from_utf8(xml).unwrap();
        let drawn = xml.split("SessionIndex=\"").nth(1).unwrap().split('"').next().unwrap();
        let sql =
            format!("UPDATE issued_tokens SET token_id = '{index}' WHERE token_id = '{drawn}'");
        let renamed = self.world.store.write(move |tx| testing::execute(tx, &sql)).await.unwrap();
        assert_eq!(renamed, 1);
    }
}

/// R074, R076, R078, R079, R100, R102, R104, R105, R106, R107, R108, R109, R110, R111, R113, R115, R151
#[tokio::test(flavor = "multi_thread")]
async fn requests_end_as_they_must() {
    let stage = Stage::begin().await;
    let mut report = Report::of("SAML 2.0 requests by form and redirect");
    for vector in vectors("ACDER") {
        if vector.binding == "saml-slo-post" {
            continue;
        }
        if vector.id == "E30" {
            play_without_a_session(&stage, &vector, &mut report).await;
            continue;
        }
        let answer = stage.play(&vector, &mut report).await;
        if matches!(vector.id.as_str(), "R18" | "R19" | "R20") {
            assert_eq!(state(&fields(&answer)), sent_state(&stage, &vector), "{}", vector.id);
        }
    }
    report.finish(129);
    stage.canary.assert_silent();
}

/// A passive request of somebody who is not signed in: two hops, as the form comes without cookies.
async fn play_without_a_session(stage: &Stage, vector: &Vector, report: &mut Report) {
    stage.set_up(None).await;
    let Request { path, body, .. } = request(vector, &vector.bytes(&stage.canary));
    let (browser, before) = (stage.world.browser(), stage.marks().await);
    let gauge = stage.process().gauge();
    let hop = browser.come_by_form(&path, &String::from_utf8(body).unwrap()).await;
    let page = browser.come(hop.location.as_deref().unwrap()).await;
    let cost = gauge.read();
    let answer = Answer { status: page.status, head: String::new(), body: page.body };
    let marks = (before, stage.marks().await);
    report.count(vector, wrongs(vector, &answer, marks), cost);
}

fn state(fields: &[(String, String)]) -> Option<&str> {
    fields.iter().find(|(name, _)| name == "RelayState").map(|(_, value)| value.as_str())
}

fn sent_state(stage: &Stage, vector: &Vector) -> Option<&'static str> {
    let query = String::from_utf8(vector.bytes(&stage.canary)).unwrap();
    let pairs: Vec<(String, String)> =
        url::form_urlencoded::parse(query.trim_end().as_bytes()).into_owned().collect();
    state(&pairs).map(|text| &*text.to_owned().leak())
}

/// R108
#[tokio::test(flavor = "multi_thread")]
async fn sha_1_counts_only_while_it_is_switched_on() {
    let stage = Stage::begin().await;
    for vector in vectors("DR").iter().filter(|vector| ["D30", "R10"].contains(&&*vector.id)) {
        stage.set_up(vector.setup.as_deref()).await;
        let until = stage.world.house.now() + std::time::Duration::from_hours(24);
        stage.party(move |party| party.settings.sha1_until = Some(until)).await;
        let (answer, _) = stage.send(&request(vector, &vector.bytes(&stage.canary)));
        assert_eq!(Seen::in_answer(&answer), Seen::Token, "{}", vector.id);
    }
}

/// Who may end whose session, on each database: the victim's outlives every message, the asker's
/// ends with the control alone, and the control counts once.
/// R058, R107, R114
#[tokio::test(flavor = "multi_thread")]
async fn logout_messages_end_the_session_that_is_theirs_and_no_other() {
    for database in Throwaway::both() {
        let stage = Stage::over(database, SENT).await;
        let victim = stage.world.signed_in("erin", "/portal").await.cookie(COOKIE).unwrap();
        stage.rename("alice", OWN).await;
        stage.rename("erin", VICTIM).await;
        stage.token_named(&stage.session, "_s1").await;
        stage.token_named(&victim, "_victim_session").await;
        let mut attacks = vectors("L");
        attacks.sort_by_key(|vector| ["L00", "L23"].iter().position(|last| vector.id == *last));
        let mut report = Report::of("SAML 2.0 logout");
        let mut is_over = false;
        for vector in attacks {
            is_over |= vector.id == "L00";
            stage.play(&vector, &mut report).await;
            assert!(stage.is_signed_in("erin").await, "{} ends the victim's session", vector.id);
            assert_eq!(stage.is_signed_in("alice").await, !is_over, "{}", vector.id);
        }
        report.finish(13);
        stage.canary.assert_silent();
    }
}
