//! Creating and changing a user: required fields, uniqueness, verified domain, immutable id,
//! protected administrators (graph.md 2.2, 2.4 to 2.7).

use serde_json::{Map, Value};

use super::{Answer, Call, Caller, Outcome, Refusal, properties, users};
use crate::random;
use crate::tenant::{Domain, Tenant, User};
use crate::world::World;

const WRITE: &[&str] = &["User.ReadWrite.All", "Directory.ReadWrite.All"];
/// Objects that a tenant with a verified domain may hold.
const QUOTA: usize = 300_000;

pub(super) fn create(world: &World, caller: &Caller, call: &Call) -> Outcome {
    caller.needs(WRITE)?;
    let mut wanted = object(call)?;
    require(&wanted)?;
    let password = wanted.remove("passwordProfile").unwrap_or_default();
    check_password(&password, text(&wanted, "userPrincipalName"))?;
    for (name, value) in &wanted {
        properties::check(name, value)?;
    }
    wanted.retain(|_, value| !value.is_null());
    let (now, lag) = (world.now(), world.faults.lag());
    world.change(|tenant| {
        if tenant.population() >= QUOTA {
            return Err(Refusal::bad(
                "Directory_QuotaExceeded",
                "The directory object quota limit for the Tenant has been exceeded.",
            ));
        }
        unique(tenant, &wanted, None)?;
        join_domain(
            tenant,
            &wanted,
            "SourceAnchor is a required property for creation of a federated user.",
        )?;
        let user = User {
            id: random::guid(),
            properties: wanted,
            licenses: Vec::new(),
            created_at: now,
            visible_at: now + lag,
            usage_location_seen_at: now + lag,
            sessions_valid_from: now,
            deleted_at: None,
        };
        let body = users::entity(world, tenant, &user, &[]);
        let location = format!("{}/v1.0/users/{}", world.url(), user.id);
        tenant.insert(user);
        Ok(Answer::created(body, location))
    })
}

pub(super) fn patch(world: &World, caller: &Caller, call: &Call, key: &str) -> Outcome {
    let mut wanted = object(call)?;
    wanted.remove("@odata.type");
    caller.needs(if wanted.keys().all(|name| name == "accountEnabled") {
        &["User.ReadWrite.All", "Directory.ReadWrite.All", "User.EnableDisableAccount.All"]
    } else {
        WRITE
    })?;
    let password = wanted.remove("passwordProfile");
    for (name, value) in &wanted {
        properties::check(name, value)?;
    }
    let (now, lag) = (world.now(), world.faults.lag());
    world.change(|tenant| {
        let user = users::visible(tenant, key, now)?;
        let is_sensitive =
            wanted.keys().any(|name| properties::SENSITIVE.contains(&name.as_str()));
        if is_sensitive || password.is_some() {
            caller.may_touch(tenant, user)?;
        }
        if let Some(profile) = &password {
            new_password(caller, tenant, user, profile)?;
        }
        keep_synchronised(user, &wanted)?;
        keep_anchor(tenant, user, &wanted)?;
        let id = user.id.clone();
        let mut after = user.properties.clone();
        merge(&mut after, &wanted);
        unique(tenant, &wanted, Some(&id))?;
        join_domain(tenant, &after, "One or more properties contains invalid values. FederatedUser.SourceAnchor is a required property.")?;
        tenant.edit(&id, |user| {
            if wanted.get("usageLocation").and_then(Value::as_str) != user.usage_location()
                && wanted.contains_key("usageLocation")
            {
                user.usage_location_seen_at = now + lag;
            }
            user.properties = after;
        });
        Ok(Answer::empty())
    })
}

/// What another synchronisation keeps is changed at its source (graph.md 2.5).
fn keep_synchronised(user: &User, wanted: &Map<String, Value>) -> Result<(), Refusal> {
    let is_synchronised = user.properties.get("onPremisesSyncEnabled") == Some(&Value::Bool(true));
    if is_synchronised && wanted.keys().any(|name| name != "usageLocation") {
        return Err(Refusal::request(
            "Unable to update the specified properties for objects that have originated within an \
             external service.",
        ));
    }
    Ok(())
}

/// Whoever's domain is federated keeps the anchor that they have: another one is only given while
/// their name is in a managed domain (graph.md 2.5, F070). Taking it away is refused later, with the
/// properties as they would be.
fn keep_anchor(tenant: &Tenant, user: &User, wanted: &Map<String, Value>) -> Result<(), Refusal> {
    let anchor = text(wanted, "onPremisesImmutableId");
    let has = user.immutable_id().unwrap_or_default();
    let upn = wanted.get("userPrincipalName").and_then(Value::as_str).unwrap_or(user.upn());
    let is_federated = |upn: &str| tenant.domain_of(upn).is_some_and(Domain::is_federated);
    let changes = !anchor.is_empty() && !has.is_empty() && anchor != has;
    if changes && (is_federated(user.upn()) || is_federated(upn)) {
        return Err(Refusal::invalid(
            "onPremisesImmutableId",
            "One or more properties contains invalid values. The source anchor of a federated \
             user can't be changed.",
        ));
    }
    Ok(())
}

