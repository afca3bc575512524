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
    tenant::AppCredential,
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
    token::{Proof, TokenFailure, refused},
};
use authority::{Authority, Document};
pub use hint::{HintReader, HintSettings};
pub use id_token::Fault;

/// What is asked for: who it is, and nothing else.
pub const SCOPES: &str = "openid profile email";

/// What a client needs to know.
#[derive(Debug, Clone)]
pub struct SignInSettings {
    /// The cloud's addresses.
    pub hosts: CloudHosts,
    /// A tenant's id or domain, or one of Microsoft's words for many tenants.
    pub authority: String,
    /// The app registration.
    pub client_id: ClientId,
    /// What it may prove itself with. The next one is tried where Microsoft refuses the one before.
    pub credentials: Vec<AppCredential>,
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
    proofs: Vec<Proof>,
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
        let client_id = settings.client_id;
        let proofs = settings.credentials.into_iter();
        let inner = Inner {
            http,
            client_id,
            proofs: proofs.map(|it| Proof::of(client_id, it)).collect::<Result<_>>()?,
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
            .append_pair("scope", SCOPES)
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
        let token = self.fetch(&endpoint, redemption, (now, call)).await?;
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

    /// The ID token for a code. A code is not used up by a proof that Microsoft refuses, so the next
    /// one is tried with it; when none is taken, what was said of the first is told.
    async fn fetch(
        &self,
        endpoint: &Url,
        redemption: &Redemption<'_>,
        (now, call): (Ts, Uuid),
    ) -> Result<SecretString> {
        let form = [
            ("grant_type", "authorization_code"),
            ("scope", SCOPES),
            ("code", redemption.code),
            ("redirect_uri", redemption.redirect_uri),
            ("code_verifier", redemption.verifier),
        ];
        let mut first = None;
        for (proof, number) in self.inner.proofs.iter().zip(0_u128..) {
            let id = Uuid::from_u128(call.as_u128() ^ number);
            let answer = self.prove((endpoint, proof), &form, (now, call, id)).await;
            let error = match answer {
                Ok(body) => return granted(&body),
                Err(error) => error,
            };
            if !refuses_credential(&error) {
                return Err(error);
            }
            first.get_or_insert(error);
        }
        Err(first.unwrap_or_else(|| Error::Settings("there is no client secret".to_owned())))
    }

    /// Sends a form to a token endpoint with a proof of who we are.
    async fn prove(
        &self,
        (endpoint, proof): (&Url, &Proof),
        form: &[(&str, &str)],
        (now, call, id): (Ts, Uuid, Uuid),
    ) -> Result<Vec<u8>> {
        let fields = proof.fields(endpoint, now, id)?;
        let fields = fields.iter().map(|(name, value)| (*name, value.expose_secret()));
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("client_id", &self.inner.client_id.to_string())
            .extend_pairs(form)
            .extend_pairs(fields)
            .finish();
        let outgoing = Outgoing {
            method: Method::POST,
            url: endpoint.clone(),
            bearer: None,
            content_type: "application/x-www-form-urlencoded",
            body: body.into_bytes(),
            client_request_id: call,
        };
        let answer = self.inner.http.send(outgoing).await.map_err(no_answer)?;
        if answer.status == 200 {
            return Ok(answer.body);
        }
        let (status, wait) = (answer.status, Duration::ZERO);
        Err(match refused(answer) {
            TokenFailure::Final(error) => error,
            TokenFailure::Later(_) | TokenFailure::Broken(_) => Error::Unavailable { status, wait },
        })
    }
}

fn granted(body: &[u8]) -> Result<SecretString> {
    let granted: Granted = serde_json::from_slice(body)
        .map_err(|_| Error::Unexpected("the sign-in host sent no ID token".to_owned()))?;
    Ok(granted.id_token)
}

/// Whether Microsoft refused the secret or certificate itself, and would take another one.
fn refuses_credential(error: &Error) -> bool {
    let Error::SignIn { code, .. } = error else { return false };
    matches!(
        code,
        50_012
            | 50_013
            | 50_027
            | 700_024
            | 700_027
            | 700_030
            | 7_000_215
            | 7_000_216
            | 7_000_218
            | 7_000_222
    )
}

/// Nobody waits for another try here: a person does.
fn no_answer(failure: Failure) -> Error {
    match failure {
        Failure::Broken(source) => Error::NoAnswer { source, wait: Duration::ZERO },
        Failure::Wrong(error) => error,
    }
}
