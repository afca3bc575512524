//! Why old programs keep asking: each refusal at the doors for programs, put together for the help desk.

use std::time::Duration;

use app::{
    issue::{
        saml2::{Basic, EcpAnswer},
        wstrust::{Answer, Arrived, Version},
    },
    office365::WsTrustWish,
    old_clients::OldClient,
};
use model::{old_client::Cause, wstrust::PasswordDoor};

use crate::{
    doors::{OFFICE, Stage, wish},
    support::{SLUG, both, visitor},
    wstrust::message,
};

const OUTLOOK: &str = "Microsoft Office/15.0 (Windows NT 6.1; Microsoft Outlook 15.0.4420; Pro)";

impl Stage {
    async fn knock_as(&self, program: &str, name: &str, password: &str, address: &str) {
        let body = message(Version::V13, name, password, self.house.now());
        let arrived = Arrived { slug: SLUG, version: Version::V13, actions: &[], body: &body };
        let mut from = visitor(address);
        program.clone_into(&mut from.client.user_agent);
        let answer = self.house.answer_trust(&arrived, &from).await.unwrap();
        assert!(matches!(answer, Answer::Fault(_)), "{answer:?}");
    }

    async fn old_clients(&self, days: u32) -> Vec<OldClient> {
        let admin = self.bench.admin().await;
        self.house.old_clients(&admin, days).await.unwrap().lines
    }
}

#[test]
fn a_device_that_asks_every_few_minutes_is_one_line_with_a_count() {
    both(|bench| async move {
        let stage = Stage::new(bench).await;
        for address in [OFFICE, "203.0.113.8", "203.0.113.8"] {
            stage.knock_as(OUTLOOK, "Alice@contoso.com", "old", address).await;
            stage.bench.pass(Duration::from_mins(5));
        }
        stage.knock_as("curl/8", "alice@contoso.com", "old", OFFICE).await;
        let lines = stage.old_clients(7).await;
        let said: Vec<_> = lines.iter().map(|it| (it.program.as_str(), it.times)).collect();
        assert_eq!(said, [("A script that uses curl", 1), ("Outlook 2013", 3)]);
        let outlook = &lines[1];
        assert_eq!((outlook.door, &outlook.cause), (PasswordDoor::WsTrust, &Cause::WrongPassword));
        let person = outlook.person.as_ref().map(|user| user.upn.to_string());
        assert_eq!(person.as_deref(), Some("alice@contoso.com"));
        assert_eq!(outlook.domain.as_ref().map(|domain| domain.slug.as_str()), Some(SLUG));
        assert_eq!(outlook.addresses, ["203.0.113.8", OFFICE]);
        assert_eq!(outlook.last.since(outlook.first), Duration::from_mins(10));
        let (admin, id) = (stage.bench.admin().await, stage.bench.user_id("alice").await);
        let hers = stage.house.person(&admin, id).await.unwrap().old_clients;
        assert_eq!(hers.iter().map(|line| line.times).collect::<Vec<_>>(), [1, 3]);
        let id = stage.bench.user_id("bob").await;
        assert!(stage.house.person(&admin, id).await.unwrap().old_clients.is_empty());

        stage.bench.pass(Duration::from_hours(8 * 24));
        assert!(stage.old_clients(7).await.is_empty());
        assert_eq!(stage.old_clients(30).await.len(), 2);
    });
}

#[test]
fn each_refusal_has_its_cause() {
    both(|bench| async move {
        let stage = Stage::with(bench, WsTrustWish { ecp: true, ..wish() }).await;
        let password = |name: &str| stage.bench.account(name).password().to_owned();
        stage.knock_as("x", "nobody@contoso.com", "x", OFFICE).await;
        stage.knock_as("x", "alice@contoso.com", &password("alice"), "198.51.100.4").await;
        stage.knock_as("x", "dan@contoso.com", &password("dan"), OFFICE).await;
        stage.knock_as("x", "erin@contoso.com", &password("erin"), OFFICE).await;
        stage.knock_as("x", "olivia@contoso.com", &password("olivia"), OFFICE).await;
        for _ in 0..6 {
            stage.knock_as("x", "alice@contoso.com", "wrong", OFFICE).await;
        }
        let lines = stage.old_clients(7).await;
        let causes: Vec<_> = lines.iter().map(|it| (it.name.as_str(), it.cause.clone())).collect();
        for (name, cause) in [
            ("nobody", Cause::UnknownPerson),
            ("alice", Cause::Network),
            ("dan", Cause::Blocked),
            ("erin", Cause::NotNamed),
            ("olivia", Cause::NotAssigned),
            ("alice", Cause::WrongPassword),
            ("alice", Cause::Throttled),
        ] {
            let name = format!("{name}@contoso.com");
            assert!(
                causes.contains(&(name.as_str(), cause.clone())),
                "{name} {cause:?}: {causes:?}"
            );
        }
        assert_eq!(lines.len(), 7, "{causes:?}");
    });
}

#[test]
fn the_mail_server_says_for_which_program_it_came() {
    both(|bench| async move {
        let stage = Stage::with(bench, WsTrustWish { ecp: true, ..wish() }).await;
        let mut from = visitor(OFFICE);
        from.behind = "Microsoft.Exchange.ActiveSync Apple-iPhone12C1/1805.84".to_owned();
        let now = stage.house.now().to_xml();
        let body = |inner: &str| {
            format!(
                "<S:Envelope xmlns:S='http://schemas.xmlsoap.org/soap/envelope/'><S:Body><samlp:AuthnRequest xmlns:samlp='urn:oasis:names:tc:SAML:2.0:protocol' ID='_a{}' Version='2.0' IssueInstant='{now}'><Issuer xmlns='urn:oasis:names:tc:SAML:2.0:assertion'>urn:federation:MicrosoftOnline</Issuer>{inner}</samlp:AuthnRequest></S:Body></S:Envelope>",
                inner.len(),
            )
        };
        let basic =
            || Some(Basic { username: "alice@contoso.com".to_owned(), password: "old".into() });
        let answer = stage.house.answer_ecp(SLUG, basic(), &body(""), &from).await.unwrap();
        assert_eq!(answer, EcpAnswer::Unauthorized);
        let strong = "<samlp:RequestedAuthnContext><saml:AuthnContextClassRef xmlns:saml='urn:oasis:names:tc:SAML:2.0:assertion'>http://schemas.microsoft.com/claims/multipleauthn</saml:AuthnContextClassRef></samlp:RequestedAuthnContext>";
        stage.house.answer_ecp(SLUG, basic(), &body(strong), &from).await.unwrap();
        let lines = stage.old_clients(7).await;
        let mut causes: Vec<_> = lines.iter().map(|it| it.cause.as_str().to_owned()).collect();
        causes.sort();
        assert_eq!(causes, [Cause::FactorDemanded.as_str(), Cause::WrongPassword.as_str()]);
        for line in lines {
            assert_eq!(line.program, "Mail on an iPhone, through Exchange Online");
            assert_eq!(line.person.unwrap().upn.as_str(), "alice@contoso.com");
        }
    });
}
