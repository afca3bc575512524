//! The process went away while a call was on the wire: what it may have done is remembered (Y12).

use model::{
    Actor,
    entra::Origin,
    plan::{Action, Scope, StepOutcome},
};
use simulator::{Fault, Trouble};
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

/// Y12, Y16
#[test]
fn a_block_that_never_arrived_is_not_taken_for_somebody_elses_later() {
    both(|bench| async move {
        assign(&bench).await;
        unassign(&bench).await;
        unheard(&bench, |action| matches!(action, Action::BlockSignIn)).await;
        // It had not arrived, and he was assigned again before anybody looked.
        bench.simulator.set(BOB, "accountEnabled", true);
        assign(&bench).await;
        let everyone = || bench.house.sync(bench.tenant, Scope::Everyone, Actor::Schedule);
        everyone().await.unwrap();
        assert!(enabled(&bench));
        // Weeks later an admin of the tenant blocks him.
        bench.simulator.set(BOB, "accountEnabled", false);
        everyone().await.unwrap();
        assert!(!enabled(&bench), "what others did is left alone");
    });
}

/// Y04, Y09
#[test]
fn what_was_there_when_it_was_to_be_made_is_found() {
    both(|bench| async move {
        assign(&bench).await;
        let (tenant, bob) = (bench.tenant, bench.user_id("bob").await);
        bench.store.write(move |tx| entra_links::remove(tx, tenant, bob)).await.unwrap();
        let ours =
            bench.simulator.tenant().user(BOB).expect("there").properties["onPremisesImmutableId"]
                .clone();
        // Planned while nothing there has his id; an admin gives it to the object just then.
        bench.simulator.set(BOB, "onPremisesImmutableId", "AAAAAAAAAAAAAAAAAAAAAA==");
        bench.simulator.set(BOB, "userPrincipalName", "robert@contoso.com");
        let busy = Trouble::TooManyRequests { retry_after: Some(1) };
        bench.simulator.faults().inject(Fault::new(busy).on("POST", "/users"));
        bench.pass(std::time::Duration::from_secs(1));
        let house = bench.house.clone();
        let run = tokio::spawn(async move {
            house.sync(tenant, Scope::Everyone, Actor::Schedule).await.expect("a run")
        });
        while !bench.simulator.faults().waiting().is_empty() {
            tokio::task::yield_now().await;
        }
        bench.simulator.set("robert@contoso.com", "onPremisesImmutableId", ours);
        let run = run.await.unwrap();
        let admin = bench.admin().await;
        let steps = bench.house.run(&admin, run).await.unwrap().1;
        let made = |step: &app::sync::RunStep| matches!(step.step.action, Action::Create { .. });
        let his = |step: &&app::sync::RunStep| step.step.user_id == bob && made(step);
        let his: Vec<_> = steps.iter().filter(his).collect();
        assert_eq!(his.len(), 1, "{steps:?}");
        assert_eq!(his[0].outcome, StepOutcome::Done, "{steps:?}");
        let found = bench.store.read(move |tx| entra_links::of_user(tx, tenant, bob)).await;
        assert_eq!(found.unwrap().expect("linked").origin, Origin::Found);
    });
}
