//! SOAP envelopes of clients without a browser. The request that is taken out stands alone: taken
//! out of an envelope of its own, it is the same.

#![no_main]

use federation::saml2::{ecp, message};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|envelope: &str| {
    let Ok(received) = ecp::request(envelope) else { return };
    let _ = message::claimed_issuer(&received);
    let around = format!(
        "<S:Envelope xmlns:S=\"http://schemas.xmlsoap.org/soap/envelope/\"><S:Body>{}</S:Body></S:Envelope>",
        received.xml
    );
    // Canonical form writes some characters longer than they came.
    if let Ok(again) = ecp::request(&around) {
        assert_eq!(again.xml, received.xml);
    } else {
        assert!(around.len() > 16 * 1024, "{around}");
    }
});
