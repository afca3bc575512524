//! The process went away while a call was on the wire: what it may have done is remembered (Y12).

use model::{
    Actor,
    entra::Origin,
    plan::{Action, Scope, StepOutcome},
};
use store::{entra_links, sync_runs};

use crate::support::{Bench, both, visitor};

const BOB: &str = "bob@contoso.com";

/// Makes the journal say of Bob's steps of a kind that nobody heard their answer.
async fn unheard(bench: &Bench, is: fn(&Action) -> bool) {
    let (tenant, bob, now) = (bench.tenant, bench.user_id("bob").await, bench.house.now());
    let changed = bench.store.write(move |tx| {
        let mut changed = 0;
        for run in sync_runs::recent(tx, tenant, 50)? {
            for step in sync_runs::steps(tx, run.id)? {
                if step.step.user_id == bob && is(&step.step.action) {
                    sync_runs::record(tx, step.id, &StepOutcome::Sending, now)?;
                    changed += 1;
                }
            }
        }
        Ok::<_, store::Error>(changed)
    });
    assert_eq!(changed.await.unwrap(), 1, "there was one such step");
}

async fn assign(bench: &Bench) {
    let (admin, bob) = (bench.admin().await, bench.user_id("bob").await);
    let from = visitor("198.51.100.9");
    bench.house.assign(&admin, bob, bench.application, Vec::new(), &from).await.unwrap();
    bench.drain().await;
}

async fn unassign(bench: &Bench) {
    let (admin, bob) = (bench.admin().await, bench.user_id("bob").await);
    let from = visitor("198.51.100.9");
    bench.house.unassign(&admin, bob, bench.application, &from).await.unwrap();
    bench.drain().await;
}

fn enabled(bench: &Bench) -> bool {
    let tenant = bench.simulator.tenant();
    tenant.user(BOB).expect("there").properties["accountEnabled"] == true
}

/// Y04, Y12
#[test]
fn an_account_whose_making_nobody_heard_of_is_ours() {
    both(|bench| async move {
        assign(&bench).await;
        let (tenant, bob) = (bench.tenant, bench.user_id("bob").await);
        unheard(&bench, |action| matches!(action, Action::Create { .. })).await;
        bench.store.write(move |tx| entra_links::remove(tx, tenant, bob)).await.unwrap();
        bench.house.sync(tenant, Scope::Everyone, Actor::Schedule).await.unwrap();
        let found = bench.store.read(move |tx| entra_links::of_user(tx, tenant, bob)).await;
        assert_eq!(found.unwrap().expect("linked").origin, Origin::Made);
    });
}

/// Y12
#[test]
fn an_account_whose_block_nobody_heard_of_is_opened_again() {
    both(|bench| async move {
        assign(&bench).await;
        unassign(&bench).await;
        assert!(!enabled(&bench));
        unheard(&bench, |action| matches!(action, Action::BlockSignIn)).await;
        assign(&bench).await;
        assert!(enabled(&bench));
    });
}
