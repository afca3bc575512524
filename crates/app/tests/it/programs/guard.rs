//! A program that takes something from too many people is held until an admin looks.

use std::time::Duration;

use app::{Kind, programs::Trouble};
use model::{
    alarm::{Cause, Severity},
    audit::AuditKind,
    ids::UserId,
    program::{Binding, Brought},
    user::UserState,
};
use store::{alarms, program_bindings};

use super::{about, bring, brought, change, hr, remove, set_active, user, wish};
use crate::support::{Bench, both, visitor};

async fn several(bench: &Bench, caller: &app::programs::Caller, many: usize) -> Vec<UserId> {
    let mut ids = Vec::new();
    for number in 0..many {
        ids.push(brought(bench, caller, &format!("p{number}")).await);
    }
    ids
}

fn is_held<T>(result: &Result<T, Trouble>) -> bool {
    matches!(result, Err(Trouble::Held(_)))
}

/// Y01
#[test]
fn blocked_and_removed_people_are_counted_together_and_six_of_fifteen_are_too_many() {
    both(|bench| async move {
        let caller = hr(&bench).await;
        let ids = several(&bench, &caller, 15).await;
        for id in &ids[..3] {
            set_active(&bench, &caller, *id, false).await.unwrap();
        }
        // The same person twice is one person.
        set_active(&bench, &caller, ids[0], true).await.unwrap();
        set_active(&bench, &caller, ids[0], false).await.unwrap();
        for id in &ids[3..5] {
            remove(&bench, &caller, *id).await.unwrap();
        }
        assert!(is_held(&set_active(&bench, &caller, ids[5], false).await));
        assert_eq!(user(&bench, ids[5]).await.state, UserState::Active);
        let held = async || {
            let rows = about(&bench, "HR").await.into_iter();
            rows.filter(|row| row.kind == AuditKind::ProgramHeld).count()
        };
        assert_eq!(held().await, 1);

        // Held is held: a day later as well, and for whom was counted before.
        bench.pass(Duration::from_hours(48));
        assert!(is_held(&remove(&bench, &caller, ids[6]).await));
        assert_eq!(held().await, 1, "once");
        // What takes nothing from anybody goes on.
        bring(&bench, &caller, wish("new")).await.unwrap();
        set_active(&bench, &caller, ids[0], true).await.unwrap();

        let (admin, from) = (bench.admin().await, visitor("198.51.100.9"));
        let program = caller.program().id;
        for wrong in [0, 100_001] {
            let refused = bench.house.let_program_on(&admin, program, wrong, &from).await;
            assert!(matches!(refused.unwrap_err().kind, Kind::Invalid { .. }));
        }
        bench.house.let_program_on(&admin, program, 2, &from).await.unwrap();
        bench.pass(Duration::from_secs(1));
        for id in &ids[5..7] {
            set_active(&bench, &caller, *id, false).await.unwrap();
        }
        assert!(is_held(&set_active(&bench, &caller, ids[7], false).await), "two, and no more");
    });
}

/// Y01
#[test]
fn a_day_later_others_may_follow_and_an_admins_word_is_good_for_a_day() {
    both(|bench| async move {
        let caller = hr(&bench).await;
        let ids = several(&bench, &caller, 12).await;
        for id in &ids[..5] {
            set_active(&bench, &caller, *id, false).await.unwrap();
        }
        bench.pass(Duration::from_hours(24) + Duration::from_secs(1));
        for id in &ids[5..8] {
            set_active(&bench, &caller, *id, false).await.unwrap();
        }
        let (admin, from) = (bench.admin().await, visitor("198.51.100.9"));
        let program = caller.program().id;
        bench.house.let_program_on(&admin, program, 100, &from).await.unwrap();
        bench.pass(Duration::from_hours(24) + Duration::from_secs(1));
        let view = bench.house.program(&admin, program).await.unwrap();
        assert_eq!((view.lost, view.most), (0, 5), "the hundred are over");
    });
}

/// Y01
#[test]
fn other_names_are_counted_like_blocks() {
    both(|bench| async move {
        let caller = hr(&bench).await;
        let ids = several(&bench, &caller, 6).await;
        let rename = async |id: UserId, to: String| {
            change(&bench, &caller, id, move |wish| wish.user_name = to).await
        };
        // Other letters for the same name take nothing from anybody.
        rename(ids[5], "P5@contoso.com".to_owned()).await.unwrap();
        for (number, id) in ids[..5].iter().enumerate() {
            rename(*id, format!("other{number}@contoso.com")).await.unwrap();
        }
        assert!(is_held(&rename(ids[5], "other5@contoso.com".to_owned()).await));
        assert_eq!(user(&bench, ids[5]).await.upn.as_str(), "P5@contoso.com");
    });
}

