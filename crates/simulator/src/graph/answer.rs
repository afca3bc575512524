//! Answers and refusals in Graph's shape (graph.md 0).

use serde_json::{Map, Value, json};

use crate::clock;

/// A good answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Option<Value>,
    pub(crate) location: Option<String>,
    /// A number answered as text, for `$count`.
    pub(crate) plain: Option<String>,
}

impl Answer {
    /// 200 with a body.
    pub(crate) fn ok(body: Value) -> Self {
        Self { status: 200, body: Some(body), location: None, plain: None }
    }

    /// 201 with a body and its address.
    pub(crate) fn created(body: Value, location: String) -> Self {
        Self { status: 201, body: Some(body), location: Some(location), plain: None }
    }

    /// 204.
    pub(crate) fn empty() -> Self {
        Self { status: 204, body: None, location: None, plain: None }
    }

    /// 200 with a number as plain text.
    pub(crate) fn plain(text: String) -> Self {
        Self { status: 200, body: None, location: None, plain: Some(text) }
    }
}

/// A refusal with Graph's code and message.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    /// (code, target) of the one detail.
    pub(crate) detail: Option<(&'static str, String)>,
    pub(crate) retry_after: Option<u64>,
}

impl Refusal {
    /// A refusal with a status of its own.
    pub(crate) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), detail: None, retry_after: None }
    }

    /// 400 with a code.
    pub(crate) fn bad(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(400, code, message)
    }

    /// 400 `Request_BadRequest`.
    pub(crate) fn request(message: impl Into<String>) -> Self {
        Self::bad("Request_BadRequest", message)
    }

    /// 400 about one property.
    pub(crate) fn invalid(property: &str, message: impl Into<String>) -> Self {
        Self { detail: Some(("InvalidValue", property.to_owned())), ..Self::request(message) }
    }

    /// 400 because another object has the value.
    pub(crate) fn taken(property: &str) -> Self {
        let message =
            format!("Another object with the same value for property {property} already exists.");
        Self { detail: Some(("ObjectConflict", property.to_owned())), ..Self::request(message) }
    }

    /// 404 for an object.
    pub(crate) fn not_found(key: &str) -> Self {
        let message = format!(
            "Resource '{key}' does not exist or one of its queried reference-property objects \
             are not present."
        );
        Self::new(404, "Request_ResourceNotFound", message)
    }

    /// 403.
    pub(crate) fn denied() -> Self {
        Self::new(
            403,
            "Authorization_RequestDenied",
            "Insufficient privileges to complete the operation.",
        )
    }

    /// 405.
    pub(crate) fn method() -> Self {
        Self::new(405, "Request_BadRequest", "Specified HTTP method is not allowed.")
    }
}

/// The body of a refusal, with the ids of the call.
pub(crate) fn error_body(refusal: &Refusal, ids: (&str, &str), now: i64) -> Value {
    let (request_id, client_request_id) = ids;
    let mut error = Map::new();
    error.insert("code".into(), refusal.code.into());
    error.insert("message".into(), refusal.message.clone().into());
    if let Some((code, target)) = &refusal.detail {
        let detail = json!({"code": code, "target": target, "message": refusal.message});
        error.insert("details".into(), json!([detail]));
    }
    error.insert(
        "innerError".into(),
        json!({
            "date": clock::bare(now),
            "request-id": request_id,
            "client-request-id": client_request_id,
        }),
    );
    json!({ "error": error })
}
