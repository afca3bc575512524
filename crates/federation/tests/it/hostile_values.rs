//! Values that a careless writer trips over, in every kind of message that is signed: what comes out
//! always verifies, in the eyes of others too, and always says what went in (R092).

use std::{cell::RefCell, fs};

use bergshamra_c14n::C14nMode;
use federation::{
    assertion::{
        Attribute, Description, Subject, saml11,
        saml20::{self, Envelope},
    },
    claims::Statement,
    saml2::{
        binding::Outgoing,
        context::Vocabulary,
        logout::{self, Sending, SessionOf},
        response::{self, Addressing, Outer},
    },
    wsfed::response::token_response,
    wstrust::{
        Version,
        response::{Reply, issued},
    },
};
use model::{
    Method::{Password, Totp},
    issued_token::Reason,
    relying_party::{NameIdFormat, SignOutBinding},
};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};

use crate::support::{about, certificate, path, signer, stamp, statement, tool};

/// What is put into a message.
#[derive(Debug, Clone, Default)]
struct Values {
    issuer: String,
    audience: String,
    value: String,
}

/// How a message is made of them.
type Write = fn(&Values) -> String;

/// Every kind of message, by its name.
const KINDS: [(&str, Write); 6] = [
    ("RSTR of WS-Federation", |values| {
        let said = said(values);
        token_response(&saml_1_1(values), &said, &stamp())
    }),
    ("RSTR of WS-Trust 1.3", |values| trust(Version::V13, values)),
    ("RSTR of WS-Trust 2005", |values| trust(Version::Feb2005, values)),
    ("Response", |values| saml_2_0(values, false)),
    ("Response that is signed, too", |values| saml_2_0(values, true)),
    ("LogoutRequest", logout_request),
];

fn said(values: &Values) -> Statement {
    let Values { issuer, audience, .. } = values.clone();
    Statement { issuer, audience, ..statement(&[Password, Totp]) }
}

fn saml_1_1(values: &Values) -> federation::assertion::SignedToken {
    let mut about = about();
    about.attributes[0].values = vec![values.value.clone()];
    // `issue` itself compares every value with what it reads back.
    saml11::issue(&said(values), &about, &stamp(), &signer()).expect("a token")
}

fn trust(version: Version, values: &Values) -> String {
    let reply = Reply { version, relates_to: None, now: stamp().now };
    issued(&reply, &saml_1_1(values), &values.audience, &stamp(), Some(&values.issuer))
}

fn saml_2_0(values: &Values, both: bool) -> String {
    let named = |value: &String| Subject::Named {
        format: NameIdFormat::Persistent.uri(),
        value: value.clone(),
        reason: Reason::ImmutableId,
    };
    let attributes = vec![Attribute {
        reason: Reason::SignInName,
        name: "IDPEmail".to_owned(),
        name_format: None,
        values: vec![values.value.clone()],
    }];
    let envelope = Envelope {
        recipient: values.audience.clone(),
        in_response_to: Some(values.issuer.clone()),
        about: Description { subject: named(&values.issuer), attributes },
        acceptable: Vec::new(),
        vocabulary: Vocabulary::Microsoft,
    };
    let token = saml20::issue(&said(values), &envelope, &stamp(), &signer()).expect("a token");
    let addressing = Addressing {
        issuer: &values.issuer,
        to: &values.audience,
        in_response_to: Some(&values.audience),
        id: *b"gatehouse-answer",
        now: stamp().now,
    };
    let signer = signer();
    let outer = if both { Outer::Signed(&signer) } else { Outer::Plain };
    response::success(&addressing, &token, outer).expect("a response")
}

fn logout_request(values: &Values) -> String {
    let sending = Sending {
        issuer: &values.issuer,
        to: &values.audience,
        binding: SignOutBinding::Post,
        relay_state: None,
        id: *b"gatehouse-logout",
        now: stamp().now,
    };
    let about = SessionOf {
        name_id_format: NameIdFormat::Persistent.uri(),
        name_id: &values.value,
        session_index: &values.audience,
    };
    match logout::request(&sending, &about, &signer()).expect("a request") {
        Outgoing::Post(form) => {
            use base64::{Engine as _, engine::general_purpose::STANDARD};
            let bytes = STANDARD.decode(&form.message).expect("base64");
            String::from_utf8(bytes).expect("UTF-8")
        }
        Outgoing::Redirect(_) => String::new(),
    }
}

const PIECES: [&str; 11] = [
    "&",
    "<",
    "]]>",
    "\"'",
    "\r\n",
    "\t",
    "&amp;&#x0;&lt;",
    "<!-- -->",
    "</saml:Audience><saml:Audience>",
    "\u{202e}\u{5e9}\u{5dc}",
    "😀é\u{85}\u{2028}",
];

/// Text that a careless writer trips over.
pub(crate) fn hostile_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => proptest::sample::select(&PIECES[..]).prop_map(str::to_owned),
        1 => "[ -~]{0,12}",
    ];
    proptest::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

