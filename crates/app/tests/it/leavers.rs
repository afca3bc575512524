//! Leaving, from the block to the bin, and the way back.

use std::time::Duration;

use app::leavers::Loss;
use model::{
    Actor,
    application::{Licence, Office365Settings},
    entra::{EntraLink, Origin},
    ids::RunId,
    plan::{RunState, Scope, StepOutcome},
};
use simulator::{Fault, Trouble};
use store::{applications, entra_links, subscribed_skus, sync_runs::RunStep};

use crate::support::{Bench, both, visitor};

const DAY: Duration = Duration::from_hours(24);
const FROM: &str = "198.51.100.9";
const BOB: &str = "bob@contoso.com";

/// Licences go after 30 days and accounts after 60; bob is in the tenant.
async fn with_bob(bench: &Bench) -> String {
    policy(bench, |settings| settings.delete_days = Some(60)).await;
    assign(bench, "bob").await;
    bench.drain().await;
    bench.simulator.tenant().user(BOB).expect("created").id.clone()
}

async fn policy(bench: &Bench, change: impl Fn(&mut Office365Settings) + Send + 'static) {
    let id = bench.application;
    let changed = bench.store.write(move |tx| {
        let mut settings = applications::by_id(tx, id)?.expect("there").settings;
        change(&mut settings);
        applications::update_settings(tx, id, &settings)
    });
    changed.await.unwrap();
}

async fn assign(bench: &Bench, name: &str) {
    let tenant = bench.tenant;
    let skus = bench.store.read(move |tx| subscribed_skus::of_tenant(tx, tenant)).await.unwrap();
    let sku = skus.into_iter().find(|sku| sku.sku_part_number == "SPB").unwrap();
    let licence = Licence { sku_id: sku.sku_id, disabled_plans: vec![] };
    let (admin, person) = (bench.admin().await, bench.user_id(name).await);
    let (application, from) = (bench.application, visitor(FROM));
    bench.house.assign(&admin, person, application, vec![licence], &from).await.unwrap();
}

async fn unassign(bench: &Bench, name: &str) {
    let (admin, person) = (bench.admin().await, bench.user_id(name).await);
    bench.house.unassign(&admin, person, bench.application, &visitor(FROM)).await.unwrap();
}

/// Bob leaves, and his day comes.
async fn leave(bench: &Bench) {
    unassign(bench, "bob").await;
    bench.drain().await;
    bench.pass(DAY * 61);
}

async fn everyone(bench: &Bench) -> RunId {
    bench.house.sync(bench.tenant, Scope::Everyone, Actor::Schedule).await.unwrap()
}

async fn steps(bench: &Bench, run: RunId) -> Vec<RunStep> {
    let admin = bench.admin().await;
    bench.house.run(&admin, run).await.unwrap().1
}

/// The labels of what a run did, of what was done.
async fn done(bench: &Bench, run: RunId) -> Vec<&'static str> {
    let steps = steps(bench, run).await;
    let done = steps.iter().filter(|step| step.outcome == StepOutcome::Done);
    done.map(|step| step.step.action.label()).collect()
}

async fn link(bench: &Bench) -> EntraLink {
    let (tenant, bob) = (bench.tenant, bench.user_id("bob").await);
    let found = bench.store.read(move |tx| entra_links::of_user(tx, tenant, bob)).await;
    found.unwrap().expect("linked")
}

fn in_bin(bench: &Bench) -> Vec<String> {
    bench.simulator.tenant().deleted.iter().map(|user| user.id.clone()).collect()
}

fn enabled(bench: &Bench) -> bool {
    let tenant = bench.simulator.tenant();
    tenant.user(BOB).expect("there").properties["accountEnabled"] == true
}

fn licences(bench: &Bench) -> usize {
    bench.simulator.tenant().user(BOB).expect("there").licenses.len()
}

fn calls(bench: &Bench, method: &str, path: &str) -> usize {
    let requests = bench.simulator.tenant().requests;
    requests.iter().filter(|r| r.method == method && r.path.contains(path)).count()
}