/// Y01
#[test]
fn whom_it_made_today_lets_a_program_take_from_no_more() {
    both(|bench| async move {
        let caller = hr(&bench).await;
        let ids = several(&bench, &caller, 60).await;
        let (admin, program) = (bench.admin().await, caller.program().id);
        assert_eq!(bench.house.program(&admin, program).await.unwrap().most, 5);
        for id in &ids[..5] {
            remove(&bench, &caller, *id).await.unwrap();
        }
        assert!(is_held(&remove(&bench, &caller, ids[5]).await));
        bench.pass(Duration::from_hours(24));
        several_more(&bench, &caller, 10).await;
        let view = bench.house.program(&admin, program).await.unwrap();
        assert_eq!((view.people, view.most), (65, 5), "a tenth of 55");
    });
}

async fn several_more(bench: &Bench, caller: &app::programs::Caller, many: usize) {
    for number in 0..many {
        brought(bench, caller, &format!("q{number}")).await;
    }
}

/// Y01
#[test]
fn a_program_makes_so_many_a_day_and_more_by_an_admins_word() {
    both(|bench| async move {
        let caller = hr(&bench).await;
        let (program, now) = (caller.program().id, bench.house.now());
        let many = |from: u128, to: u128, at| {
            bench.store.write(move |tx| {
                (from..to).try_for_each(|number| {
                    let what = Brought::Person(UserId(uuid::Uuid::from_u128(number)));
                    program_bindings::create(tx, &Binding::new(what, program, None, at))
                })
            })
        };
        many(0, 4_999, now).await.unwrap();
        brought(&bench, &caller, "last").await;
        for _ in 0..2 {
            assert!(is_held(&bring(&bench, &caller, wish("one.more")).await));
        }
        let rows = about(&bench, "HR").await;
        let held = rows.iter().filter(|row| row.kind == AuditKind::ProgramHeld);
        assert_eq!(held.count(), 1, "written down once");
        let (admin, from) = (bench.admin().await, visitor("198.51.100.9"));
        bench.house.let_program_on(&admin, program, 5_001, &from).await.unwrap();
        let later = bench.house.now() + Duration::from_secs(1);
        bench.pass(Duration::from_secs(1));
        many(10_000, 15_000, later).await.unwrap();
        brought(&bench, &caller, "one.more").await;
        assert!(is_held(&bring(&bench, &caller, wish("too.many")).await));
        bench.pass(Duration::from_hours(24) + Duration::from_secs(2));
        brought(&bench, &caller, "too.many").await;
    });
}

/// Y01
#[test]
fn a_held_program_rings_until_it_is_let_on() {
    both(|bench| async move {
        let caller = hr(&bench).await;
        let ids = several(&bench, &caller, 6).await;
        for id in &ids[..5] {
            remove(&bench, &caller, *id).await.unwrap();
        }
        let open = || bench.store.read(alarms::open);
        assert_eq!(open().await.unwrap(), []);
        assert!(is_held(&remove(&bench, &caller, ids[5]).await));
        let since = bench.house.now();
        for round in 0..2 {
            let open = open().await.unwrap();
            let found: Vec<_> = open.iter().map(|it| (it.subject.as_str(), &it.cause)).collect();
            assert_eq!(found, [("HR", &Cause::ProgramHeld { since })], "round {round}");
            assert_eq!(open[0].cause.severity(), Severity::Danger);
            bench.house.keep_watch().await.unwrap();
        }
        let (admin, from) = (bench.admin().await, visitor("198.51.100.9"));
        bench.house.let_program_on(&admin, caller.program().id, 5, &from).await.unwrap();
        assert_eq!(open().await.unwrap(), [], "at once");
        bench.house.keep_watch().await.unwrap();
        assert_eq!(open().await.unwrap(), []);
    });
}

/// R147
#[test]
fn nobody_is_let_in_or_let_on_without_a_fresh_factor() {
    both(|bench| async move {
        let caller = hr(&bench).await;
        let (admin, from) = (bench.admin().await, visitor("198.51.100.9"));
        bench.pass(Duration::from_mins(6));
        let (house, program) = (&bench.house, caller.program().id);
        let refused = [
            house.let_program_on(&admin, program, 5, &from).await.unwrap_err(),
            house.make_program_token(&admin, program, "5", &from).await.map(drop).unwrap_err(),
            house.remove_program(&admin, program, &from).await.unwrap_err(),
        ];
        assert!(refused.iter().all(|error| error.kind == Kind::StepUp), "{refused:?}");
    });
}
