//! Groups that a program brings.

use app::policy::RuleWish;
use app::programs::{Caller, FindGroup, GroupWish, MemberChange, OwnGroup, Trouble};
use model::{
    Actor,
    audit::AuditKind,
    ids::{GroupId, UserId},
    policy::Target,
};
use store::groups;

use super::{A_MOMENT, FROM, about, brought, hr, remove};
use crate::{
    groups::assigned_group,
    policy::{office_only, publish},
    support::{Bench, both, visitor},
};

fn wish(name: &str, members: Vec<MemberChange>) -> GroupWish {
    GroupWish { name: name.to_owned(), external_id: None, members }
}

async fn bring(bench: &Bench, caller: &Caller, wish: GroupWish) -> Result<OwnGroup, Trouble> {
    bench.pass(A_MOMENT);
    bench.house.bring_group(caller, wish, &visitor(FROM)).await
}

async fn move_members(
    bench: &Bench,
    caller: &Caller,
    id: GroupId,
    members: Vec<MemberChange>,
) -> Result<OwnGroup, Trouble> {
    bench.pass(A_MOMENT);
    let anew = move |group: &OwnGroup| Ok(wish(&group.group.name, members));
    bench.house.change_brought_group(caller, id, anew, &visitor(FROM)).await
}

async fn members(bench: &Bench, id: GroupId) -> Vec<UserId> {
    bench.store.read(move |tx| groups::members(tx, id)).await.unwrap()
}

#[test]
fn a_group_that_is_here_is_neither_taken_over_nor_seen() {
    both(|bench| async move {
        let admin = bench.admin().await;
        let road = assigned_group(&bench, &admin, &["bob"]).await.unwrap();
        let caller = hr(&bench).await;
        let anna = brought(&bench, &caller, "anna").await;
        let taken = bring(&bench, &caller, wish("ROAD", vec![])).await.unwrap_err();
        assert!(matches!(taken, Trouble::Taken(_)));
        let add = vec![MemberChange::Add(vec![anna])];
        let trouble = move_members(&bench, &caller, road, add).await.unwrap_err();
        assert!(matches!(trouble, Trouble::NotThere));
        let trouble = bench.house.remove_brought_group(&caller, road, &visitor(FROM)).await;
        assert!(matches!(trouble.unwrap_err(), Trouble::NotThere));
        for find in [FindGroup::All, FindGroup::Id(road), FindGroup::Name("Road".to_owned())] {
            let found = bench.house.brought_groups(&caller, find, (10, 0), true).await.unwrap();
            assert_eq!(found.rows, []);
        }
        assert_eq!(members(&bench, road).await, [bench.user_id("bob").await]);
    });
}

#[test]
fn a_program_puts_its_own_people_into_its_groups_and_nobody_else() {
    both(|bench| async move {
        let (admin, from) = (bench.admin().await, visitor("198.51.100.9"));
        let caller = hr(&bench).await;
        let (anna, berta) =
            (brought(&bench, &caller, "anna").await, brought(&bench, &caller, "berta").await);
        let (alice, bob) = (bench.user_id("alice").await, bench.user_id("bob").await);
        let add = |ids: Vec<UserId>| vec![MemberChange::Add(ids)];
        let wrong = bring(&bench, &caller, wish("Branch", add(vec![anna, alice]))).await;
        assert!(matches!(wrong.unwrap_err(), Trouble::Wrong(_)));
        let sales = bring(&bench, &caller, wish("Branch", add(vec![anna]))).await.unwrap().group.id;
        let row = about(&bench, "Branch").await.pop().unwrap();
        let program = Actor::Program(caller.program().id);
        assert_eq!((row.kind, row.actor), (AuditKind::GroupCreated, program));
        let row = about(&bench, "anna@contoso.com").await.swap_remove(0);
        assert_eq!(
            (row.kind, row.actor, row.detail.as_str()),
            (AuditKind::GroupChanged, program, "+ Branch")
        );

        // Whom an admin put into it is neither seen nor taken out.
        bench.house.add_members(&admin, sales, "bob@contoso.com", &from).await.unwrap();
        let find = FindGroup::Id(sales);
        let found = bench.house.brought_groups(&caller, find.clone(), (1, 0), true).await.unwrap();
        assert_eq!(found.rows[0].members.as_deref(), Some(&[anna][..]));
        let found = bench.house.brought_groups(&caller, find, (1, 0), false).await.unwrap();
        assert_eq!(found.rows[0].members, None);
        let set = vec![MemberChange::Set(vec![berta]), MemberChange::Remove(vec![bob, alice])];
        move_members(&bench, &caller, sales, set).await.unwrap();
        let mut both_of_them = [bob, berta];
        both_of_them.sort_unstable();
        assert_eq!(members(&bench, sales).await, both_of_them);
        // Somebody whom it let go is not its own any more.
        remove(&bench, &caller, anna).await.unwrap();
        let trouble = move_members(&bench, &caller, sales, add(vec![anna])).await.unwrap_err();
        assert!(matches!(trouble, Trouble::Wrong(_)));
    });
}