fn creations(bench: &Bench) -> usize {
    let requests = bench.simulator.tenant().requests;
    requests.iter().filter(|r| r.method == "POST" && r.path == "/v1.0/users").count()
}

/// A run for everybody whose first deletion is told to wait a second.
async fn held_up(bench: &Bench) -> tokio::task::JoinHandle<RunId> {
    let busy = Trouble::TooManyRequests { retry_after: Some(1) };
    bench.simulator.faults().inject(Fault::new(busy).on("DELETE", "/users/"));
    let (house, tenant) = (bench.house.clone(), bench.tenant);
    let run = tokio::spawn(async move {
        house.sync(tenant, Scope::Everyone, Actor::Schedule).await.expect("a run")
    });
    while !bench.simulator.faults().waiting().is_empty() {
        tokio::task::yield_now().await;
    }
    run
}

/// A run for everybody whose first change of licences is told to wait a second.
async fn licences_held_up(bench: &Bench) -> tokio::task::JoinHandle<RunId> {
    let busy = Trouble::TooManyRequests { retry_after: Some(1) };
    bench.simulator.faults().inject(Fault::new(busy).on("POST", "/assignLicense"));
    let (house, tenant) = (bench.house.clone(), bench.tenant);
    let run = tokio::spawn(async move {
        house.sync(tenant, Scope::Everyone, Actor::Schedule).await.expect("a run")
    });
    while !bench.simulator.faults().waiting().is_empty() {
        tokio::task::yield_now().await;
    }
    run
}

/// How the deletion of a run ended.
async fn deletion(bench: &Bench, run: RunId) -> StepOutcome {
    let steps = steps(bench, run).await;
    let deletion = steps.into_iter().find(|step| step.step.action.label() == "Delete");
    deletion.expect("planned").outcome
}

/// Y04
#[test]
fn who_leaves_is_blocked_then_loses_the_licence_then_the_account_and_comes_back_whole() {
    both(|bench| async move {
        let object = with_bob(&bench).await;
        assert_eq!(link(&bench).await.origin, Origin::Made);
        unassign(&bench, "bob").await;
        bench.drain().await;
        assert!(!enabled(&bench));
        for (days, expected) in [(29, vec![]), (2, vec!["Set licences"]), (28, vec![])] {
            bench.pass(DAY * days);
            let run = everyone(&bench).await;
            assert_eq!(done(&bench, run).await, expected);
        }
        bench.pass(DAY * 2);
        let bob = bench.user_id("bob").await;
        let scope = Scope::Person(bob);
        bench.house.sync(bench.tenant, scope, Actor::Schedule).await.unwrap();
        assert_eq!(in_bin(&bench), [""; 0], "only a pass over everybody deletes");
        let run = everyone(&bench).await;
        assert_eq!(done(&bench, run).await, ["Delete"]);
        assert_eq!(in_bin(&bench), [object.as_str()]);
        assert!(link(&bench).await.deleted_at.is_some());
        let again = everyone(&bench).await;
        assert_eq!(done(&bench, again).await, [""; 0]);

        bench.pass(DAY * 29);
        assign(&bench, "bob").await;
        bench.drain().await;
        let there = bench.simulator.tenant().user(BOB).expect("restored").clone();
        assert_eq!(there.id, object);
        assert!(enabled(&bench));
        assert_eq!(there.licenses.len(), 1);
        assert_eq!((in_bin(&bench).len(), link(&bench).await.deleted_at), (0, None));
        assert_eq!(calls(&bench, "DELETE", "/directory/deletedItems"), 0);
        bench.pass(DAY * 100);
        let run = everyone(&bench).await;
        assert_eq!(done(&bench, run).await, [""; 0]);
    });
}

#[test]
fn who_comes_back_before_a_date_keeps_what_was_not_taken_yet() {
    both(|bench| async move {
        let object = with_bob(&bench).await;
        for days in [10, 40] {
            unassign(&bench, "bob").await;
            bench.drain().await;
            bench.pass(DAY * days);
            everyone(&bench).await;
            assert_eq!(licences(&bench), usize::from(days == 10));
            assign(&bench, "bob").await;
            bench.drain().await;
            assert!(enabled(&bench));
            assert_eq!(licences(&bench), 1);
            bench.pass(DAY * 100);
            everyone(&bench).await;
            assert_eq!(bench.simulator.tenant().user(BOB).expect("there").id, object);
        }
    });
}

