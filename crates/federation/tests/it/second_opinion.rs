//! Messages that were changed by chance, in the eyes of two other parsers: whatever our reader takes,
//! libxml2 and quick-xml take as well, and see the same in it (R099).

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use federation::{
    metadata::party::Loopback,
    saml2::{
        Sha1, TrustedKeys, binding,
        message::{self, Expected, Message, Signing},
        sp_metadata,
    },
    wstrust::{
        Version,
        request::{Arrival, parse},
    },
};
use model::Ts;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

const CHANGES: usize = 3_000;
const OURS: &str = "https://idp.gatehouse.test/d/contoso-com/adfs/ls/";
const SLO: &str = "https://idp.gatehouse.test/d/contoso-com/saml/slo";
const DOOR: &str = "https://idp.gatehouse.test/trust/13/usernamemixed";
const POST: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";
const SAML: &str = "{urn:oasis:names:tc:SAML:2.0:assertion}";
const SAMLP: &str = "{urn:oasis:names:tc:SAML:2.0:protocol}";
const MD: &str = "{urn:oasis:names:tc:SAML:2.0:metadata}";
const SOAP: &str = "{http://www.w3.org/2003/05/soap-envelope}";
const WSA: &str = "{http://www.w3.org/2005/08/addressing}";
const WSSE: &str =
    "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd}";
const WST: &str = "{http://docs.oasis-open.org/ws-sx/ws-trust/200512}";
const WSP: &str = "{http://schemas.xmlsoap.org/ws/2004/09/policy}";

/// What is put into a message: whatever parsers have read in different ways.
const PIECES: [&str; 44] = [
    "&#x41;",
    "&#65;",
    "&amp;",
    "&lt;",
    "&#10;",
    "&#9;",
    "&#13;",
    "&#x20;",
    "&quot;",
    "&apos;",
    "\t",
    "\n",
    "\r\n",
    "\r",
    " ",
    "  ",
    "\u{a0}",
    "\u{85}",
    "\u{2028}",
    "\u{3000}",
    "é",
    "e\u{301}",
    "\u{1f600}",
    "<!-- x -->",
    "<![CDATA[x]]>",
    "<?x y?>",
    "<x/>",
    "x",
    ":",
    "\"",
    "'",
    ">",
    "]]>",
    " ID=\"_x\"",
    " xmlns=\"urn:x\"",
    " xmlns:saml=\"urn:x\"",
    " a:ID=\"x\" xmlns:a=\"urn:a\"",
    " xml:space=\"preserve\"",
    " xml:base=\"urn:a\"",
    "\u{0}",
    "\u{1}",
    "\u{fffe}",
    "\u{feff}",
    "/",
];

/// Numbers by chance, the same in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end.max(1)
    }

    /// A place between two letters: half of the time near the top, where a message says whose it is, and
    /// half of the time where a value begins or ends.
    fn place(&mut self, text: &str) -> usize {
        let end = if self.below(2) == 0 { text.len() } else { text.len().min(700) };
        let edges = text.match_indices(['"', '>', '<']).map(|(at, _)| at);
        let edges: Vec<usize> = edges.take_while(|at| *at < end).collect();
        if self.below(2) == 0 && !edges.is_empty() {
            return edges[self.below(edges.len())] + self.below(2);
        }
        let mut at = self.below(end + 1);
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }

    fn changed(&mut self, text: &str) -> String {
        let mut text = text.to_owned();
        for _ in 0..=self.below(2) {
            let (one, two) = (self.place(&text), self.place(&text));
            let (from, to) = (one.min(two), one.max(two).min(one.min(two) + 60));
            let to = (from..=to).rev().find(|at| text.is_char_boundary(*at)).unwrap();
            match self.below(6) {
                0..3 => text.insert_str(one, PIECES[self.below(PIECES.len())]),
                3 => text.replace_range(from..to, ""),
                4 => {
                    let again = text[from..to].to_owned();
                    let at = self.place(&text);
                    text.insert_str(at, &again);
                }
                _ => {
                    let next = text[one..].chars().next().map_or(0, char::len_utf8);
                    text.replace_range(one..one + next, PIECES[self.below(PIECES.len())]);
                }
            }
        }
        text
    }
}

