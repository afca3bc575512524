//! `/domains`: reading, adding, verifying, and back to Managed (graph.md 8.1, 8.5, 8.6).

use serde_json::{Value, json};

use super::{Answer, Call, Caller, Outcome, Refusal};
use crate::tenant::{Domain, Tenant};
use crate::world::World;

const READ: &[&str] = &["Domain.Read.All", "Domain.ReadWrite.All", "Directory.Read.All"];
const WRITE: &[&str] = &["Domain.ReadWrite.All"];

pub(super) fn answer(world: &World, caller: &Caller, call: &Call, rest: &[&str]) -> Outcome {
    match (call.method.as_str(), rest) {
        ("GET", []) => {
            caller.needs(READ)?;
            let value: Vec<Value> = world.read(|tenant| {
                tenant
                    .domains
                    .iter()
                    .map(|domain| call.query.reduced(show(tenant, domain)))
                    .collect()
            });
            let context = format!("{}/v1.0/$metadata#domains", world.url());
            Ok(Answer::ok(json!({"@odata.context": context, "value": value})))
        }
        ("POST", []) => add(world, caller, call),
        ("GET", [name]) => {
            caller.needs(READ)?;
            world.read(|tenant| {
                let domain = tenant.domain(name).ok_or_else(|| Refusal::not_found(name))?;
                Ok(Answer::ok(call.query.reduced(show(tenant, domain))))
            })
        }
        ("PATCH", [name]) => patch(world, caller, call, name),
        ("POST", [name, "verify"]) => {
            caller.needs(WRITE)?;
            world.change(|tenant| {
                let domain = tenant.domain_mut(name).ok_or_else(|| Refusal::not_found(name))?;
                domain.is_verified = true;
                let domain = domain.clone();
                Ok(Answer::ok(show(tenant, &domain)))
            })
        }
        _ => Err(Refusal::method()),
    }
}

fn show(tenant: &Tenant, domain: &Domain) -> Value {
    json!({
        "id": domain.name, "authenticationType": domain.authentication_type(),
        "availabilityStatus": null, "isAdminManaged": true, "isDefault": domain.is_default,
        "isInitial": domain.is_initial, "isRoot": tenant.is_root(domain), "isVerified": domain.is_verified,
        "supportedServices": ["Email", "OfficeCommunicationsOnline"],
        "passwordValidityPeriodInDays": 2_147_483_647, "passwordNotificationWindowInDays": 14,
        "manufacturer": null, "model": null, "state": null,
    })
}

fn add(world: &World, caller: &Caller, call: &Call) -> Outcome {
    caller.needs(WRITE)?;
    let body = call.json()?;
    if body["authenticationType"] == "Federated" {
        return Err(Refusal::request("Creation of federated domain is not allowed."));
    }
    let name = body["id"].as_str().unwrap_or_default();
    if !name.contains('.') || name.contains('@') {
        return Err(Refusal::invalid(
            "id",
            "Invalid value specified for property 'id' of resource 'Domain'.",
        ));
    }
    world.change(|tenant| {
        if tenant.domain(name).is_some() {
            return Err(Refusal::taken("id"));
        }
        let domain = Domain { is_verified: false, ..Domain::managed(name) };
        let (body, location) =
            (show(tenant, &domain), format!("{}/v1.0/domains/{}", world.url(), domain.name));
        tenant.domains.push(domain);
        Ok(Answer::created(body, location))
    })
}

fn patch(world: &World, caller: &Caller, call: &Call, name: &str) -> Outcome {
    caller.needs(WRITE)?;
    let body = call.json()?;
    if body.get("federationConfiguration").is_some() {
        return Err(Refusal::new(
            500,
            "Service_InternalServerError",
            "Encountered an internal server error.",
        ));
    }
    world.change(|tenant| {
        let domain = tenant.domain_mut(name).ok_or_else(|| Refusal::not_found(name))?;
        match body["authenticationType"].as_str() {
            Some("Managed") => {
                domain.federation = None;
                domain.is_broken = false;
            }
            Some("Federated") if domain.is_federated() => {}
            Some("Federated") => {
                return Err(Refusal::request(
                    "Changing authenticationType from Managed to Federated is currently not \
                     supported.",
                ));
            }
            Some(_) => {
                return Err(Refusal::request("One or more properties contains invalid values."));
            }
            None => {}
        }
        if body["isDefault"] == true {
            if domain.is_federated() || !domain.is_verified {
                return Err(Refusal::request(
                    "Only a verified, managed domain can be the default domain.",
                ));
            }
            for other in &mut tenant.domains {
                other.is_default = other.name.eq_ignore_ascii_case(name);
            }
        }
        Ok(Answer::empty())
    })
}
