//! Reads the metadata of a relying party that speaks SAML 2.0 (SAML 2.0 metadata 2.4.4): who it is,
//! where answers may go, with which keys it signs.

use model::{
    Ts,
    relying_party::{NameIdFormat, SignOutBinding, SignOutService},
};

use crate::{
    metadata::party::{self, Flaw, Loopback, PartyMetadata, certificate, speaks, unreadable},
    uris::{self, SAML_METADATA},
    xml::read::{BLANKS, Kind, Node, parse},
};

/// Reads metadata; `loopback` lets `http` addresses of this machine through, for the demo.
pub fn read(xml: &str, now: Ts, loopback: Loopback) -> Result<PartyMetadata, Flaw> {
    let tree = parse(xml.trim_matches(BLANKS), Kind::Imported).map_err(unreadable)?;
    let root = tree.root().map_err(unreadable)?;
    let entity_id = party::entity_id(root, now)?;
    let is_ours =
        |part: Node<'_, '_>| part.is(SAML_METADATA, "SPSSODescriptor") && speaks(part, uris::SAMLP);
    let role = party::role(root, is_ours)?.ok_or(Flaw::NoParty)?;
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
            name: None,
            reply_indexes: self.replies.iter().map(|(_, index, _)| *index).collect(),
            replies: self.replies.into_iter().map(|(_, _, location)| location).collect(),
            signs_requests,
            certificates: self.certificates,
            name_id: self.name_id,
            sign_out: self.sign_out,
            claims: Vec::new(),
        })
    }
}

fn address(part: Node<'_, '_>, name: &str, loopback: Loopback) -> Result<String, Flaw> {
    party::address(part.attribute(name).map_err(unreadable)?, loopback)
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