/// What decides anything, in words that can be compared.
type Facts = Vec<String>;

fn saml(xml: &str) -> Option<Facts> {
    let encoded = STANDARD.encode(xml).replace('+', "%2B").replace('=', "%3D");
    let received = binding::from_form(&format!("SAMLRequest={encoded}")).ok()?;
    let issuer = message::claimed_issuer(&received).ok()?;
    let expected = Expected {
        issuer: &issuer,
        keys: TrustedKeys::new(&[], Sha1::Refused),
        signing: Signing::Optional,
        destination: if received.xml.contains("LogoutRe") { SLO } else { OURS },
        now: Ts::from_rfc3339("2026-11-22T00:00:00Z").unwrap(),
    };
    Some(match message::read(&received, &expected).ok()? {
        Message::Authn(it) => {
            vec![it.header.issuer, it.header.id, it.reply.unwrap_or_default()]
        }
        Message::Logout(it) => {
            let mut facts = vec![it.header.issuer, it.header.id, it.name_id];
            facts.extend(it.session_indexes);
            facts
        }
        Message::LoggedOut(it) => vec![it.header.issuer, it.header.id],
    })
}

fn saml_of(root: &Value) -> Facts {
    let mut facts = vec![text(root, &[&format!("{SAML}Issuer")]), attribute(root, "ID")];
    if root["name"] == format!("{SAMLP}AuthnRequest") {
        facts.push(attribute(root, "AssertionConsumerServiceURL"));
    } else if root["name"] == format!("{SAMLP}LogoutRequest") {
        facts.push(text(root, &[&format!("{SAML}NameID")]));
        facts.extend(children(root, &format!("{SAMLP}SessionIndex")).map(own_text));
    }
    facts
}

fn trust(xml: &str) -> Option<Facts> {
    let now = Ts::from_rfc3339("2026-11-22T00:00:30Z").unwrap();
    let arrival = Arrival { version: Version::V13, address: DOOR, actions: &[], now };
    let read = parse(xml, &arrival).ok()?;
    let password = read.password.expose_secret().to_owned();
    Some(vec![read.applies_to, read.username, password])
}

/// These are taken with the white space that is around them.
fn trust_of(root: &Value) -> Facts {
    let (header, token) = ([SOAP, "Header"], [WSSE, "UsernameToken"]);
    let body = [[SOAP, "Body"], [WST, "RequestSecurityToken"], [WSP, "AppliesTo"]];
    let address = [&body[..], &[[WSA, "EndpointReference"], [WSA, "Address"]]].concat();
    let credential = |last| vec![header, [WSSE, "Security"], token, [WSSE, last]];
    let ways = [address, credential("Username"), credential("Password")];
    let raw = |way: Vec<[&str; 2]>| {
        let names: Vec<String> = way.into_iter().map(|name| name.concat()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let text = at(root, &names).and_then(|it| it["text"].as_str());
        text.unwrap_or_default().to_owned()
    };
    ways.map(raw).to_vec()
}

fn metadata(xml: &str) -> Option<Facts> {
    let now = Ts::from_rfc3339("2026-11-22T00:00:00Z").unwrap();
    let read = sp_metadata::read(xml, now, Loopback::Refused).ok()?;
    let replies: BTreeSet<String> = read.replies.into_iter().collect();
    Some(std::iter::once(read.entity_id).chain(replies).collect())
}

fn metadata_of(root: &Value) -> Facts {
    let mut replies = BTreeSet::new();
    for role in children(root, &format!("{MD}SPSSODescriptor")) {
        let services = children(role, &format!("{MD}AssertionConsumerService"));
        let by_form = services.filter(|it| attribute(it, "Binding") == POST);
        replies.extend(by_form.map(|it| attribute(it, "Location")));
    }
    std::iter::once(attribute(root, "entityID")).chain(replies).collect()
}

fn attribute(node: &Value, name: &str) -> String {
    node["attributes"][name].as_str().unwrap_or_default().to_owned()
}

fn children<'v>(node: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> + use<'v> {
    let all = node["children"].as_array().into_iter().flatten();
    let name = name.to_owned();
    all.filter(move |child| child["name"] == name)
}

/// The first element on a way from the root.
fn at<'v>(root: &'v Value, path: &[&str]) -> Option<&'v Value> {
    path.iter().try_fold(root, |node, name| children(node, name).next())
}

