//! Domains, relying parties and keys are kept in memory: never longer than until they change.

use app::{
    issue::{Denial, wsfed::Entered},
    visitor::Secret,
};
use model::{Actor, Upn, ids::UserId};
use store::{Tx, federated_domains, relying_parties, users};

use crate::support::{Bench, QUERY, SLUG, both, visitor};

/// Gives Alice another sign-in name, and asks for a token with her session.
async fn entered_as(bench: &Bench, upn: &'static str, alice: &(UserId, Secret)) -> Entered {
    let (id, session) = (alice.0, &alice.1);
    let rename = move |tx: &mut Tx| {
        let mut alice = users::by_id(tx, id)?.unwrap();
        alice.upn = Upn::parse(upn).unwrap();
        users::update(tx, &alice)
    };
    bench.store.write(rename).await.unwrap();
    bench.enter(QUERY, &visitor("203.0.113.8"), Some(session)).await
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
