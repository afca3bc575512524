//! Walks a real browser through the real product: the demo's process, headless Chromium, and the
//! steps that people take. Knows no crate of ours; what it may rely on is what a person sees.

pub mod browser;
pub mod demo;
mod keyboard;
mod mailbox;
mod prepared;
pub mod steps;

pub use browser::{Browser, Script};
pub use demo::{ADMIN_TOKEN, Demo};
pub use mailbox::Mailbox;