/// Y28
#[test]
fn after_thirty_days_in_the_bin_a_new_account_is_made_with_the_old_immutable_id() {
    both(|bench| async move {
        let object = with_bob(&bench).await;
        leave(&bench).await;
        everyone(&bench).await;
        bench.pass(DAY * 31);
        assign(&bench, "bob").await;
        bench.drain().await;
        let there = bench.simulator.tenant().user(BOB).expect("made anew").clone();
        assert_ne!(there.id, object);
        let immutable_id = bench.account("bob").immutable_id.as_str();
        assert_eq!(there.immutable_id(), Some(immutable_id));
        assert_eq!(link(&bench).await.object_id.to_string(), there.id);
    });
}

#[test]
fn a_block_here_has_its_own_days() {
    both(|bench| async move {
        with_bob(&bench).await;
        policy(&bench, |settings| {
            settings.blocked_licence_days = Some(5);
            settings.blocked_delete_days = Some(10);
        })
        .await;
        let bob = bench.user_id("bob").await;
        bench.house.block(&bench.admin().await, bob, &visitor(FROM)).await.unwrap();
        bench.drain().await;
        bench.pass(DAY * 5);
        everyone(&bench).await;
        assert_eq!(licences(&bench), 0);
        bench.pass(DAY * 5);
        everyone(&bench).await;
        assert_eq!(in_bin(&bench).len(), 1);
        bench.house.unblock(&bench.admin().await, bob, &visitor(FROM)).await.unwrap();
        bench.drain().await;
        assert!(enabled(&bench));
        assert_eq!(licences(&bench), 1);
    });
}

#[test]
fn a_hold_keeps_everything_but_the_sign_in_until_a_day_after_it_was_lifted() {
    both(|bench| async move {
        with_bob(&bench).await;
        let (bob, from) = (bench.user_id("bob").await, visitor(FROM));
        bench.house.place_hold(&bench.admin().await, bob, "case 4711", &from).await.unwrap();
        let twice = bench.house.place_hold(&bench.admin().await, bob, "again", &from).await;
        assert_eq!(twice.expect_err("held already").kind, app::Kind::Conflict);
        leave(&bench).await;
        everyone(&bench).await;
        assert!(!enabled(&bench), "a hold opens no sign-in");
        assert_eq!(licences(&bench), 1);

        let late = bench.admin().await;
        bench.pass(Duration::from_mins(6));
        let refused = bench.house.lift_hold(&late, bob, &from).await;
        assert_eq!(refused.expect_err("needs a fresh factor").kind, app::Kind::StepUp);
        bench.house.lift_hold(&bench.admin().await, bob, &from).await.unwrap();
        bench.pass(Duration::from_hours(23));
        everyone(&bench).await;
        assert_eq!(licences(&bench), 1);
        bench.pass(Duration::from_hours(2));
        everyone(&bench).await;
        assert_eq!(in_bin(&bench).len(), 1);
        let again = bench.house.lift_hold(&bench.admin().await, bob, &from).await;
        assert_eq!(again.expect_err("lifted already").kind, app::Kind::Conflict);
        for reason in ["", "  ", "two\nlines"] {
            let wrong = bench.house.place_hold(&bench.admin().await, bob, reason, &from).await;
            let kind = wrong.expect_err("no reason").kind;
            assert_eq!(kind, app::Kind::Invalid { field: "hold_reason" });
        }
    });
}

