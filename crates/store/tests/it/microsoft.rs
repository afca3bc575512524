//! Signing in with Microsoft: registrations, links by tenant and object, rounds that are taken once.

use std::sync::Arc;

use model::{
    ids::{
        EntraTenantId, MicrosoftAccountId, MicrosoftRoundId, ObjectId, PendingRequestId, UserId,
    },
    microsoft_account::{Errand, Identity, MicrosoftAccount, MicrosoftRound},
    registration::{Registration, Tenants},
};
use secrecy::ExposeSecret as _;
use store::{Error, Tx, microsoft_accounts, microsoft_rounds, registrations, testing::both, users};

use crate::samples::{NOON, alice, at, id, registration, user};

const ALICE: UserId = UserId(id(1));
const BOB: UserId = UserId(id(2));

fn account(number: u128, user_id: UserId, tenant: u128, object: u128) -> MicrosoftAccount {
    MicrosoftAccount {
        id: MicrosoftAccountId(id(number)),
        user_id,
        identity: Identity { tenant: EntraTenantId(id(tenant)), object: ObjectId(id(object)) },
        name: "alice@fabrikam.com".to_owned(),
        linked_at: at(i64::try_from(number).expect("small")),
        used_at: None,
    }
}

fn round(number: u8, browser: [u8; 32]) -> MicrosoftRound {
    MicrosoftRound {
        id: MicrosoftRoundId(id(u128::from(number))),
        state_digest: [number; 32],
        browser_digest: browser,
        registration_id: registration(5, "x").id,
        errand: Errand::SignIn { request: PendingRequestId(id(30)) },
        created_at: NOON,
        expires_at: at(600),
    }
}

#[test]
fn a_registration_is_kept_offered_changed_and_removed() {
    both(async |store| {
        store
            .write(|tx| {
                let first = registration(5, "first");
                registrations::create(tx, &first)?;
                let off = Registration { enabled: false, ..registration(6, "second") };
                registrations::create(tx, &off)?;
                let offered = registrations::offered(tx)?;
                assert_eq!(offered.iter().map(|it| it.id).collect::<Vec<_>>(), [first.id]);
                let changed = Registration {
                    client_secret: "changed".into(),
                    tenants: Tenants::Common,
                    secret_expires_at: None,
                    ..first
                };
                registrations::update(tx, &changed)?;
                let found = registrations::by_id(tx, changed.id)?.expect("there");
                assert_eq!(found.client_secret.expose_secret(), "changed");
                assert_eq!((found.tenants, found.secret_expires_at), (Tenants::Common, None));
                assert_eq!(registrations::all(tx)?.len(), 2);
                assert!(registrations::remove(tx, changed.id)?);
                assert!(!registrations::remove(tx, changed.id)?);
                Ok::<_, Error>(())
            })
            .await
            .expect("written");
        let again = |tx: &mut Tx| {
            let alias = registration(6, "x").alias.to_uppercase();
            registrations::create(tx, &Registration { alias, ..registration(7, "x") })
        };
        let taken = store.write(again).await;
        let conflict = "registrations_alias_fold";
        assert!(matches!(&taken, Err(Error::Conflict { constraint }) if constraint == conflict));
    });
}

#[test]
fn an_account_belongs_to_one_person_by_tenant_and_object() {
    both(async |store| {
        store
            .write(|tx| {
                alice(tx)?;
                users::create(tx, &user(2, "Bob"))?;
                microsoft_accounts::put(tx, &account(10, ALICE, 7, 8))?;
                // The same object id in another tenant, and the same name, are somebody else's.
                microsoft_accounts::put(tx, &account(11, BOB, 9, 8))?;
                let found = microsoft_accounts::by_identity(tx, account(10, ALICE, 7, 8).identity)?;
                assert_eq!(found, Some(account(10, ALICE, 7, 8)));
                let nobody = account(12, BOB, 7, 9).identity;
                assert_eq!(microsoft_accounts::by_identity(tx, nobody)?, None);
                microsoft_accounts::used(tx, account(10, ALICE, 7, 8).id, at(60))?;
                let theirs = microsoft_accounts::of_user(tx, ALICE)?;
                assert_eq!((theirs.len(), theirs[0].used_at), (1, Some(at(60))));
                Ok::<_, Error>(())
            })
            .await
            .expect("written");
        let taken = store.write(|tx| microsoft_accounts::put(tx, &account(13, BOB, 7, 8))).await;
        assert!(matches!(taken, Err(Error::Conflict { .. })), "{taken:?}");
        store
            .write(|tx| {
                assert!(microsoft_accounts::remove(tx, account(10, ALICE, 7, 8).id)?);
                assert!(!microsoft_accounts::remove(tx, account(10, ALICE, 7, 8).id)?);
                assert_eq!(microsoft_accounts::remove_all_of(tx, BOB)?, 1);
                Ok::<_, Error>(())
            })
            .await
            .expect("written");
    });
}

#[test]
fn a_round_is_taken_once_and_by_its_own_browser() {
    both(async |store| {
        store
            .write(|tx| {
                microsoft_rounds::put(tx, &round(1, [1; 32]))?;
                microsoft_rounds::put(tx, &round(2, [1; 32]))?;
                microsoft_rounds::put(tx, &round(3, [2; 32]))?;
                assert_eq!(
                    microsoft_rounds::take(tx, &[1; 32], &[2; 32])?,
                    None,
                    "another browser"
                );
                assert_eq!(microsoft_rounds::take(tx, &[9; 32], &[1; 32])?, None, "another state");
                assert!(microsoft_rounds::any_of_browser(tx, &[1; 32], NOON)?);
                assert!(!microsoft_rounds::any_of_browser(tx, &[1; 32], at(600))?, "it is over");
                assert_eq!(microsoft_rounds::forget_of_browser(tx, &[2; 32], NOON)?, 1);
                assert_eq!(microsoft_rounds::purge(tx, at(600))?, 0);
                Ok::<_, Error>(())
            })
            .await
            .expect("written");
        let store = Arc::new(store);
        let take = |tx: &mut Tx| microsoft_rounds::take(tx, &[1; 32], &[1; 32]);
        let (one, two) = tokio::join!(store.write(take), store.write(take));
        let taken = [one.expect("asked"), two.expect("asked")];
        assert_eq!(taken.iter().flatten().count(), 1, "one of two gets it: {taken:?}");
        let gone = store.write(|tx| microsoft_rounds::purge(tx, at(601))).await;
        assert_eq!(gone.expect("purged"), 1);
    });
}
