//! What the metadata of a relying party says, whatever its protocol, and what makes an address or a
//! certificate in it one that we take. An admin brings it; everything is checked all the same (R075,
//! R143).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use model::{
    Ts,
    relying_party::{NameIdFormat, SignOutService},
};
use url::Url;

use crate::{keyring, uris::SAML_METADATA, xml::read::Node};

/// What the metadata of a relying party says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartyMetadata {
    /// The entity id or realm, byte for byte.
    pub entity_id: String,
    /// What it calls itself, if it says so.
    pub name: Option<String>,
    /// Where answers may go by a form, the default first.
    pub replies: Vec<String>,
    /// The number of each of them, by which a request may select it.
    pub reply_indexes: Vec<u16>,
    /// The keys that sign its requests, as certificates in DER.
    pub certificates: Vec<Vec<u8>>,
    /// Whether it says that its requests are always signed.
    pub signs_requests: bool,
    /// The form of naming people that it names first among those that we know.
    pub name_id: Option<NameIdFormat>,
    /// Where it takes logout messages.
    pub sign_out: Option<SignOutService>,
    /// The names of the claims that it asks for.
    pub claims: Vec<String>,
}

/// Why metadata is refused, in a sentence for the admin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// It is not XML of the narrow kind that is read.
    #[error("This is not metadata that can be read. It must be one EntityDescriptor in plain XML.")]
    Unreadable,
    /// It describes no relying party of SAML 2.0.
    #[error("It describes no relying party (SPSSODescriptor) that speaks SAML 2.0.")]
    NoParty,
    /// It describes no relying party of WS-Federation.
    #[error("It describes no application (ApplicationServiceType) that speaks WS-Federation.")]
    NoApplication,
    /// It is out of date.
    #[error("It is out of date (validUntil). Ask the application for fresh metadata.")]
    Expired,
    /// No reply address for forms.
    #[error("It names no address that takes answers by a form (HTTP-POST).")]
    NoReply,
    /// No reply address of WS-Federation.
    #[error("It names no address that takes answers (PassiveRequestorEndpoint).")]
    NoEndpoint,
    /// An address is not a plain https address.
    #[error("An address in it is not a plain https address.")]
    BadAddress,
    /// Two reply addresses have the same number.
    #[error("Two of its reply addresses have the same index.")]
    DoubleIndex,
    /// A certificate can't be read.
    #[error("A certificate in it can't be read, or its key is of a kind that does not count.")]
    BadCertificate,
    /// It says that requests are signed, and names no key.
    #[error("It says that requests are signed, but names no key to check them with.")]
    NoKey,
}

/// Whether plain `http` to this very machine is an address; in the demo only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loopback {
    /// It is.
    Allowed,
    /// It is not.
    Refused,
}

/// An address that a browser may be sent to: https, no user, no fragment, written as it is parsed
/// (R075), and nothing in it that another parser may take for a slash. Its host can stand in a content security policy, which `;`, `,` and `*` would change.
#[must_use]
pub fn is_plain_address(text: &str, loopback: Loopback) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    let Some(host) = url.host_str() else { return false };
    let local = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
    let secure = url.scheme() == "https"
        || (loopback == Loopback::Allowed && url.scheme() == "http" && local);
    secure
        && text.len() <= 2_048
        && !text.contains('\\')
        && host.chars().all(|c| c.is_ascii_alphanumeric() || "-._[:]".contains(c))
        && url.username().is_empty()
        && url.password().is_none()
        && url.fragment().is_none()
        && (url.as_str() == text || url.as_str() == format!("{text}/"))
}

/// The DER of a certificate in base64 or PEM, if its key can check signatures.
pub fn certificate(text: &str) -> Result<Vec<u8>, Flaw> {
    let body: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("-----"))
        .flat_map(str::chars)
        .filter(|c| !c.is_ascii_whitespace())
        .collect();
    let der = STANDARD.decode(body).map_err(|_| Flaw::BadCertificate)?;
    if keyring::can_verify(&der) { Ok(der) } else { Err(Flaw::BadCertificate) }
}

/// The id of the one entity that is described now.
pub(crate) fn entity_id<'t>(root: Node<'t, '_>, now: Ts) -> Result<&'t str, Flaw> {
    if !root.is(SAML_METADATA, "EntityDescriptor") {
        return Err(Flaw::Unreadable);
    }
    let until = root.find_attribute("validUntil").map(Ts::from_rfc3339);
    if until.is_some_and(|until| until.is_none_or(|until| until <= now)) {
        return Err(Flaw::Expired);
    }
    let id = root.attribute("entityID").map_err(unreadable)?;
    if id.is_empty() || id.len() > 1_024 { Err(Flaw::Unreadable) } else { Ok(id) }
}

pub(crate) fn unreadable(_: crate::Error) -> Flaw {
    Flaw::Unreadable
}

/// The one role of the entity that `is_ours`; other roles and the signature around it are passed
/// by. `None` without one, and a flaw with two.
pub(crate) fn role<'t, 'x>(
    root: Node<'t, 'x>,
    is_ours: impl Fn(Node<'t, 'x>) -> bool,
) -> Result<Option<Node<'t, 'x>>, Flaw> {
    let mut parts = root.elements();
    let mut found = None;
    while let Some(part) = parts.step().map_err(unreadable)? {
        if is_ours(part) && found.replace(part).is_some() {
            return Err(Flaw::Unreadable);
        }
    }
    Ok(found)
}

/// Whether a role speaks the protocol of this namespace.
pub(crate) fn speaks(role: Node<'_, '_>, protocol: &str) -> bool {
    role.find_attribute("protocolSupportEnumeration")
        .is_some_and(|list| list.split_ascii_whitespace().any(|one| one == protocol))
}

/// An address, if it is one that we take.
pub(crate) fn address(text: &str, loopback: Loopback) -> Result<String, Flaw> {
    if is_plain_address(text, loopback) { Ok(text.to_owned()) } else { Err(Flaw::BadAddress) }
}
