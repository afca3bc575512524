//! The revision moves with everything that a token must not miss, and with nothing else.

use model::{
    FactorEvent, Method, Role,
    entra::{EntraLink, Origin},
    guess::{GuessCounter, GuessKey},
    ids::{GroupId, ObjectId, OutboxId, UserId},
    plan::Scope,
    signing_key::SigningKeyState,
    user::{Group, UserState},
};
use store::{
    Error, Store, Tx, applications, assignments, entra_links, factors, federated_domains, groups,
    guess_counters, outbox, pending_requests, policy_versions, relying_parties, remembered_devices,
    revision, sessions, settings, signing_keys,
    tenant_admins::{self, Holders},
    tenants,
    testing::both,
    users, wstrust_permits,
};

use crate::policy::version;
use crate::remembered::device;
use crate::samples::{
    NOON, alice, application, assignment, at, domain, id, permit, relying_party, request, session,
    signing_key, tenant, totp, user,
};

const ALICE: UserId = UserId(id(1));

type Change = fn(&mut Tx) -> Result<(), Error>;

/// Does each change in a transaction of its own; says by how much the revision grew.
async fn growth(store: &Store, changes: &[(&'static str, Change)]) -> Vec<(&'static str, i64)> {
    let mut growth = Vec::new();
    for (name, change) in changes.iter().copied() {
        let before = store.read(revision::current).await.expect("read");
        store.write(change).await.expect(name);
        growth.push((name, store.read(revision::current).await.expect("read") - before));
    }
    growth
}

/// R080
#[test]
fn changes_that_a_token_must_not_miss_move_it() {
    const CHANGES: [(&str, Change); 25] = [
        ("settings::put, where the policy is", |tx| settings::put(tx, "a", "b")),
        ("users::create", |tx| alice(tx).map(drop)),
        ("users::update", |tx| users::update(tx, &user(1, "Alicia"))),
        ("users::set_state", |tx| users::set_state(tx, ALICE, UserState::Blocked, NOON)),
        ("users::set_role", |tx| users::set_role(tx, ALICE, Some(Role::Owner), NOON)),
        ("tenants::create", |tx| tenants::create(tx, &tenant(40, "x"))),
        ("tenants::update", |tx| tenants::update(tx, &tenant(40, "y"))),
        ("tenants::stop_writes", |tx| tenants::stop_writes(tx, tenant(40, "x").id, true)),
        ("domains::create", |tx| federated_domains::create(tx, &domain(50, tenant(40, "x").id))),
        ("domains::update", |tx| federated_domains::update(tx, &domain(50, tenant(40, "x").id))),
        ("domains::set_federated_at", |tx| {
            federated_domains::set_federated_at(tx, domain(50, tenant(40, "x").id).id, Some(NOON))
        }),
        ("relying_parties::create", |tx| relying_parties::create(tx, &party())),
        ("relying_parties::set_enabled", |tx| relying_parties::set_enabled(tx, party().id, false)),
        ("applications::create", |tx| applications::create(tx, &office())),
        ("applications::update_settings", |tx| {
            applications::update_settings(tx, office().id, &office().settings)
        }),
        ("assignments::add", |tx| assignments::add(tx, &assignment(71, ALICE, office().id))),
        ("assignments::end", |tx| {
            assignments::end(tx, assignment(71, ALICE, office().id).id, NOON)
        }),
        ("signing_keys::create", |tx| {
            signing_keys::create(tx, &signing_key(80, SigningKeyState::Next, b"key"))
        }),
        ("signing_keys::promote", |tx| signing_keys::promote(tx, key(), NOON)),
        ("signing_keys::retire_both", |tx| signing_keys::retire_both(tx, NOON)),
        ("sessions::end", |tx| {
            sessions::open(tx, &session(10, ALICE), &[1; 32])?;
            sessions::end(tx, session(10, ALICE).id, NOON)
        }),
        ("sessions::end_all_of", |tx| {
            sessions::open(tx, &session(11, ALICE), &[2; 32])?;
            sessions::end_all_of(tx, ALICE, None, NOON).map(drop)
        }),
        ("sessions::end_everybodys", |tx| {
            sessions::open(tx, &session(12, ALICE), &[3; 32])?;
            sessions::end_everybodys(tx, None, NOON).map(drop)
        }),
        ("the oldest session ends", |tx| {
            for number in 0..21_u8 {
                sessions::open(tx, &session(100 + u128::from(number), ALICE), &[number + 9; 32])?;
            }
            Ok(())
        }),
        ("two changes at once", |tx| {
            users::set_role(tx, ALICE, None, NOON)?;
            users::set_state(tx, ALICE, UserState::Active, NOON)
        }),
    ];
    both(async |store| {
        for (name, grown) in growth(&store, &CHANGES).await {
            assert_eq!(grown, 1, "{name}");
        }
    });
}

/// R087
#[test]
fn who_administers_a_tenant_moves_it() {
    const CHANGES: [(&str, Change); 8] = [
        ("tenants::create", |tx| tenants::create(tx, &tenant(40, "x"))),
        ("tenants::keep_admins_out", |tx| tenants::keep_admins_out(tx, tenant(40, "x").id, true)),
        ("tenant_admins::add", |tx| {
            tenant_admins::add(tx, tenant(40, "x").id, ObjectId(id(7)), None)
        }),
        ("tenant_admins::remove", |tx| {
            tenant_admins::remove(tx, tenant(40, "x").id, ObjectId(id(7)))
        }),
        ("tenant_admins::replace", |tx| {
            tenant_admins::replace(tx, tenant(40, "x").id, &holders("anchor-7")).map(drop)
        }),
        ("tenant_admins::replace, another immutable id", |tx| {
            tenant_admins::replace(tx, tenant(40, "x").id, &holders("anchor-8")).map(drop)
        }),
        ("entra_links::put", |tx| entra_links::put(tx, tenant(40, "x").id, &link(7))),
        ("entra_links::remove", |tx| entra_links::remove(tx, tenant(40, "x").id, ALICE)),
    ];
    const SAME: [(&str, Change); 4] = [
        ("tenant_admins::replace", |tx| {
            tenant_admins::replace(tx, tenant(40, "x").id, &holders("anchor-8")).map(drop)
        }),
        ("tenant_admins::looked", |tx| tenant_admins::looked(tx, tenant(40, "x").id, NOON)),
        ("entra_links::put", |tx| entra_links::put(tx, tenant(40, "x").id, &link(7))),
        ("entra_links::remove", |tx| entra_links::remove(tx, tenant(40, "x").id, UserId(id(2)))),
    ];
    both(async |store| {
        store.write(alice).await.expect("created");
        for (name, grown) in growth(&store, &CHANGES).await {
            assert_eq!(grown, 1, "{name}");
        }
        store.write(|tx| entra_links::put(tx, tenant(40, "x").id, &link(7))).await.expect("put");
        for (name, grown) in growth(&store, &SAME).await {
            assert_eq!(grown, 0, "{name}");
        }
        let other = |tx: &mut Tx| entra_links::put(tx, tenant(40, "x").id, &link(8));
        assert_eq!(growth(&store, &[("another object", other)]).await, [("another object", 1)]);
    });
}

fn holders(immutable_id: &str) -> Holders {
    Holders::from([(ObjectId(id(7)), Some(immutable_id.to_owned()))])
}

fn link(object: u128) -> EntraLink {
    let object_id = ObjectId(id(object));
    EntraLink { user_id: ALICE, object_id, origin: Origin::Found, deleted_at: None }
}

#[test]
fn who_is_in_a_group_moves_it() {
    const SALES: GroupId = GroupId(id(20));
    const CHANGES: [(&str, Change); 3] = [
        ("groups::add_member", |tx| {
            alice(tx)?;
            groups::create(tx, &Group { id: SALES, name: "Sales".to_owned() })?;
            groups::add_member(tx, SALES, ALICE)
        }),
        ("groups::remove_member", |tx| groups::remove_member(tx, SALES, ALICE).map(drop)),
        ("groups::remove", |tx| groups::remove(tx, SALES)),
    ];
    both(async |store| {
        for (name, grown) in growth(&store, &CHANGES).await {
            assert_eq!(grown, 1, "{name}");
        }
    });
}

#[test]
fn who_may_use_a_password_alone_moves_it() {
    const CHANGES: [(&str, Change); 6] = [
        ("remembered_devices::forget", |tx| {
            remembered_devices::put(tx, &device(10, ALICE), (&[1; 32], &[2; 32]))?;
            remembered_devices::forget(tx, device(10, ALICE).id).map(drop)
        }),
        ("remembered_devices::forget_all_of", |tx| {
            remembered_devices::put(tx, &device(11, ALICE), (&[3; 32], &[4; 32]))?;
            remembered_devices::forget_all_of(tx, ALICE).map(drop)
        }),
        ("policy_versions::publish", |tx| policy_versions::publish(tx, &version(1, &[]), NOON)),
        ("wstrust_permits::put", |tx| {
            wstrust_permits::put(tx, &permit(domain(50, tenant(40, "x").id).id, ALICE))
        }),
        ("wstrust_permits::remove", |tx| {
            wstrust_permits::remove(tx, domain(50, tenant(40, "x").id).id).map(drop)
        }),
        ("groups::add_member", |tx| {
            let group = Group { id: GroupId(id(90)), name: "Sales".to_owned() };
            groups::create(tx, &group)?;
            groups::add_member(tx, group.id, ALICE)
        }),
    ];
    both(async |store| {
        store
            .write(|tx| {
                tenants::create(tx, &tenant(40, "x"))?;
                federated_domains::create(tx, &domain(50, tenant(40, "x").id))?;
                alice(tx)
            })
            .await
            .expect("created");
        for (name, grown) in growth(&store, &CHANGES).await {
            assert_eq!(grown, 1, "{name}");
        }
    });
}

fn party() -> model::relying_party::RelyingParty {
    relying_party(60, domain(50, tenant(40, "x").id).id)
}

fn office() -> model::application::Application {
    application(70, tenant(40, "x").id)
}

fn key() -> model::ids::SigningKeyId {
    signing_key(80, SigningKeyState::Next, b"key").id
}

#[test]
fn what_happens_at_every_sign_in_does_not_move_it() {
    const CHANGES: [(&str, Change); 9] = [
        ("sessions::open", |tx| sessions::open(tx, &session(10, ALICE), &[1; 32])),
        ("sessions::touch", |tx| sessions::touch(tx, session(10, ALICE).id, at(1))),
        ("sessions::add_event", |tx| {
            let event = FactorEvent { method: Method::Totp, at: NOON };
            sessions::add_event(tx, session(10, ALICE).id, event)
        }),
        ("sessions::rotate", |tx| sessions::rotate(tx, session(10, ALICE).id, &[2; 32])),
        ("pending_requests", |tx| {
            pending_requests::put(tx, &request(30))?;
            pending_requests::redeem(tx, request(30).id, NOON).map(drop)
        }),
        ("guess_counters", |tx| {
            let key = GuessKey("k".to_owned());
            guess_counters::lock(tx, &key)?;
            guess_counters::put(tx, &key, &GuessCounter::default())
        }),
        ("factors", |tx| factors::put_totp(tx, &totp(10, ALICE, b"seed"))),
        ("outbox", |tx| {
            let scope = Scope::Person(ALICE);
            outbox::put(tx, OutboxId(id(1)), tenant(40, "x").id, &scope, NOON)
        }),
        ("signing_keys::set_seen", |tx| signing_keys::set_seen(tx, key(), Some(NOON))),
    ];
    both(async |store| {
        store
            .write(|tx| {
                tenants::create(tx, &tenant(40, "x"))?;
                signing_keys::create(tx, &signing_key(80, SigningKeyState::Next, b"key"))?;
                alice(tx)
            })
            .await
            .expect("created");
        for (name, grown) in growth(&store, &CHANGES).await {
            assert_eq!(grown, 0, "{name}");
        }
    });
}

/// R080
#[test]
fn a_change_between_looking_and_writing_down_is_noticed() {
    both(async |store| {
        store.write(alice).await.expect("created");
        let seen = store.read(revision::current).await.expect("read");
        assert!(store.write(move |tx| revision::check(tx, seen)).await.expect("checked"));
        assert!(store.read(move |tx| revision::check(tx, seen)).await.expect("checked"));
        store
            .write(|tx| users::set_state(tx, ALICE, UserState::Blocked, NOON))
            .await
            .expect("blocked");
        assert!(!store.write(move |tx| revision::check(tx, seen)).await.expect("checked"));
        assert!(!store.read(move |tx| revision::check(tx, seen)).await.expect("checked"));
    });
}

#[test]
fn a_change_that_is_undone_does_not_move_it() {
    both(async |store| {
        let before = store.read(revision::current).await.expect("read");
        let undone: Result<(), Error> = store
            .write(|tx| {
                alice(tx)?;
                Err(Error::NotFound { what: "reason to go on" })
            })
            .await;
        assert!(undone.is_err());
        let counted = |tx: &mut Tx| {
            guess_counters::put(tx, &GuessKey("k".to_owned()), &GuessCounter::default())
        };
        store.write(counted).await.expect("a neighbour");
        assert_eq!(store.read(revision::current).await.expect("read"), before);
    });
}
