//! The data file.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use simulator::{Error, Settings, Simulator};

use crate::signer::Signer;
use crate::support::{Bench, START, settings};

#[tokio::test]
async fn a_tenant_survives_a_stop() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(AtomicI64::new(START));
    let kept = Settings { data_file: Some(folder.path().join("tenant.json")), ..settings(&clock) };
    let bench = Bench::with(kept.clone(), clock.clone()).await;
    bench.create("ada@contoso.com", Some("YWRh")).await;
    bench.federate("contoso.com", "https://idp.example.com/i", &Signer::new().certificate).await;
    // Dropped without a word, as in a crash.
    drop(bench);
    let bench = Bench::with(kept, clock).await;
    assert_eq!(bench.get("/users/ada@contoso.com").await.0, 200);
    let tenant = bench.simulator.tenant();
    assert_eq!(tenant.user("ada@contoso.com").unwrap().immutable_id(), Some("YWRh"));
    assert!(tenant.domain("contoso.com").unwrap().is_federated());
    bench.create("bob@contoso.com", Some("Ym9i")).await;
    bench.simulator.stop().await;
}

#[tokio::test]
async fn a_taken_address_and_a_foreign_file_are_errors() {
    let clock = Arc::new(AtomicI64::new(START));
    let first = Simulator::start(settings(&clock)).await.unwrap();
    let listen = first.url().trim_start_matches("http://").parse().unwrap();
    let second = Simulator::start(Settings { listen, ..settings(&clock) }).await;
    assert!(matches!(second.err(), Some(Error::Listen { .. })));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tenant.json");
    std::fs::write(&path, "{}").unwrap();
    let foreign = Settings { data_file: Some(path), ..settings(&clock) };
    assert!(matches!(Simulator::start(foreign).await.err(), Some(Error::Corrupt { .. })));
}
