//! From what was read of a tenant to a tenant of the simulator.

use app::{SystemRandom, clock, rehearsal::Original};
use model::{
    Ts,
    attribute::Attribute,
    entra::{EntraDomain, EntraUser, FederationConfiguration, SubscribedSku},
};
use serde_json::{Map, Value, json};
use simulator::{Domain, License, ServicePlan, Sku, TenantCopy, User};

use crate::stage::Stage;

/// The tenant for the simulator.
pub(crate) fn tenant(original: &Original, now: i64) -> TenantCopy {
    let tenant = &original.tenant;
    TenantCopy {
        id: tenant.id.to_string(),
        display_name: original.organisation.clone(),
        domains: tenant.domains.iter().map(|it| domain(it, &tenant.federations, now)).collect(),
        skus: tenant.products.iter().map(sku).collect(),
        users: tenant.accounts.iter().map(|account| user(account, now)).collect(),
        administrators: tenant.administrators.iter().map(ToString::to_string).collect(),
    }
}

/// What was copied, in numbers.
pub(crate) fn described(original: &Original, stage: &Stage) -> Vec<String> {
    let (tenant, cast) = (&original.tenant, stage.cast());
    let how = if stage.before().is_federated() { "federated" } else { "managed" };
    let mut said = vec![
        format!(
            "Read from the tenant and copied: {}, {}, {}. {} is {how} there.",
            count(tenant.domains.len(), "domain"),
            count(tenant.accounts.len(), "account"),
            count(tenant.products.len(), "product"),
            original.domain.name,
        ),
        "Keys, passwords and second factors are made up; nothing of the tenant is written."
            .to_owned(),
    ];
    let names: Vec<&str> = cast.players.iter().map(|player| player.upn.as_str()).collect();
    said.push(if original.people.is_empty() {
        format!("Nobody is assigned yet, so somebody made up takes part: {}.", names[0])
    } else {
        format!("These take part: {}.", names.join(", "))
    });
    said
}

fn count(number: usize, of: &str) -> String {
    format!("{number} {of}{}", if number == 1 { "" } else { "s" })
}

fn domain(
    seen: &EntraDomain,
    federations: &[(String, FederationConfiguration)],
    now: i64,
) -> Domain {
    let federation = federations.iter().find(|(name, _)| *name == seen.name);
    Domain {
        name: seen.name.clone(),
        is_default: seen.default,
        is_initial: seen.initial,
        is_verified: seen.verified,
        federation: federation.map(|(_, it)| federated(it, now)),
        is_broken: false,
    }
}

fn federated(seen: &FederationConfiguration, now: i64) -> simulator::FederationConfiguration {
    let filled = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    simulator::FederationConfiguration {
        id: clock::new_id(Ts(now), &SystemRandom).to_string(),
        display_name: filled(&seen.display_name),
        issuer_uri: seen.issuer_uri.clone(),
        metadata_exchange_uri: seen.metadata_exchange_uri.clone(),
        passive_sign_in_uri: filled(&seen.passive_sign_in_uri),
        active_sign_in_uri: seen.active_sign_in_uri.clone(),
        sign_out_uri: filled(&seen.sign_out_uri),
        password_reset_uri: None,
        preferred_authentication_protocol: filled(&seen.preferred_authentication_protocol),
        signing_certificate: filled(&seen.signing_certificate),
        next_signing_certificate: seen.next_signing_certificate.clone(),
        signing_certificate_update_status: None,
        federated_idp_mfa_behavior: filled(&seen.federated_idp_mfa_behavior),
        is_signed_authentication_request_required: Some(
            seen.is_signed_authentication_request_required,
        ),
        prompt_login_behavior: filled(&seen.prompt_login_behavior),
    }
}

fn sku(seen: &SubscribedSku) -> Sku {
    let plans = seen.service_plans.iter();
    Sku {
        id: seen.sku_id.to_string(),
        part_number: seen.sku_part_number.clone(),
        seats: usize::try_from(seen.enabled).unwrap_or(usize::MAX),
        plans: plans
            .map(|plan| ServicePlan { id: plan.id.to_string(), name: plan.name.clone() })
            .collect(),
    }
}

fn user(seen: &EntraUser, now: i64) -> User {
    let licenses = seen.licences.iter().map(|licence| License {
        sku_id: licence.sku_id.to_string(),
        disabled_plans: licence.disabled_plans.iter().map(ToString::to_string).collect(),
        updated_at: now,
    });
    User {
        id: seen.id.to_string(),
        properties: properties(seen),
        licenses: licenses.collect(),
        created_at: now,
        visible_at: now,
        usage_location_seen_at: now,
        sessions_valid_from: now,
        deleted_at: None,
    }
}

fn properties(seen: &EntraUser) -> Map<String, Value> {
    let described = seen.attributes.iter().map(|(attribute, value)| {
        let value = match attribute {
            Attribute::BusinessPhone => json!([value]),
            _ => json!(value),
        };
        (attribute.graph_name().to_owned(), value)
    });
    let optional = [
        ("onPremisesImmutableId", seen.immutable_id.clone().map(Value::from)),
        ("usageLocation", seen.usage_location.clone().map(Value::from)),
        ("onPremisesSyncEnabled", seen.synced_from_elsewhere.then_some(Value::Bool(true))),
    ];
    let own = [
        ("userPrincipalName", json!(seen.upn)),
        ("accountEnabled", json!(seen.account_enabled)),
        ("userType", json!(if seen.guest { "Guest" } else { "Member" })),
    ];
    let named = |(name, value): (&str, Value)| (name.to_owned(), value);
    let optional = optional.into_iter().filter_map(|(name, value)| Some((name, value?)));
    described.chain(own.into_iter().map(named)).chain(optional.map(named)).collect()
}
