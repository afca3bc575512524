//! Everything that comes by OpenID Connect: requests, codes that come back, sign-outs and their hints.

#![no_main]

use federation::oidc::{request, sign_out, token_request};
use libfuzzer_sys::fuzz_target;

const CERTIFICATE: &[u8] = include_bytes!("../../tests/data/test-certificate.der");

fuzz_target!(|text: &str| {
    if let Ok(read) = request::parse(text) {
        assert!(!read.client_id.is_empty() && read.client_id.len() <= 256);
        if let Ok(wanted) = read.wanted {
            assert!(wanted.terms.challenge.is_none_or(|challenge| challenge.len() == 43));
        }
    }
    let (body, header) = text.split_once('\n').unwrap_or((text, ""));
    let _ = token_request::parse(body, None);
    let _ = token_request::parse(body, Some(header));
    if let Ok(asked) = sign_out::parse(text) {
        assert!(asked.back.is_none_or(|back| back.len() <= 2_048));
    }
    // Nobody who lacks the key makes a hint that counts.
    let keys = [CERTIFICATE.to_vec()];
    assert_eq!(sign_out::read_hint(text, "https://idp.test/d/a/oidc", &keys), None);
});
