//! A sign-out that a client asks for (RP-Initiated Logout 2).

use serde_json::Value;

use super::{Refusal, jwt, keys};
use crate::query::Query;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// An ID token of ours, expired or not: whose session shall end.
    pub hint: Option<String>,
    /// Who asks.
    pub client_id: Option<String>,
    /// Where the person wants to go afterwards; followed only if registered.
    pub back: Option<String>,
    /// Opaque to us; goes along.
    pub state: Option<String>,
}

/// Reads a raw query or form body.
pub fn parse(raw: &str) -> Result<Request, Refusal> {
    let query = Query::split(raw)?.filled();
    Ok(Request {
        hint: query.value("id_token_hint", 16 * 1024)?,
        client_id: query.value("client_id", 256)?,
        back: query.value("post_logout_redirect_uri", 2_048)?,
        state: query.value("state", 8 * 1024)?,
    })
}

/// What an ID token of ours tells about the session that it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// Who asks: the client that it was for.
    pub client_id: String,
    /// Who signed in.
    pub subject: String,
    /// The session.
    pub session: String,
}

/// Reads a hint, if one of these keys signed it for this issuer. It may have expired: people stay
/// signed in longer than an ID token is good.
#[must_use]
pub fn read_hint(hint: &str, issuer: &str, certificates: &[Vec<u8>]) -> Option<Hint> {
    let named = jsonwebtoken::decode_header(hint).ok()?.kid?;
    let certificate = certificates.iter().find(|der| keys::key_id(der) == named)?;
    let said = jwt::read(hint, certificate)?;
    let text = |name: &str| said.get(name).and_then(Value::as_str).map(str::to_owned);
    (text("iss")? == issuer)
        .then(|| {
            Some(Hint { client_id: text("aud")?, subject: text("sub")?, session: text("sid")? })
        })
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_without_a_value_is_not_there() {
        let empty = "client_id=&id_token_hint=&post_logout_redirect_uri=&state=";
        let nothing = Request { hint: None, client_id: None, back: None, state: None };
        assert_eq!(parse(empty).expect("readable"), nothing);
    }
}
