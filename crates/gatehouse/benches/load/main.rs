//! The load run: the real binary in demo mode, real HTTP on loopback, the token journal durable.
//!
//! The load generator shares the machine with the server, so every figure stands beside what bare
//! RSA and bare Argon2 give in the same run. Nothing is asserted but correctness: every answer must
//! be the one that was asked for.

#![expect(clippy::print_stdout, reason = "the figures are this program's answer")]

mod browser;
mod http;
mod measure;
mod office;
mod promotion;
mod server;
mod trust;

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use browser::{Browser, Door};
use measure::{Latencies, argon2_per_second, rsa_cost, verdict};
use server::{Account, Server};

/// How many browsers ask at once.
const BROWSERS: usize = 16;
/// How long each figure is measured.
const MEASURE: Duration = Duration::from_secs(10);

fn main() {
    let binary = PathBuf::from(env!("CARGO_BIN_EXE_gatehouse"));
    // Below target/: a folder for temporary files may be in memory, where nothing is durable.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a temporary folder");
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    println!("cores: {cores} (the goals are for two)");
    println!("the database is on {}", server::filesystem(folder.path()));
    println!("bare RSA-2048 signature, one core: {} us", rsa_cost(1).as_micros());

    let (server, people) = hired(&binary, folder.path());
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let mut cookies = Vec::new();
        for account in &people {
            cookies.push(Browser::signed_in(&server, account).await);
        }
        for door in [Door::WsFed, Door::Saml2] {
            live_sessions(&server, &cookies, door, cores).await;
        }
        println!("memory after it: {} MB", server.resident() / 1_048_576);
        passwords(&server, folder.path()).await;
        promotion::run(&server, &binary, folder.path()).await;
    });
    let accounts: Vec<_> = (0..server.assigned()).map(|nth| server.account(nth)).collect();
    let enrolled = server.enrolled(0);
    kill_in_the_middle(server, &runtime, folder.path());
    trust::run(&binary, folder.path(), &accounts, MEASURE);
    office::run(&binary, folder.path(), &enrolled);
    cold_start(&binary, folder.path());
}

/// A demo, and somebody of its own for each browser.
fn hired(binary: &Path, folder: &Path) -> (Server, Vec<Account>) {
    let ports = [server::free_port(), server::free_port()];
    let first = Server::demo(binary, folder, ports);
    let like = first.enrolled(0);
    drop(first);
    let people = office::hire(&folder.join("demo"), &like, 0..BROWSERS);
    (Server::demo(binary, folder, ports), people)
}

