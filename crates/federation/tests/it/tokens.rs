//! Tokens and token responses: byte for byte, and in the eyes of other implementations.

use std::{fs, time::Duration};

use bergshamra_c14n::C14nMode;
use federation::{
    Error, Stamp,
    assertion::{Attribute, Description, SignedToken, Subject, saml11},
    claims::Statement,
    keyring::Signer,
    uris::MULTIPLE_AUTHN,
    wsfed::response::token_response,
};
use model::{
    Method::{self, Password, RecoveryCode, Totp},
    issued_token::Reason,
    relying_party::NameIdFormat,
};

use crate::support::{
    about, at, certificate, golden, key, path, proof, signer, stamp, statement, tool_agrees,
    xmlsec_verifies,
};

fn issue(methods: &[Method]) -> SignedToken {
    saml11::issue(&statement(methods), &about(), &stamp(), &signer()).expect("a token")
}

fn bergshamra_verifies(xml: &str) -> bool {
    let mut keys = bergshamra_keys::KeysManager::new();
    keys.add_key(bergshamra_keys::loader::load_x509_cert_der(&certificate()).expect("a key"));
    let context = bergshamra_dsig::DsigContext::new(keys);
    let result = bergshamra_dsig::verify::verify(&context, xml);
    result.is_ok_and(|result| result.is_valid() && result.all_reference_digests_verified())
}

/// What another implementation makes of the document.
fn canonical(xml: &str) -> String {
    let bytes = bergshamra_c14n::canonicalize::<&str>(xml, C14nMode::Exclusive, None, &[]);
    String::from_utf8(bytes.expect("well-formed")).expect("UTF-8")
}

/// R088
#[test]
fn tokens_are_the_same_to_the_byte() {
    golden("token-mfa.xml", &issue(&[Password, Totp]).text);
    golden("token-password.xml", &issue(&[Password]).text);
    let everything = Statement {
        inside_network: Some(true),
        persistent_session: Some(false),
        ..statement(&[Password, RecoveryCode])
    };
    let token = saml11::issue(&everything, &about(), &stamp(), &signer()).expect("a token");
    golden("token-every-claim.xml", &token.text);
}

/// What an application of one's own is told.
fn picked(name_id: Subject, claims: &[(&str, &str)]) -> Description {
    let attributes = claims.iter().map(|(name, value)| Attribute {
        reason: Reason::Chosen,
        name: (*name).to_owned(),
        name_format: None,
        values: vec![(*value).to_owned()],
    });
    Description { subject: name_id, attributes: attributes.collect() }
}

fn by_mail() -> Subject {
    let value = "Ada.O'Hara@contoso.com".to_owned();
    Subject::Named { format: NameIdFormat::EmailAddress.uri(), value, reason: Reason::SignInName }
}

const MAIL: &str = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress";

#[test]
fn an_application_is_told_what_was_picked_and_how_the_person_signed_in() {
    let statement =
        Statement { audience: "urn:contoso:timesheet".to_owned(), ..statement(&[Password, Totp]) };
    let about = picked(by_mail(), &[(MAIL, "Ada.O'Hara@contoso.com")]);
    let token = saml11::issue(&statement, &about, &stamp(), &signer()).expect("a token");
    golden("token-party.xml", &token.text);
    assert!(xmlsec_verifies(&token.text) && token.says_mfa);
    let said = saml11::said(&statement, &about, &stamp());
    let reasons: Vec<Reason> = said.iter().map(|claim| claim.reason).collect();
    assert_eq!(reasons[..3], [Reason::SignInName, Reason::Chosen, Reason::FirstFactor]);
    assert_eq!(said.len(), token.text.matches("<saml:Attribute ").count() + 1);

    let transient = picked(Subject::Transient, &[]);
    let token = saml11::issue(&statement, &transient, &stamp(), &signer()).expect("a token");
    assert!(!token.text.contains("Ada") && token.text.contains("nameid-format:transient"));
}

/// R094
#[test]
fn a_value_that_looks_like_a_second_factor_is_none() {
    let about = picked(by_mail(), &[("http://schemas.xmlsoap.org/claims/Group", MULTIPLE_AUTHN)]);
    let token = saml11::issue(&statement(&[Password]), &about, &stamp(), &signer());
    assert!(!token.expect("a token").says_mfa);
}

#[test]
fn a_claim_whose_name_saml_1_1_cannot_write_gives_no_token() {
    for name in ["mail", "urn:oid:2.5.4.11", "/x", "http://schemas.xmlsoap.org/claims/", ""] {
        let about = picked(by_mail(), &[(name, "x")]);
        let refused = saml11::issue(&statement(&[Password]), &about, &stamp(), &signer());
        assert_eq!(refused, Err(Error::ReadBack("a claim's name is no URI")), "{name}");
    }
}

