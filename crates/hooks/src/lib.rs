//! How another system hears of something at once: one signed POST over HTTPS.
//!
//! It knows nothing of what the news is about, and keeps none.

mod courier;
mod error;
mod public;
mod signature;

pub use courier::{Courier, Parcel, Settings, destination};
pub use error::Error;