#[test]
fn until_the_last_minute_an_assignment_or_a_hold_stops_a_deletion() {
    both(|bench| async move {
        with_bob(&bench).await;
        leave(&bench).await;
        let run = held_up(&bench).await;
        let (bob, from) = (bench.user_id("bob").await, visitor(FROM));
        bench.house.place_hold(&bench.admin().await, bob, "case 4711", &from).await.unwrap();
        let outcome = deletion(&bench, run.await.unwrap()).await;
        assert!(matches!(outcome, StepOutcome::Skipped(_)), "{outcome:?}");
        bench.house.lift_hold(&bench.admin().await, bob, &from).await.unwrap();
        bench.pass(DAY * 2);
        let run = held_up(&bench).await;
        assign(&bench, "bob").await;
        let outcome = deletion(&bench, run.await.unwrap()).await;
        assert!(matches!(outcome, StepOutcome::Skipped(_)), "{outcome:?}");
        bench.drain().await;
        assert!(enabled(&bench));
        assert_eq!(in_bin(&bench).len(), 0);
    });
}

#[test]
fn until_the_last_minute_an_assignment_or_a_hold_keeps_the_licences() {
    both(|bench| async move {
        with_bob(&bench).await;
        unassign(&bench, "bob").await;
        bench.drain().await;
        bench.pass(DAY * 31);
        let skipped = async |run: RunId| {
            let steps = steps(&bench, run).await;
            let [step] = steps.as_slice() else { panic!("{steps:?}") };
            assert_eq!(step.step.action.label(), "Set licences");
            assert!(matches!(step.outcome, StepOutcome::Skipped(_)), "{step:?}");
        };
        let run = licences_held_up(&bench).await;
        let (bob, from) = (bench.user_id("bob").await, visitor(FROM));
        bench.house.place_hold(&bench.admin().await, bob, "case 4711", &from).await.unwrap();
        skipped(run.await.unwrap()).await;
        bench.house.lift_hold(&bench.admin().await, bob, &from).await.unwrap();
        bench.pass(DAY * 2);
        let run = licences_held_up(&bench).await;
        assign(&bench, "bob").await;
        skipped(run.await.unwrap()).await;
        assert_eq!(licences(&bench), 1);
    });
}

#[test]
fn who_is_held_or_assigned_while_the_deletion_is_on_the_wire_is_restored_at_once() {
    both(|bench| async move {
        let object = with_bob(&bench).await;
        leave(&bench).await;
        let (bob, from) = (bench.user_id("bob").await, visitor(FROM));
        for hold in [true, false] {
            let lost = Fault::new(Trouble::LostResponse).on("DELETE", "/users/");
            bench.simulator.faults().inject(lost);
            let (house, tenant) = (bench.house.clone(), bench.tenant);
            let run = tokio::spawn(async move {
                house.sync(tenant, Scope::Everyone, Actor::Schedule).await.expect("a run")
            });
            while in_bin(&bench).is_empty() {
                tokio::task::yield_now().await;
            }
            if hold {
                bench.house.place_hold(&bench.admin().await, bob, "case", &from).await.unwrap();
            } else {
                assign(&bench, "bob").await;
            }
            let outcome = deletion(&bench, run.await.unwrap()).await;
            let StepOutcome::Skipped(why) = &outcome else { panic!("{outcome:?}") };
            assert!(why.starts_with("deleted and restored at once"), "{why}");
            assert_eq!(bench.simulator.tenant().user(BOB).expect("restored").id, object);
            assert_eq!((enabled(&bench), link(&bench).await.deleted_at), (false, None));
            if hold {
                bench.house.lift_hold(&bench.admin().await, bob, &from).await.unwrap();
                bench.pass(DAY * 2);
            }
        }
        bench.drain().await;
        assert!(enabled(&bench));
    });
}

