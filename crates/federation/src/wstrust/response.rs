//! Answers: the token response in AD FS's form, which every consumer was built against, and the two
//! faults, in its words (`federation.md` 1.4, 3.5, 3.6). No white space between elements: clients
//! cut the token out as text.

use model::Ts;

use super::{Version, soap};
use crate::{Stamp, assertion::SignedToken, uris, xml::write::Writer};

/// What an answer repeats of its request.
#[derive(Debug, Clone, Copy)]
pub struct Reply<'a> {
    /// The version of the request.
    pub version: Version,
    /// The request's message id.
    pub relates_to: Option<&'a str>,
    /// Now.
    pub now: Ts,
}

/// Why there is no token. Clients get no more than this (R120).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Whatever has to do with the person: unknown, wrong password, blocked, not allowed here,
    /// second factor demanded, too many guesses. All of them read alike.
    FailedAuthentication,
    /// The request itself is not one that we answer.
    RequestFailed,
}

/// The answer that carries a token.
#[must_use]
pub fn issued(
    reply: &Reply<'_>,
    assertion: &SignedToken,
    audience: &str,
    stamp: &Stamp,
    context: Option<&str>,
) -> String {
    let mut writer = Writer::with_capacity(assertion.text.len() + 4_000);
    soap::begin(&mut writer, reply.version.response_action(), reply.relates_to, reply.now);
    if reply.version == Version::V13 {
        writer
            .start("trust:RequestSecurityTokenResponseCollection")
            .declare("xmlns:trust", uris::TRUST_13)
            .open();
    }
    let form = Form { version: reply.version, context };
    write_token_response(&mut writer, form, assertion, audience, stamp);
    if reply.version == Version::V13 {
        writer.end();
    }
    soap::end(writer).expect("assertion, id and context were read as XML, so they can be written")
}

/// The answer without a token.
#[must_use]
pub fn fault(reply: &Reply<'_>, fault: Fault) -> String {
    let (subcode, reason) = match fault {
        Fault::FailedAuthentication => ("a:FailedAuthentication", "MSIS7068: Access denied."),
        Fault::RequestFailed => ("a:RequestFailed", "MSIS3127: The specified request failed."),
    };
    let mut writer = Writer::with_capacity(1_200);
    soap::begin(&mut writer, uris::ADDRESSING_FAULT, reply.relates_to, reply.now);
    writer.start("s:Fault").open();
    writer.start("s:Code").open();
    writer.leaf("s:Value", "s:Sender");
    writer.start("s:Subcode").open();
    writer.start("s:Value").declare("xmlns:a", reply.version.namespace()).text(subcode);
    writer.end();
    writer.end();
    writer.start("s:Reason").open();
    writer.start("s:Text").attribute("xml:lang", "en-US").text(reason);
    writer.end();
    writer.end();
    soap::end(writer).expect("the id was read as XML, so it can be written")
}

/// The version of a token response, and the context that it repeats.
#[derive(Clone, Copy)]
pub(crate) struct Form<'a> {
    pub(crate) version: Version,
    pub(crate) context: Option<&'a str>,
}

/// The names of a token response's elements, which differ in their prefix.
struct Names {
    response: &'static str,
    lifetime: &'static str,
    token: &'static str,
    attached: &'static str,
    unattached: &'static str,
    token_type: &'static str,
    request_type: &'static str,
    key_type: &'static str,
}

macro_rules! names {
    ($prefix:literal) => {
        Names {
            response: concat!($prefix, ":RequestSecurityTokenResponse"),
            lifetime: concat!($prefix, ":Lifetime"),
            token: concat!($prefix, ":RequestedSecurityToken"),
            attached: concat!($prefix, ":RequestedAttachedReference"),
            unattached: concat!($prefix, ":RequestedUnattachedReference"),
            token_type: concat!($prefix, ":TokenType"),
            request_type: concat!($prefix, ":RequestType"),
            key_type: concat!($prefix, ":KeyType"),
        }
    };
}

/// Writes the token response itself; WS-Federation posts the one of February 2005 without a SOAP
/// envelope. In 1.3 the prefix is declared by the collection around it.
pub(crate) fn write_token_response(
    writer: &mut Writer,
    form: Form<'_>,
    assertion: &SignedToken,
    audience: &str,
    stamp: &Stamp,
) {
    let names = match form.version {
        Version::Feb2005 => names!("t"),
        Version::V13 => names!("trust"),
    };
    let mut tag = writer.start(names.response);
    if form.version == Version::Feb2005 {
        tag = tag.declare("xmlns:t", uris::TRUST_2005);
    }
    if let Some(context) = form.context {
        tag = tag.attribute("Context", context);
    }
    tag.open();
    lifetime(writer, names.lifetime, stamp);
    applies_to(writer, audience);
    writer.start(names.token).open();
    writer.embed(&assertion.text);
    writer.end();
    reference(writer, names.attached, &assertion.token_id);
    reference(writer, names.unattached, &assertion.token_id);
    writer.leaf(names.token_type, uris::SAML11);
    writer.leaf(names.request_type, form.version.issue());
    writer.leaf(names.key_type, form.version.bearer_key());
    writer.end();
}

fn lifetime(writer: &mut Writer, name: &'static str, stamp: &Stamp) {
    writer.start(name).open();
    let moments = [("wsu:Created", stamp.now), ("wsu:Expires", stamp.not_on_or_after())];
    for (name, at) in moments {
        writer.start(name).declare("xmlns:wsu", uris::WSU).text(&at.to_xml());
    }
    writer.end();
}

fn applies_to(writer: &mut Writer, audience: &str) {
    writer.start("wsp:AppliesTo").declare("xmlns:wsp", uris::POLICY).open();
    writer.start("wsa:EndpointReference").declare("xmlns:wsa", uris::ADDRESSING).open();
    writer.leaf("wsa:Address", audience);
    writer.end();
    writer.end();
}

fn reference(writer: &mut Writer, name: &'static str, token_id: &str) {
    writer.start(name).open();
    writer
        .start("o:SecurityTokenReference")
        .declare("xmlns:k", uris::WSSE11)
        .declare("xmlns:o", uris::WSSE)
        .attribute("k:TokenType", uris::WSS_SAML11)
        .open();
    writer.start("o:KeyIdentifier").attribute("ValueType", uris::WSS_ASSERTION_ID).text(token_id);
    writer.end();
    writer.end();
}
