//! The first link to an account that was there before us: it keeps what it has, also when the process
//! ends in between, and an admin's no is stronger than an immutable id.

use std::time::Duration;

use app::{Kind, matches::Standing};
use model::{
    Actor,
    application::Licence,
    audit::AuditKind,
    entra::Origin,
    ids::{ObjectId, RunId, SkuId, UserId},
    matches::Adoption,
    plan::Scope,
};
use simulator::{Fault, Trouble, sample::EXCHANGE_PLAN_1};
use store::{
    adoptions,
    audit_log::{self, AuditFilter},
};

use crate::{
    matches::{accept, anchor, audited, everyone, link, look, of, own_id, settle, there},
    support::{Bench, both, visitor},
};

const FROM: &str = "198.51.100.9";
const ALICE: &str = "alice@contoso.com";

/// Alice's account, which somebody blocked, with a product that we hand out to Bob.
async fn alices(bench: &Bench) -> (UserId, ObjectId) {
    let (admin, bob) = (bench.admin().await, bench.user_id("bob").await);
    let sku_id = SkuId(EXCHANGE_PLAN_1.parse().unwrap());
    let plan = vec![Licence { sku_id, disabled_plans: Vec::new() }];
    bench.house.assign(&admin, bob, bench.application, plan, &visitor(FROM)).await.unwrap();
    let hers = settle(bench, "alice", &[]);
    bench.simulator.license(&hers.to_string(), "EXCHANGESTANDARD");
    bench.simulator.set(ALICE, "accountEnabled", false);
    bench.drain().await;
    (bench.user_id("alice").await, hers)
}

/// Somebody at Microsoft gives her account her immutable id.
async fn anchored_by_hand(bench: &Bench, alice: UserId) {
    let id = own_id(bench, alice).await;
    bench.simulator.set(ALICE, "onPremisesImmutableId", id);
}

/// She is linked, has both products, and is blocked as before.
async fn has_lost_nothing(bench: &Bench, (alice, hers): (UserId, ObjectId)) {
    let link = link(bench, alice).await.expect("linked");
    assert_eq!((link.object_id, link.origin), (hers, Origin::Found));
    let there = there(bench, hers);
    assert_eq!(there.licenses.len(), 2, "hers and ours");
    assert!(there.licenses.iter().any(|held| held.sku_id == EXCHANGE_PLAN_1));
    assert!(!there.account_enabled(), "whoever blocked it opens it");
    assert_eq!(audited(bench, AuditKind::UserAdopted).await, 1);
}

async fn conflicts(bench: &Bench, run: RunId) -> String {
    let admin = bench.admin().await;
    let (run, _) = bench.house.run(&admin, run).await.unwrap();
    run.conflicts.into_iter().map(|conflict| conflict.reason).collect()
}

/// Y12, Y27: the process ended between the write and the link.
#[test]
fn a_run_that_broke_off_between_the_write_and_the_link_loses_nothing() {
    both(|bench| async move {
        let (alice, hers) = alices(&bench).await;
        look(&bench).await;
        accept(&bench, &[(alice, hers)]).await.unwrap();
        let cut = Fault::new(Trouble::DroppedConnection).on("PATCH", "/users/");
        bench.simulator.faults().inject(cut);
        let (house, tenant) = (bench.house.clone(), bench.tenant);
        let run = async move { house.sync(tenant, Scope::Everyone, Actor::Schedule).await };
        let run = tokio::spawn(run);
        while anchor(&bench, hers).is_none() {
            tokio::task::yield_now().await;
        }
        run.abort();
        assert!(run.await.expect_err("broken off").is_cancelled());
        assert_eq!(link(&bench, alice).await, None, "nobody wrote the link");
        assert_eq!(audited(&bench, AuditKind::UserAdopted).await, 0);
        bench.pass(Duration::from_mins(3));
        for _ in 0..2 {
            everyone(&bench).await;
            has_lost_nothing(&bench, (alice, hers)).await;
        }
    });
}

/// Y09, Y27, F070
#[test]
fn an_account_that_got_its_immutable_id_by_hand_keeps_its_products_and_its_block() {
    both(|bench| async move {
        let (alice, hers) = alices(&bench).await;
        anchored_by_hand(&bench, alice).await;
        let by = bench.admin().await.actor();
        bench.house.sync(bench.tenant, Scope::Everyone, by).await.unwrap();
        has_lost_nothing(&bench, (alice, hers)).await;
        everyone(&bench).await;
        has_lost_nothing(&bench, (alice, hers)).await;
        let kind = Some(AuditKind::UserAdopted);
        let filter = AuditFilter { kind, limit: 9, ..AuditFilter::default() };
        let rows = bench.store.read(move |tx| audit_log::list(tx, &filter)).await.unwrap().rows;
        assert_eq!(rows[0].actor, by, "whoever began the run");
    });
}

