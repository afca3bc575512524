//! Microsoft Graph v1.0, as far as Gatehouse uses it (graph.md). Free of HTTP: a [`Call`] comes
//! in, an [`Answer`] or a [`Refusal`] goes out, so that `$batch` and the server share one door.

mod access;
mod answer;
mod audit_logs;
mod batch;
mod bin;
mod directory;
mod domains;
mod edit;
mod external_methods;
mod federation;
mod licenses;
mod policies;
mod properties;
mod users;

use serde_json::Value;

use crate::faults::Trouble;
use crate::odata::Query;
use crate::world::World;

pub(crate) use access::{Caller, issue, issue_delegated, issue_id_token};
pub(crate) use answer::{Answer, Refusal, error_body};
pub(crate) use policies::policy;

/// What a handler gives back.
pub(crate) type Outcome = Result<Answer, Refusal>;

/// A request to Graph, free of HTTP.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) method: String,
    /// The decoded segments after the version.
    pub(crate) path: Vec<String>,
    pub(crate) query: Query,
    /// Whether the caller sent `ConsistencyLevel: eventual`.
    pub(crate) is_eventual: bool,
    /// Whether it came to `/beta`, where little is answered.
    pub(crate) is_beta: bool,
    pub(crate) body: Vec<u8>,
}

impl Call {
    /// The body as JSON; an empty body is an empty object.
    pub(crate) fn json(&self) -> Result<Value, Refusal> {
        if self.body.is_empty() {
            return Ok(Value::Object(serde_json::Map::new()));
        }
        serde_json::from_slice(&self.body).map_err(|_| {
            Refusal::bad(
                "BadRequest",
                "Unable to read JSON request payload. Please ensure Content-Type header is set \
                 and payload is of valid JSON format.",
            )
        })
    }
}

/// Answers a call of a known caller.
pub(crate) fn answer(world: &World, caller: &Caller, call: &Call) -> Outcome {
    let path: Vec<&str> = call.path.iter().map(String::as_str).collect();
    match path.as_slice() {
        ["auditLogs", "signIns"] => audit_logs::sign_ins(world, caller, call),
        ["users", key, "authentication", "requirements"] if call.is_beta => {
            policies::requirements(world, caller, call, key)
        }
        _ if call.is_beta => {
            Err(Refusal::bad("BadRequest", "The simulator has no such resource under /beta."))
        }
        ["users", rest @ ..] => users::answer(world, caller, call, rest),
        ["directory", "deletedItems", rest @ ..] => bin::answer(world, caller, call, rest),
        ["domains"] | ["domains", _] | ["domains", _, "verify"] => {
            domains::answer(world, caller, call, &path[1..])
        }
        ["domains", domain, "federationConfiguration", rest @ ..] => {
            federation::answer(world, caller, call, (domain, rest))
        }
        [
            "policies",
            "authenticationMethodsPolicy",
            "authenticationMethodConfigurations",
            rest @ ..,
        ] => external_methods::answer(world, caller, call, rest),
        ["policies", name] => policies::answer(world, caller, call, name),
        ["identity", "conditionalAccess", "policies"] => policies::access(world, caller, call),
        ["subscribedSkus"] => licenses::list(world, caller, call),
        ["$batch"] => batch::answer(world, caller, call),
        _ => directory::answer(world, caller, call, &path),
    }
}

/// The decoded segments of a path such as `/users/ada%40contoso.com`; `users('key')` is two.
pub(crate) fn segments(path: &str) -> Vec<String> {
    let parts = path.split('/').filter(|part| !part.is_empty()).map(decoded);
    parts
        .flat_map(|part| match part.strip_suffix("')").and_then(|rest| rest.split_once("('")) {
            Some((set, key)) => vec![set.to_owned(), key.replace("''", "'")],
            None => vec![part],
        })
        .collect()
}

/// Undoes percent-escapes; `+` stays, as it does in paths.
fn decoded(part: &str) -> String {
    let kept = part.replace('+', "%2B");
    let pairs = format!("k={}", kept.replace('&', "%26"));
    url::form_urlencoded::parse(pairs.as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

/// The refusal that a trouble shows to the caller.
pub(crate) fn refusal_of(trouble: Trouble) -> Refusal {
    let (mut refusal, retry_after) = match trouble {
        Trouble::TooManyRequests { retry_after } => {
            (Refusal::new(429, "TooManyRequests", "Please retry again later."), retry_after)
        }
        Trouble::Unavailable { retry_after } => (
            Refusal::new(503, "serviceNotAvailable", "The service is temporarily unavailable."),
            retry_after,
        ),
        Trouble::LostResponse | Trouble::DroppedConnection => {
            (Refusal::new(504, "UnknownError", "The gateway timed out."), None)
        }
        Trouble::ExpiredToken => (access::expired(), None),
        Trouble::Forbidden => (Refusal::denied(), None),
    };
    refusal.retry_after = retry_after;
    refusal
}
