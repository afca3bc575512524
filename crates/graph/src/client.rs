//! The connection to one tenant: every call passes through here, and every error is judged here.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use model::{
    Ts,
    ids::{ClientId, EntraTenantId, ObjectId},
    relying_party::CloudHosts,
    tenant::AppCredential,
};
use reqwest::Method;
use secrecy::SecretString;
use serde::{Serialize, de::DeserializeOwned};
use url::{Url, form_urlencoded::byte_serialize};
use uuid::{Builder, Uuid};

use crate::{
    error::{Error, ErrorBody, NO_PREMIUM, Result},
    gate::Gate,
    http::{Answer, Failure, Http, Outgoing},
    quota::Quota,
    timer::Timer,
    token::{TokenFailure, Tokens},
};

/// Sixteen random bytes, handed in: ids of calls and the jitter of waits come from them.
pub type Random = Arc<dyn Fn() -> [u8; 16] + Send + Sync>;
/// What time it is, handed in: it goes into what a certificate signs.
pub type Clock = Arc<dyn Fn() -> Ts + Send + Sync>;

/// How often a read is tried.
const MOST_READS: u32 = 5;
/// So many people refused one after the other mean that the permission is missing.
const ENOUGH_REFUSALS: usize = 3;

/// What a connection needs to know.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The cloud's addresses.
    pub hosts: CloudHosts,
    /// The tenant.
    pub entra_tenant_id: EntraTenantId,
    /// The app registration.
    pub client_id: ClientId,
    /// What proves that we are it.
    pub credential: AppCredential,
    /// Which share of the write quota we use, in percent.
    pub quota_percent: u8,
    /// How long one call may take.
    pub timeout: Duration,
    /// Plain http is fine (the simulator alone).
    pub allow_http: bool,
}

/// A connection to one tenant. Cloning it shares token and quota.
#[derive(Clone)]
pub struct Graph {
    pub(crate) inner: Arc<Inner>,
    pub(crate) gate: Option<Gate>,
}

pub(crate) struct Inner {
    http: Http,
    tokens: Tokens,
    quota: Quota,
    random: Random,
    pub(crate) timer: Arc<dyn Timer>,
    pinned: EntraTenantId,
    pub(crate) written: Mutex<HashMap<ObjectId, Duration>>,
    last_date: Mutex<Option<Ts>>,
    refusals: Mutex<HashMap<&'static str, Refusals>>,
}

/// How a permission fared so far: a 403 on everybody differs from one on a person (ruling 15).
#[derive(Default)]
struct Refusals {
    worked: bool,
    people: HashSet<ObjectId>,
}

/// What the connection test found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// The tenant that the credentials lead to; it is the pinned one.
    pub tenant: EntraTenantId,
    /// Its name.
    pub name: String,
    /// Permissions that the app lacks.
    pub missing: Vec<MissingPermission>,
    /// Permissions that it has and nothing here needs, as far as its token tells.
    pub superfluous: Option<Vec<String>>,
}

/// A permission that the app lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingPermission {
    /// Microsoft's name of it.
    pub permission: &'static str,
    /// What it is for.
    pub purpose: &'static str,
}

/// One call, before it is sent.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) url: Url,
    /// The least permission that the call needs.
    pub(crate) permission: &'static str,
    /// The person's object, if the call is about one.
    pub(crate) object: Option<ObjectId>,
    pub(crate) body: Vec<u8>,
}

impl Call {
    pub(crate) fn get(url: Url, permission: &'static str) -> Self {
        Self { method: Method::GET, url, permission, object: None, body: Vec::new() }
    }

    pub(crate) fn about(mut self, object: ObjectId) -> Self {
        self.object = Some(object);
        self
    }

    pub(crate) fn write(
        method: Method,
        url: Url,
        permission: &'static str,
        body: &impl Serialize,
    ) -> Self {
        let body = serde_json::to_vec(body).expect("bodies hold only strings, flags and lists");
        Self { method, url, permission, object: None, body }
    }

    /// A write that has no body.
    pub(crate) fn action(url: Url, permission: &'static str) -> Self {
        Self { method: Method::POST, ..Self::get(url, permission) }
    }

    fn is_write(&self) -> bool {
        self.method != Method::GET
    }
}

