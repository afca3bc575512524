//! Our golden responses in the eyes of samael, which shares no code with us.

use std::fs;

use samael::{
    metadata::EntityDescriptor,
    schema::Assertion,
    service_provider::{ServiceProvider, ServiceProviderBuilder},
};

const REQUEST: &str = "_1e089e5c-a976-4881-af74-3b92c89e7e2c";

fn golden(name: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../federation/tests/golden");
    fs::read_to_string(format!("{folder}/{name}")).expect("the golden file")
}

/// Microsoft's place, taken by samael. The golden files are from one moment for ever, so its clock
/// may be far from it.
fn party() -> ServiceProvider {
    let metadata: EntityDescriptor =
        golden("saml2-metadata.xml").parse().expect("samael reads our metadata");
    let far = chrono::Duration::days(100 * 365);
    ServiceProviderBuilder::default()
        .entity_id("urn:federation:MicrosoftOnline".to_owned())
        .acs_url("https://login.microsoftonline.com/login.srf".to_owned())
        .idp_metadata(metadata)
        .max_issue_delay(far)
        .max_clock_skew(far)
        .build()
        .expect("a party")
}

fn read(xml: &str, requests: &[&str]) -> Option<Assertion> {
    party().parse_xml_response(xml, Some(requests)).ok()
}

#[test]
fn samael_believes_our_responses() {
    for name in
        ["saml2-response-mfa.xml", "saml2-response-password.xml", "saml2-response-both-signed.xml"]
    {
        let read = party().parse_xml_response(&golden(name), Some(&[REQUEST]));
        let assertion = read.unwrap_or_else(|wrong| panic!("{name}: {wrong}"));
        let subject = assertion.subject.and_then(|subject| subject.name_id).expect("a subject");
        assert_eq!(subject.value, "7BVXb2y0RkmXv3pQ9sYq1w==", "{name}");
        let attributes = assertion.attribute_statements.expect("attributes");
        assert_eq!(attributes[0].attributes[0].name.as_deref(), Some("IDPEmail"));
    }
}

#[test]
fn samael_refuses_what_is_changed_or_answers_another_request() {
    let good = golden("saml2-response-mfa.xml");
    for (from, to) in [
        ("7BVXb2y0RkmXv3pQ9sYq1w==", "7BVXb2y0RkmXv3pQ9sYq1Q=="),
        ("multipleauthn", "passwordalone"),
        ("<ds:SignatureValue>", "<ds:SignatureValue>AAAA"),
    ] {
        let changed = good.replacen(from, to, 1);
        assert_ne!(changed, good, "{from}");
        assert!(read(&changed, &[REQUEST]).is_none(), "{from}");
    }
    assert!(read(&good, &["_another"]).is_none());
    assert!(read(&golden("saml2-response-no-passive.xml"), &[REQUEST]).is_none());
}
