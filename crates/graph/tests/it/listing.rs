//! Listings and answers that can't be trusted.

use graph::{Error, Graph, Verdict};

use crate::{
    canned::{Canned, serve},
    world::{connect, settings},
};

fn user(n: u32) -> String {
    format!(r#"{{"id":"00000000-0000-0000-0000-{n:012}","userPrincipalName":"p{n}@contoso.com"}}"#)
}

fn page(users: &[u32], next: Option<&str>) -> String {
    let users: Vec<String> = users.iter().map(|n| user(*n)).collect();
    let next = next.map_or_else(String::new, |n| format!(r#""@odata.nextLink":"{n}","#));
    format!(r#"{{{next}"value":[{}]}}"#, users.join(","))
}

/// A directory without roles, and these answers.
fn directory(answers: Vec<(&'static str, &'static str, String)>) -> Graph {
    let mut all: Vec<Canned> = vec![("/directoryRoles", "200 OK", r#"{"value":[]}"#.to_owned())];
    all.extend(answers);
    connect(settings(&serve(all)))
}

const FIRST: &str = "/v1.0/users?$select";
const SECOND: &str = "{base}/v1.0/users?page=2";

/// Y23
#[tokio::test]
async fn pages_are_followed_to_the_last() {
    let graph = directory(vec![
        ("users?page=2", "200 OK", page(&[3], None)),
        (FIRST, "200 OK", page(&[1, 2], Some(SECOND))),
    ]);
    assert_eq!(graph.list_users().await.unwrap().len(), 3);
}

/// Y22
#[tokio::test]
async fn half_a_listing_is_no_listing() {
    for (second, why) in [
        (("users?page=2", "400 Bad Request", "{}".to_owned()), "a refused page"),
        (("users?page=2", "200 OK", "{\"value\":[{}]}".to_owned()), "an unreadable item"),
        (("users?page=2", "200 OK", "<html>".to_owned()), "no JSON"),
        (("users?page=2", "200 OK", "{}".to_owned()), "no value"),
    ] {
        let graph = directory(vec![second, (FIRST, "200 OK", page(&[1, 2], Some(SECOND)))]);
        assert!(graph.list_users().await.is_err(), "{why}");
    }
}

/// Y22
#[tokio::test]
async fn pages_in_a_circle_and_people_who_come_twice_void_the_listing() {
    let circle = directory(vec![
        ("users?page=2", "200 OK", page(&[3], Some(SECOND))),
        (FIRST, "200 OK", page(&[1, 2], Some(SECOND))),
    ]);
    let twice = directory(vec![
        ("users?page=2", "200 OK", page(&[2], None)),
        (FIRST, "200 OK", page(&[1, 2], Some(SECOND))),
    ]);
    for graph in [circle, twice] {
        let error = graph.list_users().await.unwrap_err();
        assert!(matches!(error, Error::PartialRead(_)), "{error}");
        assert!(matches!(error.verdict(), Verdict::StopRun(_)));
    }
}

#[tokio::test]
async fn a_next_page_somewhere_else_is_not_followed() {
    let trap = serve(vec![("/", "200 OK", page(&[9], None))]);
    let link = format!("{trap}/v1.0/users?page=2");
    let graph = directory(vec![(FIRST, "200 OK", page(&[1], Some(&link)))]);
    let error = graph.list_users().await.unwrap_err();
    assert!(matches!(error, Error::PartialRead(_)), "{error}");
}

/// R140
#[tokio::test]
async fn a_redirect_is_not_followed() {
    let status = "302 Found\r\nlocation: http://127.0.0.1:1/";
    let graph = directory(vec![("/domains", status, String::new())]);
    let error = graph.domains().await.unwrap_err();
    assert!(matches!(error, Error::Unexpected(_)), "{error}");
}

/// Y24
#[tokio::test]
async fn an_id_that_is_no_guid_is_refused() {
    let body = r#"{"value":[{"id":"../me","userPrincipalName":"a@contoso.com"}]}"#.to_owned();
    let graph = directory(vec![(FIRST, "200 OK", body)]);
    let error = graph.list_users().await.unwrap_err();
    assert!(matches!(error, Error::Unexpected(_)), "{error}");
}

#[tokio::test]
async fn an_immutable_id_in_another_case_is_another_persons() {
    let found = r#"{"value":[{"id":"00000000-0000-0000-0000-000000000001","userPrincipalName":"a@contoso.com","onPremisesImmutableId":"ABC=="}]}"#;
    let graph = directory(vec![("/v1.0/users?$filter", "200 OK", found.to_owned())]);
    assert!(graph.user_by_immutable_id("ABC==").await.unwrap().is_some());
    assert_eq!(graph.user_by_immutable_id("abc==").await.unwrap(), None);
}

/// Y24
#[tokio::test]
async fn a_flood_is_cut_off() {
    let graph = directory(vec![("/domains", "200 OK", " ".repeat(9 << 20))]);
    let error = graph.domains().await.unwrap_err();
    assert!(error.to_string().contains("8 MiB"), "{error}");
}

/// Y07
#[tokio::test]
async fn people_who_hold_a_role_through_a_group_are_protected() {
    let held = |kind: &str, n: u32| {
        format!(
            r##"{{"value":[{{"@odata.type":"#microsoft.graph.{kind}","id":"00000000-0000-0000-0000-{n:012}"}}]}}"##
        )
    };
    let graph = connect(settings(&serve(vec![
        ("/members?", "200 OK", held("group", 5)),
        ("/directoryRoles?", "200 OK", held("directoryRole", 4)),
        ("/transitiveMembers?", "200 OK", held("user", 1)),
        (FIRST, "200 OK", page(&[1, 2], None)),
    ])));
    let protected: Vec<bool> =
        graph.list_users().await.unwrap().iter().map(|user| user.protected).collect();
    assert_eq!(protected, [true, false]);
}
