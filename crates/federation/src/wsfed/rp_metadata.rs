//! Reads the metadata of a relying party that speaks WS-Federation (WS-Federation 1.2 sections 3.1
//! and 13): an application service, its passive endpoints, and the claims that it asks for. Its
//! requests are never signed, so its keys say nothing to us.

use model::{
    Ts,
    relying_party::{SignOutBinding, SignOutService},
};

use crate::{
    metadata::party::{self, Flaw, Loopback, PartyMetadata, speaks, unreadable},
    uris::{self, SAML_METADATA, WS_FEDERATION},
    xml::read::{BLANKS, Kind, Node, parse},
};

/// Reads metadata; `loopback` lets `http` addresses of this machine through, for the demo.
pub fn read(xml: &str, now: Ts, loopback: Loopback) -> Result<PartyMetadata, Flaw> {
    let tree = parse(xml.trim_matches(BLANKS), Kind::Imported).map_err(unreadable)?;
    let root = tree.root().map_err(unreadable)?;
    let entity_id = party::entity_id(root, now)?;
    let role = party::role(root, is_application)?.ok_or(Flaw::NoApplication)?;
    let (mut replies, mut claims) = (Vec::new(), Vec::new());
    let mut parts = role.elements();
    while let Some(part) = parts.step().map_err(unreadable)? {
        if part.is(WS_FEDERATION, "PassiveRequestorEndpoint") {
            take_endpoints(part, loopback, &mut replies)?;
        } else if part.is(WS_FEDERATION, "ClaimTypesRequested") {
            take_claims(part, &mut claims)?;
        }
    }
    let first = replies.first().ok_or(Flaw::NoEndpoint)?;
    let sign_out = Some(SignOutService {
        binding: SignOutBinding::Redirect,
        location: first.clone(),
        response: None,
    });
    Ok(PartyMetadata {
        entity_id: entity_id.to_owned(),
        name: role.find_attribute("ServiceDisplayName").map(|name| name.trim().to_owned()),
        replies,
        reply_indexes: Vec::new(),
        certificates: Vec::new(),
        signs_requests: false,
        name_id: None,
        sign_out,
        claims,
    })
}

fn is_application(part: Node<'_, '_>) -> bool {
    part.is(SAML_METADATA, "RoleDescriptor")
        && part.has_type(WS_FEDERATION, "ApplicationServiceType")
        && speaks(part, WS_FEDERATION)
}

/// The addresses of an endpoint, each once.
fn take_endpoints(
    endpoint: Node<'_, '_>,
    loopback: Loopback,
    replies: &mut Vec<String>,
) -> Result<(), Flaw> {
    let mut references = endpoint.elements();
    while let Some(reference) = references.step().map_err(unreadable)? {
        let mut parts = reference.elements();
        let address = parts.expect(uris::ADDRESSING, "Address").map_err(unreadable)?;
        let address = party::address(address.trimmed().map_err(unreadable)?, loopback)?;
        if !replies.contains(&address) {
            replies.push(address);
        }
    }
    Ok(())
}

fn take_claims(requested: Node<'_, '_>, claims: &mut Vec<String>) -> Result<(), Flaw> {
    let mut parts = requested.elements();
    while let Some(part) = parts.step().map_err(unreadable)? {
        if part.is(uris::WS_AUTHORIZATION, "ClaimType") {
            claims.push(part.attribute("Uri").map_err(unreadable)?.to_owned());
        }
    }
    Ok(())
}