impl Graph {
    /// Prepares a connection; nothing is sent yet.
    pub fn new(
        settings: Settings,
        random: Random,
        clock: Clock,
        timer: Arc<dyn Timer>,
    ) -> Result<Self> {
        let inner = Inner {
            http: Http::new(&settings.hosts, settings.timeout, settings.allow_http)?,
            tokens: Tokens::new(
                settings.entra_tenant_id,
                settings.client_id,
                settings.credential,
                clock,
            )?,
            quota: Quota::new(settings.quota_percent, timer.passed()),
            random,
            timer,
            pinned: settings.entra_tenant_id,
            written: Mutex::default(),
            last_date: Mutex::default(),
            refusals: Mutex::default(),
        };
        Ok(Self { inner: Arc::new(inner), gate: None })
    }

    pub(crate) fn pinned(&self) -> EntraTenantId {
        self.inner.pinned
    }

    pub(crate) fn is_graph(&self, url: &Url) -> bool {
        self.inner.http.is_ours(url)
            && ["/v1.0/", "/beta/"].iter().any(|version| url.path().starts_with(version))
    }

    /// An address under `/v1.0`; every segment is escaped.
    pub(crate) fn url(&self, segments: &[&str], query: &[(&str, &str)]) -> Url {
        self.versioned("v1.0", segments, query)
    }

    /// An address under `/beta`, for the one thing that v1.0 does not say (decision 11).
    pub(crate) fn beta_url(&self, segments: &[&str], query: &[(&str, &str)]) -> Url {
        self.versioned("beta", segments, query)
    }

