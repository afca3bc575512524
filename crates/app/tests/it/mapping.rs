//! What of a person reaches the tenant, by an admin's own rules (Y26, F071, F072).

use app::{
    Admin, Kind,
    mapping::{Draft, Review, Saving, There, Trial},
};
use model::{
    Actor, Role,
    attribute::Attribute,
    audit::AuditKind,
    detail::Detail,
    mapping::{Mode, Rule},
    plan::Scope,
};
use simulator::{Fault, Trouble};
use store::audit_log::{self, AuditFilter};

use crate::support::{Bench, both, visitor};

pub(crate) fn draft(attribute: Attribute, mode: Mode, expression: &str) -> Draft {
    let rule = Rule { mode, expression: expression.to_owned(), tests: Vec::new() };
    Draft { attribute, rule, test: None, confirmed: None }
}

pub(crate) async fn save(bench: &Bench, admin: &Admin, draft: Draft) -> app::Result<Saving> {
    let from = visitor("198.51.100.9");
    bench.house.save_mapping_rule(admin, bench.application, draft, &from).await
}

/// Saves it, whomever it changes.
pub(crate) async fn put(bench: &Bench, attribute: Attribute, mode: Mode, expression: &str) {
    let draft = Draft { confirmed: Some(999), ..draft(attribute, mode, expression) };
    let admin = bench.admin().await;
    assert!(matches!(save(bench, &admin, draft).await.unwrap(), Saving::Saved));
}

pub(crate) async fn sync(bench: &Bench) {
    bench.house.sync(bench.tenant, Scope::Everyone, Actor::Schedule).await.unwrap();
}

pub(crate) fn there(bench: &Bench, name: &str, property: &str) -> Option<String> {
    let tenant = bench.simulator.tenant();
    let user = tenant.user(&format!("{name}@contoso.com")).unwrap();
    user.text(property).map(str::to_owned)
}

fn writes(bench: &Bench) -> usize {
    let requests = bench.simulator.tenant().requests;
    requests.iter().filter(|call| call.path.starts_with("/v1.0") && call.method != "GET").count()
}

/// What is kept of a person.
async fn know(bench: &Bench, name: &str, detail: Detail, text: &'static str) {
    let id = bench.user_id(name).await;
    let change = move |tx: &mut store::Tx| {
        let mut user = store::users::by_id(tx, id)?.expect("there");
        user.profile.details.set(detail, text);
        store::users::update(tx, &user)
    };
    bench.store.write(change).await.unwrap();
}

/// Y26
#[test]
fn each_mode_writes_what_it_says_to_the_tenant() {
    both(|bench| async move {
        bench.drain().await;
        let id = "alice@contoso.com";
        bench.simulator.set(id, "officeLocation", "Room 8");
        for (name, office) in [("alice", "Room 1"), ("carol", "Room 2")] {
            know(&bench, name, Detail::OfficeLocation, office).await;
        }
        sync(&bench).await;
        assert_eq!(there(&bench, "carol", "officeLocation"), None, "never, as long as nobody asks");
        put(&bench, Attribute::OfficeLocation, Mode::WhenEmpty, "office_location").await;
        put(&bench, Attribute::Department, Mode::Always, "concat(department, \" team\")").await;
        put(&bench, Attribute::JobTitle, Mode::Never, "job_title").await;
        bench.simulator.set(id, "jobTitle", "By hand");
        sync(&bench).await;
        assert_eq!(there(&bench, "alice", "officeLocation").as_deref(), Some("Room 8"));
        assert_eq!(there(&bench, "carol", "officeLocation").as_deref(), Some("Room 2"));
        assert_eq!(there(&bench, "alice", "department").as_deref(), Some("Sales team"));
        assert_eq!(there(&bench, "alice", "jobTitle").as_deref(), Some("By hand"));
        put(&bench, Attribute::Department, Mode::Mirror, "\"\"").await;
        sync(&bench).await;
        assert_eq!(there(&bench, "alice", "department"), None, "emptied at Graph by null");
        let before = writes(&bench);
        sync(&bench).await;
        assert_eq!(writes(&bench), before, "nothing is written again");
    });
}