fn hostile_values() -> impl Strategy<Value = Values> {
    let texts = (hostile_text(), hostile_text(), hostile_text());
    texts.prop_map(|(issuer, audience, value)| Values { issuer, audience, value })
}

/// As canonical XML writes a text, and as it writes an attribute: a value is there when one of its two
/// spellings is.
fn spelled(value: &str) -> [String; 2] {
    let escaped = value.replace('&', "&amp;").replace('<', "&lt;").replace('\r', "&#xD;");
    let attribute = escaped.replace('"', "&quot;").replace('\n', "&#xA;").replace('\t', "&#x9;");
    [escaped.replace('>', "&gt;"), attribute]
}

/// Whatever holds of a message, however hostile its values are.
fn judge(kind: &str, xml: &str, values: &Values, elements: usize) {
    let inclusive = kind.contains("Trust");
    let mode = if inclusive { C14nMode::Inclusive } else { C14nMode::Exclusive };
    let canonical = bergshamra_c14n::canonicalize::<&str>(xml, mode, None, &[]);
    let canonical = String::from_utf8(canonical.expect("well-formed")).expect("UTF-8");
    assert_eq!(canonical, xml, "{kind}: another parser reads the same values");
    for value in [&values.issuer, &values.audience, &values.value] {
        assert!(spelled(value).iter().any(|it| xml.contains(it)), "{kind}: {value:?}");
    }
    assert_eq!(xml.matches('<').count(), elements, "{kind}: no value became markup");
    let mut keys = bergshamra_keys::KeysManager::new();
    keys.add_key(bergshamra_keys::loader::load_x509_cert_der(&certificate()).expect("a key"));
    let context = bergshamra_dsig::DsigContext::new(keys);
    let verified = bergshamra_dsig::verify::verify(&context, xml);
    assert!(verified.is_ok_and(|result| result.is_valid()), "{kind}: {values:?}");
}

/// Whether xmlsec1 takes every one of these documents: it stops at the first that it does not.
fn xmlsec_takes(documents: &[String]) -> bool {
    let folder = tempfile::tempdir().expect("a folder");
    let mut arguments = vec!["--verify".to_owned()];
    for (attribute, element) in [
        ("AssertionID", "urn:oasis:names:tc:SAML:1.0:assertion:Assertion"),
        ("ID", "urn:oasis:names:tc:SAML:2.0:assertion:Assertion"),
        ("ID", "urn:oasis:names:tc:SAML:2.0:protocol:Response"),
        ("ID", "urn:oasis:names:tc:SAML:2.0:protocol:LogoutRequest"),
    ] {
        arguments.extend([format!("--id-attr:{attribute}"), element.to_owned()]);
    }
    let certificate = path("data/test-certificate.pem");
    arguments.push("--pubkey-cert-pem".to_owned());
    arguments.push(certificate.to_str().expect("UTF-8").to_owned());
    for (number, xml) in documents.iter().enumerate() {
        let file = folder.path().join(format!("{number}.xml"));
        fs::write(&file, xml).expect("written");
        arguments.push(file.to_str().expect("UTF-8").to_owned());
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    tool("xmlsec1", &arguments).status.success()
}

/// How many tags each kind has when nothing is hostile.
fn elements() -> Vec<usize> {
    let harmless =
        Values { issuer: "i".to_owned(), audience: "a".to_owned(), value: "v".to_owned() };
    KINDS.iter().map(|(_, write)| write(&harmless).matches('<').count()).collect()
}

/// R092: by chance, and then 64 KiB of each piece in one value; xmlsec1 looks at the first 18 and at
/// all the long ones.
#[test]
fn hostile_values_stay_values_in_every_message_and_all_verifiers_agree() {
    let (elements, seen) = (elements(), RefCell::new(Vec::new()));
    let config = Config { cases: 20, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&hostile_values(), |values| {
        for ((kind, write), elements) in KINDS.iter().zip(&elements) {
            let xml = write(&values);
            judge(kind, &xml, &values, *elements);
            if seen.borrow().len() < 18 {
                seen.borrow_mut().push(xml);
            }
        }
        Ok(())
    });
    assert!(outcome.is_ok(), "{outcome:?}");

    let mut documents = seen.into_inner();
    for (number, ((kind, write), elements)) in KINDS.iter().zip(&elements).enumerate() {
        let pieces = [PIECES[number], PIECES[10 - number], PIECES[4]].concat();
        let value = pieces.repeat(64 * 1024 / pieces.len() + 1);
        let values = Values { issuer: "i".to_owned(), audience: "a".to_owned(), value };
        assert!(values.value.len() >= 64 * 1024);
        let xml = write(&values);
        judge(kind, &xml, &values, *elements);
        documents.push(xml);
    }
    assert!(xmlsec_takes(&documents), "one of {} documents", documents.len());
    for changed in [17, documents.len() - 1] {
        let mut forged = documents.clone();
        forged[changed] =
            forged[changed].replacen("nameid-format:persistent", "nameid-format:transient", 1);
        assert_ne!(forged[changed], documents[changed], "the last of each lot names somebody");
        assert!(!xmlsec_takes(&forged), "it looks at every document");
    }
}
