//! People, groups, settings and the audit log.

use model::{
    Actor, Role,
    audit::{AuditEvent, AuditKind, Outcome},
    ids::{AuditId, GroupId, UserId},
    user::{Group, UserState},
};
use store::{
    Error,
    audit_log::{self, AuditFilter},
    groups, settings,
    testing::both,
    users::{self, UserSearch},
};

use crate::samples::{NOON, alice, at, id, user};

#[test]
fn a_person_reads_back_as_written() {
    both(async |store| {
        let written = user(1, "Alice");
        let stored = written.clone();
        store.write(move |tx| users::create(tx, &stored)).await.expect("created");
        store
            .read(move |tx| {
                for found in [
                    users::by_id(tx, written.id)?,
                    users::by_upn(tx, " ALICE@contoso.COM. ")?,
                    users::by_immutable_id(tx, &written.immutable_id)?,
                ] {
                    assert_eq!(found.as_ref(), Some(&written));
                    let upn = found.map(|user| user.upn.to_string());
                    assert_eq!(upn.as_deref(), Some("Alice@Contoso.com"), "as typed");
                }
                assert_eq!(users::by_id(tx, UserId(id(9)))?, None);
                assert_eq!(users::by_upn(tx, "bob@contoso.com")?, None);
                Ok::<_, Error>(())
            })
            .await
            .expect("read");
    });
}

#[test]
fn changes_to_a_person_are_kept_and_of_a_stranger_refused() {
    both(async |store| {
        let changed = store
            .write(|tx| {
                let id = alice(tx)?;
                users::set_role(tx, id, Some(Role::Owner), at(1))?;
                users::set_state(tx, id, UserState::Blocked, at(2))?;
                let mut user = users::by_id(tx, id)?.expect("there");
                user.profile.country = Some("DE".to_owned());
                user.profile.department = None;
                users::update(tx, &user)?;
                users::by_id(tx, id)
            })
            .await
            .expect("changed")
            .expect("there");
        assert_eq!(changed.role, Some(Role::Owner));
        assert_eq!((changed.state, changed.updated_at), (UserState::Blocked, at(2)));
        assert_eq!(changed.profile.country.as_deref(), Some("DE"));
        assert_eq!(changed.profile.department, None);
        let stranger = store.write(|tx| users::update(tx, &user(9, "Nobody"))).await;
        assert!(matches!(stranger, Err(Error::NotFound { what: "user" })), "{stranger:?}");
        let stranger = store.write(|tx| users::set_role(tx, UserId(id(9)), None, NOON)).await;
        assert!(matches!(stranger, Err(Error::NotFound { .. })), "{stranger:?}");
    });
}

#[test]
fn a_name_in_any_case_and_an_immutable_id_are_given_once() {
    both(async |store| {
        store.write(alice).await.expect("created");
        let mut same_name = user(2, "ALICE");
        same_name.state = UserState::Blocked;
        let clash = store.write(move |tx| users::create(tx, &same_name)).await;
        assert!(clash.as_ref().is_err_and(|e| e.is_conflict_with("users_upn_fold")), "{clash:?}");
        let mut same_anchor = user(2, "Bob");
        same_anchor.immutable_id = user(1, "Alice").immutable_id;
        let clash = store.write(move |tx| users::create(tx, &same_anchor)).await;
        assert!(
            clash.as_ref().is_err_and(|e| e.is_conflict_with("users_immutable_id")),
            "{clash:?}"
        );
        let mut same_id = user(3, "Carol");
        same_id.id = UserId(id(1));
        let clash = store.write(move |tx| users::create(tx, &same_id)).await;
        assert!(clash.as_ref().is_err_and(|e| e.is_conflict_with("users_id")), "{clash:?}");
    });
}

/// R084
#[test]
fn a_deleted_person_gives_the_name_back_and_keeps_the_immutable_id() {
    both(async |store| {
        store
            .write(|tx| {
                let id = alice(tx)?;
                users::set_state(tx, id, UserState::Deleted, at(1))?;
                assert_eq!(users::by_upn(tx, "alice@contoso.com")?, None);
                users::create(tx, &user(2, "Alice"))?;
                let old = users::by_immutable_id(tx, &user(1, "Alice").immutable_id)?;
                assert_eq!(old.map(|user| user.state), Some(UserState::Deleted));
                assert_eq!((users::all(tx)?.len(), users::everyone(tx)?.len()), (1, 2));
                Ok::<_, Error>(())
            })
            .await
            .expect("the name is free");
        let mut third = user(3, "Dan");
        third.immutable_id = user(1, "Alice").immutable_id;
        let clash = store.write(move |tx| users::create(tx, &third)).await;
        assert!(clash.is_err_and(|e| e.is_conflict_with("users_immutable_id")));
    });
}

