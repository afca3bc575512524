//! One domain: how Entra federates it compared with the plan, and the scripts that change it.

pub(super) mod protocols;
pub(super) mod script;
pub(super) mod second_factor;

use actix_web::web;
use app::office365::{DomainCheck, Office365View};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use model::{
    entra::{EntraDomain, FederationConfiguration},
    federated_domain::{BrowserProtocol, FederatedDomain},
};
use sha2::{Digest as _, Sha256};

use super::{microsoft365, preflight};
use crate::{
    answer::{Answer, Desk, see_other},
    csrf::Form,
    error::Failure,
    pages::{
        Rail,
        admin::domain::{Domain, Property, ProtocolChoice},
        parts::{Check, Fact, Tab, Tone, Verdict},
    },
    visitor::Console,
    wording::{explanations, times},
};

/// The overview: the tenant is read each time.
pub(super) async fn show(admin: Console, desk: Desk, slug: web::Path<String>) -> Answer {
    let (view, domain) = find(&admin, &desk, &slug).await?;
    let found = compare(&desk, &domain).await;
    let house = &desk.counter.house;
    let (_, plan) = house.federation_plan(domain.id).await?;
    let entra = microsoft365::domains(&admin, &desk, &view).await;
    let now = house.now();
    let newest = house.newest_preflight(&admin, domain.id).await?;
    let page = Domain {
        verdict: verdict(&domain.name, &found),
        facts: facts(&desk, &domain).await?,
        tabs: tabs(&domain.slug, ""),
        properties: properties(plan.configuration(), &found),
        checks: checks(&domain.name, &found, &entra),
        checked: Some(times::when(now, now)),
        protocol: Some(protocol_choice(&domain)),
        preflight: Some(preflight::verdict(&domain.name, newest.as_ref())),
        preflight_at: newest.map(|it| times::when(it.at, now)),
        script: None,
        name: domain.name,
        slug: domain.slug,
    };
    desk.page(&desk.console_chrome(&admin, Rail::Microsoft365).await?, &page)
}

/// *Check now*: the overview checks.
pub(super) async fn check(
    admin: Console,
    desk: Desk,
    slug: web::Path<String>,
    form: Form,
) -> Answer {
    let [] = form.exactly([])?;
    let (_, domain) = find(&admin, &desk, &slug).await?;
    Ok(see_other(&format!("/admin/domains/{}?done=checked", domain.slug)))
}

/// Chooses the protocol that the script writes.
pub(super) async fn choose_protocol(
    admin: Console,
    desk: Desk,
    slug: web::Path<String>,
    form: Form,
) -> Answer {
    let [chosen] = form.exactly(["protocol"])?;
    let both = [BrowserProtocol::WsFed, BrowserProtocol::Saml2];
    let protocol = both.into_iter().find(|protocol| protocol.in_graph() == chosen);
    let protocol = protocol.ok_or_else(|| Failure::bad_input("There is no such protocol."))?;
    let (_, domain) = find(&admin, &desk, &slug).await?;
    let (house, visitor) = (&desk.counter.house, desk.guest.visitor());
    house.choose_browser_protocol(&admin, domain.id, protocol, visitor).await?;
    Ok(see_other(&format!("/admin/domains/{}?done=protocol-chosen", domain.slug)))
}

/// The protocol in the plan, and the button for the other one.
fn protocol_choice(domain: &FederatedDomain) -> ProtocolChoice {
    let other = match domain.browser_protocol {
        BrowserProtocol::WsFed => BrowserProtocol::Saml2,
        BrowserProtocol::Saml2 => BrowserProtocol::WsFed,
    };
    ProtocolChoice {
        planned: domain.browser_protocol.label().to_owned(),
        other: other.label().to_owned(),
        other_value: other.in_graph().to_owned(),
    }
}

pub(super) async fn find(
    admin: &Console,
    desk: &Desk,
    slug: &str,
) -> Result<(Office365View, FederatedDomain), Failure> {
    for view in desk.counter.house.office365(admin).await? {
        if let Some(domain) = view.domains.iter().find(|domain| domain.slug == slug).cloned() {
            return Ok((view, domain));
        }
    }
    Err(app::Error::not_found("domain").into())
}

/// How Entra's federation compares, or why it can't be read.
async fn compare(desk: &Desk, domain: &FederatedDomain) -> Result<DomainCheck, String> {
    let asked = desk.counter.house.check_domain(domain.id);
    match tokio::time::timeout(microsoft365::PATIENCE, asked).await {
        Ok(Ok(check)) => Ok(check),
        Ok(Err(error)) => Err(error.public),
        Err(_) => Err("Microsoft did not answer in time.".to_owned()),
    }
}

fn verdict(name: &str, found: &Result<DomainCheck, String>) -> Verdict {
    let (tone, text) = match found {
        Ok(DomainCheck::InStep) => {
            (Tone::Ok, format!("People of {name} sign in here, as planned."))
        }
        Ok(DomainCheck::Managed) => (
            Tone::Warn,
            format!("{name} isn't federated yet: run the script to send its people here."),
        ),
        Ok(DomainCheck::Differs(list)) => (
            Tone::Danger,
            format!(
                "The federation of {name} differs from the plan in {}: run the script again.",
                crate::wording::count(crate::wording::rows(list.len()), "property", "properties")
            ),
        ),
        Ok(DomainCheck::Unknown) => (Tone::Danger, format!("The tenant has no domain {name}.")),
        Err(_) => (Tone::Warn, format!("{name} can't be checked right now.")),
    };
    Verdict::new(tone, &text)
}

