//! What is known of an authority: its addresses, which are read once a day, and its keys, which are
//! read again for a key that is not known, but not each time that somebody names one.

use std::{collections::HashMap, time::Duration};

use model::{Ts, ids::EntraTenantId};
use reqwest::Method;
use serde::{Deserialize, de::DeserializeOwned};
use url::Url;
use uuid::Uuid;

use super::no_answer;
use crate::{
    error::{Error, Result},
    http::{Http, Outgoing},
};

/// For so long what was read is believed.
const GOOD_FOR: Duration = Duration::from_hours(24);
/// Keys are not read again sooner, whatever a token names.
const PAUSE: Duration = Duration::from_mins(1);
/// What is said while it is not asked.
const SILENT: &str = "the directory did not answer a moment ago";
/// What stands for the tenant in the issuer of an authority of many.
const TEMPLATE: &str = "{tenantid}";

/// An authority, and what was read of it.
pub(super) struct Authority {
    discovery: Url,
    document: Option<(Document, Ts)>,
    keys: HashMap<String, Key>,
    keys_read_at: Option<Ts>,
    /// When Microsoft last did not answer: nobody waits for that again at once.
    failed_at: Option<Ts>,
}

/// Its addresses, each on the cloud's own hosts.
#[derive(Clone)]
pub(super) struct Document {
    pub(super) issuer: Issuer,
    pub(super) authorization_endpoint: Url,
    pub(super) token_endpoint: Url,
    jwks_uri: Url,
}

/// Who issues its tokens: a tenant's own name, or the same with the tenant left open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Issuer(String);

/// A public key, and the issuer that it is for, where that is said.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Key {
    #[serde(default)]
    kid: String,
    #[serde(default)]
    kty: String,
    #[serde(default)]
    pub(super) n: String,
    #[serde(default)]
    pub(super) e: String,
    #[serde(default)]
    pub(super) issuer: Option<Issuer>,
}

#[derive(Deserialize)]
struct Read {
    issuer: String,
    authorization_endpoint: Url,
    token_endpoint: Url,
    jwks_uri: Url,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Key>,
}

impl<'de> Deserialize<'de> for Issuer {
    fn deserialize<D: serde::Deserializer<'de>>(text: D) -> std::result::Result<Self, D::Error> {
        String::deserialize(text).map(Self)
    }
}

impl Issuer {
    /// Whether `iss` is this issuer of a tenant's people, to the byte.
    pub(super) fn is_of(&self, iss: &str, tenant: EntraTenantId) -> bool {
        self.tenant().is_none_or(|of| of == tenant)
            && self.0.replace(TEMPLATE, &tenant.to_string()) == iss
    }

    /// As Microsoft writes it.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it leaves the tenant open.
    pub(super) fn is_template(&self) -> bool {
        self.0.contains(TEMPLATE)
    }

    /// The one tenant that it is of.
    pub(super) fn tenant(&self) -> Option<EntraTenantId> {
        let url = Url::parse(&self.0).ok()?;
        url.path_segments()?.next()?.parse().ok()
    }
}

impl Authority {
    pub(super) fn of(login: &Url, name: &str) -> Result<Self> {
        let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.');
        let discovery = login
            .join(&format!("/{name}/v2.0/.well-known/openid-configuration"))
            .ok()
            .filter(|_| plain);
        let discovery =
            discovery.ok_or_else(|| Error::Settings(format!("{name} is no directory")))?;
        Ok(Self {
            discovery,
            document: None,
            keys: HashMap::new(),
            keys_read_at: None,
            failed_at: None,
        })
    }

    /// Its addresses; an old reading is better than none.
    pub(super) async fn document(&mut self, http: &Http, now: Ts, call: Uuid) -> Result<&Document> {
        let age = self.document.as_ref().map(|(_, read_at)| now.since(*read_at));
        if age.is_none_or(|age| age >= GOOD_FOR) && self.may_ask(now) {
            match read(http, &self.discovery, call).await {
                Ok(found) => self.document = Some((checked(http, found)?, now)),
                Err(error) => self.failed(now, error, self.document.is_some())?,
            }
        }
        let document = self.document.as_ref().map(|(document, _)| document);
        document.ok_or_else(|| Error::Unexpected(SILENT.to_owned()))
    }

    /// The key of this name, if there is one.
    pub(super) async fn key(
        &mut self,
        http: &Http,
        kid: &str,
        now: Ts,
        call: Uuid,
    ) -> Result<Option<&Key>> {
        let age = self.keys_read_at.map(|read_at| now.since(read_at));
        let is_old = age.is_none_or(|age| age >= GOOD_FOR);
        let may_read = age.is_none_or(|age| age >= PAUSE);
        let is_known = self.keys.contains_key(kid);
        if (is_old || (!is_known && may_read)) && self.may_ask(now) {
            let address = self.document(http, now, call).await?.jwks_uri.clone();
            match read::<KeySet>(http, &address, call).await {
                Ok(found) => self.keep(found, now),
                Err(error) => self.failed(now, error, is_known)?,
            }
        }
        Ok(self.keys.get(kid))
    }

    /// How many keys are known.
    pub(super) fn key_count(&self) -> usize {
        self.keys.len()
    }

    fn keep(&mut self, found: KeySet, now: Ts) {
        let usable = found.keys.into_iter().filter(|key| key.kty == "RSA" && !key.kid.is_empty());
        self.keys = usable.map(|key| (key.kid.clone(), key)).collect();
        self.keys_read_at = Some(now);
    }

    fn may_ask(&self, now: Ts) -> bool {
        self.failed_at.is_none_or(|failed_at| now.since(failed_at) >= PAUSE)
    }

    /// Microsoft did not answer: an old reading is better than none.
    fn failed(&mut self, now: Ts, error: Error, has_old: bool) -> Result<()> {
        self.failed_at = Some(now);
        if !has_old {
            return Err(error);
        }
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "microsoft's addresses and keys could not be read again"
        );
        Ok(())
    }
}

/// Every address is one of the cloud's own.
fn checked(http: &Http, found: Read) -> Result<Document> {
    for address in [&found.authorization_endpoint, &found.token_endpoint, &found.jwks_uri] {
        if !http.is_ours(address) {
            let host = address.host_str().unwrap_or_default();
            return Err(Error::Unexpected(format!("the directory names addresses at {host}")));
        }
    }
    Ok(Document {
        issuer: Issuer(found.issuer),
        authorization_endpoint: found.authorization_endpoint,
        token_endpoint: found.token_endpoint,
        jwks_uri: found.jwks_uri,
    })
}

async fn read<T: DeserializeOwned>(http: &Http, address: &Url, call: Uuid) -> Result<T> {
    let outgoing = Outgoing {
        method: Method::GET,
        url: address.clone(),
        bearer: None,
        content_type: "",
        body: Vec::new(),
        client_request_id: call,
    };
    let answer = http.send(outgoing).await.map_err(no_answer)?;
    match answer.status {
        200 => serde_json::from_slice(&answer.body)
            .map_err(|_| Error::Unexpected("the directory's answer can't be read".to_owned())),
        429 | 500.. => Err(Error::Unavailable { status: answer.status, wait: Duration::ZERO }),
        // The discovery document is JSON like a refusal of the token endpoint.
        _ => Err(match crate::token::refused(answer) {
            crate::token::TokenFailure::Final(error) => error,
            _ => Error::Unexpected("the directory did not answer".to_owned()),
        }),
    }
}
