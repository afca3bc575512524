//! What clients of OpenID Connect come to by themselves: keys, requests brought beforehand, tokens, and
//! what these open. They are
//! programs, so trouble is JSON as well (RFC 6749 5.2, RFC 6750 3).

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{self, HeaderName},
    },
    web,
};
use app::issue::oidc::{Brought, Reply, UserInfo};

use super::super::{Body, NUMBER};
use crate::answer::{Answer, Desk};

const JSON: &str = "application/json";
/// What we speak changes with a release.
pub(in crate::federation) const KEEP: &str = "public, max-age=3600";
/// A key that was stolen is trusted no longer than this after an admin has replaced it.
pub(in crate::federation) const KEEP_KEYS: &str = "public, max-age=300";
/// The clients of these documents may be pages of other sites; nothing here goes by a cookie.
const ANY_SITE: (HeaderName, &str) = (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");

/// What we speak, and where.
pub(crate) async fn discovery(desk: Desk, slug: web::Path<String>) -> Answer {
    Ok(document(desk.counter.house.oidc_discovery(&slug).await?, KEEP))
}

/// The keys that ID tokens are checked with.
pub(crate) async fn keys(desk: Desk, slug: web::Path<String>) -> Answer {
    Ok(document(desk.counter.house.oidc_keys(&slug).await?.0, KEEP_KEYS))
}

/// A document that anybody may read, kept for a while.
pub(in crate::federation) fn document(body: String, keep: &'static str) -> HttpResponse {
    let mut answer = HttpResponse::Ok();
    answer.insert_header((header::CACHE_CONTROL, keep)).insert_header(ANY_SITE);
    answer.content_type(JSON).body(body)
}

/// A request that a client brings before it sends a browser (RFC 9126).
pub(crate) async fn push(desk: Desk, slug: web::Path<String>, body: Body) -> Answer {
    let Some(form) = form(&desk, &body) else { return Ok(no_form()) };
    let authorization = authorization(&desk.request);
    let brought = Brought { slug: &slug, authorization, body: form };
    let reply = desk.counter.house.push_request(&brought, desk.guest.visitor()).await;
    Ok(reply.map_or_else(|error| trouble(&desk, &error), answer))
}

/// Tokens for a code.
pub(crate) async fn token(desk: Desk, slug: web::Path<String>, body: Body) -> Answer {
    let Some(form) = form(&desk, &body) else { return Ok(no_form()) };
    let authorization = authorization(&desk.request);
    let brought = Brought { slug: &slug, authorization, body: form };
    let reply = desk.counter.house.answer_code(&brought, desk.guest.visitor()).await;
    Ok(reply.map_or_else(|error| trouble(&desk, &error), answer))
}

/// A body that is a form, with nothing in the address beside it.
fn form<'b>(desk: &Desk, body: &'b Body) -> Option<&'b str> {
    let body = body.as_ref().ok().filter(|_| is_form(&desk.request))?;
    std::str::from_utf8(body).ok().filter(|_| desk.request.query_string().is_empty())
}

fn no_form() -> HttpResponse {
    let said = "{\"error\":\"invalid_request\",\"error_description\":\"a form is expected\"}";
    json(StatusCode::BAD_REQUEST, said.to_owned())
}

fn answer(reply: Reply) -> HttpResponse {
    match reply {
        Reply::Tokens(body) => json(StatusCode::OK, body),
        Reply::Kept(body) => json(StatusCode::CREATED, body),
        Reply::TooMany { body, wait } => {
            let mut answer = json(StatusCode::TOO_MANY_REQUESTS, body);
            let wait = header::HeaderValue::from(wait.as_secs());
            answer.headers_mut().insert(header::RETRY_AFTER, wait);
            answer
        }
        Reply::Refused { error: "invalid_client", body } => {
            let mut answer = json(StatusCode::UNAUTHORIZED, body);
            let challenge = header::HeaderValue::from_static("Basic realm=\"Gatehouse\"");
            answer.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
            answer
        }
        Reply::Refused { body, .. } => json(StatusCode::BAD_REQUEST, body),
    }
}

/// What an access token opens.
pub(crate) async fn user_info(desk: Desk, slug: web::Path<String>) -> Answer {
    let held = authorization(&desk.request).and_then(bearer);
    let Some(held) = held else { return Ok(unauthorized("Bearer realm=\"Gatehouse\"")) };
    Ok(match desk.counter.house.user_info(&slug, held).await {
        Ok(UserInfo::About(body)) => json(StatusCode::OK, body),
        Ok(UserInfo::Nothing) => {
            unauthorized("Bearer realm=\"Gatehouse\", error=\"invalid_token\"")
        }
        Err(error) => trouble(&desk, &error),
    })
}

/// The header `Authorization`. One that can't be read, or a second one, is there all the same and
/// proves nothing.
fn authorization(request: &HttpRequest) -> Option<&str> {
    let mut all = request.headers().get_all(header::AUTHORIZATION);
    let first = all.next()?;
    let readable = first.to_str().ok().filter(|_| all.next().is_none());
    Some(readable.unwrap_or_default())
}

fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

fn text<'r>(request: &'r HttpRequest, name: &HeaderName) -> Option<&'r str> {
    request.headers().get(name).and_then(|value| value.to_str().ok())
}

fn is_form(request: &HttpRequest) -> bool {
    let kind = text(request, &header::CONTENT_TYPE).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

fn json(status: StatusCode, body: String) -> HttpResponse {
    let mut answer = HttpResponse::build(status);
    answer.insert_header((header::CACHE_CONTROL, "no-store")).insert_header(("Pragma", "no-cache"));
    answer.insert_header(ANY_SITE).content_type(JSON).body(body)
}

fn unauthorized(challenge: &'static str) -> HttpResponse {
    let mut answer = HttpResponse::Unauthorized();
    answer.insert_header((header::WWW_AUTHENTICATE, challenge)).finish()
}

/// Something of ours is busy or broken.
fn trouble(desk: &Desk, error: &app::Error) -> HttpResponse {
    let id = desk.guest.visitor().correlation_id.as_str();
    tracing::warn!(id, error = error as &dyn std::error::Error, "a client got no answer");
    let mut answer = HttpResponse::ServiceUnavailable();
    answer.insert_header((header::RETRY_AFTER, "5")).insert_header((NUMBER, id)).content_type(JSON);
    answer.body("{\"error\":\"temporarily_unavailable\"}")
}
