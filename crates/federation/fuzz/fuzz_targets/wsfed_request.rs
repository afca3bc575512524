//! WS-Federation queries.

#![no_main]

use federation::wsfed::request::parse;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|query: &str| {
    let _ = parse(query);
});
