//! What can go wrong at Microsoft, and what to do about each (ruling 15, `graph.md` 0, 1.5, 3.3).

use std::time::Duration;

use model::{ids::EntraTenantId, plan::Verdict};
use serde::Deserialize;

/// The result of a call.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a call didn't do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The connection can't be used as it is set up.
    #[error("the connection can't be used: {0}")]
    Settings(String),
    /// No answer came; whether the call was carried out is unknown.
    #[error("microsoft gave no answer")]
    NoAnswer {
        /// What broke.
        #[source]
        source: reqwest::Error,
        /// How long to wait before the next attempt.
        wait: Duration,
    },
    /// Too many calls (429).
    #[error("microsoft asks to wait {} s", wait.as_secs())]
    Throttled {
        /// For how long.
        wait: Duration,
    },
    /// Microsoft can't answer just now, or somebody else is writing the same object.
    #[error("microsoft can't answer just now (HTTP {status})")]
    Unavailable {
        /// The HTTP status.
        status: u16,
        /// How long to wait before the next attempt.
        wait: Duration,
    },
    /// The token endpoint refused us.
    #[error("AADSTS{code}: {text}")]
    SignIn {
        /// The AADSTS number; 0 when there was none.
        code: u32,
        /// What Microsoft said.
        text: String,
    },
    /// The app lacks a permission.
    #[error("the app lacks the permission {permission} (Authorization_RequestDenied)")]
    MissingPermission {
        /// Which.
        permission: &'static str,
    },
    /// This one object may not be written by an app: it holds an admin role.
    #[error(
        "microsoft refuses this for this person alone; they may hold an admin role \
         (Authorization_RequestDenied)"
    )]
    Protected {
        /// What would be missing, were it refused for everybody.
        permission: &'static str,
    },
    /// The object isn't there.
    #[error("the object isn't in Entra")]
    NotFound,
    /// The object was written a moment ago and isn't visible everywhere yet.
    #[error("the object isn't visible everywhere in Entra yet")]
    NotYetVisible {
        /// How long to wait before the next attempt.
        wait: Duration,
    },
    /// The call broke a rule.
    #[error("{message} ({code})")]
    Refused {
        /// Graph's code.
        code: String,
        /// Graph's sentence.
        message: String,
        /// The property whose value somebody else has, if that was it.
        taken: Option<String>,
    },
    /// The answer made no sense.
    #[error("the answer made no sense: {0}")]
    Unexpected(String),
    /// A listing didn't reach its end; all of it is void (Y22).
    #[error("the listing is void: {0}")]
    PartialRead(&'static str),
    /// Our own side kept a write back right before it would have left.
    #[error("{0}")]
    KeptBack(String),
    /// The credentials lead to another tenant (Y32).
    #[error("the connection leads to tenant {found} and not to {pinned}")]
    OtherTenant {
        /// Where it should lead.
        pinned: EntraTenantId,
        /// Where it does.
        found: EntraTenantId,
    },
}

/// Graph's code when a tenant's licence does not include what was asked for.
pub(crate) const NO_PREMIUM: &str = "Authentication_RequestFromNonPremiumTenantOrB2CTenant";

impl Error {
    /// What to do about it.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::NoAnswer { wait, .. }
            | Self::Throttled { wait }
            | Self::Unavailable { wait, .. }
            | Self::NotYetVisible { wait } => Verdict::RetryAfter(*wait),
            Self::NotFound => Verdict::Relink,
            Self::Protected { .. } | Self::Refused { .. } | Self::Unexpected(_) => {
                Verdict::SkipObject(self.to_string())
            }
            Self::MissingPermission { permission } => Verdict::StopRun(format!(
                "grant the app the permission {permission} in Entra and consent to it \
                 (Authorization_RequestDenied)"
            )),
            Self::SignIn { code, .. } => Verdict::StopRun(format!("{self}; {}", advice(*code))),
            Self::Settings(_)
            | Self::PartialRead(_)
            | Self::KeptBack(_)
            | Self::OtherTenant { .. } => Verdict::StopRun(self.to_string()),
        }
    }

    /// Whether the very same call may work a little later.
    pub(crate) fn wait(&self) -> Option<Duration> {
        match self.verdict() {
            Verdict::RetryAfter(wait) => Some(wait),
            _ => None,
        }
    }
}

