//! Clients of OpenID Connect: what stands between a code and its tokens, on both databases.

use app::{
    Visitor,
    issue::{
        Denial, Resumed,
        oidc::{Answer, Brought, Entered, Reply, UserInfo, Way},
    },
    relying_parties::registry::{New, PartyWish, Switch},
    visitor::Secret,
};
use model::{
    Actor,
    audit::{AuditEvent, AuditKind},
    issued_token::{IssuedToken, Protocol, Reason},
    pending_request::Purpose,
    policy::Target,
    relying_party::{Access, PartyProtocol},
};
use sha2::{Digest as _, Sha256};
use store::{
    audit_log::{self, AuditFilter},
    federated_domains, issued_tokens,
};

use crate::{
    passkeys::{sign_in, with_key},
    policy::{keys::keys_only, office_only, publish},
    support::{Bench, SLUG, both, visitor},
};

const REPLY: &str = "https://tickets.contoso.com/cb";

/// A registered client with its secret.
struct Client(New);

impl Client {
    async fn of(bench: &Bench, access: Access) -> Self {
        let admin = bench.admin().await;
        let find = |tx: &mut store::Tx| federated_domains::by_slug(tx, SLUG);
        let domain = bench.store.read(find).await.unwrap().unwrap().id;
        let wish = PartyWish {
            name: "Tickets".to_owned(),
            replies: REPLY.to_owned(),
            access,
            ..PartyWish::of(PartyProtocol::Oidc)
        };
        let from = visitor("198.51.100.9");
        Self(bench.house.register_party(&admin, domain, &wish, &from).await.unwrap())
    }

    async fn enter(&self, bench: &Bench, from: &Visitor, session: Option<&Secret>) -> Entered {
        self.ask(bench, (Way::Address, ""), from, session).await
    }

    /// The usual request and something more.
    async fn ask(
        &self,
        bench: &Bench,
        (way, more): (Way, &str),
        from: &Visitor,
        session: Option<&Secret>,
    ) -> Entered {
        let query = format!(
            "client_id={}&response_type=code&scope=openid+email&nonce=n&redirect_uri={REPLY}{more}",
            self.0.id
        );
        bench.house.enter_oidc(SLUG, (way, &query), from, session).await.unwrap()
    }

    /// An admin replaces the address that answers go to.
    async fn moves(&self, bench: &Bench, reply: &str) {
        let admin = bench.admin().await;
        let wish = PartyWish {
            name: "Tickets".to_owned(),
            replies: reply.to_owned(),
            access: Access::Everyone,
            ..PartyWish::of(PartyProtocol::Oidc)
        };
        let from = visitor("198.51.100.9");
        bench.house.change_party(&admin, self.0.id, &wish, &from).await.unwrap();
    }

    /// A code for somebody whose session this is.
    async fn code(&self, bench: &Bench, from: &Visitor, session: &Secret) -> String {
        let entered = self.enter(bench, from, Some(session)).await;
        let Entered::Answer { answer: Answer::Redirect(address), .. } = entered else {
            panic!("{entered:?}")
        };
        address.split(['?', '&', '=']).nth(2).unwrap().to_owned()
    }

    async fn fetch(&self, bench: &Bench, code: &str) -> Reply {
        self.fetch_for(bench, code, REPLY).await
    }

    async fn fetch_for(&self, bench: &Bench, code: &str, reply: &str) -> Reply {
        let secret = self.0.secret.as_ref().unwrap().expose();
        let body = format!(
            "grant_type=authorization_code&code={code}&redirect_uri={reply}&client_id={}&\
             client_secret={secret}",
            self.0.id
        );
        let brought = Brought { slug: SLUG, authorization: None, body: &body };
        bench.house.answer_code(&brought, &visitor("198.51.100.80")).await.unwrap()
    }
}

fn field(reply: &Reply, name: &str) -> String {
    let Reply::Tokens(body) = reply else { panic!("{reply:?}") };
    let rest = body.split_once(&format!("\"{name}\":\"")).unwrap().1;
    rest.split_once('"').unwrap().0.to_owned()
}

