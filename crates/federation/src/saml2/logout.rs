//! Single logout (SAML 2.0 core 3.7, profiles 4.4): reads what a party sends, writes what we send.
//! Ours are always signed: in the document for a form, over the query for a redirect.

use model::{Ts, relying_party::SignOutBinding};

use super::{
    binding::{self, Direction, Outgoing},
    message::Header,
};
use crate::{
    Error, Result,
    keyring::Signer,
    stamp::xml_id,
    uris::{self, SAML20, SAMLP},
    xml::{
        dsig,
        read::{Elements, Kind, Node, parse},
        write::Writer,
    },
};

/// A request to end a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogoutRequest {
    /// Who asks, and under which id.
    pub header: Header,
    /// Whom it is about, in the party's form of naming them.
    pub name_id: String,
    /// Which of their sessions; none means all that came from this party.
    pub session_indexes: Vec<String>,
    /// It is good until then.
    pub not_on_or_after: Option<Ts>,
}

/// The answer to one of our requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogoutResponse {
    /// Who answers.
    pub header: Header,
    /// The request that it answers.
    pub in_response_to: Option<String>,
    /// Whether the session there is over.
    pub succeeded: bool,
}

impl LogoutRequest {
    pub(super) fn read(
        header: Header,
        root: Node<'_, '_>,
        mut parts: Elements<'_, '_>,
    ) -> Result<Self> {
        parts.optional(SAMLP, "Extensions")?;
        let name_id = parts.expect(SAML20, "NameID")?.trimmed()?.to_owned();
        let mut session_indexes = Vec::new();
        while let Some(index) = parts.optional(SAMLP, "SessionIndex")? {
            session_indexes.push(index.trimmed()?.to_owned());
        }
        parts.finish()?;
        let until = root
            .find_attribute("NotOnOrAfter")
            .map(|text| Ts::from_rfc3339(text).ok_or(Error::Unreadable("a time is none")));
        let not_on_or_after = until.transpose()?;
        Ok(Self { header, name_id, session_indexes, not_on_or_after })
    }
}

impl LogoutResponse {
    pub(super) fn read(
        header: Header,
        root: Node<'_, '_>,
        mut parts: Elements<'_, '_>,
    ) -> Result<Self> {
        parts.optional(SAMLP, "Extensions")?;
        let mut status = parts.expect(SAMLP, "Status")?.elements();
        let code = status.expect(SAMLP, "StatusCode")?.attribute("Value")?;
        parts.finish()?;
        Ok(Self {
            header,
            in_response_to: root.find_attribute("InResponseTo").map(str::to_owned),
            succeeded: code == uris::STATUS_SUCCESS,
        })
    }
}

/// Where and as whom a message of ours goes.
#[derive(Debug, Clone, Copy)]
pub struct Sending<'a> {
    /// Our entity id in this domain.
    pub issuer: &'a str,
    /// The registered address.
    pub to: &'a str,
    /// The way that the party registered for it.
    pub binding: SignOutBinding,
    /// What goes along unchanged.
    pub relay_state: Option<&'a str>,
    /// The message's id: 16 random bytes.
    pub id: [u8; 16],
    /// Now.
    pub now: Ts,
}

/// The subject of a session that a party was told about.
#[derive(Debug, Clone, Copy)]
pub struct SessionOf<'a> {
    /// In which form the person was named.
    pub name_id_format: &'a str,
    /// How they were named.
    pub name_id: &'a str,
    /// The session's index: the id of the assertion.
    pub session_index: &'a str,
}

/// How we say it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogoutStatus {
    /// The session is over everywhere.
    Success,
    /// It is over here; somewhere else it may not be.
    Partial,
}

/// Asks a party to end the session of its person.
pub fn request(sending: &Sending<'_>, about: &SessionOf<'_>, signer: &Signer) -> Result<Outgoing> {
    let id = xml_id(sending.id);
    let now = sending.now.to_xml();
    let mut writer = Writer::with_capacity(4 * 1024);
    writer
        .start("samlp:LogoutRequest")
        .declare("xmlns:samlp", SAMLP)
        .attribute("Destination", sending.to)
        .attribute("ID", &id)
        .attribute("IssueInstant", &now)
        .attribute("NotOnOrAfter", &(sending.now + std::time::Duration::from_mins(5)).to_xml())
        .attribute("Version", "2.0")
        .open();
    let at = write_issuer(&mut writer, sending.issuer);
    writer
        .start("saml:NameID")
        .declare("xmlns:saml", SAML20)
        .attribute("Format", about.name_id_format)
        .text(about.name_id);
    writer.leaf("samlp:SessionIndex", about.session_index);
    writer.end();
    send(sending, Direction::Request, (writer.finish()?, at), &id, signer)
}

/// Answers a party's request.
pub fn response(
    sending: &Sending<'_>,
    in_response_to: &str,
    status: LogoutStatus,
    signer: &Signer,
) -> Result<Outgoing> {
    let id = xml_id(sending.id);
    let mut writer = Writer::with_capacity(4 * 1024);
    writer
        .start("samlp:LogoutResponse")
        .declare("xmlns:samlp", SAMLP)
        .attribute("Destination", sending.to)
        .attribute("ID", &id)
        .attribute("InResponseTo", in_response_to)
        .attribute("IssueInstant", &sending.now.to_xml())
        .attribute("Version", "2.0")
        .open();
    let at = write_issuer(&mut writer, sending.issuer);
    writer.start("samlp:Status").open();
    match status {
        LogoutStatus::Success => {
            writer.start("samlp:StatusCode").attribute("Value", uris::STATUS_SUCCESS).empty();
        }
        LogoutStatus::Partial => {
            writer.start("samlp:StatusCode").attribute("Value", uris::STATUS_SUCCESS).open();
            writer
                .start("samlp:StatusCode")
                .attribute("Value", uris::STATUS_PARTIAL_LOGOUT)
                .empty();
            writer.end();
        }
    }
    writer.end();
    writer.end();
    send(sending, Direction::Response, (writer.finish()?, at), &id, signer)
}

/// Writes the issuer, and says where a signature belongs.
pub(super) fn write_issuer(writer: &mut Writer, issuer: &str) -> usize {
    writer.start("saml:Issuer").declare("xmlns:saml", SAML20).text(issuer);
    writer.position()
}

/// A query's signature stands beside the message, a form's inside it.
fn send(
    sending: &Sending<'_>,
    direction: Direction,
    (xml, at): (String, usize),
    id: &str,
    signer: &Signer,
) -> Result<Outgoing> {
    match sending.binding {
        SignOutBinding::Redirect => {
            binding::redirect(sending.to, direction, &xml, sending.relay_state, signer)
                .map(Outgoing::Redirect)
        }
        SignOutBinding::Post => {
            let xml = signed(xml, at, id, signer)?;
            let state = sending.relay_state.map(str::to_owned);
            Ok(Outgoing::Post(binding::post(sending.to, direction, &xml, state)))
        }
    }
}

/// Signs a message right behind its issuer, and checks the finished bytes (R093).
pub(super) fn signed(xml: String, at: usize, id: &str, signer: &Signer) -> Result<String> {
    let xml = dsig::sign(xml, at, id, signer)?;
    let tree = parse(&xml, Kind::Message)?;
    let root = tree.root()?;
    let mut parts = root.elements();
    parts.expect(SAML20, "Issuer")?;
    let signature = parts.expect(uris::DSIG, "Signature")?;
    dsig::verify(&xml, &tree, signature, id, signer)?;
    drop(tree);
    Ok(xml)
}