/// Y07: read again just before somebody is deleted.
#[test]
fn who_becomes_an_administrator_or_is_opened_meanwhile_is_not_deleted() {
    both(|bench| async move {
        with_bob(&bench).await;
        leave(&bench).await;
        let run = held_up(&bench).await;
        bench.simulator.set(BOB, "accountEnabled", true);
        let outcome = deletion(&bench, run.await.unwrap()).await;
        assert!(matches!(outcome, StepOutcome::Skipped(_)), "{outcome:?}");

        let run = everyone(&bench).await;
        assert_eq!(done(&bench, run).await, ["Block sign-in", "Revoke sessions"]);
        bench.pass(DAY);
        let run = held_up(&bench).await;
        bench.simulator.make_admin(BOB);
        let outcome = deletion(&bench, run.await.unwrap()).await;
        assert!(matches!(outcome, StepOutcome::Skipped(_)), "{outcome:?}");
        bench.pass(DAY);
        let run = everyone(&bench).await;
        assert_eq!(done(&bench, run).await, [""; 0], "known as protected from the start");
        assert_eq!(in_bin(&bench).len(), 0);
    });
}

/// Y09
#[test]
fn who_was_in_the_tenant_before_is_never_deleted() {
    both(|bench| async move {
        with_bob(&bench).await;
        let (tenant, bob) = (bench.tenant, bench.user_id("bob").await);
        bench.store.write(move |tx| entra_links::remove(tx, tenant, bob)).await.unwrap();
        everyone(&bench).await;
        assert_eq!(link(&bench).await.origin, Origin::Found);
        leave(&bench).await;
        bench.pass(DAY * 400);
        everyone(&bench).await;
        assert_eq!(licences(&bench), 0);
        assert_eq!(in_bin(&bench).len(), 0);
    });
}

/// Y01, Y02
#[test]
fn deletions_of_many_wait_for_an_admin() {
    both(|bench| async move {
        policy(&bench, |settings| settings.delete_days = Some(60)).await;
        bench.drain().await;
        let assigned = bench.sample.people.iter().filter(|account| account.assigned);
        let leavers: Vec<String> = assigned.take(6).map(|account| account.upn.clone()).collect();
        for upn in &leavers {
            unassign(&bench, upn.split('@').next().unwrap()).await;
        }
        bench.drain().await;
        bench.pass(DAY * 31);
        let licences = everyone(&bench).await;
        let (admin, from) = (bench.admin().await, visitor(FROM));
        bench.house.approve(&admin, licences, &from).await.unwrap();
        bench.pass(DAY * 30);
        let run = everyone(&bench).await;
        let admin = bench.admin().await;
        let (stopped, steps) = bench.house.run(&admin, run).await.unwrap();
        assert_eq!(stopped.state, RunState::NeedsApproval);
        assert!(steps.iter().all(|step| step.step.action.label() == "Delete"), "{steps:?}");
        assert_eq!(in_bin(&bench).len(), 0);
        bench.house.approve(&admin, run, &from).await.unwrap();
        assert_eq!(in_bin(&bench).len(), 6);
    });
}

/// Y12, Y13
#[test]
fn a_deletion_that_broke_anywhere_is_done_once_and_remembered() {
    both(|bench| async move {
        with_bob(&bench).await;
        leave(&bench).await;
        // The process goes away with the step in the journal and nothing on the wire.
        let run = held_up(&bench).await;
        run.abort();
        let _ = run.await;
        assert_eq!(in_bin(&bench).len(), 0);
        bench.pass(Duration::from_mins(5));
        // The answer is lost.
        let lost = Fault::new(Trouble::DroppedConnection).on("DELETE", "/users/");
        bench.simulator.faults().inject(lost);
        let run = everyone(&bench).await;
        assert_eq!(deletion(&bench, run).await, StepOutcome::Done);
        assert_eq!(in_bin(&bench).len(), 1);
        assert!(link(&bench).await.deleted_at.is_some());
        // It was done, and the process went away before it wrote so.
        let (tenant, bob) = (bench.tenant, bench.user_id("bob").await);
        let forget = move |tx: &mut store::Tx| entra_links::set_deleted(tx, tenant, bob, None);
        bench.store.write(forget).await.unwrap();
        let run = everyone(&bench).await;
        assert_eq!(done(&bench, run).await, [""; 0]);
        assert!(link(&bench).await.deleted_at.is_some(), "seen in the bin");
    });
}

