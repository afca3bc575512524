//! Sign in with Microsoft: the code flow of OpenID Connect with PKCE, as a confidential client
//! (`graph.md` 11). Whom the ID token names is looked at in `sign_in/id_token.rs`; what is known of
//! Microsoft's addresses and keys is kept in `sign_in/authority.rs`.

mod authority;
mod hint;
mod id_token;
mod trial;

use std::{sync::Arc, time::Duration};

use model::{
    Ts,
    ids::{ClientId, EntraTenantId},
    microsoft_account::Vouched,
    registration::Tenants,
    relying_party::CloudHosts,
};
use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::sync::Mutex;
use url::{Url, form_urlencoded};
use uuid::Uuid;

use crate::{
    error::{Error, Result},
    http::{Failure, Http, Outgoing},
    token::{TokenFailure, refused},
};
use authority::{Authority, Document};
pub use hint::{HintReader, HintSettings};
pub use id_token::Fault;

/// What a client needs to know.
#[derive(Debug, Clone)]
pub struct SignInSettings {
    /// The cloud's addresses.
    pub hosts: CloudHosts,
    /// A tenant's id or domain, or one of Microsoft's words for many tenants.
    pub authority: String,
    /// The app registration.
    pub client_id: ClientId,
    /// Its secret.
    pub client_secret: SecretString,
    /// How long one call may take.
    pub timeout: Duration,
    /// Plain http is fine (the simulator alone).
    pub allow_http: bool,
}

/// The client of one app registration. Cloning it shares what is known of Microsoft's keys.
#[derive(Clone)]
pub struct SignIn {
    inner: Arc<Inner>,
}

struct Inner {
    http: Http,
    client_id: ClientId,
    client_secret: SecretString,
    authority: Mutex<Authority>,
}

/// What binds a browser's way to Microsoft to its way back.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// Where Microsoft sends the browser back to.
    pub redirect_uri: &'a str,
    /// Comes back as it is.
    pub state: &'a str,
    /// Comes back inside the ID token.
    pub nonce: &'a str,
    /// SHA-256 of the verifier, in base64url.
    pub challenge: &'a str,
    /// An address to fill in there, if any.
    pub login_hint: Option<&'a str>,
}

/// What a registration is tried with.
#[derive(Debug, Clone, Copy)]
pub struct TrialAsk<'a> {
    /// What a browser would leave with.
    pub ask: Ask<'a>,
    /// Who may sign in through it.
    pub tenants: &'a Tenants,
    /// When it is tried.
    pub now: Ts,
    /// The number of the try in Microsoft's logs.
    pub call: Uuid,
}

/// What came back.
#[derive(Debug, Clone, Copy)]
pub struct Redemption<'a> {
    /// The code.
    pub code: &'a str,
    /// The address that it came to.
    pub redirect_uri: &'a str,
    /// What the challenge was made of.
    pub verifier: &'a str,
    /// What the ID token must hold.
    pub nonce: &'a str,
}

#[derive(Deserialize)]
struct Granted {
    id_token: SecretString,
}

impl std::fmt::Debug for SignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignIn").field("client_id", &self.inner.client_id).finish()
    }
}