#[test]
fn people_are_found_by_part_of_a_name_or_department_taken_literally() {
    both(async |store| {
        store
            .write(|tx| {
                for (number, name) in [(1, "alice"), (2, "bob"), (3, "carol")] {
                    users::create(tx, &user(number, name))?;
                }
                let mut bob = user(2, "bob");
                bob.profile.department = Some("Größe".to_owned());
                users::update(tx, &bob)
            })
            .await
            .expect("created");
        store
            .read(|tx| {
                for (query, expected) in [
                    ("", vec!["alice", "bob", "carol"]),
                    ("  ALI", vec!["alice"]),
                    ("ob do", vec!["bob"]),
                    ("GRÖSSE", vec![]),
                    ("GRÖß", vec!["bob"]),
                    ("s_and%", vec!["alice", "carol"]),
                    ("%", vec!["alice", "carol"]),
                    ("s%a", vec![]),
                    ("\\", vec![]),
                    ("' OR 1=1 --", vec![]),
                ] {
                    let search =
                        UserSearch { query: query.to_owned(), limit: 10, ..Default::default() };
                    let page = users::search(tx, &search)?;
                    let names: Vec<_> = page.rows.iter().map(|u| u.upn.name()).collect();
                    assert_eq!(names, expected, "{query}");
                    assert_eq!(page.total, i64::try_from(expected.len()).expect("few"));
                }
                let page =
                    users::search(tx, &UserSearch { limit: 1, offset: 1, ..Default::default() })?;
                assert_eq!((page.rows[0].upn.name(), page.rows.len(), page.total), ("bob", 1, 3));
                Ok::<_, Error>(())
            })
            .await
            .expect("found");
    });
}

#[test]
fn only_active_owners_count() {
    both(async |store| {
        let counts = store
            .write(|tx| {
                let mut counts = Vec::new();
                for (number, name) in [(1, "alice"), (2, "bob")] {
                    let user = user(number, name);
                    users::create(tx, &user)?;
                    users::set_role(tx, user.id, Some(Role::Owner), NOON)?;
                    counts.push(users::owners(tx)?);
                }
                users::set_state(tx, UserId(id(1)), UserState::Blocked, NOON)?;
                counts.push(users::owners(tx)?);
                users::set_role(tx, UserId(id(2)), None, NOON)?;
                counts.push(users::owners(tx)?);
                Ok::<_, Error>(counts)
            })
            .await
            .expect("counted");
        assert_eq!(counts, [1, 2, 1, 0]);
    });
}

#[test]
fn groups_know_their_members() {
    both(async |store| {
        let sales = Group { id: GroupId(id(20)), name: "Sales".to_owned() };
        let empty = Group { id: GroupId(id(21)), name: "empty".to_owned() };
        let (one, two) = (sales.clone(), empty.clone());
        store
            .write(move |tx| {
                let id = alice(tx)?;
                groups::create(tx, &one)?;
                groups::create(tx, &two)?;
                groups::add_member(tx, one.id, id)?;
                groups::add_member(tx, one.id, id)
            })
            .await
            .expect("twice is once");
        let (all, hers) = store
            .read(|tx| Ok::<_, Error>((groups::all(tx)?, groups::of_user(tx, UserId(id(1)))?)))
            .await
            .expect("read");
        assert_eq!(all, [(empty, 0), (sales.clone(), 1)]);
        assert_eq!(hers, [sales]);
        let group = Group { id: GroupId(id(22)), name: "SALES".to_owned() };
        let clash = store.write(move |tx| groups::create(tx, &group)).await;
        assert!(clash.is_err_and(|e| e.is_conflict_with("groups_name_fold")));
        let nobody = store.write(|tx| groups::add_member(tx, GroupId(id(20)), UserId(id(9)))).await;
        assert!(nobody.is_err_and(|e| e.is_conflict_with("foreign_key")));
    });
}

#[test]
fn a_group_gets_another_name_loses_people_and_goes() {
    both(async |store| {
        store
            .write(|tx| {
                let (alice, sales) = (alice(tx)?, GroupId(id(20)));
                let group = |name: &str| Group { id: sales, name: name.to_owned() };
                groups::create(tx, &group("Sales"))?;
                groups::add_member(tx, sales, alice)?;
                groups::rename(tx, &group("Vertrieb"))?;
                assert_eq!(groups::by_id(tx, sales)?, Some(group("Vertrieb")));
                assert_eq!(groups::by_name(tx, "VERTRIEB ")?, Some(group("Vertrieb")));
                assert_eq!(groups::by_name(tx, "Sales")?, None);
                assert_eq!(groups::members(tx, sales)?, [alice]);
                assert!(groups::remove_member(tx, sales, alice)?);
                assert!(!groups::remove_member(tx, sales, alice)?, "not in it");
                groups::add_member(tx, sales, alice)?;
                groups::remove(tx, sales)?;
                assert_eq!(
                    (groups::by_id(tx, sales)?, groups::of_user(tx, alice)?),
                    (None, vec![])
                );
                assert!(groups::rename(tx, &group("Sales")).is_err(), "gone");
                assert!(groups::remove(tx, sales).is_err(), "gone");
                Ok::<_, Error>(())
            })
            .await
            .expect("kept");
    });
}

