//! Proves who someone is, and says what is still missing.
//!
//! Pure: passwords, second factors, limits on guessing, policy and the sign-in state machine. Time
//! and randomness come in as parameters; nothing here knows SQL, HTTP, XML or another expert.

pub mod access_pass;
pub mod denial;
pub mod enrollment_code;
pub mod error;
pub mod flow;
pub mod lockout;
pub mod mailed_code;
mod one_time_code;
pub mod passkey;
pub mod password;
pub mod policy;
pub mod qr;
pub mod recovery_code;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod totp;

pub use denial::Reason;
pub use error::Error;
pub use flow::{FlowState, Step};
pub use policy::Policy;