pub(crate) async fn asked(bench: &Bench, admin: &Admin, draft: Draft) -> Review {
    match save(bench, admin, draft).await.unwrap() {
        Saving::Asks(review) => review,
        Saving::Saved => panic!("saved without a word"),
    }
}

#[test]
fn whoever_changes_many_hears_how_many_before_it_is_saved() {
    both(|bench| async move {
        bench.drain().await;
        sync(&bench).await;
        let admin = bench.admin().await;
        let shout = draft(Attribute::Department, Mode::Always, "upper(department)");
        let review = asked(&bench, &admin, shout.clone()).await;
        assert!(review.people > 5 && review.examples.len() <= 10, "{review:?}");
        let alice = review.examples.iter().find(|it| it.upn == "alice@contoso.com").unwrap();
        assert_eq!((alice.now.as_deref(), alice.then.as_deref()), (Some("Sales"), Some("SALES")));
        let fewer = Draft { confirmed: Some(review.people - 1), ..shout.clone() };
        assert_eq!(asked(&bench, &admin, fewer).await.people, review.people);
        let kept = bench.house.mapping(&admin, bench.application).await.unwrap();
        assert!(kept.rules.iter().all(|rule| !rule.is_changed), "nothing was saved so far");
        let confirmed = Draft { confirmed: Some(review.people), ..shout };
        assert!(matches!(save(&bench, &admin, confirmed).await.unwrap(), Saving::Saved));
        let few = draft(
            Attribute::City,
            Mode::Always,
            "if(equal(upn, \"alice@contoso.com\"), \"Graz\", \"\")",
        );
        assert!(matches!(save(&bench, &admin, few).await.unwrap(), Saving::Saved));
        let filter = AuditFilter {
            kind: Some(AuditKind::ApplicationChanged),
            limit: 9,
            ..AuditFilter::default()
        };
        let rows = bench.store.read(move |tx| audit_log::list(tx, &filter)).await.unwrap().rows;
        let said: Vec<&str> = rows.iter().map(|row| row.detail.as_str()).collect();
        assert_eq!(said.len(), 2, "{said:?}");
        let shown = format!(
            "department: always department -> always upper(department); people who change: {}",
            review.people
        );
        assert!(said.contains(&shown.as_str()), "{said:?}");
    });
}

/// R144, R147
#[test]
fn a_rule_is_saved_by_a_security_admin_with_a_fresh_factor() {
    both(|bench| async move {
        let never = draft(Attribute::Department, Mode::Never, "department");
        let (id, now) = (bench.user_id("grace").await, bench.house.now());
        let role = Some(Role::UserAdmin);
        bench.store.write(move |tx| store::users::set_role(tx, id, role, now)).await.unwrap();
        bench.next_code();
        let purpose = model::pending_request::Purpose::Console;
        let grace = bench.sign_in("grace", purpose, &visitor("198.51.100.9")).await;
        let grace = bench.house.admin(&grace.token).await.unwrap().unwrap();
        let refused = save(&bench, &grace, never.clone()).await;
        assert_eq!(refused.expect_err("another role").kind, Kind::Forbidden);
        let olivia = bench.admin().await;
        bench.pass(std::time::Duration::from_mins(6));
        let refused = save(&bench, &olivia, never).await;
        assert_eq!(refused.expect_err("too old a factor").kind, Kind::StepUp);
    });
}

