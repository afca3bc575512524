//! Reads a WS-Federation request from its raw query (WS-Federation 1.2 section 13.2;
//! `federation.md` 1.1). Anybody can send one: it says what is asked for, and grants nothing.
//! Parameters that we don't know are ignored, as Entra adds new ones.

use model::pending_request::Demand;

use crate::{query::Query, uris};

mod refusal;
mod resource;

pub use refusal::Refusal;

/// What a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// A token.
    SignIn(SignIn),
    /// To end the session.
    SignOut {
        /// Where the person wants to go afterwards; followed only if registered.
        reply: Option<String>,
    },
    /// To forget the session, because it ended elsewhere.
    SignOutCleanup {
        /// Where the person wants to go afterwards; followed only if registered.
        reply: Option<String>,
    },
}

/// A request for a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// Who asks (`wtrealm`), byte for byte.
    pub realm: String,
    /// Where the answer shall go (`wreply`); may only select a registered address.
    pub reply: Option<String>,
    /// Opaque to us (`wctx`); goes back byte for byte.
    pub context: Option<String>,
    /// What the sign-in must have (`wauth`, `wfresh`, `prompt`, `resource_params`).
    pub demand: Demand,
    /// The address to prefill (`username`, else `login_hint`); may name nobody.
    pub hint: Option<String>,
    /// The domain that the person comes from (`whr`), if it is a DNS name; anybody can name any.
    pub home_realm: Option<String>,
    /// Microsoft's id of the attempt, if it is a GUID.
    pub client_request_id: Option<String>,
}

/// Reads a raw query or form body, before any decoding.
pub fn parse(raw_query: &str) -> Result<Request, Refusal> {
    let query = Query::split(raw_query)?;
    let reply = || query.value("wreply", 2_048);
    match query.value("wa", 64)?.as_deref() {
        Some("wsignin1.0") => sign_in(&query).map(Request::SignIn),
        Some("wsignout1.0") => Ok(Request::SignOut { reply: reply()? }),
        Some("wsignoutcleanup1.0") => Ok(Request::SignOutCleanup { reply: reply()? }),
        _ => Err(Refusal::UnknownAction),
    }
}

/// Microsoft's id of the attempt, if one can be read, even from a request that is refused.
#[must_use]
pub fn client_request_id(raw_query: &str) -> Option<String> {
    request_id(&Query::split(raw_query).ok()?)
}

fn request_id(query: &Query<'_>) -> Option<String> {
    query.lenient("client-request-id").filter(|text| is_guid(text))
}

fn sign_in(query: &Query<'_>) -> Result<SignIn, Refusal> {
    let realm = query.value("wtrealm", 1_024)?.filter(|realm| !realm.is_empty());
    Ok(SignIn {
        realm: realm.ok_or(Refusal::NoRealm)?,
        reply: query.value("wreply", 2_048)?,
        context: query.value("wctx", 16 * 1024)?,
        demand: demand(query)?,
        hint: hint(query),
        client_request_id: request_id(query),
        home_realm: home_realm(query),
    })
}

/// What the request demands, the strictest wish of each kind. A wish can't lower our own policy.
fn demand(query: &Query<'_>) -> Result<Demand, Refusal> {
    let wanted = query.value("wauth", 1_024)?;
    let mfa = matches!(wanted.as_deref(), Some(uris::MULTIPLE_AUTHN | uris::WIA_OR_MULTIPLE_AUTHN))
        || query.lenient("resource_params").is_some_and(|text| resource::wants_mfa(&text));
    let fresh = query.value("wfresh", 64)?.filter(|text| !text.is_empty());
    let mut max_age = fresh.map(|minutes| seconds(&minutes));
    if query.value("prompt", 64)?.as_deref() == Some("login") {
        max_age = Some(0);
    }
    Ok(Demand { mfa, max_age, password: false })
}

/// `wfresh` counts minutes; what is no number means "now" (`federation.md` 1.1).
fn seconds(minutes: &str) -> u64 {
    let plain = minutes.bytes().all(|byte| byte.is_ascii_digit());
    let minutes = if plain { minutes.parse().unwrap_or(u64::MAX) } else { 0 };
    minutes.saturating_mul(60)
}

/// A hint is only ever prefilled, so one that can't be an address is forgotten.
fn hint(query: &Query<'_>) -> Option<String> {
    ["username", "login_hint"].into_iter().find_map(|name| {
        let typed = query.lenient(name)?;
        let fits = !typed.is_empty() && typed.len() <= 256 && !typed.contains(char::is_control);
        fits.then_some(typed)
    })
}

/// Identity providers have other names for realms, which are nothing to us.
fn home_realm(query: &Query<'_>) -> Option<String> {
    let named = query.lenient("whr")?.to_ascii_lowercase();
    model::upn::is_dns_name(&named).then_some(named)
}

fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}
