//! Alarms over time: each begins, gets worse and ends at its hour, and repeats nothing.

use std::time::Duration;

use app::{
    Kind,
    alarms::AlarmState,
    keys::{Keeper, Promotion, Unseen},
    office365::ConnectionChange,
};
use model::{
    Role,
    alarm::{Alarm, AlarmKind},
    audit::AuditKind,
    pending_request::Purpose,
    wstrust::WsTrustPermit,
};
use simulator as _;
use store::{audit_log, federated_domains, users, wstrust_permits};

use crate::support::{Bench, SLUG, both, visitor};

const DAY: Duration = Duration::from_hours(24);

/// Types the last day of the connection's secret, and perhaps a new secret.
async fn say_the_last_day(bench: &Bench, day: &str, secret: Option<&str>) -> app::Result<()> {
    let tenant = bench.tenant;
    let admin = bench.admin().await;
    let known = bench.store.read(move |tx| store::tenants::by_id(tx, tenant)).await.unwrap();
    let known = known.unwrap();
    let change = ConnectionChange {
        alias: known.alias,
        tenant_id: known.entra_tenant_id.to_string(),
        client_id: known.client_id.to_string(),
        client_secret: secret.map(|secret| secret.to_owned().into()),
        secret_ends: day.to_owned(),
    };
    bench.house.update_connection(&admin, tenant, change, &visitor("203.0.113.1")).await
}

/// R132
#[test]
fn the_last_day_of_a_client_secret_rings_from_sixty_days_before() {
    both(|bench| async move {
        // It is 25 November 2026.
        say_the_last_day(&bench, "2027-02-01", None).await.unwrap();
        assert!(watch(&bench).await.is_empty());
        let mut last = 0;
        // 60, 30, 14, 7, 3 and 1 days are left, then none; the day after, nothing is new.
        for (days, rung) in [(8, 1), (38, 2), (54, 3), (61, 4), (65, 5), (67, 6), (68, 7), (69, 7)]
        {
            bench.pass(DAY * (days - last));
            last = days;
            let open = watch(&bench).await;
            assert_eq!(open.len(), 1, "day {days}");
            assert_eq!(open[0].cause.kind(), AlarmKind::SecretEnds);
            assert_eq!(audited(&bench, AuditKind::AlarmRaised).await, rung, "day {days}");
        }
        let open = watch(&bench).await;
        let said = open[0].sentence();
        assert!(said.contains("of Contoso ended on 1 Feb 2027"), "{said}");
        assert_eq!(bench.house.alarm_state().await.unwrap(), AlarmState::Danger);
        // Without a word, what is known stays; a new secret makes it unknown.
        say_the_last_day(&bench, "", None).await.unwrap();
        assert_eq!(watch(&bench).await.len(), 1);
        let same = simulator::sample::CLIENT_SECRET;
        say_the_last_day(&bench, "", Some(same)).await.unwrap();
        assert!(watch(&bench).await.is_empty());
        say_the_last_day(&bench, "2027-12-24", Some(same)).await.unwrap();
        assert!(watch(&bench).await.is_empty());
    });
}

/// R132
#[test]
fn a_last_day_that_can_not_be_is_refused_and_changes_nothing() {
    both(|bench| async move {
        for (day, why) in [
            ("2026-11-24", "past"),
            ("2029-01-01", "two years"),
            ("2027-02-30", "no day"),
            ("soon", "no day"),
        ] {
            let error = say_the_last_day(&bench, day, None).await.expect_err(day);
            assert_eq!(error.kind, Kind::Invalid { field: "secret_ends" }, "{day}");
            assert!(error.public.contains(why), "{day}: {}", error.public);
        }
        say_the_last_day(&bench, "2026-11-25", None).await.expect("today it works still");
        let filter = audit_log::AuditFilter {
            kind: Some(AuditKind::TenantChanged),
            limit: 1,
            ..Default::default()
        };
        let rows = bench.store.read(move |tx| audit_log::list(tx, &filter)).await.unwrap().rows;
        assert_eq!(rows[0].detail, "last day of the secret: 2026-11-25");
    });
}

/// What is open after another round.
async fn watch(bench: &Bench) -> Vec<Alarm> {
    bench.house.keep_watch().await.unwrap();
    bench.store.read(store::alarms::open).await.unwrap()
}

async fn audited(bench: &Bench, kind: AuditKind) -> i64 {
    let filter = audit_log::AuditFilter { kind: Some(kind), limit: 1, ..Default::default() };
    bench.store.read(move |tx| audit_log::list(tx, &filter)).await.unwrap().total
}

