//! Previews, approvals, the guard and the stop.

use std::time::Duration;

use model::{
    Actor,
    audit::AuditKind,
    ids::RunId,
    plan::{RunState, Scope, StepOutcome},
};

use simulator::{Fault, Trouble};
use store::{
    applications,
    audit_log::{self, AuditFilter},
    sync_runs,
};
use tokio::task::JoinHandle;

use crate::support::{Bench, both, visitor};

fn writes(bench: &Bench) -> usize {
    let requests = bench.simulator.tenant().requests;
    requests.iter().filter(|r| r.path.starts_with("/v1.0") && r.method != "GET").count()
}

/// A run for everybody that was told to wait a second with its first call of this kind.
async fn held_up(bench: &Bench, method: &str, path: &str) -> JoinHandle<RunId> {
    let busy = Trouble::TooManyRequests { retry_after: Some(1) };
    bench.simulator.faults().inject(Fault::new(busy).on(method, path));
    let (house, tenant) = (bench.house.clone(), bench.tenant);
    let run = tokio::spawn(async move {
        house.sync(tenant, Scope::Everyone, Actor::Schedule).await.expect("a run")
    });
    while !bench.simulator.faults().waiting().is_empty() {
        tokio::task::yield_now().await;
    }
    run
}

/// Y02, Y05
#[test]
fn a_preview_writes_nothing_and_its_approval_does_what_it_showed() {
    both(|bench| async move {
        let admin = bench.admin().await;
        let run = bench.house.preview(&admin, bench.tenant).await.unwrap();
        let (shown, steps) = bench.house.run(&admin, run).await.unwrap();
        assert_eq!(shown.state, RunState::Preview);
        assert!(steps.len() >= 18, "create and licence for nine people: {}", steps.len());
        assert!(steps.iter().all(|step| !step.step.reason.is_empty()));
        assert_eq!(writes(&bench), 0);

        let from = visitor("198.51.100.9");
        bench.house.approve(&admin, run, &from).await.unwrap();
        let (done, after) = bench.house.run(&admin, run).await.unwrap();
        assert_eq!(done.state, RunState::Finished);
        assert_eq!(done.plan_hash, shown.plan_hash);
        assert!(after.iter().all(|step| step.outcome == model::plan::StepOutcome::Done));
        assert!(bench.simulator.tenant().user("alice@contoso.com").is_some());
        let twice = bench.house.approve(&admin, run, &from).await;
        assert_eq!(twice.expect_err("a plan is carried out once").kind, app::Kind::Conflict);
    });
}

/// Y02
#[test]
fn an_approval_is_void_when_something_changed_meanwhile() {
    both(|bench| async move {
        let (admin, from) = (bench.admin().await, visitor("198.51.100.9"));
        let run = bench.house.preview(&admin, bench.tenant).await.unwrap();
        let id = bench.user_id("alice").await;
        bench.house.unassign(&admin, id, bench.application, &from).await.unwrap();
        let error = bench.house.approve(&admin, run, &from).await.expect_err("our side moved");
        assert_eq!(error.kind, app::Kind::Conflict);
        let run = bench.house.preview(&admin, bench.tenant).await.unwrap();
        let theirs = serde_json::json!({
            "userPrincipalName": "erin@contoso.com", "displayName": "Another Erin",
            "mailNickname": "erin", "accountEnabled": true,
        });
        bench.simulator.add_user(theirs.as_object().unwrap().clone());
        let error = bench.house.approve(&admin, run, &from).await.expect_err("their side moved");
        assert_eq!(error.kind, app::Kind::Conflict);
        assert_eq!(writes(&bench), 0);
    });
}

/// Y02
#[test]
fn a_plan_is_good_for_a_day() {
    both(|bench| async move {
        let (nearly, second) = (Duration::from_secs(86_400 - 31), Duration::from_secs(1));
        let from = visitor("198.51.100.9");
        let admin = bench.admin().await;
        let run = bench.house.preview(&admin, bench.tenant).await.unwrap();
        bench.pass(nearly);
        let admin = bench.admin().await;
        bench.pass(second);
        let late = bench.house.approve(&admin, run, &from).await.expect_err("a day is over");
        assert_eq!(late.kind, app::Kind::Conflict);
        assert!(late.public.contains("more than a day old"), "{}", late.public);
        assert_eq!(writes(&bench), 0);
        let run = bench.house.preview(&admin, bench.tenant).await.unwrap();
        bench.pass(nearly);
        let admin = bench.admin().await;
        bench.house.approve(&admin, run, &from).await.expect("on the last second");
    });
}

