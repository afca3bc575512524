//! WS-Trust: who gets a token by a password alone, and that nobody else can tell why they don't.

use std::time::Duration;

use app::{
    Kind, Visitor,
    accounts::NewPerson,
    issue::wstrust::{Answer, Arrived, Version},
    office365::WsTrustWish,
    sign_in::Outcome,
};
use directory::testing::{PASSWORD, Slapd, Speech};
use model::{
    Role, Ts,
    audit::AuditKind,
    federated_domain::BrowserProtocol,
    ids::UserId,
    issued_token::Protocol,
    pending_request::Purpose,
    user::{Profile, UserState},
    wstrust::PasswordDoor,
};
use secrecy::ExposeSecret as _;
use store::users;

use crate::{
    directories::delegated,
    doors::{OFFICE, Stage, wish},
    support::{SLUG, both, visitor},
};

pub(crate) fn message(version: Version, name: &str, password: &str, now: Ts) -> String {
    let (trust, key) = match version {
        Version::V13 => (
            "http://docs.oasis-open.org/ws-sx/ws-trust/200512",
            "http://docs.oasis-open.org/ws-sx/ws-trust/200512/Bearer",
        ),
        Version::Feb2005 => (
            "http://schemas.xmlsoap.org/ws/2005/02/trust",
            "http://schemas.xmlsoap.org/ws/2005/05/identity/NoProofKey",
        ),
    };
    let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
    format!(
        "<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope' xmlns:a='http://www.w3.org/2005/08/addressing' xmlns:u='http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd'>
         <s:Header><a:Action s:mustUnderstand='1'>{trust}/RST/Issue</a:Action><a:MessageID>urn:uuid:00000000-0000-4000-8000-000000000001</a:MessageID>
         <a:To s:mustUnderstand='1'>https://idp.gatehouse.test/d/{SLUG}/adfs/services/trust/{}/usernamemixed</a:To>
         <o:Security s:mustUnderstand='1' xmlns:o='http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd'>
         <u:Timestamp u:Id='_0'><u:Created>{}</u:Created><u:Expires>{}</u:Expires></u:Timestamp>
         <o:UsernameToken u:Id='_1'><o:Username>{}</o:Username><o:Password>{}</o:Password></o:UsernameToken></o:Security></s:Header>
         <s:Body><t:RequestSecurityToken xmlns:t='{trust}'><p:AppliesTo xmlns:p='http://schemas.xmlsoap.org/ws/2004/09/policy'><a:EndpointReference><a:Address>urn:federation:MicrosoftOnline</a:Address></a:EndpointReference></p:AppliesTo>
         <t:KeyType>{key}</t:KeyType><t:RequestType>{trust}/Issue</t:RequestType></t:RequestSecurityToken></s:Body></s:Envelope>",
        version.segment(),
        now.to_xml(),
        (now + Duration::from_mins(10)).to_xml(),
        escaped(name),
        escaped(password),
    )
}

impl Stage {
    async fn ask(&self, version: Version, name: &str, password: &str, from: &Visitor) -> Answer {
        let body = message(version, name, password, self.house.now());
        self.send(version, &body, from).await
    }

    async fn send(&self, version: Version, body: &str, from: &Visitor) -> Answer {
        let arrived = Arrived { slug: SLUG, version, actions: &[], body };
        self.house.answer_trust(&arrived, from).await.unwrap()
    }

    /// Somebody with their right password, from the office.
    pub(crate) async fn right(&self, name: &str) -> Answer {
        let account = self.bench.account(name).clone();
        self.ask(Version::V13, &account.upn, account.password(), &visitor(OFFICE)).await
    }
}

fn fault(answer: Answer) -> String {
    match answer {
        Answer::Fault(xml) => xml,
        other => panic!("no fault: {other:?}"),
    }
}

