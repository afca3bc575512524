//! PATCH in the dialects that there are.

use serde_json::json;

use super::*;
use crate::scim::shape;

fn anna() -> Object {
    let anna = json!({
        "userName": "anna@contoso.com", "displayName": "Anna", "active": true, "title": "Boss",
        "name": {"givenName": "Anna"},
        "emails": [{"value": "anna@contoso.com", "type": "work"}],
        ENTERPRISE: {"department": "Sales"},
    });
    anna.as_object().unwrap().clone()
}

fn patched(operations: &Value) -> Result<Object, Problem> {
    let mut person = anna();
    let sent = json!({"schemas": [], "Operations": operations});
    apply(&mut person, read(sent.as_object().unwrap())?)?;
    Ok(person)
}

/// The attributes that are not as they were.
fn changed(operations: &Value) -> Value {
    let (before, after) = (anna(), patched(operations).unwrap());
    let names = before.keys().chain(after.keys());
    let differs = names.filter(|name| before.get(*name) != after.get(*name));
    differs.map(|name| (name.clone(), after.get(name).cloned().unwrap_or(Value::Null))).collect()
}

#[test]
fn microsofts_dialect_is_understood() {
    let operations = json!([
        {"op": "Replace", "path": "active", "value": "False"},
        {"op": "Add", "path": "emails[type eq \"work\"].value", "value": "a@contoso.com"},
        {"op": "Add", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "123"},
        {"op": "Add", "path": "addresses[type eq \"work\"].locality", "value": "Wien"},
        {"op": "Replace", "path": "name.familyName", "value": "Arm"},
        {"op": "Add", "path": format!("{ENTERPRISE}:employeeNumber"), "value": "7"},
        {"op": "Add", "path": format!("{ENTERPRISE}:manager"), "value": "somebody"},
        {"op": "Replace", "path": "title", "value": [{"$ref": null, "value": "Chief"}]},
    ]);
    let wanted = json!({
        "active": false,
        "emails": [{"value": "a@contoso.com", "type": "work"}],
        "phoneNumbers": [{"value": "123", "type": "mobile"}],
        "addresses": [{"locality": "Wien", "type": "work"}],
        "name": {"givenName": "Anna", "familyName": "Arm"},
        "title": "Chief",
        ENTERPRISE: {"department": "Sales", "employeeNumber": "7"},
    });
    assert_eq!(changed(&operations), wanted);
}

#[test]
fn a_replacement_without_a_path_is_understood() {
    let okta = json!([{"op": "replace", "value": {"active": false, "id": "1"}}]);
    assert_eq!(changed(&okta), json!({"active": false}));
    let dotted = json!([{"op": "Replace", "value": {
        "name.givenName": "An", "displayName": "An", "nonsense": 1,
        format!("{ENTERPRISE}:department"): "Law",
    }}]);
    let wanted = json!({
        "name": {"givenName": "An"}, "displayName": "An", ENTERPRISE: {"department": "Law"},
    });
    assert_eq!(changed(&dotted), wanted);
}

#[test]
fn values_come_and_go() {
    let add = json!([{"op": "add", "path": "emails", "value": {"value": "b@c.example"}}]);
    let both = json!([{"value": "anna@contoso.com", "type": "work"}, {"value": "b@c.example"}]);
    assert_eq!(changed(&add), json!({"emails": both}));
    let one = json!([{"op": "remove", "path": "emails[value eq \"ANNA@contoso.com\"]"}]);
    assert_eq!(changed(&one), json!({"emails": null}));
    let part = json!([{"op": "remove", "path": "emails[type eq \"work\"].value"}]);
    assert_eq!(changed(&part), json!({"emails": null}));
    let other = json!([{"op": "remove", "path": "emails[type eq \"home\"]"}]);
    assert_eq!(changed(&other), json!({}));
    for path in ["title", "name", "externalId", "phoneNumbers", ENTERPRISE] {
        let gone = patched(&json!([{"op": "remove", "path": path}])).unwrap();
        assert!(!gone.contains_key(path), "{path}");
    }
    let name = json!([{"op": "replace", "path": "name", "value": {"familyName": "Arm"}}]);
    assert_eq!(changed(&name), json!({"name": {"givenName": "Anna", "familyName": "Arm"}}));
}

#[test]
fn what_can_not_be_done_is_refused() {
    for wrong in [
        json!([]),
        json!([{"op": "copy", "path": "title"}]),
        json!([{"op": "remove"}]),
        json!([{"op": "replace", "path": "active", "value": "perhaps"}]),
        json!([{"op": "remove", "path": "active"}]),
        json!([{"op": "replace", "path": "userName", "value": null}]),
        json!([{"op": "replace", "path": "displayName", "value": " "}]),
        json!([{"op": "replace", "path": "id", "value": "1"}]),
        json!([{"op": "replace", "path": "emails", "value": "a@b.example"}]),
        json!([{"op": "replace", "path": "emails[", "value": []}]),
        json!([{"op": "add", "value": "title"}]),
        json!([{"op": "add", "path": "title", "value": true}]),
    ] {
        assert!(patched(&wrong).is_err(), "{wrong}");
    }
}

#[test]
fn who_comes_as_a_whole_is_brought_into_form() {
    let sent = json!({
        "USERNAME": "anna@contoso.com", "password": "secret", "active": "True",
        "emails": [{"value": "a@b.example", "primary": true, "display": "x"}],
        ENTERPRISE.to_lowercase(): {"costCenter": "1", "employeeNumber": 7},
    });
    let wanted = json!({
        "userName": "anna@contoso.com", "active": true,
        "emails": [{"value": "a@b.example", "primary": true}],
        ENTERPRISE: {"employeeNumber": "7"},
    });
    let known = shape::person(sent.as_object().unwrap()).unwrap();
    assert_eq!(Value::Object(known), wanted);
    let many = json!({"emails": vec![json!({"value": "a"}); 1_001]});
    assert!(shape::person(many.as_object().unwrap()).is_err());
}
