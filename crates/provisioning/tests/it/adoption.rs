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

/// Y09: Entra would open it by the immutable id alone.
#[test]
fn one_with_another_name_waits_until_both_have_the_same() {
    let renamed = |there: &mut model::entra::EntraUser| {
        there.upn = "b.baker@contoso.com".to_owned();
    };
    let given = bob().assigned(&[SPB]).with(renamed);
    assert!(given.plan().contains("? bob@contoso.com: the account changed since an admin"));
    assert_eq!(given.plan().lines().count(), 1, "{}", given.plan());
    assert_snapshot!(given.accepted().plan(), @"? bob@contoso.com: the account that an admin confirmed as theirs is called b.baker@contoso.com in Entra; it is taken over once both have the same sign-in name: rename one of the two");
}

/// Y07, Y09
#[test]
fn one_that_is_not_as_it_was_confirmed_or_the_tenants_own_is_left_alone() {
    let mut changed = bob().assigned(&[SPB]);
    for promise in changed.observed.accepted.values_mut() {
        promise.upn = "somebody@contoso.com".to_owned();
    }
    assert_snapshot!(changed.plan(), @"? bob@contoso.com: the account changed since an admin confirmed it as theirs: it is called bob@contoso.com now. Under Sync users, take the confirmation back and look at the tenant anew; confirm it again if it still is right");
    let upn = "bob@contoso.onmicrosoft.com";
    let own = bob().but(|bob| bob.upn = model::Upn::parse(upn).unwrap());
    let mut own = own.with(|there| there.upn = upn.to_owned()).assigned(&[SPB]);
    own.observed.accepted.values_mut().for_each(|promise| promise.upn = upn.to_owned());
    assert!(own.plan().contains("onmicrosoft.com domain, as emergency accounts"), "{}", own.plan());
    assert_eq!(own.plan().lines().count(), 1);
}

/// Bob's object has his immutable id, a product of its own, and was blocked by somebody else.
fn carrying() -> Given {
    let given = bob().assigned(&[SPB]).shut();
    let mut given = given.with(|there| there.immutable_id = Some("id-bob".to_owned()));
    given.observed.accepted.clear();
    given
}

/// Y09, Y27
#[test]
fn what_carries_the_immutable_id_and_is_not_ours_keeps_its_products_and_its_block() {
    let mut given = carrying();
    assert_snapshot!(given.plan(), @r"
    + link bob@contoso.com: the object carries this person's immutable id (not linked -> linked to 00000000-0001-f214-0000-000000000000)
    ~ set licences bob@contoso.com: by the assignment (EXCHANGESTANDARD -> EXCHANGESTANDARD, SPB)
    ? bob@contoso.com: sign-in was blocked in Entra and not by Gatehouse; whoever blocked it unblocks it there
    ");
    given.observed.made.insert(user_id("bob"));
    let ours = given.plan();
    assert!(ours.contains("~ unblock") && ours.contains("(EXCHANGESTANDARD -> SPB)"), "{ours}");
}

/// Y12, Y27: the process ended after the immutable id was written and before the link was.
#[test]
fn what_an_admin_confirmed_is_taken_over_to_the_end_and_loses_nothing() {
    let mut given = carrying().accepted();
    given.observed.made.insert(user_id("bob"));
    assert_snapshot!(given.plan(), @r"
    + take over bob@contoso.com: an admin confirmed that this account is theirs (bob@contoso.com, id-bob, not linked -> bob@contoso.com, immutable id id-bob, linked)
    ~ set licences bob@contoso.com: by the assignment (EXCHANGESTANDARD -> EXCHANGESTANDARD, SPB)
    ? bob@contoso.com: sign-in was blocked in Entra and not by Gatehouse; whoever blocked it unblocks it there
    ");
}

/// Y09
#[test]
fn a_no_is_stronger_than_an_immutable_id_also_in_the_bin() {
    let mut live = carrying();
    let mut binned = given().person("bob").assigned(&[SPB]).in_bin(5);
    for given in [&mut live, &mut binned] {
        given.observed.rejected.insert((user_id("bob"), object_id("bob")));
        assert_eq!(given.plan().lines().count(), 1, "{}", given.plan());
        assert!(given.plan().contains("an admin said under Sync users that it isn't theirs"));
    }
    live.observed.links.push(crate::given::link(user_id("bob"), object_id("bob")));
    assert!(!live.plan().contains("isn't theirs"), "what is linked is linked");
}

/// Y27
#[test]
fn whoever_left_loses_nothing_of_an_object_that_was_never_linked() {
    let given = carrying().left(40, &[SPB]).with(|there| there.account_enabled = true);
    let mut given = given.with(|there| there.licences.push(crate::given::licence(SPB)));
    let plan = given.plan();
    assert!(plan.contains("! block") && !plan.contains("licences bob"), "{plan}");
    given.observed.made.insert(user_id("bob"));
    assert!(given.plan().contains("licences bob"), "{}", given.plan());
}

/// A hard match needs nobody's word, and goes before it.
#[test]
fn the_immutable_id_goes_before_the_word_of_an_admin() {
    let mut given = bob();
    let other = object("bobby");
    let other = model::entra::EntraUser { immutable_id: Some("id-bob".to_owned()), ..other };
    given.observed.users.push(other);
    assert_snapshot!(given.plan(), @"? bob@contoso.com: is called bobby@contoso.com in Entra and never was here; give both the same sign-in name");
    given = given.with(|there| there.upn = "bob@contoso.com".to_owned());
    given.observed.users.retain(|there| there.id != object_id("bob"));
    let plan = given.plan();
    assert!(plan.starts_with("+ link bob@contoso.com") && plan.lines().count() == 1, "{plan}");
}