/// R117
#[test]
fn whoever_is_named_gets_a_token_that_claims_no_second_factor() {
    both(|bench| async move {
        let stage = Stage::new(bench).await;
        let alice = stage.bench.account("alice").clone();
        for version in [Version::V13, Version::Feb2005] {
            let name = alice.upn.to_uppercase();
            let answer = stage.ask(version, &name, alice.password(), &visitor(OFFICE)).await;
            let Answer::Token(xml) = answer else { panic!("no token: {answer:?}") };
            assert!(xml.contains(&alice.immutable_id));
            assert!(!xml.contains("multipleauthn"), "a password alone is one factor");
            assert!(xml.contains("urn:uuid:00000000-0000-4000-8000-000000000001"));
        }
        let journal = stage.journal("alice").await;
        assert_eq!(journal.len(), 2);
        for row in journal {
            assert_eq!((row.protocol, row.session_id), (Protocol::WsTrust, None));
            assert!(!row.says_mfa);
            assert_eq!(row.client_address, OFFICE);
        }
        let reasons = stage.reasons(PasswordDoor::WsTrust, AuditKind::PasswordChecked).await;
        assert_eq!(reasons, ["WS-Trust, by test", "WS-Trust, by test"]);
    });
}

/// R022, R120: right or wrong password, known or not, allowed or not: the same bytes.
/// R118
#[test]
fn everybody_else_gets_the_same_fault_to_the_byte() {
    both(|bench| async move {
        let stage = Stage::new(bench).await;
        let alice = stage.bench.account("alice").clone();
        let ask = async |name: &str, password: &str, address: &str| {
            fault(stage.ask(Version::V13, name, password, &visitor(address)).await)
        };
        let unknown = ask("nobody@contoso.com", "x", OFFICE).await;
        assert!(unknown.contains(">a:FailedAuthentication<"), "{unknown}");
        assert!(unknown.contains("MSIS7068: Access denied."), "{unknown}");
        let reason = async |answer: String, expected: &str| {
            assert_eq!(answer, unknown);
            let reasons = stage.reasons(PasswordDoor::WsTrust, AuditKind::PasswordChecked).await;
            assert!(reasons.iter().any(|why| why.contains(expected)), "{expected}: {reasons:?}");
        };
        reason(ask(&alice.upn, "wrong", OFFICE).await, "wrong password").await;
        reason(ask(&alice.upn, alice.password(), "198.51.100.4").await, "network").await;
        reason(fault(stage.right("dan").await), "blocked").await;
        reason(fault(stage.right("erin").await), "second factor").await;
        reason(fault(stage.right("olivia").await), "not assigned").await;
        for _ in 0..4 {
            assert_eq!(ask(&alice.upn, "wrong", OFFICE).await, unknown);
        }
        assert_eq!(fault(stage.right("alice").await), unknown, "too many guesses");
        assert!(!stage.reasons(PasswordDoor::WsTrust, AuditKind::Throttled).await.is_empty());
        for name in ["alice", "dan", "erin", "olivia"] {
            assert!(stage.journal(name).await.is_empty(), "{name} got a token");
        }
    });
}

/// R021: this door asks the directory, and opens by what was kept while it is away.
#[test]
fn a_password_that_a_directory_checks_goes_the_same_way() {
    both(|bench| async move {
        let mut slapd = Slapd::start(Speech::Secret, &["alice@contoso.com"]);
        let stage = Stage::new(bench).await;
        delegated(&stage.bench, &slapd, "3").await;
        let ask = async |password: &str| {
            stage.bench.pass(Duration::from_secs(20));
            stage.ask(Version::V13, "alice@contoso.com", password, &visitor(OFFICE)).await
        };
        fault(stage.right("alice").await);
        assert!(matches!(ask(PASSWORD).await, Answer::Token(_)));
        slapd.pause();
        assert!(matches!(ask(PASSWORD).await, Answer::Token(_)));
        fault(ask("another one").await);
        let reasons = stage.reasons(PasswordDoor::WsTrust, AuditKind::PasswordChecked).await;
        for by in ["by the directory", "by what was kept of it", "wrong password"] {
            assert!(reasons.iter().any(|why| why.contains(by)), "{by}: {reasons:?}");
        }
    });
}

