//! *Sync users*: people who were in the tenant before us, from the table to the taken-over account.

use std::time::Duration;

use app::{
    Kind,
    matches::{Pair, Row, Standing, Why},
};
use model::{
    Actor,
    audit::AuditKind,
    entra::{EntraLink, Origin},
    ids::{ObjectId, RunId, UserId},
    matches::OffLimits,
    plan::{RunState, Scope, StepOutcome},
};
use serde_json::{Value, json};
use simulator::{Fault, Trouble};
use store::{
    audit_log::{self, AuditFilter},
    entra_links, users,
};

use crate::support::{Bench, both, visitor};

const FROM: &str = "198.51.100.9";
const LENA: &str = "lena@contoso.com";

/// Somebody who was there before us, under this sign-in name and with these other addresses.
pub(crate) fn settle(bench: &Bench, name: &str, addresses: &[&str]) -> ObjectId {
    let all: Vec<String> =
        addresses.iter().map(|name| format!("smtp:{name}@contoso.com")).collect();
    let properties = json!({
        "userPrincipalName": format!("{name}@contoso.com"), "displayName": name,
        "usageLocation": "SE", "proxyAddresses": all,
    });
    bench.simulator.add_user(properties.as_object().unwrap().clone()).parse().unwrap()
}

pub(crate) fn there(bench: &Bench, id: ObjectId) -> simulator::User {
    let tenant = bench.simulator.tenant();
    tenant.users.into_iter().find(|user| user.id == id.to_string()).expect("there")
}

pub(crate) fn anchor(bench: &Bench, id: ObjectId) -> Option<String> {
    there(bench, id).immutable_id().map(str::to_owned)
}

fn writes(bench: &Bench) -> usize {
    let requests = bench.simulator.tenant().requests;
    requests.iter().filter(|r| r.path.starts_with("/v1.0") && r.method != "GET").count()
}

pub(crate) async fn look(bench: &Bench) -> Vec<Row> {
    let admin = bench.admin().await;
    bench.house.look_for_matches(&admin, bench.tenant).await.unwrap();
    bench.house.matches(&admin, bench.tenant).await.unwrap().rows
}

pub(crate) fn of(rows: &[Row], user: UserId) -> Vec<Standing> {
    rows.iter().filter(|row| row.person == Some(user)).map(|row| row.standing).collect()
}

pub(crate) async fn accept(bench: &Bench, pairs: &[Pair]) -> app::Result<usize> {
    let (admin, from) = (bench.admin().await, visitor(FROM));
    bench.house.accept_matches(&admin, bench.tenant, pairs.to_vec(), &from).await
}

pub(crate) async fn everyone(bench: &Bench) -> RunId {
    bench.house.sync(bench.tenant, Scope::Everyone, Actor::Schedule).await.unwrap()
}

/// What became of the steps that take over.
async fn adoptions(bench: &Bench, run: RunId) -> Vec<StepOutcome> {
    let admin = bench.admin().await;
    let steps = bench.house.run(&admin, run).await.unwrap().1;
    let adopts = steps.into_iter().filter(|step| step.step.action.label() == "Take over");
    adopts.map(|step| step.outcome).collect()
}

pub(crate) async fn link(bench: &Bench, user: UserId) -> Option<EntraLink> {
    let tenant = bench.tenant;
    bench.store.read(move |tx| entra_links::of_user(tx, tenant, user)).await.unwrap()
}

pub(crate) async fn own_id(bench: &Bench, user: UserId) -> String {
    let found = bench.store.read(move |tx| users::by_id(tx, user)).await.unwrap();
    found.unwrap().immutable_id.to_string()
}

pub(crate) async fn audited(bench: &Bench, kind: AuditKind) -> usize {
    let filter = AuditFilter { kind: Some(kind), limit: 100, ..AuditFilter::default() };
    bench.store.read(move |tx| audit_log::list(tx, &filter)).await.unwrap().rows.len()
}

