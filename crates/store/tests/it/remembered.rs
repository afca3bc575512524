//! Browsers that are remembered: found by their name, renewed once, forgotten one by one and all at once.

use model::{
    ids::{RememberedDeviceId, UserId},
    remembered_device::RememberedDevice,
    session::ClientInfo,
};
use store::{Error, remembered_devices, testing::both};

use crate::samples::{NOON, alice, at, id, user};

const ALICE: UserId = UserId(id(1));
const BOB: UserId = UserId(id(2));

pub(crate) fn device(number: u128, user_id: UserId) -> RememberedDevice {
    let used = i64::try_from(number).expect("a small number");
    RememberedDevice {
        id: RememberedDeviceId(id(number)),
        user_id,
        basis: [9; 32],
        made_at: NOON,
        used_at: at(used),
        expires_at: at(86_400),
        client: ClientInfo { address: "192.0.2.1".to_owned(), user_agent: "Firefox".to_owned() },
    }
}

#[test]
fn a_browser_is_found_renewed_and_forgotten() {
    both(async |store| {
        store
            .write(|tx| {
                alice(tx)?;
                store::users::create(tx, &user(2, "Bob"))?;
                let (first, second) = (device(10, ALICE), device(11, BOB));
                remembered_devices::put(tx, &first, (&[1; 32], &[2; 32]))?;
                remembered_devices::put(tx, &second, (&[3; 32], &[2; 32]))?;
                let found = remembered_devices::by_series(tx, &[1; 32])?.expect("there");
                assert_eq!((found.device, found.secret, found.former), (first, [2; 32], None));
                assert_eq!(remembered_devices::by_series(tx, &[2; 32])?, None, "that is no name");

                let client =
                    ClientInfo { address: "192.0.2.2".to_owned(), ..ClientInfo::default() };
                let renew = |tx: &mut _, old, new| {
                    remembered_devices::renew(tx, device(10, ALICE).id, (old, new), &client, at(60))
                };
                assert!(!renew(tx, &[7; 32], &[8; 32])?, "it carries another one");
                assert!(renew(tx, &[2; 32], &[4; 32])?);
                assert!(!renew(tx, &[2; 32], &[5; 32])?, "each is used once");
                let found = remembered_devices::by_series(tx, &[1; 32])?.expect("there");
                assert_eq!((found.secret, found.former), ([4; 32], Some([2; 32])));
                assert_eq!((found.device.used_at, &found.device.client), (at(60), &client));
                let other = remembered_devices::by_series(tx, &[3; 32])?.expect("there");
                assert_eq!(other.secret, [2; 32], "somebody else's stays");

                assert!(remembered_devices::forget(tx, device(11, BOB).id)?);
                assert!(!remembered_devices::forget(tx, device(11, BOB).id)?);
                assert!(remembered_devices::of_user(tx, BOB)?.is_empty());
                remembered_devices::purge(tx, at(86_400))?;
                assert_eq!(remembered_devices::of_user(tx, ALICE)?.len(), 1, "not before its end");
                remembered_devices::purge(tx, at(86_401))?;
                assert!(remembered_devices::of_user(tx, ALICE)?.is_empty());
                Ok::<_, Error>(())
            })
            .await
            .expect("written");
    });
}

#[test]
fn twenty_are_kept_and_all_are_forgotten_at_once() {
    both(async |store| {
        store
            .write(|tx| {
                alice(tx)?;
                for number in 10..31_u8 {
                    let one = device(u128::from(number), ALICE);
                    remembered_devices::put(tx, &one, (&[number; 32], &[1; 32]))?;
                }
                let kept = remembered_devices::of_user(tx, ALICE)?;
                assert_eq!((kept.len(), kept[0].id), (20, device(30, ALICE).id));
                assert_eq!(
                    remembered_devices::by_id(tx, device(10, ALICE).id)?,
                    None,
                    "the oldest"
                );
                assert_eq!(remembered_devices::forget_all_of(tx, BOB)?, 0);
                assert_eq!(remembered_devices::forget_all_of(tx, ALICE)?, 20);
                Ok::<_, Error>(())
            })
            .await
            .expect("written");
    });
}