/// Y06
#[test]
fn nothing_is_written_to_a_new_connection_before_its_first_plan_is_confirmed() {
    both(|bench| async move {
        let application = bench.application;
        let as_new = bench.store.write(move |tx| {
            let mut settings = applications::by_id(tx, application)?.expect("there").settings;
            settings.first_plan_confirmed = false;
            applications::update_settings(tx, application, &settings)
        });
        as_new.await.unwrap();
        bench.drain_once().await;
        let run = bench.house.sync(bench.tenant, Scope::Everyone, Actor::Schedule).await.unwrap();
        let admin = bench.admin().await;
        let waits = bench.house.run(&admin, run).await.unwrap().0;
        assert_eq!(waits.state, RunState::NeedsApproval, "{}", waits.reason);
        assert_eq!(writes(&bench), 0, "neither by a change of one person nor by the schedule");

        let from = visitor("198.51.100.9");
        bench.house.approve(&admin, run, &from).await.unwrap();
        assert!(bench.simulator.tenant().user("alice@contoso.com").is_some());
        let before = writes(&bench);
        let bob = bench.user_id("bob").await;
        bench.house.assign(&admin, bob, application, Vec::new(), &from).await.unwrap();
        bench.pass(Duration::from_hours(1));
        bench.drain().await;
        assert!(writes(&bench) > before, "from then on each change goes through by itself");
    });
}

/// Y01
#[test]
fn the_guard_stops_a_run_that_takes_from_many_before_its_first_write() {
    both(|bench| async move {
        bench.drain().await;
        let (admin, from) = (bench.admin().await, visitor("198.51.100.9"));
        for account in bench.sample.people.iter().filter(|a| a.assigned).take(6) {
            let name = account.upn.split('@').next().unwrap();
            let id = bench.user_id(name).await;
            bench.house.unassign(&admin, id, bench.application, &from).await.unwrap();
        }
        let before = writes(&bench);
        let run = bench.house.sync(bench.tenant, Scope::Everyone, Actor::Schedule).await.unwrap();
        let (stopped, _) = bench.house.run(&admin, run).await.unwrap();
        assert_eq!(stopped.state, RunState::NeedsApproval);
        assert!(!stopped.reason.is_empty());
        assert_eq!(writes(&bench), before);
    });
}

/// Y33
#[test]
fn stopped_writes_stay_stopped() {
    both(|bench| async move {
        let (admin, from) = (bench.admin().await, visitor("198.51.100.9"));
        let stopped = app::sync::Writes::Stopped;
        bench.house.stop_writes(&admin, bench.tenant, stopped, &from).await.unwrap();
        let run = bench.house.sync(bench.tenant, Scope::Everyone, Actor::Schedule).await;
        assert_eq!(run.expect_err("stopped").kind, app::Kind::Conflict);
        bench.drain_once().await;
        assert_eq!(writes(&bench), 0);
        let allowed = app::sync::Writes::Allowed;
        bench.house.stop_writes(&admin, bench.tenant, allowed, &from).await.unwrap();
        bench.pass(std::time::Duration::from_hours(1));
        bench.drain().await;
        assert!(bench.simulator.tenant().user("alice@contoso.com").is_some());
    });
}

#[test]
fn the_wrong_tenants_credentials_stop_everything() {
    both(|bench| async move {
        bench.simulator.expire_client_secret();
        // The token that loaded the products has run out by then.
        bench.pass(std::time::Duration::from_hours(2));
        let run = bench.house.sync(bench.tenant, Scope::Everyone, Actor::Schedule).await;
        let error = run.expect_err("the secret is no good any more");
        assert_eq!(error.kind, app::Kind::Upstream);
        assert!(error.public.contains("7000222"), "{}", error.public);
    });
}

/// Y15
#[test]
fn a_run_that_is_under_way_does_not_open_what_was_blocked_meanwhile() {
    both(|bench| async move {
        bench.drain().await;
        let (admin, from) = (bench.admin().await, visitor("198.51.100.9"));
        let alice = bench.user_id("alice").await;
        bench.house.block(&admin, alice, &from).await.unwrap();
        bench.drain().await;
        bench.house.unblock(&admin, alice, &from).await.unwrap();
        // The run is told to try again; meanwhile alice is blocked once more.
        let run = held_up(&bench, "PATCH", "/users/").await;
        bench.house.block(&admin, alice, &from).await.unwrap();
        let (_, steps) = bench.house.run(&admin, run.await.unwrap()).await.unwrap();
        assert!(matches!(steps[0].outcome, model::plan::StepOutcome::Skipped(_)), "{steps:?}");
        let there = bench.simulator.tenant().user("alice@contoso.com").cloned().unwrap();
        assert_eq!(there.properties["accountEnabled"], false);
    });
}