/// A rule that never writes can be saved while Microsoft is away: it is how data stops leaving.
#[test]
fn what_cannot_be_counted_is_not_saved_but_never_always_is() {
    both(|bench| async move {
        let admin = bench.admin().await;
        let away = || {
            let trouble = Trouble::Forbidden;
            bench.simulator.faults().inject(Fault::new(trouble).on("GET", "/v1.0/users").times(99));
        };
        away();
        let upper = draft(Attribute::Department, Mode::Always, "upper(department)");
        let refused = save(&bench, &admin, upper).await.expect_err("nobody was counted");
        assert!(matches!(refused.kind, Kind::Upstream | Kind::Unavailable), "{refused:?}");
        let never = draft(Attribute::Department, Mode::Never, "department");
        assert!(matches!(save(&bench, &admin, never).await.unwrap(), Saving::Saved));
    });
}

pub(crate) async fn tried(bench: &Bench, draft: &Draft, person: &str) -> app::Result<Trial> {
    let admin = bench.admin().await;
    bench.house.try_rule(&admin, bench.application, draft, person).await
}

/// F071
#[test]
fn a_rule_is_tried_on_a_person_with_what_is_there_now() {
    both(|bench| async move {
        bench.drain().await;
        let upper = draft(Attribute::Department, Mode::WhenEmpty, "upper(department)");
        let alice = tried(&bench, &upper, "alice@contoso.com").await.unwrap();
        assert_eq!((alice.there, alice.is_assigned), (There::Seen, true));
        let row = &alice.rows[0];
        assert_eq!((row.now.as_deref(), row.value.as_deref()), (Some("Sales"), Some("SALES")));
        assert_eq!((row.is_written, row.why.as_str()), (false, "Something is there, so it stays."));
        let bob = tried(&bench, &upper, "bob@contoso.com").await.unwrap();
        assert_eq!((bob.there, bob.is_assigned), (There::None, false));
        let wrong = draft(Attribute::Department, Mode::Always, "departmnt");
        let refused = tried(&bench, &wrong, "alice@contoso.com").await.expect_err("no such field");
        assert_eq!(refused.kind, Kind::Invalid { field: "expression" });
        assert!(refused.public.contains("Did you mean department?"), "{}", refused.public);
        let nobody = tried(&bench, &upper, "nobody@contoso.com").await.expect_err("nobody");
        assert_eq!(nobody.kind, Kind::Invalid { field: "person" });
        let admin = bench.admin().await;
        let all = bench.house.try_mapping(&admin, bench.application, "alice@contoso.com").await;
        assert_eq!(all.unwrap().rows.len(), Attribute::ALL.len());
    });
}

/// F071
#[test]
fn a_test_that_is_kept_refuses_a_later_change() {
    both(|bench| async move {
        bench.drain().await;
        let admin = bench.admin().await;
        let test = Some(("alice@contoso.com".to_owned(), "Sales".to_owned()));
        let kept = Draft { test, ..draft(Attribute::Department, Mode::Always, "department") };
        assert!(matches!(save(&bench, &admin, kept).await.unwrap(), Saving::Saved));
        let view = bench.house.mapping(&admin, bench.application).await.unwrap();
        let rule = view.rules.iter().find(|it| it.attribute == Attribute::Department).unwrap();
        assert_eq!(rule.rule.tests.len(), 1);
        let tests = rule.rule.tests.clone();
        let mut upper = draft(Attribute::Department, Mode::Always, "upper(department)");
        (upper.rule.tests, upper.confirmed) = (tests, Some(99));
        let refused = save(&bench, &admin, upper.clone()).await.expect_err("the test says no");
        assert_eq!(refused.kind, Kind::Invalid { field: "expression" });
        assert!(refused.public.contains("gives \"SALES\", and its test wants \"Sales\""));
        upper.rule.tests.clear();
        assert!(matches!(save(&bench, &admin, upper).await.unwrap(), Saving::Saved));
    });
}