/// Tokens from a live session: no page in between, one durable journal row each. Bare RSA is measured
/// just before and just after, on all cores as the server uses them, for the machine drifts.
async fn live_sessions(server: &Server, cookies: &[Vec<String>], door: Door, cores: usize) {
    let rsa_before = rsa_cost(cores);
    let (tokens, latencies) =
        (Arc::new(AtomicU64::new(0)), Arc::new(Mutex::new(Latencies::default())));
    let before = server.cpu();
    let began = Instant::now();
    let local = tokio::task::LocalSet::new();
    for cookies in cookies {
        let mut browser = Browser::with_cookies(server, cookies.clone()).await;
        let (tokens, latencies) = (Arc::clone(&tokens), Arc::clone(&latencies));
        local.spawn_local(async move {
            while began.elapsed() < MEASURE {
                let asked = Instant::now();
                browser.token(door).await;
                latencies.lock().expect("no panic before").add(asked.elapsed());
                tokens.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    local.await;
    let seconds = began.elapsed().as_secs_f64();
    let used = server.cpu().saturating_sub(before);
    let rsa_after = rsa_cost(cores);
    let rsa = (rsa_before + rsa_after) / 2;
    let count = tokens.load(Ordering::Relaxed);
    #[expect(clippy::cast_precision_loss, reason = "a count of requests")]
    let (rate, cpu) = (count as f64 / seconds, used.as_secs_f64() / count as f64);
    let latencies = latencies.lock().expect("no panic before");
    println!(
        "live-session sign-ins by {door:?}: {rate:.0}/s (goal 1,900/s by WsFed: {}), p50 {:?}, p99 {:?}",
        verdict(rate >= 1_900.0),
        latencies.at(50),
        latencies.at(99)
    );
    let signatures = cpu / rsa.as_secs_f64();
    println!(
        "server CPU a sign-in: {:.0} us = {signatures:.2} RSA signatures of {} us before and {} us after (goal 1.3: {})",
        cpu * 1e6,
        rsa_before.as_micros(),
        rsa_after.as_micros(),
        verdict(signatures <= 1.3)
    );
}

/// Passwords alone, as far as the second factor, with session traffic beside them; the whole way is the
/// office's. Bare Argon2 is measured just before and just after.
async fn passwords(server: &Server, folder: &Path) {
    let argon2 = || argon2_per_second(&folder.join("demo/gatehouse.db"), Duration::from_secs(5));
    let alone_before = argon2();
    let cookies = Browser::signed_in(server, &server.enrolled(1)).await;
    let (done, hashing) = (Arc::new(AtomicU64::new(0)), Arc::new(Mutex::new(Latencies::default())));
    let sessions = Arc::new(Mutex::new(Latencies::default()));
    let began = Instant::now();
    let local = tokio::task::LocalSet::new();
    for account in 0..server.assigned() {
        let mut browser = Browser::new(server).await;
        let (done, hashing) = (Arc::clone(&done), Arc::clone(&hashing));
        let name = server.account(account);
        local.spawn_local(async move {
            while began.elapsed() < MEASURE {
                let form = browser.password_page(&name.upn).await;
                let asked = Instant::now();
                browser.password(form, &name).await;
                hashing.lock().expect("no panic before").add(asked.elapsed());
                done.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    let mut beside = Browser::with_cookies(server, cookies).await;
    let watched = Arc::clone(&sessions);
    local.spawn_local(async move {
        *watched.lock().expect("no panic before") = beside.steadily(began + MEASURE).await;
    });
    local.await;
    #[expect(clippy::cast_precision_loss, reason = "a count of requests")]
    let rate = done.load(Ordering::Relaxed) as f64 / began.elapsed().as_secs_f64();
    let (hashing, sessions) = (hashing.lock().expect("kept"), sessions.lock().expect("kept"));
    let alone_after = argon2();
    let share = rate / f64::midpoint(alone_before, alone_after);
    println!("argon2 alone: {alone_before:.0}/s before, {alone_after:.0}/s after");
    println!(
        "passwords: {rate:.0}/s = {:.0} % of it (goal 90 %: {}), p50 {:?}, p99 {:?}",
        share * 100.0,
        verdict(share >= 0.9),
        hashing.at(50),
        hashing.at(99)
    );
    println!("session traffic meanwhile: p50 {:?}, p99 {:?}", sessions.at(50), sessions.at(99));
}

/// Kills the server with -9 under load and counts: journal rows >= tokens received (ruling 38).
fn kill_in_the_middle(server: Server, runtime: &tokio::runtime::Runtime, folder: &Path) {
    let journal = folder.join("demo/gatehouse.db");
    let (mut server, before) = (server, server::rows(&journal));
    let received = runtime.block_on(async {
        let cookies = Browser::signed_in(&server, &server.enrolled(2)).await;
        let received = Arc::new(AtomicU64::new(0));
        let local = tokio::task::LocalSet::new();
        for _ in 0..BROWSERS {
            let mut browser = Browser::with_cookies(&server, cookies.clone()).await;
            let received = Arc::clone(&received);
            local.spawn_local(async move {
                while browser.try_token(Door::WsFed).await.is_some() {
                    received.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        local.spawn_local(async move {
            tokio::time::sleep(Duration::from_secs(2)).await;
            server.kill();
        });
        local.await;
        received.load(Ordering::Relaxed)
    });
    // The token of the sign-in itself is among the rows.
    let written = server::rows(&journal) - before;
    println!("killed with -9 under load: {received} tokens received, {written} journal rows");
    assert!(written >= received, "a token left without its journal row");
}

/// Start to ready of `serve` over a database that is there and files that are in memory, and what it
/// holds a second later, before any request, without the simulator.
fn cold_start(binary: &Path, folder: &Path) {
    let mut starts = Vec::new();
    let mut memory = 0;
    for _ in 0..5 {
        let (mut server, took) = Server::serve(binary, folder);
        std::thread::sleep(Duration::from_secs(1));
        memory = server.resident();
        server.kill();
        starts.push(took);
    }
    starts.sort();
    println!(
        "cold start to ready: median {:?} of {starts:?} (goal 300 ms: {})",
        starts[2],
        verdict(starts[2] < Duration::from_millis(300))
    );
    let megabytes = f64::from(u32::try_from(memory / 1024).unwrap_or(u32::MAX)) / 1024.0;
    println!("idle memory: {megabytes:.1} MB (goal 40 MB: {})", verdict(megabytes < 40.0));
}