fn object(call: &Call) -> Result<Map<String, Value>, Refusal> {
    match call.json()? {
        Value::Object(map) => Ok(map),
        _ => Err(Refusal::bad("BadRequest", "The request body must be a JSON object.")),
    }
}

fn merge(properties: &mut Map<String, Value>, wanted: &Map<String, Value>) {
    for (name, value) in wanted {
        if value.is_null() {
            properties.remove(name);
        } else {
            properties.insert(name.clone(), value.clone());
        }
    }
    if let Some(Value::String(mail)) = wanted.get("mail") {
        let primary = format!("SMTP:{mail}");
        properties.insert("proxyAddresses".to_owned(), Value::from(vec![primary]));
    }
}

fn text<'m>(map: &'m Map<String, Value>, name: &str) -> &'m str {
    map.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn require(wanted: &Map<String, Value>) -> Result<(), Refusal> {
    let required =
        ["accountEnabled", "displayName", "mailNickname", "passwordProfile", "userPrincipalName"];
    match required.iter().find(|name| wanted.get(**name).is_none_or(Value::is_null)) {
        None => Ok(()),
        Some(name) => Err(Refusal::invalid(
            name,
            format!("A value is required for property '{name}' of resource 'User'."),
        )),
    }
}

fn check_password(profile: &Value, upn: &str) -> Result<(), Refusal> {
    let known =
        ["password", "forceChangePasswordNextSignIn", "forceChangePasswordNextSignInWithMfa"];
    if let Some(map) = profile.as_object()
        && let Some(name) = map.keys().find(|name| !known.contains(&name.as_str()))
    {
        return Err(Refusal::invalid(name, format!("Invalid property '{name}'.")));
    }
    let Some(password) = profile.get("password").and_then(Value::as_str) else {
        return Err(Refusal::invalid(
            "passwordProfile",
            "A value is required for property 'passwordProfile' of resource 'User'.",
        ));
    };
    let classes = [
        password.bytes().any(|b| b.is_ascii_lowercase()),
        password.bytes().any(|b| b.is_ascii_uppercase()),
        password.bytes().any(|b| b.is_ascii_digit()),
        password.bytes().any(|b| b.is_ascii_punctuation()),
    ];
    let local = upn.split('@').next().unwrap_or_default().to_lowercase();
    let is_strong = (8..=256).contains(&password.len())
        && password.is_ascii()
        && classes.into_iter().filter(|has| *has).count() >= 3
        && (local.len() < 4 || !password.to_lowercase().contains(&local));
    if is_strong {
        return Ok(());
    }
    Err(Refusal::invalid(
        "passwordProfile",
        "The specified password does not comply with password complexity requirements. Please \
         provide a different password.",
    ))
}

/// An app needs an Entra role of its own for passwords, which ours has not.
fn new_password(
    caller: &Caller,
    tenant: &Tenant,
    user: &User,
    profile: &Value,
) -> Result<(), Refusal> {
    if matches!(caller, Caller::App { .. }) {
        return Err(Refusal::denied());
    }
    if tenant.domain_of(user.upn()).is_some_and(Domain::is_federated) {
        return Err(Refusal::request("Password cannot be set for federated users."));
    }
    check_password(profile, user.upn())
}

fn unique(
    tenant: &Tenant,
    wanted: &Map<String, Value>,
    except: Option<&str>,
) -> Result<(), Refusal> {
    for name in ["userPrincipalName", "mail"] {
        if tenant.holds_name(text(wanted, name), except) {
            return Err(Refusal::taken(name));
        }
    }
    let holder = tenant.by_immutable_id(text(wanted, "onPremisesImmutableId"));
    if holder.is_some_and(|user| Some(user.id.as_str()) != except) {
        return Err(Refusal::taken("onPremisesImmutableId"));
    }
    Ok(())
}

/// The UPN's domain must be verified, and a federated one demands an immutable id.
fn join_domain(
    tenant: &Tenant,
    properties: &Map<String, Value>,
    message: &str,
) -> Result<(), Refusal> {
    let Some(domain) = tenant.domain_of(text(properties, "userPrincipalName")) else {
        return Err(Refusal::invalid(
            "userPrincipalName",
            "The domain portion of the userPrincipalName property is invalid. You must use one \
             of the verified domain names in your organization.",
        ));
    };
    if domain.is_federated() && text(properties, "onPremisesImmutableId").is_empty() {
        return Err(Refusal::invalid("onPremisesImmutableId", message));
    }
    Ok(())
}
