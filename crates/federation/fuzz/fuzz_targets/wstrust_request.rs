//! Requests of WS-Trust: no bytes make the reader fail in another way than by refusing.

#![no_main]

use federation::wstrust::{
    Version,
    request::{Arrival, parse},
};
use libfuzzer_sys::fuzz_target;
use model::Ts;

fuzz_target!(|body: &str| {
    // The moment and the addresses of the stored messages.
    for (version, address, now) in [
        (Version::V13, "https://idp.gatehouse.test/trust/13/usernamemixed", "00:00:30"),
        (Version::V13, "https://sts.contoso.com/adfs/services/trust/13/usernamemixed", "09:00:30"),
        (
            Version::Feb2005,
            "https://sts.contoso.com/adfs/services/trust/2005/usernamemixed",
            "09:00:30",
        ),
    ] {
        let now = Ts::from_rfc3339(&format!("2026-11-22T{now}Z")).expect("a time");
        if let Ok(request) = parse(body, &Arrival { version, address, actions: &[], now }) {
            assert!(!request.username.is_empty() && request.username.len() <= 256);
            assert!(request.relates_to.is_none_or(|id| id.len() <= 200));
        }
    }
});
