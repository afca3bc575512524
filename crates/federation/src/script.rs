//! The script that federates a domain, the one that takes it back (`graph.md` 8 and 9.3), those that
//! roll its key over, and those that switch off what the tenant demands besides us.
//!
//! One validated [`FederationPlan`], [`RolloverPlan`] or [`DemandPlan`] is rendered into Microsoft
//! Graph PowerShell and into POSIX shell with curl and jq. A script is a head of values and a constant body: values occur nowhere else.
//! Everything is ASCII; free text travels as base64 (R138, R139).

mod demand;
mod plan;
mod powershell;
mod quote;
mod rollover;
mod sh;

pub use demand::{DemandPlan, Turn};
pub use plan::FederationPlan;
pub use powershell::{demand_powershell, powershell, revert_powershell, rollover_powershell};
pub use rollover::{RolloverPlan, Step};
pub use sh::{demand_sh, revert_sh, rollover_sh, sh};

use model::{ids::EntraTenantId, relying_party::Cloud};
use plan::Value;

/// The head of a script: every value that its body uses.
struct Head<'p> {
    hash: String,
    tenant: EntraTenantId,
    cloud: Cloud,
    domain: &'p str,
    /// More plain values, each with its name in sh and in PowerShell.
    more: Vec<(&'static str, &'static str, String)>,
    /// What the script writes, under Graph's names.
    properties: Vec<(&'static str, Value<'p>)>,
}

impl<'p> From<&'p FederationPlan> for Head<'p> {
    fn from(plan: &'p FederationPlan) -> Self {
        Self {
            hash: plan.hash(),
            tenant: plan.tenant(),
            cloud: plan.cloud(),
            domain: plan.domain(),
            more: Vec::new(),
            properties: plan.properties().into(),
        }
    }
}

impl<'p> From<&'p DemandPlan> for Head<'p> {
    fn from(plan: &'p DemandPlan) -> Self {
        Self {
            hash: plan.hash(),
            tenant: plan.tenant(),
            cloud: plan.cloud(),
            domain: plan.domain(),
            more: plan.facts().into(),
            properties: plan.properties().into(),
        }
    }
}

impl<'p> From<&'p RolloverPlan> for Head<'p> {
    fn from(plan: &'p RolloverPlan) -> Self {
        Self {
            hash: plan.hash(),
            tenant: plan.tenant(),
            cloud: plan.cloud(),
            domain: plan.domain(),
            more: plan.facts().into(),
            properties: plan.properties(),
        }
    }
}