fn refused(reply: &Reply) -> &'static str {
    match reply {
        Reply::Refused { error, .. } => error,
        other => panic!("{other:?}"),
    }
}

async fn journaled(bench: &Bench, name: &str) -> Vec<IssuedToken> {
    let id = bench.user_id(name).await;
    bench.store.read(move |tx| issued_tokens::of_user(tx, id, 9)).await.unwrap()
}

#[test]
fn a_token_is_journaled_when_the_client_fetches_it_and_not_before() {
    both(|bench| async move {
        let client = Client::of(&bench, Access::Assigned).await;
        let from = visitor("203.0.113.1");
        bench.next_code();
        let (employee, alice) = bench.employee("alice", &from).await;
        let code = client.code(&bench, &from, &alice).await;
        assert!(journaled(&bench, "alice").await.is_empty(), "nothing was vouched for yet");

        let reply = client.fetch(&bench, &code).await;
        let id_token = field(&reply, "id_token");
        let rows = journaled(&bench, "alice").await;
        assert_eq!((rows.len(), rows[0].protocol), (1, Protocol::Oidc));
        assert_eq!(rows[0].digest, <[u8; 32]>::from(Sha256::digest(id_token.as_bytes())));
        assert_eq!(rows[0].session_id, Some(employee.session().id));
        assert_eq!(rows[0].client_address, "203.0.113.1", "where the person is");
        assert!(rows[0].says_mfa && rows[0].events.len() == 2);
        let why = |name: &str| rows[0].claims.iter().find(|it| it.name == name).map(|it| it.reason);
        assert_eq!(why("sub"), Some(Reason::ImmutableId));
        assert_eq!((why("amr"), why("email")), (Some(Reason::Factors), Some(Reason::Chosen)));
        assert_eq!(why("name"), None, "the scope was not asked for");

        let access = field(&reply, "access_token");
        let opened = bench.house.user_info(SLUG, &access).await.unwrap();
        assert!(matches!(&opened, UserInfo::About(it) if it.contains("alice@")), "{opened:?}");
        let elsewhere = bench.house.user_info("elsewhere", &access).await.unwrap();
        assert_eq!(elsewhere, UserInfo::Nothing);
        assert_eq!(refused(&client.fetch(&bench, &code).await), "invalid_grant");
        assert_eq!(bench.house.user_info(SLUG, &access).await.unwrap(), UserInfo::Nothing);
        assert_eq!(journaled(&bench, "alice").await.len(), 1);
    });
}

/// R080
#[test]
fn whatever_changes_between_code_and_token_counts() {
    both(|bench| async move {
        let client = Client::of(&bench, Access::Assigned).await;
        let from = visitor("203.0.113.2");
        bench.next_code();
        let (_, alice) = bench.employee("alice", &from).await;
        let id = bench.user_id("alice").await;
        let held = client.fetch(&bench, &client.code(&bench, &from, &alice).await).await;
        let access = field(&held, "access_token");
        let codes =
            [client.code(&bench, &from, &alice).await, client.code(&bench, &from, &alice).await];

        let admin = bench.admin().await;
        bench.house.unassign(&admin, id, bench.application, &from).await.unwrap();
        assert_eq!(refused(&client.fetch(&bench, &codes[0]).await), "invalid_grant");
        assert_eq!(bench.house.user_info(SLUG, &access).await.unwrap(), UserInfo::Nothing);
        let entered = client.enter(&bench, &from, Some(&alice)).await;
        assert!(!matches!(entered, Entered::Answer { .. }), "{entered:?}");

        bench.house.block(&admin, id, &from).await.unwrap();
        assert_eq!(refused(&client.fetch(&bench, &codes[1]).await), "invalid_grant");
        let entered = client.enter(&bench, &from, Some(&alice)).await;
        assert!(matches!(entered, Entered::Ask(_)), "{entered:?}");
        assert_eq!(journaled(&bench, "alice").await.len(), 1);
    });
}

