//! Links, products, the outbox, leases and sync runs.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use model::{
    entra::{EntraLink, Origin, ServicePlan, SubscribedSku},
    ids::{ObjectId, OutboxId, RunId, ServicePlanId, SkuId, StepId, TenantId, UserId},
    plan::{Action, Conflict, Plan, RunState, Scope, Step, StepOutcome},
};
use store::{
    Error, Tx, entra_links,
    leases::{self, Fence},
    outbox, subscribed_skus, sync_runs,
    tenant_admins::{self, Holders},
    tenants,
    testing::both,
    users,
};

use crate::samples::{NOON, at, id, office, run, tenant, user};

pub(crate) const ALICE: UserId = UserId(id(1));
pub(crate) const BOB: UserId = UserId(id(2));

/// Alice and Bob, a tenant with its application, stored.
pub(crate) fn people(tx: &mut Tx) -> Result<TenantId, Error> {
    let (_, tenant, _) = office(tx)?;
    users::create(tx, &user(2, "Bob"))?;
    Ok(tenant.id)
}

fn link(user_id: UserId, object: u128) -> EntraLink {
    let object_id = ObjectId(id(object));
    EntraLink { user_id, object_id, origin: Origin::Found, deleted_at: None }
}

#[test]
fn an_object_is_linked_to_one_person() {
    both(async |store| {
        let tenant_id = store
            .write(|tx| {
                let tenant = people(tx)?;
                let link = |object| link(ALICE, object);
                entra_links::put(tx, tenant, &link(500))?;
                entra_links::put(tx, tenant, &link(501))?;
                for found in [
                    entra_links::by_user(tx, ALICE)?,
                    entra_links::by_object(tx, tenant, ObjectId(id(501)))?,
                ] {
                    assert_eq!(found, Some(link(501)));
                }
                assert_eq!(entra_links::by_object(tx, tenant, ObjectId(id(500)))?, None);
                assert_eq!(entra_links::all(tx, tenant)?, [link(501)]);
                Ok::<_, Error>(tenant)
            })
            .await
            .expect("linked");
        let theft = link(BOB, 501);
        let again = theft.clone();
        let clash = store.write(move |tx| entra_links::put(tx, tenant_id, &theft)).await;
        assert!(clash.is_err_and(|e| e.is_conflict_with("entra_links_tenant_id_object_id")));
        store
            .write(move |tx| {
                entra_links::remove(tx, tenant_id, ALICE)?;
                entra_links::put(tx, tenant_id, &again)
            })
            .await
            .expect("free again");
    });
}

#[test]
fn products_are_replaced_as_a_whole() {
    both(async |store| {
        store
            .write(|tx| {
                let tenant = people(tx)?;
                let sku = |number, name: &str| SubscribedSku {
                    sku_id: SkuId(id(number)),
                    sku_part_number: name.to_owned(),
                    enabled: 25,
                    consumed: 3,
                    usable: true,
                    service_plans: vec![ServicePlan {
                        id: ServicePlanId(id(95)),
                        name: "EXCHANGE_S_STANDARD".to_owned(),
                        per_user: true,
                    }],
                };
                subscribed_skus::replace(tx, tenant, &[sku(90, "SPB"), sku(91, "EXO")], NOON)?;
                assert_eq!(
                    subscribed_skus::of_tenant(tx, tenant)?,
                    [sku(91, "EXO"), sku(90, "SPB")]
                );
                subscribed_skus::replace(tx, tenant, &[sku(90, "SPB")], NOON)?;
                assert_eq!(subscribed_skus::of_tenant(tx, tenant)?, [sku(90, "SPB")]);
                Ok::<_, Error>(())
            })
            .await
            .expect("kept");
    });
}

