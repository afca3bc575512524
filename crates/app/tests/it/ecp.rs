//! SAML 2.0 without a browser: the exception of WS-Trust, with a switch of its own.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use app::{
    issue::{
        saml2::{Basic, EcpAnswer},
        wstrust::{Answer, Arrived, Version},
    },
    office365::WsTrustWish,
};
use model::{
    audit::AuditKind, federated_domain::BrowserProtocol, issued_token::Protocol,
    wstrust::PasswordDoor,
};

use crate::{
    doors::{OFFICE, Stage, wish},
    policy::{keys::keys_only, publish},
    support::{Bench, SLUG, both, visitor},
};

const MFA: &str = "<samlp:RequestedAuthnContext Comparison='exact'><saml:AuthnContextClassRef xmlns:saml='urn:oasis:names:tc:SAML:2.0:assertion'>http://schemas.microsoft.com/claims/multipleauthn</saml:AuthnContextClassRef></samlp:RequestedAuthnContext>";

impl Stage {
    /// A request from this party, with more attributes and more elements.
    fn message(&self, issuer: &str, attributes: &str, inner: &str) -> String {
        static SENT: AtomicU32 = AtomicU32::new(0);
        let (now, number) = (self.house.now().to_xml(), SENT.fetch_add(1, Ordering::Relaxed));
        format!(
            "<S:Envelope xmlns:S='http://schemas.xmlsoap.org/soap/envelope/'><S:Body><samlp:AuthnRequest xmlns:samlp='urn:oasis:names:tc:SAML:2.0:protocol' ID='_request{number}' Version='2.0' IssueInstant='{now}'{attributes}><Issuer xmlns='urn:oasis:names:tc:SAML:2.0:assertion'>{issuer}</Issuer><samlp:NameIDPolicy Format='urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'/>{inner}</samlp:AuthnRequest></S:Body></S:Envelope>"
        )
    }

    async fn send_by_ecp(&self, basic: Option<Basic>, body: &str, address: &str) -> EcpAnswer {
        self.house.answer_ecp(SLUG, basic, body, &visitor(address)).await.unwrap()
    }

    async fn ask_by_ecp(&self, name: &str, password: &str, address: &str) -> EcpAnswer {
        let body = self.message("urn:federation:MicrosoftOnline", "", "");
        self.send_by_ecp(Some(basic(name, password)), &body, address).await
    }
}

/// A house whose domain lets old mail programs in.
async fn opened(bench: Bench) -> Stage {
    Stage::with(bench, WsTrustWish { ecp: true, ..wish() }).await
}

fn basic(name: &str, password: &str) -> Basic {
    Basic { username: name.to_owned(), password: password.into() }
}

#[test]
fn whoever_is_named_gets_a_response_that_claims_no_second_factor() {
    both(|bench| async move {
        let stage = opened(bench).await;
        let alice = stage.bench.account("alice").clone();
        let answer = stage.ask_by_ecp(&alice.upn, alice.password(), OFFICE).await;
        let EcpAnswer::Response(xml) = answer else { panic!("no response: {answer:?}") };
        assert!(xml.contains("status:Success") && xml.contains(&alice.immutable_id), "{xml}");
        assert!(xml.contains("AssertionConsumerServiceURL=") && xml.contains("/login.srf"));
        assert!(xml.contains("InResponseTo=\"_request"), "{xml}");
        assert!(!xml.contains("multipleauthn"), "a password alone is one factor");
        let journal = stage.journal("alice").await;
        assert_eq!(journal.len(), 1);
        assert_eq!((journal[0].protocol, journal[0].session_id), (Protocol::Saml2, None));
        assert!(!journal[0].says_mfa);
        assert_eq!(
            stage.reasons(PasswordDoor::Ecp, AuditKind::PasswordChecked).await,
            ["SAML ECP, by test"]
        );
    });
}

/// R022: right or wrong password, known or not, allowed or not: the same answer.
#[test]
fn everybody_else_is_told_nothing() {
    both(|bench| async move {
        let stage = opened(bench).await;
        let alice = stage.bench.account("alice").clone();
        let refused = async |name: &str, password: &str, address: &str, why: &str| {
            assert_eq!(
                stage.ask_by_ecp(name, password, address).await,
                EcpAnswer::Unauthorized,
                "{why}"
            );
            let reasons = stage.reasons(PasswordDoor::Ecp, AuditKind::PasswordChecked).await;
            assert!(reasons.iter().any(|known| known.contains(why)), "{why}: {reasons:?}");
        };
        refused("nobody@contoso.com", "x", OFFICE, "unknown person").await;
        refused(&alice.upn, "wrong", OFFICE, "wrong password").await;
        refused(&alice.upn, alice.password(), "198.51.100.4", "network").await;
        for (name, why) in [("dan", "blocked"), ("erin", "second factor")] {
            let account = stage.bench.account(name).clone();
            refused(&account.upn, account.password(), OFFICE, why).await;
        }
        let body = stage.message("urn:federation:MicrosoftOnline", "", "");
        assert_eq!(stage.send_by_ecp(None, &body, OFFICE).await, EcpAnswer::Unauthorized);
        for _ in 0..5 {
            stage.ask_by_ecp(&alice.upn, "wrong", OFFICE).await;
        }
        let late = stage.ask_by_ecp(&alice.upn, alice.password(), OFFICE).await;
        assert_eq!(late, EcpAnswer::Unauthorized, "too many guesses");
        assert!(!stage.reasons(PasswordDoor::Ecp, AuditKind::Throttled).await.is_empty());
        for name in ["alice", "dan", "erin"] {
            assert!(stage.journal(name).await.is_empty(), "{name} got a token");
        }
    });
}

