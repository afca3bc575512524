//! Sign-in with OpenID Connect: who asks, who signs in, the code, and what it is changed into
//! (graph.md 11). Codes and sign-ins under way are remembered here, never on disk.

mod account;
mod client;
mod consent;
mod id_token;
mod keys;

use std::collections::HashMap;
use std::sync::Mutex;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::token::{Failure, TokenRequest, failure, missing};
use super::{Denial, Realm, realm};
use crate::clock::SECOND;
use crate::tenant::{SignInApp, Tenant};
use crate::world::World;
use crate::{locked, random};

pub(crate) use account::{Account, PERSONAL};
pub(super) use client::app_token;
pub(crate) use consent::Consent;
pub use id_token::Twist;
pub(crate) use id_token::sign;
pub(crate) use keys::Keys;

/// How long a code waits.
const CODE_LIFE: i64 = 60 * SECOND;

/// What a client asks for: the query of its redirect, after it was checked.
#[derive(Debug, Clone)]
pub(crate) struct Authorization {
    pub(crate) authority: String,
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) state: String,
    nonce: String,
    challenge: String,
    pub(crate) login_hint: String,
    /// Nobody may be asked anything.
    pub(crate) is_silent: bool,
}

/// A code that was not redeemed yet, or was.
struct Code {
    authorization: Authorization,
    account: Account,
    did_mfa: bool,
    issued_at: i64,
    used: bool,
}

/// What is under way, and what goes wrong next.
#[derive(Default)]
pub(crate) struct OpenId {
    codes: Mutex<HashMap<String, Code>>,
    /// Sign-ins that went on to an identity provider, by their context.
    elsewhere: Mutex<HashMap<String, Authorization>>,
    twist: Mutex<Option<Twist>>,
    refusal: Mutex<Option<u32>>,
    pub(crate) keys: Keys,
}

/// Where an address that was typed leads.
pub(crate) enum Asked {
    /// Back to the client with a code.
    Back(String),
    /// To the identity provider that the address' domain is federated with.
    Elsewhere(String),
}

impl std::fmt::Debug for OpenId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OpenId")
    }
}

impl OpenId {
    /// The next ID token is like this.
    pub(crate) fn twist(&self, twist: Twist) {
        *locked(&self.twist) = Some(twist);
    }

    /// The next sign-in is refused with this number.
    pub(crate) fn refuse(&self, code: u32) {
        *locked(&self.refusal) = Some(code);
    }

    fn next_refusal(&self) -> Option<Denial> {
        let code = locked(&self.refusal).take()?;
        Some(Denial::new(code, client::sentence(code)))
    }

    /// What is wrong with the next one, if something is; the one after it is good again.
    pub(crate) fn next_twist(&self) -> Option<Twist> {
        locked(&self.twist).take()
    }
}

impl Authorization {
    /// Reads the query of a redirect; what is wrong with it is told here and not to the client, whose
    /// address is not to be trusted before.
    pub(crate) fn read(world: &World, authority: &str, query: &str) -> Result<Self, Denial> {
        let read: HashMap<String, String> =
            url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let get = |name: &str| read.get(name).cloned().unwrap_or_default();
        let asked = Self {
            authority: authority.to_owned(),
            client_id: get("client_id"),
            redirect_uri: get("redirect_uri"),
            state: get("state"),
            nonce: get("nonce"),
            challenge: get("code_challenge"),
            login_hint: get("login_hint"),
            is_silent: get("prompt") == "none",
        };
        world
            .read(|tenant| check_authority(tenant, authority).and_then(|()| asked.check(tenant)))?;
        if get("response_type") != "code" {
            let sentence =
                "The provided value for the input parameter 'response_type' is not valid.";
            return Err(Denial::new(70_008, sentence));
        }
        if get("code_challenge_method") != "S256" || asked.challenge.len() != 43 {
            let sentence = "The request lacks a code challenge of the method S256.";
            return Err(Denial::new(501_491, sentence));
        }
        Ok(asked)
    }

    fn check(&self, tenant: &Tenant) -> Result<(), Denial> {
        let app = app(tenant, &self.client_id)?;
        if app.redirect_uris.contains(&self.redirect_uri) {
            return Ok(());
        }
        Err(unknown_redirect(&self.redirect_uri, &self.client_id))
    }

    /// The client's address with an answer.
    fn answer(&self, pairs: &[(&str, &str)]) -> String {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .append_pair("state", &self.state)
            .finish();
        super::realm::append(&self.redirect_uri, &query)
    }

    /// Back to the client at once: nobody is signed in in this browser.
    pub(crate) fn nobody(&self) -> String {
        self.answer(&[
            ("error", "login_required"),
            (
                "error_description",
                "AADSTS50058: A silent sign-in request was sent but no user is signed in.",
            ),
        ])
    }

    /// Back to the client of somebody who did not want to.
    pub(crate) fn cancelled(&self) -> String {
        self.answer(&[
            ("error", "access_denied"),
            ("error_description", "AADSTS65004: User declined to consent to access the app."),
        ])
    }
}

/// Somebody typed an address.
pub(crate) fn sign_in(
    world: &World,
    authorization: &Authorization,
    (address, did_mfa): (&str, bool),
) -> Result<Asked, Denial> {
    if let Realm::Federated { federation, .. } = world.read(|tenant| realm(tenant, address)) {
        let context = world.sign_ins.begin(address, false, world.now());
        let demand = super::Demand {
            username: address,
            context: &context,
            wants_mfa: false,
            now: world.now(),
        };
        locked(&world.openid.elsewhere).insert(context.clone(), authorization.clone());
        return Ok(Asked::Elsewhere(federation.sign_in_address(demand)));
    }
    let account = world.read(|tenant| Account::find(tenant, address)).ok_or_else(|| {
        let sentence = format!("The user account {address} does not exist in the directory.");
        Denial::new(50034, sentence)
    })?;
    finish(world, authorization, account, did_mfa).map(Asked::Back)
}

