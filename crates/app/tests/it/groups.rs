//! Groups: who is assigned through them, now and later, and what taking it from many needs.

use std::time::Duration;

use app::{Admin, Kind, assign::Tally, visitor::Secret};
use model::{
    Role,
    application::Licence,
    audit::AuditKind,
    ids::{GroupId, UserId},
    pending_request::Purpose,
    plan::RunState,
    policy::Target,
};
use store::audit_log::{self, AuditFilter};

use crate::{
    policy::{office_only, publish},
    support::{Bench, QUERY, both, visitor},
};

/// A product of the sample's tenant, with all its parts.
async fn product(bench: &Bench, part_number: &'static str) -> app::Result<Licence> {
    let tenant = bench.tenant;
    let read = bench.store.read(move |tx| store::subscribed_skus::of_tenant(tx, tenant));
    let sku = read.await?.into_iter().find(|sku| sku.sku_part_number == part_number);
    let sku = sku.ok_or_else(|| app::Error::not_found("product"))?;
    Ok(Licence { sku_id: sku.sku_id, disabled_plans: Vec::new() })
}

/// A group of these people that is assigned to *Office 365* with Exchange.
pub(crate) async fn assigned_group(
    bench: &Bench,
    admin: &Admin,
    people: &[&str],
) -> app::Result<GroupId> {
    let (house, from) = (&bench.house, visitor("198.51.100.9"));
    let id = house.create_group(admin, "Road", &from).await?;
    let addresses: Vec<String> = people.iter().map(|name| format!("{name}@contoso.com")).collect();
    house.add_members(admin, id, &addresses.join("\r\n"), &from).await?;
    let licences = vec![product(bench, "EXCHANGESTANDARD").await?];
    house.assign_group(admin, id, bench.application, licences, &from).await?;
    Ok(id)
}

/// What somebody's assignment gives them; `None` when they are not assigned.
async fn products(bench: &Bench, name: &str) -> app::Result<Option<usize>> {
    let (user, application) = (bench.user_id(name).await, bench.application);
    let read = bench.store.read(move |tx| store::assignments::active(tx, user, application));
    Ok(read.await?.map(|assignment| assignment.licences.len()))
}

fn enabled(bench: &Bench, name: &str) -> Option<bool> {
    let upn = format!("{name}@contoso.com");
    bench.simulator.tenant().user(&upn)?.properties["accountEnabled"].as_bool()
}

#[test]
fn everybody_in_an_assigned_group_is_assigned_now_and_later() {
    both(|bench| async move {
        let (admin, from) = (bench.admin().await, visitor("198.51.100.9"));
        let id = assigned_group(&bench, &admin, &["bob"]).await.unwrap();
        bench.drain().await;
        let tenant = bench.simulator.tenant();
        assert_eq!(tenant.user("bob@contoso.com").map(|bob| bob.licenses.len()), Some(1));
        assert!(tenant.user("lena@contoso.com").is_none());

        let added = bench.house.add_members(&admin, id, "Lena@contoso.com, bob@contoso.com", &from);
        assert_eq!(added.await.unwrap(), 1, "Bob is in it already");
        bench.drain().await;
        assert_eq!(enabled(&bench, "lena"), Some(true));
        let bob = bench.user_id("bob").await;
        assert!(bench.house.remove_member(&admin, id, bob, &from).await.unwrap());
        assert!(!bench.house.remove_member(&admin, id, bob, &from).await.unwrap());
        bench.drain().await;
        assert_eq!((enabled(&bench, "bob"), enabled(&bench, "lena")), (Some(false), Some(true)));
        assert_eq!(products(&bench, "bob").await.unwrap(), None);

        let filter = AuditFilter {
            subject: Some("bob@contoso.com".to_owned()),
            limit: 9,
            ..AuditFilter::default()
        };
        let rows = bench.store.read(move |tx| audit_log::list(tx, &filter)).await.unwrap().rows;
        let told: Vec<_> = rows.iter().map(|row| (row.kind, row.detail.as_str())).collect();
        let through = "Office 365, by a change of the group Road";
        let expected = [
            (AuditKind::Unassigned, through),
            (AuditKind::GroupChanged, "- Road"),
            (AuditKind::Assigned, through),
            (AuditKind::GroupChanged, "+ Road"),
        ];
        for row in expected {
            assert!(told.contains(&row), "{row:?} in {told:?}");
        }
    });
}