/// Y09
#[test]
fn a_no_stops_even_what_carries_the_immutable_id() {
    both(|bench| async move {
        let (alice, hers) = alices(&bench).await;
        let (admin, from) = (bench.admin().await, visitor(FROM));
        look(&bench).await;
        bench.house.reject_match(&admin, bench.tenant, (alice, hers), &from).await.unwrap();
        anchored_by_hand(&bench, alice).await;
        let run = everyone(&bench).await;
        let said = conflicts(&bench, run).await;
        assert!(said.contains("an admin said under Sync users that it isn't theirs"), "{said}");
        assert_eq!((link(&bench, alice).await, there(&bench, hers).licenses.len()), (None, 1));
    });
}

/// Y09, Y12
#[test]
fn taking_back_what_was_begun_is_a_no() {
    both(|bench| async move {
        let (alice, hers) = alices(&bench).await;
        let (admin, tenant, from) = (bench.admin().await, bench.tenant, visitor(FROM));
        look(&bench).await;
        accept(&bench, &[(alice, hers)]).await.unwrap();
        let at = bench.house.now();
        let begun = Adoption { user_id: alice, object_id: hers, found_skus: Vec::new(), at };
        bench.store.write(move |tx| adoptions::begin(tx, tenant, &begun)).await.unwrap();
        anchored_by_hand(&bench, alice).await;
        bench.house.reopen_match(&admin, tenant, (alice, hers), &from).await.unwrap();
        let rows = look(&bench).await;
        assert!(of(&rows, alice).contains(&Standing::Rejected), "{:?}", of(&rows, alice));
        everyone(&bench).await;
        assert_eq!(link(&bench, alice).await, None);
    });
}

/// Y09
#[test]
fn a_yes_is_of_a_fresh_look_and_of_the_account_as_it_was_called() {
    both(|bench| async move {
        let (lena, object) = (bench.user_id("lena").await, settle(&bench, "lena", &[]));
        look(&bench).await;
        bench.pass(Duration::from_hours(25));
        let late = accept(&bench, &[(lena, object)]).await.expect_err("an old look");
        assert_eq!(late.kind, Kind::Invalid { field: "pair" });
        look(&bench).await;
        accept(&bench, &[(lena, object)]).await.unwrap();
        bench.simulator.set("lena@contoso.com", "userPrincipalName", "l.l@contoso.com");
        let run = everyone(&bench).await;
        let said = conflicts(&bench, run).await;
        assert!(said.contains("it is called l.l@contoso.com now"), "{said}");
        assert_eq!((anchor(&bench, object), link(&bench, lena).await), (None, None));
    });
}

/// Y09
#[test]
fn whoever_is_blocked_has_no_yes_any_more() {
    both(|bench| async move {
        let (lena, object) = (bench.user_id("lena").await, settle(&bench, "lena", &[]));
        let (admin, from) = (bench.admin().await, visitor(FROM));
        look(&bench).await;
        accept(&bench, &[(lena, object)]).await.unwrap();
        bench.house.block(&admin, lena, &from).await.unwrap();
        bench.house.unblock(&admin, lena, &from).await.unwrap();
        everyone(&bench).await;
        assert_eq!((anchor(&bench, object), link(&bench, lena).await), (None, None));
        assert_eq!(of(&look(&bench).await, lena), [Standing::Suggested]);
    });
}

/// Y09: two admins at once.
#[test]
fn of_two_answers_at_once_the_first_stays() {
    both(|bench| async move {
        let (lena, object) = (bench.user_id("lena").await, settle(&bench, "lena", &[]));
        let (admin, from) = (bench.admin().await, visitor(FROM));
        look(&bench).await;
        let pair = (lena, object);
        let (yes, no) = tokio::join!(
            bench.house.accept_matches(&admin, bench.tenant, vec![pair], &from),
            bench.house.reject_match(&admin, bench.tenant, pair, &from),
        );
        assert_ne!(yes.is_ok(), no.is_ok(), "{yes:?} {no:?}");
        let kind = if yes.is_ok() { Standing::Accepted } else { Standing::Rejected };
        assert!(of(&look(&bench).await, lena).contains(&kind));
    });
}