/// Y15
#[test]
fn work_that_is_asked_for_again_is_not_ticked_off_by_the_old_request() {
    both(async |store| {
        store
            .write(|tx| {
                let tenant = people(tx)?;
                let alice = Scope::Person(ALICE);
                let ask = |tx: &mut Tx, number, scope, when| {
                    outbox::put(tx, OutboxId(id(number)), tenant, &scope, at(when))
                };
                ask(tx, 1, alice, 0)?;
                ask(tx, 2, Scope::Everyone, 5)?;
                assert_eq!(outbox::due(tx, at(4), 9)?.len(), 1);
                let taken = outbox::due(tx, at(5), 9)?;
                assert_eq!(
                    taken.iter().map(|i| i.scope).collect::<Vec<_>>(),
                    [alice, Scope::Everyone]
                );
                assert_eq!(outbox::due(tx, at(5), 1)?.len(), 1);

                ask(tx, 3, alice, 6)?;
                outbox::done(tx, &taken[0])?;
                outbox::postpone(tx, &taken[0], at(999))?;
                let again = outbox::due(tx, at(6), 9)?;
                assert_eq!(again.len(), 2, "one row for each scope");
                assert_eq!((again[1].id, again[1].attempts), (OutboxId(id(3)), 0));

                outbox::postpone(tx, &again[1], at(60))?;
                assert_eq!(outbox::due(tx, at(59), 9)?.len(), 1);
                assert_eq!(outbox::due(tx, at(60), 9)?[1].attempts, 1);
                outbox::done(tx, &again[1])?;
                outbox::done(tx, &again[0])?;
                assert!(outbox::due(tx, at(60), 9)?.is_empty());
                Ok::<_, Error>(())
            })
            .await
            .expect("kept");
    });
}

/// Y14
#[test]
fn a_lease_has_one_holder_and_its_fence_only_grows() {
    both(async |store| {
        store
            .write(|tx| {
                let ttl = Duration::from_secs(10);
                let mut acquire =
                    |holder: &str, when| leases::acquire(tx, "sync", holder, ttl, at(when));
                assert_eq!(acquire("a", 0)?, Some(Fence(1)));
                assert_eq!(acquire("b", 9)?, None);
                assert_eq!(acquire("a", 9)?, Some(Fence(2)));
                assert_eq!(acquire("b", 19)?, Some(Fence(3)), "expired");
                assert!(!leases::renew(tx, "sync", Fence(2), ttl, at(19))?, "lost");
                assert!(!leases::holds(tx, "sync", Fence(2), at(19))?);
                assert!(leases::renew(tx, "sync", Fence(3), ttl, at(20))?);
                assert!(leases::holds(tx, "sync", Fence(3), at(29))?);
                assert!(!leases::holds(tx, "sync", Fence(3), at(30))?, "expired");
                assert!(!leases::renew(tx, "sync", Fence(2), ttl, at(30))?, "over, and another's");
                assert!(leases::renew(tx, "sync", Fence(3), ttl, at(30))?, "nobody took it");
                assert!(leases::holds(tx, "sync", Fence(3), at(39))?);
                leases::release(tx, "sync", Fence(2))?;
                assert!(leases::holds(tx, "sync", Fence(3), at(29))?, "not theirs to give up");
                leases::release(tx, "sync", Fence(3))?;
                assert_eq!(leases::acquire(tx, "sync", "c", ttl, at(21))?, Some(Fence(4)));
                assert_eq!(leases::acquire(tx, "other", "b", ttl, at(21))?, Some(Fence(1)));
                Ok::<_, Error>(())
            })
            .await
            .expect("kept");
    });
}

/// Y14, Y31: whoever took it with a clock that was days ahead holds nobody up once the clock is right.
#[test]
fn a_lease_that_a_clock_far_ahead_took_is_free() {
    both(async |store| {
        store
            .write(|tx| {
                let ttl = Duration::from_secs(10);
                assert_eq!(leases::acquire(tx, "sync", "a", ttl, at(86_400))?, Some(Fence(1)));
                assert_eq!(leases::acquire(tx, "sync", "b", ttl, at(86_390))?, None, "by 20 s");
                assert_eq!(leases::acquire(tx, "sync", "b", ttl, at(0))?, Some(Fence(2)));
                assert!(!leases::is_newest(tx, "sync", Fence(1))?);
                assert!(!leases::renew(tx, "sync", Fence(1), ttl, at(86_400))?, "it is another's");
                assert_eq!(leases::acquire(tx, "sync", "c", ttl, at(9))?, None, "as ever");
                Ok::<_, Error>(())
            })
            .await
            .expect("kept");
    });
}