async fn roll_over(bench: &Bench) {
    let keys = bench.house.signing_keys(Keeper::Operator).await.unwrap();
    let (next, from) = (keys[1].id, visitor("203.0.113.1"));
    let promoted = bench.house.promote_key(Keeper::Operator, next, Unseen::Refuse, &from).await;
    assert_eq!(promoted.unwrap(), Promotion::Done);
}

/// R122
#[test]
fn the_end_of_a_certificate_rings_six_times_and_then_once_more() {
    both(|bench| async move {
        bench.pass(DAY * 669 + Duration::from_secs(86_399));
        assert!(watch(&bench).await.is_empty(), "60 days and a second are left");
        bench.pass(Duration::from_secs(1));
        let mut left = 60;
        let mut rung = 0;
        for days in [60, 30, 14, 7, 3, 1, 0] {
            bench.pass(DAY * (left - days));
            left = days;
            let open = watch(&bench).await;
            assert_eq!(open.len(), 2, "the active key and the next one");
            assert!(open.iter().all(|it| it.cause.kind() == AlarmKind::CertificateEnds));
            rung += 2;
            assert_eq!(audited(&bench, AuditKind::AlarmRaised).await, rung, "{days} days left");
            assert_eq!(watch(&bench).await.len(), 2);
            assert_eq!(audited(&bench, AuditKind::AlarmRaised).await, rung, "not said again");
            let state = if days > 7 { AlarmState::Warning } else { AlarmState::Danger };
            assert_eq!(bench.house.alarm_state().await.unwrap(), state, "{days} days left");
        }
        let open = watch(&bench).await;
        assert!(open[0].sentence().contains("signing key ended on 24 Nov 2028"), "{open:?}");
        assert_eq!(audited(&bench, AuditKind::AlarmEnded).await, 0);
        roll_over(&bench).await;
        assert_eq!(watch(&bench).await.len(), 1, "the old next key signs now");
        roll_over(&bench).await;
        assert!(watch(&bench).await.is_empty());
        assert_eq!(audited(&bench, AuditKind::AlarmEnded).await, 2);
        let blind = bench.house.alarm_state().await.unwrap();
        assert_eq!(blind, AlarmState::Warning, "the client secret has ended after two years");
    });
}

#[test]
fn an_acknowledged_alarm_is_quiet_until_it_gets_worse() {
    both(|bench| async move {
        bench.pass(DAY * 700);
        let open = watch(&bench).await;
        let (admin, from) = (bench.admin().await, visitor("198.51.100.9"));
        for alarm in &open {
            for _ in 0..2 {
                bench.house.acknowledge_alarm(&admin, alarm.id, &from).await.unwrap();
            }
        }
        assert_eq!(audited(&bench, AuditKind::AlarmAcknowledged).await, 2, "once each");
        let open = watch(&bench).await;
        assert!(open.iter().all(|alarm| !alarm.needs_somebody()));
        let known = open[0].acknowledged.map(|known| known.by);
        assert_eq!(known, Some(admin.user().id));
        assert_eq!(bench.house.alarm_state().await.unwrap(), AlarmState::Quiet);
        bench.pass(DAY * 16);
        let open = watch(&bench).await;
        assert!(open.iter().all(Alarm::needs_somebody), "fourteen days are another thing");
        assert_eq!(
            open[0].first_seen_at + DAY * 16,
            open[0].last_seen_at - Duration::from_secs(31)
        );
    });
}

#[test]
fn only_a_security_admin_acknowledges() {
    both(|bench| async move {
        bench.pass(DAY * 700);
        let alarm = watch(&bench).await.remove(0);
        let olivia = bench.user_id("olivia").await;
        let now = bench.house.now();
        let demoted =
            bench.store.write(move |tx| users::set_role(tx, olivia, Some(Role::UserAdmin), now));
        demoted.await.unwrap();
        let (admin, from) = (bench.admin().await, visitor("198.51.100.9"));
        let refused = bench.house.acknowledge_alarm(&admin, alarm.id, &from).await;
        assert_eq!(refused.unwrap_err().kind, Kind::Forbidden);
        let view = bench.house.alarms(&admin).await.unwrap();
        assert!(view.open.iter().all(Alarm::needs_somebody));
        assert_eq!(view.state, AlarmState::Warning);
    });
}

pub(crate) async fn permit_until(bench: &Bench, days: u32) {
    let (granted_by, now) = (bench.user_id("olivia").await, bench.house.now());
    let write = bench.store.write(move |tx| {
        let domain = federated_domains::by_slug(tx, SLUG)?.unwrap();
        wstrust_permits::put(
            tx,
            &WsTrustPermit {
                domain_id: domain.id,
                networks: vec!["203.0.113.0/24".parse().unwrap()],
                people: vec![granted_by],
                groups: Vec::new(),
                ecp: false,
                expires_at: now + DAY * days,
                reason: "the scanner".to_owned(),
                granted_by,
                granted_at: now,
            },
        )
    });
    write.await.unwrap();
}

