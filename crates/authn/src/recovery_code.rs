//! One-time recovery codes: ten on a sheet of paper, each good once (R031).

use crate::{
    lockout::Permit,
    one_time_code::{self, Purpose},
};

/// How many make a set.
pub const SET: usize = 10;

/// The code as it is shown once, and the digest that is stored.
#[must_use]
pub fn from_random(random: [u8; 16]) -> (String, [u8; 32]) {
    one_time_code::from_random(Purpose::Recovery, random)
}

/// The digest of a typed code; `None` when it has not the form of one.
#[must_use]
pub fn digest(typed: &str, _: &Permit) -> Option<[u8; 32]> {
    one_time_code::digest(Purpose::Recovery, typed)
}