fn step(user_id: UserId, action: Action) -> Step {
    Step {
        user_id,
        upn: "someone@contoso.com".to_owned(),
        object_id: Some(ObjectId(id(500))),
        action,
        reason: "unassigned".to_owned(),
        before: "may sign in".to_owned(),
        after: "may not sign in".to_owned(),
    }
}

/// Stores a run of the given steps, each ended as said; steps get ids from 100 times the run's.
pub(crate) fn stored(
    tx: &mut Tx,
    number: u128,
    state: RunState,
    steps: &[(UserId, Action, StepOutcome)],
) -> Result<RunId, Error> {
    let run = run(number, tenant(40, "x").id, state);
    sync_runs::begin(tx, &run)?;
    let plan = Plan {
        steps: steps.iter().map(|(user, action, _)| step(*user, action.clone())).collect(),
        conflicts: Vec::new(),
    };
    let ids: Vec<StepId> = (0..).map(|n| StepId(id(number * 100 + n))).take(steps.len()).collect();
    sync_runs::save_steps(tx, run.id, &plan, &ids)?;
    for (id, (_, _, outcome)) in ids.iter().zip(steps) {
        if *outcome != StepOutcome::Planned {
            sync_runs::record(tx, *id, outcome, run.started_at)?;
        }
    }
    Ok(run.id)
}

