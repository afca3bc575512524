//! `/users`: listing with filter and paging, reading, and the way to everything under one user.

use serde_json::{Map, Value, json};

use super::{Answer, Call, Caller, Outcome, Refusal, edit, licenses, properties};
use crate::clock::SECOND;
use crate::odata::Filter;
use crate::tenant::{Tenant, User};
use crate::world::World;

const READ: &[&str] =
    &["User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"];

pub(super) fn answer(world: &World, caller: &Caller, call: &Call, rest: &[&str]) -> Outcome {
    match (call.method.as_str(), rest) {
        ("GET", []) => list(world, caller, call),
        ("POST", []) => edit::create(world, caller, call),
        ("GET", ["$count"]) => count(world, caller, call),
        ("GET", [key]) => get(world, caller, call, key),
        ("PATCH", [key]) => edit::patch(world, caller, call, key),
        ("DELETE", [key]) => delete(world, caller, key),
        ("POST", [key, "assignLicense"]) => licenses::assign(world, caller, call, key),
        ("GET", [key, "licenseDetails"]) => licenses::details(world, caller, key),
        ("POST", [key, "revokeSignInSessions" | "microsoft.graph.revokeSignInSessions"]) => {
            revoke(world, caller, key)
        }
        (_, [] | [_]) => Err(Refusal::method()),
        (_, [_, segment, ..]) => Err(Refusal::bad(
            "BadRequest",
            format!("Resource not found for the segment '{segment}'."),
        )),
    }
}

/// The person that a replica with the present lag would find.
pub(super) fn visible<'t>(tenant: &'t Tenant, key: &str, now: i64) -> Result<&'t User, Refusal> {
    tenant.user(key).filter(|user| user.visible_at <= now).ok_or_else(|| Refusal::not_found(key))
}

/// Refuses selected properties that do not exist.
pub(super) fn selection(call: &Call) -> Result<Vec<String>, Refusal> {
    let select = call.query.select();
    for name in &select {
        if properties::shape(name).is_none() {
            return Err(Refusal::request(format!(
                "Parsing OData Select and Expand failed: Could not find a property named \
                 '{name}' on type 'microsoft.graph.user'."
            )));
        }
    }
    Ok(select)
}

/// The filter of a call, with Graph's rules about advanced queries.
pub(super) fn filter(call: &Call) -> Result<Option<Filter>, Refusal> {
    let Some(text) = call.query.get("$filter") else { return Ok(None) };
    let filter = Filter::parse(text)?;
    for name in filter.properties() {
        if !properties::FILTERABLE.contains(&name) && name != "assignedLicenses" {
            return Err(Refusal::bad(
                "Request_UnsupportedQuery",
                format!(
                    "Unsupported or invalid query filter clause specified for property '{name}' \
                     of resource 'User'."
                ),
            ));
        }
    }
    if filter.is_advanced() && !(call.is_eventual && call.query.counts()) {
        return Err(Refusal::bad(
            "Request_UnsupportedQuery",
            "Operator is not supported because the required parameters might be missing. Try \
             adding $count=true query parameter and ConsistencyLevel:eventual header. Refer to \
             https://aka.ms/graph-docs/advanced-queries for more information",
        ));
    }
    Ok(Some(filter))
}

fn fits(tenant: &Tenant, filter: Option<&Filter>, user: &User) -> bool {
    filter.is_none_or(|filter| filter.matches(&|name| properties::value(tenant, user, name)))
}

fn list(world: &World, caller: &Caller, call: &Call) -> Outcome {
    caller.needs(READ)?;
    let (select, filter) = (selection(call)?, filter(call)?);
    let (top, after, now) = (call.query.top()?, call.query.after()?, world.now());
    world.read(|tenant| {
        let mut found = tenant
            .users_after(after)
            .filter(|(_, user)| user.visible_at <= now && fits(tenant, filter.as_ref(), user));
        let page: Vec<(u64, &User)> = found.by_ref().take(top).collect();
        let mut body = Map::new();
        body.insert("@odata.context".into(), context(world, "users", &select).into());
        if call.is_eventual && call.query.counts() && after == 0 {
            let all = tenant.users().filter(|u| u.visible_at <= now);
            let count = all.filter(|user| fits(tenant, filter.as_ref(), user)).count();
            body.insert("@odata.count".into(), count.into());
        }
        if let (Some(_), Some((last, _))) = (found.next(), page.last()) {
            let collection = format!("{}/v1.0/users", world.url());
            body.insert("@odata.nextLink".into(), call.query.next_link(&collection, *last).into());
        }
        let value: Vec<Value> =
            page.iter().map(|(_, user)| properties::show(tenant, user, &select).into()).collect();
        body.insert("value".into(), value.into());
        Ok(Answer::ok(body.into()))
    })
}

fn count(world: &World, caller: &Caller, call: &Call) -> Outcome {
    caller.needs(READ)?;
    if !call.is_eventual {
        return Err(Refusal::bad("Request_UnsupportedQuery", "$count is not currently supported."));
    }
    let filter = match call.query.get("$filter") {
        Some(text) => Some(Filter::parse(text)?),
        None => None,
    };
    let now = world.now();
    let count = world.read(|tenant| {
        let seen = tenant.users().filter(|user| user.visible_at <= now);
        seen.filter(|user| fits(tenant, filter.as_ref(), user)).count()
    });
    Ok(Answer::plain(count.to_string()))
}

fn get(world: &World, caller: &Caller, call: &Call, key: &str) -> Outcome {
    caller.needs(READ)?;
    let select = selection(call)?;
    world.read(|tenant| {
        let user = visible(tenant, key, world.now())?;
        Ok(Answer::ok(entity(world, tenant, user, &select)))
    })
}

fn context(world: &World, set: &str, select: &[String]) -> String {
    let selected =
        if select.is_empty() { String::new() } else { format!("({})", select.join(",")) };
    format!("{}/v1.0/$metadata#{set}{selected}", world.url())
}

/// One user as a whole answer.
pub(super) fn entity(world: &World, tenant: &Tenant, user: &User, select: &[String]) -> Value {
    let mut body = Map::new();
    let context = format!("{}/$entity", context(world, "users", select));
    body.insert("@odata.context".into(), context.into());
    body.extend(properties::show(tenant, user, select));
    body.into()
}

fn delete(world: &World, caller: &Caller, key: &str) -> Outcome {
    caller.needs(&["User.DeleteRestore.All", "User.ReadWrite.All"])?;
    let now = world.now();
    world.change(|tenant| {
        let user = visible(tenant, key, now)?;
        caller.may_touch(tenant, user)?;
        let id = user.id.clone();
        tenant.discard(&id, now);
        Ok(Answer::empty())
    })
}

fn revoke(world: &World, caller: &Caller, key: &str) -> Outcome {
    caller.needs(&["User.RevokeSessions.All", "User.ReadWrite.All", "Directory.ReadWrite.All"])?;
    let now = world.now();
    world.change(|tenant| {
        let user = visible(tenant, key, now)?;
        caller.may_touch(tenant, user)?;
        let id = user.id.clone();
        // Entra keeps whole seconds; rounding up ends every session that began before the call.
        tenant
            .edit(&id, |user| user.sessions_valid_from = now.div_euclid(SECOND) * SECOND + SECOND);
        let context = format!("{}/v1.0/$metadata#Edm.Boolean", world.url());
        Ok(Answer::ok(json!({"@odata.context": context, "value": true})))
    })
}
