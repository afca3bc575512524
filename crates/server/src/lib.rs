//! The counter: URLs, cookies and pages.

mod assets;
pub mod pages;

pub use assets::{Asset, Assets};
