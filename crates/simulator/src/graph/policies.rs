//! `/policies/...`, `/identity/conditionalAccess/policies` and per-user MFA, which beta alone has
//! (graph.md 8.9, 9.4).

use serde_json::{Value, json};

use super::{Answer, Call, Caller, Outcome, Refusal};
use crate::tenant::Policies;
use crate::world::World;

const READ: &[&str] = &["Policy.Read.All"];
const STATES: [&str; 3] = ["disabled", "enabled", "enforced"];

/// A policy of which each tenant has one, and who may write it.
pub(crate) fn policy<'p>(
    policies: &'p mut Policies,
    name: &str,
) -> Option<(&'p mut Value, &'static str)> {
    Some(match name {
        "identitySecurityDefaultsEnforcementPolicy" => {
            (&mut policies.security_defaults, "Policy.ReadWrite.SecurityDefaults")
        }
        "federatedTokenValidationPolicy" => {
            (&mut policies.token_validation, "Policy.ReadWrite.FedTokenValidation")
        }
        "authorizationPolicy" => (&mut policies.authorization, "Policy.ReadWrite.Authorization"),
        "authenticationMethodsPolicy" => {
            (&mut policies.authentication_methods, "Policy.ReadWrite.AuthenticationMethod")
        }
        _ => return None,
    })
}

pub(super) fn answer(world: &World, caller: &Caller, call: &Call, name: &str) -> Outcome {
    let unknown = || {
        let message = format!("Resource not found for the segment '{name}'.");
        Refusal::bad("BadRequest", message)
    };
    match call.method.as_str() {
        "GET" => {
            caller.needs(READ)?;
            let mut policies = world.read(|tenant| tenant.policies.clone());
            let (found, _) = policy(&mut policies, name).ok_or_else(unknown)?;
            let mut body = found.take();
            body["@odata.context"] =
                format!("{}/v1.0/$metadata#policies/{name}/$entity", world.url()).into();
            Ok(Answer::ok(body))
        }
        "PATCH" | "PUT" => {
            let body = call.json()?;
            world.change(|tenant| {
                let (found, write) = policy(&mut tenant.policies, name).ok_or_else(unknown)?;
                caller.needs(&[write])?;
                merge(found, &body)?;
                Ok(Answer::empty())
            })
        }
        _ => Err(Refusal::method()),
    }
}

/// Writes what is given, object by object; a property that is not there is refused, and one of
/// another kind.
fn merge(found: &mut Value, given: &Value) -> Result<(), Refusal> {
    let Some(given) = given.as_object() else {
        return Err(Refusal::request("One or more properties contains invalid values."));
    };
    for (name, value) in given.iter().filter(|(name, _)| !name.starts_with('@')) {
        let Some(old) = found.get_mut(name) else {
            return Err(Refusal::request(format!("Could not find a property named '{name}'.")));
        };
        if old.is_object() && value.is_object() && name != "validatingDomains" {
            merge(old, value)?;
        } else if std::mem::discriminant(old) == std::mem::discriminant(value) {
            *old = value.clone();
        } else {
            return Err(Refusal::invalid(name, format!("Invalid value for property '{name}'.")));
        }
    }
    Ok(())
}

/// The policies of Conditional Access; they are only read here.
pub(super) fn access(world: &World, caller: &Caller, call: &Call) -> Outcome {
    if call.method != "GET" {
        return Err(Refusal::method());
    }
    caller.needs(READ)?;
    let value = world.read(|tenant| tenant.policies.conditional_access.clone());
    let context = format!("{}/v1.0/$metadata#identity/conditionalAccess/policies", world.url());
    Ok(Answer::ok(json!({"@odata.context": context, "value": value})))
}

/// Per-user MFA of one person.
pub(super) fn requirements(world: &World, caller: &Caller, call: &Call, key: &str) -> Outcome {
    let id = world.read(|tenant| tenant.user(key).map(|user| user.id.clone()));
    match call.method.as_str() {
        "GET" => {
            caller.needs(READ)?;
            let id = id.ok_or_else(|| Refusal::not_found(key))?;
            let state = world.read(|tenant| tenant.policies.per_user_mfa.get(&id).cloned());
            let state = state.unwrap_or_else(|| STATES[0].to_owned());
            Ok(Answer::ok(json!({"perUserMfaState": state})))
        }
        "PATCH" => {
            caller.needs(&["Policy.ReadWrite.AuthenticationMethod"])?;
            let id = id.ok_or_else(|| Refusal::not_found(key))?;
            let body = call.json()?;
            let state = body["perUserMfaState"].as_str().unwrap_or_default().to_owned();
            if !STATES.contains(&state.as_str()) {
                return Err(Refusal::request("The value of perUserMfaState is not valid."));
            }
            world.change(|tenant| tenant.policies.per_user_mfa.insert(id, state));
            Ok(Answer::empty())
        }
        _ => Err(Refusal::method()),
    }
}
