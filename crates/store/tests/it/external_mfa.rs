//! Being the external MFA provider: what is set for a tenant, and hints that are used up once.

use std::time::Duration;

use model::{Ts, external_mfa::ExternalMfa, ids::ClientId};
use store::{
    Error, Tx, external_mfa, revision,
    testing::{both, execute},
};
use uuid::Uuid;

use crate::samples::tenant;

const AT: Ts = Ts::from_secs(1_000);

#[test]
fn it_is_off_until_it_is_switched_on_and_no_answer_misses_a_switch() {
    both(|store| async move {
        let tenant = tenant(1, "x");
        let (id, kept) = (tenant.id, tenant.clone());
        store.write(move |tx| store::tenants::create(tx, &kept)).await.unwrap();
        let set =
            move |enabled, app_id| ExternalMfa { tenant_id: id, enabled, app_id, changed_at: AT };
        let app = Some(ClientId(Uuid::from_u128(7)));
        let before = store.read(revision::current).await.unwrap();
        let off = store.read(move |tx| external_mfa::of_tenant(tx, id)).await.unwrap();
        assert_eq!(off, None);
        for (number, wanted) in (1..).zip([set(true, None), set(true, app), set(false, app)]) {
            let kept = wanted.clone();
            store.write(move |tx| external_mfa::put(tx, &kept)).await.unwrap();
            let found = move |tx: &mut Tx| {
                let asking = external_mfa::asking(tx)?;
                Ok::<_, Error>((external_mfa::of_tenant(tx, id)?, asking, revision::current(tx)?))
            };
            let (found, asking, now) = store.read(found).await.unwrap();
            assert_eq!(asking.len(), usize::from(wanted.enabled));
            assert_eq!((found, now), (Some(wanted), before + number));
        }
    });
}

#[test]
fn a_hint_is_used_up_once() {
    both(|store| async move {
        let used = |digest: [u8; 32], at: Ts| {
            let store = store.clone();
            async move { store.write(move |tx| external_mfa::use_hint(tx, &digest, at)).await }
        };
        assert!(used([1; 32], AT).await.unwrap());
        let (one, other) = tokio::join!(used([2; 32], AT), used([2; 32], AT));
        assert_ne!(one.unwrap(), other.unwrap(), "of two at once one wins");
        assert!(!used([1; 32], AT).await.unwrap());
        let purge = |before| store.write(move |tx| external_mfa::purge(tx, before));
        assert_eq!(purge(AT).await.unwrap(), 0);
        assert_eq!(purge(AT + Duration::from_secs(1)).await.unwrap(), 2);
        assert!(used([1; 32], AT).await.unwrap());
    });
}

/// Everybody's sign-in asks which tenants these are: a credential that is damaged stops none of it.
#[test]
fn no_credential_is_opened_for_who_asks() {
    both(|store| async move {
        let tenant = tenant(1, "x");
        let (id, kept) = (tenant.id, tenant.clone());
        let set = ExternalMfa { tenant_id: id, enabled: true, app_id: None, changed_at: AT };
        let found = store.write(move |tx| {
            store::tenants::create(tx, &kept)?;
            external_mfa::put(tx, &set)?;
            let other = "(SELECT digest FROM used_hints)";
            external_mfa::use_hint(tx, &[1; 32], AT)?;
            execute(tx, &format!("UPDATE tenants SET client_secret = {other}"))?;
            external_mfa::asking(tx)
        });
        let asking = found.await.unwrap();
        assert_eq!(asking.len(), 1);
        assert_eq!((asking[0].tenant, asking[0].directory), (id, tenant.entra_tenant_id));
        assert_eq!((&asking[0].alias, asking[0].cloud), (&tenant.alias, tenant.cloud));
        assert_eq!(asking[0].hosts, tenant.hosts);
        assert!(store.read(move |tx| store::tenants::by_id(tx, id)).await.is_err());
    });
}
