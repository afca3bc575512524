//! What the attribute mapping says of itself is true, and groups that it asks for are guarded.

use app::{
    Kind,
    mapping::{Saving, There},
};
use model::{
    Role,
    attribute::Attribute,
    audit::AuditKind,
    detail::Detail,
    mapping::{MappingTest, Mode},
};
use store::audit_log::{self, AuditFilter};

use crate::{
    groups::as_role,
    mapping::{asked, draft, put, save, sync, there, tried},
    support::{Bench, both, visitor},
};

const ROAD: &str = "if(member(\"Road\"), \"Outside\", \"Inside\")";

async fn details(bench: &Bench, kind: AuditKind) -> Vec<String> {
    let filter = AuditFilter { kind: Some(kind), limit: 99, ..AuditFilter::default() };
    let rows = bench.store.read(move |tx| audit_log::list(tx, &filter)).await.unwrap().rows;
    rows.into_iter().map(|row| row.detail).collect()
}

/// R145
#[test]
fn a_group_that_the_mapping_asks_for_is_changed_by_whoever_may_change_the_mapping() {
    both(|bench| async move {
        bench.drain().await;
        let (olivia, from) = (bench.admin().await, visitor("198.51.100.9"));
        let id = bench.house.create_group(&olivia, "Road", &from).await.unwrap();
        put(&bench, Attribute::OfficeLocation, Mode::Always, ROAD).await;
        sync(&bench).await;
        assert_eq!(there(&bench, "alice", "officeLocation").as_deref(), Some("Inside"));
        let grace = as_role(&bench, "grace", Role::UserAdmin).await.unwrap();
        let added = bench.house.add_members(&grace, id, "alice@contoso.com", &from).await;
        assert_eq!(added.expect_err("it decides what leaves").kind, Kind::Forbidden);
        let olivia = bench.admin().await;
        let seen = bench.house.group(&olivia, id, 0).await.unwrap();
        assert_eq!(seen.named_by, ["the attribute mapping of Office 365, for the office"]);
        bench.house.add_members(&olivia, id, "alice@contoso.com", &from).await.unwrap();
        bench.drain().await;
        assert_eq!(there(&bench, "alice", "officeLocation").as_deref(), Some("Outside"));
        bench.pass(std::time::Duration::from_mins(6));
        let late = bench.house.add_members(&olivia, id, "carol@contoso.com", &from).await;
        assert_eq!(late.expect_err("too old a factor").kind, Kind::StepUp);
    });
}

/// F071
#[test]
fn a_trial_says_written_only_where_a_run_would_write() {
    both(|bench| async move {
        bench.drain().await;
        let shout = draft(Attribute::Department, Mode::Always, "upper(department)");
        let alice = "alice@contoso.com";
        let row = async || tried(&bench, &shout, alice).await.unwrap().rows.remove(0);
        assert!(row().await.is_written);
        bench.simulator.make_admin(alice);
        bench.pass(std::time::Duration::from_hours(2));
        let protected = row().await;
        assert!(!protected.is_written && protected.why.contains("admin role"), "{protected:?}");
        bench.simulator.dismiss_admin(alice);
        bench.pass(std::time::Duration::from_hours(2));
        for (property, value) in
            [("userType", "Guest".into()), ("onPremisesSyncEnabled", true.into())]
        {
            let value: serde_json::Value = value;
            bench.simulator.set(alice, property, value);
            let left_alone = row().await;
            assert!(!left_alone.is_written, "{property}: {left_alone:?}");
            bench.simulator.set(alice, property, serde_json::Value::Null);
        }
        let (admin, id) = (bench.admin().await, bench.user_id("alice").await);
        bench.house.block(&admin, id, &visitor("198.51.100.9")).await.unwrap();
        let blocked = row().await;
        assert!(!blocked.is_written && blocked.why.contains("may not sign in"), "{blocked:?}");
        let bob = tried(&bench, &shout, "bob@contoso.com").await.unwrap();
        assert_eq!((bob.is_assigned, bob.rows[0].is_written), (false, false));
    });
}

