//! WS-Trust: requests of clients and of attackers, answers byte for byte, and both in the eyes of
//! other implementations.

use std::fs;

use bergshamra_c14n::C14nMode;
use federation::{
    assertion::saml11,
    endpoints::Endpoints,
    metadata::mex,
    wstrust::{
        Version,
        request::{Arrival, Refusal, Request, parse},
        response::{Fault, Reply, fault, issued},
    },
};
use model::{Method::Password, Ts};
use proptest::prelude::*;
use secrecy::ExposeSecret as _;

use crate::support::{
    AUDIENCE, about, at, golden, path, signer, stamp, statement, tool_agrees, xmlsec_verifies,
};

/// Where the recorded requests of clients were sent, and when.
const CLIENTS: (&str, &str) = ("https://sts.contoso.com/adfs/services/trust", "09:00:30");
/// Where the attacks are sent, and when.
const ATTACKS: (&str, &str) = ("https://idp.gatehouse.test/trust", "00:00:00");

fn arrive(body: &str, version: Version, (base, time): (&str, &str)) -> Result<Request, Refusal> {
    let address = format!("{base}/{}/usernamemixed", version.segment());
    let now = at(&format!("2026-11-22T{time}Z"));
    parse(body, &Arrival { version, address: &address, actions: &[], now })
}

fn file(name: &str) -> String {
    fs::read_to_string(path("hostile/wstrust").join(name)).expect("the message is there")
}

#[test]
fn what_clients_send_is_read() {
    for (name, version) in [
        ("wstrust-rst-13.xml", Version::V13),
        ("wstrust-rst-2005.xml", Version::Feb2005),
        ("34-rst-lowercase-messageid.xml", Version::V13),
        ("35-rst-no-messageid.xml", Version::V13),
    ] {
        let request = arrive(&file(name), version, CLIENTS).expect(name);
        assert_eq!(request.username, "ada@contoso.com", "{name}");
        assert_eq!(request.password.expose_secret(), "p&ss<word", "{name}");
        assert_eq!(request.applies_to, AUDIENCE, "{name}");
        let id = "urn:uuid:3c0b3f60-8f3e-4a6e-a2a6-0f4a3f2f6c11";
        let expected = (name != "35-rst-no-messageid.xml").then_some(id);
        assert_eq!(request.relates_to.as_deref(), expected, "{name}");
    }
}

#[test]
fn a_request_at_the_other_versions_address_is_refused() {
    let body = file("wstrust-rst-2005.xml");
    let moved = body.replace("trust/2005/usernamemixed", "trust/13/usernamemixed");
    assert_ne!(moved, body);
    assert!(arrive(&body, Version::V13, CLIENTS).is_err());
    assert!(arrive(&moved, Version::V13, CLIENTS).is_err());
}

#[test]
fn the_http_action_must_be_the_one_of_the_message() {
    let body = file("wstrust-rst-13.xml");
    let address = format!("{}/13/usernamemixed", CLIENTS.0);
    let read = |action: &str| {
        let (version, now) = (Version::V13, at("2026-11-22T09:00:30Z"));
        let actions = [action.to_owned()];
        parse(&body, &Arrival { version, address: &address, actions: &actions, now }).is_ok()
    };
    assert!(read("http://docs.oasis-open.org/ws-sx/ws-trust/200512/RST/Issue"));
    assert!(!read("http://schemas.xmlsoap.org/ws/2005/02/trust/RST/Issue"));
    assert!(!read(""));
}

/// Every attack, and what becomes of it in this room: `Read` ones are refused later, by what they
/// say, or are harmless.
#[test]
fn every_attack_ends_as_it_should() {
    #[derive(Debug, PartialEq)]
    enum End {
        Read,
        Failed,
        Unreadable,
    }
    use End::{Failed, Read, Unreadable};
    let table = [
        (Read, "T00 T03 T17 T19 T20 T21 T22 T23 32 34 35 40"),
        (Unreadable, "T01 T02 T08 T15 T24 T25 39"),
        (Failed, "T04 T05 T06 T07 T09 T10 T11 T12 T13 T14 T16 T18 30 31 33 36 37 38 41"),
    ];
    let mut seen = 0;
    for entry in fs::read_dir(path("hostile/wstrust")).expect("the folder is there") {
        let name = entry.expect("a file").file_name().into_string().expect("UTF-8");
        let id = name.split('-').next().expect("an id");
        let Some((expected, _)) = table.iter().find(|(_, ids)| ids.split(' ').any(|i| i == id))
        else {
            assert!(name.starts_with("wstrust-rst"), "{name} has no row");
            continue;
        };
        let place = if id.starts_with('T') { ATTACKS } else { CLIENTS };
        let end = match arrive(&file(&name), Version::V13, place) {
            Ok(_) => Read,
            Err(Refusal::Failed { why, .. }) => {
                assert!(!why.is_empty());
                Failed
            }
            Err(Refusal::Unreadable(_)) => Unreadable,
        };
        assert_eq!(&end, expected, "{name}");
        seen += 1;
    }
    assert_eq!(seen, 38);
}

