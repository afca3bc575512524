//! `/subscribedSkus`, `assignLicense`, `licenseDetails` (graph.md 3).

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, Call, Caller, Outcome, Refusal, users};
use crate::catalog::{self, Sku};
use crate::tenant::{License, Tenant, User};
use crate::world::World;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wish {
    sku_id: String,
    #[serde(default)]
    disabled_plans: Vec<String>,
}

pub(super) fn list(world: &World, caller: &Caller, call: &Call) -> Outcome {
    if call.method != "GET" {
        return Err(Refusal::method());
    }
    caller.needs(&[
        "LicenseAssignment.Read.All",
        "LicenseAssignment.ReadWrite.All",
        "Organization.Read.All",
        "Directory.Read.All",
        "Directory.ReadWrite.All",
    ])?;
    if call.query.get("$filter").is_some() {
        return Err(Refusal::bad(
            "Request_UnsupportedQuery",
            "This resource does not support $filter.",
        ));
    }
    let value: Vec<Value> = world.read(|tenant| {
        tenant.skus.iter().map(|sku| call.query.reduced(shown(tenant, sku))).collect()
    });
    let context = format!("{}/v1.0/$metadata#subscribedSkus", world.url());
    Ok(Answer::ok(json!({"@odata.context": context, "value": value})))
}

fn shown(tenant: &Tenant, sku: &Sku) -> Value {
    json!({
        "id": format!("{}_{}", tenant.id, sku.id),
        "accountId": tenant.id,
        "accountName": tenant.display_name.to_lowercase(),
        "appliesTo": "User",
        "capabilityStatus": "Enabled",
        "consumedUnits": tenant.consumed(&sku.id),
        "prepaidUnits": {"enabled": sku.seats, "suspended": 0, "warning": 0, "lockedOut": 0},
        "skuId": sku.id,
        "skuPartNumber": sku.part_number,
        "subscriptionIds": [],
        "servicePlans": plans(sku, &[]),
    })
}

fn plans(sku: &Sku, disabled: &[String]) -> Vec<Value> {
    sku.plans
        .iter()
        .map(|plan| {
            let status = if disabled.contains(&plan.id) { "Disabled" } else { "Success" };
            json!({
                "servicePlanId": plan.id, "servicePlanName": plan.name,
                "provisioningStatus": status, "appliesTo": "User",
            })
        })
        .collect()
}

pub(super) fn details(world: &World, caller: &Caller, key: &str) -> Outcome {
    caller.needs(&[
        "LicenseAssignment.Read.All",
        "User.Read.All",
        "User.ReadWrite.All",
        "Directory.Read.All",
    ])?;
    world.read(|tenant| {
        let user = users::visible(tenant, key, world.now())?;
        let value: Vec<Value> = user
            .licenses
            .iter()
            .filter_map(|held| tenant.sku(&held.sku_id).map(|sku| (held, sku)))
            .map(|(held, sku)| {
                json!({
                    "id": sku.id, "skuId": sku.id, "skuPartNumber": sku.part_number,
                    "servicePlans": plans(sku, &held.disabled_plans),
                })
            })
            .collect();
        Ok(Answer::ok(json!({"value": value})))
    })
}

pub(super) fn assign(world: &World, caller: &Caller, call: &Call, key: &str) -> Outcome {
    caller.needs(&[
        "LicenseAssignment.ReadWrite.All",
        "User.ReadWrite.All",
        "Directory.ReadWrite.All",
    ])?;
    let (adds, removes) = wishes(&call.json()?)?;
    let now = world.now();
    world.change(|tenant| {
        let user = users::visible(tenant, key, now)?;
        let after = planned(tenant, user, &adds, (&removes, now))?;
        let id = user.id.clone();
        tenant.edit(&id, |user| user.licenses = after);
        open_mailbox(tenant, &id);
        let user = users::visible(tenant, &id, now)?;
        Ok(Answer::ok(users::entity(world, tenant, user, &[])))
    })
}

fn wishes(body: &Value) -> Result<(Vec<Wish>, Vec<String>), Refusal> {
    for name in ["addLicenses", "removeLicenses"] {
        if body.get(name).is_none_or(Value::is_null) {
            return Err(Refusal::request(format!(
                "One or more parameters of the operation 'assignLicense' are missing from the \
                 request payload. The missing parameters are: {name}."
            )));
        }
    }
    let adds: Vec<Wish> = serde_json::from_value(body["addLicenses"].clone())
        .map_err(|_| Refusal::request("Invalid value specified for 'addLicenses'."))?;
    let removes: Vec<String> = serde_json::from_value(body["removeLicenses"].clone())
        .map_err(|_| Refusal::request("Invalid value specified for 'removeLicenses'."))?;
    if adds.is_empty() && removes.is_empty() {
        return Err(Refusal::request("No license changes provided"));
    }
    let ids = adds.iter().flat_map(|wish| wish.disabled_plans.iter().chain([&wish.sku_id]));
    if let Some(id) = ids.chain(&removes).find(|id| uuid::Uuid::parse_str(id).is_err()) {
        return Err(Refusal::request(format!(
            "Cannot convert a primitive value to the expected type 'Edm.Guid'. The value '{id}' \
             is not a GUID."
        )));
    }
    Ok((adds, removes))
}

