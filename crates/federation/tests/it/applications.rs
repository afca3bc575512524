//! The metadata of applications that speak WS-Federation, in the shape that Windows Identity
//! Foundation and its kin write.

use std::fs;

use federation::{
    metadata::party::{Flaw, Loopback, PartyMetadata},
    wsfed::rp_metadata,
};
use model::relying_party::SignOutBinding;

use crate::support::{at, path};

fn document() -> String {
    fs::read_to_string(path("data/wsfed/application-metadata.xml")).expect("readable")
}

fn read(xml: &str) -> Result<PartyMetadata, Flaw> {
    rp_metadata::read(xml, at("2026-11-22T00:00:00Z"), Loopback::Refused)
}

#[test]
fn an_application_says_its_realm_its_endpoint_and_the_claims_that_it_asks_for() {
    let said = read(&document()).expect("ordinary metadata");
    assert_eq!(said.entity_id, "urn:contoso:timesheet");
    assert_eq!(said.name.as_deref(), Some("Time sheet"));
    assert_eq!(said.replies, ["https://time.contoso.com/signin-wsfed"]);
    assert_eq!(said.claims.len(), 3);
    assert!(said.claims[1].ends_with("/emailaddress"));
    let sign_out = said.sign_out.expect("the same endpoint takes the clean-up");
    assert_eq!(
        (sign_out.binding, sign_out.location),
        (SignOutBinding::Redirect, said.replies[0].clone())
    );
    let twice = "<EndpointReference xmlns=\"http://www.w3.org/2005/08/addressing\"><Address>\
                 https://time.contoso.com/b</Address></EndpointReference></fed:PassiveRequestorEndpoint>";
    let two = read(&document().replace("</fed:PassiveRequestorEndpoint>", twice));
    assert_eq!(two.expect("two endpoints").replies.len(), 2);
}

#[test]
fn what_is_not_exactly_an_application_is_refused_for_a_reason() {
    let fed = "http://docs.oasis-open.org/wsfed/federation/200706";
    for (from, to, flaw) in [
        ("https://time.contoso.com/signin", "http://time.contoso.com/signin", Flaw::BadAddress),
        ("https://time.contoso.com/signin", "https://u@time.contoso.com/signin", Flaw::BadAddress),
        ("https://time.contoso.com/signin-wsfed", "javascript:alert(1)", Flaw::BadAddress),
        ("https://time.contoso.com/signin", "https://a;sandbox/signin", Flaw::BadAddress),
        ("https://time.contoso.com/signin", "https://*/signin", Flaw::BadAddress),
        ("PassiveRequestorEndpoint", "SomeOtherEndpoint", Flaw::NoEndpoint),
        ("fed:ApplicationServiceType", "fed:SecurityTokenServiceType", Flaw::NoApplication),
        ("fed:ApplicationServiceType", "ApplicationServiceType", Flaw::NoApplication),
        (&format!("xmlns:fed=\"{fed}\""), "xmlns:fed=\"urn:other\"", Flaw::NoApplication),
        (&format!("Enumeration=\"{fed}\""), "Enumeration=\"urn:other\"", Flaw::NoApplication),
        ("entityID=\"urn:contoso:timesheet\"", "entityID=\"\"", Flaw::Unreadable),
        (
            "<EntityDescriptor ",
            "<EntityDescriptor validUntil=\"2026-11-21T00:00:00Z\" ",
            Flaw::Expired,
        ),
        ("<EntityDescriptor ", "<!DOCTYPE a><EntityDescriptor ", Flaw::Unreadable),
        ("EntityDescriptor", "EntitiesDescriptor", Flaw::Unreadable),
    ] {
        let changed = document().replace(from, to);
        assert_ne!(changed, document(), "{from}");
        assert_eq!(read(&changed), Err(flaw), "{to}");
    }
    let (start, end) = (document().find("<RoleDescriptor"), document().find("</EntityDescriptor"));
    let role = document()[start.expect("a role")..end.expect("an end")].to_owned();
    let two = document().replace("</EntityDescriptor", &format!("{role}</EntityDescriptor"));
    assert_eq!(read(&two), Err(Flaw::Unreadable), "two roles");
}
