//! Reads the metadata of a relying party (SAML 2.0 metadata 2.4.4): who it is, where answers may go,
//! with which keys it signs. An admin brings it; every address is checked all the same (R075, R143).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use model::{
    Ts,
    relying_party::{NameIdFormat, SignOutBinding, SignOutService},
};
use url::Url;

use crate::{
    keyring,
    uris::{self, SAML_METADATA},
    xml::read::{Elements, Kind, Node, parse},
};

/// What the metadata of a relying party says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartyMetadata {
    /// The entity id, byte for byte.
    pub entity_id: String,
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
}

/// Why metadata is refused, in a sentence for the admin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// It is not XML of the narrow kind that is read.
    #[error("This is not metadata that can be read. It must be one EntityDescriptor in plain XML.")]
    Unreadable,
    /// It describes no relying party.
    #[error("It describes no relying party (SPSSODescriptor) that speaks SAML 2.0.")]
    NoParty,
    /// It is out of date.
    #[error("It is out of date (validUntil). Ask the application for fresh metadata.")]
    Expired,
    /// No reply address for forms.
    #[error("It names no address that takes answers by a form (HTTP-POST).")]
    NoReply,
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

/// Reads metadata; `loopback` lets `http` addresses of this machine through, for the demo.
pub fn read(xml: &str, now: Ts, loopback: Loopback) -> Result<PartyMetadata, Flaw> {
    let tree = parse(xml.trim(), Kind::Imported).map_err(unreadable)?;
    let root = tree.root().map_err(unreadable)?;
    if !root.is(SAML_METADATA, "EntityDescriptor") {
        return Err(Flaw::Unreadable);
    }
    let until = root.find_attribute("validUntil").map(Ts::from_rfc3339);
    if until.is_some_and(|until| until.is_none_or(|until| until <= now)) {
        return Err(Flaw::Expired);
    }
    let entity_id = root.attribute("entityID").map_err(unreadable)?;
    if entity_id.is_empty() || entity_id.len() > 1_024 {
        return Err(Flaw::Unreadable);
    }
    let role = party_role(&mut root.elements())?;
    let mut draft = Draft::default();
    let mut parts = role.elements();
    while let Some(part) = parts.step().map_err(unreadable)? {
        draft.take(part, loopback)?;
    }
    let signs_requests = match role.find_attribute("AuthnRequestsSigned") {
        None | Some("false" | "0") => false,
        Some("true" | "1") => true,
        Some(_) => return Err(Flaw::Unreadable),
    };
    draft.finish(entity_id, signs_requests)
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
/// (R075).
#[must_use]
pub fn is_plain_address(text: &str, loopback: Loopback) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    let local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    let secure = url.scheme() == "https"
        || (loopback == Loopback::Allowed && url.scheme() == "http" && local);
    secure
        && text.len() <= 2_048
        && url.username().is_empty()
        && url.password().is_none()
        && url.fragment().is_none()
        && (url.as_str() == text || url.as_str() == format!("{text}/"))
}

fn unreadable(_: crate::Error) -> Flaw {
    Flaw::Unreadable
}

/// The one role that we serve; other roles and the signature around it are passed by.
fn party_role<'t, 'x>(parts: &mut Elements<'t, 'x>) -> Result<Node<'t, 'x>, Flaw> {
    let mut found = None;
    while let Some(part) = parts.step().map_err(unreadable)? {
        let speaks = part
            .find_attribute("protocolSupportEnumeration")
            .is_some_and(|list| list.split_ascii_whitespace().any(|one| one == uris::SAMLP));
        if part.is(SAML_METADATA, "SPSSODescriptor") && speaks && found.replace(part).is_some() {
            return Err(Flaw::Unreadable);
        }
    }
    found.ok_or(Flaw::NoParty)
}

/// What was collected so far.
#[derive(Default)]
struct Draft {
    replies: Vec<(bool, u16, String)>,
    indexes: Vec<u16>,
    certificates: Vec<Vec<u8>>,
    name_id: Option<NameIdFormat>,
    sign_out: Option<SignOutService>,
}

