//! Federation metadata of one domain: issuer, addresses, the active and the next certificate,
//! signed (`federation.md` 1.7; WS-Federation 1.2 section 3, SAML 2.0 metadata), in the role of each
//! protocol.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use model::Ts;

use super::{document::Draft, saml_metadata};
use crate::{
    Error, Result,
    endpoints::Endpoints,
    keyring, uris,
    xml::{dsig, write::Writer},
};

/// What the metadata of a domain says.
#[derive(Debug, Clone, Copy)]
pub struct MetadataInput<'a> {
    /// What tokens of the domain say as their issuer.
    pub issuer_uri: &'a str,
    /// The domain's addresses.
    pub endpoints: &'a Endpoints,
    /// The certificates to trust, DER: the active one, then the next one.
    pub certificates: &'a [Vec<u8>],
}

/// The metadata of a domain, to be signed with its active key.
pub fn draft(input: &MetadataInput<'_>, now: Ts) -> Result<Draft> {
    if input.certificates.iter().any(|der| keyring::public_key(der).is_none()) {
        return Err(Error::UnusableKey("a certificate to publish is damaged"));
    }
    Draft::new(input.issuer_uri, now, |writer| {
        write_role(writer, input);
        saml_metadata::write_role(writer, input, None);
    })
}

/// The order inside is given by the schema.
fn write_role(writer: &mut Writer, input: &MetadataInput<'_>) {
    let protocols = [uris::TRUST_13, uris::TRUST_2005, uris::WS_FEDERATION].join(" ");
    writer
        .start("md:RoleDescriptor")
        .declare("xmlns:xsi", uris::XSI)
        .attribute("protocolSupportEnumeration", &protocols)
        .attribute("xsi:type", "fed:SecurityTokenServiceType")
        .open();
    input.certificates.iter().for_each(|der| write_key(writer, &STANDARD.encode(der)));
    writer.start("fed:TokenTypesOffered").declare("xmlns:fed", uris::WS_FEDERATION).open();
    writer.start("fed:TokenType").attribute("Uri", uris::SAML11).empty();
    writer.end();
    write_claim_types(writer);
    // The schema wants a token service address; while WS-Trust is off there is none but this.
    let passive = input.endpoints.passive_sign_in_uri();
    write_address(writer, "fed:SecurityTokenServiceEndpoint", &passive);
    write_address(writer, "fed:PassiveRequestorEndpoint", &passive);
    writer.end();
}

fn write_key(writer: &mut Writer, certificate: &str) {
    writer.start("md:KeyDescriptor").attribute("use", "signing").open();
    writer.start("ds:KeyInfo").declare("xmlns:ds", uris::DSIG).open();
    dsig::certificate_data(writer, certificate);
    writer.end();
    writer.end();
}

fn write_claim_types(writer: &mut Writer) {
    writer.start("fed:ClaimTypesOffered").declare("xmlns:fed", uris::WS_FEDERATION).open();
    for (uri, name) in [(uris::CLAIM_UPN, "UPN"), (uris::CLAIM_IMMUTABLE_ID, "ImmutableID")] {
        writer
            .start("auth:ClaimType")
            .declare("xmlns:auth", uris::WS_AUTHORIZATION)
            .attribute("Optional", "true")
            .attribute("Uri", uri)
            .open();
        writer.leaf("auth:DisplayName", name);
        writer.end();
    }
    writer.end();
}

fn write_address(writer: &mut Writer, name: &'static str, address: &str) {
    writer.start(name).declare("xmlns:fed", uris::WS_FEDERATION).open();
    writer.start("wsa:EndpointReference").declare("xmlns:wsa", uris::ADDRESSING).open();
    writer.leaf("wsa:Address", address);
    writer.end();
    writer.end();
}
