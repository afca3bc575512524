//! How a registration for signing in proves itself at the token endpoint, and what it gets as an app.

use serde_json::{Value, json};

use super::{account, app};
use crate::login::client_assertion;
use crate::login::token::{ASSERTION_TYPE, Failure, TokenRequest, failure, missing};
use crate::random;
use crate::tenant::{SignInApp, Tenant};
use crate::world::World;

/// Whether a registration for signing in asks, and is who it says; its client id.
pub(super) fn check(
    tenant: &Tenant,
    request: &TokenRequest<'_>,
    now: i64,
) -> Result<String, Failure> {
    let (client_id, secret) = request.client();
    let client_id = client_id.ok_or_else(|| missing("client_id"))?;
    let found = app(tenant, &client_id).map_err(|denial| Failure {
        status: 400,
        error: "unauthorized_client",
        denial,
    })?;
    match (secret, request.field("client_assertion")) {
        (_, Some(assertion)) => {
            if request.field("client_assertion_type") != Some(ASSERTION_TYPE) {
                return Err(missing("client_assertion_type"));
            }
            let asked = client_assertion::Asked {
                client_id: &found.client_id,
                certificates: &found.certificates,
                authority: request.tenant,
            };
            client_assertion::check(&asked, assertion, now).map_err(|denial| Failure {
                status: 401,
                error: "invalid_client",
                denial,
            })?;
        }
        (Some(secret), None) => check_secret(found, &secret, now)?,
        (None, None) => {
            let sentence = "The request body must contain the following parameter: \
                            'client_assertion' or 'client_secret'.";
            return Err(failure(401, "invalid_client", 7_000_218, sentence));
        }
    }
    Ok(client_id)
}

fn check_secret(app: &SignInApp, secret: &str, now: i64) -> Result<(), Failure> {
    let client_id = &app.client_id;
    if app.more_secrets.iter().any(|known| known == secret) {
        return Ok(());
    }
    if secret != app.secret {
        let sentence = format!(
            "Invalid client secret provided. Ensure the secret being sent in the request is the \
             client secret value, not the client secret ID, for a secret added to app '{client_id}'."
        );
        return Err(failure(401, "invalid_client", 7_000_215, sentence));
    }
    if app.secret_expires_at.is_some_and(|at| now >= at) {
        let sentence =
            format!("The provided client secret keys for app '{client_id}' are expired.");
        return Err(failure(401, "invalid_client", 7_000_222, sentence));
    }
    Ok(())
}

/// A token for the registration itself, in a directory that knows it. `None` where the request is of
/// no registration for signing in.
pub(crate) fn app_token(
    world: &World,
    request: &TokenRequest<'_>,
) -> Option<Result<Value, Failure>> {
    let client_id = request.client().0?;
    let now = world.now();
    world.read(|tenant| {
        let found = app(tenant, &client_id).ok()?;
        Some(granted(tenant, found, request, now))
    })
}

fn granted(
    tenant: &Tenant,
    app: &SignInApp,
    request: &TokenRequest<'_>,
    now: i64,
) -> Result<Value, Failure> {
    let named = request.tenant;
    let Some(directory) = account::directory(tenant, named) else {
        let sentence = format!("Tenant '{named}' not found.");
        return Err(failure(400, "invalid_request", 90_002, sentence));
    };
    check(tenant, request, now)?;
    if app.absent_from.contains(&directory) {
        let sentence = format!(
            "The client application {} is missing service principal in the tenant {directory}. See \
             instructions here: https://go.microsoft.com/fwlink/?linkid=2225119",
            app.client_id
        );
        return Err(failure(401, "invalid_client", 7_000_229, sentence));
    }
    Ok(json!({
        "token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599,
        "access_token": random::blob::<32>(),
    }))
}

/// What Microsoft's page says with a number.
pub(super) fn sentence(code: u32) -> &'static str {
    match code {
        50_020 => {
            "User account from identity provider does not exist in tenant and cannot access the \
             application in that tenant."
        }
        65_001 => "The user or administrator has not consented to use the application.",
        90_072 => {
            "User account from external identity provider does not exist in tenant and cannot \
             access the application in that tenant. The account needs to be added as an external \
             user in the tenant first."
        }
        500_200 => "User account is a personal Microsoft account.",
        _ => "The sign-in was refused on demand.",
    }
}
