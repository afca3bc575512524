//! What a provider publishes, judged as Entra judges it (graph.md 12.3), and whether its address is one
//! that the app registration knows.

use serde_json::Value;

use super::{ExternalMethod, KEPT, fetch};
use crate::locked;
use crate::login::Denial;
use crate::world::World;

/// A provider that can be asked.
#[derive(Debug, Clone)]
pub(super) struct Provider {
    pub(super) issuer: String,
    pub(super) authorization_endpoint: String,
    pub(super) keys: Vec<Value>,
}

/// The provider of a method, read once a day.
pub(super) async fn known(world: &World, method: &ExternalMethod) -> Result<Provider, Denial> {
    let now = world.now();
    let kept = locked(&world.external_mfa.providers).get(&method.discovery_url).cloned();
    if let Some((provider, read_at)) = kept
        && read_at + KEPT > now
    {
        return Ok(provider);
    }
    let provider = read(&method.discovery_url).await.map_err(|why| {
        let sentence = format!("Request to External OIDC endpoint failed: {why}.");
        Denial::new(50166, sentence)
    })?;
    let address = method.discovery_url.clone();
    locked(&world.external_mfa.providers).insert(address, (provider.clone(), now));
    Ok(provider)
}

async fn read(discovery_url: &str) -> Result<Provider, String> {
    let document = json(&fetch::get(discovery_url).await?)?;
    let text = |name: &str| {
        document[name].as_str().map(str::to_owned).ok_or_else(|| format!("{name} is missing"))
    };
    let issuer = text("issuer")?;
    if format!("{issuer}/.well-known/openid-configuration") != discovery_url {
        return Err("the issuer does not lead to the discovery document".to_owned());
    }
    for (name, wanted) in [
        ("scopes_supported", "openid"),
        ("response_types_supported", "id_token"),
        ("id_token_signing_alg_values_supported", "RS256"),
    ] {
        let listed = document[name].as_array().is_some_and(|all| all.iter().any(|it| it == wanted));
        if !listed {
            return Err(format!("{name} lacks {wanted}"));
        }
    }
    if !document["subject_types_supported"].is_array() {
        return Err("subject_types_supported is missing".to_owned());
    }
    let keys = json(&fetch::get(&text("jwks_uri")?).await?)?;
    let keys = keys["keys"].as_array().cloned().unwrap_or_default();
    let fits = |key: &Value| {
        key["kty"] == "RSA"
            && key["use"] == "sig"
            && ["kid", "n", "e"].iter().all(|name| key[name].is_string())
            && key["x5c"].as_array().is_some_and(|chain| !chain.is_empty())
    };
    if keys.is_empty() || !keys.iter().all(fits) {
        return Err("a key lacks kty, use, kid, n, e or x5c".to_owned());
    }
    Ok(Provider { issuer, authorization_endpoint: text("authorization_endpoint")?, keys })
}

fn json(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|_| "it is not JSON".to_owned())
}

/// The app registration must be there, and know the address as its own.
pub(super) fn check_app(
    world: &World,
    method: &ExternalMethod,
    provider: &Provider,
) -> Result<(), Denial> {
    world.read(|tenant| {
        let mut apps = tenant.sign_in_apps.iter();
        let app = apps.find(|app| app.client_id.eq_ignore_ascii_case(&method.app_id));
        let app = app.ok_or_else(|| {
            let sentence = format!("Service principal {} not found.", method.app_id);
            Denial::new(900_491, sentence)
        })?;
        if app.redirect_uris.contains(&provider.authorization_endpoint) {
            return Ok(());
        }
        let sentence = "Failed to validate authorization url of external claims provider!";
        Err(Denial::new(50161, sentence))
    })
}
