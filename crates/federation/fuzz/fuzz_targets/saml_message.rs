//! SAML messages as XML, which reach the reader through the POST binding. Whatever is read as signed
//! must be word for word what the party signed: a wrapped signature would show here (R099, R101).

#![no_main]

use std::{
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use federation::saml2::{
    Refusal, Sha1, TrustedKeys, binding,
    message::{self, Expected, Message, Signing},
};
use libfuzzer_sys::fuzz_target;
use model::Ts;

/// The certificate of the party that the stored messages come from.
static KEYS: LazyLock<[Vec<u8>; 1]> =
    LazyLock::new(|| [fs::read(stored("sp.der")).expect("the party's certificate")]);

/// What the party really signed, in the stored messages that verify.
static SIGNED: LazyLock<Vec<Message>> = LazyLock::new(|| {
    let folder = fs::read_dir(stored("post")).expect("the stored messages");
    let texts = folder.map(|file| fs::read(file.expect("a file").path()).expect("a message"));
    let signed: Vec<_> = texts.filter_map(|text| read(&text, Signing::Required).ok()).collect();
    assert!(!signed.is_empty(), "without one signed message nothing is compared");
    signed
});

fuzz_target!(|xml: &[u8]| {
    let _ = read(xml, Signing::Optional);
    if let Ok(message) = read(xml, Signing::Required) {
        assert!(SIGNED.contains(&message), "nobody signed {message:?}");
    }
});

fn stored(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/hostile/saml2").join(name)
}

/// Reads a message from the party, at the moment and the address of the stored ones.
fn read(xml: &[u8], signing: Signing) -> Result<Message, Refusal> {
    let message = STANDARD.encode(xml).replace('+', "%2B").replace('=', "%3D");
    let received = binding::from_form(&format!("SAMLRequest={message}"))?;
    let issuer = message::claimed_issuer(&received)?;
    let keys = if signing == Signing::Required { &KEYS[..] } else { &[] };
    let is_logout = received.xml.contains("LogoutRe");
    let expected = Expected {
        issuer: &issuer,
        keys: TrustedKeys::new(keys, Sha1::Refused),
        signing,
        destination: if is_logout { SLO } else { OURS },
        now: Ts::from_rfc3339("2026-11-22T00:00:00Z").expect("a moment"),
    };
    message::read(&received, &expected)
}

const OURS: &str = "https://idp.gatehouse.test/d/contoso-com/adfs/ls/";
const SLO: &str = "https://idp.gatehouse.test/d/contoso-com/saml/slo";
