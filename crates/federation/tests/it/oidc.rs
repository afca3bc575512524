//! ID tokens: byte for byte, in the eyes of openssl, and as hints that somebody else made.

use std::fs;

use aws_lc_rs::hmac;
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use federation::{
    assertion::{Attribute, Description, SignedToken, Subject},
    claims::Statement,
    endpoints::{Endpoints, OidcAddress},
    oidc::{
        discovery,
        id_token::{self, Envelope},
        keys,
        logout_token::{self, Ended},
        sign_out,
    },
    uris,
};
use model::{
    Method::{self, Password, Totp},
    issued_token::Reason,
};
use proptest::prelude::*;
use serde_json::Value;

use crate::{
    hostile_values::hostile_text,
    support::{certificate, golden, path, signer, stamp, statement, tool},
};

const ISSUER: &str = "https://sts.contoso.com/d/contoso-com/oidc";
const CLIENT: &str = "019b0c5e-8d7a-7cc3-98a5-3c5a54a8e9b2";

fn attribute(name: &str, value: &str) -> Attribute {
    Attribute {
        reason: Reason::Chosen,
        name: name.to_owned(),
        name_format: None,
        values: vec![value.to_owned()],
    }
}

fn vouched(methods: &[Method]) -> Statement {
    Statement { issuer: ISSUER.to_owned(), audience: CLIENT.to_owned(), ..statement(methods) }
}

fn envelope(attributes: Vec<Attribute>) -> Envelope {
    Envelope {
        about: Description {
            subject: Subject::Named {
                format: uris::NAME_ID_UNSPECIFIED,
                value: "7BVXb2y0RkmXv3pQ9sYq1w==".to_owned(),
                reason: Reason::ImmutableId,
            },
            attributes,
        },
        nonce: Some("n-0S6_WzA2Mj".to_owned()),
        session: "019b0c5e-0000-7cc3-98a5-3c5a54a8e9b2".to_owned(),
        access_token: "a".repeat(64),
    }
}

fn issue(methods: &[Method]) -> SignedToken {
    let envelope = envelope(vec![attribute("email", "Ada.O'Hara@contoso.com")]);
    id_token::issue(&vouched(methods), &envelope, &stamp(), &signer()).expect("a token")
}

fn part(text: &str, nth: usize) -> Vec<u8> {
    let part = text.split('.').nth(nth).expect("three parts");
    URL_SAFE_NO_PAD.decode(part).expect("base64url")
}

fn claims(token: &SignedToken) -> Value {
    serde_json::from_slice(&part(&token.text, 1)).expect("JSON")
}

/// Whether openssl finds the signature in order.
fn openssl_verifies(token: &str) -> bool {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name).display().to_string();
    let (message, _) = token.rsplit_once('.').expect("three parts");
    fs::write(at("message"), message).expect("written");
    fs::write(at("signature"), part(token, 2)).expect("written");
    let pem = path("data/test-certificate.pem").display().to_string();
    let key = tool("openssl", &["x509", "-in", &pem, "-pubkey", "-noout"]);
    fs::write(at("key.pem"), key.stdout).expect("written");
    let (key, signature) = (at("key.pem"), at("signature"));
    let arguments = ["dgst", "-sha256", "-verify", &key, "-signature", &signature, &at("message")];
    tool("openssl", &arguments).status.success()
}

#[test]
fn id_tokens_and_documents_are_the_same_to_the_byte() {
    let (mfa, password) = (issue(&[Password, Totp]), issue(&[Password]));
    golden("id-token-mfa.jwt", &mfa.text);
    golden("id-token-password.jwt", &password.text);
    assert!(mfa.says_mfa && !password.says_mfa);
    assert!(openssl_verifies(&mfa.text) && openssl_verifies(&password.text));
    assert!(!openssl_verifies(&mfa.text.replacen("eyJ", "eyK", 1)));
    let endpoints =
        Endpoints::new(&"https://sts.contoso.com".parse().expect("a URL"), "contoso-com");
    assert_eq!(endpoints.oidc(OidcAddress::UserInfo), format!("{ISSUER}/userinfo"));
    golden("openid-configuration.json", &discovery::document(&endpoints));
    golden("jwks.json", &keys::document([&*certificate()]));
}

