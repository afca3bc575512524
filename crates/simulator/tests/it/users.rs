//! Users: creating, reading, listing, changing, deleting.

use serde_json::{Value, json};
use simulator::sample::BREAK_GLASS;

use crate::support::{Bench, error, person};

const ANCHOR: &str = "q1aTzT0yTkeJwS3Pj1n0Xg==";

#[tokio::test]
async fn a_created_user_shows_only_the_default_properties() {
    let bench = Bench::start().await;
    let (status, body) = bench.app("POST", "/users", person("ada@contoso.com", Some(ANCHOR))).await;
    assert_eq!(status, 201);
    assert_eq!(body["userPrincipalName"], "ada@contoso.com");
    assert!(body.get("onPremisesImmutableId").is_none());
    assert!(body.get("accountEnabled").is_none());
    let select = "?$select=id,onPremisesImmutableId,accountEnabled,usageLocation";
    let (_, body) = bench.get(&format!("/users/ADA%40contoso.com{select}")).await;
    assert_eq!(body["onPremisesImmutableId"], ANCHOR);
    assert_eq!(body["accountEnabled"], true);
    assert_eq!(body["usageLocation"], "GB");
    assert!(body.get("displayName").is_none());
}

#[tokio::test]
async fn each_wrong_user_is_refused() {
    let bench = Bench::start().await;
    let without = |name: &str| {
        let mut body = person("ada@contoso.com", None);
        body.as_object_mut().unwrap().remove(name);
        body
    };
    let with = |name: &str, value: Value| {
        let mut body = person("ada@contoso.com", None);
        body[name] = value;
        body
    };
    for (body, target) in [
        (without("displayName"), "displayName"),
        (without("passwordProfile"), "passwordProfile"),
        (with("userPrincipalName", "ada@fabrikam.com".into()), "userPrincipalName"),
        (with("userPrincipalName", "ada.@contoso.com".into()), "userPrincipalName"),
        (with("userPrincipalName", "adé@contoso.com".into()), "userPrincipalName"),
        (with("onPremisesImmutableId", "has_underscore".into()), "onPremisesImmutableId"),
        (with("onPremisesImmutableId", "x".repeat(65).into()), "onPremisesImmutableId"),
        (with("usageLocation", "gb".into()), "usageLocation"),
        (with("employeeId", "12345678901234567".into()), "employeeId"),
        (with("jobTitle", "".into()), "jobTitle"),
        (with("id", "x".into()), "id"),
        (with("shoeSize", 43.into()), "shoeSize"),
        (with("passwordProfile", json!({"password": "short"})), "passwordProfile"),
        (with("mailNickname", "a b".into()), "mailNickname"),
    ] {
        let (status, answer) = bench.app("POST", "/users", body).await;
        assert_eq!((status, error(&answer).0), (400, "Request_BadRequest"), "{answer}");
        assert_eq!(answer["error"]["details"][0]["target"], target);
    }
    assert_eq!(bench.simulator.tenant().users.len(), 2);
}

#[tokio::test]
async fn names_and_immutable_ids_are_unique() {
    let bench = Bench::start().await;
    bench.create("ada@contoso.com", Some(ANCHOR)).await;
    for (body, target) in [
        (person("ADA@contoso.com", None), "userPrincipalName"),
        (person("bob@contoso.com", Some(ANCHOR)), "onPremisesImmutableId"),
    ] {
        let (status, answer) = bench.app("POST", "/users", body).await;
        assert_eq!(status, 400);
        let detail = &answer["error"]["details"][0];
        assert_eq!(
            (&detail["code"], &detail["target"]),
            (&"ObjectConflict".into(), &target.into())
        );
    }
    // Another case is another immutable id.
    bench.create("bob@contoso.com", Some(&ANCHOR.to_lowercase())).await;
}

#[tokio::test]
async fn a_federated_domain_demands_an_immutable_id() {
    let bench = Bench::start().await;
    let ada = bench.create("ada@contoso.com", Some(ANCHOR)).await;
    bench.create("eve@contoso.onmicrosoft.com", None).await;
    let change = json!({"onPremisesImmutableId": null});
    assert_eq!(bench.app("PATCH", &format!("/users/{ada}"), change.clone()).await.0, 204);
    let back = json!({"onPremisesImmutableId": ANCHOR});
    assert_eq!(bench.app("PATCH", &format!("/users/{ada}"), back).await.0, 204);

    let certificate = crate::signer::Signer::new().certificate;
    bench.federate("contoso.com", "https://idp.example.com/d/1", &certificate).await;
    let (status, body) = bench.app("POST", "/users", person("bob@contoso.com", None)).await;
    assert_eq!(status, 400);
    assert!(error(&body).1.starts_with("SourceAnchor is a required property"));
    let (status, body) = bench.app("PATCH", &format!("/users/{ada}"), change).await;
    assert_eq!(status, 400);
    assert!(error(&body).1.contains("FederatedUser.SourceAnchor"));
    let path = "/users/eve@contoso.onmicrosoft.com";
    let moved = json!({"userPrincipalName": "eve@contoso.com"});
    assert_eq!(bench.app("PATCH", path, moved.clone()).await.0, 400);
    let mut both = moved;
    both["onPremisesImmutableId"] = "ZXZl".into();
    assert_eq!(bench.app("PATCH", path, both).await.0, 204);
}