/// One thing changed in a good request, and it is refused.
/// R119
#[test]
fn whatever_is_not_exactly_one_good_request_is_refused() {
    let good = file("T00-control.xml");
    for (from, to) in [
        ("<o:Username>alice@contoso.com", "<o:Username>"),
        ("<u:Expires>2026-11-22T00:05:00Z", "<u:Expires>2026-11-22T00:10:01Z"),
        ("<u:Expires>2026-11-22T00:05:00Z", "<u:Expires>2026-11-21T23:59:59Z"),
        ("<u:Created>2026-11-22T00:00:00Z", "<u:Created>yesterday"),
        ("<u:Created>2026-11-22T00:00:00Z</u:Created>", ""),
        ("2005/08/addressing/anonymous", "2005/08/addressing/none"),
        ("https://idp.gatehouse.test/trust", "https://idp.gatehouse.test:1/x/trust"),
        ("https://idp.gatehouse.test/trust", "http://idp.gatehouse.test/trust"),
        ("/usernamemixed</a:To>", "/usernamemixed?x=1</a:To>"),
        ("</s:Header>", "<a:Action>x</a:Action></s:Header>"),
        ("</s:Header>", "<x:y xmlns:x=\"urn:x\" s:mustUnderstand=\"true\"/></s:Header>"),
        ("</s:Body>", "<x/></s:Body>"),
        ("<s:Body>", "<s:Body>x"),
        ("</wsp:AppliesTo>", "</wsp:AppliesTo><trust:Claims/>"),
        ("</trust:KeyType>", "</trust:KeyType><trust:TokenType>urn:other</trust:TokenType>"),
        ("#PasswordText", "#PasswordDigest"),
        ("<o:Password Type=", "<o:Nonce>x</o:Nonce><o:Password Type="),
    ] {
        let changed = good.replacen(from, to, 1);
        assert_ne!(changed, good, "{from}");
        assert!(arrive(&changed, Version::V13, ATTACKS).is_err(), "{to}");
    }
    for (from, to) in [
        ("https://idp.gatehouse.test/trust", "https://IDP.gatehouse.test:8443/Trust"),
        ("</s:Header>", "<x:y xmlns:x=\"urn:x\" s:mustUnderstand=\"0\"/></s:Header>"),
        ("<u:Expires>2026-11-22T00:05:00Z", "<u:Expires>2026-11-22T00:10:00Z"),
        (
            " Type=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText\"",
            "",
        ),
        ("<s:Envelope", "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<s:Envelope"),
        ("><s:Body>", ">\r\n  <s:Body>\r\n"),
    ] {
        let changed = good.replacen(from, to, 1);
        assert_ne!(changed, good, "{from}");
        arrive(&changed, Version::V13, ATTACKS).expect(to);
    }
}

#[test]
fn a_message_id_that_is_no_uri_is_not_sent_back() {
    let good = file("T00-control.xml");
    let id = "urn:uuid:00000000-0000-4000-8000-000000000001";
    for odd in ["x", "", &format!("urn:{}", "x".repeat(200))] {
        let changed = good.replacen(id, odd, 1);
        let request = arrive(&changed, Version::V13, ATTACKS).expect("a request all the same");
        assert_eq!(request.relates_to, None, "{odd}");
    }
}

fn reply(version: Version) -> Reply<'static> {
    let relates_to = Some("urn:uuid:3c0b3f60-8f3e-4a6e-a2a6-0f4a3f2f6c11");
    Reply { version, relates_to, now: at("2026-11-25T09:00:00.041Z") }
}

fn answer(version: Version, context: Option<&str>) -> (String, String) {
    let token =
        saml11::issue(&statement(&[Password]), &about(), &stamp(), &signer()).expect("a token");
    let xml = issued(&reply(version), &token, AUDIENCE, &stamp(), context);
    (xml, token.text)
}

