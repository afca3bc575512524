//! Reads an authorization request (Core 3.1.2.1). Anybody can send one: it says what is asked for,
//! and grants nothing. Parameters that we don't know are ignored (RFC 6749 3.1).

use model::{
    oidc::{ResponseMode, Scope, Terms},
    pending_request::Demand,
};

use super::{Fault, Refusal, pkce};
use crate::{query::Query, saml2::context, wsfed};

/// A request, as far as it names somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Who asks.
    pub client_id: String,
    /// Where the answer shall go; may only select a registered address.
    pub redirect_uri: Option<String>,
    /// Opaque to us; goes back byte for byte.
    pub state: Option<String>,
    /// How the answer shall travel, as far as that can be told.
    pub mode: ResponseMode,
    /// What is wanted, or why it can't be had.
    pub wanted: Result<Wanted, Fault>,
}

/// What a request wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// What the tokens will need.
    pub terms: Terms,
    /// What the sign-in must have (`acr_values`, `max_age`, `prompt`).
    pub demand: Demand,
    /// Nothing must be shown to the person.
    pub passive: bool,
    /// The address to prefill; may name nobody.
    pub hint: Option<String>,
    /// An ID token of ours: it must be about that person (`id_token_hint`).
    pub known: Option<String>,
}

/// Reads a raw query or form body, before any decoding.
pub fn parse(raw: &str) -> Result<Request, Refusal> {
    let query = Query::split(raw)?.filled();
    let client_id = query.value("client_id", 256)?;
    let redirect_uri = query.value("redirect_uri", 2_048)?;
    let state = query.value("state", 8 * 1024)?;
    let mode = match query.value("response_mode", 64)?.as_deref() {
        None | Some("query") => Ok(ResponseMode::Query),
        Some("form_post") => Ok(ResponseMode::FormPost),
        Some(_) => Err(Fault::invalid("response_mode is query or form_post")),
    };
    let wanted = wanted(&query)?;
    Ok(Request {
        client_id: client_id.ok_or(Refusal::NoClient)?,
        redirect_uri,
        state,
        mode: mode.unwrap_or_default(),
        wanted: mode.and(wanted),
    })
}

/// What can't be read is refused on our page: there is no knowing what the client meant.
fn wanted(query: &Query<'_>) -> Result<Result<Wanted, Fault>, wsfed::request::Refusal> {
    if let Some(fault) = unspoken(query)? {
        return Ok(Err(fault));
    }
    let scopes = scopes(&query.value("scope", 1_024)?.unwrap_or_default());
    let challenge = query.value("code_challenge", 128)?;
    let method = query.value("code_challenge_method", 16)?;
    let nonce = query.value("nonce", 1_024)?;
    let prompts = query.value("prompt", 64)?.unwrap_or_default();
    let age = query.value("max_age", 16)?;
    let contexts = query.value("acr_values", 1_024)?.unwrap_or_default();
    let hint = query.lenient("login_hint").filter(|typed| is_address(typed));
    let known = query.value("id_token_hint", 16 * 1024)?;
    let judged = judged(&Parts { scopes, challenge, method, nonce, prompts, age, contexts, hint });
    Ok(judged.map(|wanted| Wanted { known, ..wanted }))
}

struct Parts {
    scopes: Vec<Scope>,
    challenge: Option<String>,
    method: Option<String>,
    nonce: Option<String>,
    prompts: String,
    age: Option<String>,
    contexts: String,
    hint: Option<String>,
}

fn judged(parts: &Parts) -> Result<Wanted, Fault> {
    if !parts.scopes.contains(&Scope::Openid) {
        return Err(Fault::new("invalid_scope", "the scope must include openid"));
    }
    let challenge = match (&parts.challenge, parts.method.as_deref()) {
        (None, None) => None,
        (Some(challenge), Some("S256")) if pkce::is_challenge(challenge) => Some(challenge.clone()),
        _ => return Err(Fault::invalid("code_challenge must be of the method S256")),
    };
    let prompts: Vec<&str> = parts.prompts.split(' ').filter(|word| !word.is_empty()).collect();
    let passive = prompts.contains(&"none");
    if passive && prompts.len() > 1 {
        return Err(Fault::invalid("prompt=none stands alone"));
    }
    let age = parts.age.as_deref().map(str::parse).transpose();
    let age = age.map_err(|_| Fault::invalid("max_age counts seconds"))?;
    // Whoever is to choose an account signs in anew: a browser has one session.
    let afresh = prompts.iter().any(|word| ["login", "select_account"].contains(word));
    let wishes: Vec<String> = parts.contexts.split(' ').map(str::to_owned).collect();
    let demand = context::demand_of_wishes(&wishes, if afresh { Some(0) } else { age });
    let terms = Terms {
        scopes: parts.scopes.clone(),
        nonce: parts.nonce.clone(),
        challenge,
        mfa: demand.mfa,
        max_age: demand.max_age,
    };
    Ok(Wanted { terms, demand, passive, hint: parts.hint.clone(), known: None })
}

