//! Answers that Microsoft's side didn't give.

use super::{Rewriting, SAME_PAGE, http::Message};

pub(super) fn refusal(status: u16, retry_after: Option<u64>) -> Message {
    let code = match status {
        401 => "InvalidAuthenticationToken",
        403 => "Authorization_RequestDenied",
        429 => "TooManyRequests",
        _ => "serviceNotAvailable",
    };
    let headers: Vec<_> =
        retry_after.iter().map(|seconds| ("Retry-After", seconds.to_string())).collect();
    let body = serde_json::json!({"error": {"code": code, "message": "Not now."}});
    Message::answer(status, &headers, body.to_string().into_bytes())
}

/// What Graph says to such a call when it has done it.
pub(super) fn pretence(message: &Message) -> Message {
    match message.word(0) {
        "POST" if message.word(1) == "/v1.0/users" => {
            let body = serde_json::json!({"id": "0badcafe-0000-4000-8000-000000000000"});
            Message::answer(201, &[], body.to_string().into_bytes())
        }
        "POST" => Message::answer(200, &[], b"{\"value\":true}".to_vec()),
        _ => Message { head: "HTTP/1.1 204 No Content".to_owned(), body: Vec::new() },
    }
}

/// With the address of the same page where the rewriting asks for it.
pub(super) fn rewritten(answer: &Message, rewrite: &Rewriting, again: &str) -> Message {
    match serde_json::from_slice(&answer.body) {
        Ok(mut body) => {
            rewrite(&mut body);
            answer.with_body(body.to_string().replace(SAME_PAGE, again).into_bytes())
        }
        Err(_) => answer.clone(),
    }
}
