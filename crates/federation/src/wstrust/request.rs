//! The request for a token: one name, one password, one audience, asked now and asked of us; all
//! else is refused (R119, `federation.md` 3.4). Whether the password is right is not known here.

use std::time::Duration;

use model::Ts;
use secrecy::SecretString;
use url::Url;

use super::{
    Version,
    soap::{self, Header},
};
use crate::{
    Error, Result,
    uris::{self, ADDRESSING, POLICY, WSSE, WSU},
    xml::read::{Kind, Node, parse as parse_xml},
};

/// How far a client's clock may be off.
const SKEW: Duration = Duration::from_mins(5);
/// For how long a request may say that it is good.
const LONGEST: Duration = Duration::from_mins(10);
/// A longer name is nobody's.
const LONGEST_NAME: usize = 256;
/// A longer context is not sent back.
const LONGEST_CONTEXT: usize = 200;

/// A request that can be answered.
#[derive(Debug)]
pub struct Request {
    /// The sign-in name, as typed.
    pub username: String,
    /// The password, as typed.
    pub password: SecretString,
    /// Whom the token is for.
    pub applies_to: String,
    /// The message's id, for the answer.
    pub relates_to: Option<String>,
    /// The client's own context, for the answer.
    pub context: Option<String>,
}

/// Where and when a request arrived.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    /// The version that the address belongs to.
    pub version: Version,
    /// The address, as we publish it.
    pub address: &'a str,
    /// The actions that the HTTP headers name.
    pub actions: &'a [String],
    /// Now.
    pub now: Ts,
}

/// Why a request is not answered with a token, whoever asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It is no XML that we read.
    Unreadable(&'static str),
    /// It is no request that we answer.
    Failed {
        /// What the fault relates to.
        relates_to: Option<String>,
        /// What is wrong; for the log, the client learns nothing of it.
        why: &'static str,
    },
}

impl Refusal {
    /// What is wrong, for audit and log.
    #[must_use]
    pub const fn why(&self) -> &'static str {
        match self {
            Self::Unreadable(why) | Self::Failed { why, .. } => why,
        }
    }
}

/// Reads the body of a request.
pub fn parse(body: &str, arrival: &Arrival<'_>) -> std::result::Result<Request, Refusal> {
    let tree = parse_xml(body, Kind::Foreign).map_err(|error| Refusal::Unreadable(why(&error)))?;
    let mut relates_to = None;
    let read = soap::open(&tree).and_then(|(header, body)| {
        relates_to = soap::message_id(header);
        read(header, body, arrival)
    });
    match read {
        Ok(request) => Ok(Request { relates_to, ..request }),
        Err(error) => Err(Refusal::Failed { relates_to, why: why(&error) }),
    }
}

fn why(error: &Error) -> &'static str {
    match error {
        Error::Unreadable(why) => why,
        _ => "it can't be read",
    }
}

fn read(header: Node<'_, '_>, body: Node<'_, '_>, arrival: &Arrival<'_>) -> Result<Request> {
    let header = Header::read(header)?;
    let wanted = arrival.version.request_action();
    let mut named = arrival.actions.iter().map(String::as_str).chain([header.action]);
    demand(named.all(|action| action == wanted), "it names another action")?;
    demand(is_ours(header.to, arrival.address), "it is addressed to somebody else")?;
    let (username, password) = read_security(header.security, arrival.now)?;
    let mut parts = body.elements();
    let asked = parts.expect(arrival.version.namespace(), "RequestSecurityToken")?;
    parts.finish()?;
    let (applies_to, context) = read_asked(asked, arrival.version)?;
    Ok(Request { username, password, applies_to, relates_to: None, context })
}

fn demand(fits: bool, why: &'static str) -> Result<()> {
    if fits { Ok(()) } else { Err(Error::Unreadable(why)) }
}

/// Host and path count; clients differ in case, and proxies in port.
fn is_ours(to: &str, ours: &str) -> bool {
    let (Ok(to), Ok(ours)) = (Url::parse(to), Url::parse(ours)) else { return false };
    to.scheme() == ours.scheme()
        && to.host() == ours.host()
        && to.path().eq_ignore_ascii_case(ours.path())
        && to.query().is_none()
}