#[test]
fn what_tells_of_a_sign_out_is_the_same_to_the_byte_and_is_no_id_token() {
    let ended = Ended {
        issuer: ISSUER.to_owned(),
        audience: "tickets".to_owned(),
        subject: "aBcDeFgHiJkLmNoPqRsTuQ==".to_owned(),
        session: "019b0c5e-0000-7cc3-98a5-3c5a54a8e9b2".to_owned(),
    };
    let token = logout_token::issue(&ended, &stamp(), &signer()).expect("a token");
    golden("logout-token.jwt", &token);
    assert!(openssl_verifies(&token));
    let read = |nth| serde_json::from_slice::<Value>(&part(&token, nth)).expect("JSON");
    assert_eq!(read(0)["typ"], "logout+jwt");
    assert!(read(1).get("nonce").is_none() && read(1)["events"].is_object());
}

#[test]
fn what_is_said_of_the_sign_in_is_never_what_an_admin_picked() {
    let picked = ["acr", "amr", "sub", "auth_time", "aud", "exp"];
    let picked = picked.map(|name| attribute(name, "https://refeds.org/profile/mfa")).to_vec();
    let forged = envelope(picked);
    let token = id_token::issue(&vouched(&[Password]), &forged, &stamp(), &signer());
    let token = token.expect("a token");
    let (said, honest) = (claims(&token), claims(&issue(&[Password])));
    for name in ["acr", "amr", "sub", "auth_time", "aud", "exp"] {
        assert_eq!(said[name], honest[name], "{name}");
    }
    assert!(!token.says_mfa);
}

#[test]
fn a_hint_counts_only_when_our_key_signed_it_for_this_issuer() {
    let token = issue(&[Password, Totp]).text;
    let trusted = [certificate()];
    let read = |hint: &str| sign_out::read_hint(hint, ISSUER, &trusted);
    let hint = read(&token).expect("it is ours");
    assert_eq!(
        (hint.client_id.as_str(), hint.subject.as_str()),
        (CLIENT, "7BVXb2y0RkmXv3pQ9sYq1w==")
    );
    assert_eq!(sign_out::read_hint(&token, "https://sts.contoso.com/d/other/oidc", &trusted), None);
    assert_eq!(sign_out::read_hint(&token, ISSUER, &[]), None, "the key is trusted no more");

    let (message, signature) = token.rsplit_once('.').expect("three parts");
    let (head, body) = message.split_once('.').expect("two parts");
    let with = |head: &str| URL_SAFE_NO_PAD.encode(head);
    let kid = keys::key_id(&certificate());
    let none = with(&format!("{{\"alg\":\"none\",\"kid\":\"{kid}\"}}"));
    let hs256 = with(&format!("{{\"alg\":\"HS256\",\"kid\":\"{kid}\"}}"));
    // The public key is known to everybody: it must not do as the secret of a MAC.
    let macs = [certificate(), STANDARD.encode(certificate()).into_bytes()].map(|secret| {
        let message = format!("{hs256}.{body}");
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &secret), message.as_bytes());
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag))
    });
    let other = body.replacen("eyJ", "eyK", 1);
    let nameless = with("{\"alg\":\"RS256\"}");
    for forged in [
        format!("{none}.{body}."),
        format!("{none}.{body}.{signature}"),
        format!("{head}.{body}."),
        format!("{head}.{other}.{signature}"),
        format!("{nameless}.{body}.{signature}"),
        format!("{message}.{signature}.x"),
        format!("{head}..{signature}"),
        message.to_owned(),
        String::new(),
        macs[0].clone(),
        macs[1].clone(),
    ] {
        assert_eq!(read(&forged), None, "{forged}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn hostile_values_stay_values(name in "[ -~]{1,20}", value in hostile_text(), nonce in hostile_text()) {
        prop_assume!(!federation::oidc::claims::is_reserved(&name));
        let envelope = Envelope { nonce: Some(nonce.clone()), ..envelope(vec![attribute(&name, &value)]) };
        // `issue` itself compares every claim with what it reads back.
        let token = id_token::issue(&vouched(&[Password]), &envelope, &stamp(), &signer());
        let said = claims(&token.expect("a token"));
        prop_assert_eq!(&said[&name], &Value::from(value));
        prop_assert_eq!(&said["nonce"], &Value::from(nonce));
        prop_assert_eq!(said.as_object().map(serde_json::Map::len), Some(13));
    }
}
