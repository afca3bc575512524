//! `$batch`: up to 20 calls in one (graph.md 6). Each runs through the same door as a single call.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Answer, Call, Caller, Outcome, Refusal, error_body, refusal_of};
use crate::odata::Query;
use crate::random;
use crate::world::World;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Part {
    id: String,
    method: String,
    url: String,
    #[serde(default)]
    headers: HashMap<String, String>,
    #[serde(default)]
    body: Option<Value>,
    #[serde(default)]
    depends_on: Vec<String>,
}

pub(super) fn answer(world: &World, caller: &Caller, call: &Call) -> Outcome {
    if call.method != "POST" {
        return Err(Refusal::method());
    }
    let parts: Vec<Part> = serde_json::from_value(call.json()?["requests"].clone())
        .map_err(|_| Refusal::bad("BadRequest", "Invalid batch payload format."))?;
    check(&parts)?;
    let mut failed = HashSet::new();
    let mut responses = Vec::new();
    for part in &parts {
        let blocked = part.depends_on.iter().any(|id| failed.contains(id.as_str()));
        let outcome = if blocked {
            Err(Refusal::new(424, "FailedDependency", "A request that this one depends on failed."))
        } else {
            one(world, caller, part)
        };
        let response = shown(world, part, outcome);
        if response["status"].as_u64().unwrap_or_default() >= 400 {
            failed.insert(part.id.as_str());
        }
        responses.push(response);
    }
    Ok(Answer::ok(json!({ "responses": responses })))
}

fn check(parts: &[Part]) -> Result<(), Refusal> {
    let bad = |message: &str| Err(Refusal::bad("BadRequest", message));
    if parts.is_empty() || parts.len() > 20 {
        return bad("Number of batch request steps exceeds the maximum value of 20.");
    }
    let mut seen = HashSet::new();
    for part in parts {
        if part.depends_on.iter().any(|id| !seen.contains(&id.to_lowercase())) {
            return bad("A batch request depends on a step that does not precede it.");
        }
        if !seen.insert(part.id.to_lowercase()) {
            return bad("Duplicate batch request id.");
        }
        if !part.url.starts_with('/') || part.url.starts_with("/$batch") {
            return bad("Invalid batch request url.");
        }
        let has_type = part.headers.keys().any(|name| name.eq_ignore_ascii_case("content-type"));
        if part.body.is_some() && !has_type {
            return bad("Write request id : content-type header must be specified.");
        }
    }
    Ok(())
}

fn one(world: &World, caller: &Caller, part: &Part) -> Outcome {
    let (path, query) = part.url.split_once('?').unwrap_or((&part.url, ""));
    let eventual = part.headers.iter().any(|(name, value)| {
        name.eq_ignore_ascii_case("consistencylevel") && value.eq_ignore_ascii_case("eventual")
    });
    let call = Call {
        method: part.method.to_uppercase(),
        path: super::segments(path),
        query: Query::parse(query),
        is_eventual: eventual,
        is_beta: false,
        body: part.body.as_ref().map(|body| body.to_string().into_bytes()).unwrap_or_default(),
    };
    match world.faults.meet(&part.method, &format!("/v1.0{path}")) {
        None => super::answer(world, caller, &call),
        Some(trouble) => {
            if trouble.is_late() {
                // Carried out, but the answer gets lost.
                let _ = super::answer(world, caller, &call);
            }
            Err(refusal_of(trouble))
        }
    }
}

fn shown(world: &World, part: &Part, outcome: Outcome) -> Value {
    let mut response = Map::new();
    response.insert("id".into(), part.id.clone().into());
    let mut headers = Map::new();
    let (status, body) = match outcome {
        Ok(answer) => {
            if let Some(location) = answer.location {
                headers.insert("Location".into(), location.into());
            }
            (answer.status, answer.body)
        }
        Err(refusal) => {
            if let Some(seconds) = refusal.retry_after {
                headers.insert("Retry-After".into(), seconds.to_string().into());
            }
            let id = random::guid();
            (refusal.status, Some(error_body(&refusal, (&id, &id), world.now())))
        }
    };
    if body.is_some() {
        headers.insert("Content-Type".into(), "application/json".into());
    }
    response.insert("status".into(), status.into());
    response.insert("headers".into(), headers.into());
    if let Some(body) = body {
        response.insert("body".into(), body);
    }
    response.into()
}
