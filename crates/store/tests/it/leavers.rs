//! What deleting an account rests on: origins of links, blocks, holds, and what the journal says.

use std::collections::HashMap;

use model::{
    entra::{EntraLink, Origin},
    ids::{ObjectId, UserId},
    legal_hold::LegalHold,
    plan::{Action, RunState, StepOutcome},
    user::UserState,
};
use store::{
    Error, entra_links, legal_holds, sync_runs,
    testing::{both, execute},
    users,
};

use crate::{
    provisioning::{ALICE, BOB, people, stored},
    samples::{at, id, user},
};

fn link(object: u128, origin: Origin) -> EntraLink {
    EntraLink { user_id: ALICE, object_id: ObjectId(id(object)), origin, deleted_at: None }
}

#[test]
fn what_we_made_stays_ours_when_it_is_found_again_and_another_object_does_not() {
    both(async |store| {
        store
            .write(|tx| {
                let tenant = people(tx)?;
                entra_links::put(tx, tenant, &link(500, Origin::Made))?;
                entra_links::put(tx, tenant, &link(500, Origin::Found))?;
                entra_links::set_deleted(tx, tenant, ALICE, Some(at(9)))?;
                let there = entra_links::of_user(tx, tenant, ALICE)?.expect("linked");
                assert_eq!((there.origin, there.deleted_at), (Origin::Made, Some(at(9))));
                entra_links::put(tx, tenant, &link(501, Origin::Found))?;
                let there = entra_links::of_user(tx, tenant, ALICE)?;
                assert_eq!(there, Some(link(501, Origin::Found)));
                entra_links::put(tx, tenant, &link(501, Origin::Made))?;
                let there = entra_links::of_user(tx, tenant, ALICE)?;
                assert_eq!(there, Some(link(501, Origin::Made)));
                assert_eq!(entra_links::of_user(tx, tenant, BOB)?, None);
                Ok::<_, Error>(())
            })
            .await
            .expect("linked");
    });
}

fn create() -> Action {
    Action::Create {
        mail_nickname: "x".to_owned(),
        immutable_id: "x".to_owned(),
        usage_location: "DE".to_owned(),
        attributes: model::entra::EntraAttributes::default(),
    }
}

/// What the migration does with links that were there before it.
#[test]
fn older_links_are_ours_where_the_journal_has_their_creation_and_nothing_was_joined_since() {
    const MIGRATION: &str =
        include_str!("../../../../migrations/sqlite/2026-11-29-140000_let_leavers_go/up.sql");
    let update = MIGRATION.split(';').find(|sql| sql.contains("UPDATE entra_links"));
    both(async |store| {
        store
            .write(move |tx| {
                let tenant = people(tx)?;
                let refresh = |tx: &mut store::Tx| -> Result<Vec<Origin>, Error> {
                    execute(tx, update.expect("there"))?;
                    let origin = |link: EntraLink| link.origin;
                    Ok(entra_links::all(tx, tenant)?.into_iter().map(origin).collect())
                };
                entra_links::put(tx, tenant, &link(500, Origin::Found))?;
                let bobs = EntraLink { user_id: BOB, ..link(501, Origin::Found) };
                entra_links::put(tx, tenant, &bobs)?;
                let failed = StepOutcome::Failed("503".to_owned());
                let steps = [(ALICE, create(), failed), (BOB, create(), StepOutcome::Done)];
                stored(tx, 5, RunState::Finished, &steps)?;
                assert_eq!(refresh(tx)?, [Origin::Found, Origin::Made]);
                execute(tx, "UPDATE entra_links SET origin = 'found'")?;
                stored(tx, 6, RunState::Finished, &[(BOB, Action::Link, StepOutcome::Done)])?;
                assert_eq!(refresh(tx)?, [Origin::Found, Origin::Found]);
                Ok::<_, Error>(())
            })
            .await
            .expect("as the journal says");
    });
}

#[test]
fn a_block_counts_from_its_first_moment_until_it_is_lifted() {
    both(async |store| {
        store
            .write(|tx| {
                people(tx)?;
                users::set_state(tx, ALICE, UserState::Blocked, at(5))?;
                users::set_state(tx, ALICE, UserState::Blocked, at(9))?;
                assert_eq!(users::blocked_since(tx, ALICE)?, Some(at(5)));
                assert_eq!(users::all_blocked(tx)?, HashMap::from([(ALICE, at(5))]));
                users::set_state(tx, ALICE, UserState::Active, at(10))?;
                assert_eq!(users::blocked_since(tx, ALICE)?, None);
                users::set_state(tx, ALICE, UserState::Blocked, at(11))?;
                assert_eq!(users::blocked_since(tx, ALICE)?, Some(at(11)));
                let mut carol = user(3, "Carol");
                carol.state = UserState::Blocked;
                users::create(tx, &carol)?;
                assert!(users::blocked_since(tx, carol.id)?.is_some(), "made blocked");
                Ok::<_, Error>(())
            })
            .await
            .expect("known");
    });
}

