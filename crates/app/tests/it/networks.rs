//! Corporate networks: a token to Microsoft says whether it was asked for from one, and why.

use app::{Visitor, issue::wsfed::Entered, relying_parties::registry::PartyWish};
use model::{
    ids::FederatedDomainId,
    issued_token::Reason,
    relying_party::{Access, PartyProtocol},
};
use store::federated_domains;

use crate::support::{Bench, QUERY, SLUG, both, visitor};

async fn domain(bench: &Bench) -> FederatedDomainId {
    let find = |tx: &mut store::Tx| federated_domains::by_slug(tx, SLUG);
    bench.store.read(find).await.unwrap().unwrap().id
}

/// What a token says of the network, if anything.
fn inside(entered: &Entered) -> Option<&str> {
    let Entered::Token(token) = entered else { panic!("no token: {entered:?}") };
    let (before, after) = token.wresult.split_once(
        "AttributeName=\"insidecorporatenetwork\" \
         AttributeNamespace=\"http://schemas.microsoft.com/ws/2012/01\">\
         <saml:AttributeValue>",
    )?;
    assert!(!before.contains("insidecorporatenetwork"), "it is said once");
    Some(after.split_once('<').unwrap().0)
}

#[test]
fn a_token_to_microsoft_says_whether_it_was_asked_for_from_inside() {
    both(|bench| async move {
        let (home, abroad, operator) =
            (visitor("203.0.113.8"), visitor("198.51.100.1"), visitor("198.51.100.9"));
        let (_, alice) = bench.employee("alice", &home).await;
        let ask = async |from: &Visitor| bench.enter(QUERY, from, Some(&alice)).await;
        assert_eq!(inside(&ask(&home).await), None, "no network is named yet");

        let (admin, domain) = (bench.admin().await, domain(&bench).await);
        let name = async |typed: &str| {
            bench.house.name_corporate_networks(&admin, domain, typed, &operator).await
        };
        name("203.0.113.0/24, 2001:db8::/32\n203.0.113.0/24").await.unwrap();
        let stored = bench.house.protocols(&admin, domain).await.unwrap().domain;
        assert_eq!(stored.corporate_networks.len(), 2);
        for (from, said) in [
            ("203.0.113.8", "true"),
            ("2001:db8::7", "true"),
            ("198.51.100.1", "false"),
            ("::ffff:203.0.113.8", "true"),
            ("", "false"),
        ] {
            let visitor = visitor(from);
            assert_eq!(inside(&ask(&visitor).await), Some(said), "{from}");
        }
        let id = bench.user_id("alice").await;
        let (_, journal) = bench.house.tokens_of(&admin, id, 0).await.unwrap();
        let said = journal.rows.iter().flat_map(|row| &row.token.claims);
        let said: Vec<_> = said.filter(|claim| claim.reason == Reason::Network).collect();
        assert_eq!(said.len(), 5);
        assert!(said.iter().all(|claim| claim.name.ends_with("/2012/01/insidecorporatenetwork")));

        for odd in ["203.0.113.7/24", "office", "10.0.0.0/8 x", "0.0.0.0/0", "::/0", "128.0.0.0/1"]
        {
            let refused = name(odd).await.map_err(|error| error.kind);
            let field = "corporate_networks";
            assert_eq!(refused, Err(app::Kind::Invalid { field }), "{odd}");
        }
        assert_eq!(inside(&ask(&abroad).await), Some("false"), "the good ones stay");
        name(" ").await.unwrap();
        assert_eq!(inside(&ask(&home).await), None);
    });
}

#[test]
fn no_other_application_is_told_where_people_are() {
    both(|bench| async move {
        let (admin, domain, from) =
            (bench.admin().await, domain(&bench).await, visitor("203.0.113.8"));
        let wish = PartyWish {
            name: "Time sheet".to_owned(),
            entity_id: "urn:contoso:timesheet".to_owned(),
            replies: "https://time.contoso.com/".to_owned(),
            access: Access::Everyone,
            ..PartyWish::of(PartyProtocol::WsFed)
        };
        bench.house.register_party(&admin, domain, &wish, &from).await.unwrap();
        let house = &bench.house;
        house.name_corporate_networks(&admin, domain, "203.0.113.0/24", &from).await.unwrap();
        let (_, alice) = bench.employee("alice", &from).await;
        let query = "wa=wsignin1.0&wtrealm=urn%3acontoso%3atimesheet";
        assert_eq!(inside(&bench.enter(query, &from, Some(&alice)).await), None);
        assert_eq!(inside(&bench.enter(QUERY, &from, Some(&alice)).await), Some("true"));
    });
}
