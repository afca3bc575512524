//! A certificate in place of the client secret: made here, tried before it is used (R132).

use std::time::Duration;

use app::{
    Kind,
    office365::{ConnectionChange, HeldCertificate},
};
use model::{
    Role,
    alarm::{AlarmKind, Cause},
    audit::AuditKind,
    tenant::Tenant,
};
use simulator::{Fault, Trouble};
use store::{audit_log, tenants, users};

use crate::support::{Bench, both, visitor};

const DAY: Duration = Duration::from_hours(24);

async fn make(bench: &Bench) -> HeldCertificate {
    let admin = bench.admin().await;
    let visitor = visitor("203.0.113.1");
    bench.house.make_certificate(&admin, bench.tenant, &visitor).await.unwrap();
    waiting(bench).await.expect("made")
}

async fn waiting(bench: &Bench) -> Option<HeldCertificate> {
    let admin = bench.admin().await;
    bench.house.waiting_certificate(&admin, bench.tenant).await.unwrap().map(|it| it.held)
}

async fn put_to_use(bench: &Bench, thumbprint: &str) -> app::Result<()> {
    let admin = bench.admin().await;
    bench.house.use_certificate(&admin, bench.tenant, thumbprint, &visitor("203.0.113.1")).await
}

async fn connection(bench: &Bench) -> Tenant {
    let tenant = bench.tenant;
    bench.store.read(move |tx| tenants::by_id(tx, tenant)).await.unwrap().unwrap()
}

async fn details(bench: &Bench) -> Vec<String> {
    let kind = Some(AuditKind::TenantChanged);
    let filter = audit_log::AuditFilter { kind, limit: 20, ..Default::default() };
    let rows = bench.store.read(move |tx| audit_log::list(tx, &filter)).await.unwrap().rows;
    rows.into_iter().map(|row| row.detail).collect()
}

/// R132
#[test]
fn a_certificate_is_used_once_microsoft_takes_it_and_the_secret_is_forgotten() {
    both(|bench| async move {
        let first = make(&bench).await;
        let error = put_to_use(&bench, &first.thumbprint).await.unwrap_err();
        assert_eq!(error.kind, Kind::Upstream);
        assert!(error.public.contains("AADSTS700027"), "{}", error.public);
        assert!(!connection(&bench).await.credential.is_certificate());
        bench.house.load_products(bench.tenant).await.expect("the secret works as before");
        bench.simulator.register_client_certificate(&first.certificate);
        put_to_use(&bench, &first.thumbprint).await.unwrap();
        bench.simulator.expire_client_secret();
        bench.house.load_products(bench.tenant).await.expect("nobody needs the secret");
        let tenant = connection(&bench).await;
        assert_eq!(HeldCertificate::in_use(&tenant), Some(first.clone()));
        assert_eq!(tenant.credential_ends_at, Some(first.not_after));
        assert_eq!(waiting(&bench).await, None);
        let said = details(&bench).await;
        assert!(said.contains(&format!("certificate made: {}", first.thumbprint)), "{said:?}");
        assert!(said.contains(&format!("certificate used: {}", first.thumbprint)), "{said:?}");
    });
}

/// R132
#[test]
fn the_next_certificate_takes_over_without_a_failed_call_and_its_end_is_announced() {
    both(|bench| async move {
        let first = make(&bench).await;
        bench.simulator.register_client_certificate(&first.certificate);
        put_to_use(&bench, &first.thumbprint).await.unwrap();
        bench.pass(DAY * 671);
        bench.house.keep_watch().await.unwrap();
        let open = bench.store.read(store::alarms::open).await.unwrap();
        let ends = open.iter().find(|alarm| alarm.cause.kind() == AlarmKind::SecretEnds).unwrap();
        assert!(matches!(ends.cause, Cause::SecretEnds { certificate: true, .. }));
        assert!(
            ends.sentence().contains("The client certificate of Contoso"),
            "{}",
            ends.sentence()
        );
        let second = make(&bench).await;
        bench.simulator.register_client_certificate(&second.certificate);
        bench.house.load_products(bench.tenant).await.expect("the first one works meanwhile");
        put_to_use(&bench, &second.thumbprint).await.unwrap();
        bench.house.load_products(bench.tenant).await.unwrap();
        bench.house.keep_watch().await.unwrap();
        let open = bench.store.read(store::alarms::open).await.unwrap();
        assert!(open.iter().all(|alarm| alarm.cause.kind() != AlarmKind::SecretEnds));
    });
}

