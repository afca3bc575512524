//! `/domains/{id}/federationConfiguration`: the call that federates a domain, with the traps
//! that Microsoft's own has (graph.md 8.2 to 8.6).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::{Answer, Call, Caller, Outcome, Refusal};
use crate::clock;
use crate::random;
use crate::tenant::{Domain, FederationConfiguration, Tenant};
use crate::world::World;

const READ: &[&str] = &[
    "Domain-InternalFederation.Read.All",
    "Domain-InternalFederation.ReadWrite.All",
    "Domain.Read.All",
    "Domain.ReadWrite.All",
];
const WRITE: &[&str] = &["Domain-InternalFederation.ReadWrite.All", "Domain.ReadWrite.All"];
const TYPE: &str = "#microsoft.graph.internalDomainFederation";

/// Properties with a fixed set of values.
const CHOICES: &[(&str, &[&str])] = &[
    ("preferredAuthenticationProtocol", &["wsFed", "saml"]),
    (
        "federatedIdpMfaBehavior",
        &["acceptIfMfaDoneByFederatedIdp", "enforceMfaByFederatedIdp", "rejectMfaByFederatedIdp"],
    ),
    (
        "promptLoginBehavior",
        &["translateToFreshPasswordAuthentication", "nativeSupport", "disabled"],
    ),
];

pub(super) fn answer(
    world: &World,
    caller: &Caller,
    call: &Call,
    (name, rest): (&str, &[&str]),
) -> Outcome {
    caller.needs(if call.method == "GET" { READ } else { WRITE })?;
    match (call.method.as_str(), rest) {
        ("GET", []) => world.read(|tenant| {
            let (_, federation) = configured(tenant, name)?;
            let context =
                format!("{}/v1.0/$metadata#domains('{name}')/federationConfiguration", world.url());
            Ok(Answer::ok(json!({"@odata.context": context, "value": [show(federation)]})))
        }),
        ("POST", []) => create(world, call, name),
        ("GET", [id]) => world.read(|tenant| {
            let (_, federation) = configured(tenant, name)?;
            same(federation, id)?;
            Ok(Answer::ok(show(federation)))
        }),
        ("PATCH", [id]) => patch(world, call, name, id),
        ("DELETE", [id]) => world.change(|tenant| {
            same(configured(tenant, name)?.1, id)?;
            domain_mut(tenant, name)?.federation = None;
            Ok(Answer::empty())
        }),
        _ => Err(Refusal::method()),
    }
}

fn broken() -> Refusal {
    Refusal::new(500, "Service_InternalServerError", "Encountered an internal server error.")
}

fn domain_mut<'t>(tenant: &'t mut Tenant, name: &str) -> Result<&'t mut Domain, Refusal> {
    tenant.domain_mut(name).ok_or_else(|| Refusal::not_found(name))
}

fn configured<'t>(
    tenant: &'t Tenant,
    name: &str,
) -> Result<(&'t Domain, &'t FederationConfiguration), Refusal> {
    let domain = tenant.domain(name).ok_or_else(|| Refusal::not_found(name))?;
    if domain.is_broken {
        return Err(broken());
    }
    let federation = domain.federation.as_ref();
    federation
        .map(|federation| (domain, federation))
        .ok_or_else(|| Refusal::not_found("federationConfiguration"))
}

fn same(federation: &FederationConfiguration, id: &str) -> Result<(), Refusal> {
    if federation.id == id { Ok(()) } else { Err(Refusal::not_found(id)) }
}

fn show(federation: &FederationConfiguration) -> Value {
    let mut body = serde_json::to_value(federation).unwrap_or_default();
    if let Some(map) = body.as_object_mut() {
        map.insert("@odata.type".to_owned(), TYPE.into());
    }
    body
}

fn create(world: &World, call: &Call, name: &str) -> Outcome {
    let wanted = checked(call)?;
    let now = world.now();
    world.change(|tenant| {
        may_federate(tenant, name)?;
        for required in ["issuerUri", "passiveSignInUri", "preferredAuthenticationProtocol"] {
            if wanted.get(required).and_then(Value::as_str).is_none() {
                return Err(Refusal::invalid(
                    required,
                    format!("A value is required for property '{required}'."),
                ));
            }
        }
        let mut federation = read(&wanted)?;
        free_issuer(tenant, &federation, name)?;
        if federation.signing_certificate.is_none() {
            // Microsoft's own trap: an error, and yet the domain is federated now.
            domain_mut(tenant, name)?.is_broken = true;
            return Err(broken());
        }
        federation.id = random::guid();
        let behavior = &mut federation.federated_idp_mfa_behavior;
        behavior.get_or_insert_with(|| "acceptIfMfaDoneByFederatedIdp".to_owned());
        federation.signing_certificate_update_status = Some(json!({
            "certificateUpdateResult": "Success", "lastRunDateTime": clock::graph(now),
        }));
        let body = show(&federation);
        let location = format!(
            "{}/v1.0/domains/{name}/federationConfiguration/{}",
            world.url(),
            federation.id
        );
        domain_mut(tenant, name)?.federation = Some(federation);
        Ok(Answer::created(body, location))
    })
}

