//! How the tenant stood when it was looked at: the few values that a finding is to be read with.

use model::tenant_state::{AccessPolicy, Seen};

use super::Observed;

/// What was read, and its value; what could not be read is left out.
#[must_use]
pub fn state(observed: &Observed) -> Vec<(String, String)> {
    let tenant = &observed.tenant;
    let federation = tenant.federations.as_ref().ok().map(|all| {
        let ours = all.iter().find(|(name, _)| *name == observed.domain);
        ours.map_or_else(|| "Managed".to_owned(), |(_, it)| format!("Federated: {}", it.issuer_uri))
    });
    let switch =
        |seen: &Seen<bool>| seen.as_ref().ok().map(|on| if *on { "on" } else { "off" }.to_owned());
    let deciding = |all: &Vec<AccessPolicy>| all.iter().filter(|policy| policy.enforced).count();
    let access = tenant.access_policies.as_ref().ok().map(|all| deciding(all).to_string());
    let validation = tenant.token_validation.as_ref().ok().map(|it| it.root_domains.clone());
    let rows = [
        ("Sign-in of the domain", federation),
        ("People of the domain", observed.inside().ok().map(|inside| inside.len().to_string())),
        ("Token validation", validation),
        ("Security defaults", switch(&tenant.security_defaults)),
        ("Registration campaign", tenant.registration_campaign.clone().ok()),
        ("Policies of Conditional Access that decide", access),
    ];
    rows.into_iter().filter_map(|(what, value)| Some((what.to_owned(), value?))).collect()
}
