//! What may be set about leaving, and what a change of it begins.

use std::time::Duration;

use model::application::Office365Settings;
use store::applications;

use crate::support::{both, visitor};

const FROM: &str = "198.51.100.9";

#[test]
fn settings_that_delete_too_early_are_refused_and_a_change_is_remembered() {
    both(|bench| async move {
        let (admin, from) = (bench.admin().await, visitor(FROM));
        let base = Office365Settings::default;
        let keep = model::application::OnUnassign::Keep;
        let wrong = [
            ("delete_days", Office365Settings { delete_days: Some(29), ..base() }),
            ("delete_days", Office365Settings { delete_days: Some(0), ..base() }),
            (
                "delete_days",
                Office365Settings { delete_days: Some(90), on_unassign: keep, ..base() },
            ),
            ("blocked_delete_days", Office365Settings { blocked_delete_days: Some(90), ..base() }),
            (
                "blocked_delete_days",
                Office365Settings {
                    blocked_licence_days: Some(9),
                    blocked_delete_days: Some(8),
                    ..base()
                },
            ),
            (
                "blocked_licence_days",
                Office365Settings { blocked_licence_days: Some(9999), ..base() },
            ),
        ];
        for (field, settings) in wrong {
            let saved =
                bench.house.save_office365(&admin, bench.application, settings, &from).await;
            assert_eq!(saved.expect_err(field).kind, app::Kind::Invalid { field });
        }
        let stored = || async {
            let id = bench.application;
            let found = bench.store.read(move |tx| applications::by_id(tx, id)).await;
            found.unwrap().expect("there").settings
        };
        let good = Office365Settings { delete_days: Some(60), ..base() };
        let save =
            |settings| bench.house.save_office365(&admin, bench.application, settings, &from);
        save(good.clone()).await.unwrap();
        let changed = stored().await.deletion_changed_at;
        assert_eq!(changed, Some(bench.house.now()));
        assert!(stored().await.first_plan_confirmed, "a form doesn't change it");
        bench.pass(Duration::from_mins(1));
        save(Office365Settings { quota_percent: 70, ..good.clone() }).await.unwrap();
        assert_eq!(stored().await.deletion_changed_at, changed);
        save(Office365Settings { delete_days: Some(61), ..good }).await.unwrap();
        assert_eq!(stored().await.deletion_changed_at, Some(bench.house.now()));
    });
}

#[test]
fn days_of_licences_and_of_deletion_begin_anew_with_what_decides_about_each() {
    both(|bench| async move {
        let (admin, from) = (bench.admin().await, visitor(FROM));
        let (base, keep) = (Office365Settings::default, model::application::OnUnassign::Keep);
        let stored = || async {
            let id = bench.application;
            let found = bench.store.read(move |tx| applications::by_id(tx, id)).await;
            found.unwrap().expect("there").settings
        };
        let save =
            |settings| bench.house.save_office365(&admin, bench.application, settings, &from);
        let good = Office365Settings { delete_days: Some(60), ..base() };
        save(good.clone()).await.unwrap();
        let before = stored().await.deletion_changed_at;
        assert_eq!(stored().await.licences_changed_at, None, "they go when they went before");
        let only_licences = Office365Settings { licence_grace_days: 31, ..good.clone() };
        let both = [
            Office365Settings { blocked_licence_days: Some(9), ..good },
            Office365Settings { on_unassign: keep, ..base() },
            base(),
        ];
        bench.pass(Duration::from_mins(1));
        save(only_licences).await.unwrap();
        let now = Some(bench.house.now());
        let changed = stored().await;
        assert_eq!((changed.licences_changed_at, changed.deletion_changed_at), (now, before));
        for settings in both {
            bench.pass(Duration::from_mins(1));
            save(settings).await.unwrap();
            let (now, stored) = (Some(bench.house.now()), stored().await);
            assert_eq!((stored.licences_changed_at, stored.deletion_changed_at), (now, now));
        }
    });
}