/// R132
#[test]
fn what_was_replaced_or_discarded_is_not_used_and_a_secret_takes_its_place_again() {
    both(|bench| async move {
        let (first, second) = (make(&bench).await, make(&bench).await);
        bench.simulator.register_client_certificate(&first.certificate);
        bench.simulator.register_client_certificate(&second.certificate);
        assert_eq!(put_to_use(&bench, &first.thumbprint).await.unwrap_err().kind, Kind::Conflict);
        put_to_use(&bench, &second.thumbprint).await.unwrap();
        let known = connection(&bench).await;
        let change = |secret: Option<&str>, day: &str| ConnectionChange {
            alias: known.alias.clone(),
            tenant_id: known.entra_tenant_id.to_string(),
            client_id: known.client_id.to_string(),
            client_secret: secret.map(|secret| secret.to_owned().into()),
            secret_ends: day.to_owned(),
        };
        let (admin, visitor) = (bench.admin().await, visitor("203.0.113.1"));
        let house = &bench.house;
        let typed =
            house.update_connection(&admin, bench.tenant, change(None, "2027-02-01"), &visitor);
        assert_eq!(typed.await.unwrap_err().kind, Kind::Invalid { field: "secret_ends" });
        house.update_connection(&admin, bench.tenant, change(None, ""), &visitor).await.unwrap();
        assert_eq!(HeldCertificate::in_use(&connection(&bench).await), Some(second));
        let secret = change(Some(simulator::sample::CLIENT_SECRET), "");
        house.update_connection(&admin, bench.tenant, secret, &visitor).await.unwrap();
        let tenant = connection(&bench).await;
        assert_eq!((tenant.credential.is_certificate(), tenant.credential_ends_at), (false, None));
        let third = make(&bench).await;
        house.discard_certificate(&admin, bench.tenant, &third.thumbprint, &visitor).await.unwrap();
        assert_eq!(waiting(&bench).await, None);
        assert_eq!(put_to_use(&bench, &third.thumbprint).await.unwrap_err().kind, Kind::Conflict);
    });
}

/// Whoever saved the connection while the certificate was put to use would have put the secret back, and
/// the key would have been nowhere.
#[test]
fn what_somebody_else_made_of_the_connection_meanwhile_is_not_overwritten() {
    both(|bench| async move {
        let held = make(&bench).await;
        bench.simulator.register_client_certificate(&held.certificate);
        let (known, admin, house) =
            (connection(&bench).await, bench.admin().await, bench.house.clone());
        let change = ConnectionChange {
            alias: "Another name".to_owned(),
            tenant_id: known.entra_tenant_id.to_string(),
            client_id: known.client_id.to_string(),
            client_secret: None,
            secret_ends: String::new(),
        };
        let busy = Trouble::TooManyRequests { retry_after: Some(2) };
        bench.simulator.faults().inject(Fault::new(busy).on("GET", "/organization"));
        let saved = tokio::spawn(async move {
            house.update_connection(&admin, known.id, change, &visitor("203.0.113.1")).await
        });
        while !bench.simulator.faults().waiting().is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        put_to_use(&bench, &held.thumbprint).await.unwrap();
        assert_eq!(saved.await.unwrap().unwrap_err().kind, Kind::Conflict);
        assert_eq!(HeldCertificate::in_use(&connection(&bench).await), Some(held));
        bench.house.load_products(bench.tenant).await.unwrap();
    });
}

#[test]
fn only_security_admins_with_a_fresh_code_make_and_use_certificates() {
    both(|bench| async move {
        let held = make(&bench).await;
        let stale = bench.admin().await;
        bench.pass(Duration::from_mins(6));
        let visitor = visitor("203.0.113.1");
        let house = &bench.house;
        let made = house.make_certificate(&stale, bench.tenant, &visitor).await;
        assert_eq!(made.unwrap_err().kind, Kind::StepUp);
        let used = house.use_certificate(&stale, bench.tenant, &held.thumbprint, &visitor).await;
        assert_eq!(used.unwrap_err().kind, Kind::StepUp);
        let fresh = bench.admin().await;
        let (id, now) = (fresh.user().id, house.now());
        let set = move |tx: &mut store::Tx| users::set_role(tx, id, Some(Role::UserAdmin), now);
        bench.store.write(set).await.unwrap();
        let lesser = bench.admin().await;
        let made = house.make_certificate(&lesser, bench.tenant, &visitor).await;
        assert_eq!(made.unwrap_err().kind, Kind::Forbidden);
    });
}
