//! Ending everybody's sessions at Microsoft after an emergency (R129).

use std::{collections::BTreeMap, time::Duration};

use app::{Admin, Kind, keys::Revocation, sync::Writes};
use model::{
    Actor,
    audit::AuditKind,
    plan::{RunState, Scope},
};
use simulator::{Fault, Trouble};
use store::{audit_log, outbox};

use crate::support::{Bench, both, visitor};

async fn stand(bench: &Bench, admin: &Admin) -> Revocation {
    bench.house.revocations(admin).await.unwrap().remove(0)
}

/// From when on sessions are good, for everybody in the tenant.
fn good_from(bench: &Bench) -> BTreeMap<String, i64> {
    let tenant = bench.simulator.tenant();
    tenant.users.iter().map(|user| (user.upn().to_owned(), user.sessions_valid_from)).collect()
}

/// Works until nothing is left that time will bring.
async fn work(bench: &Bench) {
    for _ in 0..4 {
        bench.drain().await;
        bench.pass(Duration::from_mins(2));
    }
}

/// R129
#[test]
fn the_sessions_of_everybody_end_and_whose_do_not_is_named() {
    both(|bench| async move {
        bench.drain().await;
        let from = visitor("198.51.100.9");
        let erin = bench.user_id("erin").await;
        let admin = bench.admin().await;
        bench.house.unassign(&admin, erin, bench.application, &from).await.unwrap();
        work(&bench).await;
        bench.simulator.make_admin("grace@contoso.com");
        let admin = bench.admin().await;
        let before = good_from(&bench);
        let people = stand(&bench, &admin).await.people;
        assert!(people > 6, "more than the guard lets through: {people}");
        assert!(stand(&bench, &admin).await.asked.is_none());

        let asked_at = bench.house.now();
        bench.house.revoke_everybody(&admin, (bench.tenant, people), &from).await.unwrap();
        let asked = stand(&bench, &admin).await.asked.unwrap();
        assert_eq!((asked.at, asked.ended, asked.left.len()), (asked_at, 0, people));
        // One call is refused, and the answer to another one is lost.
        let faults = bench.simulator.faults();
        let revoking = |trouble| Fault::new(trouble).on("POST", "revokeSignInSessions");
        faults.inject(revoking(Trouble::Unavailable { retry_after: None }));
        faults.inject(revoking(Trouble::LostResponse));
        work(&bench).await;

        let admin = bench.admin().await;
        let asked = stand(&bench, &admin).await.asked.unwrap();
        let left: Vec<_> = asked.left.iter().map(|user| user.upn.as_str()).collect();
        assert_eq!(left, ["grace@contoso.com"], "she holds a role");
        assert_eq!(asked.ended, people - 1);
        let links = bench.store.read(move |tx| store::entra_links::all(tx, bench.tenant)).await;
        let after = good_from(&bench);
        for link in links.unwrap() {
            let user = bench.store.read(move |tx| store::users::by_id(tx, link.user_id)).await;
            let upn = user.unwrap().unwrap().upn.to_string();
            let ended = after[&upn] > asked_at.0;
            assert_eq!(ended, upn != "grace@contoso.com", "{upn}");
            assert!(ended || after[&upn] == before[&upn], "{upn}");
        }
        let others = |from: &BTreeMap<String, i64>| {
            let elsewhere = from.iter().filter(|(upn, _)| upn.ends_with("onmicrosoft.com"));
            elsewhere.map(|(upn, at)| (upn.clone(), *at)).collect::<Vec<_>>()
        };
        assert_eq!(others(&before), others(&after), "nobody else is touched");

        // Done once: neither the next run nor a change of somebody does it again.
        let now = bench.house.now();
        bench.house.sync(bench.tenant, Scope::Person(erin), Actor::Schedule).await.unwrap();
        let run = bench.house.sync(bench.tenant, Scope::Everyone, Actor::Schedule).await.unwrap();
        let (run, _) = bench.house.run(&admin, run).await.unwrap();
        assert_eq!(run.state, RunState::Finished, "{}", run.reason);
        assert!(good_from(&bench).values().all(|at| *at < now.0));
        // And they take no share from who leaves.
        let farid = bench.user_id("farid").await;
        let admin = bench.admin().await;
        bench.house.unassign(&admin, farid, bench.application, &from).await.unwrap();
        let run = bench.house.sync(bench.tenant, Scope::Everyone, Actor::Schedule).await.unwrap();
        let (run, steps) = bench.house.run(&admin, run).await.unwrap();
        assert_eq!(run.state, RunState::Finished, "{}", run.reason);
        assert!(!steps.is_empty(), "he is kept out at once");
    });
}

/// R129, R147
#[test]
fn nobodys_sessions_end_without_a_fresh_word_for_that_many() {
    both(|bench| async move {
        bench.drain().await;
        let from = visitor("198.51.100.9");
        let admin = bench.admin().await;
        let people = stand(&bench, &admin).await.people;
        let (house, tenant) = (bench.house.clone(), bench.tenant);
        let refused = async |admin: &Admin, people| {
            house.revoke_everybody(admin, (tenant, people), &from).await.unwrap_err().kind
        };
        assert_eq!(refused(&admin, people + 1).await, Kind::Conflict, "another number was shown");
        bench.house.stop_writes(&admin, tenant, Writes::Stopped, &from).await.unwrap();
        assert_eq!(refused(&admin, people).await, Kind::Conflict, "writes are stopped");
        bench.house.stop_writes(&admin, tenant, Writes::Allowed, &from).await.unwrap();
        bench.pass(Duration::from_mins(6));
        assert_eq!(refused(&admin, people).await, Kind::StepUp);
        let now = bench.house.now();
        let due = bench.store.read(move |tx| outbox::due(tx, now, 10)).await.unwrap();
        assert!(due.is_empty() && stand(&bench, &admin).await.asked.is_none());

        let admin = bench.admin().await;
        bench.house.revoke_everybody(&admin, (tenant, people), &from).await.unwrap();
        let filter = audit_log::AuditFilter {
            kind: Some(AuditKind::TenantChanged),
            limit: 1,
            ..Default::default()
        };
        let rows = bench.store.read(move |tx| audit_log::list(tx, &filter)).await.unwrap().rows;
        assert_eq!(rows[0].detail, format!("sessions at Microsoft of {people} people to be ended"));
        // A wish that could not be met for a week is over.
        bench.pass(Duration::from_hours(7 * 24 + 1));
        let before = good_from(&bench);
        work(&bench).await;
        assert_eq!(good_from(&bench), before);
        let admin = bench.admin().await;
        assert!(stand(&bench, &admin).await.asked.is_none());
    });
}
