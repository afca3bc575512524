//! Programs that nobody here wrote judge a token.

use std::{fs, path::Path, process::Command};

use crate::{browser::Browser, support::World};

/// The SAML 1.1 assertion in what a browser carries to a relying party.
pub(crate) fn assertion(response: &str) -> &str {
    const END: &str = "</saml:Assertion>";
    let (from, to) = (response.find("<saml:Assertion ").unwrap(), response.find(END).unwrap());
    &response[from..to + END.len()]
}

/// Whether xmlsec1 finds the token in order, with the certificate of our federation metadata.
pub(crate) async fn xmlsec1_agrees(world: &World, token: &str) -> bool {
    let ours = "/d/contoso-com/federationmetadata/2007-06/federationmetadata.xml";
    let metadata = Browser::new(&world.url).get(ours).await.body;
    let certificate = metadata.split("X509Certificate>").nth(1).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (pem, xml) = (folder.path().join("our.pem"), folder.path().join("token.xml"));
    let body = certificate.trim_end_matches("</ds:");
    let lines: Vec<&str> =
        body.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    let text = lines.join("\n");
    let text = format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n");
    fs::write(&pem, text).unwrap();
    fs::write(&xml, token).unwrap();
    let assertion = "urn:oasis:names:tc:SAML:1.0:assertion:Assertion";
    let ran = Command::new("xmlsec1")
        .args(["--verify", "--id-attr:AssertionID", assertion, "--pubkey-cert-pem"])
        .args([&pem, &xml])
        .output()
        .unwrap();
    ran.status.success()
}

/// Whether xmllint finds a SAML 1.1 assertion valid by the schema of OASIS.
pub(crate) fn schema_agrees(assertion: &str) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let xml = folder.path().join("assertion.xml");
    fs::write(&xml, assertion).unwrap();
    let schemas = Path::new(env!("CARGO_MANIFEST_DIR")).join("../federation/tests/xsd");
    let ran = Command::new("xmllint")
        .args(["--nonet", "--noout", "--schema"])
        .args([&schemas.join("oasis-sstc-saml-schema-assertion-1.1.xsd"), &xml])
        .output()
        .unwrap();
    ran.status.success()
}