/// The licences that the user would have; all changes are judged together.
fn planned(
    tenant: &Tenant,
    user: &User,
    adds: &[Wish],
    (removes, now): (&[String], i64),
) -> Result<Vec<License>, Refusal> {
    if user.usage_location().is_none() || user.usage_location_seen_at > now {
        return Err(Refusal::request(
            "License assignment cannot be done for user with invalid usage location.",
        ));
    }
    let mut after = user.licenses.clone();
    for sku_id in removes {
        owned(tenant, sku_id)?;
        if user.license(sku_id).is_none() {
            return Err(Refusal::request("User does not have a corresponding license."));
        }
        after.retain(|held| !held.sku_id.eq_ignore_ascii_case(sku_id));
    }
    for wish in adds {
        let sku = owned(tenant, &wish.sku_id)?;
        let held = user.license(&wish.sku_id);
        if held.is_none() && tenant.consumed(&sku.id) >= sku.seats {
            return Err(Refusal::request(format!(
                "Subscription with SKU {} does not have any available licenses.",
                sku.id
            )));
        }
        let disabled = disabled_plans(sku, wish)?;
        let is_same = held.is_some_and(|held| held.disabled_plans == disabled);
        let updated_at = held.filter(|_| is_same).map_or(now, |held| held.updated_at);
        after.retain(|held| held.sku_id != sku.id);
        after.push(License { sku_id: sku.id.clone(), disabled_plans: disabled, updated_at });
    }
    together(tenant, &after)?;
    Ok(after)
}

fn owned<'t>(tenant: &'t Tenant, sku_id: &str) -> Result<&'t Sku, Refusal> {
    tenant.sku(sku_id).ok_or_else(|| {
        Refusal::request(format!(
            "License {sku_id} does not correspond to a valid company License."
        ))
    })
}

fn disabled_plans(sku: &Sku, wish: &Wish) -> Result<Vec<String>, Refusal> {
    let known = |id: &String| sku.plans.iter().any(|plan| plan.id.eq_ignore_ascii_case(id));
    match wish.disabled_plans.iter().find(|id| !known(id)) {
        None => Ok(wish.disabled_plans.iter().map(|id| id.to_lowercase()).collect()),
        Some(id) => Err(Refusal::request(format!(
            "Service plan {id} does not belong to the license {}.",
            sku.id
        ))),
    }
}

/// Dependencies and exclusions among the plans that would be on.
fn together(tenant: &Tenant, licenses: &[License]) -> Result<(), Refusal> {
    let mut on = BTreeSet::new();
    for held in licenses {
        let plans = tenant.sku(&held.sku_id).into_iter().flat_map(|sku| &sku.plans);
        on.extend(
            plans
                .filter(|plan| !held.disabled_plans.contains(&plan.id))
                .map(|plan| (plan.name.as_str(), plan.id.as_str())),
        );
    }
    let id_of = |name: &str| on.iter().find(|(held, _)| *held == name).map(|(_, id)| *id);
    for (dependent, needed) in catalog::DEPENDENCIES {
        if let Some(id) = id_of(dependent)
            && !needed.iter().any(|name| id_of(name).is_some())
        {
            let all = tenant.skus.iter().flat_map(|sku| &sku.plans);
            let needed: BTreeSet<&str> = all
                .filter(|plan| needed.contains(&plan.name.as_str()))
                .map(|plan| plan.id.as_str())
                .collect();
            let needed = needed.into_iter().collect::<Vec<_>>().join(",");
            return Err(Refusal::request(format!(
                "License assignment failed because service plan {id} depends on the service \
                 plan(s) {needed}"
            )));
        }
    }
    let exclusive: Vec<&str> = catalog::EXCLUSIVE.iter().filter_map(|name| id_of(name)).collect();
    if let [one, other, ..] = exclusive.as_slice() {
        return Err(Refusal::request(format!(
            "License assignment failed because service plans {one},{other} are mutually exclusive"
        )));
    }
    Ok(())
}

/// Exchange gives a licensed user an address.
fn open_mailbox(tenant: &mut Tenant, id: &str) {
    let Some(user) = tenant.user(id) else { return };
    if !tenant.has_mailbox(user) || user.mail().is_some() {
        return;
    }
    tenant.edit(id, |user| {
        let address = user.upn().to_owned();
        let proxies = Value::from(vec![format!("SMTP:{address}")]);
        user.properties.insert("mail".to_owned(), address.into());
        user.properties.insert("proxyAddresses".to_owned(), proxies);
    });
}
