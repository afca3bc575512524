//! Access tokens by client credentials (`graph.md` 1): kept until shortly before they end, and
//! fetched by one call at a time.

use std::time::Duration;

use model::{
    Ts,
    ids::{ClientId, EntraTenantId},
    tenant::AppCredential,
};
use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::sync::Mutex;
use url::{Url, form_urlencoded};
use uuid::Uuid;

use crate::{
    client::Clock,
    client_assertion::{ASSERTION_TYPE, Assertions},
    error::{Error, Result, one_line},
    http::{Answer, Failure, Http, Outgoing},
    timer::Timer,
};

/// The credentials, and the token that they last gave.
pub(crate) struct Tokens {
    tenant: EntraTenantId,
    client: ClientId,
    proof: Proof,
    clock: Clock,
    kept: Mutex<Option<Kept>>,
}

/// What is sent to prove that we are the app registration.
pub(crate) enum Proof {
    Secret(SecretString),
    Certificate(Box<Assertions>),
}

struct Kept {
    token: SecretString,
    good_until: Duration,
}

#[derive(Deserialize)]
struct Granted {
    access_token: SecretString,
    expires_in: u64,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Refused {
    error: String,
    error_description: String,
    error_codes: Vec<u32>,
}

/// What came of asking for a token, less the waiting.
pub(crate) enum TokenFailure {
    /// No answer.
    Broken(reqwest::Error),
    /// Busy or down.
    Later(Answer),
    /// A final no.
    Final(Error),
}

impl Tokens {
    pub(crate) fn new(
        tenant: EntraTenantId,
        client: ClientId,
        credential: AppCredential,
        clock: Clock,
    ) -> Result<Self> {
        let proof = Proof::of(client, credential)?;
        Ok(Self { tenant, client, proof, clock, kept: Mutex::new(None) })
    }

    /// A token, from memory while it is good.
    pub(crate) async fn get(
        &self,
        http: &Http,
        timer: &dyn Timer,
        client_request_id: Uuid,
    ) -> std::result::Result<SecretString, TokenFailure> {
        let mut kept = self.kept.lock().await;
        if let Some(kept) = kept.as_ref().filter(|kept| timer.passed() < kept.good_until) {
            return Ok(kept.token.clone());
        }
        let granted = self.fetch(http, client_request_id).await?;
        let token = granted.access_token.clone();
        *kept = Some(Kept {
            token: granted.access_token,
            good_until: timer.passed() + life(granted.expires_in),
        });
        Ok(token)
    }

    /// Forgets a token that was refused, unless another call has replaced it already.
    pub(crate) async fn forget(&self, refused: &SecretString) {
        let mut kept = self.kept.lock().await;
        let same = |kept: &Kept| kept.token.expose_secret() == refused.expose_secret();
        if kept.as_ref().is_some_and(same) {
            *kept = None;
        }
    }

    async fn fetch(
        &self,
        http: &Http,
        client_request_id: Uuid,
    ) -> std::result::Result<Granted, TokenFailure> {
        let url = self.endpoint(http.login()).map_err(TokenFailure::Final)?;
        let form = self.form(http.graph(), &url, (self.clock)(), client_request_id);
        let call = Outgoing {
            method: Method::POST,
            body: form.map_err(TokenFailure::Final)?.into_bytes(),
            url,
            bearer: None,
            content_type: "application/x-www-form-urlencoded",
            client_request_id,
        };
        let answer = http.send(call).await.map_err(|failure| match failure {
            Failure::Broken(error) => TokenFailure::Broken(error),
            Failure::Wrong(error) => TokenFailure::Final(error),
        })?;
        match answer.status {
            200 => granted(&answer.body).map_err(TokenFailure::Final),
            429 | 500.. => Err(TokenFailure::Later(answer)),
            _ => Err(refused(answer)),
        }
    }

    fn endpoint(&self, login: &Url) -> Result<Url> {
        login
            .join(&format!("/{}/oauth2/v2.0/token", self.tenant))
            .map_err(|_| Error::Settings("the sign-in host is no address".to_owned()))
    }

    fn form(&self, graph: &Url, endpoint: &Url, now: Ts, id: Uuid) -> Result<String> {
        let scope = format!("{}/.default", graph.as_str().trim_end_matches('/'));
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("client_id", &self.client.to_string()).append_pair("scope", &scope);
        for (name, value) in self.proof.fields(endpoint, now, id)? {
            form.append_pair(name, value.expose_secret());
        }
        Ok(form.append_pair("grant_type", "client_credentials").finish())
    }
}

impl Proof {
    pub(crate) fn of(client: ClientId, credential: AppCredential) -> Result<Self> {
        Ok(match credential {
            AppCredential::Secret(secret) => Self::Secret(secret),
            AppCredential::Certificate(held) => {
                Self::Certificate(Box::new(Assertions::of(client, &held)?))
            }
        })
    }

