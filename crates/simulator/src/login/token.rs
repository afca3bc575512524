//! `POST /{tenant}/oauth2/v2.0/token`: client credentials with a secret or a signed assertion, what
//! rich clients send for a person, and Microsoft's error bodies (graph.md 1).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{Denial, bearer, client_assertion, openid};
use crate::clock;
use crate::graph;
use crate::random;
use crate::tenant::Tenant;
use crate::world::World;

pub(super) const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A refusal of the token endpoint.
pub(super) struct Failure {
    pub(super) status: u16,
    pub(super) error: &'static str,
    pub(super) denial: Denial,
}

pub(super) fn failure(
    status: u16,
    error: &'static str,
    code: u32,
    sentence: impl Into<String>,
) -> Failure {
    Failure { status, error, denial: Denial::new(code, sentence) }
}

/// What the client sent.
pub(crate) struct TokenRequest<'a> {
    pub(crate) tenant: &'a str,
    pub(crate) authorization: Option<&'a str>,
    pub(crate) form: Vec<(String, String)>,
}

impl TokenRequest<'_> {
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        let found = self.form.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// Client id and secret, from the form or from HTTP Basic.
    pub(super) fn client(&self) -> (Option<String>, Option<String>) {
        let basic = self
            .authorization
            .and_then(|header| header.strip_prefix("Basic "))
            .and_then(|encoded| STANDARD.decode(encoded).ok())
            .and_then(|bytes| String::from_utf8(bytes).ok());
        if let Some((id, secret)) = basic.as_deref().and_then(|pair| pair.split_once(':')) {
            let decode = |text: &str| {
                let pairs = format!("v={text}");
                let mut read = url::form_urlencoded::parse(pairs.as_bytes());
                read.next().map(|(_, value)| value.into_owned())
            };
            return (decode(id), decode(secret));
        }
        let own = |name| self.field(name).map(str::to_owned);
        (own("client_id"), own("client_secret"))
    }
}

/// Answers with a status and a JSON body.
pub(crate) fn token(world: &World, request: &TokenRequest<'_>) -> (u16, Value) {
    let outcome = match request.field("grant_type") {
        Some(bearer::GRANT) => {
            check_authority(world, request.tenant).and_then(|()| bearer::answer(world, request))
        }
        Some("authorization_code") => openid::redeem(world, request),
        Some("password") => check_authority(world, request.tenant)
            .and_then(|()| bearer::answer_password(world, request)),
        _ => openid::app_token(world, request).unwrap_or_else(|| app_token(world, request)),
    };
    match outcome {
        Ok(body) => (200, body),
        Err(failure) => (failure.status, body(&failure, world.now())),
    }
}

fn app_token(world: &World, request: &TokenRequest<'_>) -> Result<Value, Failure> {
    let (now, life) = (world.now(), world.faults.token_life());
    let token =
        world.read(|tenant| grant(tenant, request, now).map(|()| graph::issue(tenant, now, life)));
    Ok(json!({
        "token_type": "Bearer", "expires_in": life, "ext_expires_in": life,
        "access_token": token?,
    }))
}

/// For a person the authority may be any organisation: their name says which.
fn check_authority(world: &World, named: &str) -> Result<(), Failure> {
    match named {
        "organizations" | "common" => Ok(()),
        named => world.read(|tenant| check_tenant(tenant, named)),
    }
}

/// The refusal of a request that lacks a parameter.
pub(super) fn missing(name: &str) -> Failure {
    let sentence = format!("The request body must contain the following parameter: '{name}'.");
    failure(400, "invalid_request", 900_144, sentence)
}

fn body(failure: &Failure, now: i64) -> Value {
    let (trace, correlation, at) = (random::guid(), random::guid(), clock::spaced(now));
    let Denial { code, sentence } = &failure.denial;
    json!({
        "error": failure.error,
        "error_description": format!(
            "AADSTS{code}: {sentence} Trace ID: {trace} Correlation ID: {correlation} \
             Timestamp: {at}"
        ),
        "error_codes": [code],
        "timestamp": at,
        "trace_id": trace,
        "correlation_id": correlation,
        "error_uri": format!("https://login.microsoftonline.com/error?code={code}"),
    })
}

