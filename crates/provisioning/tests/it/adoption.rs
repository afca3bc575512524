//! Taking over what an admin said is somebody's.

use insta::assert_snapshot;
use model::{entra::Origin, user::UserState};

use crate::{
    given::{EXO, Given, SPB, given, object, object_id, user_id},
    tenant::Tenant,
};

/// Bob, who was in the tenant before us, with a product that we hand out to others.
fn bob() -> Given {
    given()
        .person("amy")
        .assigned(&[EXO])
        .there(&[EXO])
        .linked()
        .person("bob")
        .there(&[EXO])
        .with(|there| there.immutable_id = None)
        .accepted()
}

/// Y09, Y27
#[test]
fn an_accepted_object_is_taken_over_and_brought_in_step_and_keeps_its_licences() {
    let mut given = bob().assigned(&[SPB]);
    assert_snapshot!(given.plan(), @r"
    + take over bob@contoso.com: an admin confirmed that this account is theirs (bob@contoso.com, no immutable id, not linked -> bob@contoso.com, immutable id id-bob, linked)
    ~ set licences bob@contoso.com: by the assignment (EXCHANGESTANDARD -> EXCHANGESTANDARD, SPB)
    ");
    let tenant = Tenant::of(&given);
    tenant.apply(&given.steps());
    assert_eq!(tenant.lock().calls, ["adopt bob", "license bob"]);
    let (there, origin) = tenant.lock().links[&user_id("bob")];
    assert_eq!((there, origin), (object_id("bob"), Origin::Found));
    tenant.observe(&mut given);
    assert_snapshot!(given.plan(), @"");
}

/// Y27
#[test]
fn who_leaves_loses_what_the_assignment_gave_and_not_what_was_there_before() {
    let mut given = bob().left(40, &[SPB]).linked().found();
    given.observed.accepted.clear();
    given = given.with(|there| {
        there.immutable_id = Some("id-bob".to_owned());
        there.licences = vec![crate::given::licence(SPB), crate::given::licence(EXO)];
    });
    let kept = [crate::given::licence(EXO).sku_id].into();
    given.observed.kept_skus.insert(object_id("bob"), kept);
    let plan = given.plan();
    assert!(plan.contains("(EXCHANGESTANDARD, SPB -> EXCHANGESTANDARD)"), "{plan}");
    given.observed.kept_skus.clear();
    assert!(given.plan().contains("(EXCHANGESTANDARD, SPB -> no licence)"), "{}", given.plan());
}

#[test]
fn who_is_not_assigned_gets_the_immutable_id_and_nothing_else() {
    let mut given = bob();
    assert_snapshot!(given.plan(), @"+ take over bob@contoso.com: an admin confirmed that this account is theirs (bob@contoso.com, no immutable id, not linked -> bob@contoso.com, immutable id id-bob, linked)");
    let tenant = Tenant::of(&given);
    tenant.apply(&given.steps());
    tenant.observe(&mut given);
    assert_snapshot!(given.plan(), @"");
}

/// Y07, Y09, Y10
#[test]
fn what_must_not_be_written_is_not_taken_over_although_somebody_said_yes() {
    type Change = fn(&mut model::entra::EntraUser);
    let changes: [(Change, &str); 4] = [
        (|there| there.protected = true, "holds an admin role in Entra"),
        (|there| there.guest = true, "is a guest in Entra"),
        (|there| there.synced_from_elsewhere = true, "is kept by another synchronisation"),
        (|there| there.immutable_id = Some("ID-bob".to_owned()), "carries another immutable id"),
    ];
    for (change, why) in changes {
        for given in [bob().with(change), bob().with(change).assigned(&[SPB])] {
            let plan = given.plan();
            assert!(plan.starts_with("? bob@contoso.com: "), "{plan}");
            assert!(plan.contains(why) && plan.lines().count() == 1, "{plan}");
        }
    }
}

/// Y09
#[test]
fn one_that_is_gone_or_somebody_elses_is_reported_and_no_second_account_is_made() {
    let mut gone = bob().assigned(&[SPB]);
    gone.observed.users.pop();
    assert!(gone.plan().starts_with("? bob@contoso.com: the account that an admin confirmed"));
    let mut taken = bob().assigned(&[SPB]);
    taken.observed.links.push(crate::given::link(user_id("amy"), object_id("bob")));
    assert!(taken.plan().contains("? bob@contoso.com: the object in Entra is linked to another"));
}

#[test]
fn whoever_is_shut_out_gets_nothing_and_a_block_that_is_not_ours_stays() {
    let left = bob().left(1, &[SPB]).plan();
    assert_snapshot!(left, @"? bob@contoso.com: an admin confirmed an account as theirs, but it isn't taken over now: unassigned on 2026-11-24");
    let blocked = bob().assigned(&[SPB]).but(|bob| bob.state = UserState::Blocked).plan();
    assert!(blocked.starts_with("? bob@contoso.com: ") && blocked.lines().count() == 1);
    let shut = bob().assigned(&[]).shut().plan();
    assert!(shut.contains("+ take over bob@contoso.com") && !shut.contains("~ unblock"), "{shut}");
    assert!(shut.contains("? bob@contoso.com: sign-in was blocked in Entra"), "{shut}");
}

#[test]
fn one_with_another_name_is_taken_over_and_waits_for_the_name() {
    let plan = bob().assigned(&[SPB]).with(|there| there.upn = "b.baker@contoso.com".to_owned());
    assert_snapshot!(plan.plan(), @r"
    + take over bob@contoso.com: an admin confirmed that this account is theirs (b.baker@contoso.com, no immutable id, not linked -> b.baker@contoso.com, immutable id id-bob, linked)
    ? bob@contoso.com: is called b.baker@contoso.com in Entra; renaming is a plan of its own
    ");
}

/// A hard match needs nobody's word, and goes before it.
#[test]
fn the_immutable_id_goes_before_the_word_of_an_admin() {
    let mut given = bob();
    let other = object("bobby");
    let other = model::entra::EntraUser { immutable_id: Some("id-bob".to_owned()), ..other };
    given.observed.users.push(other);
    assert_snapshot!(given.plan(), @"? bob@contoso.com: is called bobby@contoso.com in Entra; renaming is a plan of its own");
    given = given.with(|there| there.upn = "bob@contoso.com".to_owned());
    given.observed.users.retain(|there| there.id != object_id("bob"));
    let plan = given.plan();
    assert!(plan.starts_with("+ link bob@contoso.com") && plan.lines().count() == 1, "{plan}");
}
