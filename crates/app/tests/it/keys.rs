//! Turning the signing keys: who may, what it takes, and that nobody notices.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use app::{
    Kind,
    issue::wsfed::Entered,
    keys::{Keeper, KeyView, Promotion, Unseen},
    visitor::Secret,
};
use model::{Role, audit::AuditKind, external_mfa::ExternalMfa, signing_key::SigningKeyState};
use simulator as _;
use store::{audit_log, federated_domains, issued_tokens, users};

use crate::support::{Bench, QUERY, SLUG, both, visitor};

async fn keys(bench: &Bench) -> Vec<KeyView> {
    bench.house.signing_keys(Keeper::Operator).await.unwrap()
}

fn states(keys: &[KeyView]) -> Vec<SigningKeyState> {
    keys.iter().map(|key| key.state).collect()
}

async fn federate(bench: &Bench) {
    let now = bench.house.now();
    let federated = bench.store.write(move |tx| {
        let domain = federated_domains::by_slug(tx, SLUG)?.unwrap();
        federated_domains::set_federated_at(tx, domain.id, Some(now))
    });
    federated.await.unwrap();
}

async fn audited(bench: &Bench, kind: AuditKind) -> i64 {
    let filter = audit_log::AuditFilter { kind: Some(kind), limit: 1, ..Default::default() };
    bench.store.read(move |tx| audit_log::list(tx, &filter)).await.unwrap().total
}

/// The certificate that a token carries.
fn certificate(entered: &Entered) -> String {
    let Entered::Token(token) = entered else { panic!("no token: {entered:?}") };
    let part = token.wresult.split("X509Certificate>").nth(1).unwrap();
    part.split('<').next().unwrap().to_owned()
}

/// R128
#[test]
fn a_promotion_publishes_the_next_next_key_at_once() {
    both(|bench| async move {
        use SigningKeyState::{Active, Next, Retired};
        let from = visitor("203.0.113.1");
        let admin = bench.admin().await;
        let (_, alice) = bench.employee("alice", &from).await;
        let before = keys(&bench).await;
        assert_eq!(states(&before), [Active, Next]);
        let old_document = bench.house.federation_metadata(SLUG).await.unwrap();
        let first = certificate(&bench.enter(QUERY, &from, Some(&alice)).await);

        let keeper = Keeper::Admin(&admin);
        let promoting = bench.house.promote_key(keeper, before[1].id, Unseen::Refuse, &from);
        assert_eq!(promoting.await.unwrap(), Promotion::Done, "nothing is federated yet");
        let after = keys(&bench).await;
        assert_eq!(states(&after), [Active, Next, Retired]);
        assert_eq!((after[0].id, after[2].id), (before[1].id, before[0].id));
        assert!(after[1].published_at.is_some() && after[2].retired_at.is_some());

        let second = certificate(&bench.enter(QUERY, &from, Some(&alice)).await);
        assert_ne!(first, second);
        let document = bench.house.federation_metadata(SLUG).await.unwrap();
        assert_ne!(document.digest, old_document.digest);
        assert!(document.xml.contains(&second) && !document.xml.contains(&first));
        assert_eq!(
            document.xml.matches("<md:KeyDescriptor use=\"signing\">").count(),
            4,
            "in both roles"
        );
        let elsewhere = bench.second_node().await.federation_metadata(SLUG).await.unwrap();
        assert_eq!(document, elsewhere, "every node says the same to the byte");
        assert_eq!(audited(&bench, AuditKind::KeyPromoted).await, 1);
        assert_eq!(audited(&bench, AuditKind::KeyMade).await, 3);
    });
}

