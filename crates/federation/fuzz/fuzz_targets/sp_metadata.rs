//! Metadata of a relying party of either protocol, as an admin uploads it.

#![no_main]

use federation::{metadata::party::Loopback, saml2::sp_metadata, wsfed::rp_metadata};
use libfuzzer_sys::fuzz_target;
use model::Ts;

fuzz_target!(|xml: &str| {
    let now = Ts::from_secs(1_795_597_200);
    let _ = sp_metadata::read(xml, now, Loopback::Refused);
    let _ = rp_metadata::read(xml, now, Loopback::Refused);
});