fn may_federate(tenant: &Tenant, name: &str) -> Result<(), Refusal> {
    let domain = tenant.domain(name).ok_or_else(|| Refusal::not_found(name))?;
    let message = if domain.is_federated() {
        "Domain already has Federation Configuration set."
    } else if !domain.is_verified {
        "The domain must be verified before it can be federated."
    } else if domain.is_initial {
        "The initial domain of the organization cannot be federated."
    } else if domain.is_default {
        "The default domain of the organization cannot be federated. Make another domain default \
         first."
    } else {
        return Ok(());
    };
    Err(Refusal::request(message))
}

fn free_issuer(
    tenant: &Tenant,
    federation: &FederationConfiguration,
    name: &str,
) -> Result<(), Refusal> {
    let holder = tenant.by_issuer(&federation.issuer_uri);
    if holder.is_some_and(|domain| !domain.name.eq_ignore_ascii_case(name)) {
        return Err(Refusal::new(
            409,
            "Request_MultipleObjectsWithSameKeyValue",
            "Another object with the same value for property issuerUri already exists.",
        ));
    }
    Ok(())
}

fn patch(world: &World, call: &Call, name: &str, id: &str) -> Outcome {
    let wanted = checked(call)?;
    world.change(|tenant| {
        let (_, federation) = configured(tenant, name)?;
        same(federation, id)?;
        let mut after = serde_json::to_value(federation).unwrap_or_default();
        if let Some(map) = after.as_object_mut() {
            map.extend(wanted);
        }
        let after: FederationConfiguration = read(after.as_object().unwrap_or(&Map::new()))?;
        if after.signing_certificate.is_none() || after.issuer_uri.is_empty() {
            return Err(Refusal::request("One or more properties contains invalid values."));
        }
        free_issuer(tenant, &after, name)?;
        domain_mut(tenant, name)?.federation = Some(after);
        Ok(Answer::empty())
    })
}

fn read(wanted: &Map<String, Value>) -> Result<FederationConfiguration, Refusal> {
    serde_json::from_value(Value::Object(wanted.clone()))
        .map_err(|error| Refusal::request(format!("Invalid federation configuration: {error}.")))
}

/// The body with every value judged by itself.
fn checked(call: &Call) -> Result<Map<String, Value>, Refusal> {
    let Value::Object(mut wanted) = call.json()? else {
        return Err(Refusal::bad("BadRequest", "The request body must be a JSON object."));
    };
    if wanted.remove("@odata.type").is_some_and(|kind| kind != TYPE) {
        return Err(Refusal::request("The type of the federation configuration is not known."));
    }
    for name in ["id", "signingCertificateUpdateStatus"] {
        wanted.remove(name);
    }
    for (name, choices) in CHOICES {
        let Some(value) = wanted.get(*name).filter(|value| !value.is_null()) else { continue };
        if value == "" && *name == "federatedIdpMfaBehavior" {
            return Err(Refusal::request("FederatedIdpMfaBehavior cannot be empty"));
        }
        if !value.as_str().is_some_and(|value| choices.contains(&value)) {
            return Err(Refusal::invalid(
                name,
                format!("Invalid value specified for property '{name}'."),
            ));
        }
    }
    for (name, value) in &wanted {
        let Some(text) = value.as_str() else { continue };
        let is_fit = match name.as_str() {
            "signingCertificate" | "nextSigningCertificate" => is_certificate(text),
            name if name.ends_with("Uri") => url::Url::parse(text).is_ok() && text.len() <= 2048,
            _ => !text.is_empty(),
        };
        if !is_fit {
            return Err(Refusal::invalid(
                name,
                format!("Invalid value specified for property '{name}'."),
            ));
        }
    }
    Ok(wanted)
}

fn is_certificate(text: &str) -> bool {
    let der = STANDARD.decode(text).ok();
    der.is_some_and(|der| bergshamra_keys::loader::load_x509_cert_der(&der).is_ok())
}
