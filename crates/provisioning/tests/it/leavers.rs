//! Who leaves: licences, deletion and the way back, as plan text.

use insta::assert_snapshot;
use model::{
    Ts,
    application::OnUnassign,
    plan::{Action, Plan},
    user::UserState,
};
use provisioning::{
    guard::{self, GuardInput, Verdict},
    leaving::{Account, Why},
};

use crate::given::{DAY, Given, NOW, SPB, given, licence, object, user_id};

/// Erin left; her account is deleted after 90 days.
fn erin(days_ago: u32) -> Given {
    let given = given().person("erin").left(days_ago, &[SPB]).there(&[]).linked().shut();
    given.settings(|settings| settings.delete_days = Some(90))
}

/// Dan is blocked here and assigned; his licences go after 10 days and his account after 20.
fn dan(days_ago: u32) -> Given {
    let given = given().person("dan").assigned(&[SPB]).there(&[SPB]).linked().shut();
    given.blocked(days_ago).settings(|settings| {
        settings.blocked_licence_days = Some(10);
        settings.blocked_delete_days = Some(20);
    })
}

fn deletes(given: &Given) -> bool {
    given.steps().steps.iter().any(|step| step.action == Action::SoftDelete)
}

/// What becomes of the account of the one person.
fn account(given: &Given) -> Account {
    let (user, assignment) = &given.people[0];
    let link = given.observed.links.first();
    let leaving =
        provisioning::leaving::of(user, assignment.as_ref(), &given.settings, link, &given.past);
    leaving.unwrap().account
}

/// Y04
#[test]
fn an_account_is_deleted_on_its_day_and_not_before() {
    assert_snapshot!(erin(89).plan(), @"");
    assert_snapshot!(erin(90).plan(), @"- delete erin@contoso.com: unassigned on 2026-08-27; the account was kept until 2026-11-25 (there, may not sign in -> in Entra's bin for 30 days)");
    assert_eq!(account(&erin(10)), Account::DeletedAt(NOW + DAY * 80));
}

/// Y04
#[test]
fn without_a_policy_nobody_is_deleted() {
    let never = |given: Given| given.settings(|settings| settings.delete_days = None);
    assert!(!deletes(&never(erin(4000))));
    assert_eq!(account(&never(erin(4000))), Account::Stays(Why::Policy));
    let kept = erin(4000).settings(|settings| settings.on_unassign = OnUnassign::Keep);
    assert_snapshot!(kept.plan(), @"");
}

#[test]
fn what_somebody_is_blocked_for_has_its_own_days() {
    assert_snapshot!(dan(9).plan(), @"");
    assert_snapshot!(dan(10).plan(), @"- set licences dan@contoso.com: blocked in Gatehouse by an admin; the licences were kept until 2026-11-25 (SPB -> no licence)");
    let later = dan(20).with(|there| there.licences.clear());
    assert_snapshot!(later.plan(), @"- delete dan@contoso.com: blocked in Gatehouse by an admin; the account was kept until 2026-11-25 (there, may not sign in -> in Entra's bin for 30 days)");
    let never = dan(4000).settings(|settings| {
        (settings.blocked_licence_days, settings.blocked_delete_days) = (None, None);
    });
    assert_snapshot!(never.plan(), @"");
    let half = dan(4000).settings(|settings| settings.blocked_licence_days = None);
    assert_snapshot!(half.plan(), @"");
}

#[test]
fn of_two_reasons_to_go_the_earlier_day_counts() {
    let both = |unassigned, blocked| {
        let given = erin(unassigned).blocked(blocked);
        given.settings(|settings| {
            settings.blocked_licence_days = Some(5);
            settings.blocked_delete_days = Some(50);
        })
    };
    assert_eq!(account(&both(0, 20)), Account::DeletedAt(NOW + DAY * 30));
    assert_eq!(account(&both(80, 0)), Account::DeletedAt(NOW + DAY * 10));
}

