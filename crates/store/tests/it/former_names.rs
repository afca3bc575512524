//! Names that people had before.

use model::{
    Actor, Ts, Upn,
    audit::{AuditEvent, AuditKind, Outcome},
    ids::{AuditId, UserId},
};
use store::{
    Error,
    audit_log::{self, AuditFilter},
    former_names,
    testing::both,
};

use crate::samples::{alice, at, id};

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
            let kept = [("al@contoso.com", at(3)), ("ali@contoso.com", at(2))];
            let kept = kept.map(|(name, at)| (name.to_owned(), at));
            assert_eq!(former_names::of_user(tx, alice)?, kept);
            assert_eq!(former_names::of_user(tx, UserId(id(99)))?, []);
            assert_eq!(former_names::all(tx)?[&alice].len(), 2);
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
            for (number, subject, when) in
                [(1, "ali@contoso.com", 1), (2, "ali@contoso.com", 5), (3, "alice@contoso.com", 5)]
            {
                audit_log::record(tx, &event(number, subject, at(when)))?;
            }
            let filter = AuditFilter {
                subject: Some("alice@contoso.com".to_owned()),
                also: vec![("ali@contoso.com".to_owned(), at(2))],
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