/// What the protocol knows and we don't do; each has an error of its own (Core 3.1.2.6).
fn unspoken(query: &Query<'_>) -> Result<Option<Fault>, wsfed::request::Refusal> {
    let fault = |error, description| Ok(Some(Fault::new(error, description)));
    if query.raw("request").is_some() {
        return fault("request_not_supported", "parameters come as they are, not in a JWT");
    }
    if query.raw("request_uri").is_some() {
        return fault("request_uri_not_supported", "parameters come in the request itself");
    }
    if query.raw("registration").is_some() {
        return fault("registration_not_supported", "an admin registers clients");
    }
    Ok(match query.value("response_type", 64)?.as_deref() {
        Some("code") => None,
        None => Some(Fault::invalid("response_type is missing")),
        Some(_) => Some(Fault::new("unsupported_response_type", "the only response_type is code")),
    })
}

/// Those that we know; others are ignored (Core 3.1.2.1).
fn scopes(text: &str) -> Vec<Scope> {
    let asked: Vec<&str> = text.split(' ').collect();
    Scope::ALL.into_iter().filter(|scope| asked.contains(&scope.as_str())).collect()
}

/// A hint is only ever prefilled, so one that can't be an address is forgotten.
fn is_address(typed: &str) -> bool {
    !typed.is_empty() && typed.len() <= 256 && !typed.contains(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn error(more: &str) -> &'static str {
        let raw = format!("client_id=a&{more}");
        parse(&raw).expect("it names somebody").wanted.expect_err(&raw).error
    }

    #[test]
    fn a_request_is_read_as_the_protocol_has_it() {
        let raw = format!(
            "client_id=a%2Db&redirect_uri=https%3A%2F%2Fx.test%2Fcb&response_type=code&\
             scope=email+unknown+openid&state=a%41%26&nonce=n&prompt=login&max_age=60&\
             acr_values=https%3A%2F%2Frefeds.org%2Fprofile%2Fmfa&login_hint=ada%40contoso.com&\
             response_mode=form_post&code_challenge={CHALLENGE}&code_challenge_method=S256&x=y"
        );
        let read = parse(&raw).expect("readable");
        assert_eq!(read.client_id, "a-b");
        assert_eq!(read.redirect_uri.as_deref(), Some("https://x.test/cb"));
        assert_eq!((read.state.as_deref(), read.mode), (Some("aA&"), ResponseMode::FormPost));
        let wanted = read.wanted.expect("it can be had");
        assert_eq!(wanted.demand, Demand { mfa: true, max_age: Some(0), password: false });
        assert_eq!(wanted.terms.scopes, [Scope::Openid, Scope::Email]);
        assert_eq!(wanted.terms.challenge.as_deref(), Some(CHALLENGE));
        assert_eq!((wanted.terms.nonce.as_deref(), wanted.terms.mfa), (Some("n"), true));
        assert_eq!((wanted.passive, wanted.hint.as_deref()), (false, Some("ada@contoso.com")));
    }

    #[test]
    fn a_parameter_without_a_value_is_not_there() {
        let usual = "client_id=a&response_type=code&scope=openid";
        let empty = "&state=&nonce=&prompt=&max_age=&acr_values=&response_mode=&login_hint=\
                     &request=&request_uri=&registration=&code_challenge=&code_challenge_method=\
                     &id_token_hint=&redirect_uri";
        assert_eq!(parse(&format!("{usual}{empty}")), parse(usual));
        let twice = format!("{usual}&state=&state=a");
        assert_eq!(parse(&twice).expect_err("twice all the same").code(), "GH-FED-05");
    }

    #[test]
    fn what_is_not_spoken_is_told_to_the_client() {
        let code = "response_type=code&scope=openid";
        for (more, told) in [
            ("scope=openid".to_owned(), "invalid_request"),
            ("scope=openid&response_type=token".to_owned(), "unsupported_response_type"),
            ("scope=openid&response_type=code+id_token".to_owned(), "unsupported_response_type"),
            ("scope=profile&response_type=code".to_owned(), "invalid_scope"),
            ("response_type=code".to_owned(), "invalid_scope"),
            (format!("{code}&prompt=none+login"), "invalid_request"),
            (format!("{code}&max_age=-1"), "invalid_request"),
            (format!("{code}&max_age=soon"), "invalid_request"),
            (format!("{code}&response_mode=fragment"), "invalid_request"),
            (format!("{code}&code_challenge={CHALLENGE}"), "invalid_request"),
            (format!("{code}&code_challenge_method=S256"), "invalid_request"),
            (
                format!("{code}&code_challenge={CHALLENGE}&code_challenge_method=plain"),
                "invalid_request",
            ),
            (format!("{code}&code_challenge=short&code_challenge_method=S256"), "invalid_request"),
            (format!("{code}&request=a.b.c"), "request_not_supported"),
            (format!("{code}&request_uri=https://x.test/r"), "request_uri_not_supported"),
            (format!("{code}&registration=%7B%7D"), "registration_not_supported"),
        ] {
            assert_eq!(error(&more), told, "{more}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused_whoever_it_is() {
        let long = format!("client_id=a&response_type=code&nonce={}", "n".repeat(1_025));
        for (raw, code) in [
            ("", "GH-OIDC-01"),
            ("client_id=", "GH-OIDC-01"),
            ("client_id=a&client_id=a", "GH-FED-05"),
            ("client_id=a&scope=openid&Scope=openid", "GH-FED-05"),
            ("client_id=a&%73tate=x", "GH-FED-06"),
            ("client_id=a&state=%zz", "GH-FED-07"),
            ("client_id=a&state=%00", "GH-FED-07"),
            (&*long, "GH-FED-08"),
        ] {
            assert_eq!(parse(raw).expect_err(raw).code(), code, "{raw}");
        }
    }
}
