//! What is too large, too much, or not let in.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use super::{hr, let_in, person};
use crate::support::World;

#[tokio::test(flavor = "multi_thread")]
async fn without_a_good_token_nothing_is_said() {
    let world = World::new().await;
    let admin = world.signed_in("olivia", "/admin").await;
    let mut program = let_in(&world, &admin).await;
    let good = program.token.clone();
    for token in ["", "x", &good[..good.len() - 1], &format!("{good}0")] {
        token.clone_into(&mut program.token);
        for path in ["/Users", "/ServiceProviderConfig", "/Schemas", "/nothing"] {
            let got = program.get(path).await;
            assert_eq!((got.status, &got.body["status"]), (401, &json!("401")), "{token} {path}");
            assert!(got.headers["www-authenticate"].to_str().unwrap().starts_with("Bearer"));
        }
    }
    good.clone_into(&mut program.token);
    assert_eq!(program.get("/nothing").await.status, 404);
    // Taken back in the console, it opens nothing from then on.
    let page = admin.get(&program.here).await;
    let action = page
        .elements()
        .into_iter()
        .find_map(|it| it.get("action").filter(|at| at.ends_with("/revoke")).map(str::to_owned));
    let done = admin.fill(&page, &action.unwrap(), &[]).await;
    assert_eq!(done.status, 303, "{}", done.body);
    assert_eq!(program.get("/Users").await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_or_not_understood_is_refused() {
    let world = World::new().await;
    let program = hr(&world).await;
    let mut heavy = person("anna");
    heavy["title"] = "x".repeat(1024 * 1024).into();
    let got = program.ask(Method::POST, "/Users", Some(heavy)).await;
    assert_eq!((got.status, &got.body["status"]), (413, &json!("413")), "{got:?}");
    let xml = program.send(Method::POST, "/Users", "text/xml", Some(b"<a/>".to_vec())).await;
    assert_eq!(xml.status, 415);
    for text in ["", "[]", "{", "1", "\u{0}"] {
        let body = Some(text.as_bytes().to_vec());
        let got = program.send(Method::POST, "/Users", "application/json", body).await;
        assert_eq!(got.word(), (400, "invalidSyntax"), "{text}");
    }
    let deep = format!("{{\"userName\": {}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    let got = program.send(Method::POST, "/Users", "application/json", Some(deep.into())).await;
    assert_eq!(got.status, 400);
    for filter in ["userName co \"a\"", "active eq true", "title pr", "userName eq", "("] {
        assert_eq!(program.find("Users", filter).await.word(), (400, "invalidFilter"), "{filter}");
        assert_eq!(program.find("Groups", filter).await.word(), (400, "invalidFilter"), "{filter}");
    }
    assert_eq!(program.ask(Method::POST, "/.search", Some(json!({}))).await.status, 501);
    assert_eq!(program.ask(Method::POST, "/Schemas", Some(json!({}))).await.status, 405);
    let id = program.create("anna").await;
    let many = vec![json!({"op": "remove", "path": "title"}); 1_001];
    let got = program.patch(&format!("/Users/{id}"), many.into()).await;
    assert_eq!(got.word(), (400, "invalidSyntax"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_list_comes_in_pages() {
    let world = World::new().await;
    let program = hr(&world).await;
    let mut ids = Vec::new();
    for number in 0..5 {
        world.pass(Duration::from_secs(1));
        ids.push(program.create(&format!("p{number}")).await);
    }
    let got = program.get("/Users?startIndex=2&count=3").await;
    let page: Vec<_> = got.body["Resources"].as_array().unwrap().iter().collect();
    let shown: Vec<&str> = page.iter().filter_map(|it| it["id"].as_str()).collect();
    assert_eq!(shown, ids[1..4]);
    let sums = ["totalResults", "startIndex", "itemsPerPage"].map(|name| got.body[name].clone());
    assert_eq!(sums, [json!(5), json!(2), json!(3)]);
    let got = program.get("/Users?count=0").await;
    assert_eq!((&got.body["totalResults"], &got.body["Resources"]), (&json!(5), &json!([])));
    assert_eq!(program.get("/Users?count=many").await.word(), (400, "invalidValue"));
}

/// Y01
#[tokio::test(flavor = "multi_thread")]
async fn too_many_are_held_until_an_admin_lets_it_go_on() {
    let world = World::new().await;
    let admin = world.signed_in("olivia", "/admin").await;
    let program = let_in(&world, &admin).await;
    let mut ids = Vec::new();
    for number in 0..7 {
        ids.push(program.create(&format!("p{number}")).await);
    }
    for id in &ids[..5] {
        let gone = program.ask(Method::DELETE, &format!("/Users/{id}"), None).await;
        assert_eq!(gone.status, 204);
    }
    let last = format!("/Users/{}", ids[5]);
    let held = program.ask(Method::DELETE, &last, None).await;
    assert_eq!(held.status, 403);
    assert!(held.body["detail"].as_str().unwrap().contains("lets it go on"), "{held:?}");
    let page = admin.get(&program.here).await;
    assert!(page.body.contains("Held"), "{}", page.body);
    let done = admin.fill(&page, &format!("{}/let-on", program.here), &[("people", "1")]).await;
    assert_eq!(done.status, 303, "{}", done.body);
    world.pass(Duration::from_secs(1));
    assert_eq!(program.ask(Method::DELETE, &last, None).await.status, 204);
    let next = format!("/Users/{}", ids[6]);
    assert_eq!(program.ask(Method::DELETE, &next, None).await.status, 403);
}
