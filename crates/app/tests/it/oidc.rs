//! Clients of OpenID Connect: what stands between a code and its tokens, on both databases.

use app::{
    Visitor,
    issue::{
        Denial,
        oidc::{Answer, Brought, Entered, Reply, UserInfo, Way},
    },
    relying_parties::registry::{New, PartyWish},
    visitor::Secret,
};
use model::{
    issued_token::{IssuedToken, Protocol, Reason},
    policy::Target,
    relying_party::{Access, PartyProtocol},
};
use sha2::{Digest as _, Sha256};
use store::{federated_domains, issued_tokens};

use crate::{
    policy::{office_only, publish},
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
        let query = format!(
            "client_id={}&response_type=code&scope=openid+email&nonce=n&redirect_uri={REPLY}",
            self.0.id
        );
        bench.house.enter_oidc(SLUG, (Way::Address, &query), from, session).await.unwrap()
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
        let secret = self.0.secret.as_ref().unwrap().expose();
        let body = format!(
            "grant_type=authorization_code&code={code}&redirect_uri={REPLY}&client_id={}&\
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