#[test]
fn what_people_and_their_groups_were_given_adds_up() {
    both(|bench| async move {
        let (admin, from) = (bench.admin().await, visitor("198.51.100.9"));
        let id = assigned_group(&bench, &admin, &["alice"]).await.unwrap();
        assert_eq!(products(&bench, "alice").await.unwrap(), Some(2));
        let (alice, application) = (bench.user_id("alice").await, bench.application);
        bench.house.unassign(&admin, alice, application, &from).await.unwrap();
        assert_eq!(products(&bench, "alice").await.unwrap(), Some(1), "the group still gives it");
        bench.drain().await;
        assert_eq!(enabled(&bench, "alice"), Some(true), "nobody is blocked by that");
        let again = bench.house.unassign(&admin, alice, application, &from).await;
        let error = again.expect_err("not by herself");
        assert_eq!(error.kind, Kind::Conflict);
        assert!(error.public.contains("through the group Road"), "{}", error.public);
        let none = bench.house.unassign_group(&admin, id, application, &from).await.unwrap();
        assert_eq!(none, Tally { ended: 1, ..Tally::default() });
        assert_eq!(products(&bench, "alice").await.unwrap(), None);
        let gone = bench.house.unassign_group(&admin, id, application, &from).await;
        assert_eq!(gone.expect_err("no more").kind, Kind::Conflict);
    });
}

/// Y01
#[test]
fn taking_a_product_from_many_asks_first_too_and_nothing_older_does_it() {
    both(|bench| async move {
        let people = ["alice", "erin", "farid", "grace", "hiro", "ines", "jonas"];
        let (admin, from) = (bench.admin().await, visitor("198.51.100.9"));
        let id = assigned_group(&bench, &admin, &people).await.unwrap();
        for name in people {
            let user = bench.user_id(name).await;
            bench.house.unassign(&admin, user, bench.application, &from).await.unwrap();
        }
        bench.drain().await;
        let consumed = bench.simulator.tenant().consumed("EXCHANGESTANDARD");
        // More work waits for each of them when the product is taken.
        let premium = vec![
            product(&bench, "EXCHANGESTANDARD").await.unwrap(),
            product(&bench, "SPB").await.unwrap(),
        ];
        let admin = bench.admin().await;
        let more = bench.house.assign_group(&admin, id, bench.application, premium, &from).await;
        assert_eq!(more.unwrap(), Tally { assigned: people.len(), ..Tally::default() });
        let fewer =
            bench.house.assign_group(&admin, id, bench.application, Vec::new(), &from).await;
        let fewer = fewer.unwrap();
        assert_eq!(fewer, Tally { reduced: people.len(), ..Tally::default() });
        assert!(fewer.goes_by_plan());
        bench.drain().await;
        assert_eq!(bench.simulator.tenant().consumed("EXCHANGESTANDARD"), consumed, "not yet");
        let runs = bench.house.runs(&admin, bench.tenant).await.unwrap();
        assert_eq!(runs[0].run.state, RunState::NeedsApproval);
        bench.pass(Duration::from_mins(6));
        let late = bench.house.assign_group(&admin, id, bench.application, Vec::new(), &from).await;
        assert_eq!(late.expect_err("six minutes are too long").kind, Kind::StepUp);
    });
}

/// Asks for a token with a live session.
async fn gets_a_token(bench: &Bench, name: &str, session: &Secret) -> bool {
    let query = QUERY.replace("alice", name);
    let entered = bench.enter(&query, &visitor("203.0.113.8"), Some(session)).await;
    matches!(entered, app::issue::wsfed::Entered::Token(_))
}

/// Y01
#[test]
fn taking_it_from_many_closes_our_door_at_once_and_asks_before_the_tenant_follows() {
    both(|bench| async move {
        let people = ["alice", "erin", "farid", "grace", "hiro", "ines", "jonas"];
        let (admin, from) = (bench.admin().await, visitor("198.51.100.9"));
        let id = assigned_group(&bench, &admin, &people).await.unwrap();
        for name in people {
            let user = bench.user_id(name).await;
            bench.house.unassign(&admin, user, bench.application, &from).await.unwrap();
        }
        bench.drain().await;
        let (_, session) = bench.employee("erin", &visitor("203.0.113.8")).await;
        assert!(gets_a_token(&bench, "erin", &session).await);

        let admin = bench.admin().await;
        let tally = bench.house.unassign_group(&admin, id, bench.application, &from).await;
        assert_eq!(tally.unwrap().ended, people.len());
        assert!(!gets_a_token(&bench, "erin", &session).await, "our door is closed at once");
        bench.drain().await;
        for name in people {
            assert_eq!(enabled(&bench, name), Some(true), "{name}");
        }
        let runs = bench.house.runs(&admin, bench.tenant).await.unwrap();
        let run = runs.into_iter().map(|summary| summary.run).next().unwrap();
        assert_eq!(run.state, RunState::NeedsApproval, "{run:?}");
        let admin = bench.admin().await;
        bench.house.approve(&admin, run.id, &from).await.unwrap();
        for name in people {
            assert_eq!(enabled(&bench, name), Some(false), "{name}");
        }
        bench.pass(Duration::from_mins(6));
        let late = bench.house.unassign_group(&admin, id, bench.application, &from).await;
        assert_eq!(late.expect_err("six minutes are too long").kind, Kind::StepUp);
    });
}