#[test]
fn a_key_that_microsoft_was_not_seen_to_have_needs_a_word_more() {
    both(|bench| async move {
        let from = visitor("203.0.113.2");
        federate(&bench).await;
        let next = keys(&bench).await[1].id;
        let refused = bench.house.promote_key(Keeper::Operator, next, Unseen::Refuse, &from).await;
        let domains = vec!["contoso.com".to_owned()];
        assert_eq!(refused.unwrap(), Promotion::Unseen { domains, tenants: Vec::new() });
        assert_eq!(keys(&bench).await[1].id, next, "nothing was changed");
        let accepted = bench.house.promote_key(Keeper::Operator, next, Unseen::Accept, &from).await;
        assert_eq!(accepted.unwrap(), Promotion::Done);
        let again = bench.house.promote_key(Keeper::Operator, next, Unseen::Accept, &from).await;
        assert_eq!(again.unwrap_err().kind, Kind::Conflict, "it is the next key no more");
    });
}

/// R128: Entra keeps our keys for a day. A key that is promoted a minute after it was made would have every
/// answer about a second factor refused, and nothing is federated that would show it.
#[test]
fn a_key_that_a_tenant_which_asks_can_not_have_read_needs_a_word_more() {
    both(|bench| async move {
        let from = visitor("203.0.113.7");
        let now = bench.house.now();
        let asking = bench.store.write(move |tx| {
            let tenant_id = store::tenants::all(tx)?.remove(0).id;
            let set = ExternalMfa { tenant_id, enabled: true, app_id: None, changed_at: now };
            store::external_mfa::put(tx, &set)
        });
        asking.await.unwrap();
        let promote = |next, unseen| bench.house.promote_key(Keeper::Operator, next, unseen, &from);
        let next = keys(&bench).await[1].id;
        let refused =
            Promotion::Unseen { domains: Vec::new(), tenants: vec!["Contoso".to_owned()] };
        assert_eq!(promote(next, Unseen::Refuse).await.unwrap(), refused);
        bench.pass(Duration::from_hours(47));
        assert_eq!(promote(next, Unseen::Refuse).await.unwrap(), refused);
        assert_eq!(keys(&bench).await[1].id, next, "nothing was changed");
        bench.pass(Duration::from_hours(1));
        assert_eq!(promote(next, Unseen::Refuse).await.unwrap(), Promotion::Done);
        let young = keys(&bench).await[1].id;
        assert_eq!(promote(young, Unseen::Refuse).await.unwrap(), refused);
        assert_eq!(promote(young, Unseen::Accept).await.unwrap(), Promotion::Done);
        let active = keys(&bench).await[0].id;
        let replaced = bench.house.replace_keys(Keeper::Operator, active, &from).await.unwrap();
        assert_eq!(replaced.tenants, ["Contoso"]);
    });
}

/// R147
#[test]
fn only_a_security_admin_with_a_fresh_code_turns_keys() {
    both(|bench| async move {
        let from = visitor("203.0.113.3");
        let old = keys(&bench).await;
        let admin = bench.admin().await;
        bench.pass(Duration::from_secs(301));
        let keeper = Keeper::Admin(&admin);
        let stale = [
            bench.house.promote_key(keeper, old[1].id, Unseen::Accept, &from).await.map(drop),
            bench.house.replace_keys(keeper, old[0].id, &from).await.map(drop),
            bench.house.make_next_key(keeper, &from).await,
        ];
        assert!(stale.iter().all(|it| it.as_ref().unwrap_err().kind == Kind::StepUp), "{stale:?}");
        let (olivia, now) = (bench.user_id("olivia").await, bench.house.now());
        let lower =
            bench.store.write(move |tx| users::set_role(tx, olivia, Some(Role::UserAdmin), now));
        lower.await.unwrap();
        let admin = bench.admin().await;
        let keeper = Keeper::Admin(&admin);
        let promoted = bench.house.promote_key(keeper, old[1].id, Unseen::Accept, &from).await;
        assert_eq!(promoted.unwrap_err().kind, Kind::Forbidden);
        let replaced = bench.house.replace_keys(keeper, old[0].id, &from).await;
        assert_eq!(replaced.unwrap_err().kind, Kind::Forbidden);
        assert_eq!(keys(&bench).await, old);
    });
}

