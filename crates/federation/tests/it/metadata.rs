//! Federation metadata: byte for byte, and in the eyes of other implementations.

use std::fs;

use federation::{
    Error,
    endpoints::Endpoints,
    metadata::federation_metadata::{MetadataInput, draft},
};

use crate::support::{ISSUER, at, certificate, golden, path, signer, tool};

fn metadata(certificates: &[Vec<u8>]) -> federation::Result<String> {
    let public = url::Url::parse("https://sts.contoso.com").expect("an address");
    let endpoints = Endpoints::new(&public, "contoso-com");
    let input = MetadataInput { issuer_uri: ISSUER, endpoints: &endpoints, certificates };
    Ok(draft(&input, at("2026-11-25T09:00:00Z"))?.sign(&signer())?.xml)
}

fn xmlsec_verifies(xml: &str) -> bool {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("metadata.xml");
    fs::write(&file, xml).expect("written");
    let certificate = path("data/test-certificate.pem");
    let arguments = [
        "--verify",
        "--id-attr:ID",
        "urn:oasis:names:tc:SAML:2.0:metadata:EntityDescriptor",
        "--pubkey-cert-pem",
        certificate.to_str().expect("UTF-8"),
        file.to_str().expect("UTF-8"),
    ];
    tool("xmlsec1", &arguments).status.success()
}

#[test]
fn metadata_is_the_same_to_the_byte_and_names_both_certificates() {
    let xml = metadata(&[certificate(), certificate()]).expect("metadata");
    golden("metadata.xml", &xml);
    let keys = xml.matches("<md:KeyDescriptor use=\"signing\">").count();
    assert_eq!(keys, 4, "both certificates in both roles");
    assert!(xml.contains("<md:RoleDescriptor xmlns:fed="), "the type's prefix is in scope");
}

#[test]
fn xmlsec1_and_bergshamra_verify_the_metadata() {
    let xml = metadata(&[certificate()]).expect("metadata");
    let mut keys = bergshamra_keys::KeysManager::new();
    keys.add_key(bergshamra_keys::loader::load_x509_cert_der(&certificate()).expect("a key"));
    let context = bergshamra_dsig::DsigContext::new(keys);
    let verified =
        |xml: &str| bergshamra_dsig::verify::verify(&context, xml).is_ok_and(|r| r.is_valid());
    assert!(xmlsec_verifies(&xml) && verified(&xml));
    let forged = xml.replace("https://sts.contoso.com/d/", "https://sts.evil.example/d/");
    assert!(!xmlsec_verifies(&forged) && !verified(&forged));
}

#[test]
fn a_damaged_certificate_is_not_published() {
    let refused = metadata(&[certificate(), vec![0x30, 3, 1, 2, 3]]);
    assert_eq!(refused, Err(Error::UnusableKey("a certificate to publish is damaged")));
}
