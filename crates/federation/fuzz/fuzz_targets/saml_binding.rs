//! SAML messages as they arrive: forms and queries, base64 and deflate. What was read from one can
//! be sent on as a query and is read the same there, as the hop after a posted request needs.

#![no_main]

use federation::saml2::{binding, message};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|raw: &str| {
    for received in [binding::from_query(raw), binding::from_form(raw)].into_iter().flatten() {
        let _ = message::claimed_issuer(&received);
        if received.has_query_signature() {
            continue;
        }
        let again = binding::from_query(&binding::as_query(&received)).expect("our own query");
        assert_eq!((again.xml, again.relay_state), (received.xml, received.relay_state));
    }
});
