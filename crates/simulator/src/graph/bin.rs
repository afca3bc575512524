//! `/directory/deletedItems`: the bin, where people wait 30 days (graph.md 2.10).

use serde_json::{Value, json};

use super::{Answer, Call, Caller, Outcome, Refusal, properties, users};
use crate::world::World;

pub(super) fn answer(world: &World, caller: &Caller, call: &Call, rest: &[&str]) -> Outcome {
    match (call.method.as_str(), rest) {
        ("GET", ["microsoft.graph.user" | "graph.user"]) => list(world, caller, call),
        ("GET", []) => Err(Refusal::request(
            "A type cast such as microsoft.graph.user is required to list deleted items.",
        )),
        ("GET", [id]) => get(world, caller, call, id),
        ("POST", [id, "restore"]) => restore(world, caller, id),
        ("DELETE", [id]) => purge(world, caller, id),
        _ => Err(Refusal::method()),
    }
}

fn list(world: &World, caller: &Caller, call: &Call) -> Outcome {
    caller.needs(&[
        "User.Read.All",
        "User.ReadWrite.All",
        "Directory.Read.All",
        "User.DeleteRestore.All",
    ])?;
    let (select, filter) = (users::selection(call)?, users::filter(call)?);
    let value: Vec<Value> = world.read(|tenant| {
        let get = |user, name: &str| properties::value(tenant, user, name);
        tenant
            .deleted()
            .filter(|user| filter.as_ref().is_none_or(|f| f.matches(&|name| get(user, name))))
            .map(|user| properties::show(tenant, user, &select).into())
            .collect()
    });
    let context = format!("{}/v1.0/$metadata#users", world.url());
    Ok(Answer::ok(json!({"@odata.context": context, "value": value})))
}

fn get(world: &World, caller: &Caller, call: &Call, id: &str) -> Outcome {
    caller.needs(&["User.Read.All", "User.ReadWrite.All", "Directory.Read.All"])?;
    let select = users::selection(call)?;
    world.read(|tenant| {
        let user = tenant.deleted().find(|user| user.id == id);
        let user = user.ok_or_else(|| Refusal::not_found(id))?;
        Ok(Answer::ok(users::entity(world, tenant, user, &select)))
    })
}

fn restore(world: &World, caller: &Caller, id: &str) -> Outcome {
    caller.needs(&["User.DeleteRestore.All", "User.ReadWrite.All"])?;
    world.change(|tenant| {
        let user = tenant.deleted().find(|user| user.id == id);
        let user = user.ok_or_else(|| Refusal::not_found(id))?;
        caller.may_touch(tenant, user)?;
        if tenant.holds_name(user.upn(), None) {
            return Err(Refusal::taken("userPrincipalName"));
        }
        if user.immutable_id().is_some_and(|held| tenant.by_immutable_id(held).is_some()) {
            return Err(Refusal::taken("onPremisesImmutableId"));
        }
        if let Some((number, user)) = tenant.take_deleted(id) {
            tenant.insert_again(number, user);
        }
        let user = tenant.user(id).ok_or_else(|| Refusal::not_found(id))?;
        let mut body = users::entity(world, tenant, user, &[]);
        if let Some(map) = body.as_object_mut() {
            map.insert("@odata.type".to_owned(), "#microsoft.graph.user".into());
        }
        Ok(Answer::ok(body))
    })
}

/// Deleting for good is never open to apps.
fn purge(world: &World, caller: &Caller, id: &str) -> Outcome {
    if matches!(caller, Caller::App { .. }) {
        return Err(Refusal::denied());
    }
    world.change(|tenant| {
        tenant.take_deleted(id).map(|_| Answer::empty()).ok_or_else(|| Refusal::not_found(id))
    })
}
