//! The test key, fixed inputs, golden files and outside tools.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use federation::{
    Stamp,
    assertion::{Attribute, Description, Subject},
    claims::Statement,
    keyring::Signer,
    uris,
};
use model::{
    FactorEvent, Method, Proof, Ts,
    ids::SigningKeyId,
    issued_token::Reason,
    signing_key::{SigningKey, SigningKeyState},
};
use uuid::Uuid;

pub(crate) const ISSUER: &str = "https://sts.contoso.com/d/contoso-com/adfs/services/trust/";
pub(crate) const AUDIENCE: &str = "urn:federation:MicrosoftOnline";

pub(crate) fn path(below_tests: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(below_tests)
}

pub(crate) fn certificate() -> Vec<u8> {
    fs::read(path("data/test-certificate.der")).expect("the test certificate is there")
}

pub(crate) fn key() -> SigningKey {
    let pem = fs::read_to_string(path("data/test-signing-key.pem")).expect("the test key is there");
    let body = pem.split("-----BEGIN PRIVATE KEY-----").nth(1).expect("a PEM file");
    let body: String = body.lines().take_while(|line| !line.starts_with('-')).collect();
    SigningKey {
        id: SigningKeyId(Uuid::from_u128(1)),
        state: SigningKeyState::Active,
        private_key: STANDARD.decode(body).expect("base64").into(),
        certificate: certificate(),
        not_before: at("2026-01-01T00:00:00Z"),
        not_after: at("2046-01-01T00:00:00Z"),
        published_at: None,
        seen_by_entra_at: None,
    }
}

pub(crate) fn signer() -> Signer {
    Signer::from_key(&key()).expect("the test key is whole")
}

pub(crate) fn at(text: &str) -> Ts {
    Ts::from_rfc3339(text).expect("a time")
}

pub(crate) fn stamp() -> Stamp {
    Stamp {
        token_id: *b"gatehouse-token!",
        now: at("2026-11-25T09:00:00.041Z"),
        lifetime: Duration::from_mins(10),
    }
}

pub(crate) fn proof(methods: &[Method]) -> Proof {
    let first = at("2026-11-25T08:59:12Z");
    let events = methods.iter().zip(0..).map(|(&method, seconds)| FactorEvent {
        method,
        at: first + Duration::from_secs(seconds * 20),
    });
    Proof::from_events(events.collect()).expect("not empty")
}

pub(crate) fn statement(methods: &[Method]) -> Statement {
    Statement {
        issuer: ISSUER.to_owned(),
        audience: AUDIENCE.to_owned(),
        proof: proof(methods),
        inside_network: None,
        persistent_session: None,
    }
}

/// What Microsoft is told about a person.
pub(crate) fn about() -> Description {
    let (upn, immutable_id) = ("Ada.O'Hara@contoso.com", "7BVXb2y0RkmXv3pQ9sYq1w==");
    let attribute = |name: &str, value: &str, reason| Attribute {
        reason,
        name: name.to_owned(),
        name_format: None,
        values: vec![value.to_owned()],
    };
    Description {
        subject: Subject::Named {
            format: uris::NAME_ID_UNSPECIFIED,
            value: immutable_id.to_owned(),
            reason: Reason::ImmutableId,
        },
        attributes: vec![
            attribute(uris::CLAIM_UPN, upn, Reason::SignInName),
            attribute(uris::CLAIM_IMMUTABLE_ID, immutable_id, Reason::ImmutableId),
        ],
    }
}

/// Compares with `golden/{name}`; with `UPDATE_GOLDEN` in the environment it writes the file.
pub(crate) fn golden(name: &str, text: &str) {
    let file = path("golden").join(name);
    if asked_to_update() {
        fs::write(&file, text).expect("golden files can be written");
    }
    let expected = fs::read_to_string(&file).unwrap_or_default();
    assert!(expected == text, "{name} has changed; UPDATE_GOLDEN=1 rewrites it. Now:\n{text}");
}

#[expect(clippy::disallowed_methods, reason = "a switch for the person who runs the tests")]
fn asked_to_update() -> bool {
    std::env::var("UPDATE_GOLDEN").is_ok()
}

/// Runs a tool that the tests can't do without.
pub(crate) fn tool(name: &str, arguments: &[&str]) -> Output {
    let output = Command::new(name).args(arguments).output();
    output.map_err(|cause| format!("{name}: {cause}")).expect("this test needs the tool")
}

/// Runs a tool that must be content.
pub(crate) fn tool_agrees(name: &str, arguments: &[&str]) {
    let output = tool(name, arguments);
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Whether xmlsec1 finds the signed SAML 1.1 assertion in a document in order.
pub(crate) fn xmlsec_verifies(xml: &str) -> bool {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("token.xml");
    fs::write(&file, xml).expect("written");
    let certificate = path("data/test-certificate.pem");
    let id = ["--id-attr:AssertionID", "urn:oasis:names:tc:SAML:1.0:assertion:Assertion"];
    let arguments = ["--verify", id[0], id[1], "--pubkey-cert-pem"];
    let names = [certificate.to_str().expect("UTF-8"), file.to_str().expect("UTF-8")];
    tool("xmlsec1", &[&arguments[..], &names[..]].concat()).status.success()
}
