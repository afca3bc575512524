//! How another system hears of something at once: one signed POST over HTTPS. And how lines of a log
//! get to a log server, or into a file.
//!
//! It knows nothing of what the news is about, and keeps none.

mod courier;
mod error;
mod line_file;
mod log_server;
mod public;
mod signature;
#[cfg(feature = "testing")]
pub mod testing;

pub use courier::{Courier, Parcel, Settings, destination};
pub use error::Error;
pub use line_file::append;
pub use log_server::{LogLine, LogServer, LogSettings};
