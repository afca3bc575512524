//! Neither an import nor its undoing blocks or opens somebody's account at Microsoft behind an admin's
//! back, and blocking somebody here reaches it.

use model::user::Profile;
use store::account_bindings;

use super::{undone::undone, *};
use crate::matches::accept;

async fn planned(bench: &Bench, admin: &Admin) {
    bench.drain().await;
    let run = everyone(bench).await;
    let run = bench.house.run(admin, run).await.unwrap().0;
    assert_eq!(run.state, RunState::Finished, "{}", run.reason);
}

/// As an admin at Microsoft may do who was told of the person's immutable id.
async fn carries(bench: &Bench, name: &str) {
    let id = own_id(bench, bench.user_id(name).await).await;
    bench.simulator.set(&format!("{name}@contoso.com"), "onPremisesImmutableId", id);
}

/// Y16
#[test]
fn undoing_sso_alone_shuts_nobody_out_whoever_linked_the_account_since() {
    both(|bench| async move {
        let (mia, ben) = (settle(&bench, "mia", &[]), settle(&bench, "ben", &[]));
        let (lena, bob) = (settle(&bench, "lena", &[]), settle(&bench, "bob", &[]));
        listed(&bench, Filters::default()).await;
        let admin = bench.admin().await;
        let ticks = [mia, ben, lena, bob].map(|object| tick(object, false, true));
        ticked(&bench, &admin, &ticks).await;
        let done = imported(&bench, &admin).await.unwrap();
        assert!(done.left.is_empty(), "{:?}", done.left);
        let (mias, lenas) = (bench.user_id("mia").await, bench.user_id("lena").await);
        accept(&bench, &[(mias, mia), (lenas, lena)]).await.unwrap();
        planned(&bench, &admin).await;
        assert!(link(&bench, mias).await.is_some() && link(&bench, lenas).await.is_some());
        carries(&bench, "ben").await;
        carries(&bench, "bob").await;
        let after = undone(&bench, &admin, done.import.id).await;
        assert_eq!(after.left.len(), 1, "{:?}", after.left);
        assert!(after.left[0].trace.why.contains("linked to them since"), "{:?}", after.left);
        assert!(person(&bench, "mia").await.is_some() && person(&bench, "ben").await.is_none());
        planned(&bench, &admin).await;
        for object in [mia, ben, lena, bob] {
            assert!(enabled(&bench, object), "{object}");
        }
        assert_eq!(link(&bench, lenas).await.unwrap().object_id, lena);
        assert!(!is_assigned(&bench, lenas).await);
    });
}

/// Y16
#[test]
fn undoing_what_was_taken_over_shuts_nobody_out_whatever_is_said_later() {
    both(|bench| async move {
        let (lena, zoe) = (settle(&bench, "lena", &[]), settle(&bench, "zoe", &[]));
        listed(&bench, Filters::default()).await;
        let (admin, lenas) = (bench.admin().await, bench.user_id("lena").await);
        ticked(&bench, &admin, &[tick(lena, true, true), tick(zoe, true, true)]).await;
        let done = imported(&bench, &admin).await.unwrap();
        carries(&bench, "zoe").await;
        // A plan over Lena alone: Zoe's account is not taken over yet.
        let scope = Scope::Person(lenas);
        bench.house.sync(bench.tenant, scope, Actor::Schedule).await.unwrap();
        assert!(link(&bench, lenas).await.is_some());
        undone(&bench, &admin, done.import.id).await;
        let (tenant, from) = (bench.tenant, visitor(FROM));
        bench.house.reopen_match(&admin, tenant, (lenas, lena), &from).await.unwrap();
        planned(&bench, &admin).await;
        assert!(enabled(&bench, lena) && enabled(&bench, zoe));
    });
}

#[test]
fn whoever_was_unassigned_before_is_kept_rather_than_blocked_by_undoing() {
    both(|bench| async move {
        let lena = settle(&bench, "lena", &[]);
        let (admin, lenas, from) =
            (bench.admin().await, bench.user_id("lena").await, visitor(FROM));
        bench.house.assign(&admin, lenas, bench.application, vec![], &from).await.unwrap();
        bench.house.unassign(&admin, lenas, bench.application, &from).await.unwrap();
        bench.drain().await;
        listed(&bench, Filters::default()).await;
        ticked(&bench, &admin, &[tick(lena, true, true)]).await;
        let done = imported(&bench, &admin).await.unwrap();
        planned(&bench, &admin).await;
        let after = undone(&bench, &admin, done.import.id).await;
        assert_eq!(after.tally, [(RowOutcome::Kept, 1)]);
        planned(&bench, &admin).await;
        assert!(enabled(&bench, lena));
    });
}

/// Ruling 35
#[test]
fn sso_opens_no_account_that_was_blocked_because_its_person_left() {
    both(|bench| async move {
        let (lena, bobs) = (settle(&bench, "lena", &[]), settle(&bench, "bob", &[]));
        listed(&bench, Filters::default()).await;
        let (lenas, bob) = (bench.user_id("lena").await, bench.user_id("bob").await);
        accept(&bench, &[(lenas, lena), (bob, bobs)]).await.unwrap();
        let (admin, from) = (bench.admin().await, visitor(FROM));
        bench.house.assign(&admin, lenas, bench.application, vec![], &from).await.unwrap();
        planned(&bench, &admin).await;
        bench.house.unassign(&admin, lenas, bench.application, &from).await.unwrap();
        // Bob was never assigned: her account follows a block by its link alone.
        bench.house.block(&admin, bob, &from).await.unwrap();
        bench.drain().await;
        assert!(!enabled(&bench, lena) && !enabled(&bench, bobs));
        bench.house.unblock(&admin, bob, &from).await.unwrap();
        let page = listed(&bench, Filters::default()).await;
        assert_eq!(suggestion(&page, lena), &Suggestion::Bound(lenas, Bond::Linked));
        for object in [lena, bobs] {
            ticked(&bench, &admin, &[tick(object, false, true)]).await;
            let id = draft(&bench, &admin).await;
            let seen = bench.house.import(&admin, id).await.unwrap();
            let why = left_out(&seen);
            assert!(why.contains("would open their account"), "{why}: {:?}", seen.checks);
            imported(&bench, &admin).await.unwrap();
        }
        planned(&bench, &admin).await;
        assert!(!enabled(&bench, lena) && !enabled(&bench, bobs));
        assert!(!is_assigned(&bench, lenas).await && !is_assigned(&bench, bob).await);
    });
}