/// A client fetches its tokens from wherever it runs; the rules ask where the person is.
#[test]
fn a_rule_about_places_counts_for_the_person_and_not_for_the_client() {
    both(|bench| async move {
        let client = Client::of(&bench, Access::Everyone).await;
        let (office, home) = (visitor("203.0.113.5"), visitor("198.51.100.77"));
        bench.next_code();
        let (_, alice) = bench.employee("alice", &office).await;
        let early = client.code(&bench, &home, &alice).await;
        let held = client.fetch(&bench, &client.code(&bench, &home, &alice).await).await;
        let access = field(&held, "access_token");
        let admin = bench.admin().await;
        let targets = vec![Target::Party(client.0.id)];
        publish(&bench.house, &admin, &office, vec![office_only(targets)]).await.unwrap();

        let entered = client.enter(&bench, &home, Some(&alice)).await;
        assert!(matches!(entered, Entered::Denied(Denial::ByPolicy { .. })), "{entered:?}");
        assert_eq!(refused(&client.fetch(&bench, &early).await), "invalid_grant", "meanwhile");
        assert_eq!(bench.house.user_info(SLUG, &access).await.unwrap(), UserInfo::Nothing);
        let fine = client.code(&bench, &office, &alice).await;
        let reply = client.fetch(&bench, &fine).await;
        assert!(matches!(reply, Reply::Tokens(_)), "{reply:?}");
    });
}

/// F052: a code of the app opened the session; the client's code is worth nothing once keys are taken.
#[test]
fn a_rule_that_takes_keys_counts_between_code_and_token() {
    both(|bench| async move {
        let client = Client::of(&bench, Access::Everyone).await;
        let from = visitor("203.0.113.5");
        bench.next_code();
        let (_, mut key) = with_key(&bench, ("alice", true), &from).await;
        bench.next_code();
        let (_, alice) = bench.employee("alice", &from).await;
        let early = client.code(&bench, &from, &alice).await;
        let held = client.fetch(&bench, &client.code(&bench, &from, &alice).await).await;
        let access = field(&held, "access_token");
        let admin = bench.admin().await;
        let rule = keys_only(vec![Target::Party(client.0.id)]);
        publish(&bench.house, &admin, &from, vec![rule]).await.unwrap();

        assert_eq!(refused(&client.fetch(&bench, &early).await), "invalid_grant", "meanwhile");
        assert_eq!(bench.house.user_info(SLUG, &access).await.unwrap(), UserInfo::Nothing);
        let quiet = (Way::Address, "&prompt=none");
        let told = client.ask(&bench, quiet, &from, Some(&alice)).await;
        let Entered::Answer { answer: Answer::Redirect(address), .. } = told else {
            panic!("{told:?}")
        };
        assert!(address.contains("error=login_required"), "{address}");
        let asked = client.enter(&bench, &from, Some(&alice)).await;
        assert!(matches!(asked, Entered::Ask(_)), "{asked:?}");
        let by_key = sign_in(&bench, &mut key, Purpose::Portal, &from).await.token;
        let code = client.code(&bench, &from, &by_key).await;
        let reply = client.fetch(&bench, &code).await;
        assert!(matches!(reply, Reply::Tokens(_)), "{reply:?}");
    });
}

async fn refusals(bench: &Bench) -> Vec<AuditEvent> {
    let kind = Some(AuditKind::RequestRefused);
    let filter = AuditFilter { kind, limit: 9, ..AuditFilter::default() };
    bench.store.read(move |tx| audit_log::list(tx, &filter)).await.unwrap().rows
}