    fn versioned(&self, version: &str, segments: &[&str], query: &[(&str, &str)]) -> Url {
        let mut url = self.inner.http.graph().clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.clear().push(version).extend(segments);
        }
        if !query.is_empty() {
            let pair = |(name, value): &(&str, &str)| {
                // A space as %20: not every OData parser takes a plus for one.
                let value: String = byte_serialize(value.as_bytes()).collect();
                format!("{name}={}", value.replace('+', "%20"))
            };
            let pairs: Vec<String> = query.iter().map(pair).collect();
            url.set_query(Some(&pairs.join("&")));
        }
        url
    }

    pub(crate) async fn read<T: DeserializeOwned>(&self, call: Call) -> Result<T> {
        let body = self.send(call).await?;
        serde_json::from_slice(&body)
            .map_err(|error| Error::Unexpected(format!("it can't be read: {error}")))
    }

    /// Sends a call; reads are tried again, writes never (each attempt belongs in the journal).
    pub(crate) async fn send(&self, call: Call) -> Result<Vec<u8>> {
        let most = if call.is_write() { 1 } else { MOST_READS };
        let mut attempts = 1;
        loop {
            match self.attempt(&call).await {
                Ok(body) => return Ok(body),
                Err(error) => match error.wait() {
                    Some(wait) if attempts < most => self.sleep(wait).await,
                    _ => return Err(error),
                },
            }
            attempts += 1;
        }
    }

    /// One attempt; a token that was refused is replaced once.
    async fn attempt(&self, call: &Call) -> Result<Vec<u8>> {
        self.inner.quota.admit(call.is_write(), &*self.inner.timer).await;
        let mut token = self.token().await?;
        let mut answer = self.leave(call, &token).await?;
        if answer.status == 401 {
            self.inner.tokens.forget(&token).await;
            token = self.token().await?;
            answer = self.leave(call, &token).await?;
        }
        self.judge(call, answer)
    }

    /// Under an id of its own, which a write's gate hears of first.
    async fn leave(&self, call: &Call, token: &SecretString) -> Result<Answer> {
        let id = self.call_id();
        if call.is_write() {
            self.pass_gate(id).await?;
        }
        self.deliver(call, token, id).await
    }

    /// When the newest answer was sent, by Microsoft's clock.
    #[must_use]
    pub fn last_date(&self) -> Option<Ts> {
        *locked(&self.inner.last_date)
    }

    pub(crate) async fn token(&self) -> Result<SecretString> {
        match self.inner.tokens.get(&self.inner.http, &*self.inner.timer, self.call_id()).await {
            Ok(token) => Ok(token),
            Err(TokenFailure::Broken(source)) => Err(self.no_answer(source)),
            Err(TokenFailure::Later(answer)) => Err(self.busy(&answer)),
            Err(TokenFailure::Final(error)) => Err(error),
        }
    }

    async fn deliver(
        &self,
        call: &Call,
        token: &SecretString,
        client_request_id: Uuid,
    ) -> Result<Answer> {
        let outgoing = Outgoing {
            method: call.method.clone(),
            url: call.url.clone(),
            bearer: Some(token),
            content_type: "application/json",
            body: call.body.clone(),
            client_request_id,
        };
        let sent = self.inner.http.send(outgoing).await;
        // Queries hold names of people and stay out of the log (R137).
        let status = sent.as_ref().map_or(0, |answer| answer.status);
        if let Ok(Answer { date: Some(date), .. }) = &sent {
            *locked(&self.inner.last_date) = Some(*date);
        }
        let (method, path) = (&call.method, call.url.path());
        tracing::debug!(%method, path, status, %client_request_id, "graph call");
        sent.map_err(|failure| match failure {
            Failure::Broken(source) => self.no_answer(source),
            Failure::Wrong(error) => error,
        })
    }

    fn judge(&self, call: &Call, answer: Answer) -> Result<Vec<u8>> {
        match answer.status {
            200..=299 => {
                self.inner.quota.answered(answer.quota_used);
                self.worked(call);
                return Ok(answer.body);
            }
            429 | 500..=599 => return Err(self.busy(&answer)),
            300..=399 => return Err(Error::Unexpected("it is a redirect".to_owned())),
            _ => self.inner.quota.answered(answer.quota_used),
        }
        let said = ErrorBody::read(&answer.body);
        let late = call.object.and_then(|object| self.late(object));
        Err(match answer.status {
            401 => Error::SignIn { code: 0, text: "a new token was refused as well".to_owned() },
            404 => late.unwrap_or(Error::NotFound),
            403 if !["Directory_QuotaExceeded", NO_PREMIUM].contains(&said.code()) => {
                self.denied(call)
            }
            409 if said.code() == "Directory_ConcurrencyViolation" => self.busy(&answer),
            400 if is_lag(&said) => late.unwrap_or_else(|| said.refused(400)),
            status => said.refused(status),
        })
    }

    fn busy(&self, answer: &Answer) -> Error {
        let wait = self.failed(answer.retry_after);
        match answer.status {
            429 => Error::Throttled { wait },
            status => Error::Unavailable { status, wait },
        }
    }

    fn no_answer(&self, source: reqwest::Error) -> Error {
        Error::NoAnswer { source, wait: self.failed(None) }
    }

    fn denied(&self, call: &Call) -> Error {
        let permission = call.permission;
        let Some(object) = call.object else { return Error::MissingPermission { permission } };
        let mut refusals = locked(&self.inner.refusals);
        let so_far = refusals.entry(permission).or_default();
        so_far.people.insert(object);
        if !so_far.worked && so_far.people.len() >= ENOUGH_REFUSALS {
            return Error::MissingPermission { permission };
        }
        Error::Protected { permission }
    }

    fn worked(&self, call: &Call) {
        let Some(object) = call.object.filter(|_| call.is_write()) else { return };
        *locked(&self.inner.refusals).entry(call.permission).or_default() =
            Refusals { worked: true, people: HashSet::new() };
        self.written(object);
    }

    fn failed(&self, asked: Option<Duration>) -> Duration {
        self.inner.quota.failed(asked, self.jitter(), self.inner.timer.passed())
    }

    pub(crate) async fn sleep(&self, time: Duration) {
        self.inner.timer.sleep(time).await;
    }

    fn call_id(&self) -> Uuid {
        Builder::from_random_bytes((self.inner.random)()).into_uuid()
    }

    fn jitter(&self) -> f64 {
        let [a, b, ..] = (self.inner.random)();
        f64::from(u16::from_be_bytes([a, b])) / f64::from(u16::MAX)
    }
}

/// The shapes of replication lag that aren't a 404 (`graph.md` 2.9, 3.3).
fn is_lag(said: &ErrorBody) -> bool {
    said.code() == "Directory_ObjectNotFound"
        || said.says("invalid usage location")
        || said.says("unable to read the company information")
}

pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
