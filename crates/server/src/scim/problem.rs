//! Trouble, as SCIM says it (RFC 7644 3.12): a status, a word that programs know, and a sentence for
//! whoever reads their logs.

use std::time::Duration;

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
};
use app::{Kind, programs::Trouble};
use serde_json::json;

use super::JSON;
use crate::answer::Desk;

/// Why a program does not get what it wants.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    word: Option<&'static str>,
    sentence: String,
    wait: Option<Duration>,
    cause: Option<Box<app::Error>>,
}

impl Problem {
    pub(super) fn new(
        status: StatusCode,
        word: Option<&'static str>,
        sentence: impl Into<String>,
    ) -> Self {
        Self { status, word, sentence: sentence.into(), wait: None, cause: None }
    }

    /// Nobody who is let in.
    pub(super) fn unknown() -> Self {
        let sentence =
            "The token opens nothing: it is missing, wrong, taken back, or its time is over.";
        Self::new(StatusCode::UNAUTHORIZED, None, sentence)
    }

    /// Too many wrong tokens.
    pub(super) fn too_many(wait: Duration) -> Self {
        let sentence = "Too many wrong tokens came from there. Wait before you try again.";
        let problem = Self::new(StatusCode::TOO_MANY_REQUESTS, None, sentence);
        Self { wait: Some(wait), ..problem }
    }

    pub(super) fn not_there() -> Self {
        let sentence = "There is nothing of yours under this address.";
        Self::new(StatusCode::NOT_FOUND, None, sentence)
    }

    pub(super) fn too_large(sentence: &str) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, None, sentence)
    }

    /// The request has not the form that SCIM gives it.
    pub(super) fn syntax(sentence: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Some("invalidSyntax"), sentence)
    }

    /// A value can't be taken.
    pub(super) fn value(sentence: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Some("invalidValue"), sentence)
    }

    /// A filter that is not understood, or would take a look at everybody.
    pub(super) fn filter(sentence: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Some("invalidFilter"), sentence)
    }

    /// A path that is not understood.
    pub(super) fn path(sentence: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Some("invalidPath"), sentence)
    }

    /// Something that can't be changed or taken away.
    pub(super) fn fixed(sentence: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Some("mutability"), sentence)
    }

    /// The same, for a closure inside of a change.
    pub(super) fn trouble(self) -> Trouble {
        Trouble::Unfit(self.word.unwrap_or("invalidValue"), self.sentence)
    }

    /// The cause, once; never the body, nor the token.
    pub(super) fn log(&self, desk: &Desk) {
        let (id, status) = (desk.guest.visitor().correlation_id.as_str(), self.status.as_u16());
        match &self.cause {
            Some(error) if error.kind == Kind::Bug => {
                let error = error.as_ref() as &dyn std::error::Error;
                tracing::error!(id, status, error, "another system got no answer");
            }
            Some(error) => {
                let error = error.as_ref() as &dyn std::error::Error;
                tracing::warn!(id, status, error, "another system got no answer");
            }
            None => tracing::info!(id, status, word = self.word, "another system was refused"),
        }
    }

    pub(super) fn answer(&self) -> HttpResponse {
        let mut body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "status": self.status.as_u16().to_string(),
            "detail": self.sentence,
        });
        if let Some(word) = self.word {
            body["scimType"] = word.into();
        }
        let mut answer = HttpResponse::build(self.status);
        if self.status == StatusCode::UNAUTHORIZED {
            answer.insert_header((header::WWW_AUTHENTICATE, "Bearer realm=\"Gatehouse\""));
        }
        if let Some(wait) = self.wait {
            answer.insert_header((header::RETRY_AFTER, wait.as_secs().max(1)));
        }
        answer.content_type(JSON).body(body.to_string())
    }
}

impl From<Trouble> for Problem {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::NotThere => Self::not_there(),
            Trouble::Taken(sentence) => {
                Self::new(StatusCode::CONFLICT, Some("uniqueness"), sentence)
            }
            Trouble::Wrong(sentence) => Self::value(sentence),
            Trouble::Fixed(sentence) => Self::fixed(sentence),
            Trouble::Closed(sentence) | Trouble::Held(sentence) => {
                Self::new(StatusCode::FORBIDDEN, None, sentence)
            }
            Trouble::ShutOut => Self::unknown(),
            Trouble::Unfit(word, sentence) => {
                Self::new(StatusCode::BAD_REQUEST, Some(word), sentence)
            }
            Trouble::House(error) => {
                let (status, wait) = match error.kind {
                    Kind::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, Some(5)),
                    _ => (StatusCode::INTERNAL_SERVER_ERROR, None),
                };
                let problem = Self::new(status, None, error.public.clone());
                Self {
                    wait: wait.map(Duration::from_secs),
                    cause: Some(Box::new(error)),
                    ..problem
                }
            }
        }
    }
}
