//! The `Response` around an assertion, or without one when there is none to give (SAML 2.0 core
//! 3.3.3, profiles 4.1.4; `federation.md` 2.3).

use model::Ts;

use super::logout::{signed, write_issuer};
use crate::{
    Result,
    assertion::SignedToken,
    keyring::Signer,
    stamp::xml_id,
    uris::{self, SAMLP},
    xml::write::Writer,
};

/// Where a response goes, and what it answers.
#[derive(Debug, Clone, Copy)]
pub struct Addressing<'a> {
    /// Our entity id in this domain.
    pub issuer: &'a str,
    /// The registered address.
    pub to: &'a str,
    /// The request's id; `None` when nobody asked.
    pub in_response_to: Option<&'a str>,
    /// The response's id: 16 random bytes.
    pub id: [u8; 16],
    /// Now.
    pub now: Ts,
}

/// Why there is no assertion, in the words of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Nobody is signed in, and nothing may be shown.
    NoPassive,
    /// None of the contexts asked for can be had here.
    NoAuthnContext,
    /// The person can't be named in that form.
    InvalidNameIdPolicy,
    /// The answer would have to travel in a way that is not offered.
    UnsupportedBinding,
    /// The person may not use this party.
    RequestDenied,
}

impl Status {
    const fn codes(self) -> (&'static str, &'static str) {
        match self {
            Self::NoPassive => (uris::STATUS_RESPONDER, uris::STATUS_NO_PASSIVE),
            Self::NoAuthnContext => (uris::STATUS_REQUESTER, uris::STATUS_NO_AUTHN_CONTEXT),
            Self::InvalidNameIdPolicy => {
                (uris::STATUS_REQUESTER, uris::STATUS_INVALID_NAME_ID_POLICY)
            }
            Self::UnsupportedBinding => (uris::STATUS_REQUESTER, uris::STATUS_UNSUPPORTED_BINDING),
            Self::RequestDenied => (uris::STATUS_RESPONDER, uris::STATUS_REQUEST_DENIED),
        }
    }
}

/// Whether the response is signed beside its assertion.
#[derive(Debug, Clone, Copy)]
pub enum Outer<'s> {
    /// The assertion's signature is enough, as Entra wants it.
    Plain,
    /// The party wants both.
    Signed(&'s Signer),
}

/// The response that carries an assertion.
pub fn success(
    addressing: &Addressing<'_>,
    assertion: &SignedToken,
    outer: Outer<'_>,
) -> Result<String> {
    let id = xml_id(addressing.id);
    let mut writer = Writer::with_capacity(assertion.text.len() + 4_000);
    let at = open(&mut writer, addressing, &id);
    writer.start("samlp:Status").open();
    writer.start("samlp:StatusCode").attribute("Value", uris::STATUS_SUCCESS).empty();
    writer.end();
    writer.embed(&assertion.text);
    writer.end();
    let xml = writer.finish()?;
    match outer {
        Outer::Plain => Ok(xml),
        Outer::Signed(signer) => signed(xml, at, &id, signer),
    }
}

/// The signed response that says why there is no assertion.
pub fn failure(addressing: &Addressing<'_>, status: Status, signer: &Signer) -> Result<String> {
    let id = xml_id(addressing.id);
    let (code, inner) = status.codes();
    let mut writer = Writer::with_capacity(4_000);
    let at = open(&mut writer, addressing, &id);
    writer.start("samlp:Status").open();
    writer.start("samlp:StatusCode").attribute("Value", code).open();
    writer.start("samlp:StatusCode").attribute("Value", inner).empty();
    writer.end();
    writer.end();
    writer.end();
    signed(writer.finish()?, at, &id, signer)
}

/// Begins the response, and says where a signature belongs.
fn open(writer: &mut Writer, addressing: &Addressing<'_>, id: &str) -> usize {
    let mut tag = writer
        .start("samlp:Response")
        .declare("xmlns:samlp", SAMLP)
        .attribute("Destination", addressing.to)
        .attribute("ID", id);
    if let Some(request) = addressing.in_response_to {
        tag = tag.attribute("InResponseTo", request);
    }
    tag.attribute("IssueInstant", &addressing.now.to_xml()).attribute("Version", "2.0").open();
    write_issuer(writer, addressing.issuer)
}