#[test]
fn what_an_admin_gave_a_programs_group_follows_its_members() {
    both(|bench| async move {
        let (admin, from) = (bench.admin().await, visitor("198.51.100.9"));
        let caller = hr(&bench).await;
        let anna = brought(&bench, &caller, "anna").await;
        let sales = bring(&bench, &caller, wish("Branch", vec![])).await.unwrap().group.id;
        let application = bench.application;
        bench.house.assign_group(&admin, sales, application, vec![], &from).await.unwrap();
        let is_assigned =
            || bench.store.read(move |tx| store::assignments::active(tx, anna, application));
        move_members(&bench, &caller, sales, vec![MemberChange::Add(vec![anna])]).await.unwrap();
        assert!(is_assigned().await.unwrap().is_some());
        bench.drain().await;
        assert!(bench.simulator.tenant().user("anna@contoso.com").is_some());
        // Removing the group takes its people out; the group stays, since an admin assigned it.
        bench.house.remove_brought_group(&caller, sales, &visitor(FROM)).await.unwrap();
        assert!(is_assigned().await.unwrap().is_none());
        assert_eq!(members(&bench, sales).await, []);
        assert_eq!(about(&bench, "Branch").await[0].kind, AuditKind::ProgramLetGo);
        let back = bring(&bench, &caller, wish("Branch", vec![])).await.unwrap();
        assert_eq!(back.group.id, sales);
        let row = &about(&bench, "Branch").await[0];
        assert_eq!((row.kind, row.detail.as_str()), (AuditKind::GroupChanged, "brought again"));
        // One that is given nothing and has nobody else in it is gone.
        let empty = bring(&bench, &caller, wish("Empty", vec![])).await.unwrap().group.id;
        bench.house.remove_brought_group(&caller, empty, &visitor(FROM)).await.unwrap();
        let gone = bench.store.read(move |tx| groups::by_id(tx, empty)).await.unwrap();
        assert_eq!(gone, None);
    });
}

/// Y01
#[test]
fn an_empty_list_of_members_is_counted_like_so_many_blocks() {
    both(|bench| async move {
        let caller = hr(&bench).await;
        let mut ids = Vec::new();
        for number in 0..6 {
            ids.push(brought(&bench, &caller, &format!("p{number}")).await);
        }
        let all = vec![MemberChange::Add(ids.clone())];
        let sales = bring(&bench, &caller, wish("Branch", all)).await.unwrap().group.id;
        let none = || vec![MemberChange::Set(vec![])];
        let held = move_members(&bench, &caller, sales, none()).await.unwrap_err();
        assert!(matches!(held, Trouble::Held(_)), "{held:?}");
        let held = bench.house.remove_brought_group(&caller, sales, &visitor(FROM)).await;
        assert!(matches!(held.unwrap_err(), Trouble::Held(_)));
        assert_eq!(members(&bench, sales).await.len(), 6);
        // Somebody who is taken out and put back in one go loses nothing.
        let round = vec![MemberChange::Set(vec![]), MemberChange::Add(ids)];
        move_members(&bench, &caller, sales, round).await.unwrap();
        let held = remove(&bench, &caller, members(&bench, sales).await[0]).await.unwrap_err();
        assert!(matches!(held, Trouble::Held(_)), "people and groups are counted together");
    });
}

#[test]
fn what_an_admin_removed_leaves_its_external_id_free() {
    both(|bench| async move {
        let (admin, from) = (bench.admin().await, visitor("198.51.100.9"));
        let caller = hr(&bench).await;
        let known = || GroupWish { external_id: Some("g-1".to_owned()), ..wish("Branch", vec![]) };
        let first = bring(&bench, &caller, known()).await.unwrap().group.id;
        let view = bench.house.program(&admin, caller.program().id).await.unwrap();
        assert_eq!(view.program.last.unwrap().1, "created the group Branch");
        bench.house.remove_group(&admin, first, &from).await.unwrap();
        let again = bring(&bench, &caller, known()).await.unwrap();
        assert_ne!(again.group.id, first);
        assert_eq!(again.external_id.as_deref(), Some("g-1"));
    });
}

/// R145
#[test]
fn a_group_that_a_rule_names_and_a_member_with_a_role_are_out_of_reach() {
    both(|bench| async move {
        let caller = hr(&bench).await;
        let (anna, berta) =
            (brought(&bench, &caller, "anna").await, brought(&bench, &caller, "berta").await);
        let add = |id: UserId| vec![MemberChange::Add(vec![id])];
        let sales = bring(&bench, &caller, wish("Branch", add(anna))).await.unwrap().group.id;
        let now = bench.house.now();
        let role = Some(model::Role::HelpDesk);
        bench.store.write(move |tx| store::users::set_role(tx, anna, role, now)).await.unwrap();
        let out = vec![MemberChange::Remove(vec![anna])];
        let closed = move_members(&bench, &caller, sales, out).await.unwrap_err();
        assert!(matches!(closed, Trouble::Closed(_)), "{closed:?}");
        let admin = bench.admin().await;
        let denying = RuleWish { groups: vec![sales], ..office_only(vec![Target::Portal]) };
        publish(&bench.house, &admin, &visitor("198.51.100.9"), vec![denying]).await.unwrap();
        let closed = move_members(&bench, &caller, sales, add(berta)).await.unwrap_err();
        assert!(matches!(closed, Trouble::Closed(_)), "{closed:?}");
        let rename = |_: &OwnGroup| Ok(wish("Selling", vec![]));
        let closed = bench.house.change_brought_group(&caller, sales, rename, &visitor(FROM)).await;
        assert!(matches!(closed.unwrap_err(), Trouble::Closed(_)));
    });
}
