//! Metadata of a relying party, as an admin uploads it.

#![no_main]

use federation::saml2::sp_metadata::{Loopback, read};
use libfuzzer_sys::fuzz_target;
use model::Ts;

fuzz_target!(|xml: &str| {
    let _ = read(xml, Ts::from_secs(1_795_597_200), Loopback::Refused);
});
