//! The campaign, who is left in it, and who needs no second factor for a while.

use model::{
    campaign::{Campaign, Round},
    exemption::Exemption,
    factor::TotpFactor,
    ids::UserId,
    user::UserState,
};
use store::{
    Error, campaign, exemptions, factors, revision,
    testing::both,
    users::{self, Coverage, Show, UserSearch},
};

use crate::samples::{NOON, at, id, totp, user};

const ALICE: UserId = UserId(id(1));
const BOB: UserId = UserId(id(2));

fn exemption(user_id: UserId, until: i64) -> Exemption {
    let reason = "new phone".to_owned();
    Exemption { user_id, until: at(until), reason, granted_by: ALICE, granted_at: NOON }
}

#[test]
fn an_exemption_is_kept_replaced_and_forgotten() {
    both(async |store| {
        store
            .write(|tx| {
                users::create(tx, &user(1, "alice"))?;
                users::create(tx, &user(2, "bob"))?;
                assert!(!exemptions::any(tx)?);
                exemptions::put(tx, &exemption(BOB, 60))?;
                exemptions::put(tx, &exemption(BOB, 90))?;
                assert!(exemptions::any(tx)?);
                assert_eq!(exemptions::of_user(tx, BOB, at(89))?, Some(exemption(BOB, 90)));
                assert_eq!(exemptions::of_user(tx, BOB, at(90))?, None, "it is over");
                assert_eq!(exemptions::of_user(tx, ALICE, NOON)?, None);
                let both = exemptions::of(tx, &[ALICE, BOB], NOON)?;
                assert_eq!(both.get(&BOB), Some(&exemption(BOB, 90)));
                assert_eq!(both.len(), 1);
                assert!(exemptions::holders(tx, at(89))?.contains(&BOB));
                assert!(exemptions::holders(tx, at(90))?.is_empty());
                exemptions::purge(tx, at(90))?;
                assert!(exemptions::any(tx)?, "not before it is over");
                exemptions::purge(tx, at(91))?;
                assert!(!exemptions::any(tx)?);
                exemptions::put(tx, &exemption(BOB, 90))?;
                factors::mark_enrolled(tx, BOB)?;
                assert!(!exemptions::forget(tx, BOB)?, "whoever enrolled needs none");
                Ok::<_, Error>(())
            })
            .await
            .expect("kept");
    });
}

#[test]
fn a_token_misses_no_exemption() {
    both(async |store| {
        let now = async || store.read(revision::current).await.expect("a number");
        store.write(|tx| users::create(tx, &user(2, "bob"))).await.expect("made");
        let mut last = now().await;
        store.write(|tx| exemptions::put(tx, &exemption(BOB, 60))).await.expect("kept");
        assert!(now().await > last);
        last = now().await;
        store.write(|tx| exemptions::put(tx, &exemption(BOB, 30))).await.expect("replaced");
        assert!(now().await > last, "it may be shorter");
        last = now().await;
        store.write(|tx| exemptions::forget(tx, BOB)).await.expect("forgotten");
        assert!(now().await > last);
    });
}

#[test]
fn who_is_left_may_sign_in_and_has_nothing_confirmed() {
    both(async |store| {
        store
            .write(|tx| {
                for (n, name) in (1..).zip(["alice", "bob", "carol", "dan"]) {
                    users::create(tx, &user(n, name))?;
                }
                users::set_state(tx, UserId(id(4)), UserState::Blocked, NOON)?;
                let of =
                    |n, user, confirmed_at| TotpFactor { confirmed_at, ..totp(n, user, &[7; 20]) };
                factors::put_totp(tx, &of(11, ALICE, Some(NOON)))?;
                factors::put_totp(tx, &of(12, BOB, None))?;
                let measured = users::coverage(tx)?;
                assert_eq!(measured, Coverage { people: 3, with_factor: 1, with_key: 0 });
                let search =
                    UserSearch { show: Show::WithoutFactor, limit: 9, ..Default::default() };
                let found = users::search(tx, &search)?;
                let names: Vec<_> = found.rows.iter().map(|user| user.upn.to_string()).collect();
                assert_eq!(names, ["bob@Contoso.com", "carol@Contoso.com"]);
                let first = users::without_factor(tx, None, 1)?;
                assert_eq!(first[0].id, BOB);
                let rest = users::without_factor(tx, Some(BOB), 9)?;
                assert_eq!(rest.iter().map(|user| user.id).collect::<Vec<_>>(), [UserId(id(3))]);
                Ok::<_, Error>(())
            })
            .await
            .expect("found");
    });
}

#[test]
fn the_campaign_reads_back_and_is_empty_at_first() {
    both(async |store| {
        let round = Some(Round { reached: Some(BOB) });
        let written =
            Campaign { closes_at: Some(NOON), may_put_off: true, round, ..Campaign::default() };
        store
            .write(move |tx| {
                assert_eq!(campaign::get(tx)?, Campaign::default());
                campaign::put(tx, &written)?;
                assert_eq!(campaign::hold(tx)?, written);
                Ok::<_, Error>(())
            })
            .await
            .expect("kept");
    });
}
