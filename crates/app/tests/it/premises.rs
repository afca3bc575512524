//! Domains, relying parties and keys are kept in memory: never longer than until they change.

use app::{
    House,
    issue::{
        Denial,
        wsfed::Entered,
        wstrust::{Answer, Arrived, Version},
    },
    office365::NewConnection,
    visitor::Secret,
};
use model::{
    Actor, Upn,
    application::Office365Settings,
    ids::{ApplicationId, RelyingPartyId, UserId},
    policy::Target,
};
use secrecy::ExposeSecret as _;
use store::{Tx, federated_domains, relying_parties, users};

use crate::{
    doors::{OFFICE, Stage},
    policy::{office_only, publish},
    support::{Bench, QUERY, SLUG, both, connection, visitor},
    wstrust::message,
};

/// Gives Alice another sign-in name, and asks for a token with her session.
async fn entered_as(bench: &Bench, upn: &'static str, alice: &(UserId, Secret)) -> Entered {
    rename(bench, alice.0, upn).await;
    bench.enter(QUERY, &visitor("203.0.113.8"), Some(&alice.1)).await
}

async fn rename(bench: &Bench, id: UserId, upn: &'static str) {
    let rename = move |tx: &mut Tx| {
        let mut person = users::by_id(tx, id)?.unwrap();
        person.upn = Upn::parse(upn).unwrap();
        users::update(tx, &person)
    };
    bench.store.write(rename).await.unwrap();
}

/// Three domains of two tenants, one person in each, and what each gets at each address.
struct Company {
    bench: Bench,
    /// Microsoft as each domain knows it.
    microsofts: Vec<RelyingPartyId>,
    /// Who has a session, and that session.
    people: Vec<(UserId, Secret)>,
    /// The application of the second tenant.
    other: ApplicationId,
}

const SLUGS: [&str; 3] = ["contoso-com", "fabrikam-com", "litware-com"];

impl Company {
    async fn found(bench: Bench) -> Self {
        let (house, from) = (bench.house.clone(), visitor("203.0.113.8"));
        let second = NewConnection {
            alias: "Litware".to_owned(),
            tenant_id: "c0ffee00-9d4e-4a57-8c10-5e7a9b2d4f63".to_owned(),
            ..connection(&bench.simulator.url())
        };
        let second = house.new_tenant(second).unwrap();
        let (theirs, settings) = (second.id, Office365Settings::default());
        let other = house.connect_tenant(second, settings, Actor::Operator, &from).await.unwrap();
        for (tenant, name) in [(bench.tenant, "fabrikam.com"), (theirs, "litware.com")] {
            house.add_domain(tenant, name, Actor::Operator, &from).await.unwrap();
        }
        let mut people = Vec::new();
        for (name, upn) in [
            ("alice", "alice@contoso.com"),
            ("erin", "erin@fabrikam.com"),
            ("farid", "farid@litware.com"),
        ] {
            let (employee, session) = bench.employee(name, &from).await;
            let id = employee.user().id;
            rename(&bench, id, upn).await;
            people.push((id, session));
        }
        let microsofts = bench.store.read(|tx| {
            let mut found = Vec::new();
            for slug in SLUGS {
                let domain = federated_domains::by_slug(tx, slug)?.unwrap();
                let realm = "urn:federation:MicrosoftOnline";
                found.push(relying_parties::by_realm(tx, domain.id, realm)?.unwrap().id);
            }
            Ok::<_, store::Error>(found)
        });
        let microsofts = microsofts.await.unwrap();
        Self { bench, microsofts, people, other }
    }

    /// What one of them gets at an address: the slug of the issuer, or why nothing.
    async fn gets(&self, person: usize, slug: &str) -> String {
        let (house, from) = (&self.bench.house, visitor("203.0.113.8"));
        let session = Some(&self.people[person].1);
        let entered = house.enter_wsfed(slug, QUERY, &from, session).await.unwrap();
        match &entered {
            Entered::Denied(Denial::ForeignDomain { .. }) => "foreign".to_owned(),
            Entered::Denied(Denial::NotAssigned { .. }) => "not assigned".to_owned(),
            Entered::Denied(Denial::SwitchedOff) => "off".to_owned(),
            Entered::Denied(Denial::ByPolicy { .. }) => "by rule".to_owned(),
            other => {
                let issuer = issuer_in(other).unwrap_or_else(|| panic!("{other:?}"));
                issuer.split('/').nth(4).unwrap().to_owned()
            }
        }
    }

    async fn matrix(&self) -> Vec<Vec<String>> {
        let mut rows = Vec::new();
        for person in 0..self.people.len() {
            let mut row = Vec::new();
            for slug in SLUGS {
                row.push(self.gets(person, slug).await);
            }
            rows.push(row);
        }
        rows
    }

    async fn switch(&self, domain: usize, on: bool) {
        let id = self.microsofts[domain];
        let switch = move |tx: &mut Tx| relying_parties::set_enabled(tx, id, on);
        self.bench.store.write(switch).await.unwrap();
    }
}

fn issuer_in(entered: &Entered) -> Option<String> {
    let Entered::Token(token) = entered else { return None };
    let (_, rest) = token.wresult.split_once("Issuer=\"")?;
    Some(rest.split_once('"')?.0.to_owned())
}