/// Y09, Y10, F068
#[test]
fn whoever_was_there_before_is_taken_over_by_a_plan_and_keeps_the_account() {
    both(|bench| async move {
        let (alice, lena) = (bench.user_id("alice").await, bench.user_id("lena").await);
        let (hers, lenas) = (settle(&bench, "alice", &[]), settle(&bench, "lena", &[]));
        let rows = look(&bench).await;
        assert_eq!(of(&rows, alice), [Standing::Suggested]);
        accept(&bench, &[(alice, hers), (lena, lenas)]).await.unwrap();
        assert_eq!(writes(&bench), 0, "a yes writes nothing");
        let admin = bench.admin().await;
        let shown = bench.house.preview(&admin, bench.tenant).await.unwrap();
        let steps = bench.house.run(&admin, shown).await.unwrap().1;
        let step = steps.iter().find(|step| step.step.object_id == Some(hers)).unwrap();
        assert_eq!(step.step.action.label(), "Take over");
        assert!(step.step.reason.contains("confirmed") && step.step.after.contains("linked"));
        assert_eq!(writes(&bench), 0);
        bench.house.approve(&admin, shown, &visitor(FROM)).await.unwrap();

        assert_eq!(adoptions(&bench, shown).await, [StepOutcome::Done, StepOutcome::Done]);
        for (user, object) in [(alice, hers), (lena, lenas)] {
            assert_eq!(anchor(&bench, object), Some(own_id(&bench, user).await));
            let link = link(&bench, user).await.unwrap();
            assert_eq!((link.object_id, link.origin), (object, Origin::Found));
        }
        assert_eq!(there(&bench, hers).licenses.len(), 1, "her assignment went on");
        assert!(there(&bench, lenas).licenses.is_empty(), "she is not assigned");
        assert!(there(&bench, lenas).account_enabled());
        let counts = (
            audited(&bench, AuditKind::MatchAccepted).await,
            audited(&bench, AuditKind::UserAdopted).await,
        );
        assert_eq!(counts, (2, 2));
        let rows = look(&bench).await;
        assert_eq!(
            (of(&rows, alice), of(&rows, lena)),
            (vec![Standing::Linked], vec![Standing::Linked])
        );
        let again = everyone(&bench).await;
        assert!(adoptions(&bench, again).await.is_empty());
    });
}

/// Y09
#[test]
fn nothing_is_taken_over_without_a_word_and_a_no_is_remembered_until_it_is_taken_back() {
    both(|bench| async move {
        let (alice, hers) = (bench.user_id("alice").await, settle(&bench, "alice", &[]));
        let admin = bench.admin().await;
        let (tenant, from, pair) = (bench.tenant, visitor(FROM), (alice, hers));
        look(&bench).await;
        everyone(&bench).await;
        assert_eq!((anchor(&bench, hers), link(&bench, alice).await), (None, None));
        bench.house.reject_match(&admin, tenant, pair, &from).await.unwrap();
        let rows = look(&bench).await;
        assert_eq!(of(&rows, alice), [Standing::OnlyHere, Standing::Rejected]);
        let refused = accept(&bench, &[pair]).await.expect_err("rejected");
        assert_eq!(refused.kind, Kind::Invalid { field: "pair" });
        bench.house.reopen_match(&admin, tenant, pair, &from).await.unwrap();
        assert_eq!(of(&look(&bench).await, alice), [Standing::Suggested]);
        let twice = bench.house.reopen_match(&admin, tenant, pair, &from).await;
        assert_eq!(twice.expect_err("open already").kind, Kind::Conflict);
        // A yes is taken back just so, before a plan came.
        accept(&bench, &[pair]).await.unwrap();
        bench.house.reopen_match(&admin, tenant, pair, &from).await.unwrap();
        everyone(&bench).await;
        assert_eq!(anchor(&bench, hers), None);
    });
}

/// Y07, Y09, F100
#[test]
fn ambiguous_ones_are_for_an_admin_to_choose_and_excluded_ones_for_nobody() {
    both(|bench| async move {
        let (alice, erin) = (bench.user_id("alice").await, bench.user_id("erin").await);
        let (first, second) = (settle(&bench, "alice", &[]), settle(&bench, "a.a", &["alice"]));
        let erins = settle(&bench, "erin", &[]);
        bench.simulator.make_admin("erin@contoso.com");
        let rows = look(&bench).await;
        assert_eq!(of(&rows, alice), [Standing::Ambiguous; 2]);
        let excluded = Standing::Excluded(Why::OffLimits(OffLimits::Administrator));
        assert_eq!(of(&rows, erin), [excluded]);
        let wrong: [&[Pair]; 4] =
            [&[], &[(alice, first), (alice, first)], &[(erin, erins)], &[(alice, second)]];
        for pairs in wrong {
            let refused = accept(&bench, pairs).await.expect_err("no");
            assert_eq!(refused.kind, Kind::Invalid { field: "pair" }, "{pairs:?}");
        }
        assert_eq!(audited(&bench, AuditKind::MatchAccepted).await, 0);
        // The other one's name differs: it would be opened by its immutable id alone.
        accept(&bench, &[(alice, first)]).await.unwrap();
        let run = everyone(&bench).await;
        assert_eq!(adoptions(&bench, run).await, [StepOutcome::Done]);
        assert_eq!((anchor(&bench, first).is_some(), anchor(&bench, second)), (true, None));
    });
}

