//! A program that takes something from too many people is held until an admin looks.

use std::time::Duration;

use app::{Kind, programs::Trouble};
use model::{audit::AuditKind, ids::UserId, user::UserState};

use super::{about, bring, brought, hr, remove, set_active, user, wish};
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
        let held = about(&bench, "HR").await.into_iter().next().unwrap();
        assert_eq!(held.kind, AuditKind::ProgramHeld);

        // Held is held: a day later as well, and for whom was counted before.
        bench.pass(Duration::from_hours(48));
        assert!(is_held(&remove(&bench, &caller, ids[6]).await));
        assert_eq!(about(&bench, "HR").await[0], held, "once");
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
