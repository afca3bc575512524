//! What is spoken here: documents that programs read before they begin (RFC 7644 4).

use actix_web::{HttpResponse, http::StatusCode, web};
use serde_json::{Value, json};

use super::{
    ROOT, answered, enter, json as answer,
    listing::{self, MOST},
    problem::Problem,
    schema::{self, ENTERPRISE, GROUP, USER},
};
use crate::answer::Desk;

/// What of SCIM is spoken.
pub(super) async fn provider(desk: Desk) -> HttpResponse {
    let entered = enter(&desk).await;
    let location = format!("{}/ServiceProviderConfig", root(&desk));
    let document = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": {"supported": true},
        "bulk": {"supported": false, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": true, "maxResults": MOST},
        "changePassword": {"supported": false},
        "sort": {"supported": false},
        "etag": {"supported": false},
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "Bearer token",
            "description": "A token that an admin of Gatehouse makes, under People, Other systems.",
        }],
        "meta": {"resourceType": "ServiceProviderConfig", "location": location},
    });
    answered(&desk, entered.map(|_| answer(StatusCode::OK, &document)))
}

/// The kinds of resources.
pub(super) async fn types(desk: Desk) -> HttpResponse {
    let entered = enter(&desk).await;
    let all = known_types(&root(&desk));
    answered(&desk, entered.map(|_| answer(StatusCode::OK, &listing::whole(&all))))
}

/// One of them.
pub(super) async fn one_type(desk: Desk, name: web::Path<String>) -> HttpResponse {
    let entered = enter(&desk).await;
    let all = known_types(&root(&desk));
    answered(&desk, entered.and_then(|_| named(all, &name)))
}

/// The schemas.
pub(super) async fn schemas(desk: Desk) -> HttpResponse {
    let entered = enter(&desk).await;
    let all = schema::published(&root(&desk));
    answered(&desk, entered.map(|_| answer(StatusCode::OK, &listing::whole(&all))))
}

/// One of them.
pub(super) async fn one_schema(desk: Desk, name: web::Path<String>) -> HttpResponse {
    let entered = enter(&desk).await;
    let all = schema::published(&root(&desk));
    answered(&desk, entered.and_then(|_| named(all, &name)))
}

/// Looking for people and groups at once is not done.
pub(super) async fn search(desk: Desk) -> HttpResponse {
    let entered = enter(&desk).await;
    let sentence = "Look for people under /Users and for groups under /Groups.";
    let problem = Problem::new(StatusCode::NOT_IMPLEMENTED, None, sentence);
    answered(&desk, entered.and_then(|_| Err(problem)))
}

/// Nothing else is here.
pub(super) async fn nothing(desk: Desk) -> HttpResponse {
    let entered = enter(&desk).await;
    answered(&desk, entered.and_then(|_| Err(Problem::not_there())))
}

fn root(desk: &Desk) -> String {
    format!("{}{ROOT}", desk.counter.origin)
}

fn named(all: Vec<Value>, name: &str) -> Result<HttpResponse, Problem> {
    let found = all.into_iter().find(|one| one["id"] == *name).ok_or_else(Problem::not_there)?;
    Ok(answer(StatusCode::OK, &found))
}

fn known_types(root: &str) -> Vec<Value> {
    let one = |name: &str, endpoint: &str, about: &str, schema: &str, extensions: Value| {
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
            "id": name,
            "name": name,
            "endpoint": endpoint,
            "description": about,
            "schema": schema,
            "schemaExtensions": extensions,
            "meta": {"resourceType": "ResourceType", "location": format!("{root}/ResourceTypes/{name}")},
        })
    };
    let enterprise = json!([{"schema": ENTERPRISE, "required": false}]);
    vec![
        one("User", "/Users", "A person", USER, enterprise),
        one("Group", "/Groups", "A group of people", GROUP, json!([])),
    ]
}