/// R015, R021, R116
#[test]
fn the_sign_in_page_and_this_door_share_one_counter() {
    both(|bench| async move {
        let stage = Stage::new(bench).await;
        let alice = stage.bench.account("alice").clone();
        for n in 0..3 {
            let name = ["Alice@contoso.com", "ALICE@CONTOSO.COM", "alice@contoso.com."][n];
            stage.ask(Version::V13, name, "wrong", &visitor(OFFICE)).await;
        }
        let from = visitor("192.0.2.1");
        let handle = stage.house.begin_sign_in(Purpose::Portal, &from).await.unwrap();
        stage.house.sign_in_address(&handle, &from, &alice.upn).await.unwrap();
        let right = alice.password.clone();
        let outcome = stage.house.sign_in_password(&handle, &from, right.clone()).await.unwrap();
        assert!(matches!(outcome, Outcome::Again { .. }), "she must wait: {outcome:?}");
        stage.bench.pass(Duration::from_secs(2));
        let outcome = stage.house.sign_in_password(&handle, &from, right).await.unwrap();
        assert!(matches!(outcome, Outcome::Next(_)), "{outcome:?}");
    });
}

/// Guesses at somebody who gets nothing here anyway tell nothing and lock nobody out.
#[test]
fn guesses_at_people_who_are_not_named_do_not_touch_their_counter() {
    both(|bench| async move {
        let stage = Stage::new(bench).await;
        let erin = stage.bench.account("erin").clone();
        for n in 0..20 {
            let from = visitor(&format!("203.0.113.{n}"));
            fault(stage.ask(Version::V13, &erin.upn, "wrong", &from).await);
        }
        let from = visitor("192.0.2.1");
        let handle = stage.house.begin_sign_in(Purpose::Portal, &from).await.unwrap();
        stage.house.sign_in_address(&handle, &from, &erin.upn).await.unwrap();
        let outcome = stage.house.sign_in_password(&handle, &from, erin.password.clone()).await;
        assert!(matches!(outcome.unwrap(), Outcome::Next(_)));
    });
}

/// R017: where a person came from before has a counter of its own.
#[test]
fn a_stranger_who_fails_does_not_stop_an_address_that_is_known() {
    both(|bench| async move {
        let stage = Stage::new(bench).await;
        let alice = stage.bench.account("alice").clone();
        assert!(matches!(stage.right("alice").await, Answer::Token(_)));
        for n in 0..8 {
            let from = visitor(&format!("203.0.113.{}", 100 + n));
            fault(stage.ask(Version::V13, &alice.upn, "wrong", &from).await);
        }
        assert!(matches!(stage.right("alice").await, Answer::Token(_)));
        let elsewhere = visitor("203.0.113.200");
        fault(stage.ask(Version::V13, &alice.upn, alice.password(), &elsewhere).await);
    });
}

/// Whoever shares that address can use its counter up; an admin clears it.
#[test]
fn an_admin_lets_a_person_in_again_at_an_address_that_is_known() {
    both(|bench| async move {
        let stage = Stage::new(bench).await;
        let alice = stage.bench.account("alice").clone();
        let right = async || {
            stage.bench.pass(Duration::from_mins(16));
            stage.right("alice").await
        };
        assert!(matches!(right().await, Answer::Token(_)));
        for n in 0..100 {
            stage.bench.pass(Duration::from_secs(if n % 50 == 0 { 960 } else { 11 }));
            fault(stage.ask(Version::V13, &alice.upn, "wrong", &visitor(OFFICE)).await);
        }
        fault(right().await);
        let (admin, id) = (stage.bench.admin().await, stage.bench.user_id("alice").await);
        stage.house.unblock(&admin, id, &visitor("198.51.100.9")).await.unwrap();
        assert!(matches!(right().await, Answer::Token(_)));
    });
}