#[test]
fn answers_are_the_same_to_the_byte_and_the_token_cut_out_of_them_verifies() {
    for (version, name) in
        [(Version::V13, "wstrust-response-13.xml"), (Version::Feb2005, "wstrust-response-2005.xml")]
    {
        let (xml, token) = answer(version, None);
        golden(name, &xml);
        assert!(xmlsec_verifies(&xml), "{name}");
        let cut = xml.split("RequestedSecurityToken>").nth(1).expect("a token");
        let cut = cut.rsplit_once("</").expect("its end").0;
        assert_eq!(cut, token, "as clients cut it out");
        assert!(xmlsec_verifies(cut) && cut.starts_with("<saml:Assertion"));
        assert!(!xml.contains("> <") && !xml.contains('\n'), "no white space");
        assert!(!token.contains("multipleauthn"), "a password alone is no second factor");
    }
}

#[test]
fn faults_are_the_same_to_the_byte_and_say_no_more_than_they_must() {
    for (version, kind, name) in [
        (Version::V13, Fault::FailedAuthentication, "wstrust-fault-authentication-13.xml"),
        (Version::Feb2005, Fault::FailedAuthentication, "wstrust-fault-authentication-2005.xml"),
        (Version::V13, Fault::RequestFailed, "wstrust-fault-request-13.xml"),
        (Version::Feb2005, Fault::RequestFailed, "wstrust-fault-request-2005.xml"),
    ] {
        let xml = fault(&reply(version), kind);
        golden(name, &xml);
        well_formed(&xml);
        assert_eq!(xml.matches("<s:Value").count(), 2, "{name}: one code, one subcode");
    }
    let without = Reply { relates_to: None, ..reply(Version::V13) };
    assert!(!fault(&without, Fault::RequestFailed).contains("RelatesTo"));
}

fn well_formed(xml: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("message.xml");
    fs::write(&file, xml).expect("written");
    tool_agrees("xmllint", &["--nonet", "--noout", file.to_str().expect("UTF-8")]);
}

/// R121
#[test]
fn the_description_is_constant_and_spelled_as_clients_search_it() {
    let public = url::Url::parse("https://sts.contoso.com").expect("an address");
    let xml = mex::document(&Endpoints::new(&public, "contoso-com"));
    golden("mex.xml", &xml);
    well_formed(&xml);
    // The ODBC driver searches these as text, prefixes and order of attributes included.
    for literal in [
        "<wsp:Policy wsu:Id=\"UserNameWSTrustBinding_IWSTrust13Async_policy\">",
        "<wsdl:binding name=\"UserNameWSTrustBinding_IWSTrustFeb2005Async\"",
        "<wsp:PolicyReference URI=\"#UserNameWSTrustBinding_IWSTrust13Async_policy\"",
        "<wsdl:port name=\"UserNameWSTrustBinding_IWSTrust13Async\"",
        "<wsa10:Address>https://sts.contoso.com/d/contoso-com/adfs/services/trust/13/usernamemixed</",
    ] {
        assert!(xml.contains(literal), "{literal}");
    }
    // MSAL for Go wants the prefix declared on the very element.
    let bindings = xml.matches("<sp:TransportBinding ").count();
    assert_eq!((bindings, xml.matches("<sp:TransportBinding xmlns:sp=").count()), (2, 2));
    for never in ["NegotiateAuthentication", "certificate", "windowstransport", "<!", "http://sts"]
    {
        assert!(!xml.contains(never), "{never}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever a client made us repeat stays a value.
    #[test]
    fn repeated_values_stay_values(context in "[^\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\u{fffe}\u{ffff}]{0,40}") {
        let (plain, _) = answer(Version::V13, Some("x"));
        let (xml, _) = answer(Version::V13, Some(&context));
        prop_assert_eq!(xml.matches('<').count(), plain.matches('<').count());
        let canonical = bergshamra_c14n::canonicalize::<&str>(&xml, C14nMode::Inclusive, None, &[]);
        prop_assert_eq!(String::from_utf8(canonical.expect("well-formed")).expect("UTF-8"), xml);
    }

    /// No text makes the reader panic, and none that is not a request becomes one.
    /// R112
    #[test]
    fn noise_is_refused(noise in "\\PC{0,200}", cut in 0_usize..1_800) {
        let good = file("T00-control.xml");
        let cut = good.char_indices().map(|(at, _)| at).take_while(|at| *at <= cut).last().unwrap_or(0);
        prop_assert!(arrive(&noise, Version::V13, ATTACKS).is_err());
        prop_assert!(arrive(&good[..cut], Version::V13, ATTACKS).is_err());
        let now = Ts(0);
        let address = "https://idp.gatehouse.test/trust/13/usernamemixed";
        let arrival = Arrival { version: Version::V13, address, actions: &[], now };
        prop_assert!(parse(&good, &arrival).is_err(), "long ago");
    }
}
