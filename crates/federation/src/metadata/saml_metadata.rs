//! The identity provider's role of SAML 2.0 (SAML 2.0 metadata 2.4.3): in the federation metadata of
//! a domain, and alone in the metadata for those who speak nothing else.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use model::{
    Ts,
    relying_party::{NameIdFormat, RelyingParty, SignedRequests},
};

use super::{document::Draft, federation_metadata::MetadataInput};
use crate::{
    Result, uris,
    xml::{dsig, write::Writer},
};

/// The SAML 2.0 metadata of a domain, as one relying party or anybody is to see it.
pub fn draft(input: &MetadataInput<'_>, party: Option<&RelyingParty>, now: Ts) -> Result<Draft> {
    Draft::new(input.issuer_uri, now, |writer| write_role(writer, input, party))
}

/// The order inside is given by the schema.
pub(super) fn write_role(
    writer: &mut Writer,
    input: &MetadataInput<'_>,
    party: Option<&RelyingParty>,
) {
    let signed = party.is_some_and(|party| party.settings.requests == SignedRequests::Required);
    writer
        .start("md:IDPSSODescriptor")
        .attribute("WantAuthnRequestsSigned", if signed { "true" } else { "false" })
        .attribute("protocolSupportEnumeration", uris::SAMLP)
        .open();
    for der in input.certificates {
        write_key(writer, &STANDARD.encode(der));
    }
    let (logout, sign_in) = (input.endpoints.logout_uri(), input.endpoints.passive_sign_in_uri());
    write_service(writer, "md:SingleLogoutService", &logout);
    let formats = match party {
        Some(party) => vec![party.settings.name_id],
        None => NameIdFormat::ALL.to_vec(),
    };
    for format in formats {
        writer.leaf("md:NameIDFormat", format.uri());
    }
    write_service(writer, "md:SingleSignOnService", &sign_in);
    writer.end();
}

fn write_key(writer: &mut Writer, certificate: &str) {
    writer.start("md:KeyDescriptor").attribute("use", "signing").open();
    writer.start("ds:KeyInfo").declare("xmlns:ds", uris::DSIG).open();
    dsig::certificate_data(writer, certificate);
    writer.end();
    writer.end();
}

fn write_service(writer: &mut Writer, name: &'static str, address: &str) {
    for binding in [uris::BINDING_REDIRECT, uris::BINDING_POST] {
        writer.start(name).attribute("Binding", binding).attribute("Location", address).empty();
    }
}