/// R129
#[test]
fn an_emergency_makes_two_new_keys_and_ends_the_sessions_of_everybody_else() {
    both(|bench| async move {
        use SigningKeyState::{Active, Next, Retired};
        let from = visitor("203.0.113.4");
        federate(&bench).await;
        let (_, alice) = bench.employee("alice", &from).await;
        let admin = bench.admin().await;
        let old = keys(&bench).await;
        let keeper = Keeper::Admin(&admin);
        let done = bench.house.replace_keys(keeper, old[0].id, &from).await.unwrap();
        assert_eq!((done.sessions_ended, done.domains), (1, vec!["contoso.com".to_owned()]));
        let new = keys(&bench).await;
        assert_eq!(states(&new), [Active, Next, Retired, Retired]);
        assert!(new[..2].iter().all(|key| old.iter().all(|old| old.id != key.id)));
        assert!(bench.house.employee(&alice).await.unwrap().is_none());
        let document = bench.house.federation_metadata(SLUG).await.unwrap();
        for (nth, key) in new.iter().enumerate() {
            use base64::Engine as _;
            let text = base64::engine::general_purpose::STANDARD.encode(&key.certificate);
            assert_eq!(document.xml.contains(&text), nth < 2, "{:?}", key.state);
        }
        let again = bench.house.replace_keys(keeper, old[0].id, &from).await;
        assert_eq!(again.unwrap_err().kind, Kind::Conflict, "a second click does not turn twice");
        assert_eq!(audited(&bench, AuditKind::KeysReplaced).await, 1);
    });
}

/// R128
#[test]
fn no_token_is_refused_while_keys_are_promoted_on_two_nodes() {
    both(|bench| async move {
        let from = visitor("203.0.113.5");
        let (_, alice) = bench.employee("alice", &from).await;
        let nodes = [bench.house.clone(), bench.second_node().await];
        let over = Arc::new(AtomicBool::new(false));
        let asking: Vec<_> = (0..6)
            .map(|nth| {
                let (node, alice, from) = (nodes[nth % 2].clone(), alice.clone(), from.clone());
                let over = Arc::clone(&over);
                tokio::spawn(async move {
                    let mut certificates = Vec::new();
                    while !over.load(Ordering::SeqCst) {
                        certificates.extend(ask_often(&node, &alice, &from, 1).await);
                    }
                    certificates
                })
            })
            .collect();
        for node in nodes.iter().cycle().take(8) {
            let next = keys(&bench).await[1].id;
            let done = node.promote_key(Keeper::Operator, next, Unseen::Refuse, &from).await;
            assert_eq!(done.unwrap(), Promotion::Done);
        }
        over.store(true, Ordering::SeqCst);
        let mut all = Vec::new();
        for asks in asking {
            all.extend(asks.await.unwrap());
        }
        let issued = bench.store.read(issued_tokens::count).await.unwrap();
        assert_eq!(usize::try_from(issued).unwrap(), all.len());
        let keys: BTreeSet<_> = all.into_iter().collect();
        assert!(keys.len() > 1, "tokens were made by {} keys", keys.len());
    });
}

async fn ask_often(
    node: &app::House,
    alice: &Secret,
    from: &app::Visitor,
    times: usize,
) -> Vec<String> {
    let mut certificates = Vec::new();
    for _ in 0..times {
        let entered = node.enter_wsfed(SLUG, QUERY, from, Some(alice)).await.unwrap();
        certificates.push(certificate(&entered));
    }
    certificates
}

#[test]
fn a_token_is_issued_however_fast_things_change() {
    both(|bench| async move {
        let from = visitor("203.0.113.6");
        let (_, alice) = bench.employee("alice", &from).await;
        let (store, user, now) =
            (bench.store.clone(), bench.user_id("carol").await, bench.house.now());
        let changing = tokio::spawn(async move {
            loop {
                let change = store.write(move |tx| users::set_role(tx, user, None, now));
                change.await.unwrap();
            }
        });
        let certificates = ask_often(&bench.house, &alice, &from, 40).await;
        assert!(!changing.is_finished(), "things changed all the while");
        changing.abort();
        assert_eq!(certificates.len(), 40);
    });
}
