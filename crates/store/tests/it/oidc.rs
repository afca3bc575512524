//! What sign-ins give to clients of OpenID Connect.

use model::{
    Ts,
    ids::{FederatedDomainId, OidcGrantId, RelyingPartyId, SessionId, UserId},
    oidc::{OidcGrant, Scope, Terms},
    session::ClientInfo,
};
use store::{Error, Store, oidc_grants, testing::both};

use crate::samples::{NOON, at, id};

fn grant(number: u128) -> OidcGrant {
    OidcGrant {
        id: OidcGrantId(id(number)),
        code_digest: [u8::try_from(number).expect("small"); 32],
        relying_party_id: RelyingPartyId(id(2)),
        domain_id: FederatedDomainId(id(3)),
        user_id: UserId(id(4)),
        session_id: SessionId(id(5)),
        browser: ClientInfo { address: "2001:db8::1".to_owned(), user_agent: "a \"b\"".to_owned() },
        reply: "https://a.example/cb".to_owned(),
        terms: Terms {
            scopes: vec![Scope::Openid, Scope::Email],
            nonce: Some("a\u{202e}\"b".to_owned()),
            challenge: Some("c".to_owned()),
            mfa: true,
            max_age: Some(60),
        },
        code_expires_at: at(60),
        used_at: None,
        access_digest: None,
        expires_at: at(60),
        revoked_at: None,
    }
}

async fn put(store: &Store, grant: OidcGrant) {
    store.write(move |tx| oidc_grants::put(tx, &grant)).await.expect("stored");
}

async fn by_code(store: &Store, number: u8) -> Option<OidcGrant> {
    let find = move |tx: &mut store::Tx| oidc_grants::by_code_locked(tx, &[number; 32]);
    store.write(find).await.expect("read")
}

#[test]
fn a_code_is_used_once_and_gives_one_access_token() {
    both(async |store| {
        put(&store, grant(1)).await;
        assert_eq!(by_code(&store, 1).await, Some(grant(1)));
        assert_eq!(by_code(&store, 9).await, None);
        let (code, access) = (OidcGrantId(id(1)), [7; 32]);
        store
            .write(move |tx| {
                assert!(!oidc_grants::give_access(tx, code, &access, at(99))?, "not used yet");
                assert!(oidc_grants::use_code(tx, code, NOON)?);
                assert!(!oidc_grants::use_code(tx, code, NOON)?, "once");
                assert!(oidc_grants::give_access(tx, code, &access, at(99))?);
                assert!(!oidc_grants::give_access(tx, code, &[8; 32], at(99))?, "one token");
                let found = oidc_grants::by_access(tx, &access)?.expect("it is there");
                assert_eq!((found.used_at, found.expires_at), (Some(NOON), at(99)));
                assert!(oidc_grants::revoke(tx, code, at(1))?);
                assert!(!oidc_grants::revoke(tx, code, at(2))?, "once");
                let found = oidc_grants::by_access(tx, &access)?.expect("it stays");
                assert_eq!(found.revoked_at, Some(at(1)));
                Ok::<_, Error>(())
            })
            .await
            .expect("done");
    });
}

#[test]
fn an_old_code_and_a_revoked_grant_give_nothing() {
    both(async |store| {
        put(&store, grant(1)).await;
        put(&store, grant(2)).await;
        let [old, revoked] = [1, 2].map(|number| OidcGrantId(id(number)));
        let uses = move |tx: &mut store::Tx, code, now: Ts| oidc_grants::use_code(tx, code, now);
        store
            .write(move |tx| {
                assert!(!uses(tx, old, at(60))?, "it is good until then, not at that moment");
                assert!(uses(tx, revoked, at(59))?);
                oidc_grants::revoke(tx, revoked, at(59))?;
                assert!(!oidc_grants::give_access(tx, revoked, &[7; 32], at(99))?);
                assert_eq!(oidc_grants::purge(tx, at(60))?, 0);
                assert_eq!(oidc_grants::purge(tx, at(61))?, 2);
                Ok::<_, Error>(())
            })
            .await
            .expect("done");
    });
}
