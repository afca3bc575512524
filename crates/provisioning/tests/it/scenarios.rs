//! Data in, plan text out.

use insta::assert_snapshot;
use model::{
    application::{Licence, OnUnassign},
    attribute::Attribute,
    ids::ServicePlanId,
    plan::{Action, Scope},
    user::UserState,
};
use provisioning::guard::{self, GuardInput, Verdict};
use uuid::Uuid;

use crate::given::{EXO, SPB, TEAMS, given, licence, object, user_id};

#[test]
fn a_newly_assigned_person_is_created_and_licensed() {
    let plan = given().person("bob").assigned(&[SPB]).plan();
    assert_snapshot!(plan, @r"
    + create bob@contoso.com: assigned, and not in Entra yet (not there -> Bob, usage location US)
    ~ set licences bob@contoso.com: by the assignment (no licence -> SPB)
    ");
}

#[test]
fn a_person_who_is_in_step_needs_nothing() {
    let plan = given().person("alice").assigned(&[SPB]).there(&[SPB]).linked().plan();
    assert_snapshot!(plan, @"");
}

#[test]
fn a_person_found_by_immutable_id_is_linked_and_brought_in_step() {
    let given = given().person("alice").assigned(&[SPB]).there(&[]).with(|there| {
        there.usage_location = None;
        there.attributes.set(Attribute::DisplayName, Some("Alice Old".to_owned()));
        there.attributes.set(Attribute::JobTitle, Some("Buyer".to_owned()));
    });
    assert_snapshot!(given.but(|alice| alice.profile.department = Some("Sales".to_owned())).plan(), @r"
    + link alice@contoso.com: the object carries this person's immutable id (not linked -> linked to 00000000-073e-6f1f-0000-000000000000)
    ~ set usage location alice@contoso.com: licences need one, and the person has no country (none -> US)
    ~ set licences alice@contoso.com: by the assignment (no licence -> SPB)
    ~ update alice@contoso.com: differs from Gatehouse (name: Alice Old, department: none -> name: Alice, department: Sales)
    ");
}

/// Y26
#[test]
fn an_attribute_that_we_do_not_know_is_left_as_it_is() {
    let given = given().person("alice").assigned(&[]).there(&[]).linked().with(|there| {
        there.attributes.set(Attribute::JobTitle, Some("Buyer".to_owned()));
    });
    assert_snapshot!(given.plan(), @"");
}

/// Y04
#[test]
fn an_unassigned_person_is_blocked_then_signed_out_and_keeps_the_licence() {
    let plan = given().person("erin").left(0, &[SPB]).there(&[SPB]).linked().plan();
    assert_snapshot!(plan, @r"
    ! block sign-in erin@contoso.com: unassigned on 2026-11-25 (may sign in -> may not sign in)
    ! revoke sessions erin@contoso.com: unassigned on 2026-11-25 (sessions live on -> sessions ended)
    ");
}

/// Y04
#[test]
fn after_the_grace_time_the_licence_goes_and_only_ours() {
    let blocked = |days| {
        let given = given().person("bob").assigned(&[SPB]).there(&[SPB]).linked();
        given.person("erin").left(days, &[SPB]).there(&[SPB, EXO]).linked().with(|there| {
            there.account_enabled = false;
        })
    };
    assert_snapshot!(blocked(29).plan(), @"");
    assert_snapshot!(blocked(30).plan(), @"- set licences erin@contoso.com: unassigned on 2026-10-26; the licences were kept until 2026-11-25 (EXCHANGESTANDARD, SPB -> EXCHANGESTANDARD)");
}

/// Y16
#[test]
fn blocks_come_before_revocations_and_those_before_everything_else() {
    let plan = given()
        .person("amy")
        .assigned(&[SPB])
        .person("dan")
        .but(|dan| dan.state = UserState::Blocked)
        .assigned(&[SPB])
        .there(&[])
        .linked()
        .person("erin")
        .left(1, &[SPB])
        .there(&[SPB])
        .linked()
        .person("gil")
        .but(|gil| gil.state = UserState::Deleted)
        .assigned(&[])
        .there(&[])
        .linked()
        .plan();
    assert_snapshot!(plan, @r"
    ! block sign-in dan@contoso.com: blocked in Gatehouse by an admin (may sign in -> may not sign in)
    ! block sign-in erin@contoso.com: unassigned on 2026-11-24 (may sign in -> may not sign in)
    ! block sign-in gil@contoso.com: no longer in Gatehouse (may sign in -> may not sign in)
    ! revoke sessions dan@contoso.com: blocked in Gatehouse by an admin (sessions live on -> sessions ended)
    ! revoke sessions erin@contoso.com: unassigned on 2026-11-24 (sessions live on -> sessions ended)
    ! revoke sessions gil@contoso.com: no longer in Gatehouse (sessions live on -> sessions ended)
    + create amy@contoso.com: assigned, and not in Entra yet (not there -> Amy, usage location US)
    ~ set licences amy@contoso.com: by the assignment (no licence -> SPB)
    ");
}

/// R084
#[test]
fn whoever_is_called_otherwise_here_is_renamed_there() {
    let erin = || given().person("erin").assigned(&[SPB]).there(&[SPB]).linked();
    assert_snapshot!(erin().formerly("erin.single").plan(), @"~ rename erin@contoso.com: has another sign-in name here (erin.single@contoso.com -> erin@contoso.com)");
    let left = given().person("erin").left(0, &[SPB]).there(&[SPB]).linked().formerly("old");
    assert_eq!(left.steps().steps.len(), 2, "a leaver is blocked under whatever name");
    let taken = erin().formerly("erin.single").object(namesake());
    assert_snapshot!(taken.plan(), @"? erin@contoso.com: Erin@contoso.com is the sign-in name of another account in Entra (Otto), so theirs keeps the name from before until that one is called otherwise; if both swap names, give one of them a third name in between");
    let found = given().person("erin").assigned(&[SPB]).there(&[SPB]).formerly("erin.single");
    assert_snapshot!(found.plan(), @r"
    + link erin@contoso.com: the object carries this person's immutable id (not linked -> linked to 00000000-003d-ba13-0000-000000000000)
    ~ rename erin@contoso.com: has another sign-in name here (erin.single@contoso.com -> erin@contoso.com)
    ");
}

/// Somebody else's object with erin's new name.
fn namesake() -> model::entra::EntraUser {
    let mut other = object("otto");
    other.upn = "Erin@contoso.com".to_owned();
    other
}

/// Y01
#[test]
fn many_new_names_wait_for_an_admin() {
    let renamed = (0..11).fold(given(), |given, n| {
        given.person(&format!("p{n}")).assigned(&[]).there(&[]).linked().formerly(&format!("q{n}"))
    });
    let plan = renamed.steps();
    let input = GuardInput {
        managed: 100,
        already_destructive_24h: 0,
        scope: Scope::Everyone,
        wanted: 100,
        wanted_before: None,
    };
    assert!(matches!(guard::judge(&plan, &input), Verdict::NeedsApproval { .. }));
}

#[test]
fn a_leaver_with_a_new_name_in_entra_is_blocked_all_the_same() {
    let renamed = given().person("erin").left(0, &[]).there(&[]).linked().with(|there| {
        there.upn = "erin.married@contoso.com".to_owned();
    });
    assert_eq!(renamed.steps().steps.len(), 2);
    let assigned = renamed.assigned(&[SPB]);
    assert_snapshot!(assigned.plan(), @"? erin@contoso.com: is called erin.married@contoso.com in Entra and never was here; give both the same sign-in name");
}

#[test]
fn a_failed_revocation_is_planned_again() {
    let mut given = given().person("erin").left(0, &[]).there(&[]).linked();
    given = given.with(|there| there.account_enabled = false);
    assert_snapshot!(given.plan(), @"");
    given.observed.revoke_again.insert(user_id("erin"));
    assert_snapshot!(given.plan(), @"! revoke sessions erin@contoso.com: unassigned on 2026-11-25 (sessions live on -> sessions ended)");
}

/// R129
#[test]
fn sessions_that_an_admin_wants_ended_end_once_whoever_it_is() {
    const ENDED: &str = "their sessions were asked to end (sessions live on -> sessions ended)";
    let mut stays = given().person("erin").assigned(&[SPB]).there(&[SPB]).linked();
    stays.observed.revoke_asked.insert(user_id("erin"));
    let wanted = format!("! revoke sessions erin@contoso.com: {ENDED}");
    assert_eq!(stays.plan().trim(), wanted);
    let mut left = given().person("erin").left(0, &[]).there(&[]).linked();
    left.observed.revoke_asked.insert(user_id("erin"));
    left.observed.revoke_again.insert(user_id("erin"));
    let plan = left.plan();
    assert!(plan.contains(&wanted) && plan.matches("revoke sessions").count() == 1, "{plan}");
    // A block of many that waits for its approval does not slip through with the wish.
    let mut waits = given().person("erin").left(0, &[]).there(&[SPB]).linked();
    waits.observed.revoke_asked.insert(user_id("erin"));
    assert!(waits.plan().contains("block"), "{}", waits.plan());
    waits.observed.revoke_alone = true;
    assert_eq!(waits.plan().trim(), wanted);
    let mut admin = given().person("erin").assigned(&[SPB]).there(&[SPB]).linked();
    admin = admin.with(|there| there.protected = true);
    admin.observed.revoke_asked.insert(user_id("erin"));
    assert!(!admin.plan().contains("revoke"), "{}", admin.plan());
}

#[test]
fn where_the_application_says_keep_a_leaver_is_left_alone() {
    let given = given().settings(|settings| settings.on_unassign = OnUnassign::Keep);
    let plan = given.person("erin").left(99, &[SPB]).there(&[SPB]).linked().plan();
    assert_snapshot!(plan, @"");
}

#[test]
fn who_is_assigned_again_may_sign_in_again() {
    let mut given = given().person("erin").assigned(&[SPB]).there(&[SPB]).linked();
    given = given.with(|there| there.account_enabled = false);
    assert_snapshot!(given.plan(), @"~ unblock sign-in erin@contoso.com: assigned again (may not sign in -> may sign in)");
    given.observed.blocked_elsewhere.insert(user_id("erin"));
    assert_snapshot!(given.plan(), @"? erin@contoso.com: sign-in was blocked in Entra and not by Gatehouse; whoever blocked it unblocks it there");
}

/// Y09
#[test]
fn the_same_name_alone_is_never_taken_for_the_person() {
    let plan = given()
        .person("bob")
        .assigned(&[SPB])
        .object(object("bob"))
        .with(|there| there.immutable_id = None)
        .person("eve")
        .assigned(&[SPB])
        .object(object("eve"))
        .with(|there| {
            there.immutable_id = Some("somebody-else".to_owned());
        })
        .plan();
    assert_snapshot!(plan, @r"
    ? bob@contoso.com: bob@contoso.com exists in Entra without an immutable id; an admin has to confirm under Sync users that it is this person before Gatehouse takes it over
    ? eve@contoso.com: eve@contoso.com exists in Entra with another immutable id: it belongs to another identity provider or to another person
    ");
}

#[test]
fn immutable_ids_are_told_apart_by_case() {
    let plan = given().person("bob").assigned(&[]).there(&[]).with(|there| {
        there.immutable_id = Some("ID-bob".to_owned());
    });
    assert_eq!((plan.steps().steps.len(), plan.steps().conflicts.len()), (0, 1));
}

/// Y07
#[test]
fn administrators_guests_and_synced_objects_are_reported_and_not_written() {
    let plan = given()
        .person("ann")
        .assigned(&[SPB])
        .there(&[])
        .linked()
        .with(|there| there.protected = true)
        .person("bea")
        .assigned(&[SPB])
        .there(&[])
        .linked()
        .with(|there| there.guest = true)
        .person("cid")
        .assigned(&[SPB])
        .there(&[])
        .with(|there| there.synced_from_elsewhere = true)
        .person("dot")
        .left(0, &[SPB])
        .there(&[])
        .linked()
        .with(|there| there.protected = true)
        .plan();
    assert_snapshot!(plan, @r"
    ? ann@contoso.com: holds an admin role in Entra; Gatehouse never writes to administrators
    ? bea@contoso.com: is a guest in Entra; Gatehouse never writes to guests
    ? cid@contoso.com: is kept by another synchronisation; change it at its source
    ? dot@contoso.com: holds an admin role in Entra; Gatehouse never writes to administrators, so sign-in stays open (unassigned on 2026-11-25)
    ");
}

/// Y09
#[test]
fn a_linked_object_with_another_immutable_id_is_not_written() {
    let plan = given().person("bob").assigned(&[SPB]).there(&[]).linked().with(|there| {
        there.immutable_id = Some("changed".to_owned());
    });
    assert_snapshot!(plan.plan(), @"? bob@contoso.com: the linked object carries another immutable id");
}

/// Y09
#[test]
fn somebody_elses_object_is_not_taken() {
    let given = given().person("amy").assigned(&[]).there(&[]).linked();
    let plan = given.person("bob").assigned(&[]).but(|bob| {
        bob.immutable_id = model::ImmutableId::parse("id-amy").unwrap();
    });
    assert_snapshot!(plan.plan(), @"? bob@contoso.com: the object in Entra is linked to another person in Gatehouse; clear up which of them it is");
}

#[test]
fn a_person_whose_object_is_gone_is_created_again() {
    let plan = given().person("bob").assigned(&[]).linked().plan();
    assert_snapshot!(plan, @"+ create bob@contoso.com: assigned, and the linked object is gone from Entra (not there -> Bob, usage location US)");
}

#[test]
fn a_name_outside_the_tenant_is_a_conflict() {
    let plan = given().person("bob").assigned(&[SPB]).but(|bob| {
        bob.upn = model::Upn::parse("bob@fabrikam.com").unwrap();
    });
    assert_snapshot!(plan.plan(), @"? bob@fabrikam.com: fabrikam.com is no verified domain of this tenant");
}

#[test]
fn who_was_never_assigned_is_left_out() {
    let plan = given()
        .person("ann")
        .there(&[EXO])
        .linked()
        .person("bob")
        .person("dan")
        .but(|dan| dan.state = UserState::Blocked)
        .plan();
    assert_snapshot!(plan, @"");
}

/// Y27
#[test]
fn the_last_seat_goes_to_the_first_by_name() {
    let given = given().seats(SPB, 25, 24);
    let plan = given.person("zoe").assigned(&[SPB]).there(&[]).linked();
    let plan = plan.person("amy").assigned(&[SPB]).there(&[]).linked();
    assert_snapshot!(plan.plan(), @r"
    ~ set licences amy@contoso.com: by the assignment (no licence -> SPB)
    ? zoe@contoso.com: no seat of SPB is left (25 bought)
    ");
}

#[test]
fn a_seat_that_a_leaver_frees_is_given_on_in_the_same_plan() {
    let plan = given()
        .seats(SPB, 1, 1)
        .person("amy")
        .assigned(&[SPB])
        .there(&[])
        .linked()
        .person("erin")
        .left(30, &[SPB])
        .there(&[SPB])
        .linked()
        .with(|there| there.account_enabled = false)
        .plan();
    assert_snapshot!(plan, @r"
    - set licences erin@contoso.com: unassigned on 2026-10-26; the licences were kept until 2026-11-25 (SPB -> no licence)
    ~ set licences amy@contoso.com: by the assignment (no licence -> SPB)
    ");
}

#[test]
fn a_swap_happens_in_one_call_or_not_at_all() {
    let swap = |free: u32| {
        let given = given().seats(SPB, 25, 25 - free);
        let given = given.person("amy").assigned(&[EXO]).there(&[EXO]).linked();
        given.person("bob").assigned(&[SPB]).there(&[EXO]).linked()
    };
    let plan = swap(1).steps();
    let [step] = plan.steps.as_slice() else { panic!("{plan:?}") };
    let Action::SetLicences { add, remove } = &step.action else { panic!("{step:?}") };
    assert_eq!(
        (add.as_slice(), remove.as_slice()),
        ([licence(SPB)].as_slice(), [licence(EXO).sku_id].as_slice())
    );
    assert_snapshot!(swap(0).plan(), @"? bob@contoso.com: no seat of SPB is left (25 bought)");
}

#[test]
fn a_product_that_we_never_hand_out_is_not_ours_to_take() {
    let plan = given().person("bob").assigned(&[SPB]).there(&[SPB, EXO]).linked().plan();
    assert_snapshot!(plan, @"");
}

#[test]
fn a_product_that_was_handed_out_once_is_ours_to_take() {
    let mut given = given().person("bob").assigned(&[SPB]).there(&[SPB, EXO]).linked();
    given.observed.managed_skus.insert(licence(EXO).sku_id);
    assert_snapshot!(given.plan(), @"- set licences bob@contoso.com: by the assignment (EXCHANGESTANDARD, SPB -> SPB)");
}

#[test]
fn switched_off_parts_are_set_exactly_as_assigned() {
    let part = |id| ServicePlanId(Uuid::from_u128(id));
    let with_parts = |parts: &[u128]| {
        let mut given = given().person("bob").assigned(&[SPB]).there(&[SPB]).linked();
        let disabled_plans = parts.iter().map(|id| part(*id)).collect();
        let assignment = given.people[0].1.as_mut().unwrap();
        assignment.licences = vec![Licence { disabled_plans, ..licence(SPB) }];
        given
    };
    assert_snapshot!(with_parts(&[TEAMS]).seats(SPB, 25, 25).plan(), @"~ set licences bob@contoso.com: by the assignment (SPB -> SPB without 1 part)");
    assert_snapshot!(with_parts(&[9]).plan(), @"? bob@contoso.com: SPB has no part 00000000-0000-0000-0000-000000000009 that could be switched off");
}

#[test]
fn an_unknown_or_ended_product_is_a_conflict_and_the_person_still_comes() {
    let mut given = given().person("bob").assigned(&[0xbad, EXO]);
    given.observed.skus[1].usable = false;
    assert_snapshot!(given.plan(), @r"
    + create bob@contoso.com: assigned, and not in Entra yet (not there -> Bob, usage location US)
    ? bob@contoso.com: the subscription of EXCHANGESTANDARD is suspended or has ended
    ? bob@contoso.com: the tenant doesn't own the product 00000000-0000-0000-0000-000000000bad
    ");
}

#[test]
fn the_persons_country_wins_over_the_applications_fallback() {
    let german = |there: Option<&str>| {
        let given = given().person("bob").assigned(&[]).there(&[]).linked();
        let there = there.map(str::to_owned);
        let given = given.with(|object| {
            object.usage_location = there;
            object.attributes.set(Attribute::Country, Some("de".to_owned()));
        });
        given.but(|bob| bob.profile.country = Some("de".to_owned()))
    };
    assert_snapshot!(german(Some("US")).plan(), @"~ set usage location bob@contoso.com: the person's country (US -> DE)");
    assert_snapshot!(german(Some("DE")).plan(), @"");
    let elsewhere = given().person("bob").assigned(&[]).there(&[]).linked();
    assert_snapshot!(elsewhere.with(|there| there.usage_location = Some("FR".to_owned())).plan(), @"");
}

#[test]
fn nicknames_never_collide() {
    let mut given = given().person("bob").assigned(&[]).person("bobo").assigned(&[]);
    given.people[1].0.upn = model::Upn::parse("BOB@contoso.onmicrosoft.com").unwrap();
    let taken = object("someone");
    let given = given.object(taken).with(|there| there.upn = "bob@fabrikam.com".to_owned());
    let nicknames: Vec<String> = given
        .steps()
        .steps
        .into_iter()
        .filter_map(|step| match step.action {
            Action::Create { mail_nickname, .. } => Some(mail_nickname),
            _ => None,
        })
        .collect();
    assert_eq!(nicknames, ["bob.2", "bob.3"]);
}

#[test]
fn a_long_title_is_cut_and_does_not_come_back_each_run() {
    let long = "x".repeat(200);
    let given = given().person("bob").assigned(&[]).there(&[]).linked();
    let given =
        given.with(|there| there.attributes.set(Attribute::JobTitle, Some("x".repeat(128))));
    assert_snapshot!(given.but(|bob| bob.profile.job_title = Some(long)).plan(), @"");
}