fn grant(tenant: &Tenant, request: &TokenRequest<'_>, now: i64) -> Result<(), Failure> {
    check_tenant(tenant, request.tenant)?;
    match request.field("grant_type") {
        Some("client_credentials") => {}
        Some(_) => {
            let sentence = "The app requested an unsupported grant type.";
            return Err(failure(400, "unsupported_grant_type", 70003, sentence));
        }
        None => return Err(missing("grant_type")),
    }
    let (client_id, secret) = request.client();
    let client_id = client_id.ok_or_else(|| missing("client_id"))?;
    let scope = request.field("scope").ok_or_else(|| missing("scope"))?;
    let app = &tenant.app;
    if !app.client_id.eq_ignore_ascii_case(&client_id) {
        return Err(failure(
            400,
            "unauthorized_client",
            700_016,
            format!(
                "Application with identifier '{client_id}' was not found in the directory '{}'. This \
             can happen if the application has not been installed by the administrator of the \
             tenant or consented to by any user in the tenant. You may have sent your \
             authentication request to the wrong tenant.",
                tenant.display_name
            ),
        ));
    }
    check_scope(scope)?;
    match (secret, request.field("client_assertion")) {
        (_, Some(assertion)) => {
            if request.field("client_assertion_type") != Some(ASSERTION_TYPE) {
                return Err(missing("client_assertion_type"));
            }
            let asked = client_assertion::Asked {
                client_id: &tenant.app.client_id,
                certificates: &tenant.app.certificates,
                authority: &tenant.id,
            };
            client_assertion::check(&asked, assertion, now).map_err(|denial| Failure {
                status: 401,
                error: "invalid_client",
                denial,
            })
        }
        (Some(secret), None) => check_secret(tenant, &secret, now),
        (None, None) => Err(failure(
            401,
            "invalid_client",
            7_000_218,
            "The request body must contain the following parameter: 'client_assertion' or \
             'client_secret'.",
        )),
    }
}

fn check_tenant(tenant: &Tenant, named: &str) -> Result<(), Failure> {
    if named.eq_ignore_ascii_case(&tenant.id)
        || tenant.domain(named).is_some_and(|domain| domain.is_verified)
    {
        return Ok(());
    }
    Err(match named {
        "common" | "organizations" | "consumers" => failure(
            400,
            "invalid_request",
            50059,
            "No tenant-identifying information found in either the request or implied by any \
             provided credentials.",
        ),
        _ if uuid::Uuid::parse_str(named).is_err() && !named.contains('.') => failure(
            400,
            "invalid_request",
            900_023,
            format!(
                "Specified tenant identifier '{named}' is neither a valid DNS name, nor a valid \
                 external domain."
            ),
        ),
        _ => failure(
            400,
            "invalid_request",
            90002,
            format!(
                "Tenant '{named}' not found. Check to make sure you have the correct tenant ID and \
             are signing into the correct cloud. Check with your subscription administrator, \
             this may happen if there are no active subscriptions for the tenant."
            ),
        ),
    })
}

fn check_scope(scope: &str) -> Result<(), Failure> {
    let mut scopes = scope.split_whitespace();
    let (Some(only), None) = (scopes.next(), scopes.next()) else {
        return Err(failure(
            400,
            "invalid_scope",
            28003,
            "Provided value for the input parameter scope cannot be empty or name several \
             resources.",
        ));
    };
    let Some(resource) = only.strip_suffix("/.default") else {
        return Err(failure(
            400,
            "invalid_scope",
            1_002_012,
            format!(
                "The provided value for scope {only} is not valid. Client credential flows must have \
             a scope value with /.default suffixed to the resource identifier (application ID \
             URI)."
            ),
        ));
    };
    let host = url::Url::parse(resource).ok().and_then(|url| url.host_str().map(str::to_owned));
    let is_graph = host.as_deref().is_some_and(|host| {
        host.starts_with("graph.microsoft.")
            || matches!(
                host,
                "localhost"
                    | "127.0.0.1"
                    | "dod-graph.microsoft.us"
                    | "microsoftgraph.chinacloudapi.cn"
            )
    });
    if is_graph || resource == "00000003-0000-0000-c000-000000000000" {
        return Ok(());
    }
    Err(failure(
        400,
        "invalid_resource",
        500_011,
        format!(
            "The resource principal named {resource} was not found in the tenant. This can happen if \
         the application has not been installed by the administrator of the tenant or consented \
         to by any user in the tenant."
        ),
    ))
}

fn check_secret(tenant: &Tenant, secret: &str, now: i64) -> Result<(), Failure> {
    let app = &tenant.app;
    if secret != app.secret {
        return Err(failure(
            401,
            "invalid_client",
            7_000_215,
            format!(
                "Invalid client secret provided. Ensure the secret being sent in the request is the \
             client secret value, not the client secret ID, for a secret added to app '{}'.",
                app.client_id
            ),
        ));
    }
    if now >= app.secret_expires_at {
        return Err(failure(
            401,
            "invalid_client",
            7_000_222,
            format!(
                "The provided client secret keys for app '{}' are expired. Visit the Azure portal to \
             create new keys for your app: https://aka.ms/NewClientSecret, or consider using \
             certificate credentials for added security: https://aka.ms/certCreds.",
                app.client_id
            ),
        ));
    }
    Ok(())
}