/// Somebody came back from their identity provider: the sign-in that waited for it goes on.
pub(crate) fn go_on(
    world: &World,
    context: &str,
    user_id: &str,
    did_mfa: bool,
) -> Option<Result<String, Denial>> {
    let authorization = locked(&world.openid.elsewhere).remove(context)?;
    let account =
        world.read(|tenant| tenant.user(user_id).map(|user| Account::of(tenant, user)))?;
    Some(finish(world, &authorization, account, did_mfa))
}

fn finish(
    world: &World,
    authorization: &Authorization,
    account: Account,
    did_mfa: bool,
) -> Result<String, Denial> {
    if let Some(denial) = world.openid.next_refusal() {
        if denial.code != 65_001 {
            return Err(denial);
        }
        let description = format!("AADSTS{}: {}", denial.code, denial.sentence);
        return Ok(authorization
            .answer(&[("error", "consent_required"), ("error_description", &description)]));
    }
    world.read(|tenant| admit(tenant, &authorization.authority, &account))?;
    let code = random::blob::<48>();
    let back = authorization.answer(&[("code", &code), ("session_state", &random::guid())]);
    let kept = Code {
        authorization: authorization.clone(),
        account,
        did_mfa,
        issued_at: world.now(),
        used: false,
    };
    locked(&world.openid.codes).insert(code, kept);
    Ok(back)
}

/// Whether an account may come through an authority.
fn admit(tenant: &Tenant, authority: &str, account: &Account) -> Result<(), Denial> {
    let is_personal = account.tenant == PERSONAL;
    let fits = match authority {
        "common" => true,
        "organizations" => !is_personal,
        "consumers" => is_personal,
        named => account::directory(tenant, named).is_some_and(|id| id == account.tenant),
    };
    if fits {
        return Ok(());
    }
    Err(Denial::new(
        50020,
        format!(
            "User account '{}' from identity provider '{}' does not exist in tenant '{}' and cannot \
             access the application in that tenant.",
            account.name, account.tenant, authority
        ),
    ))
}

fn unknown_redirect(uri: &str, client_id: &str) -> Denial {
    Denial::new(
        50011,
        format!(
            "The redirect URI '{uri}' specified in the request does not match the redirect URIs \
             configured for the application '{client_id}'. Make sure the redirect URI sent in the \
             request matches one added to your application in the Azure portal."
        ),
    )
}

fn check_authority(tenant: &Tenant, authority: &str) -> Result<(), Denial> {
    let known = matches!(authority, "common" | "organizations" | "consumers")
        || account::directory(tenant, authority).is_some();
    if known {
        return Ok(());
    }
    Err(Denial::new(90002, format!("Tenant '{authority}' not found.")))
}

fn app<'t>(tenant: &'t Tenant, client_id: &str) -> Result<&'t SignInApp, Denial> {
    let mut apps = tenant.sign_in_apps.iter();
    apps.find(|app| app.client_id.eq_ignore_ascii_case(client_id)).ok_or_else(|| {
        let sentence = format!(
            "Application with identifier '{client_id}' was not found in the directory '{}'.",
            tenant.display_name
        );
        Denial::new(700_016, sentence)
    })
}

/// Changes a code into tokens.
pub(super) fn redeem(world: &World, request: &TokenRequest<'_>) -> Result<Value, Failure> {
    let field = |name: &'static str| request.field(name).ok_or_else(|| missing(name));
    let now = world.now();
    let client_id = world.read(|tenant| client::check(tenant, request, now))?;
    let code = field("code")?;
    let invalid = |code, sentence: &str| failure(400, "invalid_grant", code, sentence);
    let mut codes = locked(&world.openid.codes);
    let kept = codes.get_mut(code).ok_or_else(|| {
        invalid(70000, "The provided value for the 'code' parameter is not valid.")
    })?;
    if kept.used {
        return Err(invalid(54005, "OAuth2 Authorization code was already redeemed."));
    }
    let asked = &kept.authorization;
    if !asked.client_id.eq_ignore_ascii_case(&client_id) {
        return Err(invalid(70000, "The code was issued to another client."));
    }
    kept.used = true;
    if now > kept.issued_at + CODE_LIFE {
        return Err(invalid(70008, "The provided authorization code has expired."));
    }
    if asked.redirect_uri != field("redirect_uri")? {
        return Err(invalid(500_112, "The reply address does not match that of the code."));
    }
    let verifier = field("code_verifier")?;
    if URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes())) != asked.challenge {
        return Err(invalid(501_481, "The Code_Verifier does not match the code_challenge."));
    }
    let twist = world.openid.next_twist();
    let facts = id_token::Facts {
        login: world.url(),
        account: &kept.account,
        client_id: &asked.client_id,
        nonce: &asked.nonce,
        did_mfa: kept.did_mfa,
        now: now / SECOND,
    };
    Ok(json!({
        "token_type": "Bearer", "scope": "openid profile email", "expires_in": 3599,
        "ext_expires_in": 3599, "access_token": random::blob::<32>(),
        "id_token": id_token::issue(&world.openid.keys, &facts, twist),
    }))
}

/// The keys of an authority.
pub(crate) fn key_set(world: &World) -> Value {
    world.openid.keys.published(world.url())
}

/// The directory that a name in an address means: Contoso's, or one of the others.
pub(crate) fn directory(tenant: &Tenant, named: &str) -> Option<String> {
    account::directory(tenant, named)
}
