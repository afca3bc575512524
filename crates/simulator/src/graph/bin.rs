//! `/directory/deletedItems`: the bin, where people wait 30 days (graph.md 2.10).

use serde_json::{Value, json};

use super::{Answer, Call, Caller, Outcome, Refusal, properties, users};
use crate::clock::SECOND;
use crate::tenant::User;
use crate::world::World;

/// How long the bin keeps somebody.
const KEPT: i64 = 30 * 24 * 3600 * SECOND;

pub(super) fn answer(world: &World, caller: &Caller, call: &Call, rest: &[&str]) -> Outcome {
    empty_what_is_old(world);
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

/// What has been in the bin for 30 days is gone for good.
fn empty_what_is_old(world: &World) {
    let now = world.now();
    world.change(|tenant| {
        let is_old = |user: &&User| user.deleted_at.is_some_and(|at| now - at > KEPT);
        let old: Vec<String> =
            tenant.deleted().filter(is_old).map(|user| user.id.clone()).collect();
        for id in old {
            tenant.take_deleted(&id);
        }
    });
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
    let visible_at = world.now() + world.faults.lag();
    world.change(|tenant| {
        let user = tenant.deleted().find(|user| user.id == id);
        let user = user.ok_or_else(|| Refusal::not_found(id))?;
        caller.may_touch(tenant, user)?;
        if tenant.holds_name(user.upn(), None) {
            return Err(Refusal::taken("userPrincipalName"));
        }
        if user.addresses().iter().any(|address| tenant.holds_name(address, None)) {
            return Err(Refusal::taken("proxyAddresses"));
        }
        if user.immutable_id().is_some_and(|held| tenant.by_immutable_id(held).is_some()) {
            return Err(Refusal::taken("onPremisesImmutableId"));
        }
        if let Some((number, user)) = tenant.take_deleted(id) {
            tenant.insert_again(number, User { visible_at, ..user });
        }
        let user = tenant.user(id).ok_or_else(|| Refusal::not_found(id))?;
        // The one replica that did it knows already.
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
