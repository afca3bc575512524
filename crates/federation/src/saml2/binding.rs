//! How a SAML message travels through a browser (SAML 2.0 bindings, 3.4 and 3.5), deflated in a
//! query or plain in a form, and without one (3.2), in a SOAP envelope. Only what was received counts: a query signature is checked over the
//! very octets that came (R115).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use miniz_oxide::{deflate, inflate};

use super::Refusal;
use crate::{Result, keyring::Signer, query::Query, uris, xml::dsig::TrustedKeys};

/// The longest decoded message (R101).
const LONGEST: usize = 32 * 1024;
/// The longest form body that is looked at; the counter takes no longer one anyway.
const LONGEST_FORM: usize = 64 * 1024;
/// The longest `RelayState` that is carried.
const LONGEST_STATE: usize = 16 * 1024;

/// By which way a message came or goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binding {
    /// In the query of an address.
    Redirect,
    /// In a form.
    Post,
    /// In a SOAP envelope, from a client without a browser.
    Soap,
}

/// Whether a message asks or answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// `SAMLRequest`.
    Request,
    /// `SAMLResponse`.
    Response,
}

/// A message as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The way it came.
    pub binding: Binding,
    /// Whether it asks or answers.
    pub direction: Direction,
    /// The message itself.
    pub xml: String,
    /// Opaque to us; goes back byte for byte.
    pub relay_state: Option<String>,
    signature: Option<QuerySignature>,
}

/// The signature of a query, over the octets as they were received.
#[derive(Debug, Clone, PartialEq, Eq)]
struct QuerySignature {
    octets: String,
    algorithm: String,
    value: Vec<u8>,
}

impl Direction {
    const fn parameter(self) -> &'static str {
        match self {
            Self::Request => "SAMLRequest",
            Self::Response => "SAMLResponse",
        }
    }
}

/// Whether a raw query or form body carries a SAML message.
#[must_use]
pub fn carries_message(raw: &str) -> bool {
    raw.split('&')
        .any(|part| ["SAMLRequest=", "SAMLResponse="].iter().any(|name| part.starts_with(name)))
}

/// Takes the message out of a raw query.
pub fn from_query(raw: &str) -> std::result::Result<Received, Refusal> {
    let query = Query::split(raw)?;
    let direction = direction(&query)?;
    if query.value("SAMLEncoding", 256)?.is_some_and(|named| named != uris::DEFLATE) {
        return Err(Refusal::Undecodable);
    }
    let packed = message(&query, direction)?;
    Ok(Received {
        binding: Binding::Redirect,
        direction,
        xml: text(unpack(&packed)?)?,
        relay_state: query.value("RelayState", LONGEST_STATE)?,
        signature: query_signature(&query, direction)?,
    })
}

/// Takes the message out of a form body.
pub fn from_form(raw: &str) -> std::result::Result<Received, Refusal> {
    let form = Query::split_up_to(raw, LONGEST_FORM)?;
    let direction = direction(&form)?;
    Ok(Received {
        binding: Binding::Post,
        direction,
        xml: text(message(&form, direction)?)?,
        relay_state: form.value("RelayState", LONGEST_STATE)?,
        signature: None,
    })
}

impl Received {
    /// A request that came in a SOAP envelope; nothing beside it counts.
    pub(super) fn from_soap(xml: String) -> Self {
        let (binding, direction) = (Binding::Soap, Direction::Request);
        Self { binding, direction, xml, relay_state: None, signature: None }
    }

    /// Whether the query is signed; a form never is, its message may be.
    #[must_use]
    pub fn has_query_signature(&self) -> bool {
        self.signature.is_some()
    }

    /// Checks the query's signature; `Unsigned` when there is none.
    pub(super) fn verify_query(&self, keys: &TrustedKeys) -> std::result::Result<(), Refusal> {
        let signature = self.signature.as_ref().ok_or(Refusal::Unsigned)?;
        let holds =
            keys.verify(&signature.algorithm, signature.octets.as_bytes(), &signature.value);
        holds.map_err(|_| Refusal::BadSignature)
    }
}