#[test]
fn a_hold_is_lifted_once_and_a_new_one_replaces_it() {
    both(async |store| {
        store
            .write(|tx| {
                people(tx)?;
                let mut hold = LegalHold {
                    user_id: ALICE,
                    reason: "case 4711".to_owned(),
                    placed_by: BOB,
                    placed_at: at(1),
                    lifted_at: None,
                };
                assert!(!legal_holds::lift(tx, ALICE, at(2))?, "there is none");
                legal_holds::put(tx, &hold)?;
                assert_eq!(legal_holds::of_user(tx, ALICE)?.as_ref(), Some(&hold));
                assert_eq!(legal_holds::of_user(tx, BOB)?, None);
                assert!(legal_holds::lift(tx, ALICE, at(2))?);
                assert!(!legal_holds::lift(tx, ALICE, at(3))?, "lifted already");
                let lifted = LegalHold { lifted_at: Some(at(2)), ..hold.clone() };
                assert_eq!(legal_holds::all(tx)?, [lifted]);
                (hold.reason, hold.placed_at) = ("case 4712".to_owned(), at(4));
                legal_holds::put(tx, &hold)?;
                assert_eq!(legal_holds::all(tx)?, [hold]);
                Ok::<_, Error>(())
            })
            .await
            .expect("held");
    });
}

#[test]
fn the_journal_knows_whom_we_deleted_and_did_not_restore() {
    both(async |store| {
        store
            .write(|tx| {
                let tenant = people(tx)?;
                let (done, delete) = (StepOutcome::Done, Action::SoftDelete);
                let preview = [(BOB, delete.clone(), StepOutcome::Planned)];
                stored(tx, 4, RunState::Preview, &preview)?;
                let skipped = StepOutcome::Skipped("held".to_owned());
                let steps = [(ALICE, delete.clone(), done.clone()), (BOB, delete, skipped)];
                stored(tx, 5, RunState::Finished, &steps)?;
                let alice = HashMap::from([(ALICE, at(5))]);
                assert_eq!(sync_runs::deleted_by_us(tx, tenant, None)?, alice);
                assert_eq!(sync_runs::deleted_by_us(tx, tenant, Some(ALICE))?, alice);
                assert_eq!(sync_runs::deleted_by_us(tx, tenant, Some(BOB))?, HashMap::new());
                assert_eq!(sync_runs::destructive_since(tx, tenant, at(5))?, 1);
                stored(tx, 6, RunState::Finished, &[(ALICE, Action::Restore, done)])?;
                let nobody: HashMap<UserId, _> = HashMap::new();
                assert_eq!(sync_runs::deleted_by_us(tx, tenant, None)?, nobody);
                Ok::<_, Error>(())
            })
            .await
            .expect("known");
    });
}

/// An object that was made anew is another one: who blocked it isn't us.
#[test]
fn a_block_of_ours_ends_with_the_object_that_it_was_of() {
    both(async |store| {
        store
            .write(|tx| {
                let tenant = people(tx)?;
                let block = [(ALICE, Action::BlockSignIn, StepOutcome::Done)];
                stored(tx, 5, RunState::Finished, &block)?;
                let blocked = HashMap::from([(ALICE, at(5))]);
                assert_eq!(sync_runs::blocked_by_us(tx, tenant, None)?, blocked);
                let failed = StepOutcome::Failed("503".to_owned());
                stored(tx, 6, RunState::Finished, &[(ALICE, create(), failed)])?;
                assert_eq!(sync_runs::blocked_by_us(tx, tenant, None)?, blocked);
                stored(tx, 7, RunState::Finished, &[(ALICE, create(), StepOutcome::Done)])?;
                let nobody: HashMap<UserId, _> = HashMap::new();
                assert_eq!(sync_runs::blocked_by_us(tx, tenant, None)?, nobody);
                Ok::<_, Error>(())
            })
            .await
            .expect("known");
    });
}
