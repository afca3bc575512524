//! POSIX shell with curl and jq: for machines without PowerShell, and for the tests and the demo,
//! which execute the very bytes that are shown.

use model::relying_party::Cloud;

use super::{
    Head,
    demand::{DemandPlan, Turn},
    plan::{FederationPlan, Value},
    quote::{Plain, base64_text},
    rollover::{RolloverPlan, Step},
};

const PROLOGUE: &str = include_str!("sh/prologue.sh");
const SHARED: &str = include_str!("sh/shared.sh");
const FEDERATE: &str = include_str!("sh/federate.sh");
const REVERT: &str = include_str!("sh/revert.sh");
const ROLLOVER: &str = include_str!("sh/rollover.sh");
const DEMAND: &str = include_str!("sh/demand.sh");

/// The script that federates the domain, or brings its federation in step with the plan.
#[must_use]
pub fn sh(plan: &FederationPlan) -> String {
    render("Gatehouse: federate a domain of Microsoft 365.", &plan.into(), FEDERATE)
}

/// The script that gives the domain back its previous state.
#[must_use]
pub fn revert_sh(plan: &FederationPlan) -> String {
    render("Gatehouse: take the federation of a domain back.", &plan.into(), REVERT)
}

/// The script that does one step of a key's roll-over.
#[must_use]
pub fn rollover_sh(plan: &RolloverPlan) -> String {
    let title = match plan.step() {
        Step::Stage => "Gatehouse: hand the next signing certificate of a domain to Microsoft.",
        Step::Swap => "Gatehouse: swap the signing certificates of a domain at Microsoft.",
    };
    render(title, &plan.into(), ROLLOVER)
}

/// The script that switches something of the tenant off, or gives it back.
#[must_use]
pub fn demand_sh(plan: &DemandPlan) -> String {
    let title = match plan.turn() {
        Turn::Off => "Gatehouse: switch off what a tenant demands at sign-in.",
        Turn::Back => "Gatehouse: give back what a tenant demanded at sign-in.",
    };
    render(title, &plan.into(), DEMAND)
}

fn render(title: &str, head: &Head<'_>, body: &str) -> String {
    let (hash, values) = (&head.hash, values(head));
    format!("#!/bin/sh\n# {title}\n# Plan: sha256 {hash}\n{PROLOGUE}{values}{SHARED}{body}")
}

fn values(head: &Head<'_>) -> String {
    let mut out = String::from("\n# What the plan says.\n");
    let tenant = head.tenant.to_string();
    let host = head.cloud.hosts().map(|hosts| hosts.graph).unwrap_or_default();
    let more = head.more.iter().map(|(name, _, value)| (*name, value.as_str()));
    let known = [
        ("plan_hash", head.hash.as_str()),
        ("tenant_id", tenant.as_str()),
        ("default_host", host.as_str()),
        ("domain", head.domain),
    ];
    for (name, value) in known.into_iter().chain(more) {
        out.extend([name, "=", &plain(value).single_quoted(), "\n"]);
    }
    if head.cloud == Cloud::Simulator {
        out += "# The plan is for the simulator: GRAPH_HOST has to say where that is.\n";
    }
    out += "wanted='{\n";
    for (nth, (name, value)) in head.properties.iter().enumerate() {
        let before = if nth == 0 { "  \"" } else { ",\n  \"" };
        out.extend([before, name, "\": ", &literal(value)]);
    }
    out + "\n}'\n"
}

fn literal(value: &Value<'_>) -> String {
    match value {
        Value::Plain(plain) => plain.json(),
        Value::FreeText(text) => format!("({} | @base64d)", plain(&base64_text(text)).json()),
        Value::Absent => "null".to_owned(),
        Value::Flag(is_on) => is_on.to_string(),
    }
}

fn plain(value: &str) -> Plain<'_> {
    Plain::new(value).expect("the plan and base64 hold plain values only")
}