#[test]
fn a_restore_that_broke_is_taken_up_again() {
    both(|bench| async move {
        let object = with_bob(&bench).await;
        leave(&bench).await;
        everyone(&bench).await;
        assign(&bench, "bob").await;
        let lost = Fault::new(Trouble::DroppedConnection).on("POST", "/directory/deletedItems/");
        bench.simulator.faults().inject(lost);
        bench.drain().await;
        let there = bench.simulator.tenant().user(BOB).expect("restored").clone();
        assert_eq!(there.id, object);
        assert!(enabled(&bench));
        assert_eq!(there.licenses.len(), 1);
    });
}

/// Y20
#[test]
fn a_restore_whose_name_is_taken_waits_with_a_reason() {
    both(|bench| async move {
        let object = with_bob(&bench).await;
        leave(&bench).await;
        everyone(&bench).await;
        let created = creations(&bench);
        bench.simulator.set("alice@contoso.com", "mail", BOB);
        assign(&bench, "bob").await;
        let scope = Scope::Person(bench.user_id("bob").await);
        let run = bench.house.sync(bench.tenant, scope, Actor::Schedule).await.unwrap();
        let steps = steps(&bench, run).await;
        let StepOutcome::Skipped(why) = &steps[0].outcome else { panic!("{steps:?}") };
        assert!(why.contains("change or delete that one in Entra"), "{why}");
        assert!(steps[1..].iter().all(|step| matches!(step.outcome, StepOutcome::Skipped(_))));
        assert_eq!(creations(&bench), created, "nobody is created a second time");
        bench.simulator.set("alice@contoso.com", "mail", "alice@contoso.com");
        everyone(&bench).await;
        assert_eq!(bench.simulator.tenant().user(BOB).expect("restored").id, object);
    });
}

#[test]
fn replicas_that_lag_after_a_restore_are_waited_for() {
    both(|bench| async move {
        let object = with_bob(&bench).await;
        leave(&bench).await;
        everyone(&bench).await;
        assign(&bench, "bob").await;
        bench.simulator.faults().set_replication_lag(Duration::from_secs(3));
        let (house, lane) = (bench.house.clone(), app::sync::Lane::Rest);
        let drain = tokio::spawn(async move { house.drain_outbox(lane).await.unwrap() });
        while in_bin(&bench).contains(&object) {
            tokio::task::yield_now().await;
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
        bench.pass(Duration::from_secs(4));
        assert!(drain.await.unwrap());
        assert!(enabled(&bench));
        assert_eq!(calls(&bench, "POST", "/restore"), 1);
    });
}

#[test]
fn who_was_restored_in_entra_by_hand_is_not_deleted_again() {
    both(|bench| async move {
        let object = with_bob(&bench).await;
        leave(&bench).await;
        everyone(&bench).await;
        bench.simulator.restore(&object);
        bench.pass(DAY * 5);
        let run = everyone(&bench).await;
        assert_eq!(done(&bench, run).await, [""; 0]);
        assert_eq!((in_bin(&bench).len(), link(&bench).await.deleted_at), (0, None));
    });
}

#[test]
fn what_is_due_is_known_before() {
    both(|bench| async move {
        with_bob(&bench).await;
        unassign(&bench, "bob").await;
        bench.drain().await;
        let (admin, now) = (bench.admin().await, bench.house.now());
        let due = |days| bench.house.due_until(&admin, bench.application, now + DAY * days);
        assert!(due(29).await.unwrap().iter().all(|due| due.user.upn.as_str() != BOB));
        let all = due(61).await.unwrap();
        let bobs = all.iter().filter(|due| due.user.upn.as_str() == BOB);
        let losses: Vec<Loss> = bobs.map(|due| due.what).collect();
        assert_eq!(losses, [Loss::Licences, Loss::Account]);
        bench.pass(DAY * 62);
        let (admin, now) = (bench.admin().await, bench.house.now());
        let overdue = bench.house.due_until(&admin, bench.application, now).await.unwrap();
        let bobs = overdue.iter().filter(|due| due.user.upn.as_str() == BOB);
        let losses: Vec<Loss> = bobs.map(|due| due.what).collect();
        assert_eq!(losses, [Loss::Account], "licences that were taken long ago are not listed");
    });
}
