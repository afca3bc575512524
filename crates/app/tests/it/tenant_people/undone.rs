//! Undoing an import of accounts: what it made goes, what was there stays, and nobody is shut out at
//! Microsoft.

use app::accounts::NewPerson;
use model::{Role, user::Profile};

use super::*;
use crate::accounts::admin_as;

pub(super) async fn undone(bench: &Bench, admin: &Admin, id: ImportId) -> ImportDetails {
    bench.house.undo_import(admin, id, &visitor(FROM)).await.unwrap();
    bench.house.import(admin, id).await.unwrap()
}

/// F056, Y10
#[test]
fn people_go_again_and_their_accounts_stay_open() {
    both(|bench| async move {
        let (mia, ben) = (settle(&bench, "mia", &[]), settle(&bench, "ben", &[]));
        let left = listed(&bench, Filters::default()).await.left_over;
        let admin = bench.admin().await;
        ticked(&bench, &admin, &[tick(mia, true, true), tick(ben, false, true)]).await;
        let done = imported(&bench, &admin).await.unwrap();
        // Mia is taken over meanwhile: her account has her immutable id, which stays there.
        everyone(&bench).await;
        let before = anchor(&bench, mia);
        assert!(before.is_some());
        let undone = undone(&bench, &admin, done.import.id).await;
        assert_eq!(undone.import.state, ImportState::Undone);
        assert_eq!(undone.tally, [(RowOutcome::Removed, 2)], "{:?}", undone.left);
        assert!(person(&bench, "mia").await.is_none() && person(&bench, "ben").await.is_none());
        assert_eq!(microsoft_account(&bench, mia).await, None);
        bench.drain().await;
        let run = everyone(&bench).await;
        let run = bench.house.run(&admin, run).await.unwrap().0;
        assert_eq!(run.state, RunState::Finished, "{}", run.reason);
        assert!(enabled(&bench, mia) && enabled(&bench, ben), "nobody is shut out for it");
        assert_eq!(anchor(&bench, mia), before);
        assert_eq!(shown(&bench, &admin, Filters::default()).await.left_over, left);
        let twice = bench.house.undo_import(&admin, done.import.id, &visitor(FROM)).await;
        assert_eq!(twice.expect_err("undone").kind, Kind::Conflict);
    });
}

#[test]
fn whoever_was_here_before_has_what_they_had() {
    both(|bench| async move {
        let lena = settle(&bench, "lena", &[]);
        listed(&bench, Filters::default()).await;
        let (admin, lenas) = (bench.admin().await, bench.user_id("lena").await);
        let before = bench.store.read(move |tx| users::by_id(tx, lenas)).await.unwrap();
        ticked(&bench, &admin, &[tick(lena, true, true)]).await;
        let done = imported(&bench, &admin).await.unwrap();
        everyone(&bench).await;
        assert!(link(&bench, lenas).await.is_some() && is_assigned(&bench, lenas).await);
        let undone = undone(&bench, &admin, done.import.id).await;
        assert_eq!(undone.tally, [(RowOutcome::PutBack, 1)], "{:?}", undone.left);
        let after = bench.store.read(move |tx| users::by_id(tx, lenas)).await.unwrap();
        assert_eq!(after, before);
        assert!(link(&bench, lenas).await.is_none() && !is_assigned(&bench, lenas).await);
        everyone(&bench).await;
        assert!(enabled(&bench, lena));
        assert_eq!(link(&bench, lenas).await, None, "a no is stronger than the immutable id");
    });
}

#[test]
fn somebody_linked_before_loses_no_more_than_the_import_gave() {
    both(|bench| async move {
        let lena = settle(&bench, "lena", &[]);
        listed(&bench, Filters::default()).await;
        let (admin, lenas) = (bench.admin().await, bench.user_id("lena").await);
        crate::matches::accept(&bench, &[(lenas, lena)]).await.unwrap();
        everyone(&bench).await;
        ticked(&bench, &admin, &[tick(lena, true, true)]).await;
        let id = draft(&bench, &admin).await;
        let seen = bench.house.import(&admin, id).await.unwrap();
        let RowVerdict::Account(plan) = &seen.checks[0].verdict else { panic!("{seen:?}") };
        assert!(matches!(plan.who, Who::Here(_)));
        assert_eq!(plan.does, [Did::Assigned].into(), "she is linked already");
        let done = imported(&bench, &admin).await.unwrap();
        undone(&bench, &admin, done.import.id).await;
        everyone(&bench).await;
        assert!(enabled(&bench, lena));
        assert_eq!(link(&bench, lenas).await.unwrap().object_id, lena);
    });
}

