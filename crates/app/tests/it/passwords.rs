//! How passwords are hashed: parameters and peppers change, and people go on signing in.

use app::{
    House,
    settings::PasswordParams,
    sign_in::{Outcome, Screen},
    visitor::Secret,
};
use model::{credential::Credential, pending_request::Purpose};
use store::{credentials, users};

use crate::support::{Bench, both, visitor};

async fn credential(bench: &Bench, name: &str) -> Credential {
    let upn = bench.account(name).upn.clone();
    let read = move |tx: &mut store::Tx| {
        let user = users::by_upn(tx, &upn)?.unwrap();
        credentials::by_user(tx, user.id)
    };
    bench.store.read(read).await.unwrap().unwrap()
}

/// Whether the person's own password is taken.
async fn takes(house: &House, bench: &Bench, name: &str) -> bool {
    let (from, account) = (visitor("192.0.2.5"), bench.account(name).clone());
    let handle: Secret = house.begin_sign_in(Purpose::Portal, &from).await.unwrap();
    house.sign_in_address(&handle, &from, &account.upn).await.unwrap();
    let outcome = house.sign_in_password(&handle, &from, account.password).await.unwrap();
    matches!(outcome, Outcome::Next(Screen::SecondFactor { .. } | Screen::Enroll { .. }))
}

/// R002
#[test]
fn a_right_password_is_hashed_anew_when_the_parameters_have_changed() {
    both(|bench| async move {
        let (raised, floor) =
            (PasswordParams { t: 3, ..PasswordParams::FLOOR }, PasswordParams::FLOOR);
        for params in [raised, floor] {
            let node = bench.node_with(Some(params)).await;
            assert!(takes(&node, &bench, "alice").await);
            let phc = credential(&bench, "alice").await.phc;
            assert!(phc.contains(&format!("${params}$")), "{phc}");
        }
    });
}

#[test]
fn parameters_are_measured_at_the_first_start_and_kept() {
    both(|bench| async move {
        bench.node_with(None).await;
        let kept = async || {
            let read = |tx: &mut store::Tx| store::settings::get(tx, "password_params");
            bench.store.read(read).await.unwrap().unwrap()
        };
        kept().await.parse::<PasswordParams>().unwrap();
        let set =
            |tx: &mut store::Tx| store::settings::put(tx, "password_params", "m=19456,t=4,p=1");
        bench.store.write(set).await.unwrap();
        let node = bench.node_with(None).await;
        assert!(takes(&node, &bench, "alice").await);
        assert!(credential(&bench, "alice").await.phc.contains("$m=19456,t=4,p=1$"));
        assert_eq!(kept().await, "m=19456,t=4,p=1");
    });
}

/// R003
#[test]
fn a_pepper_can_be_replaced_while_another_node_runs() {
    both(|bench| async move {
        let other = bench.second_node().await;
        let before = credential(&bench, "alice").await.pepper_id;
        bench.pass(std::time::Duration::from_secs(1));
        bench.house.rotate_pepper(&visitor("198.51.100.1")).await.unwrap();
        assert!(takes(&other, &bench, "bob").await, "another node goes on with the old one");
        assert!(takes(&bench.house, &bench, "alice").await, "the old hash still opens");
        assert_ne!(credential(&bench, "alice").await.pepper_id, before);
        assert!(takes(&other, &bench, "alice").await, "the other node learns the new one");
    });
}
