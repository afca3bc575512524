//! The properties of a user: which exist, which may be written, what they must look like, and
//! how a user is shown (graph.md 2.3, 2.4).

use serde_json::{Map, Value, json};

use super::Refusal;
use crate::clock;
use crate::tenant::{Tenant, User};

/// What a property holds.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape {
    /// Text of at most so many characters.
    Text(usize),
    Flag,
    /// A list of at most so many texts.
    List(usize),
    Moment,
    Object,
    /// Exists, but is Entra's own.
    ReadOnly,
}

/// Shown when nothing is selected.
pub(crate) const DEFAULT: &[&str] = &[
    "id",
    "businessPhones",
    "displayName",
    "givenName",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
];

/// Properties that an app may not write on protected administrators.
pub(crate) const SENSITIVE: &[&str] = &[
    "accountEnabled",
    "businessPhones",
    "mobilePhone",
    "otherMails",
    "onPremisesImmutableId",
    "passwordProfile",
    "userPrincipalName",
];

/// Properties that `$filter` knows.
pub(crate) const FILTERABLE: &[&str] = &[
    "id",
    "userPrincipalName",
    "mail",
    "mailNickname",
    "displayName",
    "givenName",
    "surname",
    "onPremisesImmutableId",
    "accountEnabled",
    "employeeId",
    "department",
    "jobTitle",
    "city",
    "country",
    "usageLocation",
    "userType",
    "companyName",
    "officeLocation",
    "onPremisesSyncEnabled",
    "proxyAddresses",
    "otherMails",
    "employeeType",
];

/// The shape of a property, or `None` when a user has no such property.
pub(crate) fn shape(name: &str) -> Option<Shape> {
    Some(match name {
        "accountEnabled" | "showInAddressList" => Shape::Flag,
        "displayName" => Shape::Text(256),
        "userPrincipalName" => Shape::Text(113),
        "mailNickname"
        | "givenName"
        | "surname"
        | "department"
        | "companyName"
        | "mobilePhone"
        | "faxNumber"
        | "onPremisesImmutableId"
        | "employeeType"
        | "preferredLanguage"
        | "userType"
        | "ageGroup"
        | "consentProvidedForMinor" => Shape::Text(64),
        "jobTitle" | "officeLocation" | "city" | "state" | "country" | "passwordPolicies" => {
            Shape::Text(128)
        }
        "streetAddress" => Shape::Text(1024),
        "postalCode" => Shape::Text(40),
        "employeeId" => Shape::Text(16),
        "usageLocation" => Shape::Text(2),
        "mail" => Shape::Text(320),
        "businessPhones" => Shape::List(1),
        "otherMails" => Shape::List(250),
        "employeeHireDate" | "employeeLeaveDateTime" => Shape::Moment,
        "passwordProfile" | "employeeOrgData" | "onPremisesExtensionAttributes" => Shape::Object,
        "id"
        | "createdDateTime"
        | "deletedDateTime"
        | "proxyAddresses"
        | "assignedLicenses"
        | "licenseAssignmentStates"
        | "assignedPlans"
        | "provisionedPlans"
        | "creationType"
        | "externalUserState"
        | "signInSessionsValidFromDateTime"
        | "onPremisesSyncEnabled"
        | "onPremisesDistinguishedName"
        | "onPremisesSamAccountName"
        | "onPremisesDomainName"
        | "onPremisesSecurityIdentifier"
        | "onPremisesUserPrincipalName"
        | "identities"
        | "onPremisesLastSyncDateTime"
        | "onPremisesProvisioningErrors"
        | "securityIdentifier"
        | "lastPasswordChangeDateTime"
        | "isResourceAccount"
        | "imAddresses" => Shape::ReadOnly,
        _ => return None,
    })
}