fn direction(query: &Query<'_>) -> std::result::Result<Direction, Refusal> {
    match (query.raw("SAMLRequest"), query.raw("SAMLResponse")) {
        (Some(_), None) => Ok(Direction::Request),
        (None, Some(_)) => Ok(Direction::Response),
        _ => Err(Refusal::NoMessage),
    }
}

/// The decoded bytes; line breaks inside base64 are legal and removed, all else is strict.
fn message(query: &Query<'_>, direction: Direction) -> std::result::Result<Vec<u8>, Refusal> {
    let mut text = query.value(direction.parameter(), LONGEST_FORM)?.ok_or(Refusal::NoMessage)?;
    text.retain(|c| !c.is_ascii_whitespace());
    let bytes = STANDARD.decode(text).map_err(|_| Refusal::Undecodable)?;
    if bytes.is_empty() || bytes.len() > LONGEST {
        return Err(Refusal::Undecodable);
    }
    Ok(bytes)
}

fn text(bytes: Vec<u8>) -> std::result::Result<String, Refusal> {
    String::from_utf8(bytes).map_err(|_| Refusal::Undecodable)
}

/// Inflates a raw deflate stream that ends exactly where the bytes end, and no further than the
/// limit (R103).
fn unpack(packed: &[u8]) -> std::result::Result<Vec<u8>, Refusal> {
    use inflate::core::{DecompressorOxide, decompress, inflate_flags};
    let mut out = vec![0; LONGEST];
    let flags = inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    let mut state = Box::<DecompressorOxide>::default();
    let (status, taken, made) = decompress(&mut state, packed, &mut out, 0, flags);
    if status != inflate::TINFLStatus::Done || taken != packed.len() || made == 0 {
        return Err(Refusal::Undecodable);
    }
    out.truncate(made);
    Ok(out)
}

/// `SigAlg` and `Signature` come together or not at all.
fn query_signature(
    query: &Query<'_>,
    direction: Direction,
) -> std::result::Result<Option<QuerySignature>, Refusal> {
    let algorithm = query.value("SigAlg", 256)?;
    let value = query.value("Signature", 2_048)?;
    let (algorithm, mut value) = match (algorithm, value) {
        (None, None) => return Ok(None),
        (Some(algorithm), Some(value)) => (algorithm, value),
        _ => return Err(Refusal::BadSignature),
    };
    value.retain(|c| !c.is_ascii_whitespace());
    let value = STANDARD.decode(value).map_err(|_| Refusal::BadSignature)?;
    let octets: Vec<String> = [direction.parameter(), "RelayState", "SigAlg"]
        .into_iter()
        .filter_map(|name| query.raw(name).map(|raw| format!("{name}={raw}")))
        .collect();
    Ok(Some(QuerySignature { octets: octets.join("&"), algorithm, value }))
}

/// The query that carries a received message without its signature, for asking the browser to bring
/// it once more, with its cookies.
#[must_use]
pub fn as_query(received: &Received) -> String {
    let packed = STANDARD.encode(deflate::compress_to_vec(received.xml.as_bytes(), 6));
    let mut query = format!("{}={}", received.direction.parameter(), escape(&packed));
    if let Some(state) = &received.relay_state {
        query.push_str("&RelayState=");
        query.push_str(&escape(state));
    }
    query
}

/// A message of ours on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outgoing {
    /// The browser goes to this address.
    Redirect(String),
    /// The browser posts this form.
    Post(PostForm),
}

/// The form that carries a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostForm {
    /// Where to.
    pub to: String,
    /// `SAMLRequest` or `SAMLResponse`.
    pub name: &'static str,
    /// The message in base64.
    pub message: String,
    /// `RelayState`, byte for byte as it came; `None` when none came.
    pub relay_state: Option<String>,
}