#[tokio::test]
async fn an_anchor_is_given_to_who_has_none_and_changed_only_outside_a_federated_domain() {
    let bench = Bench::start().await;
    let settled = json!({"userPrincipalName": "old@contoso.com", "displayName": "Old"});
    let old = bench.simulator.add_user(settled.as_object().unwrap().clone());
    let certificate = crate::signer::Signer::new().certificate;
    bench.federate("contoso.com", "https://idp.example.com/d/1", &certificate).await;
    let path = format!("/users/{old}");
    let give = |anchor: &str| json!({"onPremisesImmutableId": anchor});
    assert_eq!(bench.app("PATCH", &path, give(ANCHOR)).await.0, 204);
    assert_eq!(bench.app("PATCH", &path, give(ANCHOR)).await.0, 204, "the same again");
    let (status, body) = bench.app("PATCH", &path, give("YW5vdGhlcg==")).await;
    assert_eq!(status, 400);
    assert!(error(&body).1.contains("source anchor of a federated user"), "{body}");
    // The way of F070: out of the domain, the other anchor, and back.
    let move_to = |upn: &str| json!({"userPrincipalName": upn});
    for change in
        [move_to("old@contoso.onmicrosoft.com"), give("YW5vdGhlcg=="), move_to("old@contoso.com")]
    {
        assert_eq!(bench.app("PATCH", &path, change).await.0, 204);
    }
}

#[tokio::test]
async fn what_another_synchronisation_keeps_is_not_changed() {
    let bench = Bench::start().await;
    bench.create("ada@contoso.com", None).await;
    bench.simulator.set("ada@contoso.com", "onPremisesSyncEnabled", true);
    let path = "/users/ada@contoso.com";
    let (status, body) = bench.app("PATCH", path, json!({"onPremisesImmutableId": ANCHOR})).await;
    assert_eq!(status, 400);
    assert!(error(&body).1.contains("originated within an external service"), "{body}");
    assert_eq!(bench.app("PATCH", path, json!({"usageLocation": "DE"})).await.0, 204);
}

#[tokio::test]
async fn pages_are_followed_to_the_end() {
    let bench = Bench::start().await;
    for number in 0..5 {
        bench.create(&format!("user{number}@contoso.com"), None).await;
    }
    let mut path =
        "/users?$top=2&$select=id,userPrincipalName&$filter=startswith(userPrincipalName,'user')"
            .to_owned();
    let mut seen = Vec::new();
    loop {
        let (status, body) = bench.get(&path).await;
        assert_eq!(status, 200);
        for user in body["value"].as_array().unwrap() {
            seen.push(user["userPrincipalName"].as_str().unwrap().to_owned());
        }
        let Some(next) = body["@odata.nextLink"].as_str() else { break };
        path = next.split_once("/v1.0").unwrap().1.to_owned();
    }
    assert_eq!(seen, (0..5).map(|n| format!("user{n}@contoso.com")).collect::<Vec<_>>());
    assert_eq!(bench.get("/users?$top=1000").await.0, 400);
    assert_eq!(bench.get("/users?$skiptoken=zzz").await.0, 400);
}

#[tokio::test]
async fn filters_find_and_refuse() {
    let bench = Bench::start().await;
    bench.create("o'hara@contoso.com", Some("a+/A==")).await;
    for (filter, count) in [
        ("userPrincipalName eq 'O''Hara@contoso.com'", 1),
        ("onPremisesImmutableId eq 'a+/A=='", 1),
        ("onPremisesImmutableId eq 'A+/A=='", 0),
        ("accountEnabled eq true", 3),
        ("mail eq 'o''hara@contoso.com'", 0),
        ("startswith(userPrincipalName,'o''')", 1),
    ] {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("$filter", filter);
        let (_, body) = bench.get(&format!("/users?{}", query.finish())).await;
        assert_eq!(body["value"].as_array().unwrap().len(), count, "{filter}");
    }
    let (status, body) = bench.get("/users?$filter=endswith(mail,'x')").await;
    assert_eq!((status, error(&body).0), (400, "Request_UnsupportedQuery"));
    let (status, body) = bench.get("/users?$filter=aboutMe%20eq%20'x'").await;
    assert_eq!((status, error(&body).0), (400, "Request_UnsupportedQuery"));
    let (status, body) = bench.get("/users?$select=id,shoeSize").await;
    assert_eq!(status, 400);
    assert!(error(&body).1.contains("Could not find a property named 'shoeSize'"));
}

