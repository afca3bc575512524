//! How a letter reaches the organisation's mail server: SMTP, encrypted on every wire.
//!
//! It knows nothing of what a letter is about, and forgets each when the server has taken it.

mod error;
mod postman;
#[cfg(feature = "testing")]
pub mod testing;

pub use error::Error;
pub use postman::{Encryption, Login, Postman, Settings, is_address};
