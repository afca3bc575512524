//! A group of ours as SCIM has it, and what SCIM wants of one of ours.

use app::programs::{GroupWish, MemberChange, OwnGroup};
use model::ids::UserId;
use serde_json::{Value, json};

use super::{
    Object,
    filter::Filter,
    patch::{Operation, Verb, with_paths},
    path::{self, Target},
    problem::Problem,
    schema::{Attribute, COMMON, GROUP, GROUP_ATTRIBUTES, find},
    shape::shaped,
};

/// A group with everything that is published of it; its members where they were asked for.
pub(super) fn resource(group: &OwnGroup, location: &str, people: &str) -> Object {
    let meta = json!({
        "resourceType": "Group",
        "created": group.since.to_xml(),
        "location": location,
    });
    let mut all = Object::new();
    all.insert("schemas".to_owned(), json!([GROUP]));
    all.insert("id".to_owned(), group.group.id.to_string().into());
    all.insert("displayName".to_owned(), group.group.name.as_str().into());
    if let Some(id) = &group.external_id {
        all.insert("externalId".to_owned(), id.as_str().into());
    }
    if let Some(members) = &group.members {
        let member = |id: &UserId| json!({"value": id.to_string(), "$ref": format!("{people}/{id}"), "type": "User"});
        all.insert("members".to_owned(), members.iter().map(member).collect());
    }
    all.insert("meta".to_owned(), meta);
    all
}

/// All of a group, as it is sent; what says nothing of `externalId` and `members` leaves them.
pub(super) fn wish(sent: &Object, before: Option<&OwnGroup>) -> Result<GroupWish, Problem> {
    let value = |name: &str| {
        sent.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    };
    let name = value("displayName").map(|value| text("displayName", value)).transpose()?.flatten();
    let external_id = match value("externalId") {
        Some(value) => text("externalId", value)?,
        None => before.and_then(|group| group.external_id.clone()),
    };
    let members = match value("members") {
        Some(value) => vec![MemberChange::Set(people(value)?)],
        None => Vec::new(),
    };
    let name = name.ok_or_else(|| Problem::value("displayName is missing."))?;
    Ok(GroupWish { name, external_id, members })
}

/// What operations make of a group.
pub(super) fn patched(before: &OwnGroup, operations: Vec<Operation>) -> Result<GroupWish, Problem> {
    let mut wish = GroupWish {
        name: before.group.name.clone(),
        external_id: before.external_id.clone(),
        members: Vec::new(),
    };
    for operation in with_paths(operations)? {
        let path = operation.path.as_deref().unwrap_or_default();
        let (verb, value) = (operation.verb, operation.value.unwrap_or(Value::Null));
        let place = match path::read(path, (GROUP, GROUP_ATTRIBUTES))? {
            Target::Unknown | Target::Extension => continue,
            Target::Fixed => return Err(Problem::fixed(format!("{path} can't be set."))),
            Target::Attribute(place) if place.extended => continue,
            Target::Attribute(place) => place,
        };
        let name = place.attribute.name;
        if name == "members" {
            if place.part.is_some_and(|part| part.name != "value") {
                return Err(Problem::fixed("Of members, the ids alone are set."));
            }
            wish.members.push(moved(verb, place.which.as_ref(), &value)?);
            continue;
        }
        let sent = if verb == Verb::Remove { None } else { text(name, &value)? };
        match (name, sent) {
            ("displayName", Some(sent)) => wish.name = sent,
            ("displayName", None) => {
                return Err(Problem::fixed("displayName can't be taken away."));
            }
            (_, sent) => wish.external_id = sent,
        }
    }
    Ok(wish)
}

/// Who comes and who goes by one operation.
fn moved(verb: Verb, which: Option<&Filter>, value: &Value) -> Result<MemberChange, Problem> {
    match (verb, which) {
        (Verb::Add, None) => Ok(MemberChange::Add(people(value)?)),
        (Verb::Replace, None) => Ok(MemberChange::Set(people(value)?)),
        (Verb::Remove, None) if value.is_null() => Ok(MemberChange::Set(Vec::new())),
        (Verb::Remove, None) => {
            Ok(MemberChange::Remove(ids(value)?.into_iter().flatten().collect()))
        }
        (Verb::Remove, Some(which)) => {
            let named = which.equalities().into_iter().find(|(name, _)| name == "value");
            let (_, id) = named.ok_or_else(|| {
                Problem::filter("Members are named like this: members[value eq \"their id\"].")
            })?;
            Ok(MemberChange::Remove(id.parse().into_iter().collect()))
        }
        (Verb::Add | Verb::Replace, Some(_)) => {
            Err(Problem::path("Members are added by a list of their ids."))
        }
    }
}

