//! Walk D: an assignment reaches the tenant, and its end does too.

use std::time::Duration;

use model::{Actor, application::Licence, plan::Scope};
use store::{audit_log, outbox, subscribed_skus};

use crate::support::{Bench, both, visitor};

async fn premium(bench: &Bench) -> Licence {
    let tenant = bench.tenant;
    let skus = bench.store.read(move |tx| subscribed_skus::of_tenant(tx, tenant)).await.unwrap();
    let sku = skus.into_iter().find(|sku| sku.sku_part_number == "SPB").unwrap();
    let yammer = sku.service_plans.iter().find(|plan| plan.name.contains("YAMMER")).unwrap();
    Licence { sku_id: sku.sku_id, disabled_plans: vec![yammer.id] }
}

async fn assign_bob(bench: &Bench) {
    let (admin, from) = (bench.admin().await, visitor("198.51.100.9"));
    let bob = bench.user_id("bob").await;
    let licences = vec![premium(bench).await];
    bench.house.assign(&admin, bob, bench.application, licences, &from).await.unwrap();
}

/// R152
#[test]
fn assigning_writes_the_row_the_work_and_the_audit_together() {
    both(|bench| async move {
        bench.drain().await;
        assign_bob(&bench).await;
        let bob = bench.user_id("bob").await;
        let now = bench.house.now();
        let due = bench.store.read(move |tx| outbox::due(tx, now, 10)).await.unwrap();
        assert_eq!(due.len(), 1);
        assert_eq!(due[0].scope, Scope::Person(bob));
        let filter = audit_log::AuditFilter {
            subject: Some("bob@contoso.com".to_owned()),
            limit: 5,
            ..Default::default()
        };
        let rows = bench.store.read(move |tx| audit_log::list(tx, &filter)).await.unwrap().rows;
        assert_eq!(rows[0].kind.as_str(), "assignment.added");
    });
}

#[test]
fn bob_comes_into_the_tenant_and_goes_step_by_step() {
    both(|bench| async move {
        assign_bob(&bench).await;
        bench.drain().await;
        let tenant = bench.simulator.tenant();
        let bob = tenant.user("bob@contoso.com").expect("bob is there");
        assert_eq!(
            bob.text("onPremisesImmutableId"),
            Some(bench.account("bob").immutable_id.as_str())
        );
        assert_eq!(bob.text("usageLocation"), Some("DE"));
        assert_eq!(bob.licenses.len(), 1);
        assert_eq!(bob.licenses[0].disabled_plans.len(), 1);
        let seats = tenant.consumed("SPB");

        let (admin, from) = (bench.admin().await, visitor("198.51.100.9"));
        let id = bench.user_id("bob").await;
        bench.house.unassign(&admin, id, bench.application, &from).await.unwrap();
        bench.drain().await;
        let tenant = bench.simulator.tenant();
        let bob = tenant.user("bob@contoso.com").expect("never deleted");
        assert_eq!(bob.properties["accountEnabled"], false);
        assert_eq!(tenant.consumed("SPB"), seats, "the licence stays for the grace time");
        let writes: Vec<_> = tenant
            .requests
            .iter()
            .filter(|request| request.method != "GET" && request.path.contains(bob.id.as_str()))
            .map(|request| (request.method.as_str(), request.path.rsplit('/').next().unwrap()))
            .collect();
        let block = writes.iter().rposition(|(method, _)| *method == "PATCH").unwrap();
        assert_eq!(writes[block + 1].1, "revokeSignInSessions", "block, then revoke: {writes:?}");

        bench.pass(Duration::from_hours(31 * 24));
        bench.house.sync(bench.tenant, Scope::Person(id), Actor::Schedule).await.unwrap();
        assert_eq!(bench.simulator.tenant().consumed("SPB"), seats - 1, "after 30 days");
    });
}

#[test]
fn a_product_that_the_tenant_lacks_is_refused_at_its_field() {
    both(|bench| async move {
        let (admin, from) = (bench.admin().await, visitor("198.51.100.9"));
        let bob = bench.user_id("bob").await;
        let mut licence = premium(&bench).await;
        licence.sku_id.0 = uuid::Uuid::nil();
        let refused =
            bench.house.assign(&admin, bob, bench.application, vec![licence], &from).await;
        let error = refused.expect_err("there is no such product");
        assert_eq!(error.kind, app::Kind::Invalid { field: "sku" });
    });
}

#[test]
fn the_sample_fills_the_tenant_by_the_same_sync() {
    both(|bench| async move {
        bench.drain().await;
        let tenant = bench.simulator.tenant();
        for account in &bench.sample.people {
            let there = tenant.user(&account.upn).is_some();
            assert_eq!(there, account.assigned, "{}", account.upn);
        }
        let run = bench.house.sync(bench.tenant, Scope::Everyone, Actor::Schedule).await.unwrap();
        let admin = bench.admin().await;
        let (_, steps) = bench.house.run(&admin, run).await.unwrap();
        let left: Vec<_> = steps.iter().map(|s| (&s.step.upn, s.step.action.label())).collect();
        assert!(left.is_empty(), "nothing is left to do: {left:?}");
    });
}

/// Y16
#[test]
fn keeping_somebody_out_waits_for_nobody() {
    both(|bench| async move {
        bench.drain().await;
        assign_bob(&bench).await;
        let (admin, from) = (bench.admin().await, visitor("198.51.100.9"));
        let alice = bench.user_id("alice").await;
        bench.house.unassign(&admin, alice, bench.application, &from).await.unwrap();
        bench.house.drain_outbox(app::sync::Lane::Safety).await.unwrap();
        let tenant = bench.simulator.tenant();
        assert_eq!(tenant.user("alice@contoso.com").unwrap().properties["accountEnabled"], false);
        assert!(tenant.user("bob@contoso.com").is_none(), "the other lane was not touched");
        bench.drain().await;
        assert!(bench.simulator.tenant().user("bob@contoso.com").is_some());
    });
}