/// Y16
#[test]
fn deleting_comes_after_everything_else() {
    let plan = erin(90)
        .with(|there| there.licences.push(licence(SPB)))
        .person("amy")
        .assigned(&[])
        .person("gil")
        .left(0, &[SPB])
        .there(&[SPB])
        .linked()
        .plan();
    assert_snapshot!(plan, @r"
    ! block sign-in gil@contoso.com: unassigned on 2026-11-25 (may sign in -> may not sign in)
    ! revoke sessions gil@contoso.com: unassigned on 2026-11-25 (sessions live on -> sessions ended)
    - set licences erin@contoso.com: unassigned on 2026-08-27; the licences were kept until 2026-09-26 (SPB -> no licence)
    + create amy@contoso.com: assigned, and not in Entra yet (not there -> Amy, usage location US)
    - delete erin@contoso.com: unassigned on 2026-08-27; the account was kept until 2026-11-25 (there, may not sign in -> in Entra's bin for 30 days)
    ");
}

#[test]
fn whoever_could_sign_in_is_blocked_first_and_deleted_a_day_later() {
    let mut opened = erin(400).with(|there| there.account_enabled = true);
    assert_snapshot!(opened.plan(), @r"
    ! block sign-in erin@contoso.com: unassigned on 2025-10-21 (may sign in -> may not sign in)
    ! revoke sessions erin@contoso.com: unassigned on 2025-10-21 (sessions live on -> sessions ended)
    ");
    opened = opened.shut();
    opened.past.blocked_in_entra.insert(user_id("erin"), NOW);
    assert!(!deletes(&opened));
    opened.past.blocked_in_entra.insert(user_id("erin"), NOW - DAY);
    assert!(deletes(&opened));
}

#[test]
fn for_whoever_left_before_a_change_of_the_policy_all_its_days_begin_with_the_change() {
    let changed = |at| erin(400).settings(|settings| settings.deletion_changed_at = Some(at));
    assert_eq!(account(&changed(NOW)), Account::DeletedAt(NOW + DAY * 90));
    assert!(!deletes(&changed(NOW - DAY * 89)));
    assert!(deletes(&changed(NOW - DAY * 90)));
    let before = erin(40).settings(|settings| settings.deletion_changed_at = Some(Ts(0)));
    assert_eq!(account(&before), Account::DeletedAt(NOW + DAY * 50));
    let blocked = |days| {
        let at = Some(NOW - DAY * days);
        dan(400).settings(|settings| settings.licences_changed_at = at).plan()
    };
    assert_eq!(blocked(9), "");
    assert!(blocked(10).starts_with("- set licences"));
    let unassigned = |days| {
        let at = Some(NOW - DAY * days);
        let licensed = erin(80).with(|there| there.licences.push(licence(SPB)));
        licensed.settings(|settings| settings.licences_changed_at = at).plan()
    };
    assert_eq!(unassigned(29), "");
    assert!(unassigned(30).starts_with("- set licences"));
}

#[test]
fn who_was_restored_in_entra_is_safe_from_a_later_change_of_the_policy_too() {
    let mut restored = erin(95);
    restored.past.deleted.insert(user_id("erin"), NOW - DAY * 95 + DAY);
    let changed = restored.settings(|settings| settings.deletion_changed_at = Some(NOW - DAY * 91));
    assert_eq!(account(&changed), Account::Stays(Why::RestoredInEntra(NOW - DAY * 94)));
}

#[test]
fn a_hold_keeps_licences_and_account_and_opens_nothing() {
    let held = |lifted| {
        let given = given().person("erin").left(400, &[SPB]).there(&[SPB]).linked().held(lifted);
        given.settings(|settings| settings.delete_days = Some(90))
    };
    assert_snapshot!(held(None).plan(), @r"
    ! block sign-in erin@contoso.com: unassigned on 2025-10-21 (may sign in -> may not sign in)
    ! revoke sessions erin@contoso.com: unassigned on 2025-10-21 (sessions live on -> sessions ended)
    ");
    assert_eq!(account(&held(None)), Account::Stays(Why::Held));
    assert_snapshot!(held(Some(0)).shut().plan(), @"");
    let after = held(Some(1)).shut().plan();
    assert_eq!(after.lines().map(|line| &line[..8]).collect::<Vec<_>>(), ["- set li", "- delete"]);
}

/// Y07, Y09
#[test]
fn what_is_not_ours_or_not_to_be_touched_is_not_deleted() {
    assert!(deletes(&erin(90)));
    assert!(!deletes(&erin(90).found()));
    assert_eq!(account(&erin(90).found()), Account::Stays(Why::NotOurs));
    assert!(!deletes(&erin(90).with(|there| there.protected = true)));
    assert!(!deletes(&erin(90).with(|there| there.guest = true)));
    assert!(!deletes(&erin(90).with(|there| there.synced_from_elsewhere = true)));
    let mut unlinked = erin(90);
    unlinked.observed.links.clear();
    assert!(!deletes(&unlinked));
}

#[test]
fn what_was_changed_in_entra_is_left_and_said() {
    let renamed = erin(90).with(|there| there.upn = "info@contoso.com".to_owned());
    assert_snapshot!(renamed.plan(), @"? erin@contoso.com: is called info@contoso.com in Entra and never was here; give both the same sign-in name, so the account isn't deleted");
    let lost = erin(90).with(|there| there.immutable_id = None);
    assert!(!deletes(&lost));
    let other = erin(90).with(|there| there.immutable_id = Some("other".to_owned()));
    assert!(!deletes(&other));
}

#[test]
fn nobody_is_deleted_twice_for_one_leaving() {
    let mut restored = erin(95);
    restored.past.deleted.insert(user_id("erin"), NOW - DAY * 5);
    assert!(!deletes(&restored), "somebody restored her in Entra");
    let at = NOW - DAY * 5;
    assert_eq!(account(&restored), Account::Stays(Why::RestoredInEntra(at)));
    restored.past.deleted.insert(user_id("erin"), NOW - DAY * 200);
    assert!(deletes(&restored), "she came back and left anew");
}

#[test]
fn whoever_is_in_the_bin_and_left_needs_nothing() {
    let mut gone = given().person("erin").left(95, &[SPB]).linked().in_bin(5);
    assert_snapshot!(gone.plan(), @"");
    let there = &mut gone.observed.bin[0].user;
    (there.account_enabled, there.licences) = (true, vec![licence(SPB)]);
    assert_snapshot!(gone.plan(), @"");
}

#[test]
fn whoever_comes_back_is_restored_then_let_in_and_licensed() {
    let back = given().person("erin").assigned(&[SPB]).linked().in_bin(5);
    assert_snapshot!(back.plan(), @r"
    + restore erin@contoso.com: assigned, and the account was deleted (in Entra's bin since 2026-11-20 -> there)
    ~ unblock sign-in erin@contoso.com: assigned again (may not sign in -> may sign in)
    ~ set licences erin@contoso.com: by the assignment (no licence -> SPB)
    ");
    let unlinked = given().person("erin").assigned(&[]).in_bin(5);
    assert_snapshot!(unlinked.plan(), @r"
    + restore erin@contoso.com: assigned, and the account was deleted (in Entra's bin since 2026-11-20 -> there)
    + link erin@contoso.com: the object carries this person's immutable id (not linked -> linked to 00000000-003d-ba13-0000-000000000000)
    ? erin@contoso.com: sign-in was blocked in Entra and not by Gatehouse; whoever blocked it unblocks it there
    ");
}

#[test]
fn after_the_bin_is_emptied_a_new_object_is_made_with_the_old_immutable_id() {
    let gone = given().person("erin").assigned(&[]).linked();
    let Plan { steps, .. } = gone.steps();
    let [step] = steps.as_slice() else { panic!("{steps:?}") };
    let Action::Create { immutable_id, .. } = &step.action else { panic!("{step:?}") };
    assert_eq!(immutable_id, "id-erin");
}

/// Y20
#[test]
fn a_restore_that_cannot_work_is_parked_with_its_fix() {
    let mut namesake = object("erin");
    (namesake.id, namesake.immutable_id) = (object("other").id, None);
    let taken = given().person("erin").assigned(&[SPB]).linked().in_bin(5).object(namesake);
    assert_snapshot!(taken.plan(), @"? erin@contoso.com: their account is in Entra's bin until 2026-12-20 and can't be restored, because another one has the name erin@contoso.com: rename or delete that one in Entra");
    let mut admin = given().person("erin").assigned(&[]).linked().in_bin(5);
    admin.observed.bin[0].user.synced_from_elsewhere = true;
    assert_snapshot!(admin.plan(), @"? erin@contoso.com: is kept by another synchronisation; change it at its source");
    let mut theirs = given().person("erin").assigned(&[]).in_bin(5).person("eve").linked();
    theirs.observed.links[0].object_id = object("erin").id;
    assert_eq!(theirs.steps().steps, []);
}

/// Y01
#[test]
fn the_guard_counts_deletions_and_an_act_on_one_person_approves_none() {
    let mut given = given().settings(|settings| settings.delete_days = Some(90));
    for name in ["amy", "bob", "cid", "dan", "eve", "fay"] {
        given = given.person(name).left(90, &[]).there(&[]).linked().shut();
    }
    let plan = given.steps();
    assert_eq!(guard::destructive_people(&plan), 6);
    let everyone = GuardInput {
        managed: 20,
        already_destructive_24h: 0,
        scope: model::plan::Scope::Everyone,
        wanted: 14,
        wanted_before: None,
    };
    assert!(matches!(guard::judge(&plan, &everyone), Verdict::NeedsApproval { .. }));
    let alone = Plan { steps: plan.steps[..1].to_vec(), ..Plan::default() };
    assert_eq!(guard::judge(&alone, &everyone), Verdict::Go);
    let scope = model::plan::Scope::Person(user_id("amy"));
    let busy_day = GuardInput { scope, already_destructive_24h: 5, ..everyone };
    assert!(matches!(guard::judge(&alone, &busy_day), Verdict::NeedsApproval { .. }));
}

#[test]
fn somebody_who_is_gone_from_gatehouse_follows_the_assignment_alone() {
    let gone = erin(90).but(|erin| erin.state = UserState::Deleted);
    assert!(deletes(&gone));
    let assigned = dan(400).but(|dan| dan.state = UserState::Deleted);
    assert!(!deletes(&assigned));
}