#[test]
fn a_setting_is_replaced() {
    both(async |store| {
        store
            .write(|tx| {
                assert_eq!(settings::get(tx, "organisation")?, None);
                settings::put(tx, "organisation", "Contoso")?;
                settings::put(tx, "organisation", "Contoso Ltd")?;
                assert_eq!(settings::get(tx, "organisation")?.as_deref(), Some("Contoso Ltd"));
                Ok::<_, Error>(())
            })
            .await
            .expect("kept");
    });
}

#[test]
fn the_audit_log_is_listed_newest_first_and_filtered() {
    both(async |store| {
        let event = |number: u128, kind, subject: &str| AuditEvent {
            id: AuditId(id(number)),
            at: at(i64::try_from(number).expect("small")),
            actor: Actor::Admin(UserId(id(1))),
            kind,
            subject: subject.to_owned(),
            outcome: Outcome::Refused,
            detail: "why".to_owned(),
            client_address: "192.0.2.1".to_owned(),
            correlation_id: "c".to_owned(),
        };
        let events = [
            event(1, AuditKind::Assigned, "Alice@contoso.com"),
            event(2, AuditKind::Unassigned, "alice@contoso.com"),
            event(3, AuditKind::Assigned, "bob@contoso.com"),
        ];
        let stored = events.clone();
        store
            .write(move |tx| stored.iter().try_for_each(|event| audit_log::record(tx, event)))
            .await
            .expect("recorded");
        store
            .read(move |tx| {
                let mut list = |subject: Option<&str>, kind, limit, offset| {
                    let subject = subject.map(str::to_owned);
                    let filter = AuditFilter { subject, kind, limit, offset, ..Default::default() };
                    audit_log::list(tx, &filter).map(|page| (page.rows, page.total))
                };
                let [one, two, three] = events;
                let all = vec![three.clone(), two.clone(), one.clone()];
                assert_eq!(list(None, None, 10, 0)?, (all, 3));
                assert_eq!(list(None, None, 1, 1)?, (vec![two.clone()], 3));
                assert_eq!(
                    list(Some("ALICE@contoso.com"), None, 9, 0)?,
                    (vec![two, one.clone()], 2)
                );
                assert_eq!(
                    list(None, Some(AuditKind::Assigned), 9, 0)?,
                    (vec![three, one.clone()], 2)
                );
                let kind = Some(AuditKind::Assigned);
                assert_eq!(list(Some("alice@contoso.com"), kind, 9, 0)?, (vec![one], 1));
                Ok::<_, Error>(())
            })
            .await
            .expect("listed");
    });
}

#[test]
fn refusals_at_the_doors_are_put_together_by_what_they_say() {
    both(async |store| {
        let event = |number: u128, kind, subject: &str, detail: &str, outcome| AuditEvent {
            id: AuditId(id(number)),
            at: at(i64::try_from(number).expect("small")),
            actor: Actor::Anonymous,
            kind,
            subject: subject.to_owned(),
            outcome,
            detail: detail.to_owned(),
            client_address: "192.0.2.1".to_owned(),
            correlation_id: "c".to_owned(),
        };
        let (password, refused) = (AuditKind::PasswordChecked, Outcome::Refused);
        let wrong = "WS-Trust, by Outlook: wrong password";
        let events = [
            event(1, password, "alice@contoso.com", wrong, refused),
            event(2, password, "Alice@contoso.com", wrong, refused),
            event(3, password, "alice@contoso.com", "WS-Trust, by Outlook", Outcome::Done),
            event(4, password, "alice@contoso.com", "wrong_password", refused),
            event(5, AuditKind::Throttled, "alice@contoso.com", "SAML ECP: throttled", refused),
            event(6, AuditKind::RequestRefused, "contoso.com", "WS-Trust: it has expired", refused),
            event(7, AuditKind::UserBlocked, "alice@contoso.com", wrong, refused),
        ];
        store
            .write(move |tx| events.iter().try_for_each(|event| audit_log::record(tx, event)))
            .await
            .expect("recorded");
        store
            .read(|tx| {
                let mut found = |since, name: Option<&str>| {
                    let rows = audit_log::refusals_at_doors(tx, at(since), name)?;
                    let said = rows.into_iter().map(|row| {
                        let (first, last) = (row.first, row.last);
                        (row.name, row.note.cause.as_str().to_owned(), row.times, first, last)
                    });
                    Ok::<_, Error>(said.collect::<Vec<_>>())
                };
                let row = |name: &str, cause: &str, times, first, last| {
                    (name.to_owned(), cause.to_owned(), times, at(first), at(last))
                };
                let alice = "alice@contoso.com";
                let throttled = row(alice, "throttled", 1, 5, 5);
                let expired = row("contoso.com", "it has expired", 1, 6, 6);
                let all = [expired, throttled.clone(), row(alice, "wrong password", 2, 1, 2)];
                assert_eq!(found(0, None)?, all);
                let late = row(alice, "wrong password", 1, 2, 2);
                assert_eq!(found(2, Some("ALICE@contoso.com"))?, [throttled, late]);
                assert_eq!(found(8, None)?, []);
                Ok::<_, Error>(())
            })
            .await
            .expect("found");
    });
}