/// Without the white space around it, which XML knows four letters of.
fn own_text(node: &Value) -> String {
    node["text"].as_str().unwrap_or_default().trim_matches([' ', '\t', '\r', '\n']).to_owned()
}

fn text(root: &Value, path: &[&str]) -> String {
    at(root, path).map(own_text).unwrap_or_default()
}

/// The other two parsers, in a process of their own.
struct Others {
    child: Child,
    into: ChildStdin,
    out: BufReader<ChildStdout>,
}

impl Others {
    fn start() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let program = root.join("../../target/interop/debug/two_readers");
        let piped = Command::new(&program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = piped.unwrap_or_else(|wrong| {
            panic!("scripts/test makes {}, which is not there: {wrong}", program.display())
        });
        let into = child.stdin.take().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        Self { child, into, out }
    }

    fn read(&mut self, xml: &str) -> Value {
        writeln!(self.into, "{}", json!({ "xml": xml })).unwrap();
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }
}

impl Drop for Others {
    fn drop(&mut self) {
        self.child.kill().and_then(|()| self.child.wait()).ok();
    }
}

type Ours = fn(&str) -> Option<Facts>;
type Theirs = fn(&Value) -> Facts;

const MESSAGES: [(&str, Ours, Theirs); 6] = [
    ("saml2/post/D00-control-signed.xml", saml, saml_of),
    ("saml2/post/E00-control-microsoft-shape.xml", saml, saml_of),
    ("saml2/post/L00-control-signed.xml", saml, saml_of),
    ("wstrust/T00-control.xml", trust, trust_of),
    ("saml2/metadata/M00-control.xml", metadata, metadata_of),
    ("saml2/metadata/M04-keydescriptor-no-use.xml", metadata, metadata_of),
];

/// R099
#[test]
fn what_we_take_two_other_parsers_read_the_same() {
    let mut others = Others::start();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile");
    let mut wrong = Vec::new();
    for (nth, (file, ours, theirs)) in MESSAGES.into_iter().enumerate() {
        let control = fs::read_to_string(folder.join(file)).unwrap();
        let mut chance = Chance(0x5eed + u64::try_from(nth).unwrap());
        let (mut taken, mut different) = (0, BTreeSet::new());
        let changed = (0..CHANGES).map(|_| chance.changed(&control));
        for xml in std::iter::once(control.clone()).chain(changed) {
            let Some(facts) = ours(&xml) else {
                assert_ne!(xml, control, "{file} is a control");
                continue;
            };
            let seen = others.read(&xml);
            for parser in ["libxml2", "quick_xml"] {
                if seen[parser].is_null() || theirs(&seen[parser]) != facts {
                    let head = xml.chars().take(1_000).collect::<String>();
                    let theirs = (!seen[parser].is_null()).then(|| theirs(&seen[parser]));
                    wrong.push(format!("{file}, {parser}: {facts:?}, {theirs:?}: {head}"));
                }
            }
            taken += 1;
            different.insert(facts);
        }
        eprintln!("{file}: {taken} of {CHANGES} taken, {} different", different.len());
        assert!(taken > CHANGES / 40 && different.len() > 10, "{file}: {taken}, {different:?}");
    }
    assert!(
        wrong.is_empty(),
        "{} readings differ: {:#?}",
        wrong.len(),
        &wrong[..wrong.len().min(5)]
    );
}