/// The form that carries `xml`.
#[must_use]
pub fn post(to: &str, direction: Direction, xml: &str, relay_state: Option<String>) -> PostForm {
    PostForm {
        to: to.to_owned(),
        name: direction.parameter(),
        message: STANDARD.encode(xml),
        relay_state,
    }
}

/// The signed address that carries `xml`. `to` is a registered address (R076: nothing of a request
/// is ever added to it but the relay state, encoded).
pub fn redirect(
    to: &str,
    direction: Direction,
    xml: &str,
    relay_state: Option<&str>,
    signer: &Signer,
) -> Result<String> {
    let packed = STANDARD.encode(deflate::compress_to_vec(xml.as_bytes(), 6));
    let mut octets = format!("{}={}", direction.parameter(), escape(&packed));
    if let Some(state) = relay_state {
        octets.push_str("&RelayState=");
        octets.push_str(&escape(state));
    }
    octets.push_str("&SigAlg=");
    octets.push_str(&escape(uris::RSA_SHA256));
    let signature = STANDARD.encode(signer.sign(octets.as_bytes())?);
    let separator = if to.contains('?') { '&' } else { '?' };
    Ok(format!("{to}{separator}{octets}&Signature={}", escape(&signature)))
}

fn escape(value: &str) -> String {
    url::form_urlencoded::byte_serialize(value.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(xml: &[u8]) -> Vec<u8> {
        deflate::compress_to_vec(xml, 6)
    }

    fn query(bytes: &[u8]) -> String {
        format!("SAMLRequest={}", escape(&STANDARD.encode(bytes)))
    }

    #[test]
    fn a_query_and_a_form_give_the_same_message() {
        let xml = "<a>é&#xD;</a>";
        let state = "x=%41&y=\"<é>\"+ ";
        let in_query = format!("{}&RelayState={}", query(&packed(xml.as_bytes())), escape(state));
        let in_form = format!("{}&RelayState={}", query(xml.as_bytes()), escape(state));
        for (received, binding) in
            [(from_query(&in_query), Binding::Redirect), (from_form(&in_form), Binding::Post)]
        {
            let received = received.expect("decoded");
            assert_eq!(received.binding, binding);
            assert_eq!(received.xml, xml);
            let again = from_query(&as_query(&received)).expect("decoded again");
            assert_eq!((again.xml, again.relay_state), (xml.to_owned(), Some(state.to_owned())));
            assert_eq!(received.relay_state.as_deref(), Some(state));
            assert!(!received.has_query_signature());
        }
    }

    /// R103
    #[test]
    fn streams_that_end_early_late_or_never_are_refused() {
        let whole = packed(b"<a></a>");
        let mut trailing = whole.clone();
        trailing.push(0);
        let zlib = deflate::compress_to_vec_zlib(b"<a></a>", 6);
        let bomb = packed(&vec![b'x'; 10 * 1024 * 1024]);
        for bytes in [&whole[..whole.len() - 1], &trailing, &zlib, &bomb, b"<a></a>", b""] {
            assert_eq!(from_query(&query(bytes)), Err(Refusal::Undecodable));
        }
        assert!(from_query(&query(&whole)).is_ok());
    }

    #[test]
    fn one_message_and_a_whole_signature_or_none() {
        let one = query(&packed(b"<a></a>"));
        for (raw, refusal) in [
            (one.replace("Request", "Thing"), Refusal::NoMessage),
            (format!("{one}&SAMLResponse=QQ%3D%3D"), Refusal::NoMessage),
            (format!("{one}&SigAlg=x"), Refusal::BadSignature),
            (format!("{one}&Signature=QQ%3D%3D"), Refusal::BadSignature),
            (format!("{one}&SAMLEncoding=urn%3aother"), Refusal::Undecodable),
            (
                format!("{one}&SAMLRequest=QQ%3D%3D"),
                Refusal::Parameters(wsfed_refusal::DuplicateParameter),
            ),
        ] {
            assert_eq!(from_query(&raw), Err(refusal), "{raw}");
        }
    }

    use crate::wsfed::request::Refusal as wsfed_refusal;
}