    /// What the form of a request to `endpoint` says; `id` is the assertion's own, for one request.
    pub(crate) fn fields(
        &self,
        endpoint: &Url,
        now: Ts,
        id: Uuid,
    ) -> Result<Vec<(&'static str, SecretString)>> {
        Ok(match self {
            Self::Secret(secret) => vec![("client_secret", secret.clone())],
            Self::Certificate(assertions) => vec![
                ("client_assertion_type", ASSERTION_TYPE.to_owned().into()),
                ("client_assertion", assertions.sign(endpoint, now, id)?.into()),
            ],
        })
    }
}

/// Four fifths of what was promised, so that a token never ends on the way.
fn life(expires_in: u64) -> Duration {
    Duration::from_secs(expires_in) * 4 / 5
}

fn granted(body: &[u8]) -> Result<Granted> {
    serde_json::from_slice(body)
        .map_err(|_| Error::Unexpected("the sign-in host sent no token".to_owned()))
}

/// What a refusal of the sign-in host says.
pub(crate) fn refused(answer: Answer) -> TokenFailure {
    let said: Refused = serde_json::from_slice(&answer.body).unwrap_or_default();
    let code = said.error_codes.first().copied().or_else(|| number(&said.error_description));
    // 90055, 90033, 90024: the directory is busy, whatever the HTTP status says.
    if said.error == "temporarily_unavailable" || matches!(code, Some(90_055 | 90_033 | 90_024)) {
        return TokenFailure::Later(answer);
    }
    let text = match said.error_description.split_once(": ") {
        Some((number, text)) if number.starts_with("AADSTS") => text,
        _ if said.error_description.is_empty() => "the sign-in host refused without a reason",
        _ => &said.error_description,
    };
    let text = text.split(" Trace ID:").next().unwrap_or_default();
    let text = one_line(text.split("\r\n").next().unwrap_or_default());
    TokenFailure::Final(Error::SignIn { code: code.unwrap_or_default(), text })
}

pub(crate) fn number(description: &str) -> Option<u32> {
    let digits = description.split_once("AADSTS")?.1;
    digits.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(status: u16, body: &str) -> TokenFailure {
        refused(Answer {
            status,
            body: body.as_bytes().to_vec(),
            retry_after: None,
            quota_used: None,
            date: None,
            location: None,
        })
    }

    #[test]
    fn a_wrong_secret_is_told_with_its_number_and_without_trace_ids() {
        for ending in ["\\r\\nTrace ID: x\\r\\nCorrelation ID: y", " Trace ID: x Correlation ID: y"]
        {
            let body = format!(
                r#"{{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided.{ending}","error_codes":[7000215]}}"#
            );
            let TokenFailure::Final(error) = refusal(401, &body) else { panic!("{body}") };
            assert_eq!(error.to_string(), "AADSTS7000215: Invalid client secret provided.");
            let model::plan::Verdict::StopRun(text) = error.verdict() else { panic!("{error}") };
            assert!(text.contains("not its Secret ID"), "{text}");
        }
    }

    #[test]
    fn a_busy_directory_is_asked_again() {
        let body = r#"{"error":"temporarily_unavailable","error_description":"AADSTS90033: …"}"#;
        assert!(matches!(refusal(400, body), TokenFailure::Later(_)));
    }

    #[test]
    fn the_number_is_found_in_the_text_when_the_list_is_missing() {
        assert_eq!(number("AADSTS90002: Tenant 'x' not found."), Some(90_002));
        assert_eq!(number("nothing"), None);
    }

    #[test]
    fn a_secret_with_plus_and_slash_survives_the_form() {
        let id = "0190c2e4-0000-7000-8000-000000000001";
        let secret = AppCredential::Secret("a+b/c=~d".into());
        let clock = std::sync::Arc::new(Ts::default);
        let tokens = Tokens::new(id.parse().unwrap(), id.parse().unwrap(), secret, clock).unwrap();
        let graph = Url::parse("https://graph.microsoft.com").unwrap();
        let form = tokens.form(&graph, &graph, Ts::default(), Uuid::nil()).unwrap();
        assert_eq!(
            form,
            format!(
                "client_id={id}&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default\
                 &client_secret=a%2Bb%2Fc%3D%7Ed&grant_type=client_credentials"
            )
        );
    }
}
