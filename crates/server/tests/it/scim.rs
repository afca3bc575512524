//! SCIM from outside: what the other system sends and gets, in the dialects that there are.

mod groups;
mod limits;
mod tester;

use reqwest::{Method, header::HeaderMap};
use serde_json::{Value, json};

use crate::{
    browser::Browser,
    support::{World, both},
};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// The other system.
struct Program {
    client: reqwest::Client,
    root: String,
    token: String,
    /// Its page in the console.
    here: String,
}

/// What it got.
#[derive(Debug)]
struct Got {
    status: u16,
    headers: HeaderMap,
    body: Value,
}

impl Program {
    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Got {
        let body = body.map(|body| body.to_string().into_bytes());
        self.send(method, path, "application/scim+json", body).await
    }

    async fn send(&self, method: Method, path: &str, kind: &str, body: Option<Vec<u8>>) -> Got {
        let request = self.client.request(method, format!("{}{path}", self.root));
        let mut request = request.bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.header("content-type", kind).body(body);
        }
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        assert!(!headers.contains_key("set-cookie"), "a program keeps no cookies");
        let body = answer.bytes().await.unwrap();
        Got { status, headers, body: serde_json::from_slice(&body).unwrap_or(Value::Null) }
    }

    async fn get(&self, path: &str) -> Got {
        self.ask(Method::GET, path, None).await
    }

    async fn find(&self, kind: &str, filter: &str) -> Got {
        let filter: String = url::form_urlencoded::byte_serialize(filter.as_bytes()).collect();
        self.get(&format!("/{kind}?filter={filter}")).await
    }

    /// Somebody new; gives their id.
    async fn create(&self, name: &str) -> String {
        let made = self.ask(Method::POST, "/Users", Some(person(name))).await;
        assert_eq!(made.status, 201, "{made:?}");
        made.body["id"].as_str().unwrap().to_owned()
    }

    async fn patch(&self, path: &str, operations: Value) -> Got {
        let schema = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
        let body = json!({"schemas": [schema], "Operations": operations});
        self.ask(Method::PATCH, path, Some(body)).await
    }
}

impl Got {
    fn word(&self) -> (u16, &str) {
        (self.status, self.body["scimType"].as_str().unwrap_or_default())
    }
}

fn person(name: &str) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
        "externalId": format!("ext-{name}"),
        "userName": format!("{name}@contoso.com"),
        "password": "never-of-use-to-anybody",
        "displayName": name,
        "name": {"givenName": name, "familyName": "Arm", "formatted": "x"},
        "active": true,
        "emails": [{"value": format!("{name}@contoso.com"), "type": "work", "primary": true}],
        ENTERPRISE: {"department": "Sales", "manager": {"value": "1"}},
    })
}

/// Lets an HR system in, through the console.
async fn let_in(world: &World, admin: &Browser) -> Program {
    let page = admin.get("/admin/programs/new").await;
    let typed = [("name", "HR")];
    let done = admin.fill(&page, "/admin/programs/new", &typed).await;
    let here = done.location.unwrap().split('?').next().unwrap().to_owned();
    let page = admin.get(&here).await;
    assert!(page.body.contains("no token that is good"), "{}", page.body);
    let page = admin.fill(&page, &format!("{here}/token"), &[("days", "30")]).await;
    let codes = page.elements().into_iter().filter(|it| it.is("code")).map(|it| it.text);
    let token = codes.into_iter().find(|it| it.starts_with("gatehouse_scim_")).unwrap();
    let again = admin.get(&here).await;
    assert!(!again.body.contains("gatehouse_scim_"), "shown once");
    let client = reqwest::Client::builder().build().unwrap();
    Program { client, root: format!("{}/scim/v2", world.door), token, here }
}

async fn hr(world: &World) -> Program {
    let admin = world.signed_in("olivia", "/admin").await;
    let_in(world, &admin).await
}

