//! Groups over SCIM.

use reqwest::Method;
use serde_json::{Value, json};

use super::hr;
use crate::support::both;

#[test]
fn a_group_is_made_filled_emptied_and_removed() {
    both(|world| async move {
        let program = hr(&world).await;
        let (anna, berta) = (program.create("anna").await, program.create("berta").await);
        let group = json!({"displayName": "Branch", "members": [{"value": anna}]});
        let made = program.ask(Method::POST, "/Groups", Some(group.clone())).await;
        assert_eq!(made.status, 201, "{made:?}");
        let id = made.body["id"].as_str().unwrap();
        let at = format!("/Groups/{id}");
        let there = format!("{}/scim/v2/Users/{anna}", world.url);
        assert_eq!(made.body["members"], json!([{"value": anna, "$ref": there, "type": "User"}]));
        let again = program.ask(Method::POST, "/Groups", Some(group)).await;
        assert_eq!(again.word(), (409, "uniqueness"));

        let members = async |wanted: &[&String]| {
            let got = program.get(&at).await;
            let list = got.body["members"].as_array().cloned().unwrap_or_default();
            let mut ids: Vec<Value> = list.iter().map(|it| it["value"].clone()).collect();
            ids.sort_by_key(Value::to_string);
            let mut wanted: Vec<Value> = wanted.iter().map(|id| json!(id)).collect();
            wanted.sort_by_key(Value::to_string);
            assert_eq!(ids, wanted);
        };
        let add = json!([{"op": "Add", "path": "members", "value": [{"value": berta}]}]);
        assert_eq!(program.patch(&at, add).await.status, 204);
        members(&[&anna, &berta]).await;
        let is_in = format!("id eq \"{id}\" and members eq \"{berta}\"");
        assert_eq!(program.find("Groups", &is_in).await.body["totalResults"], 1);
        let out = json!([{"op": "remove", "path": format!("members[value eq \"{anna}\"]")}]);
        assert_eq!(program.patch(&at, out).await.status, 204);
        members(&[&berta]).await;
        // One operation that can't be carried out, and none of them is.
        let half = json!([
            {"op": "remove", "path": "members"},
            {"op": "add", "path": "members", "value": [{"value": world.house.correlation_id()}]},
        ]);
        assert_eq!(program.patch(&at, half).await.word(), (400, "invalidValue"));
        members(&[&berta]).await;
        let put = program.ask(Method::PUT, &at, Some(json!({"displayName": "Selling"}))).await;
        assert_eq!((put.status, &put.body["displayName"]), (200, &json!("Selling")));
        members(&[&berta]).await;
        let none = json!({"displayName": "Selling", "members": []});
        assert_eq!(program.ask(Method::PUT, &at, Some(none)).await.status, 200);
        members(&[]).await;

        let found = program.find("Groups", "displayName eq \"SELLING\"").await;
        assert_eq!(found.body["Resources"][0]["id"], id);
        let without = program.get(&format!("{at}?excludedAttributes=members")).await;
        assert!(!without.body.as_object().unwrap().contains_key("members"));
        assert_eq!(program.ask(Method::DELETE, &at, None).await.status, 204);
        assert_eq!(program.get(&at).await.status, 404);
    });
}
