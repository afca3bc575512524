//! The small reads: organization, directory roles and who holds them, `/me` of the admin.

use serde_json::{Value, json};

use super::{Answer, Call, Caller, Outcome, Refusal, users};
use crate::odata::Filter;
use crate::tenant::{DirectoryRole, Tenant};
use crate::world::World;

const ROLES: &[&str] =
    &["RoleManagement.Read.Directory", "RoleManagement.Read.All", "Directory.Read.All"];

pub(super) fn answer(world: &World, caller: &Caller, call: &Call, path: &[&str]) -> Outcome {
    if call.method != "GET" {
        return Err(unknown(path));
    }
    match path {
        ["organization"] => {
            caller.needs(&["Organization.Read.All", "Directory.Read.All", "User.Read.All"])?;
            Ok(collection(world, "organization", &[call.query.reduced(world.read(organization))]))
        }
        ["organization", id] => {
            caller.needs(&["Organization.Read.All", "Directory.Read.All"])?;
            world.read(|tenant| {
                let body = (tenant.id == *id).then(|| call.query.reduced(organization(tenant)));
                body.map(Answer::ok).ok_or_else(|| Refusal::not_found(id))
            })
        }
        ["directoryRoles"] => {
            caller.needs(ROLES)?;
            let with_members = call.query.get("$expand").is_some_and(|e| e.contains("members"));
            let filter = call.query.get("$filter").map(Filter::parse).transpose()?;
            let roles = vec![world.read(|tenant| role(tenant, with_members))];
            let roles = filtered(roles, filter.as_ref());
            Ok(collection(world, "directoryRoles", &roles))
        }
        ["directoryRoles", id, "members"] => {
            caller.needs(ROLES)?;
            if !id.contains(DirectoryRole::GlobalAdministrator.template_id()) {
                return Err(Refusal::not_found(id));
            }
            Ok(collection(world, "directoryObjects", &world.read(members)))
        }
        ["roleManagement", "directory", "roleAssignments"] => assignments(world, caller, call),
        ["me"] if matches!(caller, Caller::Admin) => world.read(|tenant| {
            let admin = tenant.admins.first().map_or("", |held| held.user_id.as_str());
            let user = users::visible(tenant, admin, world.now())?;
            Ok(Answer::ok(users::entity(world, tenant, user, &users::selection(call)?)))
        }),
        ["me"] => Err(Refusal::bad(
            "BadRequest",
            "/me request is only valid with delegated authentication flow.",
        )),
        _ => Err(unknown(path)),
    }
}

fn unknown(path: &[&str]) -> Refusal {
    let segment = path.first().copied().unwrap_or_default();
    Refusal::bad("BadRequest", format!("Resource not found for the segment '{segment}'."))
}

fn collection(world: &World, set: &str, value: &[Value]) -> Answer {
    let context = format!("{}/v1.0/$metadata#{set}", world.url());
    Answer::ok(json!({"@odata.context": context, "value": value}))
}

fn organization(tenant: &Tenant) -> Value {
    let domains: Vec<Value> = tenant
        .domains
        .iter()
        .filter(|domain| domain.is_verified)
        .map(|domain| {
            json!({
                "name": domain.name, "type": domain.authentication_type(),
                "isDefault": domain.is_default, "isInitial": domain.is_initial,
                "capabilities": "Email, OfficeCommunicationsOnline",
            })
        })
        .collect();
    json!({
        "id": tenant.id, "displayName": tenant.display_name, "countryLetterCode": "DE",
        "createdDateTime": crate::clock::graph(tenant.created_at),
        "tenantType": "AAD", "onPremisesSyncEnabled": null, "verifiedDomains": domains,
    })
}

fn role(tenant: &Tenant, with_members: bool) -> Value {
    let role = DirectoryRole::GlobalAdministrator;
    let mut body = json!({
        "id": role.template_id(), "roleTemplateId": role.template_id(),
        "displayName": role.display_name(),
        "description": "Can manage all aspects of Microsoft Entra ID.",
    });
    if with_members {
        body["members"] = members(tenant).into();
    }
    body
}

fn members(tenant: &Tenant) -> Vec<Value> {
    tenant
        .admins
        .iter()
        .filter_map(|held| tenant.user(&held.user_id))
        .map(|user| {
            json!({
                "@odata.type": "#microsoft.graph.user", "id": user.id,
                "displayName": user.display_name(), "userPrincipalName": user.upn(),
            })
        })
        .collect()
}

fn assignments(world: &World, caller: &Caller, call: &Call) -> Outcome {
    caller.needs(ROLES)?;
    let filter = call.query.get("$filter").map(Filter::parse).transpose()?;
    let held: Vec<Value> = world.read(|tenant| {
        let shown = tenant.admins.iter().map(|held| {
            json!({
                "id": held.id, "principalId": held.user_id, "directoryScopeId": "/",
                "roleDefinitionId": held.role.template_id(),
            })
        });
        shown.collect()
    });
    let value = filtered(held, filter.as_ref());
    Ok(collection(world, "roleManagement/directory/roleAssignments", &value))
}

fn filtered(mut objects: Vec<Value>, filter: Option<&Filter>) -> Vec<Value> {
    objects.retain(|object| {
        let get = |name: &str| object.get(name).cloned().unwrap_or_default();
        filter.is_none_or(|filter| filter.matches(&get))
    });
    objects
}