/// The body of Graph's errors.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ErrorBody {
    error: ErrorDetail,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ErrorDetail {
    code: String,
    message: String,
    details: Vec<Conflicting>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Conflicting {
    code: String,
    target: Option<String>,
}

impl ErrorBody {
    pub(crate) fn read(body: &[u8]) -> Self {
        serde_json::from_slice(body).unwrap_or_default()
    }

    pub(crate) fn code(&self) -> &str {
        &self.error.code
    }

    /// A short stable fragment of the sentence is the only mark of some conditions.
    pub(crate) fn says(&self, fragment: &str) -> bool {
        self.error.message.to_lowercase().contains(&fragment.to_lowercase())
    }

    pub(crate) fn refused(&self, status: u16) -> Error {
        let conflict = self.error.details.iter().find(|detail| detail.code == "ObjectConflict");
        let taken = conflict
            .map(|detail| detail.target.clone().unwrap_or_default())
            .or_else(|| self.says("another object with the same value").then(String::new));
        Error::Refused {
            code: if self.code().is_empty() {
                format!("HTTP {status}")
            } else {
                self.code().to_owned()
            },
            message: one_line(&self.error.message),
            taken,
        }
    }
}

/// Keeps texts from outside short and on one line.
pub(crate) fn one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(400).collect()
}

/// What an admin does about a refusal of the token endpoint (`graph.md` 1.5).
pub(crate) fn advice(code: u32) -> &'static str {
    match code {
        7_000_215 => "paste the Value of the client secret, not its Secret ID",
        7_000_222 => "the client secret has expired: make a new one and paste it here",
        7_000_216 | 7_000_218 => "the client secret is missing in the connection's settings",
        700_016 | 700_011 => "the client id or the tenant id is wrong",
        7_000_229 => "the app was never consented to in this tenant: grant admin consent",
        70_001 | 7_000_112 => "an admin has disabled the app: enable it in Entra",
        700_025 => "register the app as Web, not as mobile or desktop",
        700_024 | 700_030 => "check this server's clock",
        90_002 | 90_038 | 900_382 | 900_432 => "the tenant id or the chosen cloud is wrong",
        900_023 | 9_001_023 | 90_019 | 50_059 | 50_128 => "the tenant id is not valid",
        500_011 | 70_011 | 1_002_012 => "the Graph host doesn't belong to the chosen cloud",
        53_003 => "a Conditional Access policy for workload identities blocks the app",
        _ => "the console explains it under Errors explained",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFLICT: &str = r#"{"error":{"code":"Request_BadRequest","message":"Another object with the same value for property userPrincipalName already exists.","details":[{"code":"ObjectConflict","target":"userPrincipalName","message":"…"}],"innerError":{"date":"2026-08-20T10:11:12"}}}"#;

    #[test]
    fn a_conflict_names_the_property() {
        let error = ErrorBody::read(CONFLICT.as_bytes()).refused(400);
        let Error::Refused { taken, .. } = &error else { panic!("{error}") };
        assert_eq!(taken.as_deref(), Some("userPrincipalName"));
        assert!(matches!(error.verdict(), Verdict::SkipObject(_)));
    }

    #[test]
    fn a_body_that_is_no_json_is_survived() {
        let error = ErrorBody::read(b"<html>").refused(400);
        assert_eq!(error.to_string(), " (HTTP 400)");
    }

    #[test]
    fn texts_from_outside_stay_short_and_on_one_line() {
        assert_eq!(one_line("a\r\nTrace ID: b"), "a Trace ID: b");
        assert_eq!(one_line(&"x".repeat(9_000)).len(), 400);
    }

    #[test]
    fn a_missing_permission_is_named() {
        let verdict = Error::MissingPermission { permission: "User.ReadWrite.All" }.verdict();
        let Verdict::StopRun(text) = verdict else { panic!("{verdict:?}") };
        assert!(text.contains("User.ReadWrite.All"), "{text}");
    }
}