#[test]
fn while_microsoft_gives_no_answer_a_trial_says_that_nobody_knows() {
    both(|bench| async move {
        let trouble = simulator::Trouble::Forbidden;
        let fault = simulator::Fault::new(trouble).on("GET", "/v1.0/users").times(99);
        bench.simulator.faults().inject(fault);
        let shout = draft(Attribute::Department, Mode::Always, "upper(department)");
        let alice = tried(&bench, &shout, "alice@contoso.com").await.unwrap();
        assert!(matches!(alice.there, There::Unknown(_)), "{alice:?}");
        assert!(!alice.rows[0].is_written && alice.rows[0].why.contains("Nobody knows"));
    });
}

#[test]
fn people_who_get_an_account_or_lose_a_value_that_is_too_long_are_counted() {
    both(|bench| async move {
        let admin = bench.admin().await;
        // Nobody is there yet: each of them would be made with the value.
        let office = draft(Attribute::OfficeLocation, Mode::OnCreate, "\"Room 1\"");
        assert!(asked(&bench, &admin, office).await.people > 5);
        bench.drain().await;
        let admin = bench.admin().await;
        let long = draft(Attribute::EmployeeId, Mode::Always, "\"12345678901234567\"");
        let review = asked(&bench, &admin, long).await;
        let then = review.examples[0].then.as_deref().unwrap();
        assert!(review.people > 5 && then.contains("more than 16 characters"), "{review:?}");
    });
}

/// A number of another system is kept as it is; Microsoft's limit counts where it is written.
#[test]
fn a_log_names_details_that_changed_and_keeps_none_of_their_values() {
    both(|bench| async move {
        bench.drain().await;
        let (admin, from) = (bench.admin().await, visitor("198.51.100.9"));
        let id = bench.user_id("alice").await;
        let user = bench.store.read(move |tx| store::users::by_id(tx, id)).await.unwrap().unwrap();
        let mut profile = user.profile;
        profile.details.set(Detail::MobilePhone, "+43 1 555");
        profile.details.set(Detail::EmployeeId, "12345678901234567890");
        profile.details.set(Detail::PreferredLanguage, "German");
        bench.house.change_profile(&admin, id, profile, &from).await.unwrap();
        let changed = details(&bench, AuditKind::UserChanged).await;
        let said = "employee number changed; language changed; mobile phone changed";
        assert!(changed.iter().any(|row| row == said), "{changed:?}");
        put(&bench, Attribute::MobilePhone, Mode::Always, "mobile_phone").await;
        sync(&bench).await;
        assert_eq!(there(&bench, "alice", "mobilePhone").as_deref(), Some("+43 1 555"));
        let steps = details(&bench, AuditKind::SyncStep).await;
        assert!(steps.iter().any(|row| row.starts_with("Update: mobile phone;")), "{steps:?}");
        // With its space: the ids of the calls are hexadecimal digits.
        assert!(!steps.iter().any(|row| row.contains("1 555")), "{steps:?}");
    });
}

#[test]
fn a_test_that_is_taken_away_is_told_and_none_keeps_never_from_being_saved() {
    both(|bench| async move {
        bench.drain().await;
        let admin = bench.admin().await;
        let expected = "Purchase".to_owned();
        let stale = MappingTest { user_id: bench.user_id("alice").await, expected };
        let mut never = draft(Attribute::Department, Mode::Never, "department");
        never.rule.tests = vec![stale];
        assert!(matches!(save(&bench, &admin, never.clone()).await.unwrap(), Saving::Saved));
        never.rule.tests.clear();
        assert!(matches!(save(&bench, &admin, never).await.unwrap(), Saving::Saved));
        let rows = details(&bench, AuditKind::ApplicationChanged).await;
        let said =
            "department: never department (1 test) -> never department; people who change: 0";
        assert!(rows.iter().any(|row| row == said), "{rows:?}");
    });
}