/// Y16
#[test]
fn blocking_somebody_reaches_their_linked_account_after_an_undo_and_without_an_assignment() {
    both(|bench| async move {
        let (lena, bobs) = (settle(&bench, "lena", &[]), settle(&bench, "bob", &[]));
        listed(&bench, Filters::default()).await;
        let (lenas, bob) = (bench.user_id("lena").await, bench.user_id("bob").await);
        accept(&bench, &[(lenas, lena), (bob, bobs)]).await.unwrap();
        let (admin, from) = (bench.admin().await, visitor(FROM));
        planned(&bench, &admin).await;
        ticked(&bench, &admin, &[tick(lena, false, true)]).await;
        let done = imported(&bench, &admin).await.unwrap();
        undone(&bench, &admin, done.import.id).await;
        // A link counts for more than that the account is left alone.
        let tenant = bench.tenant;
        let bind = move |tx: &mut _| account_bindings::put(tx, tenant, (bobs, Some(bob)));
        bench.store.write(bind).await.unwrap();
        for user in [lenas, bob] {
            bench.house.block(&admin, user, &from).await.unwrap();
        }
        bench.drain().await;
        assert!(!enabled(&bench, lena), "after an undo");
        assert!(!enabled(&bench, bobs), "by the link");
    });
}

#[test]
fn whoever_was_blocked_since_keeps_the_link_that_blocks_them_there() {
    both(|bench| async move {
        let lena = settle(&bench, "lena", &[]);
        listed(&bench, Filters::default()).await;
        let (admin, lenas) = (bench.admin().await, bench.user_id("lena").await);
        ticked(&bench, &admin, &[tick(lena, true, true)]).await;
        let done = imported(&bench, &admin).await.unwrap();
        planned(&bench, &admin).await;
        bench.house.block(&admin, lenas, &visitor(FROM)).await.unwrap();
        let after = undone(&bench, &admin, done.import.id).await;
        assert_eq!(after.tally, [(RowOutcome::Kept, 1)]);
        bench.drain().await;
        assert!(!enabled(&bench, lena));
    });
}

#[test]
fn no_address_stands_for_two_people() {
    both(|bench| async move {
        let (lena, info) = (settle(&bench, "lena", &[]), settle(&bench, "info", &[]));
        let (one, other) = (settle(&bench, "p1", &[]), settle(&bench, "p2", &[]));
        bench.simulator.set("p1@contoso.com", "mail", "p2@contoso.com");
        bench.simulator.set("lena@contoso.com", "mail", "lena@contoso.com");
        let lenas = bench.user_id("lena").await;
        let (admin, from) = (bench.admin().await, visitor(FROM));
        let profile = Profile {
            display_name: "Lena".to_owned(),
            mail: Some("info@contoso.com".to_owned()),
            ..Profile::default()
        };
        bench.house.change_profile(&admin, lenas, profile, &from).await.unwrap();
        listed(&bench, Filters::default()).await;
        accept(&bench, &[(lenas, lena)]).await.unwrap();
        planned(&bench, &admin).await;
        let page = listed(&bench, Filters::default()).await;
        let held = Suggestion::Leave(Reason::Address(lenas));
        assert_eq!(suggestion(&page, info), &held);
        for choice in [Choice::Suggested, Choice::Create] {
            ticked(&bench, &admin, &[Tick { choice, ..tick(info, false, true) }]).await;
            let id = draft(&bench, &admin).await;
            let seen = bench.house.import(&admin, id).await.unwrap();
            let says = left_out(&seen);
            assert!(says.contains("has one of its addresses already"), "{says}");
        }
        let ticks = [tick(info, false, false), tick(one, false, true), tick(other, false, true)];
        ticked(&bench, &admin, &ticks).await;
        let done = imported(&bench, &admin).await.unwrap();
        assert!(done.tally.contains(&(RowOutcome::Created, 1)), "{:?}", done.tally);
        assert_eq!(done.left.len(), 1, "{:?}", done.left);
        assert!(done.left[0].trace.why.contains("has one of its addresses"), "{:?}", done.left);
        assert!(person(&bench, "info").await.is_none());
    });
}

#[test]
fn whoever_is_left_alone_and_gets_a_product_through_a_group_is_provisioned_again() {
    both(|bench| async move {
        let lena = settle(&bench, "lena", &[]);
        listed(&bench, Filters::default()).await;
        let (admin, lenas) = (bench.admin().await, bench.user_id("lena").await);
        ticked(&bench, &admin, &[tick(lena, false, true)]).await;
        imported(&bench, &admin).await.unwrap();
        crate::groups::assigned_group(&bench, &admin, &["lena"]).await.unwrap();
        let run = everyone(&bench).await;
        let (run, _) = bench.house.run(&admin, run).await.unwrap();
        assert!(run.conflicts.iter().any(|it| it.user_id == lenas), "{:?}", run.conflicts);
        assert_eq!(anchor(&bench, lena), None);
    });
}
