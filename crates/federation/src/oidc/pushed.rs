//! Requests that a client brings before it sends a browser (RFC 9126): nobody on the way can read or
//! change what is asked for, and the client has proved who it is before anybody signs in.

use serde_json::json;

use super::{
    Fault,
    request::{self, Request},
    token_request::{self, Client},
};
use crate::query::{Query, decode};

/// What a request goes by, before the secret that only the client knows (RFC 9126 2.2).
const NAME: &str = "urn:ietf:params:oauth:request_uri:";
/// The longest request that is kept.
const LONGEST: usize = 16 * 1024;
/// What proves the client stays here.
const PROOFS: [&str; 3] = ["client_secret", "client_assertion", "client_assertion_type"];

/// A request that is brought.
#[derive(Debug)]
pub struct Brought {
    /// Who brings it.
    pub client: Client,
    /// What it asks for.
    pub request: Request,
    /// The same as a form, as it is kept.
    pub text: String,
}

/// Reads a body and the header `Authorization` (RFC 9126 2.1).
pub fn parse(body: &str, authorization: Option<&str>) -> Result<Brought, Fault> {
    if body.len() > LONGEST {
        return Err(Fault::invalid("the request is too long"));
    }
    let form = Query::split(body).map_err(token_request::odd)?.filled();
    let client = token_request::client(&form, authorization)?;
    if form.raw("request_uri").is_some() {
        return Err(Fault::invalid("request_uri names a request; here one is brought"));
    }
    let is_kept = |name: &str| name != "client_id" && !PROOFS.contains(&name);
    let kept = form.pairs().filter(|(name, _)| is_kept(name));
    let id: String = url::form_urlencoded::byte_serialize(client.id.as_bytes()).collect();
    let parts = std::iter::once(format!("client_id={id}"))
        .chain(kept.map(|(name, value)| format!("{name}={value}")));
    let text = parts.collect::<Vec<_>>().join("&");
    let request = request::parse(&text).map_err(|_| token_request::odd_request())?;
    Ok(Brought { client, request, text })
}

/// The name of a request with this secret.
#[must_use]
pub fn name(secret: &str) -> String {
    format!("{NAME}{secret}")
}

/// The client and the secret of a request that names one which was brought; `None` where none is named.
#[must_use]
pub fn named(raw: &str) -> Option<(String, String)> {
    let query = Query::split(raw).ok()?.filled();
    let secret = query.value("request_uri", 256).ok()??;
    let secret = secret.strip_prefix(NAME)?.to_owned();
    Some((decode(query.raw("client_id")?)?, secret))
}

/// What a client gets for its request.
#[must_use]
pub fn kept(secret: &str, seconds: u64) -> String {
    json!({ "request_uri": name(secret), "expires_in": seconds }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKED: &str = "response_type=code&scope=openid&redirect_uri=https%3A%2F%2Fx.test%2Fcb&\
                         nonce=n&state=a%26b";

    #[test]
    fn what_is_kept_reads_as_what_came_and_holds_no_secret() {
        let body = format!("client_secret=hush&{ASKED}&client_id=a%2Db&client_assertion=x.y.z");
        let brought = parse(&body, None).expect("readable");
        assert_eq!(brought.client.id, "a-b");
        assert!(!brought.text.contains("hush") && !brought.text.contains("x.y.z"));
        let read = request::parse(&brought.text).expect("readable again");
        assert_eq!(read, brought.request);
        assert_eq!((read.client_id.as_str(), read.state.as_deref()), ("a-b", Some("a&b")));
    }

    #[test]
    fn the_client_of_the_header_is_the_one_that_asks() {
        let header = "Basic YTpz"; // a:s
        let brought = parse(ASKED, Some(header)).expect("readable");
        assert_eq!(brought.request.client_id, "a");
        let other = format!("{ASKED}&client_id=b");
        assert_eq!(parse(&other, Some(header)).expect_err("two").error, "invalid_request");
    }

    #[test]
    fn what_can_not_be_kept_is_told() {
        for (body, error) in [
            (ASKED.to_owned(), "invalid_client"),
            (format!("{ASKED}&client_id=a&request_uri={NAME}x"), "invalid_request"),
            (format!("{ASKED}&client_id=a&scope=openid"), "invalid_request"),
            (format!("{ASKED}&client_id=a&x={}", "y".repeat(LONGEST)), "invalid_request"),
        ] {
            assert_eq!(parse(&body, None).expect_err(&body).error, error);
        }
    }

    #[test]
    fn only_names_of_ours_lead_to_a_request() {
        let named = |uri: &str| named(&format!("client_id=a%2Db&request_uri={uri}"));
        let urn = "urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3A";
        let found = Some(("a-b".to_owned(), "s".to_owned()));
        assert_eq!(named(&format!("{urn}s")), found);
        assert_eq!(named("https%3A%2F%2Fx.test%2Fr"), None);
        assert_eq!(super::named("client_id=a"), None);
    }
}