/// Checks a value that someone wants to write.
pub(crate) fn check(name: &str, value: &Value) -> Result<(), Refusal> {
    let shape =
        shape(name).ok_or_else(|| Refusal::invalid(name, format!("Invalid property '{name}'.")))?;
    let invalid = || {
        Refusal::invalid(
            name,
            format!("Invalid value specified for property '{name}' of resource 'User'."),
        )
    };
    let fits = match (shape, value) {
        (Shape::ReadOnly, _) => {
            let message = format!("Property '{name}' is read-only and cannot be set.");
            return Err(Refusal::invalid(name, message));
        }
        (Shape::List(_) | Shape::Flag, Value::Null) => false,
        (_, Value::Null) => {
            !matches!(name, "displayName" | "mailNickname" | "userPrincipalName" | "usageLocation")
        }
        (Shape::Text(most), Value::String(text)) => {
            !text.is_empty() && text.chars().count() <= most
        }
        (Shape::Flag, Value::Bool(_)) | (Shape::Object, Value::Object(_)) => true,
        (Shape::List(most), Value::Array(items)) => {
            items.len() <= most && items.iter().all(Value::is_string)
        }
        (Shape::Moment, Value::String(text)) => clock::read(text).is_some(),
        _ => false,
    };
    if fits { special(name, value).map_or_else(|| Ok(()), Err) } else { Err(invalid()) }
}

/// The rules that only one property has.
fn special(name: &str, value: &Value) -> Option<Refusal> {
    let text = value.as_str()?;
    let refused = match name {
        "usageLocation" => !(text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase())),
        "mailNickname" => text.chars().any(|c| !c.is_ascii() || r#"@()\[]";:<>, "#.contains(c)),
        "userPrincipalName" => !is_upn(text),
        "onPremisesImmutableId" => text.contains(['$', '_']),
        "mail" => !text.is_ascii() || !text.contains('@'),
        "userType" => !matches!(text, "Member" | "Guest"),
        _ => false,
    };
    refused.then(|| {
        let message = format!("Invalid value specified for property '{name}' of resource 'User'.");
        Refusal::invalid(name, message)
    })
}

fn is_upn(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    !local.is_empty()
        && local.len() <= 64
        && domain.len() <= 48
        && domain.contains('.')
        && !domain.contains('@')
        && !local.ends_with('.')
        && local.chars().all(|c| c.is_ascii_alphanumeric() || "'.-_!#^~".contains(c))
}

/// A user as Graph shows them, with the default or the selected properties.
pub(crate) fn show(tenant: &Tenant, user: &User, select: &[String]) -> Map<String, Value> {
    let names = if select.is_empty() {
        DEFAULT.iter().map(|name| (*name).to_owned()).collect()
    } else {
        select.to_vec()
    };
    names.into_iter().map(|name| (name.clone(), value(tenant, user, &name))).collect()
}

/// The value of one property.
pub(crate) fn value(tenant: &Tenant, user: &User, name: &str) -> Value {
    match name {
        "id" => user.id.clone().into(),
        "createdDateTime" => clock::graph(user.created_at).into(),
        "deletedDateTime" => user.deleted_at.map(clock::graph).into(),
        "signInSessionsValidFromDateTime" => clock::graph(user.sessions_valid_from).into(),
        "passwordProfile" => Value::Null,
        "userPrincipalName" if user.deleted_at.is_some() => {
            format!("{}{}", user.id.replace('-', ""), user.upn()).into()
        }
        "userType" => user.text("userType").unwrap_or("Member").into(),
        "assignedLicenses" => user
            .licenses
            .iter()
            .map(|held| json!({"skuId": held.sku_id, "disabledPlans": held.disabled_plans}))
            .collect(),
        "licenseAssignmentStates" => user
            .licenses
            .iter()
            .map(|held| {
                json!({
                    "skuId": held.sku_id, "disabledPlans": held.disabled_plans,
                    "assignedByGroup": null, "state": "Active", "error": "None",
                    "lastUpdatedDateTime": clock::graph(held.updated_at),
                })
            })
            .collect(),
        "assignedPlans" => plans(tenant, user),
        "businessPhones"
        | "otherMails"
        | "proxyAddresses"
        | "identities"
        | "imAddresses"
        | "provisionedPlans"
        | "onPremisesProvisioningErrors" => {
            user.properties.get(name).cloned().unwrap_or_else(|| json!([]))
        }
        _ => user.properties.get(name).cloned().unwrap_or(Value::Null),
    }
}

fn plans(tenant: &Tenant, user: &User) -> Value {
    user.licenses
        .iter()
        .filter_map(|held| tenant.sku(&held.sku_id).map(|sku| (held, sku)))
        .flat_map(|(held, sku)| {
            sku.plans.iter().filter(|plan| !held.disabled_plans.contains(&plan.id)).map(|plan| {
                json!({
                    "assignedDateTime": clock::graph(held.updated_at),
                    "capabilityStatus": "Enabled", "service": plan.name,
                    "servicePlanId": plan.id,
                })
            })
        })
        .collect()
}