/// R116
#[test]
fn without_a_permit_that_holds_there_is_no_door() {
    both(|bench| async move {
        let stage = Stage::new(bench).await;
        assert!(stage.house.trust_description(SLUG).await.unwrap().is_some());
        assert!(stage.house.trust_description("nowhere").await.unwrap().is_none());
        let admin = stage.bench.admin().await;
        let from = visitor("198.51.100.9");
        stage.house.forbid_wstrust(&admin, stage.domain, &from).await.unwrap();
        assert_eq!(stage.right("alice").await, Answer::Closed);
        assert!(stage.house.trust_description(SLUG).await.unwrap().is_none());
        let again = stage.house.forbid_wstrust(&admin, stage.domain, &from).await;
        assert_eq!(again.unwrap_err().kind, Kind::Conflict);

        let soon = WsTrustWish { until: "2026-11-25".to_owned(), ..wish() };
        stage.permit(soon).await.unwrap();
        assert!(matches!(stage.right("alice").await, Answer::Token(_)));
        stage.bench.pass(Duration::from_hours(15));
        assert_eq!(stage.right("alice").await, Answer::Closed, "it ran out by itself");
        assert!(stage.house.trust_description(SLUG).await.unwrap().is_none());
    });
}

#[test]
fn a_request_for_somebody_else_fails_before_anybody_is_asked() {
    both(|bench| async move {
        let stage = Stage::new(bench).await;
        let alice = stage.bench.account("alice").clone();
        let now = stage.house.now();
        let good = message(Version::V13, &alice.upn, alice.password(), now);
        let foreign = good.replace("urn:federation:MicrosoftOnline", "urn:other");
        let answer = fault(stage.send(Version::V13, &foreign, &visitor(OFFICE)).await);
        assert!(answer.contains(">a:RequestFailed<"), "{answer}");
        let old = message(Version::V13, &alice.upn, alice.password(), Ts(0));
        let answer = fault(stage.send(Version::V13, &old, &visitor(OFFICE)).await);
        assert!(answer.contains(">a:RequestFailed<"), "{answer}");
        let reasons = stage.reasons(PasswordDoor::WsTrust, AuditKind::RequestRefused).await;
        assert!(reasons.contains(&"WS-Trust, by test: it has expired".to_owned()), "{reasons:?}");
        let cut = &good[..good.len() - 9];
        assert_eq!(stage.send(Version::V13, cut, &visitor(OFFICE)).await, Answer::Unreadable);
        assert!(stage.journal("alice").await.is_empty());
        assert!(
            stage.reasons(PasswordDoor::WsTrust, AuditKind::PasswordChecked).await.is_empty(),
            "nobody was asked"
        );
    });
}

#[test]
fn taking_anything_away_closes_the_door_at_once() {
    both(|bench| async move {
        let stage = Stage::new(bench).await;
        assert!(matches!(stage.right("alice").await, Answer::Token(_)));
        let (admin, from) = (stage.bench.admin().await, visitor("198.51.100.9"));
        let alice = stage.bench.user_id("alice").await;
        stage.house.unassign(&admin, alice, stage.bench.application, &from).await.unwrap();
        fault(stage.right("alice").await);
        let carol = stage.bench.account("carol").clone();
        stage.permit(WsTrustWish { people: carol.upn.clone(), ..wish() }).await.unwrap();
        assert!(matches!(stage.right("carol").await, Answer::Token(_)));
        let id = stage.bench.user_id("carol").await;
        stage.house.block(&stage.bench.admin().await, id, &from).await.unwrap();
        fault(stage.right("carol").await);
    });
}

/// R081: a first password that must be changed, and somebody who is gone.
#[test]
fn a_first_password_opens_nothing_and_neither_do_the_deleted() {
    both(|bench| async move {
        let stage = Stage::new(bench).await;
        let (admin, from) = (stage.bench.admin().await, visitor("198.51.100.9"));
        let profile = Profile { display_name: "Mia".to_owned(), ..Profile::default() };
        let new = NewPerson { upn: "mia@contoso.com".to_owned(), profile };
        let mia = stage.house.create_person(&admin, new, &from).await.unwrap();
        let (id, application) = (mia.user.id, stage.bench.application);
        stage.house.assign(&admin, id, application, Vec::new(), &from).await.unwrap();
        let people = "mia@contoso.com carol@contoso.com".to_owned();
        stage.permit(WsTrustWish { people, ..wish() }).await.unwrap();
        let password = mia.initial_password.as_ref().unwrap().expose_secret();
        fault(stage.ask(Version::V13, "mia@contoso.com", password, &visitor(OFFICE)).await);

        assert!(matches!(stage.right("carol").await, Answer::Token(_)));
        let (carol, now) = (stage.bench.user_id("carol").await, stage.house.now());
        let delete = move |tx: &mut store::Tx| users::set_state(tx, carol, UserState::Deleted, now);
        stage.bench.store.write(delete).await.unwrap();
        fault(stage.right("carol").await);
    });
}

