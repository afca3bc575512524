//! Alarms and watches.

use model::{
    alarm::{Acknowledgement, Alarm, Cause, Change},
    ids::{AlarmId, UserId},
    look::{ConnectionSeen, Look, LookKind},
    watch::{Sight, Watch, WatchKind},
};
use store::{Error, alarms, looks, testing::both, watches};

use crate::samples::{NOON, at, id};

fn alarm(number: u128, subject: &str) -> Alarm {
    let change = Change {
        property: "issuerUri".to_owned(),
        planned: "https://ours/\u{1f511}".to_owned(),
        found: "https://theirs/\"".to_owned(),
    };
    Alarm {
        id: AlarmId(id(number)),
        subject: subject.to_owned(),
        cause: Cause::FederationDiffers { changes: vec![change] },
        first_seen_at: NOON,
        last_seen_at: at(1),
        ended_at: None,
        acknowledged: None,
    }
}

#[test]
fn an_alarm_reads_back_and_ends_once() {
    both(async |store| {
        store
            .write(|tx| {
                let mut first = alarm(1, "contoso.com");
                assert!(alarms::begin(tx, &first)?);
                assert_eq!(alarms::open(tx)?, [first.clone()]);
                first.last_seen_at = at(2);
                first.cause = Cause::FederationLost { issuer: None };
                first.acknowledged = Some(Acknowledgement { by: UserId(id(2)), at: at(2) });
                assert!(alarms::update(tx, &first)?);
                assert_eq!(alarms::by_id(tx, first.id)?.as_ref(), Some(&first));
                first.ended_at = Some(at(3));
                assert!(alarms::update(tx, &first)?);
                assert!(!alarms::update(tx, &first)?, "it has ended");
                assert_eq!((alarms::open(tx)?, alarms::ended(tx, 9)?), (vec![], vec![first]));
                assert!(alarms::ended(tx, 0)?.is_empty());
                assert_eq!(alarms::by_id(tx, AlarmId(id(99)))?, None);
                Ok::<_, Error>(())
            })
            .await
            .expect("kept");
    });
}

#[test]
fn a_subject_has_one_open_alarm_of_a_kind() {
    both(async |store| {
        store
            .write(|tx| {
                let mut first = alarm(1, "contoso.com");
                assert!(alarms::begin(tx, &first)?);
                assert!(!alarms::begin(tx, &alarm(2, "contoso.com"))?, "it rings already");
                assert!(alarms::begin(tx, &alarm(3, "fabrikam.com"))?);
                let untrusted = Alarm { cause: Cause::KeyUntrusted, ..alarm(4, "contoso.com") };
                assert!(alarms::begin(tx, &untrusted)?);
                first.ended_at = Some(at(3));
                assert!(alarms::update(tx, &first)?);
                assert!(alarms::begin(tx, &alarm(5, "contoso.com"))?, "it begins anew");
                assert_eq!(alarms::open(tx)?.len(), 3);
                Ok::<_, Error>(())
            })
            .await
            .expect("kept");
    });
}

#[test]
fn the_last_look_at_each_thing_is_kept() {
    both(async |store| {
        store
            .write(|tx| {
                let look = |kind, subject: &str, seconds, sight| Watch {
                    kind,
                    subject: subject.to_owned(),
                    tried_at: at(seconds),
                    sight,
                    read_until: None,
                };
                let round = look(WatchKind::Round, "", 1, Sight::Seen);
                let old = look(WatchKind::Federation, "old.com", 1, Sight::Seen);
                let blind = Sight::Blind("no answer".to_owned());
                let blind = look(WatchKind::Federation, "contoso.com", 1, blind);
                let read = look(WatchKind::SignIns, "x", 1, Sight::NotAllowed("P1".to_owned()));
                let read = Watch { read_until: Some(at(1)), ..read };
                for watch in [&round, &old, &blind, &read] {
                    watches::put(tx, watch)?;
                }
                assert_eq!(watches::all(tx)?, [blind, old, round.clone(), read.clone()]);
                let seen = look(WatchKind::Federation, "contoso.com", 2, Sight::Seen);
                watches::put(tx, &seen)?;
                watches::forget_before(tx, WatchKind::Federation, at(2))?;
                assert_eq!(watches::all(tx)?, [seen, round, read]);
                Ok::<_, Error>(())
            })
            .await
            .expect("kept");
    });
}

#[test]
fn a_look_that_saw_nothing_keeps_what_was_seen_before() {
    both(async |store| {
        store
            .write(|tx| {
                let missing = vec![("Domain.Read.All".to_owned(), "see \"it\"".to_owned())];
                let seen = ConnectionSeen { missing };
                let (one, other) = ((LookKind::Connection, "one"), (LookKind::Federation, "one"));
                assert_eq!(looks::get::<ConnectionSeen>(tx, one)?, None);
                looks::put_trouble(tx, one, "no answer", at(1))?;
                let blind = Look { seen: None, tried_at: at(1), trouble: Some("no answer".into()) };
                assert_eq!(looks::get::<ConnectionSeen>(tx, one)?, Some(blind));
                looks::put_seen(tx, one, &seen, at(2))?;
                let fresh =
                    Look { seen: Some((at(2), seen.clone())), tried_at: at(2), trouble: None };
                assert_eq!(looks::get(tx, one)?, Some(fresh.clone()));
                looks::put_trouble(tx, one, "again", at(3))?;
                let lost = Look { tried_at: at(3), trouble: Some("again".into()), ..fresh };
                assert_eq!(looks::get(tx, one)?, Some(lost.clone()));
                assert!(!looks::put_seen(tx, one, &seen, at(2))?, "it was overtaken");
                assert!(!looks::put_trouble(tx, one, "slow", at(2))?);
                assert_eq!(looks::get(tx, one)?, Some(lost));
                let unread = looks::get::<Vec<String>>(tx, one)?.and_then(|look| look.seen);
                assert_eq!(unread, None, "another version's");
                assert_eq!(looks::get::<ConnectionSeen>(tx, other)?, None, "another kind");
                Ok::<_, Error>(())
            })
            .await
            .unwrap();
    });
}
