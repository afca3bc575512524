//! Microsoft Graph PowerShell. Requests go out as raw JSON by `Invoke-MgGraphRequest`: the typed
//! cmdlets of some versions lose slashes (`graph.md` 9.3).

use model::relying_party::Cloud;

use super::{
    Head,
    demand::{DemandPlan, Turn},
    plan::{FederationPlan, Value},
    quote::{Plain, base64_text},
    rollover::{RolloverPlan, Step},
};

const PROLOGUE: &str = include_str!("powershell/prologue.ps1");
const SHARED: &str = include_str!("powershell/shared.ps1");
const FEDERATE: &str = include_str!("powershell/federate.ps1");
const REVERT: &str = include_str!("powershell/revert.ps1");
const ROLLOVER: &str = include_str!("powershell/rollover.ps1");
const DEMAND: &str = include_str!("powershell/demand.ps1");

/// The script that federates the domain, or brings its federation in step with the plan.
#[must_use]
pub fn powershell(plan: &FederationPlan) -> String {
    render("Gatehouse: federate a domain of Microsoft 365.", &plan.into(), FEDERATE)
}

/// The script that gives the domain back its previous state.
#[must_use]
pub fn revert_powershell(plan: &FederationPlan) -> String {
    render("Gatehouse: take the federation of a domain back.", &plan.into(), REVERT)
}

/// The script that does one step of a key's roll-over.
#[must_use]
pub fn rollover_powershell(plan: &RolloverPlan) -> String {
    let title = match plan.step() {
        Step::Stage => "Gatehouse: hand the next signing certificate of a domain to Microsoft.",
        Step::Swap => "Gatehouse: swap the signing certificates of a domain at Microsoft.",
    };
    render(title, &plan.into(), ROLLOVER)
}

/// The script that switches something of the tenant off, or gives it back.
#[must_use]
pub fn demand_powershell(plan: &DemandPlan) -> String {
    let title = match plan.turn() {
        Turn::Off => "Gatehouse: switch off what a tenant demands at sign-in.",
        Turn::Back => "Gatehouse: give back what a tenant demanded at sign-in.",
    };
    render(title, &plan.into(), DEMAND)
}

fn render(title: &str, head: &Head<'_>, body: &str) -> String {
    let (hash, values) = (&head.hash, values(head));
    format!("# {title}\n# Plan: sha256 {hash}\n{PROLOGUE}{values}{SHARED}{body}")
}

fn values(head: &Head<'_>) -> String {
    let mut out = String::from("\n# What the plan says.\n");
    let tenant = head.tenant.to_string();
    let more = head.more.iter().map(|(_, name, value)| (*name, value.as_str()));
    let known = [
        ("PlanHash", head.hash.as_str()),
        ("TenantId", tenant.as_str()),
        ("Environment", environment(head.cloud)),
        ("Domain", head.domain),
    ];
    for (name, value) in known.into_iter().chain(more) {
        out.extend(["$", name, " = ", &quoted(value), "\n"]);
    }
    out += "$Wanted = [ordered]@{\n";
    for (name, value) in &head.properties {
        out.extend(["    '", name, "' = ", &literal(value), "\n"]);
    }
    out + "}\n"
}

fn literal(value: &Value<'_>) -> String {
    match value {
        Value::Plain(plain) => plain.single_quoted(),
        Value::FreeText(text) => {
            let text = quoted(&base64_text(text));
            format!("[Text.Encoding]::UTF8.GetString([Convert]::FromBase64String({text}))")
        }
        Value::Absent => "$null".to_owned(),
        Value::Flag(is_on) => format!("${is_on}"),
    }
}

fn quoted(value: &str) -> String {
    let plain = Plain::new(value).expect("the plan and base64 hold plain values only");
    plain.single_quoted()
}

/// The name that `Connect-MgGraph` has for a cloud. The simulator is no cloud of Microsoft's: there
/// the tenant check ends the script before it could do anything.
const fn environment(cloud: Cloud) -> &'static str {
    match cloud {
        Cloud::Global | Cloud::Simulator => "Global",
        Cloud::UsGov => "USGov",
        Cloud::UsGovDod => "USGovDoD",
        Cloud::China => "China",
    }
}
