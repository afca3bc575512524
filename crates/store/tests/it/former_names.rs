//! Names that people had before.

use model::{
    Actor, Ts, Upn,
    audit::{AuditEvent, AuditKind, Outcome},
    ids::{AuditId, UserId},
};
use store::{
    Error,
    audit_log::{self, AuditFilter, Named},
    former_names,
    testing::both,
    users,
};

use crate::samples::{alice, at, id, user};

fn event(number: u128, subject: &str, when: Ts) -> AuditEvent {
    AuditEvent {
        id: AuditId(id(number)),
        at: when,
        actor: Actor::Admin(UserId(id(1))),
        kind: AuditKind::UserChanged,
        subject: subject.to_owned(),
        outcome: Outcome::Done,
        detail: String::new(),
        client_address: "192.0.2.1".to_owned(),
        correlation_id: "c".to_owned(),
    }
}

#[test]
fn names_are_kept_with_the_last_time_that_they_were_given_up() {
    both(async |store| {
        let done = store.write(|tx| {
            let alice = alice(tx)?;
            let name = |text: &str| Upn::parse(text).expect("a name");
            former_names::add(tx, alice, &name("Al@contoso.com"), at(1))?;
            former_names::add(tx, alice, &name("ali@contoso.com"), at(2))?;
            former_names::add(tx, alice, &name("al@contoso.com"), at(3))?;
            let now = name("alice@contoso.com");
            let kept: Vec<_> = former_names::of_user(tx, alice, &now)?
                .into_iter()
                .map(|named| (named.name, named.since, named.until))
                .collect();
            let named = |name: &str, until| (name.to_owned(), None, until);
            let all = [
                named("alice@contoso.com", None),
                named("al@contoso.com", Some(at(3))),
                named("ali@contoso.com", Some(at(2))),
            ];
            assert_eq!(kept, all);
            assert_eq!(former_names::unfollowed(tx)?[&alice].len(), 2);
            assert_eq!(former_names::last_holders(tx)?["ali@contoso.com"], alice);
            former_names::settle(tx, alice)?;
            assert_eq!(former_names::unfollowed(tx)?.len(), 0);
            former_names::add(tx, alice, &now, at(4))?;
            assert_eq!(former_names::unfollowed(tx)?[&alice].len(), 1);
            let bob = user(2, "Bob");
            users::create(tx, &bob)?;
            let his = former_names::of_user(tx, bob.id, &now)?;
            assert_eq!((his[0].since, his[0].until), (Some(at(4)), None), "hers until then");
            Ok::<_, Error>(())
        });
        done.await.expect("written");
    });
}

/// Somebody else may have the name since then.
#[test]
fn rows_under_a_former_name_are_found_until_it_was_given_up() {
    both(async |store| {
        let done = store.write(|tx| {
            for (number, subject, when) in [
                (1, "ali@contoso.com", 1),
                (2, "ali@contoso.com", 5),
                (3, "alice@contoso.com", 5),
                (4, "alice@contoso.com", 2),
            ] {
                audit_log::record(tx, &event(number, subject, at(when)))?;
            }
            let filter = AuditFilter {
                names: vec![
                    Named { name: "Alice@contoso.com".to_owned(), since: Some(at(2)), until: None },
                    Named { name: "ali@contoso.com".to_owned(), since: None, until: Some(at(2)) },
                ],
                kind: Some(AuditKind::UserChanged),
                limit: 9,
                ..AuditFilter::default()
            };
            let found = audit_log::list(tx, &filter)?;
            assert_eq!(found.total, 2);
            let found: Vec<_> = found.rows.iter().map(|row| row.id.0.as_u128()).collect();
            assert_eq!(found, [3, 1]);
            let other = AuditFilter { kind: Some(AuditKind::Assigned), ..filter };
            assert_eq!(audit_log::list(tx, &other)?.total, 0, "of that kind there is none");
            Ok::<_, Error>(())
        });
        done.await.expect("written");
    });
}
