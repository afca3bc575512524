//! Reads what a client sends to the token endpoint (RFC 6749 4.1.3, 2.3.1), and writes what it gets.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use model::oidc::Scope;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use super::{Fault, id_token};
use crate::{assertion::Attribute, query, wsfed::request::Refusal};

/// A client, as it says who it is.
#[derive(Debug)]
pub struct Client {
    /// Its id.
    pub id: String,
    /// Its secret, if it has one.
    pub secret: Option<SecretString>,
}

/// A code that comes back.
#[derive(Debug)]
pub struct Request {
    /// Who brings it.
    pub client: Client,
    /// The code.
    pub code: SecretString,
    /// The address that the code went to.
    pub redirect_uri: String,
    /// What only whoever asked for the code knows.
    pub verifier: Option<String>,
}

/// Reads a body and the header `Authorization`. A client proves itself in one way, not in two.
pub fn parse(body: &str, authorization: Option<&str>) -> Result<Request, Fault> {
    let form = query::Query::split(body).map_err(odd)?.filled();
    let value = |name, longest| form.value(name, longest).map_err(odd);
    let missing = |what| move || Fault::invalid(what);
    let client = client(&form, authorization)?;
    match value("grant_type", 64)?.as_deref() {
        Some("authorization_code") => {}
        None => return Err(Fault::invalid("grant_type is missing")),
        Some(_) => {
            let only = "the only grant_type is authorization_code";
            return Err(Fault::new("unsupported_grant_type", only));
        }
    }
    Ok(Request {
        client,
        code: value("code", 256)?.ok_or_else(missing("code is missing"))?.into(),
        redirect_uri: value("redirect_uri", 2_048)?
            .ok_or_else(missing("redirect_uri is missing"))?,
        verifier: value("code_verifier", 256)?,
    })
}

/// What every form refuses.
pub(super) fn odd(_: Refusal) -> Fault {
    Fault::invalid("a parameter is there twice, too long, or can't be read")
}

/// What the endpoint for browsers would refuse on a page.
pub(super) const fn odd_request() -> Fault {
    Fault::invalid("the request can't be read")
}

/// Who sends a form, as form and header say.
pub(super) fn client(
    form: &query::Query<'_>,
    authorization: Option<&str>,
) -> Result<Client, Fault> {
    let value = |name, longest| form.value(name, longest).map_err(odd);
    let basic = authorization.map(basic).transpose()?;
    let (named, posted) = (value("client_id", 256)?, value("client_secret", 1_024)?);
    let (id, secret) = match (basic, posted) {
        (Some(_), Some(_)) => return Err(Fault::invalid("the client proves itself twice")),
        (Some((id, _)), None) if named.as_ref().is_some_and(|named| *named != id) => {
            return Err(Fault::invalid("client_id is another one than in the header"));
        }
        (Some((id, secret)), None) => (id, Some(secret)),
        (None, posted) => (named.ok_or(Fault::INVALID_CLIENT)?, posted.map(SecretString::from)),
    };
    Ok(Client { id, secret })
}

/// Id and secret, each encoded like a form (RFC 6749 2.3.1).
fn basic(header: &str) -> Result<(String, SecretString), Fault> {
    let read = || {
        let (scheme, packed) = header.split_once(' ')?;
        let pair = STANDARD.decode(packed.trim()).ok()?;
        let (id, secret) = std::str::from_utf8(&pair).ok()?.split_once(':')?;
        let read = (query::decode(id)?, SecretString::from(query::decode(secret)?));
        let fits = id.len() <= 256 && read.1.expose_secret().len() <= 1_024;
        (scheme.eq_ignore_ascii_case("basic") && fits).then_some(read)
    };
    read().ok_or(Fault::INVALID_CLIENT)
}

/// What a client gets for a code.
#[must_use]
pub fn granted(access_token: &str, seconds: u64, id_token: &str, scopes: &[Scope]) -> String {
    let scopes: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
    json!({
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": seconds,
        "id_token": id_token,
        "scope": scopes.join(" "),
    })
    .to_string()
}

/// An error in the words of the protocol.
#[must_use]
pub fn refused(fault: Fault) -> String {
    json!({ "error": fault.error, "error_description": fault.description }).to_string()
}

/// What an access token opens (Core 5.3.2).
#[must_use]
pub fn user_info(subject: &str, about: &[Attribute]) -> String {
    let mut all = serde_json::Map::new();
    for attribute in about {
        all.insert(attribute.name.clone(), id_token::value(&attribute.values));
    }
    all.insert("sub".to_owned(), subject.into());
    serde_json::Value::Object(all).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &str = "grant_type=authorization_code&code=c&redirect_uri=https://x.test/";

    fn header(pair: &str) -> String {
        format!("Basic {}", STANDARD.encode(pair))
    }

    #[test]
    fn a_client_proves_itself_in_one_way() {
        let read = |body: &str, header: Option<&str>| {
            let read = parse(body, header)?;
            let secret = read.client.secret.map(|secret| secret.expose_secret().to_owned());
            Ok::<_, Fault>((read.client.id, secret))
        };
        let posted = format!("{FORM}&client_id=a&client_secret=s%2B");
        assert_eq!(read(&posted, None), Ok(("a".to_owned(), Some("s+".to_owned()))));
        let both = ("a b".to_owned(), Some("s:t".to_owned()));
        assert_eq!(read(FORM, Some(&header("a+b:s%3At"))), Ok(both));
        assert_eq!(read(&format!("{FORM}&client_id=a"), None), Ok(("a".to_owned(), None)));
        let empty = format!("{FORM}&client_id=a&client_secret=&code_verifier=");
        assert_eq!(read(&empty, None), Ok(("a".to_owned(), None)), "not there (RFC 6749 3.2)");
        for (body, basic, error) in [
            (format!("{FORM}&client_id="), None, "invalid_client"),
            (FORM.to_owned(), None, "invalid_client"),
            (FORM.to_owned(), Some("Bearer x".to_owned()), "invalid_client"),
            (FORM.to_owned(), Some(header("no colon")), "invalid_client"),
            (posted, Some(header("a:s")), "invalid_request"),
            (format!("{FORM}&client_id=b"), Some(header("a:s")), "invalid_request"),
        ] {
            assert_eq!(read(&body, basic.as_deref()).unwrap_err().error, error, "{body}");
        }
    }

    #[test]
    fn every_part_is_there_once_and_readable() {
        let long = format!("{FORM}&client_id=a&code_verifier={}", "v".repeat(257));
        for (body, error) in [
            ("client_id=a", "invalid_request"),
            ("client_id=a&grant_type=password", "unsupported_grant_type"),
            ("client_id=a&grant_type=refresh_token", "unsupported_grant_type"),
            ("client_id=a&grant_type=authorization_code&code=c", "invalid_request"),
            ("client_id=a&grant_type=authorization_code&redirect_uri=x", "invalid_request"),
            ("client_id=a&client_id=a&grant_type=authorization_code", "invalid_request"),
            (&*long, "invalid_request"),
        ] {
            assert_eq!(parse(body, None).unwrap_err().error, error, "{body}");
        }
    }
}