pub(crate) async fn as_role(bench: &Bench, name: &str, role: Role) -> app::Result<Admin> {
    let (id, now) = (bench.user_id(name).await, bench.house.now());
    bench.store.write(move |tx| store::users::set_role(tx, id, Some(role), now)).await?;
    bench.next_code();
    let signed_in = bench.sign_in(name, Purpose::Console, &visitor("198.51.100.9")).await;
    let admin = bench.house.admin(&signed_in.token).await?;
    admin.ok_or_else(|| app::Error::not_found("session"))
}

/// R145
#[test]
fn a_group_that_a_rule_names_is_changed_by_whoever_may_change_the_rule() {
    both(|bench| async move {
        let (olivia, from) = (bench.admin().await, visitor("203.0.113.9"));
        let id = bench.house.create_group(&olivia, "Road", &from).await.unwrap();
        let grace = as_role(&bench, "grace", Role::UserAdmin).await.unwrap();
        let add = |who: Admin, people: &'static str| {
            let (house, from) = (bench.house.clone(), from.clone());
            async move { house.add_members(&who, id, people, &from).await.map_err(|e| e.kind) }
        };
        assert_eq!(add(grace.clone(), "bob@contoso.com").await, Ok(1));
        let mut rule = office_only(vec![Target::Portal]);
        rule.groups = vec![id];
        let olivia = bench.admin().await;
        publish(&bench.house, &olivia, &from, vec![rule]).await.unwrap();
        assert_eq!(add(grace.clone(), "erin@contoso.com").await, Err(Kind::Forbidden));
        let bob: UserId = bench.user_id("bob").await;
        let taken = bench.house.remove_member(&grace, id, bob, &from).await;
        assert_eq!(taken.expect_err("nor the other way").kind, Kind::Forbidden);
        assert_eq!(add(olivia.clone(), "erin@contoso.com").await, Ok(1));
        let named = bench.house.rename_group(&grace, id, "Staff", &from).await;
        assert_eq!(named.expect_err("rules are read by names").kind, Kind::Forbidden);
        let removed = bench.house.remove_group(&olivia, id, &from).await;
        let error = removed.expect_err("the rule would name nobody");
        assert!(error.public.contains("the rule \"Office only\""), "{}", error.public);
        bench.pass(Duration::from_mins(6));
        assert_eq!(add(olivia, "farid@contoso.com").await, Err(Kind::StepUp));
    });
}

#[test]
fn a_group_has_a_name_of_its_own_people_who_exist_and_stays_while_it_is_in_use() {
    both(|bench| async move {
        let (admin, from) = (bench.admin().await, visitor("198.51.100.9"));
        let id = assigned_group(&bench, &admin, &["bob"]).await.unwrap();
        for name in ["", "  ", "sales", " ROAD ", &"x".repeat(121), "a\u{202e}b"] {
            let made = bench.house.create_group(&admin, name, &from).await;
            assert_eq!(made.expect_err(name).kind, Kind::Invalid { field: "name" });
        }
        bench.house.rename_group(&admin, id, "ROAD", &from).await.unwrap();
        let taken = bench.house.rename_group(&admin, id, "Sales", &from).await;
        assert_eq!(taken.expect_err("taken").kind, Kind::Invalid { field: "name" });
        let some = "alice@contoso.com zed@contoso.com\nyan@contoso.com";
        for people in ["", " , ", some] {
            let added = bench.house.add_members(&admin, id, people, &from).await;
            assert_eq!(added.expect_err(people).kind, Kind::Invalid { field: "people" });
        }
        let seen = bench.house.group(&admin, id, 0).await.unwrap();
        assert_eq!((seen.group.name.as_str(), seen.members.total), ("ROAD", 1), "all or nobody");
        let used = bench.house.remove_group(&admin, id, &from).await;
        assert_eq!(used.expect_err("it is assigned").kind, Kind::Conflict);
        let auditor = as_role(&bench, "grace", Role::HelpDesk).await.unwrap();
        let made = bench.house.create_group(&auditor, "Mine", &from).await;
        assert_eq!(made.expect_err("not the help desk").kind, Kind::Forbidden);

        bench.house.unassign_group(&admin, id, bench.application, &from).await.unwrap();
        bench.house.remove_group(&admin, id, &from).await.unwrap();
        let gone = bench.house.group(&admin, id, 0).await;
        assert_eq!(gone.expect_err("gone").kind, Kind::NotFound);
        assert_eq!(products(&bench, "bob").await.unwrap(), None);
    });
}