#[test]
fn the_end_of_a_permit_is_announced_two_weeks_before() {
    both(|bench| async move {
        permit_until(&bench, 15).await;
        assert!(watch(&bench).await.is_empty());
        bench.pass(DAY);
        let open = watch(&bench).await;
        assert_eq!((open.len(), open[0].cause.kind()), (1, AlarmKind::PermitEnds));
        assert_eq!(open[0].subject, "contoso.com");
        assert!(open[0].sentence().contains("ends on 10 Dec 2026"), "{}", open[0].sentence());
        assert_eq!(bench.house.alarm_state().await.unwrap(), AlarmState::Warning);
        permit_until(&bench, 90).await;
        assert!(watch(&bench).await.is_empty(), "it was granted anew");
        permit_until(&bench, 1).await;
        assert_eq!(watch(&bench).await.len(), 1);
        bench.pass(DAY);
        assert!(watch(&bench).await.is_empty(), "it is over: nothing is left to be done in time");
        assert_eq!(audited(&bench, AuditKind::AlarmRaised).await, 2);
        assert_eq!(audited(&bench, AuditKind::AlarmEnded).await, 2);
    });
}

#[test]
fn a_watch_that_does_not_look_is_noticed() {
    both(|bench| async move {
        let state = async || bench.house.alarm_state().await.unwrap();
        assert_eq!(state().await, AlarmState::Unwatched, "nobody has ever looked");
        watch(&bench).await;
        assert_eq!(state().await, AlarmState::Quiet);
        bench.pass(Duration::from_mins(45));
        assert_eq!(state().await, AlarmState::Quiet);
        bench.pass(Duration::from_secs(1));
        assert_eq!(state().await, AlarmState::Unwatched);
        bench.second_node().await.keep_watch().await.unwrap();
        assert_eq!(state().await, AlarmState::Quiet, "any node looks for all");
    });
}

#[test]
fn nodes_that_look_at_once_raise_an_alarm_once() {
    both(|bench| async move {
        bench.pass(DAY * 700);
        let other = bench.second_node().await;
        let (one, two) = futures::future::join(bench.house.keep_watch(), other.keep_watch()).await;
        one.and(two).unwrap();
        assert_eq!(watch(&bench).await.len(), 2);
        assert_eq!(audited(&bench, AuditKind::AlarmRaised).await, 2);
    });
}

/// R014: a try or two at each of many names, each from another address, stays below every limit.
#[test]
fn somebody_who_tries_passwords_at_many_names_rings_until_it_is_quiet() {
    both(|bench| async move {
        let try_at = |name: String, address: String| {
            let house = bench.house.clone();
            async move {
                let from = visitor(&address);
                let handle = house.begin_sign_in(Purpose::Portal, &from).await.unwrap();
                house.sign_in_address(&handle, &from, &name).await.unwrap();
                let guess = "Autumn2026!".to_owned().into();
                house.sign_in_password(&handle, &from, guess).await.unwrap();
            }
        };
        for number in 0..19 {
            let name = format!("somebody{number}@contoso.com");
            try_at(name, format!("198.51.100.{number}")).await;
        }
        assert!(watch(&bench).await.is_empty(), "nineteen people may have forgotten theirs");
        try_at("alice@contoso.com".to_owned(), "198.51.100.1".to_owned()).await;
        let open = watch(&bench).await;
        assert_eq!(open.len(), 1);
        assert_eq!(open[0].cause.kind(), AlarmKind::PasswordSpray);
        let sentence = open[0].sentence();
        assert!(sentence.contains("20 names") && sentence.contains("19 addresses"), "{sentence}");
        bench.employee("alice", &visitor("203.0.113.1")).await;
        assert_eq!(watch(&bench).await.len(), 1, "she signs in elsewhere: that hides nothing");
        bench.next_code();
        bench.employee("alice", &visitor("198.51.100.1")).await;
        assert!(watch(&bench).await.is_empty(), "one of them was she herself");
        try_at("else@contoso.com".to_owned(), "198.51.100.1".to_owned()).await;
        assert_eq!(watch(&bench).await.len(), 1);
        bench.pass(Duration::from_hours(1) + Duration::from_secs(1));
        assert!(watch(&bench).await.is_empty(), "an hour of quiet");
    });
}