/// A hijacked address that an admin takes off the list gets nothing more from that moment.
#[test]
fn an_address_that_was_taken_off_the_list_gets_nothing_that_still_waits() {
    both(|bench| async move {
        let client = Client::of(&bench, Access::Everyone).await;
        let from = visitor("203.0.113.3");
        let silent = (Way::Form, "&prompt=none");
        let mut waiting = Vec::new();
        for ask in [(Way::Address, ""), (Way::Address, ""), silent] {
            let Entered::Ask(handle) = client.ask(&bench, ask, &from, None).await else {
                panic!("nobody is signed in")
            };
            waiting.push(handle);
        }
        bench.next_code();
        let (_, alice) = bench.employee("alice", &from).await;
        let before = bench.house.resume(&waiting[0], &from, Some(&alice)).await.unwrap();
        assert!(matches!(before, Resumed::Oidc(Entered::Answer { .. })), "{before:?}");
        let code = client.code(&bench, &from, &alice).await;

        client.moves(&bench, "https://tickets.contoso.com/new").await;
        for (handle, session) in [(&waiting[1], Some(&alice)), (&waiting[2], None)] {
            let after = bench.house.resume(handle, &from, session).await.unwrap();
            assert!(matches!(after, Resumed::Expired), "{after:?}");
        }
        assert_eq!(refused(&client.fetch(&bench, &code).await), "invalid_grant");
        let rows = refusals(&bench).await;
        assert!(rows[0].detail.contains("no longer registered"), "{rows:?}");
    });
}

/// R082
#[test]
fn nobody_is_led_through_a_client_or_a_domain_that_is_switched_off() {
    both(|bench| async move {
        let client = Client::of(&bench, Access::Everyone).await;
        let (from, admin) = (visitor("203.0.113.4"), bench.admin().await);
        let is_off = async || {
            for more in ["&prompt=none", "&prompt=none+login", "&request=a", ""] {
                let entered = client.ask(&bench, (Way::Address, more), &from, None).await;
                let is_off = matches!(entered, Entered::Denied(Denial::SwitchedOff));
                assert!(is_off, "{more}: {entered:?}");
            }
        };
        let silent = client.ask(&bench, (Way::Form, "&prompt=none"), &from, None).await;
        let Entered::Ask(silent) = silent else { panic!("{silent:?}") };
        bench.house.switch_party(&admin, client.0.id, Switch::Off, &from).await.unwrap();
        is_off().await;
        let after = bench.house.resume(&silent, &from, None).await.unwrap();
        assert!(matches!(after, Resumed::Denied(Denial::SwitchedOff)), "{after:?}");

        bench.house.switch_party(&admin, client.0.id, Switch::On, &from).await.unwrap();
        let entered = client.ask(&bench, (Way::Address, "&prompt=none"), &from, None).await;
        assert!(matches!(entered, Entered::Answer { .. }), "{entered:?}");
        let switch = |tx: &mut store::Tx| {
            let mut domain = federated_domains::by_slug(tx, SLUG)?.unwrap();
            domain.enabled = false;
            federated_domains::update(tx, &domain)
        };
        bench.store.write(switch).await.unwrap();
        is_off().await;
    });
}

/// R151
#[test]
fn a_code_that_comes_wrongly_or_again_is_written_down_once() {
    both(|bench| async move {
        let client = Client::of(&bench, Access::Everyone).await;
        let from = visitor("203.0.113.5");
        bench.next_code();
        let (_, alice) = bench.employee("alice", &from).await;
        let code = client.code(&bench, &from, &alice).await;
        let other = client.fetch_for(&bench, &code, "https://tickets.contoso.com/other").await;
        assert_eq!(refused(&other), "invalid_grant");
        let told = |rows: &[AuditEvent]| -> Vec<(Actor, String, String)> {
            let told = |row: &AuditEvent| (row.actor, row.subject.clone(), row.detail.clone());
            rows.iter().map(told).collect()
        };
        let row = |detail: &str| (Actor::Anonymous, "Tickets".to_owned(), detail.to_owned());
        let caught = row("a code came with another redirect_uri");
        assert_eq!(told(&refusals(&bench).await), std::slice::from_ref(&caught));
        bench.pass(std::time::Duration::from_secs(1));

        for _ in 0..3 {
            assert_eq!(refused(&client.fetch(&bench, &code).await), "invalid_grant");
        }
        let again = row("a code came a second time: whatever it gave is taken back");
        assert_eq!(told(&refusals(&bench).await), [again, caught]);
    });
}
