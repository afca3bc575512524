//! Roles are given and taken (R144, R145).

use app::Kind;
use model::{
    Role,
    audit::{AuditEvent, AuditKind},
    pending_request::Purpose,
};
use store::audit_log::{self, AuditFilter};

use crate::{
    accounts::admin_as,
    support::{Bench, both, visitor},
};

async fn role_of(bench: &Bench, name: &str) -> Option<Role> {
    let id = bench.user_id(name).await;
    bench.store.read(move |tx| store::users::by_id(tx, id)).await.unwrap().unwrap().role
}

async fn changes(bench: &Bench) -> Vec<AuditEvent> {
    let filter =
        AuditFilter { kind: Some(AuditKind::UserChanged), limit: 10, ..AuditFilter::default() };
    bench.store.read(move |tx| audit_log::list(tx, &filter)).await.unwrap().rows
}

/// R048
#[test]
fn an_owner_makes_somebody_an_admin_who_then_signs_in_anew() {
    both(|bench| async move {
        let (owner, from) = (bench.admin().await, visitor("203.0.113.3"));
        let me = visitor("203.0.113.4");
        bench.next_code();
        let (_, portal) = bench.employee("alice", &me).await;
        let alice = bench.user_id("alice").await;
        bench.house.set_role(&owner, alice, Some(Role::HelpDesk), &from).await.unwrap();
        assert_eq!(role_of(&bench, "alice").await, Some(Role::HelpDesk));
        assert!(bench.house.employee(&portal).await.unwrap().is_none(), "signed in as before");
        let row = changes(&bench).await.remove(0);
        assert_eq!(row.subject, "alice@contoso.com");
        assert_eq!(row.detail, "role: none -> Help desk");

        bench.next_code();
        let session = bench.sign_in("alice", Purpose::Console, &me).await.token;
        let admin = bench.house.admin(&session).await.unwrap().unwrap();
        assert_eq!(admin.role(), Role::HelpDesk);
        bench.next_code();
        let owner = bench.admin().await;
        bench.house.set_role(&owner, alice, None, &from).await.unwrap();
        assert!(bench.house.admin(&session).await.unwrap().is_none(), "an admin without a role");
    });
}

#[test]
fn r145_nobody_gives_more_than_they_have_nor_changes_who_is_above() {
    const ALL: [Role; 5] =
        [Role::Auditor, Role::HelpDesk, Role::UserAdmin, Role::SecurityAdmin, Role::Owner];
    both(|bench| async move {
        let from = visitor("203.0.113.5");
        let (erin, now) = (bench.user_id("erin").await, bench.house.now());
        for mine in ALL {
            let alice = admin_as(&bench, "alice", mine).await;
            for (had, wanted) in ALL.iter().flat_map(|had| ALL.map(|wanted| (*had, wanted))) {
                let set =
                    move |tx: &mut store::Tx| store::users::set_role(tx, erin, Some(had), now);
                bench.store.write(set).await.unwrap();
                let done = bench.house.set_role(&alice, erin, Some(wanted), &from).await;
                let may = mine >= Role::SecurityAdmin && mine >= had && mine >= wanted;
                assert_eq!(done.is_ok(), may, "{mine:?}: {had:?} to {wanted:?}: {done:?}");
                let now = role_of(&bench, "erin").await;
                assert_eq!(now, Some(if may { wanted } else { had }));
            }
        }
    });
}

#[test]
fn r145_the_last_owner_stays_one() {
    both(|bench| async move {
        let (olivia, from) = (bench.admin().await, visitor("203.0.113.6"));
        let id = olivia.user().id;
        let alone = bench.house.set_role(&olivia, id, Some(Role::Auditor), &from).await;
        assert_eq!(alone.expect_err("nobody would be left").kind, Kind::Conflict);
        assert_eq!(role_of(&bench, "olivia").await, Some(Role::Owner));
        assert!(changes(&bench).await.is_empty());
    });
}

/// R145
#[test]
fn two_owners_who_take_each_others_role_or_block_each_other_at_once_leave_one() {
    both(|bench| async move {
        let from = visitor("203.0.113.7");
        for round in 0..6 {
            let now = bench.house.now();
            for name in ["olivia", "alice"] {
                let id = bench.user_id(name).await;
                let restore = move |tx: &mut store::Tx| {
                    store::users::set_state(tx, id, model::user::UserState::Active, now)?;
                    store::users::set_role(tx, id, Some(Role::Owner), now)
                };
                bench.store.write(restore).await.unwrap();
            }
            let olivia = admin_as(&bench, "olivia", Role::Owner).await;
            let alice = admin_as(&bench, "alice", Role::Owner).await;
            let (a, o) = (alice.user().id, olivia.user().id);
            let house = &bench.house;
            let (one, two) = if round % 2 == 0 {
                tokio::join!(
                    house.set_role(&olivia, a, None, &from),
                    house.set_role(&alice, o, None, &from)
                )
            } else {
                tokio::join!(house.block(&olivia, a, &from), house.block(&alice, o, &from))
            };
            assert!(one.is_ok() != two.is_ok(), "round {round}: {one:?} {two:?}");
        }
    });
}

/// R145
#[test]
fn whoever_was_made_an_owner_meanwhile_is_not_changed_from_below() {
    both(|bench| async move {
        let from = visitor("203.0.113.9");
        let alice = admin_as(&bench, "alice", Role::SecurityAdmin).await;
        for blocks in [false, true] {
            let (erin, now) = (bench.user_id("erin").await, bench.house.now());
            let clear = move |tx: &mut store::Tx| store::users::set_role(tx, erin, None, now);
            bench.store.write(clear).await.unwrap();
            let (made, is_made) = tokio::sync::oneshot::channel();
            let store = bench.store.clone();
            let making = tokio::spawn(async move {
                let promote = move |tx: &mut store::Tx| {
                    store::users::set_role(tx, erin, Some(Role::Owner), now)?;
                    let _ = made.send(());
                    // Not committed yet, while the other begins.
                    std::thread::sleep(std::time::Duration::from_millis(500));
                    Ok::<_, store::Error>(())
                };
                store.write(promote).await
            });
            is_made.await.unwrap();
            let tried = if blocks {
                bench.house.block(&alice, erin, &from).await
            } else {
                bench.house.set_role(&alice, erin, Some(Role::Auditor), &from).await
            };
            making.await.unwrap().unwrap();
            assert_eq!(tried.expect_err("she is above by now").kind, Kind::Forbidden);
            assert_eq!(role_of(&bench, "erin").await, Some(Role::Owner));
        }
    });
}

#[test]
fn r147_a_role_is_given_with_a_fresh_factor_only() {
    both(|bench| async move {
        let (owner, from) = (bench.admin().await, visitor("203.0.113.8"));
        bench.pass(std::time::Duration::from_mins(6));
        let alice = bench.user_id("alice").await;
        let late = bench.house.set_role(&owner, alice, Some(Role::Auditor), &from).await;
        assert_eq!(late.expect_err("six minutes are too long").kind, Kind::StepUp);
    });
}