/// Y07: read again just before something is taken away.
#[test]
fn who_becomes_an_administrator_while_a_run_is_under_way_is_left_alone() {
    both(|bench| async move {
        bench.drain().await;
        let admin = bench.admin().await;
        let alice = bench.user_id("alice").await;
        bench.house.block(&admin, alice, &visitor("198.51.100.9")).await.unwrap();
        let run = held_up(&bench, "PATCH", "/users/").await;
        bench.simulator.make_admin("alice@contoso.com");
        bench.pass(std::time::Duration::from_secs(21));
        let (_, steps) = bench.house.run(&admin, run.await.unwrap()).await.unwrap();
        let why = "an administrator of the tenant since this plan was made".to_owned();
        assert_eq!(steps[0].outcome, model::plan::StepOutcome::Skipped(why), "{steps:?}");
        let there = bench.simulator.tenant().user("alice@contoso.com").cloned().unwrap();
        assert_eq!(there.properties["accountEnabled"], true);
    });
}

/// Y14: what a run says of itself counts only while its lease is its own.
#[test]
fn a_run_that_lost_its_lease_does_not_write_how_it_ended() {
    both(|bench| async move {
        let admin = bench.admin().await;
        let slow = held_up(&bench, "POST", "/users").await;
        bench.pass(std::time::Duration::from_mins(5));
        let other = bench.second_node().await;
        other.sync(bench.tenant, Scope::Everyone, Actor::Schedule).await.unwrap();
        let slow = slow.await.unwrap();
        let (left, _) = bench.house.run(&admin, slow).await.unwrap();
        assert_eq!(left.state, RunState::Stopped);
        assert!(left.reason.contains("its process ended"), "as the other one wrote: {left:?}");
        assert_eq!(unheard(&bench).await, 1, "both told of the one write");
    });
}

/// Y14
#[test]
fn a_run_that_waited_for_longer_than_its_lease_goes_on_while_nobody_else_took_it() {
    both(|bench| async move {
        let admin = bench.admin().await;
        let slow = held_up(&bench, "POST", "/users").await;
        bench.pass(std::time::Duration::from_mins(5));
        let (ended, steps) = bench.house.run(&admin, slow.await.unwrap()).await.unwrap();
        assert_eq!(ended.state, RunState::Finished, "{ended:?}");
        assert!(steps.iter().all(|step| step.outcome == StepOutcome::Done), "{steps:?}");
        assert!(bench.simulator.tenant().user("alice@contoso.com").is_some());
    });
}

/// How many rows say of a write that nobody heard its answer.
async fn unheard(bench: &Bench) -> usize {
    let filter = AuditFilter { kind: Some(AuditKind::SyncStep), limit: 200, ..Default::default() };
    let rows = bench.store.read(move |tx| audit_log::list(tx, &filter)).await.unwrap().rows;
    rows.iter().filter(|row| row.detail.contains("nobody heard the answer")).count()
}

/// Y29: whatever state its run ended in.
#[test]
fn a_write_whose_end_nobody_could_write_down_is_in_the_audit_log_once() {
    for state in [RunState::Running, RunState::Stopped, RunState::Finished] {
        both(move |bench| async move {
            let admin = bench.admin().await;
            let shown = bench.house.preview(&admin, bench.tenant).await.unwrap();
            let now = bench.house.now();
            let lose = move |tx: &mut store::Tx| {
                let step = sync_runs::steps(tx, shown)?.remove(0).id;
                sync_runs::record(tx, step, &StepOutcome::Sending, now)?;
                sync_runs::set_state(tx, shown, state, "", now)
            };
            bench.store.write(lose).await.unwrap();
            assert_eq!(unheard(&bench).await, 0);
            for _ in 0..2 {
                bench.house.sync(bench.tenant, Scope::Everyone, Actor::Schedule).await.unwrap();
                assert_eq!(unheard(&bench).await, 1, "{state:?}");
            }
        });
    }
}

#[test]
fn a_run_whose_process_went_away_is_not_called_running_for_ever() {
    both(|bench| async move {
        let admin = bench.admin().await;
        let shown = bench.house.preview(&admin, bench.tenant).await.unwrap();
        let now = bench.house.now();
        let lose = move |tx: &mut store::Tx| {
            store::sync_runs::set_state(tx, shown, RunState::Running, "", now)
        };
        bench.store.write(lose).await.unwrap();
        bench.house.sync(bench.tenant, Scope::Everyone, Actor::Schedule).await.unwrap();
        let (left, _) = bench.house.run(&admin, shown).await.unwrap();
        assert_eq!(left.state, RunState::Stopped);
        assert!(left.finished_at.is_some() && !left.reason.is_empty());
    });
}