/// F072
#[test]
fn a_pseudonym_is_the_same_each_time_and_says_nothing() {
    both(|bench| async move {
        bench.drain().await;
        know(&bench, "alice", Detail::EmployeeId, "4711").await;
        put(&bench, Attribute::EmployeeId, Mode::Always, "pseudonym(employee_id)").await;
        sync(&bench).await;
        let first = there(&bench, "alice", "employeeId").unwrap();
        assert!(first.len() == 16 && !first.contains("4711"), "{first}");
        bench.simulator.set("alice@contoso.com", "employeeId", serde_json::Value::Null);
        sync(&bench).await;
        assert_eq!(there(&bench, "alice", "employeeId"), Some(first));
        let admin = bench.admin().await;
        let view = bench.house.mapping(&admin, bench.application).await.unwrap();
        let rule = view.rules.iter().find(|it| it.attribute == Attribute::EmployeeId).unwrap();
        assert_eq!((rule.people, rule.fields.hidden.len(), rule.fields.plain.len()), (1, 1, 0));
    });
}

#[test]
fn a_group_that_a_rule_asks_for_keeps_its_name_and_stays() {
    both(|bench| async move {
        bench.drain().await;
        let (admin, from) = (bench.admin().await, visitor("198.51.100.9"));
        let rule = "if(member(\"Road\"), \"Outside\", \"Inside\")";
        let unknown = draft(Attribute::OfficeLocation, Mode::Always, rule);
        let refused = save(&bench, &admin, unknown).await.expect_err("no such group");
        assert!(refused.public.contains("There is no group Road"), "{}", refused.public);
        let id = bench.house.create_group(&admin, "Road", &from).await.unwrap();
        bench.house.add_members(&admin, id, "alice@contoso.com", &from).await.unwrap();
        put(&bench, Attribute::OfficeLocation, Mode::Always, rule).await;
        sync(&bench).await;
        assert_eq!(there(&bench, "alice", "officeLocation").as_deref(), Some("Outside"));
        assert_eq!(there(&bench, "carol", "officeLocation").as_deref(), Some("Inside"));
        let admin = bench.admin().await;
        let renamed = bench.house.rename_group(&admin, id, "Street", &from).await;
        assert!(renamed.expect_err("the rule knows it").public.contains("attribute mapping"));
        let removed = bench.house.remove_group(&admin, id, &from).await;
        assert_eq!(removed.expect_err("the rule knows it").kind, Kind::Conflict);
        put(&bench, Attribute::OfficeLocation, Mode::Never, rule).await;
        bench.house.rename_group(&admin, id, "Street", &from).await.unwrap();
    });
}

/// Y26
#[test]
fn a_value_that_somebody_keeps_changing_there_is_theirs_after_three_rounds() {
    both(|bench| async move {
        bench.drain().await;
        let by_hand = || bench.simulator.set("alice@contoso.com", "jobTitle", "By hand");
        for _ in 0..3 {
            by_hand();
            bench.pass(std::time::Duration::from_hours(5));
            sync(&bench).await;
            assert_ne!(there(&bench, "alice", "jobTitle").as_deref(), Some("By hand"));
        }
        by_hand();
        bench.pass(std::time::Duration::from_hours(5));
        sync(&bench).await;
        assert_eq!(there(&bench, "alice", "jobTitle").as_deref(), Some("By hand"));
        let admin = bench.admin().await;
        let newest = bench.house.runs(&admin, bench.tenant).await.unwrap().remove(0).run;
        let said: Vec<&str> = newest.conflicts.iter().map(|it| it.reason.as_str()).collect();
        assert!(said.iter().any(|why| why.contains("again and again")), "{said:?}");
        put(&bench, Attribute::JobTitle, Mode::Always, "upper(job_title)").await;
        sync(&bench).await;
        assert_eq!(there(&bench, "alice", "jobTitle").as_deref(), Some("ACCOUNT MANAGER"));
        put(&bench, Attribute::JobTitle, Mode::Always, "job_title").await;
        bench.pass(std::time::Duration::from_hours(8 * 24));
        by_hand();
        sync(&bench).await;
        assert_eq!(there(&bench, "alice", "jobTitle").as_deref(), Some("Account manager"));
    });
}
