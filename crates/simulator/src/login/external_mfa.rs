//! Entra with an external MFA provider (graph.md 12): a person of a managed domain has given the first
//! factor, and is sent to the provider for the second one with a token about them. The answer is
//! verified here with code of our own.

mod answer;
mod fetch;
mod hint;
mod provider;

use std::collections::HashMap;
use std::sync::Mutex;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Denial;
use super::openid::Account;
use crate::clock::SECOND;
use crate::world::World;
use crate::{locked, random};

pub(crate) use answer::accept;
use provider::Provider;

/// How long an attempt waits for its answer (graph.md 12.7).
const ATTEMPT_LIFE: i64 = 300 * SECOND;
/// For so long what a provider publishes is kept (graph.md 12.3).
const KEPT: i64 = 24 * 3600 * SECOND;
/// Where answers are posted.
pub(crate) const ANSWER_PATH: &str = "/common/federation/externalauthprovider";
/// What answers may say.
const CONTEXTS: [&str; 1] = ["possessionorinherence"];
const METHODS: [&str; 13] = [
    "face", "fido", "fpt", "hwk", "iris", "otp", "pop", "retina", "sc", "sms", "swk", "tel", "vbm",
];

/// An external method of the tenant, as an administrator set it up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExternalMethod {
    /// Its id.
    pub id: String,
    /// What people see it called; unique and never changed.
    pub display_name: String,
    /// The app registration that was consented to.
    pub app_id: String,
    /// By which the provider knows the tenant.
    pub client_id: String,
    /// What the provider publishes.
    pub discovery_url: String,
    /// Whether people are offered it.
    pub enabled: bool,
}

/// Somebody who was sent to the provider.
#[derive(Debug, Clone)]
struct Attempt {
    user_id: String,
    subject: String,
    nonce: String,
    method: ExternalMethod,
    begun_at: i64,
}

/// What is under way, and what is known of providers.
#[derive(Default)]
pub(crate) struct ExternalMfa {
    attempts: Mutex<HashMap<String, Attempt>>,
    providers: Mutex<HashMap<String, (Provider, i64)>>,
}

/// A form for the provider.
pub(crate) struct Sending {
    pub(crate) to: String,
    pub(crate) fields: Vec<(&'static str, String)>,
}

impl std::fmt::Debug for ExternalMfa {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ExternalMfa")
    }
}

impl ExternalMfa {
    /// Reads the providers anew when they are needed next.
    pub(crate) fn forget_providers(&self) {
        locked(&self.providers).clear();
    }
}

/// Sends somebody who gave the first factor to the provider of a method.
pub(crate) async fn send(world: &World, address: &str, method_id: &str) -> Result<Sending, Denial> {
    let method = world.read(|tenant| {
        let mut methods = tenant.policies.external_methods.iter();
        methods.find(|method| method.id == method_id && method.enabled).cloned()
    });
    let method =
        method.ok_or_else(|| Denial::new(50172, "External claims provider is not approved."))?;
    let account = world.read(|tenant| {
        let user = tenant.user(address).ok_or_else(|| {
            let sentence = format!("The user account {address} does not exist in the directory.");
            Denial::new(50034, sentence)
        })?;
        if !user.account_enabled() {
            return Err(Denial::new(50057, "The user account is disabled."));
        }
        Ok(Account::of(tenant, user))
    })?;
    let provider = provider::known(world, &method).await?;
    provider::check_app(world, &method, &provider)?;
    Ok(begin(world, account, method, &provider))
}

fn begin(world: &World, account: Account, method: ExternalMethod, provider: &Provider) -> Sending {
    let (state, nonce) = (random::blob::<96>(), random::blob::<32>());
    let subject = hint::subject(&method.client_id, &account.object);
    let hint = hint::issue(world, &account, (&method.client_id, &subject));
    let claims = json!({"id_token": {
        "acr": {"essential": true, "values": CONTEXTS},
        "amr": {"essential": true, "values": METHODS},
    }});
    let fields = vec![
        ("scope", "openid".to_owned()),
        ("response_mode", "form_post".to_owned()),
        ("response_type", "id_token".to_owned()),
        ("client_id", method.client_id.clone()),
        ("redirect_uri", format!("{}{ANSWER_PATH}", world.url())),
        ("nonce", nonce.clone()),
        ("state", state.clone()),
        ("id_token_hint", hint),
        ("claims", claims.to_string()),
        ("client-request-id", random::guid()),
    ];
    let attempt =
        Attempt { user_id: account.object, subject, nonce, method, begun_at: world.now() };
    let mut attempts = locked(&world.external_mfa.attempts);
    attempts.retain(|_, attempt| attempt.begun_at + ATTEMPT_LIFE >= world.now());
    attempts.insert(state, attempt);
    Sending { to: provider.authorization_endpoint.clone(), fields }
}