/// One timestamp and one name with its password.
fn read_security(security: Node<'_, '_>, now: Ts) -> Result<(String, SecretString)> {
    let (mut timestamp, mut token) = (None, None);
    let mut parts = security.elements();
    while let Some(part) = parts.step()? {
        let place = if part.is(WSU, "Timestamp") {
            &mut timestamp
        } else if part.is(WSSE, "UsernameToken") {
            &mut token
        } else {
            return Err(Error::Unreadable("it proves itself in a way that we don't know"));
        };
        demand(place.replace(part).is_none(), "it has two timestamps or two names")?;
    }
    let timestamp = timestamp.ok_or(Error::Unreadable("it has no timestamp"))?;
    check_timestamp(timestamp, now)?;
    read_token(token.ok_or(Error::Unreadable("it has no name and password"))?)
}

fn check_timestamp(timestamp: Node<'_, '_>, now: Ts) -> Result<()> {
    let mut parts = timestamp.elements();
    let mut moment = |name| {
        let text = parts.expect(WSU, name)?.text()?;
        Ts::from_rfc3339(text).ok_or(Error::Unreadable("a time can't be read"))
    };
    let (created, expires) = (moment("Created")?, moment("Expires")?);
    parts.finish()?;
    demand(created <= now + SKEW, "it was made in the future")?;
    demand(expires > now - SKEW, "it has expired")?;
    demand(created < expires && expires.since(created) <= LONGEST, "it is good for too long")
}

fn read_token(token: Node<'_, '_>) -> Result<(String, SecretString)> {
    let mut parts = token.elements();
    let username = parts.expect(WSSE, "Username")?.text()?;
    let password = parts.expect(WSSE, "Password")?;
    parts.finish()?;
    let kind = password.attribute_of(None, "Type").unwrap_or(uris::PASSWORD_TEXT);
    demand(kind == uris::PASSWORD_TEXT, "its password is not plain")?;
    demand(!username.is_empty() && username.len() <= LONGEST_NAME, "its name is nobody's")?;
    Ok((username.to_owned(), password.text()?.to_owned().into()))
}

/// Whom the token is for, and the client's context. A wished lifetime is no concern of ours: ours
/// holds (R089).
fn read_asked(asked: Node<'_, '_>, version: Version) -> Result<(String, Option<String>)> {
    let trust = version.namespace();
    let (mut applies_to, mut is_issue) = (None, false);
    let mut parts = asked.elements();
    while let Some(part) = parts.step()? {
        if part.is(POLICY, "AppliesTo") {
            demand(applies_to.replace(address(part)?).is_none(), "it has two audiences")?;
        } else if part.is(trust, "RequestType") {
            is_issue = part.text()? == version.issue();
            demand(is_issue, "it asks for something else than a token")?;
        } else if part.is(trust, "KeyType") {
            let kinds = [uris::BEARER_KEY, uris::NO_PROOF_KEY];
            demand(kinds.contains(&part.text()?), "it asks for a token with a key")?;
        } else if part.is(trust, "TokenType") {
            let kinds = [uris::SAML11, uris::WSS_SAML11];
            demand(kinds.contains(&part.text()?), "it asks for another kind of token")?;
        } else {
            demand(part.is(trust, "Lifetime"), "it asks for something that we don't know")?;
        }
    }
    demand(is_issue, "it does not say what it asks for")?;
    let applies_to = applies_to.ok_or(Error::Unreadable("it has no audience"))?;
    let context = asked.attribute_of(None, "Context").filter(|it| it.len() <= LONGEST_CONTEXT);
    Ok((applies_to.to_owned(), context.map(str::to_owned)))
}

fn address<'t>(applies_to: Node<'t, '_>) -> Result<&'t str> {
    let mut parts = applies_to.elements();
    let mut inner = parts.expect(ADDRESSING, "EndpointReference")?.elements();
    parts.finish()?;
    let address = inner.expect(ADDRESSING, "Address")?.text()?;
    inner.finish()?;
    Ok(address)
}