#[tokio::test]
async fn a_protected_administrator_is_refused_to_the_app_but_only_for_sensitive_things() {
    let bench = Bench::start().await;
    let path = format!("/users/{}", BREAK_GLASS[0]);
    for (method, suffix, body) in [
        ("PATCH", "", json!({"accountEnabled": false})),
        ("PATCH", "", json!({"onPremisesImmutableId": ANCHOR})),
        ("PATCH", "", json!({"userPrincipalName": "x@contoso.com"})),
        ("DELETE", "", Value::Null),
        ("POST", "/revokeSignInSessions", Value::Null),
    ] {
        let (status, answer) = bench.app(method, &format!("{path}{suffix}"), body).await;
        assert_eq!((status, error(&answer).0), (403, "Authorization_RequestDenied"));
    }
    assert_eq!(bench.app("PATCH", &path, json!({"jobTitle": "Guard"})).await.0, 204);
    let (_, roles) = bench.get("/directoryRoles?$expand=members").await;
    assert_eq!(roles["value"][0]["members"].as_array().unwrap().len(), 2);
    let other =
        "/directoryRoles?$filter=roleTemplateId%20eq%20'194ae4cb-b126-40b2-bd5b-6091b380977d'";
    assert_eq!(bench.get(other).await.1["value"], json!([]));
    let (_, held) = bench.get("/roleManagement/directory/roleAssignments").await;
    assert_eq!(held["value"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_deleted_user_waits_in_the_bin_and_comes_back() {
    let bench = Bench::start().await;
    let id = bench.create("ada@contoso.com", Some(ANCHOR)).await;
    assert_eq!(bench.app("DELETE", &format!("/users/{id}"), Value::Null).await.0, 204);
    let (status, body) = bench.get(&format!("/users/{id}")).await;
    assert_eq!((status, error(&body).0), (404, "Request_ResourceNotFound"));
    let listing = "/directory/deletedItems/microsoft.graph.user?$select=id,userPrincipalName,deletedDateTime,onPremisesImmutableId";
    let (_, bin) = bench.get(listing).await;
    let mangled = format!("{}ada@contoso.com", id.replace('-', ""));
    assert_eq!(bin["value"][0]["userPrincipalName"], mangled);
    assert_eq!(bin["value"][0]["deletedDateTime"], "2026-11-22T09:01:00Z");
    let purge = format!("/directory/deletedItems/{id}");
    assert_eq!(bench.app("DELETE", &purge, Value::Null).await.0, 403);

    let again = bench.create("ada@contoso.com", None).await;
    let restore = format!("/directory/deletedItems/{id}/restore");
    assert_eq!(bench.app("POST", &restore, Value::Null).await.0, 400);
    bench.app("DELETE", &format!("/users/{again}"), Value::Null).await;
    let (status, body) = bench.app("POST", &restore, Value::Null).await;
    assert_eq!((status, &body["userPrincipalName"]), (200, &"ada@contoso.com".into()));
    assert_eq!(bench.get(&format!("/users/{id}")).await.0, 200);
}

#[tokio::test]
async fn an_address_that_is_taken_stops_a_restore_and_what_is_restored_is_late() {
    let bench = Bench::start().await;
    let id = bench.create("ada@contoso.com", Some(ANCHOR)).await;
    let change = json!({"mail": "countess@contoso.com"});
    assert_eq!(bench.app("PATCH", &format!("/users/{id}"), change.clone()).await.0, 204);
    bench.app("DELETE", &format!("/users/{id}"), Value::Null).await;
    let other = bench.create("bob@contoso.com", None).await;
    assert_eq!(bench.app("PATCH", &format!("/users/{other}"), change).await.0, 204);
    let restore = format!("/directory/deletedItems/{id}/restore");
    let (status, body) = bench.app("POST", &restore, Value::Null).await;
    assert_eq!(status, 400, "{body}");
    assert_eq!(body["error"]["details"][0]["target"], "proxyAddresses");

    bench.app("DELETE", &format!("/users/{other}"), Value::Null).await;
    bench.simulator.faults().set_replication_lag(std::time::Duration::from_mins(1));
    assert_eq!(bench.app("POST", &restore, Value::Null).await.0, 200);
    assert_eq!(bench.get(&format!("/users/{id}")).await.0, 404, "late on other replicas");
    bench.advance(61);
    assert_eq!(bench.get(&format!("/users/{id}")).await.0, 200);
}

#[tokio::test]
async fn after_thirty_days_the_bin_is_empty() {
    let mut bench = Bench::start().await;
    let id = bench.create("ada@contoso.com", Some(ANCHOR)).await;
    bench.app("DELETE", &format!("/users/{id}"), Value::Null).await;
    let item = format!("/directory/deletedItems/{id}");
    for (days, status) in [(30, 200), (1, 404)] {
        bench.advance(days * 24 * 3600);
        bench.renew().await;
        assert_eq!(bench.get(&item).await.0, status, "{days}");
    }
    assert_eq!(bench.app("POST", &format!("{item}/restore"), Value::Null).await.0, 404);
}

#[tokio::test]
async fn an_app_without_an_entra_role_sets_no_password() {
    let bench = Bench::start().await;
    bench.create("ada@contoso.com", None).await;
    let change = json!({"passwordProfile": {"password": "An0ther-good-one!"}});
    assert_eq!(bench.app("PATCH", "/users/ada@contoso.com", change.clone()).await.0, 403);
    assert_eq!(bench.admin("PATCH", "/users/ada@contoso.com", change).await.0, 204);
}
