//! SCIM 2.0 (RFC 7643 and 7644): other systems bring people and groups along. They come with a token of
//! their own and no cookie, and get JSON, also for trouble. What they may is decided in `app`.

mod config;
mod filter;
mod group;
mod groups;
mod listing;
mod patch;
mod path;
mod problem;
mod routes;
mod schema;
mod select;
mod shape;
mod user;
mod users;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web,
};
use app::programs::{Caller, Entry};
use problem::Problem;
pub(crate) use routes::routes;
use serde_json::{Map, Value};

use crate::answer::Desk;

/// An object of JSON.
type Object = Map<String, Value>;
/// What a handler comes to.
type Outcome = Result<HttpResponse, Problem>;

/// Where all of it is.
const ROOT: &str = "/scim/v2";
/// What a body may weigh.
const HEAVIEST: usize = 1024 * 1024;
const JSON: &str = "application/scim+json";

/// The program that asks, or why it is not let in.
async fn enter(desk: &Desk) -> Result<Caller, Problem> {
    let Some(bearer) = bearer(&desk.request) else { return Err(Problem::unknown()) };
    match desk.counter.house.enter_program(bearer, desk.guest.visitor()).await {
        Ok(Entry::Program(caller)) => Ok(*caller),
        Ok(Entry::Closed) => Err(Problem::unknown()),
        Ok(Entry::TooMany(wait)) => Err(Problem::too_many(wait)),
        Err(error) => Err(Problem::from(app::programs::Trouble::from(error))),
    }
}

/// The token of the one header `Authorization`.
fn bearer(request: &HttpRequest) -> Option<&str> {
    let mut all = request.headers().get_all(header::AUTHORIZATION);
    let (first, second) = (all.next()?, all.next());
    let text = first.to_str().ok().filter(|_| second.is_none())?;
    let (scheme, token) = text.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// The object that a request brings; its size is bounded.
async fn body(request: &HttpRequest, payload: web::Payload) -> Result<Object, Problem> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or(JSON).split(';').next().unwrap_or_default().trim();
    if !["application/json", JSON].iter().any(|known| kind.eq_ignore_ascii_case(known)) {
        let sentence = "The body must be application/scim+json.";
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, None, sentence));
    }
    let bytes = payload.to_bytes_limited(HEAVIEST).await;
    let bytes = bytes.map_err(|_| Problem::too_large("The body may weigh 1 MiB."))?;
    let bytes = bytes.map_err(|_| Problem::syntax("The body did not arrive."))?;
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(Problem::syntax("The body must be an object.")),
        Err(_) => Err(Problem::syntax("The body is no JSON.")),
    }
}

/// An answer with something in it.
fn json(status: StatusCode, value: &Value) -> HttpResponse {
    HttpResponse::build(status).content_type(JSON).body(value.to_string())
}

/// Trouble is an answer as well, and noted once.
fn answered(desk: &Desk, outcome: Outcome) -> HttpResponse {
    outcome.unwrap_or_else(|problem| {
        problem.log(desk);
        problem.answer()
    })
}

/// Where a resource is.
fn location(desk: &Desk, kind: &str, id: &str) -> String {
    format!("{}{ROOT}/{kind}/{id}", desk.counter.origin)
}