#[test]
fn what_somebody_did_since_is_kept() {
    both(|bench| async move {
        let names = ["mia", "ben", "zoe", "ida"];
        let objects = names.map(|name| settle(&bench, name, &[]));
        listed(&bench, Filters::default()).await;
        let (admin, from) = (bench.admin().await, visitor(FROM));
        ticked(&bench, &admin, &objects.map(|object| tick(object, true, true))).await;
        let done = imported(&bench, &admin).await.unwrap();
        let id = |name: &'static str| {
            let bench = &bench;
            async move { person(bench, name).await.unwrap().id }
        };
        // Assigned by hand, another profile, another answer; and Ida, whom nobody touched.
        let (mia, ben, zoe) = (id("mia").await, id("ben").await, id("zoe").await);
        bench.house.assign(&admin, mia, bench.application, vec![], &from).await.unwrap();
        bench.pass(std::time::Duration::from_secs(1));
        let profile = Profile { display_name: "Ben".to_owned(), ..Profile::default() };
        let admin = bench.admin().await;
        bench.house.change_profile(&admin, ben, profile, &from).await.unwrap();
        let pair = (zoe, objects[2]);
        bench.house.reopen_match(&admin, bench.tenant, pair, &from).await.unwrap();
        let undone = undone(&bench, &admin, done.import.id).await;
        let tally = [(RowOutcome::Kept, 3), (RowOutcome::Removed, 1)];
        for line in tally {
            assert!(undone.tally.contains(&line), "{:?} {:?}", undone.tally, undone.left);
        }
        assert!(person(&bench, "ida").await.is_none() && person(&bench, "mia").await.is_some());
    });
}

#[test]
fn it_ends_after_seven_days_and_names_are_free_again() {
    both(|bench| async move {
        let mia = settle(&bench, "mia", &[]);
        listed(&bench, Filters::default()).await;
        let admin = bench.admin().await;
        ticked(&bench, &admin, &[tick(mia, false, true)]).await;
        let done = imported(&bench, &admin).await.unwrap();
        let undone = undone(&bench, &admin, done.import.id).await;
        assert_eq!(undone.tally, [(RowOutcome::Removed, 1)]);
        let profile = Profile { display_name: "Mia".to_owned(), ..Profile::default() };
        let new = NewPerson { upn: "mia@contoso.com".to_owned(), profile };
        bench.house.create_person(&admin, new, &visitor(FROM)).await.unwrap();
        let page = listed(&bench, Filters::default()).await;
        let user = person(&bench, "mia").await.unwrap().id;
        assert_eq!(suggestion(&page, mia), &Suggestion::Bind(user));
        ticked(&bench, &admin, &[tick(mia, false, true)]).await;
        let done = imported(&bench, &admin).await.unwrap();
        bench.pass(std::time::Duration::from_hours(7 * 24 + 1));
        let admin = bench.admin().await;
        let late = bench.house.undo_import(&admin, done.import.id, &visitor(FROM)).await;
        assert_eq!(late.expect_err("late").kind, Kind::Conflict);
    });
}

/// R144
#[test]
fn what_a_security_admin_took_over_a_user_admin_does_not_let_go() {
    both(|bench| async move {
        let (mia, ben) = (settle(&bench, "mia", &[]), settle(&bench, "ben", &[]));
        listed(&bench, Filters::default()).await;
        let owner = bench.admin().await;
        ticked(&bench, &owner, &[tick(mia, false, true), tick(ben, true, true)]).await;
        let done = imported(&bench, &owner).await.unwrap();
        everyone(&bench).await;
        let erin = admin_as(&bench, "erin", Role::UserAdmin).await;
        let refused = bench.house.undo_import(&erin, done.import.id, &visitor(FROM)).await;
        assert_eq!(refused.expect_err("a user admin").kind, Kind::Forbidden);
        let bens = bench.user_id("ben").await;
        assert!(link(&bench, bens).await.is_some() && person(&bench, "mia").await.is_some());
        let details = bench.house.import(&owner, done.import.id).await.unwrap();
        assert_eq!(details.import.state, ImportState::Applied, "nothing has begun");
        undone(&bench, &owner, done.import.id).await;
        assert!(link(&bench, bens).await.is_none());
    });
}
