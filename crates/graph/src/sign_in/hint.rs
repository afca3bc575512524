//! What Entra says of a person whose second factor it asks for (`graph.md` 12.5): a token of the tenant,
//! for us alone. It is made over already, so that nobody can sign in with it, and its age is told by when
//! it was issued.

use std::{sync::Arc, time::Duration};

use model::{
    Ts,
    external_mfa::Hint,
    ids::{EntraTenantId, ObjectId},
    microsoft_account::Identity,
    relying_party::CloudHosts,
};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Mutex;
use uuid::Uuid;

use super::{
    Fault,
    authority::{Authority, Issuer, Key},
    id_token::{self, SKEW},
};
use crate::{
    error::{Error, Result, one_line},
    http::Http,
};

/// Entra keeps an attempt for five minutes, and a person may look at its page for a while.
const FRESH: Duration = Duration::from_mins(10);

/// What a reader needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HintSettings {
    /// The cloud's addresses.
    pub hosts: CloudHosts,
    /// The tenant that asks.
    pub tenant: EntraTenantId,
    /// The id by which it is known to us.
    pub audience: String,
    /// How long one call may take.
    pub timeout: Duration,
    /// Plain http is fine (the simulator alone).
    pub allow_http: bool,
}

/// Reads the hints of one tenant. Cloning it shares what is known of the tenant's keys.
#[derive(Clone)]
pub struct HintReader {
    inner: Arc<Inner>,
}

struct Inner {
    http: Http,
    tenant: EntraTenantId,
    audience: String,
    authority: Mutex<Authority>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: Value,
    iat: i64,
    nbf: Option<i64>,
    tid: Option<String>,
    oid: Option<String>,
    #[serde(default)]
    sub: String,
    #[serde(default)]
    preferred_username: String,
}

impl std::fmt::Debug for HintReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HintReader").field("tenant", &self.inner.tenant).finish()
    }
}

impl HintReader {
    /// Prepares a reader; nothing is sent yet.
    pub fn new(settings: HintSettings) -> Result<Self> {
        let http = Http::new(&settings.hosts, settings.timeout, settings.allow_http)?;
        let authority = Authority::of(http.login(), &settings.tenant.to_string())?;
        let (tenant, audience) = (settings.tenant, settings.audience);
        let inner = Inner { http, tenant, audience, authority: Mutex::new(authority) };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Whom a hint names; or why it is not believed.
    pub async fn read(
        &self,
        hint: &str,
        now: Ts,
        call: Uuid,
    ) -> Result<std::result::Result<Hint, Fault>> {
        let inner = &self.inner;
        let kid = match id_token::key_id(hint) {
            Ok(kid) => kid,
            Err(fault) => return Ok(Err(fault)),
        };
        let mut authority = inner.authority.lock().await;
        let issuer = authority.document(&inner.http, now, call).await?.issuer.clone();
        if issuer.tenant() != Some(inner.tenant) {
            return Err(Error::Unexpected("the tenant's issuer is another's".to_owned()));
        }
        let Some(key) = authority.key(&inner.http, &kid, now, call).await? else {
            return Ok(Err(Fault::UnknownKey));
        };
        Ok(inner.check(hint, key, &issuer, now))
    }
}

impl Inner {
    fn check(
        &self,
        hint: &str,
        key: &Key,
        issuer: &Issuer,
        now: Ts,
    ) -> std::result::Result<Hint, Fault> {
        let claims: Claims = id_token::signed(hint, key)?;
        let id = |text: &Option<String>| text.as_deref().and_then(|text| text.parse().ok());
        let tenant: EntraTenantId = id(&claims.tid).map(EntraTenantId).ok_or(Fault::Nobody)?;
        let object = id(&claims.oid).map(ObjectId).ok_or(Fault::Nobody)?;
        if tenant != self.tenant || !issuer.is_of(&claims.iss, tenant) {
            return Err(Fault::Issuer);
        }
        if key.issuer.as_ref().is_some_and(|of| !of.is_of(&claims.iss, tenant)) {
            return Err(Fault::ForeignKey);
        }
        let is_ours = |audience: &str| audience.eq_ignore_ascii_case(&self.audience);
        if !claims.aud.as_str().is_some_and(is_ours) {
            return Err(Fault::Audience);
        }
        if !is_fresh(&claims, now) {
            return Err(Fault::Time);
        }
        if claims.sub.is_empty() {
            return Err(Fault::Nobody);
        }
        Ok(Hint {
            identity: Identity { tenant, object },
            subject: claims.sub,
            name: one_line(&claims.preferred_username),
        })
    }
}

fn is_fresh(claims: &Claims, now: Ts) -> bool {
    let seconds = |time: Duration| i64::try_from(time.as_secs()).unwrap_or_default();
    let begins = claims.nbf.into_iter().chain([claims.iat]);
    let begun = begins.into_iter().all(|at| at <= now.secs() + seconds(SKEW));
    begun && now.secs() < claims.iat.saturating_add(seconds(FRESH))
}