/// Y29
#[test]
fn a_run_reads_back_with_its_steps_in_order_and_their_outcomes() {
    both(async |store| {
        store
            .write(|tx| {
                let tenant = people(tx)?;
                let mut written = run(8, tenant, RunState::NeedsApproval);
                written.reason = "too many".to_owned();
                written.conflicts = vec![Conflict {
                    user_id: BOB,
                    upn: "bob@contoso.com".to_owned(),
                    reason: "taken".to_owned(),
                }];
                sync_runs::begin(tx, &written)?;
                assert_eq!(sync_runs::by_id(tx, written.id)?.as_ref(), Some(&written));

                let outcomes = [
                    StepOutcome::Planned,
                    StepOutcome::Sending,
                    StepOutcome::Done,
                    StepOutcome::Skipped("protected".to_owned()),
                    StepOutcome::Failed("403".to_owned()),
                ];
                let steps: Vec<_> =
                    outcomes.iter().map(|o| (ALICE, Action::BlockSignIn, o.clone())).collect();
                let other = stored(tx, 9, RunState::Running, &steps)?;
                let read = sync_runs::steps(tx, other)?;
                assert_eq!(read.iter().map(|s| s.seq).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
                assert_eq!(read.iter().map(|s| s.outcome.clone()).collect::<Vec<_>>(), outcomes);
                assert_eq!(read[0].step, step(ALICE, Action::BlockSignIn));
                let recent = sync_runs::recent(tx, tenant, 9)?;
                assert_eq!(recent.iter().map(|r| r.id).collect::<Vec<_>>(), [other, written.id]);
                assert_eq!(sync_runs::recent(tx, tenant, 1)?.len(), 1);
                let plan = Plan { steps: vec![step(ALICE, Action::Link)], conflicts: Vec::new() };
                assert!(sync_runs::save_steps(tx, written.id, &plan, &[]).is_err(), "an id each");
                Ok::<_, Error>(())
            })
            .await
            .expect("kept");
    });
}

#[test]
fn a_stopped_plan_is_approved_once_and_ends() {
    both(async |store| {
        store
            .write(|tx| {
                let tenant = people(tx)?;
                let stopped = run(8, tenant, RunState::NeedsApproval);
                sync_runs::begin(tx, &stopped)?;
                assert_eq!(sync_runs::approval(tx, stopped.id)?, None);
                assert!(sync_runs::approve(tx, stopped.id, ALICE, at(9))?);
                assert!(!sync_runs::approve(tx, stopped.id, BOB, at(10))?, "running");
                assert_eq!(sync_runs::approval(tx, stopped.id)?, Some((ALICE, at(9))));
                sync_runs::set_state(tx, stopped.id, RunState::Running, "", at(10))?;
                let running = sync_runs::by_id(tx, stopped.id)?.expect("there");
                assert_eq!((running.state, running.finished_at), (RunState::Running, None));
                assert_eq!(sync_runs::last_wanted(tx, tenant)?, None, "not finished");
                sync_runs::set_state(tx, stopped.id, RunState::Finished, "why", at(11))?;
                let ended = sync_runs::by_id(tx, stopped.id)?.expect("there");
                assert_eq!((ended.finished_at, ended.reason.as_str()), (Some(at(11)), "why"));
                assert_eq!(sync_runs::last_wanted(tx, tenant)?, Some(7));
                let mut small = run(9, tenant, RunState::Finished);
                small.scope = Scope::Person(ALICE);
                small.wanted = Some(1);
                sync_runs::begin(tx, &small)?;
                assert_eq!(sync_runs::last_wanted(tx, tenant)?, Some(7), "over everybody");
                let nobody = RunId(id(99));
                assert!(!sync_runs::approve(tx, nobody, ALICE, NOON)?);
                assert!(sync_runs::set_state(tx, nobody, RunState::Stopped, "", NOON).is_err());
                Ok::<_, Error>(())
            })
            .await
            .expect("kept");
    });
}

#[test]
fn the_guard_counts_people_and_not_steps() {
    both(async |store| {
        store
            .write(|tx| {
                let tenant = people(tx)?;
                let take_licence =
                    || Action::SetLicences { add: Vec::new(), remove: vec![SkuId(id(90))] };
                let done = StepOutcome::Done;
                stored(
                    tx,
                    5,
                    RunState::Finished,
                    &[
                        (ALICE, Action::BlockSignIn, done.clone()),
                        (ALICE, Action::RevokeSessions, done.clone()),
                        (BOB, Action::UnblockSignIn, done.clone()),
                        (BOB, take_licence(), StepOutcome::Failed("no".to_owned())),
                    ],
                )?;
                assert_eq!(sync_runs::destructive_since(tx, tenant, at(5))?, 1);
                stored(tx, 6, RunState::Finished, &[(BOB, take_licence(), done)])?;
                assert_eq!(sync_runs::destructive_since(tx, tenant, at(5))?, 2);
                assert_eq!(sync_runs::destructive_since(tx, tenant, at(6))?, 1);
                assert_eq!(sync_runs::destructive_since(tx, tenant, at(7))?, 0);
                assert_eq!(sync_runs::destructive_since(tx, TenantId(id(99)), at(0))?, 0);
                Ok::<_, Error>(())
            })
            .await
            .expect("counted");
    });
}

#[test]
fn the_journal_knows_whom_we_blocked_and_whom_to_revoke_again() {
    both(async |store| {
        store
            .write(|tx| {
                let tenant = people(tx)?;
                let done = StepOutcome::Done;
                let failed = StepOutcome::Failed("503".to_owned());
                let preview = [
                    (BOB, Action::BlockSignIn, StepOutcome::Planned),
                    (BOB, Action::RevokeSessions, StepOutcome::Planned),
                ];
                stored(tx, 4, RunState::Preview, &preview)?;
                let first = [
                    (ALICE, Action::BlockSignIn, done.clone()),
                    (ALICE, Action::RevokeSessions, failed),
                ];
                stored(tx, 5, RunState::Stopped, &first)?;
                let (alice, nobody) = (HashSet::from([ALICE]), HashSet::new());
                let blocked = HashMap::from([(ALICE, at(5))]);
                assert_eq!(sync_runs::blocked_by_us(tx, tenant, None)?, blocked);
                assert_eq!(sync_runs::blocked_by_us(tx, tenant, Some(ALICE))?, blocked);
                assert_eq!(sync_runs::blocked_by_us(tx, tenant, Some(BOB))?, HashMap::new());
                assert_eq!(sync_runs::unrevoked(tx, tenant)?, alice);
                stored(
                    tx,
                    6,
                    RunState::Finished,
                    &[(ALICE, Action::RevokeSessions, done.clone())],
                )?;
                assert_eq!(sync_runs::unrevoked(tx, tenant)?, nobody);
                stored(tx, 7, RunState::Finished, &[(ALICE, Action::UnblockSignIn, done)])?;
                assert_eq!(sync_runs::blocked_by_us(tx, tenant, None)?, HashMap::new());
                let sending = [(ALICE, Action::RevokeSessions, StepOutcome::Sending)];
                stored(tx, 8, RunState::Running, &sending)?;
                assert_eq!(sync_runs::unrevoked(tx, tenant)?, alice, "may not have arrived");
                let lost = [(ALICE, Action::BlockSignIn, StepOutcome::Sending)];
                stored(tx, 9, RunState::Stopped, &lost)?;
                let blocked = HashMap::from([(ALICE, at(9))]);
                assert_eq!(
                    sync_runs::blocked_by_us(tx, tenant, None)?,
                    blocked,
                    "may have arrived"
                );
                let unheard = [(ALICE, Action::UnblockSignIn, StepOutcome::Sending)];
                stored(tx, 10, RunState::Stopped, &unheard)?;
                assert_eq!(sync_runs::blocked_by_us(tx, tenant, None)?, blocked, "may be so still");
                assert_eq!(sync_runs::destructive_since(tx, tenant, at(9))?, 1);
                Ok::<_, Error>(())
            })
            .await
            .expect("known");
    });
}

/// R087
#[test]
fn administrators_of_a_tenant_are_found_by_link_or_immutable_id() {
    both(async |store| {
        store
            .write(|tx| {
                let tenant = people(tx)?;
                entra_links::put(tx, tenant, &link(ALICE, 100))?;
                let [alices, bobs, other] = [100, 200, 300].map(|number| ObjectId(id(number)));
                let seen = Holders::from([(alices, None), (other, Some("ANCHOR-2".to_owned()))]);
                assert!(tenant_admins::replace(tx, tenant, &seen)?);
                assert!(!tenant_admins::replace(tx, tenant, &seen)?, "the same");
                assert_eq!(tenant_admins::all(tx, tenant)?, seen);
                assert_eq!(tenant_admins::people(tx, tenant)?, HashSet::from([ALICE]));
                assert!(tenant_admins::is_one(tx, tenant, ALICE)?);
                assert!(!tenant_admins::is_one(tx, tenant, BOB)?);
                tenant_admins::add(tx, tenant, bobs, None)?;
                assert!(!tenant_admins::is_one(tx, tenant, BOB)?, "nobody's, as far as is known");
                tenant_admins::add(tx, tenant, bobs, Some("anchor-2"))?;
                assert!(tenant_admins::is_one(tx, tenant, BOB)?, "by the immutable id alone");
                assert_eq!(tenant_admins::people(tx, tenant)?, HashSet::from([ALICE, BOB]));
                tenant_admins::remove(tx, tenant, alices)?;
                assert!(!tenant_admins::is_one(tx, tenant, ALICE)?);
                assert_eq!(tenant_admins::people(tx, tenant)?, HashSet::from([BOB]));
                assert_eq!(tenant_admins::last_look(tx, tenant)?, None);
                tenant_admins::looked(tx, tenant, at(1))?;
                tenant_admins::looked(tx, tenant, at(2))?;
                assert_eq!(tenant_admins::last_look(tx, tenant)?, Some(at(2)));
                let another = TenantId(id(999));
                assert!(tenant_admins::all(tx, another)?.is_empty());
                assert!(!tenant_admins::is_one(tx, another, BOB)?);
                assert!(tenants::keeping_admins_out(tx)?.is_empty());
                tenants::keep_admins_out(tx, tenant, true)?;
                assert_eq!(tenants::keeping_admins_out(tx)?, [tenant]);
                Ok::<_, Error>(())
            })
            .await
            .expect("kept");
    });
}
