//! Decides what must change in Entra, and why.
//!
//! Pure: what is wanted and what is there come in as nouns, a plan comes out. Only `apply` waits,
//! and only through the ports in `directory`.

pub mod apply;
pub mod desired;
pub mod directory;
pub mod expression;
pub mod guard;
pub mod leaving;
mod licenses;
pub mod mapping;
pub mod matches;
mod matching;
pub mod mfa;
pub mod planner;
pub mod preflight;
mod reasons;
pub mod text;

pub use apply::{PlannedStep, Summary, apply};
pub use desired::{Access, DesiredUser};
pub use directory::{Directory, Journal, Sleep, Trouble, Work};
pub use mapping::Mapping;
pub use model::plan::Verdict;
pub use planner::{Observed, plan};