#[test]
fn a_person_is_made_found_changed_and_removed() {
    both(|world| async move {
        let program = hr(&world).await;
        let made = program.ask(Method::POST, "/Users", Some(person("anna"))).await;
        assert_eq!(made.status, 201, "{made:?}");
        let id = made.body["id"].as_str().unwrap().to_owned();
        let at = format!("/Users/{id}");
        assert_eq!(made.headers["location"], format!("{}/scim/v2{at}", world.url).as_str());
        assert_eq!(made.body["meta"]["location"], made.headers["location"].to_str().unwrap());
        assert_eq!(made.headers["content-type"], "application/scim+json");
        for (name, wanted) in [
            ("userName", json!("anna@contoso.com")),
            ("externalId", json!("ext-anna")),
            ("active", json!(true)),
            ("name", json!({"givenName": "anna", "familyName": "Arm"})),
            ("emails", json!([{"value": "anna@contoso.com", "type": "work"}])),
            (ENTERPRISE, json!({"department": "Sales"})),
            ("password", Value::Null),
        ] {
            assert_eq!(made.body[name], wanted, "{name}");
        }
        for filter in [
            "userName eq \"ANNA@contoso.com\"",
            "externalId eq \"ext-anna\"",
            "emails[type eq \"work\"].value eq \"anna@contoso.com\"",
            "userName eq \"anna@contoso.com\" and active eq true",
            "(userName eq \"anna@contoso.com\") and (active eq true)",
        ] {
            let found = program.find("Users", filter).await;
            let sum = (&found.body["totalResults"], &found.body["Resources"][0]["id"]);
            assert_eq!(sum, (&json!(1), &json!(id)), "{filter}: {found:?}");
        }
        for filter in ["userName eq \"a\\u0000\"", "externalId eq \"\\u0000\""] {
            assert_eq!(program.find("Users", filter).await.word(), (400, "invalidFilter"));
        }
        let zero = program.find("Groups", "displayName eq \"\\u0000\"").await;
        assert_eq!(zero.word(), (400, "invalidFilter"));
        for filter in ["userName eq \"alice@contoso.com\"", "externalId eq \"EXT-anna\""] {
            let found = program.find("Users", filter).await;
            assert_eq!((found.status, &found.body["totalResults"]), (200, &json!(0)), "{filter}");
        }
        let put = json!({"userName": "anna@contoso.com", "displayName": "Anna", "title": "Boss"});
        let put = program.ask(Method::PUT, &at, Some(put)).await;
        assert_eq!((put.status, &put.body["title"]), (200, &json!("Boss")), "{put:?}");
        assert_eq!(
            (&put.body["externalId"], &put.body["emails"]),
            (&json!("ext-anna"), &Value::Null)
        );
        let only = program.get(&format!("{at}?attributes=title")).await;
        let mut names: Vec<&String> = only.body.as_object().unwrap().keys().collect();
        names.sort();
        assert_eq!(names, ["id", "schemas", "title"]);
        let gone = program.ask(Method::DELETE, &at, None).await;
        assert_eq!((gone.status, gone.body), (204, Value::Null));
        assert_eq!(program.get(&at).await.status, 404);
        assert_eq!(program.ask(Method::DELETE, &at, None).await.status, 404);
        let list = program.get("/Users").await;
        assert_eq!((list.status, &list.body["totalResults"]), (200, &json!(0)));
    });
}

