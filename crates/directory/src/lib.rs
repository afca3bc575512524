//! What a directory says to a name and a password: a simple bind by LDAP, encrypted on every wire.
//!
//! It remembers nothing, and what follows from an answer is decided elsewhere.

mod conversation;
mod error;
mod outcome;
#[cfg(feature = "testing")]
pub mod testing;
mod tls;

pub use conversation::{Trail, ask, look};
pub use error::{Error, check};