#[test]
fn the_plan_names_the_addresses_while_the_door_is_open() {
    both(|bench| async move {
        let stage = Stage::new(bench).await;
        let (_, plan) = stage.house.federation_plan(stage.domain).await.unwrap();
        let base = "https://idp.gatehouse.test/d/contoso-com/adfs/services/trust";
        let planned = plan.configuration();
        let active = format!("{base}/2005/usernamemixed");
        assert_eq!(planned.active_sign_in_uri.as_deref(), Some(active.as_str()));
        assert_eq!(planned.metadata_exchange_uri.as_deref(), Some(&*format!("{base}/mex")));
        let (admin, from) = (stage.bench.admin().await, visitor("198.51.100.9"));
        for (protocol, named) in [(BrowserProtocol::Saml2, false), (BrowserProtocol::WsFed, true)] {
            let chosen = stage.house.choose_browser_protocol(&admin, stage.domain, protocol, &from);
            chosen.await.unwrap();
            let (_, plan) = stage.house.federation_plan(stage.domain).await.unwrap();
            assert_eq!(plan.configuration().active_sign_in_uri.is_some(), named, "{protocol:?}");
        }
        stage.bench.pass(Duration::from_hours(24 * 40));
        let (_, plan) = stage.house.federation_plan(stage.domain).await.unwrap();
        assert_eq!(plan.configuration().active_sign_in_uri, None);
        assert_eq!(plan.configuration().metadata_exchange_uri, None);
    });
}

/// R118
#[test]
fn a_permit_is_granted_by_the_right_role_with_a_fresh_code_and_sane_words() {
    both(|bench| async move {
        let stage = Stage::new(bench).await;
        for (wish, field) in [
            (WsTrustWish { networks: String::new(), ..wish() }, "networks"),
            (WsTrustWish { networks: "203.0.113.7/24".to_owned(), ..wish() }, "networks"),
            (WsTrustWish { people: String::new(), ..wish() }, "people"),
            (WsTrustWish { people: "nobody@contoso.com".to_owned(), ..wish() }, "people"),
            (WsTrustWish { until: "tomorrow".to_owned(), ..wish() }, "until"),
            (WsTrustWish { until: "2026-11-24".to_owned(), ..wish() }, "until"),
            (WsTrustWish { until: "2028-01-01".to_owned(), ..wish() }, "until"),
            (WsTrustWish { reason: " ".to_owned(), ..wish() }, "reason"),
        ] {
            let refused = stage.permit(wish).await.unwrap_err();
            assert_eq!(refused.kind, Kind::Invalid { field }, "{refused}");
        }
        let (admin, from) = (stage.bench.admin().await, visitor("198.51.100.9"));
        let http = &stage.bench.house;
        let refused = http.permit_wstrust(&admin, stage.domain, wish(), &from).await;
        assert_eq!(refused.unwrap_err().kind, Kind::Conflict, "the address is no https");
        stage.bench.pass(Duration::from_mins(6));
        let late = stage.house.permit_wstrust(&admin, stage.domain, wish(), &from).await;
        assert_eq!(late.unwrap_err().kind, Kind::StepUp);
        let olivia: UserId = admin.user().id;
        let now = stage.house.now();
        let set = move |tx: &mut store::Tx| users::set_role(tx, olivia, Some(Role::UserAdmin), now);
        stage.bench.store.write(set).await.unwrap();
        let refused = stage.permit(wish()).await.unwrap_err();
        assert_eq!(refused.kind, Kind::Forbidden);
        let view = stage.house.protocols(&admin, stage.domain).await.unwrap();
        assert_eq!(view.permit.unwrap().reason, "Windows sign-in of the laptops");
        assert_eq!(view.granted_by, "olivia@contoso.com");
    });
}
