//! What tells a client that a session ended (Back-Channel Logout 2.4): a token that is no ID token and
//! can't be taken for one, as its type says so and a nonce is never in it.

use serde_json::{Map, Value, json};

use super::jwt;
use crate::{Result, Stamp, keyring::Signer};

/// The event that it tells of.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// Whom and what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// Who says so.
    pub issuer: String,
    /// Which client.
    pub audience: String,
    /// Who was signed in, by the name that the client knows.
    pub subject: String,
    /// The name that the client knows the session by.
    pub session: String,
}

/// Vouches for the end of a session.
pub fn issue(ended: &Ended, stamp: &Stamp, signer: &Signer) -> Result<String> {
    let mut meant = Map::new();
    let mut put = |name: &str, value: Value| meant.insert(name.to_owned(), value);
    put("iss", ended.issuer.clone().into());
    put("aud", ended.audience.clone().into());
    put("sub", ended.subject.clone().into());
    put("sid", ended.session.clone().into());
    put("iat", stamp.now.secs().into());
    put("exp", stamp.not_on_or_after().secs().into());
    put("jti", stamp.id().into());
    put("events", json!({ EVENT: {} }));
    jwt::vouch_as("logout+jwt", &meant, signer).map(|(text, _)| text)
}