/// R082, R083
#[test]
fn a_change_on_one_node_counts_on_every_other_at_once() {
    both(|bench| async move {
        let from = visitor("203.0.113.8");
        let (_, alice) = bench.employee("alice", &from).await;
        let other = bench.second_node().await;
        let ask = async || other.enter_wsfed(SLUG, QUERY, &from, Some(&alice)).await.unwrap();
        assert!(matches!(ask().await, Entered::Token(_)));
        let switch = |on: bool| {
            move |tx: &mut Tx| {
                let domain = federated_domains::by_slug(tx, SLUG)?.unwrap();
                let realm = "urn:federation:MicrosoftOnline";
                let party = relying_parties::by_realm(tx, domain.id, realm)?.unwrap();
                relying_parties::set_enabled(tx, party.id, on)
            }
        };
        bench.store.write(switch(false)).await.unwrap();
        let denied = ask().await;
        assert!(matches!(denied, Entered::Denied(Denial::SwitchedOff)), "{denied:?}");
        bench.store.write(switch(true)).await.unwrap();
        assert!(matches!(ask().await, Entered::Token(_)));
    });
}

/// R085, R086
#[test]
fn the_issuer_is_that_of_the_persons_own_domain_and_sub_domains_take_their_roots() {
    both(|bench| async move {
        let (alice, session) = bench.employee("alice", &visitor("203.0.113.8")).await;
        let alice = (alice.user().id, session);
        let root = "http://localhost:8080/d/contoso-com/adfs/services/trust/";
        let below = entered_as(&bench, "alice@eu.contoso.com", &alice).await;
        assert_eq!(issuer_in(&below).as_deref(), Some(root));
        for foreign in ["alice@notcontoso.com", "alice@contoso.com.example", "alice@com.example"] {
            let entered = entered_as(&bench, foreign, &alice).await;
            assert!(
                matches!(entered, Entered::Denied(Denial::ForeignDomain { .. })),
                "{entered:?}"
            );
        }
        let from = visitor("198.51.100.1");
        let (house, operator) = (&bench.house, Actor::Operator);
        house.add_domain(bench.tenant, "eu.contoso.com", operator, &from).await.unwrap();
        let own = issuer_in(&entered_as(&bench, "alice@eu.contoso.com", &alice).await).unwrap();
        assert!(own.contains("/d/eu-contoso-com/"), "{own}");
    });
}

/// R083, R085, R086, R088
#[test]
fn of_several_tenants_and_domains_each_persons_own_vouches_and_its_switch_and_rules_count() {
    both(|bench| async move {
        let company = Company::found(bench).await;
        let [contoso, fabrikam, litware] = SLUGS;
        let mut expected = vec![
            vec![contoso, contoso, "foreign"],
            vec![fabrikam, fabrikam, "foreign"],
            vec!["foreign", "foreign", "not assigned"],
        ];
        assert_eq!(company.matrix().await, expected, "one is assigned in the other tenant alone");

        let (house, from) = (company.bench.house.clone(), visitor("203.0.113.8"));
        let admin = company.bench.admin().await;
        let (farid, other) = (company.people[2].0, company.other);
        house.assign(&admin, farid, other, Vec::new(), &from).await.unwrap();
        expected[2][2] = litware;
        assert_eq!(company.matrix().await, expected);

        company.switch(1, false).await;
        let off = [company.gets(1, contoso).await, company.gets(1, fabrikam).await];
        assert_eq!(off, ["off", "off"], "no way round the switch by another domain's address");
        assert_eq!(company.gets(0, contoso).await, contoso);
        assert_eq!(company.gets(0, fabrikam).await, "off", "nor through an address that is off");
        company.switch(1, true).await;

        let rule = office_only(vec![Target::Party(company.microsofts[1])]);
        let rule = app::policy::RuleWish { networks: "198.51.100.0/24".to_owned(), ..rule };
        publish(&house, &admin, &from, vec![rule]).await.unwrap();
        expected[1] = vec!["by rule", "by rule", "foreign"];
        // A rule is asked before anybody says whose domain it is.
        expected[2][1] = "by rule";
        assert_eq!(company.matrix().await, expected, "nor round a rule");
    });
}

async fn at_the_door(house: &House, name: &str, password: &str) -> bool {
    let body = message(Version::V13, name, password, house.now());
    let arrived = Arrived { slug: SLUG, version: Version::V13, actions: &[], body: &body };
    let answer = house.answer_trust(&arrived, &visitor(OFFICE)).await.unwrap();
    matches!(answer, Answer::Token(_))
}

/// R116: a permit opens the door of one domain.
#[test]
fn a_sub_domain_that_is_federated_by_itself_has_a_door_of_its_own() {
    both(|bench| async move {
        let stage = Stage::new(bench).await;
        let alice = stage.bench.user_id("alice").await;
        rename(&stage.bench, alice, "alice@eu.contoso.com").await;
        let password = stage.bench.account("alice").password.expose_secret().to_owned();
        let name = "alice@eu.contoso.com";
        assert!(at_the_door(&stage.house, name, &password).await, "she is of the root so far");
        let (tenant, from) = (stage.bench.tenant, visitor("198.51.100.1"));
        stage.house.add_domain(tenant, "eu.contoso.com", Actor::Operator, &from).await.unwrap();
        assert!(!at_the_door(&stage.house, name, &password).await, "its door was never opened");
    });
}
