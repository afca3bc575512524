//! Reads what Entra posts (`graph.md` 12.4). Anybody can post the same: who it is about is believed
//! only once the hint was checked.

use model::external_mfa::Wanted;
use serde_json::Value;

use super::Refusal;
use crate::{oidc::Fault, query::Query, wsfed};

/// A request, as far as it names a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Which tenant asks, byte for byte.
    pub client_id: String,
    /// Where the answer shall go.
    pub redirect_uri: Option<String>,
    /// Opaque to us; goes back byte for byte.
    pub state: Option<String>,
    /// Entra's token about the person.
    pub hint: String,
    /// What is wanted, or why it can't be had.
    pub terms: Result<Terms, Fault>,
}

/// What a request wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// Goes into the answer.
    pub nonce: String,
    /// What the answer may say.
    pub wanted: Wanted,
}

/// Reads a form body, before any decoding.
pub fn parse(raw: &str) -> Result<Request, Refusal> {
    let query = Query::split(raw)?.filled();
    let client_id = query.value("client_id", 256)?;
    let hint = query.value("id_token_hint", 16 * 1024)?;
    let redirect_uri = query.value("redirect_uri", 2_048)?;
    let state = query.value("state", 8 * 1024)?;
    let terms = terms(&query)?;
    let (Some(client_id), Some(hint)) = (client_id, hint) else { return Err(Refusal::Incomplete) };
    Ok(Request { client_id, redirect_uri, state, hint, terms })
}

fn terms(query: &Query<'_>) -> Result<Result<Terms, Fault>, wsfed::request::Refusal> {
    let kind = query.value("response_type", 64)?.unwrap_or_default();
    let mode = query.value("response_mode", 64)?.unwrap_or_default();
    let scope = query.value("scope", 1_024)?.unwrap_or_default();
    let nonce = query.value("nonce", 2_048)?;
    let claims = query.value("claims", 8 * 1024)?;
    // Microsoft's own sample writes `Id_token`.
    if !kind.eq_ignore_ascii_case("id_token") {
        let fault = Fault::new("unsupported_response_type", "the only response_type is id_token");
        return Ok(Err(fault));
    }
    if !mode.eq_ignore_ascii_case("form_post") {
        return Ok(Err(Fault::invalid("the only response_mode is form_post")));
    }
    if !scope.split(' ').any(|word| word == "openid") {
        return Ok(Err(Fault::new("invalid_scope", "the scope must include openid")));
    }
    let Some(nonce) = nonce else { return Ok(Err(Fault::invalid("nonce is missing"))) };
    Ok(match claims.as_deref().map_or_else(|| Ok(Wanted::default()), wanted) {
        Ok(wanted) => Ok(Terms { nonce, wanted }),
        Err(fault) => Err(fault),
    })
}

/// The claims that are asked for (Core 5.5.1).
fn wanted(claims: &str) -> Result<Wanted, Fault> {
    let odd = || Fault::invalid("claims is not JSON of the kind that is read");
    let read: Value = serde_json::from_str(claims).map_err(|_| odd())?;
    let claims = read.as_object().ok_or_else(odd)?;
    let asked = match claims.get("id_token") {
        None | Some(Value::Null) => return Ok(Wanted::default()),
        Some(asked) => asked.as_object().ok_or_else(odd)?,
    };
    let words = |name: &str| asked.get(name).map_or(Some(Vec::new()), words).ok_or_else(odd);
    Ok(Wanted { contexts: words("acr")?, methods: words("amr")? })
}

/// The values that one claim may have; any, when it names none.
fn words(asked: &Value) -> Option<Vec<String>> {
    if asked.is_null() {
        return Some(Vec::new());
    }
    let asked = asked.as_object()?;
    let word = |value: &Value| value.as_str().map(str::to_owned);
    let one = asked.get("value").map(word);
    let several = asked.get("values").map_or(Some(Vec::new()), |values| {
        values.as_array()?.iter().map(word).collect::<Option<Vec<_>>>()
    })?;
    one.into_iter().chain(several.into_iter().map(Some)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: &str = "client_id=a%2Db&id_token_hint=h.i.t&response_type=Id_token&scope=openid\
                         &response_mode=form_post&nonce=n%41&state=s%2B&redirect_uri=https%3A%2F%2Fm.test%2Fr";

    fn with(claims: &str) -> Result<Terms, Fault> {
        let claims: String = url::form_urlencoded::byte_serialize(claims.as_bytes()).collect();
        parse(&format!("{USUAL}&claims={claims}")).expect("it names a tenant").terms
    }

    fn without(name: &str) -> Result<Request, Refusal> {
        let kept: Vec<&str> =
            USUAL.split('&').filter(|pair| !pair.starts_with(&format!("{name}="))).collect();
        parse(&kept.join("&"))
    }

    #[test]
    fn a_request_is_read_as_entra_sends_it() {
        let read = parse(&format!("{USUAL}&client-request-id=1")).expect("readable");
        assert_eq!((read.client_id.as_str(), read.hint.as_str()), ("a-b", "h.i.t"));
        assert_eq!(read.redirect_uri.as_deref(), Some("https://m.test/r"));
        assert_eq!(read.state.as_deref(), Some("s+"));
        let terms = read.terms.expect("it can be had");
        assert_eq!((terms.nonce.as_str(), terms.wanted), ("nA", Wanted::default()));
        let claims = r#"{"id_token":{"acr":{"essential":true,"values":["possessionorinherence"]},
            "amr":{"essential":true,"values":["fido","otp"]},"other":null},"userinfo":{}}"#;
        let wanted = with(claims).expect("it can be had").wanted;
        assert_eq!(wanted.contexts, ["possessionorinherence"]);
        assert_eq!(wanted.methods, ["fido", "otp"]);
        let one = with(r#"{"id_token":{"acr":{"value":"possession"},"amr":null}}"#).expect("one");
        assert_eq!(one.wanted.contexts, ["possession"]);
    }

    #[test]
    fn what_names_nobody_is_refused_and_what_asks_oddly_is_told() {
        for name in ["client_id", "id_token_hint"] {
            assert_eq!(without(name), Err(Refusal::Incomplete), "{name}");
        }
        for (name, told) in [
            ("response_type", "unsupported_response_type"),
            ("response_mode", "invalid_request"),
            ("scope", "invalid_scope"),
            ("nonce", "invalid_request"),
        ] {
            let read = without(name).expect("it names a tenant");
            assert_eq!(read.terms.expect_err(name).error, told);
        }
        for odd in
            ["{", "[]", r#"{"id_token":{"acr":"x"}}"#, r#"{"id_token":{"amr":{"values":1}}}"#]
        {
            assert_eq!(with(odd).expect_err(odd).error, "invalid_request");
        }
        let twice = parse(&format!("{USUAL}&nonce=other")).expect_err("twice");
        assert_eq!(twice.code(), "GH-FED-05");
    }
}