impl Draft {
    fn take(&mut self, part: Node<'_, '_>, loopback: Loopback) -> Result<(), Flaw> {
        if part.is(SAML_METADATA, "KeyDescriptor") {
            self.take_key(part)
        } else if part.is(SAML_METADATA, "AssertionConsumerService") {
            self.take_reply(part, loopback)
        } else if part.is(SAML_METADATA, "SingleLogoutService") {
            self.take_sign_out(part, loopback)
        } else if part.is(SAML_METADATA, "NameIDFormat") {
            let named = part.trimmed().map_err(unreadable)?;
            self.name_id = self.name_id.or(NameIdFormat::from_uri(named));
            Ok(())
        } else {
            Ok(())
        }
    }

    /// A key without `use` signs as well (R143).
    fn take_key(&mut self, part: Node<'_, '_>) -> Result<(), Flaw> {
        if part.find_attribute("use") == Some("encryption") {
            return Ok(());
        }
        let mut found = Vec::new();
        let mut info = part.elements();
        let info = info.expect(uris::DSIG, "KeyInfo").map_err(unreadable)?;
        let mut parts = info.elements();
        while let Some(data) = parts.step().map_err(unreadable)? {
            if data.is(uris::DSIG, "X509Data") {
                certificates(data, &mut found)?;
            }
        }
        for certificate in found {
            if !self.certificates.contains(&certificate) {
                self.certificates.push(certificate);
            }
        }
        Ok(())
    }

    fn take_reply(&mut self, part: Node<'_, '_>, loopback: Loopback) -> Result<(), Flaw> {
        let index = part.attribute("index").ok().and_then(|text| text.parse().ok());
        let index = index.ok_or(Flaw::Unreadable)?;
        if self.indexes.contains(&index) {
            return Err(Flaw::DoubleIndex);
        }
        self.indexes.push(index);
        let location = address(part, "Location", loopback)?;
        if part.find_attribute("Binding") == Some(uris::BINDING_POST) {
            let default = part.find_attribute("isDefault").is_some_and(|is| is == "true");
            self.replies.push((!default, index, location));
        }
        Ok(())
    }

    fn take_sign_out(&mut self, part: Node<'_, '_>, loopback: Loopback) -> Result<(), Flaw> {
        let binding = match part.find_attribute("Binding") {
            Some(uris::BINDING_POST) => SignOutBinding::Post,
            Some(uris::BINDING_REDIRECT) => SignOutBinding::Redirect,
            _ => return Ok(()),
        };
        let location = address(part, "Location", loopback)?;
        let response = match part.find_attribute("ResponseLocation") {
            Some(_) => Some(address(part, "ResponseLocation", loopback)?),
            None => None,
        };
        // A redirect carries as much and needs no page in between.
        if self.sign_out.is_none() || binding == SignOutBinding::Redirect {
            self.sign_out = Some(SignOutService { binding, location, response });
        }
        Ok(())
    }

    fn finish(mut self, entity_id: &str, signs_requests: bool) -> Result<PartyMetadata, Flaw> {
        self.replies.sort();
        if self.replies.is_empty() {
            return Err(Flaw::NoReply);
        }
        if signs_requests && self.certificates.is_empty() {
            return Err(Flaw::NoKey);
        }
        Ok(PartyMetadata {
            entity_id: entity_id.to_owned(),
            reply_indexes: self.replies.iter().map(|(_, index, _)| *index).collect(),
            replies: self.replies.into_iter().map(|(_, _, location)| location).collect(),
            signs_requests,
            certificates: self.certificates,
            name_id: self.name_id,
            sign_out: self.sign_out,
        })
    }
}

fn address(part: Node<'_, '_>, name: &str, loopback: Loopback) -> Result<String, Flaw> {
    let text = part.attribute(name).map_err(unreadable)?;
    if is_plain_address(text, loopback) { Ok(text.to_owned()) } else { Err(Flaw::BadAddress) }
}

fn certificates(data: Node<'_, '_>, found: &mut Vec<Vec<u8>>) -> Result<(), Flaw> {
    let mut parts = data.elements();
    while let Some(part) = parts.step().map_err(unreadable)? {
        if part.is(uris::DSIG, "X509Certificate") {
            found.push(certificate(part.text().map_err(unreadable)?)?);
        }
    }
    Ok(())
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