#[test]
fn entras_and_oktas_patches_are_understood_and_none_is_half_done() {
    both(|world| async move {
        let program = hr(&world).await;
        let id = program.create("anna").await;
        let at = format!("/Users/{id}");
        let entra = json!([
            {"op": "Replace", "path": "active", "value": "False"},
            {"op": "Add", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "+43 1"},
            {"op": "Replace", "path": "emails[type eq \"work\"].value", "value": "a@contoso.com"},
            {"op": "Replace", "path": format!("{ENTERPRISE}:department"), "value": "Law"},
        ]);
        let patched = program.patch(&at, entra).await;
        assert_eq!(patched.status, 200, "{patched:?}");
        assert_eq!(patched.body["active"], false);
        assert_eq!(patched.body["phoneNumbers"], json!([{"value": "+43 1", "type": "mobile"}]));
        assert_eq!(patched.body["emails"][0]["value"], "a@contoso.com");
        assert_eq!(patched.body[ENTERPRISE]["department"], "Law");
        // What POST and PUT pass over, PATCH passes over as well.
        let other = "urn:example:params:scim:schemas:extension:2.0:User";
        let okta = json!([
            {"op": "replace", "value": {"active": true, other: {"costCenter": "7"}}},
            {"op": "add", "path": format!("{other}:costCenter"), "value": "7"},
        ]);
        assert_eq!(program.patch(&at, okta).await.body["active"], true);

        let before = program.get(&at).await.body;
        for (last, word) in [
            (
                json!({"op": "replace", "path": "userName", "value": "alice@contoso.com"}),
                "uniqueness",
            ),
            (
                json!({"op": "replace", "path": "userName", "value": "anna@fabrikam.com"}),
                "mutability",
            ),
            (json!({"op": "remove", "path": "userName"}), "mutability"),
            (json!({"op": "replace", "path": "id", "value": "1"}), "mutability"),
            (json!({"op": "replace", "path": "title", "value": "x".repeat(129)}), "invalidValue"),
            (
                json!({"op": "add", "path": "addresses", "value": [{"country": "Austria"}]}),
                "invalidValue",
            ),
            (json!({"op": "replace", "path": "emails[", "value": 1}), "invalidPath"),
            (json!({"op": "remove"}), "noTarget"),
            (json!({"op": "copy", "path": "title"}), "invalidSyntax"),
        ] {
            let first = json!({"op": "replace", "path": "active", "value": false});
            let refused = program.patch(&at, json!([first, last])).await;
            let status = if word == "uniqueness" { 409 } else { 400 };
            assert_eq!(refused.word(), (status, word), "{refused:?}");
            assert_eq!(program.get(&at).await.body, before, "{word}");
        }
    });
}

#[test]
fn strangers_and_people_who_are_here_already_are_out_of_reach() {
    both(|world| async move {
        let program = hr(&world).await;
        let alice = world.store.read(|tx| store::users::by_upn(tx, "alice@contoso.com")).await;
        let alice = alice.unwrap().unwrap();
        let taken = program.ask(Method::POST, "/Users", Some(person("alice"))).await;
        assert_eq!(taken.word(), (409, "uniqueness"));
        let at = format!("/Users/{}", alice.id);
        let put = Some(person("alice"));
        let block = json!([{"op": "replace", "path": "active", "value": false}]);
        for got in [
            program.get(&at).await,
            program.ask(Method::PUT, &at, put).await,
            program.patch(&at, block).await,
            program.ask(Method::DELETE, &at, None).await,
        ] {
            assert_eq!((got.status, &got.body["status"]), (404, &json!("404")), "{got:?}");
        }
        let mut foreign = person("eva");
        foreign["userName"] = "eva@fabrikam.com".into();
        let refused = program.ask(Method::POST, "/Users", Some(foreign)).await;
        assert_eq!(refused.word(), (400, "invalidValue"));
        let after = world.store.read(move |tx| store::users::by_id(tx, alice.id)).await;
        assert_eq!(after.unwrap().unwrap().state, model::user::UserState::Active);
    });
}

/// Nobody is signed in by what a program sent as a password.
#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_passed_over() {
    let world = World::new().await;
    let program = hr(&world).await;
    let id = program.create("anna").await;
    let path = format!("/Users/{id}");
    let set = json!([{"op": "replace", "path": "password", "value": "never-of-use-to-anybody"}]);
    assert_eq!(program.patch(&path, set).await.status, 200);
    let user = id.parse().unwrap();
    let held = world.store.read(move |tx| store::credentials::by_user(tx, user)).await.unwrap();
    assert!(held.is_none());
}
