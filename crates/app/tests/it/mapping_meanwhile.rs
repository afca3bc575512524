//! What changes while a run is under way: its plan was made by the rules and the values of before.

use std::collections::BTreeSet;

use model::{
    Actor,
    attribute::Attribute::{self, Country, Department, GivenName, JobTitle, Surname},
    ids::RunId,
    mapping::Mode,
    plan::{Scope, StepOutcome},
};
use simulator::{Fault, Trouble};
use tokio::task::JoinHandle;

use crate::{
    mapping::{draft, put, save, sync, there},
    support::{Bench, both},
};

const PHONE: &str = "\"+43 1 555\"";

/// A run for everybody whose first such call is told to wait.
async fn held_up(bench: &Bench, method: &str) -> JoinHandle<RunId> {
    let busy = Trouble::TooManyRequests { retry_after: Some(2) };
    bench.simulator.faults().inject(Fault::new(busy).on(method, "/users"));
    let (house, tenant) = (bench.house.clone(), bench.tenant);
    let run = tokio::spawn(async move {
        house.sync(tenant, Scope::Everyone, Actor::Schedule).await.expect("a run")
    });
    while !bench.simulator.faults().waiting().is_empty() {
        tokio::task::yield_now().await;
    }
    run
}

/// Why the steps of a run were left out.
async fn left_out(bench: &Bench, run: RunId) -> BTreeSet<String> {
    let steps = bench.house.run(&bench.admin().await, run).await.unwrap().1;
    let why = |step: app::sync::RunStep| match step.outcome {
        StepOutcome::Skipped(why) => Some(why),
        _ => None,
    };
    steps.into_iter().filter_map(why).collect()
}

/// F072
#[test]
fn what_is_set_to_never_while_a_run_is_under_way_does_not_leave_with_it() {
    both(|bench| async move {
        let admin = bench.admin().await;
        let never = || draft(Attribute::MobilePhone, Mode::Never, PHONE);
        put(&bench, Attribute::MobilePhone, Mode::Always, PHONE).await;
        let run = held_up(&bench, "POST").await;
        save(&bench, &admin, never()).await.unwrap();
        let run = run.await.unwrap();
        assert!(bench.simulator.tenant().user("alice@contoso.com").is_none(), "made by old rules");
        let why = "the rule for the mobile phone was changed since this plan was made";
        assert!(left_out(&bench, run).await.contains(why));
        sync(&bench).await;
        assert_eq!(there(&bench, "alice", "mobilePhone"), None);

        put(&bench, Attribute::MobilePhone, Mode::Always, PHONE).await;
        let admin = bench.admin().await;
        let run = held_up(&bench, "PATCH").await;
        save(&bench, &admin, never()).await.unwrap();
        let run = run.await.unwrap();
        for name in ["alice", "carol"] {
            assert_eq!(there(&bench, name, "mobilePhone"), None, "of {name}");
        }
        assert!(left_out(&bench, run).await.contains(why));
    });
}

/// Y26
#[test]
fn what_somebody_types_there_while_a_run_is_under_way_stays_where_only_empty_is_filled() {
    both(|bench| async move {
        bench.drain().await;
        put(&bench, Attribute::OfficeLocation, Mode::WhenEmpty, "\"Room 1\"").await;
        let run = held_up(&bench, "PATCH").await;
        for name in ["alice", "carol"] {
            bench.simulator.set(&format!("{name}@contoso.com"), "officeLocation", "By hand");
        }
        let run = run.await.unwrap();
        for name in ["alice", "carol"] {
            let office = there(&bench, name, "officeLocation");
            assert_eq!(office.as_deref(), Some("By hand"), "of {name}");
        }
        let why = "somebody filled in the office since this plan was made";
        assert_eq!(left_out(&bench, run).await, BTreeSet::from([why.to_owned()]));
        assert_eq!(there(&bench, "grace", "officeLocation").as_deref(), Some("Room 1"));
    });
}

/// Both rules are kept as a whole, in one row.
#[test]
fn two_rules_that_are_saved_at_once_are_both_kept() {
    both(|bench| async move {
        let admin = bench.admin().await;
        let all = [Country, Department, GivenName, JobTitle, Surname];
        let saves = all.map(|it| save(&bench, &admin, draft(it, Mode::Never, it.word())));
        for saved in futures::future::join_all(saves).await {
            saved.unwrap();
        }
        let kept = bench.house.mapping(&admin, bench.application).await.unwrap();
        let changed: Vec<Attribute> =
            kept.rules.iter().filter(|rule| rule.is_changed).map(|rule| rule.attribute).collect();
        assert_eq!(changed, [GivenName, Surname, Department, JobTitle, Country]);
    });
}