/// Y07, Y09, Y33: looked at once more just before the write.
#[test]
fn what_changed_since_the_plan_was_made_is_not_taken_over() {
    both(|bench| async move {
        let lena = bench.user_id("lena").await;
        let object = settle(&bench, "lena", &[]);
        look(&bench).await;
        accept(&bench, &[(lena, object)]).await.unwrap();
        bench.drain().await;
        for change in ["admin", "anchor", "guest", "back"] {
            bench.simulator.set(LENA, "userType", "Member");
            let run = held_up(&bench).await;
            match change {
                "admin" => bench.simulator.make_admin(LENA),
                "guest" => bench.simulator.set(LENA, "userType", "Guest"),
                "anchor" => bench.simulator.set(LENA, "onPremisesImmutableId", "another"),
                _ => {
                    let admin = bench.admin().await;
                    let pair = (lena, object);
                    let from = visitor(FROM);
                    bench.house.reopen_match(&admin, bench.tenant, pair, &from).await.unwrap();
                }
            }
            let ended = adoptions(&bench, run.await.unwrap()).await;
            assert!(matches!(ended[..], [StepOutcome::Skipped(_)]), "{change}: {ended:?}");
            bench.simulator.set(LENA, "onPremisesImmutableId", Value::Null);
            bench.simulator.dismiss_admin(LENA);
        }
        assert_eq!(link(&bench, lena).await, None);
    });
}

/// A run for everybody whose first look at the object is told to wait a second.
async fn held_up(bench: &Bench) -> tokio::task::JoinHandle<RunId> {
    let busy = Trouble::TooManyRequests { retry_after: Some(1) };
    bench.simulator.faults().inject(Fault::new(busy).on("GET", "/users/"));
    let (house, tenant) = (bench.house.clone(), bench.tenant);
    let run = tokio::spawn(async move {
        house.sync(tenant, Scope::Everyone, Actor::Schedule).await.expect("a run")
    });
    while !bench.simulator.faults().waiting().is_empty() {
        tokio::task::yield_now().await;
    }
    run
}

/// Y33
#[test]
fn while_writes_are_stopped_one_may_look_and_answer_and_nothing_is_taken_over() {
    both(|bench| async move {
        let lena = bench.user_id("lena").await;
        let object = settle(&bench, "lena", &[]);
        let (admin, from) = (bench.admin().await, visitor(FROM));
        let stopped = app::sync::Writes::Stopped;
        bench.house.stop_writes(&admin, bench.tenant, stopped, &from).await.unwrap();
        assert_eq!(of(&look(&bench).await, lena), [Standing::Suggested]);
        accept(&bench, &[(lena, object)]).await.unwrap();
        let run = bench.house.sync(bench.tenant, Scope::Everyone, Actor::Schedule).await;
        assert_eq!(run.expect_err("stopped").kind, Kind::Conflict);
        assert_eq!((anchor(&bench, object), writes(&bench)), (None, 0));
    });
}

/// Y27
#[test]
fn products_that_were_there_before_stay_and_those_of_the_assignment_come() {
    both(|bench| async move {
        let alice = bench.user_id("alice").await;
        let hers = settle(&bench, "alice", &[]);
        bench.simulator.license(&hers.to_string(), "EXCHANGESTANDARD");
        look(&bench).await;
        accept(&bench, &[(alice, hers)]).await.unwrap();
        bench.drain().await;
        everyone(&bench).await;
        assert_eq!(there(&bench, hers).licenses.len(), 2);
        let (admin, from) = (bench.admin().await, visitor(FROM));
        bench.house.unassign(&admin, alice, bench.application, &from).await.unwrap();
        bench.drain().await;
        bench.pass(Duration::from_hours(31 * 24));
        let run = everyone(&bench).await;
        let admin = bench.admin().await;
        let (state, _) = bench.house.run(&admin, run).await.unwrap();
        assert_eq!(state.state, RunState::Finished);
        let left: Vec<String> =
            there(&bench, hers).licenses.into_iter().map(|l| l.sku_id).collect();
        assert_eq!(left, [simulator::sample::EXCHANGE_PLAN_1]);
        assert!(!there(&bench, hers).account_enabled());
    });
}

/// Y12
#[test]
fn a_write_whose_answer_was_lost_is_found_by_the_next_run() {
    both(|bench| async move {
        let lena = bench.user_id("lena").await;
        let object = settle(&bench, "lena", &[]);
        look(&bench).await;
        accept(&bench, &[(lena, object)]).await.unwrap();
        bench.drain().await;
        bench.simulator.faults().inject(Fault::new(Trouble::LostResponse).on("PATCH", "/users/"));
        everyone(&bench).await;
        everyone(&bench).await;
        assert_eq!(link(&bench, lena).await.map(|link| link.object_id), Some(object));
        assert_eq!(anchor(&bench, object), Some(own_id(&bench, lena).await));
    });
}

/// R147, Y09
#[test]
fn a_yes_needs_a_fresh_factor() {
    both(|bench| async move {
        let lena = bench.user_id("lena").await;
        let object = settle(&bench, "lena", &[]);
        look(&bench).await;
        let admin = bench.admin().await;
        bench.pass(Duration::from_mins(6));
        let pairs = vec![(lena, object)];
        let late = bench.house.accept_matches(&admin, bench.tenant, pairs, &visitor(FROM)).await;
        assert_eq!(late.expect_err("stale").kind, Kind::StepUp);
    });
}
