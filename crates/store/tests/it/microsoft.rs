//! Signing in with Microsoft: registrations, links by tenant and object, rounds that are taken once.

use std::sync::Arc;

use model::{
    ids::{
        EntraTenantId, MicrosoftAccountId, MicrosoftRoundId, ObjectId, PendingRequestId, SessionId,
        UserId,
    },
    microsoft_account::{Errand, Identity, MicrosoftAccount, MicrosoftRound},
    registration::{OtherCredential, Registration, Tenants, Turn},
    tenant::{AppCredential, ClientCertificate},
};
use store::{
    Error, Tx, microsoft_accounts, microsoft_rounds, registration_credentials, registrations,
    testing::both, users,
};

use crate::samples::{NOON, alice, at, id, next_secret, registration, text_of, user};

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
fn a_second_credential_is_kept_beside_the_first_and_goes_with_its_registration() {
    both(async |store| {
        store
            .write(|tx| {
                let one = registration(5, "first");
                registrations::create(tx, &one)?;
                registrations::create(tx, &registration(6, "of another"))?;
                registration_credentials::create(tx, one.id, &next_secret("second"))?;
                let found = registrations::by_id(tx, one.id)?.expect("there");
                let other = found.other.expect("a second one");
                assert_eq!(text_of(&found.credential), "first");
                assert_eq!((text_of(&other.credential), other.turn), ("second", Turn::Next));
                let all = registrations::all(tx)?;
                let with = all.iter().filter(|it| it.other.is_some()).map(|it| it.id);
                assert_eq!(with.collect::<Vec<_>>(), [one.id], "nobody else has it");
                let ends = registrations::ends(tx)?.into_iter().map(|(name, at)| (name, at.0));
                let ends: Vec<_> = ends.filter(|(name, _)| name.contains('5')).collect();
                let [first, next] = [one.alias.clone(), format!("{} (the next one)", one.alias)];
                assert_eq!(ends, [(first, at(86_400).0), (next, at(172_800).0)]);
                registration_credentials::remove(tx, one.id)?;

                let held = ClientCertificate {
                    certificate: b"certificate".to_vec(),
                    private_key: b"key".to_vec().into(),
                    not_after: at(9),
                };
                let former = OtherCredential {
                    credential: AppCredential::Certificate(held),
                    ends_at: Some(at(9)),
                    turn: Turn::Former,
                    ..next_secret("")
                };
                registration_credentials::create(tx, one.id, &former)?;
                let found = registrations::by_id(tx, one.id)?.and_then(|it| it.other);
                assert!(found.is_some_and(|it| it.credential.is_same(&former.credential)));
                assert_eq!(registrations::ends(tx)?.len(), 2, "nobody waits for a former one");
                assert!(registrations::remove(tx, one.id)?);
                assert!(!registration_credentials::remove(tx, one.id)?, "it went with it");
                Ok::<_, Error>(())
            })
            .await
            .expect("written");
    });
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
                    credential: AppCredential::Secret("changed".into()),
                    tenants: Tenants::Common,
                    credential_ends_at: None,
                    ..first
                };
                registrations::update(tx, &changed)?;
                let found = registrations::by_id(tx, changed.id)?.expect("there");
                assert_eq!(text_of(&found.credential), "changed");
                assert_eq!((found.tenants, found.credential_ends_at), (Tenants::Common, None));
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

/// Whoever gives consent may be signed in here for it: that closes no circle.
#[test]
fn a_round_for_consent_is_not_one_to_sign_in() {
    both(async |store| {
        store
            .write(|tx| {
                let (user, session) = (ALICE, SessionId(id(40)));
                let consent = Errand::Consent { user, session };
                let browser = [9; 32];
                let first = MicrosoftRound { errand: consent, ..round(1, browser) };
                microsoft_rounds::put(tx, &first)?;
                assert!(!microsoft_rounds::any_of_browser(tx, &browser, NOON)?);
                assert_eq!(microsoft_rounds::forget_of_browser(tx, &browser, NOON)?, 0);
                let linking = Errand::Link { user, session };
                let other = MicrosoftRound { errand: linking, ..round(2, browser) };
                microsoft_rounds::put(tx, &other)?;
                assert!(microsoft_rounds::any_of_browser(tx, &browser, NOON)?);
                assert_eq!(microsoft_rounds::forget_of_browser(tx, &browser, NOON)?, 1);
                let taken = microsoft_rounds::take(tx, &[1; 32], &browser)?;
                assert_eq!(taken.map(|round| round.errand), Some(consent));
                Ok::<_, Error>(())
            })
            .await
            .expect("written");
    });
}