/// The people of a list; whatever else is in it is a mistake.
fn people(value: &Value) -> Result<Vec<UserId>, Problem> {
    let each = ids(value)?.into_iter();
    each.map(|id| id.ok_or_else(|| Problem::value("members: one of them is no id of a person.")))
        .collect()
}

/// The ids of a list of members, each of them as far as it is one.
fn ids(value: &Value) -> Result<Vec<Option<UserId>>, Problem> {
    if value.is_null() {
        return Ok(Vec::new());
    }
    // A list of bare ids is understood as well.
    let bare = |value: &Value| match value {
        Value::String(id) => json!({"value": id}),
        other => other.clone(),
    };
    let each = match value {
        Value::Array(values) => Value::Array(values.iter().map(bare).collect()),
        one => bare(one),
    };
    let members = shaped(members(), &each)?;
    let members = members.as_ref().and_then(Value::as_array).map(Vec::as_slice);
    let id = |member: &Value| {
        if member["type"].as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("group")) {
            return Err(Problem::value("members: groups within groups are not taken."));
        }
        Ok(member["value"].as_str().and_then(|id| id.parse().ok()))
    };
    members.unwrap_or_default().iter().map(id).collect()
}

fn members() -> &'static Attribute {
    &GROUP_ATTRIBUTES[1]
}

fn text(name: &str, value: &Value) -> Result<Option<String>, Problem> {
    let known = find(GROUP_ATTRIBUTES, name).or_else(|| find(COMMON, name));
    let Some(attribute) = known else { return Ok(None) };
    Ok(shaped(attribute, value)?.and_then(|value| value.as_str().map(str::to_owned)))
}

#[cfg(test)]
mod tests {
    use model::{Ts, ids::GroupId, user::Group};
    use uuid::Uuid;

    use super::*;
    use crate::scim::patch;

    fn patch(operations: &Value) -> Result<GroupWish, Problem> {
        let group = OwnGroup {
            group: Group { id: GroupId(Uuid::from_u128(1)), name: "Road".to_owned() },
            external_id: Some("r".to_owned()),
            since: Ts(0),
            members: None,
        };
        let sent = json!({"Operations": operations});
        patched(&group, patch::read(sent.as_object().unwrap())?)
    }

    #[test]
    fn members_come_and_go_in_each_dialect() {
        let id = UserId(Uuid::from_u128(7));
        let of = |operations: Value| patch(&operations).unwrap().members;
        let value = json!([{"value": id.to_string()}]);
        let add = json!([{"op": "Add", "path": "members", "value": value}]);
        assert_eq!(of(add), [MemberChange::Add(vec![id])]);
        let bare = json!([{"op": "add", "value": {"members": [id.to_string()]}}]);
        assert_eq!(of(bare), [MemberChange::Add(vec![id])]);
        let entra = json!([{"op": "Remove", "path": "members", "value": value}]);
        assert_eq!(of(entra), [MemberChange::Remove(vec![id])]);
        let path = format!("members[value eq \"{id}\"]");
        let okta = json!([{"op": "remove", "path": path}]);
        assert_eq!(of(okta), [MemberChange::Remove(vec![id])]);
        let all = json!([{"op": "remove", "path": "members"}]);
        assert_eq!(of(all), [MemberChange::Set(vec![])]);
        let none = json!([{"op": "replace", "path": "members", "value": []}]);
        assert_eq!(of(none), [MemberChange::Set(vec![])]);
    }

    #[test]
    fn a_whole_group_without_a_path_is_understood_and_nonsense_is_not() {
        let okta = json!([{"op": "replace", "value": {"id": "x", "displayName": "Sea"}}]);
        let wish = patch(&okta).unwrap();
        assert_eq!((wish.name.as_str(), wish.external_id.as_deref()), ("Sea", Some("r")));
        for wrong in [
            json!([{"op": "replace", "path": "id", "value": "x"}]),
            json!([{"op": "remove", "path": "displayName"}]),
            json!([{"op": "add", "path": "members", "value": [{"value": "nobody"}]}]),
            json!([{"op": "add", "path": "members", "value": [{"value": "x", "type": "Group"}]}]),
            json!([{"op": "remove", "path": "members[display eq \"x\"]"}]),
            json!([{"op": "remove"}]),
            json!([{"op": "add", "path": "members", "value": vec![json!({"value": "x"}); 1_001]}]),
        ] {
            assert!(patch(&wrong).is_err(), "{wrong}");
        }
    }
}
