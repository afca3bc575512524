//! What Entra posts when it asks for a second factor alone.

#![no_main]

use federation::external_mfa::request::parse;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &str| {
    if let Ok(read) = parse(body) {
        assert!(!read.client_id.is_empty() && read.client_id.len() <= 256);
        assert!(!read.hint.is_empty() && read.hint.len() <= 16 * 1024);
        if let Ok(terms) = read.terms {
            assert!(!terms.nonce.is_empty() && terms.nonce.len() <= 2_048);
        }
    }
});