/// The mail server's address is everybody's: what strangers do there is not held against a person.
#[test]
fn names_that_nobody_has_shut_nobody_out() {
    both(|bench| async move {
        let stage = opened(bench).await;
        let alice = stage.bench.account("alice").clone();
        for n in 0..70 {
            stage.ask_by_ecp(&format!("nobody{n}@contoso.com"), "wrong", OFFICE).await;
        }
        let answer = stage.ask_by_ecp(&alice.upn, alice.password(), OFFICE).await;
        assert!(matches!(answer, EcpAnswer::Response(_)), "{answer:?}");
    });
}

/// R013: her own programs' successes in between don't give a stranger new guesses, and an admin can
/// let her in again.
#[test]
fn after_a_hundred_failures_an_admin_lets_the_person_in_again() {
    both(|bench| async move {
        let stage = opened(bench).await;
        let alice = stage.bench.account("alice").clone();
        let right = async || {
            stage.bench.pass(Duration::from_secs(11));
            stage.ask_by_ecp(&alice.upn, alice.password(), OFFICE).await
        };
        for n in 0..100 {
            if n == 50 {
                assert!(matches!(right().await, EcpAnswer::Response(_)));
            }
            stage.bench.pass(Duration::from_secs(11));
            stage.ask_by_ecp(&alice.upn, "wrong", OFFICE).await;
        }
        assert_eq!(right().await, EcpAnswer::Unauthorized);
        let (admin, id) = (stage.bench.admin().await, stage.bench.user_id("alice").await);
        stage.house.unblock(&admin, id, &visitor("198.51.100.9")).await.unwrap();
        assert!(matches!(right().await, EcpAnswer::Response(_)));
    });
}

#[test]
fn what_can_not_be_had_is_said_before_any_password_is_looked_at() {
    both(|bench| async move {
        let stage = opened(bench).await;
        let microsoft = "urn:federation:MicrosoftOnline";
        let body = stage.message(microsoft, "", MFA);
        let answer =
            stage.send_by_ecp(Some(basic("alice@contoso.com", "wrong")), &body, OFFICE).await;
        let EcpAnswer::Response(xml) = answer else { panic!("no response: {answer:?}") };
        assert!(xml.contains("status:NoAuthnContext") && !xml.contains("<saml:Assertion"), "{xml}");
        let elsewhere = " AssertionConsumerServiceURL='https://evil.example/acs'";
        let by_form = " ProtocolBinding='urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST'";
        for (issuer, attributes, said) in [
            ("urn:nobody", "", "nobody is registered"),
            (microsoft, elsewhere, "an address that is not registered"),
            (microsoft, by_form, "in a way that is not offered"),
            (microsoft, " Destination='https://idp.gatehouse.test/'", "another address"),
        ] {
            let body = stage.message(issuer, attributes, "");
            let answer =
                stage.send_by_ecp(Some(basic("alice@contoso.com", "wrong")), &body, OFFICE).await;
            let EcpAnswer::Fault(xml) = answer else { panic!("no fault: {answer:?}") };
            assert!(xml.contains(said), "{said}: {xml}");
        }
        assert!(stage.reasons(PasswordDoor::Ecp, AuditKind::PasswordChecked).await.is_empty());
        assert_eq!(stage.reasons(PasswordDoor::Ecp, AuditKind::RequestRefused).await.len(), 5);
    });
}

#[test]
fn its_switch_is_its_own_and_a_saml_domain_tells_microsoft_the_address() {
    both(|bench| async move {
        let stage = opened(bench).await;
        let alice = stage.bench.account("alice").clone();
        let active = async || {
            let (_, plan) = stage.house.federation_plan(stage.domain).await.unwrap();
            plan.configuration().active_sign_in_uri.clone().unwrap_or_default()
        };
        assert!(active().await.ends_with("/2005/usernamemixed"));
        let admin = stage.bench.admin().await;
        let from = visitor("198.51.100.9");
        stage
            .house
            .choose_browser_protocol(&admin, stage.domain, BrowserProtocol::Saml2, &from)
            .await
            .unwrap();
        assert!(active().await.ends_with("/d/contoso-com/saml/ecp"));
        stage.permit(wish()).await.unwrap();
        assert_eq!(active().await, "");
        assert_eq!(stage.ask_by_ecp(&alice.upn, alice.password(), OFFICE).await, EcpAnswer::Closed);
        let arrived = Arrived { slug: SLUG, version: Version::V13, actions: &[], body: "<a/>" };
        let trust = stage.house.answer_trust(&arrived, &visitor(OFFICE)).await.unwrap();
        assert_ne!(trust, Answer::Closed, "WS-Trust stays open");
    });
}

#[test]
fn a_rule_that_takes_keys_refuses_whoever_comes_with_a_password() {
    both(|bench| async move {
        let stage = opened(bench).await;
        let alice = stage.bench.account("alice").clone();
        let admin = stage.bench.admin().await;
        let from = visitor(OFFICE);
        publish(&stage.house, &admin, &from, vec![keys_only(vec![])]).await.unwrap();
        let refused = stage.ask_by_ecp(&alice.upn, alice.password(), OFFICE).await;
        assert_eq!(refused, EcpAnswer::Unauthorized);
        stage.house.clear_policy(&from).await.unwrap();
        let answer = stage.ask_by_ecp(&alice.upn, alice.password(), OFFICE).await;
        assert!(matches!(answer, EcpAnswer::Response(_)), "it was the rule: {answer:?}");
    });
}
