//! The script that federates a domain, and the one that takes it back (`graph.md` 8 and 9.3).
//!
//! One validated [`FederationPlan`] is rendered into Microsoft Graph PowerShell and into POSIX shell
//! with curl and jq. A script is a head of values and a constant body: values occur nowhere else.
//! Everything is ASCII; free text travels as base64 (R138, R139).

mod plan;
mod powershell;
mod quote;
mod sh;

pub use plan::FederationPlan;
pub use powershell::{powershell, revert_powershell};
pub use sh::{revert_sh, sh};
