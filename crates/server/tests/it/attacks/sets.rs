//! The list of attacks, the stage on which they are played, and the count of how they ended.

use std::{path::PathBuf, time::Duration};

use model::{Ts, audit::AuditKind};
use serde::Deserialize;
use store::{
    audit_log::{self, AuditFilter},
    issued_tokens, sessions,
    testing::Throwaway,
};

use super::{
    process::Cost,
    wire::{Answer, Canary, Request},
};
use crate::support::{Apart, World};

/// When the signed messages say that they were sent.
pub(crate) const SENT: &str = "2026-11-22T00:00:00Z";
/// The cookie of a session behind https.
pub(crate) const COOKIE: &str = "__Host-gh_session";

/// One attack, as the list describes it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Vector {
    pub(crate) id: String,
    pub(crate) file: String,
    pub(crate) binding: String,
    pub(crate) title: String,
    pub(crate) expect: String,
    pub(crate) setup: Option<String>,
    #[serde(default)]
    pub(crate) http: Vec<u16>,
    #[serde(default)]
    pub(crate) must_not_contain: Vec<String>,
    pub(crate) evil_acs: Option<String>,
    pub(crate) max_ms: Option<u64>,
    pub(crate) max_rss_mib: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct Manifest {
    vectors: Vec<Vector>,
}

pub(crate) fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../federation/tests/hostile"))
}

/// Every attack of the list whose id begins with one of these letters.
pub(crate) fn vectors(letters: &str) -> Vec<Vector> {
    let list = std::fs::read(folder().join("manifest.json")).unwrap();
    let mut all = serde_json::from_slice::<Manifest>(&list).unwrap().vectors;
    all.retain(|vector| letters.contains(&vector.id[..1]));
    all
}

impl Vector {
    /// An attack that stands in no list, with the usual budget.
    pub(crate) fn collected(id: &str, file: &str) -> Self {
        Self {
            id: id.to_owned(),
            file: file.to_owned(),
            binding: "saml-post".to_owned(),
            title: file.to_owned(),
            expect: "reject".to_owned(),
            setup: None,
            http: vec![400],
            must_not_contain: Vec::new(),
            evil_acs: None,
            max_ms: Some(250),
            max_rss_mib: Some(16),
        }
    }

    /// Its file; what can be read as text calls the canary that listens.
    pub(crate) fn bytes(&self, canary: &Canary) -> Vec<u8> {
        let bytes = std::fs::read(folder().join(&self.file)).unwrap();
        match String::from_utf8(bytes) {
            Ok(text) => canary.lured(&text).into_bytes(),
            Err(other) => other.into_bytes(),
        }
    }
}

/// A house, its server in a process of its own, and somebody who listens where nobody may call.
pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) canary: Canary,
    /// The session that every attack comes with.
    pub(crate) session: String,
}

/// What is counted before and after an attack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Marks {
    pub(crate) tokens: i64,
    pub(crate) refusals: i64,
}

impl Stage {
    pub(crate) async fn begin() -> Self {
        Self::over(Throwaway::sqlite(), SENT).await
    }

    pub(crate) async fn over(database: Throwaway, start: &str) -> Self {
        let start = Ts::from_rfc3339(start).unwrap();
        let world = World::apart(start, database).await;
        let session = world.signed_in("alice", "/portal").await.cookie(COOKIE).unwrap();
        Self { world, canary: Canary::listening(), session }
    }

    /// Sends it with the session, and says what it cost.
    pub(crate) fn send(&self, request: &Request) -> (Answer, Cost) {
        let cookie = format!("{COOKIE}={}", self.session);
        self.send_bare(&request.clone().with("Cookie", &cookie))
    }

    /// Sends it as it is.
    pub(crate) fn send_bare(&self, request: &Request) -> (Answer, Cost) {
        tokio::task::block_in_place(|| {
            let gauge = self.process().gauge();
            let answer = request.send(&self.world.door, &self.world.url);
            (answer, gauge.read())
        })
    }

    pub(crate) fn process(&self) -> &super::process::Process {
        let Some(Apart { process, .. }) = &self.world.apart else { panic!("it runs apart") };
        process
    }

    pub(crate) async fn marks(&self) -> Marks {
        let tokens = self.world.store.read(issued_tokens::count).await.unwrap();
        Marks { tokens, refusals: self.world.refusals().await }
    }

    /// Whether somebody has a live session.
    pub(crate) async fn is_signed_in(&self, name: &str) -> bool {
        let upn = self.world.account(name).upn.clone();
        let live = self.world.store.read(move |tx| {
            let user = store::users::by_upn(tx, &upn)?.unwrap();
            sessions::live_of(tx, user.id)
        });
        !live.await.unwrap().is_empty()
    }
}

impl World {
    /// How many rows the audit log has of what was refused.
    pub(crate) async fn refusals(&self) -> i64 {
        let mut sum = 0;
        for kind in [AuditKind::RequestRefused, AuditKind::PasswordChecked, AuditKind::Throttled] {
            let filter = AuditFilter { kind: Some(kind), limit: 1, ..AuditFilter::default() };
            sum += self.store.read(move |tx| audit_log::list(tx, &filter)).await.unwrap().total;
        }
        sum
    }
}

/// How a set of attacks went.
#[derive(Debug, Default)]
pub(crate) struct Report {
    set: &'static str,
    requests: usize,
    wrong: Vec<String>,
    slowest: (Duration, String),
    busiest: (Duration, String),
    largest: (u64, String),
}

impl Report {
    pub(crate) fn of(set: &'static str) -> Self {
        Self { set, ..Self::default() }
    }

    /// Counts one attack: what is wrong about its answer, and what it cost.
    pub(crate) fn count(&mut self, vector: &Vector, wrongs: Vec<String>, cost: Cost) {
        self.requests += 1;
        let id = vector.id.clone();
        let mut wrongs = wrongs;
        let over = |most: Option<u64>, is: u64| most.is_some_and(|most| is > most);
        if over(vector.max_ms, u64::try_from(cost.cpu.as_millis()).unwrap()) {
            wrongs.push(format!("it took {:?} of the processor", cost.cpu));
        }
        if over(vector.max_rss_mib.map(|most| most << 20), cost.grown) {
            wrongs.push(format!("memory grew by {} KiB", cost.grown >> 10));
        }
        if !wrongs.is_empty() {
            self.wrong.push(format!("{id} {}: {}", vector.title, wrongs.join("; ")));
        }
        self.slowest = self.slowest.clone().max((cost.took, id.clone()));
        self.busiest = self.busiest.clone().max((cost.cpu, id.clone()));
        self.largest = self.largest.clone().max((cost.grown, id));
    }

    /// Prints the line, and fails unless all went as expected.
    pub(crate) fn finish(self, expected: usize) {
        let right = self.requests - self.wrong.len();
        let percent = right * 100 / self.requests;
        let ((slowest, of), (busiest, by)) = (&self.slowest, &self.busiest);
        let (largest, with) = &self.largest;
        println!(
            "attacks {}: {} requests, {percent} % as expected, slowest {:.1} ms ({of}), \
             most processor {} ms ({by}), largest memory growth {} KiB ({with})",
            self.set,
            self.requests,
            slowest.as_secs_f64() * 1000.0,
            busiest.as_millis(),
            largest >> 10,
        );
        assert!(self.wrong.is_empty(), "{} wrong:\n{}", self.wrong.len(), self.wrong.join("\n"));
        assert_eq!(self.requests, expected, "attacks in the set");
    }
}