impl SignIn {
    /// Prepares a client; nothing is sent yet.
    pub fn new(settings: SignInSettings) -> Result<Self> {
        let http = Http::new(&settings.hosts, settings.timeout, settings.allow_http)?;
        let authority = Authority::of(http.login(), &settings.authority)?;
        let inner = Inner {
            http,
            client_id: settings.client_id,
            client_secret: settings.client_secret,
            authority: Mutex::new(authority),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Where a browser goes to sign in. The person chooses the account each time: on a shared computer
    /// somebody else may be signed in there.
    pub async fn address(&self, ask: &Ask<'_>, now: Ts, call: Uuid) -> Result<Url> {
        let mut authority = self.inner.authority.lock().await;
        let document = authority.document(&self.inner.http, now, call).await?;
        Ok(self.leaving(document, ask))
    }

    fn leaving(&self, document: &Document, ask: &Ask<'_>) -> Url {
        let mut address = document.authorization_endpoint.clone();
        let mut query = address.query_pairs_mut();
        query
            .append_pair("client_id", &self.inner.client_id.to_string())
            .append_pair("response_type", "code")
            .append_pair("response_mode", "query")
            .append_pair("redirect_uri", ask.redirect_uri)
            .append_pair("scope", "openid profile email")
            .append_pair("state", ask.state)
            .append_pair("nonce", ask.nonce)
            .append_pair("code_challenge", ask.challenge)
            .append_pair("code_challenge_method", "S256")
            .append_pair("prompt", "select_account");
        if let Some(hint) = ask.login_hint {
            query.append_pair("login_hint", hint);
        }
        drop(query);
        address
    }

    /// Changes a code into what Microsoft says of the person; or why it is not believed.
    pub async fn redeem(
        &self,
        redemption: &Redemption<'_>,
        now: Ts,
        call: Uuid,
    ) -> Result<std::result::Result<Vouched, Fault>> {
        let inner = &self.inner;
        let mut authority = inner.authority.lock().await;
        let endpoint = authority.document(&inner.http, now, call).await?.token_endpoint.clone();
        drop(authority);
        let token = self.fetch(endpoint, redemption, call).await?;
        let mut authority = inner.authority.lock().await;
        let kid = match id_token::key_id(token.expose_secret()) {
            Ok(kid) => kid,
            Err(fault) => return Ok(Err(fault)),
        };
        let issuer = authority.document(&inner.http, now, call).await?.issuer.clone();
        let key = authority.key(&inner.http, &kid, now, call).await?;
        let Some(key) = key else { return Ok(Err(Fault::UnknownKey)) };
        let expected = id_token::Expected {
            issuer: &issuer,
            client_id: inner.client_id,
            nonce: redemption.nonce,
        };
        Ok(id_token::check(token.expose_secret(), key, &expected, now))
    }

    /// The directory that the authority stands for; `None` where it stands for many.
    pub async fn tenant(&self, now: Ts, call: Uuid) -> Result<Option<EntraTenantId>> {
        let mut authority = self.inner.authority.lock().await;
        let document = authority.document(&self.inner.http, now, call).await?;
        Ok(document.issuer.tenant())
    }

    async fn fetch(
        &self,
        endpoint: Url,
        redemption: &Redemption<'_>,
        call: Uuid,
    ) -> Result<SecretString> {
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("client_id", &self.inner.client_id.to_string())
            .append_pair("client_secret", self.inner.client_secret.expose_secret())
            .append_pair("grant_type", "authorization_code")
            .append_pair("scope", "openid profile email")
            .append_pair("code", redemption.code)
            .append_pair("redirect_uri", redemption.redirect_uri)
            .append_pair("code_verifier", redemption.verifier)
            .finish();
        let outgoing = Outgoing {
            method: Method::POST,
            url: endpoint,
            bearer: None,
            content_type: "application/x-www-form-urlencoded",
            body: form.into_bytes(),
            client_request_id: call,
        };
        let answer = self.inner.http.send(outgoing).await.map_err(no_answer)?;
        if answer.status != 200 {
            let status = answer.status;
            return Err(match refused(answer) {
                TokenFailure::Final(error) => error,
                TokenFailure::Later(_) | TokenFailure::Broken(_) => {
                    Error::Unavailable { status, wait: Duration::ZERO }
                }
            });
        }
        let granted: Granted = serde_json::from_slice(&answer.body)
            .map_err(|_| Error::Unexpected("the sign-in host sent no ID token".to_owned()))?;
        Ok(granted.id_token)
    }
}

/// Nobody waits for another try here: a person does.
fn no_answer(failure: Failure) -> Error {
    match failure {
        Failure::Broken(source) => Error::NoAnswer { source, wait: Duration::ZERO },
        Failure::Wrong(error) => error,
    }
}
