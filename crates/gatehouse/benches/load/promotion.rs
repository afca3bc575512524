//! Sign-ins at a steady pace while signing keys are promoted by another process on the same
//! database (ruling 20): none may fail.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use crate::{browser::Browser, measure::Latencies, server::Server};

/// How many sign-ins begin each second.
const PACE: u32 = 200;
/// How many browsers share them.
const BROWSERS: u32 = 20;
/// How long it goes on.
const LASTS: Duration = Duration::from_secs(12);
/// When the key is promoted: in the middle, twice.
const PROMOTIONS: [Duration; 2] = [Duration::from_secs(4), Duration::from_secs(8)];

/// Runs it and says how it went.
pub(crate) async fn run(server: &Server, binary: &Path, folder: &Path) {
    let cookies = Browser::signed_in(server, &server.enrolled(3)).await;
    let seen = Arc::new(Mutex::new(Seen::default()));
    let began = Instant::now();
    let local = tokio::task::LocalSet::new();
    for nth in 0..BROWSERS {
        let browser = Browser::with_cookies(server, cookies.clone()).await;
        let seen = Arc::clone(&seen);
        local.spawn_local(steadily(browser, began + Duration::from_secs(1) * nth / PACE, seen));
    }
    let config = Server::config(folder, 1);
    for at in PROMOTIONS {
        let (binary, config) = (binary.to_owned(), config.clone());
        local.spawn_local(async move {
            tokio::time::sleep_until((began + at).into()).await;
            promote(binary, config).await;
        });
    }
    local.await;
    let seen = seen.lock().expect("no panic before");
    println!(
        "promotion under load: {} sign-ins at {PACE}/s, {} promotions, {} keys signed, {} failures, \
         p50 {:?}, p99 {:?}, slowest {:?}",
        seen.sign_ins,
        PROMOTIONS.len(),
        seen.certificates.len(),
        seen.failures,
        seen.latencies.at(50),
        seen.latencies.at(99),
        seen.latencies.at(100)
    );
    assert_eq!(seen.failures, 0, "a sign-in failed while a key was promoted");
    assert_eq!(seen.certificates.len(), PROMOTIONS.len() + 1, "each key signed something");
}

#[derive(Default)]
struct Seen {
    sign_ins: u32,
    failures: u32,
    certificates: std::collections::BTreeSet<String>,
    /// From when each was due, so that a stall counts for all that it held up.
    latencies: Latencies,
}

/// One browser's share of the sign-ins, each begun when it is due.
async fn steadily(mut browser: Browser, first: Instant, seen: Arc<Mutex<Seen>>) {
    let step = Duration::from_secs(1) * BROWSERS / PACE;
    let mut due = first;
    while due < first + LASTS {
        tokio::time::sleep_until(due.into()).await;
        let certificate = browser.try_certificate().await;
        let mut seen = seen.lock().expect("no panic before");
        seen.sign_ins += 1;
        seen.latencies.add(due.elapsed());
        match certificate {
            Some(certificate) => drop(seen.certificates.insert(certificate)),
            None => seen.failures += 1,
        }
        due += step;
    }
}

async fn promote(binary: PathBuf, config: PathBuf) {
    let ran = tokio::task::spawn_blocking(move || {
        let mut command = Command::new(binary);
        command.args(["keys", "promote", "--unseen", "--config"]).arg(config);
        command.env("RUST_LOG", "warn").stdout(Stdio::null()).status()
    });
    let status = ran.await.expect("no panic").expect("the binary starts");
    assert!(status.success(), "the key was promoted");
}