async fn facts(desk: &Desk, domain: &FederatedDomain) -> Result<Vec<Fact>, Failure> {
    let addresses = desk.counter.house.addresses(&domain.name).await?;
    Ok(vec![
        Fact::id("Issuer", &addresses.issuer_uri),
        Fact::id("Sign-in address", &addresses.passive_sign_in_uri),
        Fact::id("Metadata", &addresses.metadata_url),
    ])
}

/// The views of a domain: what a script is for, whatever it is written in.
const TABS: [(&str, &str); 9] = [
    ("Overview", ""),
    ("Pre-flight", "preflight"),
    ("Rehearsal", "rehearsal"),
    ("Protocols", "protocols"),
    ("Second factor", "second-factor"),
    ("Federate", "powershell"),
    ("Hand over the next key", "stage"),
    ("Swap the keys", "swap"),
    ("Revert", "revert"),
];

pub(super) fn tabs(slug: &str, active: &str) -> Vec<Tab> {
    TABS.iter().map(|(label, view)| tab(slug, label, view, *view == active)).collect()
}

fn tab(slug: &str, label: &str, view: &str, active: bool) -> Tab {
    let href = format!("/admin/domains/{slug}/{view}").trim_end_matches('/').to_owned();
    Tab { label: label.to_owned(), href, active }
}

/// Each property as it is and as the script sets it.
fn properties(
    plan: &FederationConfiguration,
    found: &Result<DomainCheck, String>,
) -> Vec<Property> {
    let none = String::new();
    let optional = |value: &Option<String>| value.clone().unwrap_or_default();
    let planned = [
        ("displayName", plan.display_name.clone()),
        ("issuerUri", plan.issuer_uri.clone()),
        ("passiveSignInUri", plan.passive_sign_in_uri.clone()),
        ("activeSignInUri", optional(&plan.active_sign_in_uri)),
        ("metadataExchangeUri", optional(&plan.metadata_exchange_uri)),
        ("signOutUri", plan.sign_out_uri.clone()),
        ("signingCertificate", plan.signing_certificate.clone()),
        ("nextSigningCertificate", optional(&plan.next_signing_certificate)),
        ("preferredAuthenticationProtocol", plan.preferred_authentication_protocol.clone()),
        ("federatedIdpMfaBehavior", plan.federated_idp_mfa_behavior.clone()),
        ("promptLoginBehavior", plan.prompt_login_behavior.clone()),
        (
            "isSignedAuthenticationRequestRequired",
            plan.is_signed_authentication_request_required.to_string(),
        ),
    ];
    let before = |name: &str, after: &str| match found {
        Ok(DomainCheck::InStep) => after.to_owned(),
        Ok(DomainCheck::Differs(list)) => list
            .iter()
            .find(|difference| difference.property == name)
            .map_or_else(|| after.to_owned(), |difference| difference.theirs.clone()),
        Ok(DomainCheck::Managed | DomainCheck::Unknown) | Err(_) => none.clone(),
    };
    let federated = matches!(found, Ok(DomainCheck::InStep | DomainCheck::Differs(_)));
    let kind = if federated { "Federated" } else { "Managed" };
    let first = Property::new("authenticationType", kind, "Federated");
    let rest = planned.iter().map(|(name, after)| {
        Property::new(name, &readable(name, &before(name, after)), &readable(name, after))
    });
    std::iter::once(first).chain(rest).collect()
}

/// Certificates by their digest; everything else as it is.
fn readable(name: &str, value: &str) -> String {
    if !name.ends_with("Certificate") || value.is_empty() {
        return value.to_owned();
    }
    STANDARD.decode(value).map_or_else(
        |_| value.to_owned(),
        |der| format!("SHA-256 {}", hex::encode(Sha256::digest(der))),
    )
}

fn checks(
    name: &str,
    found: &Result<DomainCheck, String>,
    entra: &Result<Vec<EntraDomain>, String>,
) -> Vec<Check> {
    let domains = match entra {
        Ok(domains) => domains,
        Err(why) => {
            return vec![explanations::check(Check::new(Tone::Danger, "Tenant", why))];
        }
    };
    let Some(domain) = domains.iter().find(|domain| domain.name == name) else {
        let detail = format!("The tenant has no domain {name}: add it in the admin center.");
        return vec![Check::new(Tone::Danger, "In the tenant", &detail)];
    };
    let mut checks = vec![
        if domain.verified {
            Check::new(Tone::Ok, "Verified", "Entra has seen the domain's DNS record.")
        } else {
            Check::new(Tone::Danger, "Verified", "Prove ownership in the admin center.")
        },
        if domain.default {
            Check::new(
                Tone::Danger,
                "Not the default domain",
                "Make another one the default first: a default domain can't be federated.",
            )
        } else {
            Check::new(Tone::Ok, "Not the default domain", "Another domain is.")
        },
    ];
    if let Err(why) = found {
        checks.push(explanations::check(Check::new(Tone::Danger, "Federation", why)));
    }
    checks
}
