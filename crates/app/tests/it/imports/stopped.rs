//! Imports that stopped in the middle, and undoing what one row, or the number of rows, stands against.

use std::time::Duration;

use app::accounts::NewPerson;
use model::{
    import::{ImportState, RowOutcome},
    plan::RunState,
    user::Profile,
};

use super::{applied, applied_to_all, assigned, brought, from, person, tally};
use crate::support::{Bench, both};

#[test]
fn one_that_stopped_in_the_middle_is_taken_back_as_far_as_it_came() {
    both(|bench| async move {
        let admin = bench.admin().await;
        let id = brought(&bench, &admin, "upn,name\nmia@contoso.com,Mia\n").await.unwrap();
        applied(&bench, &admin, id).await.unwrap();
        // As a crash leaves it, when nobody went on before the file was forgotten.
        let stopped = bench.store.write(move |tx| {
            let mut import = store::imports::by_id(tx, id)?.unwrap();
            import.state = ImportState::Applying;
            store::imports::put_progress(tx, &import)
        });
        stopped.await.unwrap();
        assert!(bench.house.apply_import(&admin, id, "", &from()).await.is_err());
        bench.pass(Duration::from_hours(25));
        bench.house.forget_expired().await.unwrap();
        let admin = bench.admin().await;
        bench.house.undo_import(&admin, id, &from()).await.unwrap();
        assert!(person(&bench, "mia@contoso.com").await.is_none());
        let undone = bench.house.import(&admin, id).await.unwrap();
        assert_eq!(undone.import.state, ImportState::Undone);
    });
}

#[test]
fn a_row_that_can_not_be_put_back_is_kept_and_the_others_are_not() {
    both(|bench| async move {
        let admin = bench.admin().await;
        let alice = person(&bench, "alice@contoso.com").await.unwrap();
        let profile = Profile { mail: Some("al@contoso.com".to_owned()), ..alice.profile };
        bench.house.change_profile(&admin, alice.id, profile, &from()).await.unwrap();
        let file = "upn,name,mail\nalice@contoso.com,Alice,new@contoso.com\nmia@contoso.com,Mia,\n";
        let id = brought(&bench, &admin, file).await.unwrap();
        applied_to_all(&bench, &admin, id).await.unwrap();
        let profile = Profile { display_name: "Al".to_owned(), ..Profile::default() };
        let new = NewPerson { upn: "al@contoso.com".to_owned(), profile };
        bench.house.create_person(&admin, new, &from()).await.unwrap();

        bench.house.undo_import(&admin, id, &from()).await.unwrap();
        let undone = bench.house.import(&admin, id).await.unwrap();
        assert_eq!(undone.import.state, ImportState::Undone);
        assert_eq!(tally(&undone, RowOutcome::Removed), 1);
        let why = &undone.left[0].trace.why;
        assert!(why.starts_with("Their former mail address is the sign-in name"), "{why}");
    });
}

fn enabled(bench: &Bench, name: &str) -> Option<bool> {
    let upn = format!("{name}@contoso.com");
    bench.simulator.tenant().user(&upn)?.properties["accountEnabled"].as_bool()
}

/// Y01
#[test]
fn taking_back_what_many_have_asks_before_the_tenant_follows() {
    both(|bench| async move {
        let people = ["alice", "erin", "farid", "grace", "hiro", "ines", "jonas"];
        let admin = bench.admin().await;
        let group = bench.house.create_group(&admin, "Road crew", &from()).await.unwrap();
        assigned(&bench, &admin, group).await.unwrap();
        let lines = people.map(|name| format!("{name}@contoso.com,Road crew\n")).concat();
        let id = brought(&bench, &admin, &format!("upn,groups\n{lines}")).await.unwrap();
        applied_to_all(&bench, &admin, id).await.unwrap();
        for name in people {
            let user = bench.user_id(name).await;
            bench.house.unassign(&admin, user, bench.application, &from()).await.unwrap();
        }
        bench.drain().await;
        assert_eq!(enabled(&bench, "erin"), Some(true));

        let admin = bench.admin().await;
        bench.house.undo_import(&admin, id, &from()).await.unwrap();
        let undone = bench.house.import(&admin, id).await.unwrap();
        assert_eq!(tally(&undone, RowOutcome::PutBack), 7, "{:?}", undone.left);
        bench.drain().await;
        for name in people {
            assert_eq!(enabled(&bench, name), Some(true), "{name}");
        }
        let runs = bench.house.runs(&admin, bench.tenant).await.unwrap();
        assert_eq!(runs[0].run.state, RunState::NeedsApproval);
    });
}