#[test]
fn the_token_response_is_the_same_to_the_byte() {
    let token = issue(&[Password, Totp]);
    let response = token_response(&token, &statement(&[Password, Totp]), &stamp());
    golden("response-mfa.xml", &response);
    assert!(response.contains(&format!("<t:RequestedSecurityToken>{}</t:", token.text)));
    assert!(!response.contains("> <") && !response.contains('\n'));
}

/// R093
#[test]
fn xmlsec1_and_bergshamra_verify_token_and_response() {
    let token = issue(&[Password, Totp]);
    let response = token_response(&token, &statement(&[Password, Totp]), &stamp());
    for xml in [&token.text, &response] {
        assert!(xmlsec_verifies(xml));
        assert!(bergshamra_verifies(xml));
        let forged = xml.replace("Ada.O'Hara@", "Eve.O'Hara@");
        assert!(!xmlsec_verifies(&forged) && !bergshamra_verifies(&forged));
    }
}

#[test]
fn tokens_are_valid_by_the_saml_schema() {
    let folder = tempfile::tempdir().expect("a folder");
    let schema = path("xsd/oasis-sstc-saml-schema-assertion-1.1.xsd");
    for methods in [&[Password][..], &[Password, Totp]] {
        let file = folder.path().join("token.xml");
        fs::write(&file, issue(methods).text).expect("written");
        let (schema, file) = (schema.to_str().expect("UTF-8"), file.to_str().expect("UTF-8"));
        tool_agrees("xmllint", &["--nonet", "--noout", "--schema", schema, file]);
    }
}

#[test]
fn what_we_write_is_canonical_already() {
    let token = issue(&[Password, Totp]);
    assert_eq!(canonical(&token.text), token.text);
    let response = token_response(&token, &statement(&[Password, Totp]), &stamp());
    assert_eq!(canonical(&response), response);
}

#[test]
fn says_mfa_is_what_the_token_says() {
    for methods in [&[Password][..], &[Totp], &[Totp, RecoveryCode], &[Password, Totp]] {
        let token = issue(methods);
        assert_eq!(token.says_mfa, token.text.contains(MULTIPLE_AUTHN), "{methods:?}");
        assert_eq!(token.says_mfa, proof(methods).mfa().is_some(), "{methods:?}");
        let instant = token.text.contains("multifactorauthenticationinstant");
        assert_eq!(instant, token.says_mfa, "{methods:?}");
    }
}

#[test]
fn no_instant_lies_after_the_time_of_issue() {
    let early = Stamp { now: at("2026-11-25T08:00:00Z"), ..stamp() };
    let token =
        saml11::issue(&statement(&[Password, Totp]), &about(), &early, &signer()).expect("a token");
    assert!(token.text.contains("AuthenticationInstant=\"2026-11-25T08:00:00.000Z\""));
    assert!(!token.text.contains("T08:59"));
    assert!(token.text.contains("NotBefore=\"2026-11-25T07:59:00.000Z\""));
    assert!(token.text.contains("NotOnOrAfter=\"2026-11-25T08:10:00.000Z\""));
}

#[test]
fn another_stamp_is_another_token() {
    let other = Stamp { token_id: [7; 16], lifetime: Duration::from_mins(2), ..stamp() };
    let token =
        saml11::issue(&statement(&[Password]), &about(), &other, &signer()).expect("a token");
    assert_eq!(token.token_id, format!("_{}", "07".repeat(16)));
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, token.text.as_bytes());
    assert_eq!(token.digest, hash.as_ref());
    assert_ne!(token.digest, issue(&[Password]).digest);
}

/// R093, R098
#[test]
fn a_corrupted_key_gives_no_token() {
    let mut damaged = key();
    damaged.certificate[300] ^= 1;
    let refused = Signer::from_key(&damaged).err();
    assert_eq!(refused, Some(Error::UnusableKey("the certificate is another key's")));
    let mut half = key();
    half.private_key = vec![0x30; 100].into();
    let refused = Signer::from_key(&half).err();
    assert_eq!(refused, Some(Error::UnusableKey("the private key is damaged")));
}

/// R098
#[test]
fn a_character_that_xml_cannot_carry_gives_no_token() {
    for bad in ['\0', '\u{8}', '\u{1b}', '\u{ffff}'] {
        let hostile = Statement { audience: format!("urn:a{bad}"), ..statement(&[Password]) };
        let refused = saml11::issue(&hostile, &about(), &stamp(), &signer());
        assert_eq!(refused, Err(Error::Character(bad)));
    }
}
