//! The one-time code that an admin hands over, which allows one enrolment (R033).

use std::time::Duration;

use crate::{
    lockout::Permit,
    one_time_code::{self, Purpose},
};

/// How long a code that was handed over is good.
pub const LIFETIME: Duration = Duration::from_hours(24);

/// The code as it is shown once, and the digest that is stored.
#[must_use]
pub fn from_random(random: [u8; 16]) -> (String, [u8; 32]) {
    one_time_code::from_random(Purpose::Enrollment, random)
}

/// The digest of a typed code; `None` when it has not the form of one.
#[must_use]
pub fn digest(typed: &str, _: &Permit) -> Option<[u8; 32]> {
    one_time_code::digest(Purpose::Enrollment, typed)
}
