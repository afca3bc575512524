//! The policy at the portal and the console, with whatever session somebody comes by.

use std::time::Duration;

use app::{
    issue::{Denial, wsfed::Entered},
    policy::{Entry, RuleWish},
};
use model::policy::{Factor, Target};

use super::{HOME, office_only, publish, wish};
use crate::{
    doors::OFFICE,
    support::{QUERY, both, visitor},
};

/// A session that came by another door opens no more than the rules say.
#[test]
fn the_portal_and_the_console_are_judged_each_time_whatever_session_comes() {
    both(|bench| async move {
        let (office, home) = (visitor(OFFICE), visitor(HOME));
        let admin = bench.admin().await;
        let house = &bench.house;
        bench.next_code();
        let (alice, _) = bench.employee("alice", &home).await;
        let hourly =
            RuleWish { targets: vec![Target::Console], hours: "1".to_owned(), ..wish("1 h") };
        publish(house, &admin, &office, vec![office_only(vec![Target::Portal]), hourly])
            .await
            .unwrap();
        assert_eq!(house.enter_portal(&alice, &office).await.unwrap(), Entry::Open);
        let refused = house.enter_portal(&alice, &home).await.unwrap();
        assert!(matches!(refused, Entry::Denied(Denial::ByPolicy { .. })), "{refused:?}");
        assert_eq!(house.enter_console(&admin, &office).await.unwrap(), Entry::Open);
        bench.pass(Duration::from_mins(61));
        let stale = house.enter_console(&admin, &office).await.unwrap();
        assert_eq!(stale, Entry::SignInFirst, "an hour is over");
    });
}

#[test]
fn a_password_alone_opens_an_application_and_not_the_portal() {
    both(|bench| async move {
        let office = visitor(OFFICE);
        let admin = bench.admin().await;
        let house = &bench.house;
        let party = Target::Party(house.policy(&admin).await.unwrap().parties[0].0.id);
        let spared =
            RuleWish { targets: vec![party], factor: Some(Factor::WhenAsked), ..wish("Spared") };
        publish(house, &admin, &office, vec![spared]).await.unwrap();
        let Entered::Ask(handle) = bench.enter(QUERY, &office, None).await else { panic!("asks") };
        let password = bench.account("alice").password.clone();
        house.sign_in_password(&handle, &office, password).await.unwrap();
        let signed_in = house.complete_sign_in(&handle, &office).await.unwrap().unwrap();
        let alice = house.employee(&signed_in.token).await.unwrap().unwrap();
        assert_eq!(house.enter_portal(&alice, &office).await.unwrap(), Entry::SignInFirst);
    });
}
