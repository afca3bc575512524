//! What the machine gives without us: bare RSA, bare Argon2; and percentiles.

use std::{
    path::Path,
    sync::LazyLock,
    time::{Duration, Instant},
};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use aws_lc_rs::{
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::RSA_PKCS1_SHA256,
};

use crate::server;

/// What one RSA-2048 signature costs of a core's time while `threads` of them sign, on average over five
/// rounds. It is time of the processor, as that is what it is compared with: whatever else the machine
/// does must not make a signature look dear.
pub(crate) fn rsa_cost(threads: usize) -> Duration {
    LazyLock::force(&KEY);
    let round = || {
        let work = || std::thread::spawn(|| sign_many(ROUND));
        let signing: Vec<_> = std::iter::repeat_with(work).take(threads).collect();
        signing.into_iter().map(|thread| thread.join().expect("no panic")).sum::<Duration>()
    };
    let all: Duration = std::iter::repeat_with(round).take(5).sum();
    all / (5 * ROUND) / u32::try_from(threads).expect("a few cores")
}

/// How many signatures a thread makes in a round.
const ROUND: u32 = 500;

static KEY: LazyLock<KeyPair> =
    LazyLock::new(|| KeyPair::generate(KeySize::Rsa2048).expect("a key"));

/// Signs that often; what it took of the processor.
fn sign_many(count: u32) -> Duration {
    let (random, mut signature) = (SystemRandom::new(), vec![0; KEY.public_modulus_len()]);
    let before = processor_time();
    for _ in 0..count {
        KEY.sign(&RSA_PKCS1_SHA256, &random, b"bench", &mut signature).expect("signs");
    }
    processor_time().saturating_sub(before)
}

/// What this thread has had of the processor.
fn processor_time() -> Duration {
    let had = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux counts it");
    let nanos = had.split(' ').next().and_then(|first| first.parse().ok());
    Duration::from_nanos(nanos.expect("nanoseconds"))
}

/// How many hashes all cores give together, of the kind that the server of this database makes
/// (`m=19456,t=2,p=1`): its first start chose the passes.
pub(crate) fn argon2_per_second(database: &Path, time: Duration) -> f64 {
    let chosen = server::ask(database, "SELECT value FROM settings WHERE name = 'password_params'");
    let cost: Vec<u32> = chosen.split(',').filter_map(|part| part[2..].parse().ok()).collect();
    let [memory, passes, lanes]: [u32; 3] = cost.try_into().expect("memory, passes, lanes");
    println!("password hashes: {chosen}");
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let began = Instant::now();
    let work = move || {
        let params = Params::new(memory, passes, lanes, None).expect("the product's parameters");
        let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        // Kept from one hash to the next, as the server keeps it.
        let mut memory = vec![Block::default(); hasher.params().block_count()];
        let (mut count, mut out) = (0_u32, [0; 32]);
        while began.elapsed() < time {
            hasher
                .hash_password_into_with_memory(
                    b"a password",
                    b"sixteen byte salt",
                    &mut out,
                    &mut memory,
                )
                .expect("hashes");
            count += 1;
        }
        count
    };
    let threads: Vec<_> = (0..cores).map(|_| std::thread::spawn(work)).collect();
    let count: u32 = threads.into_iter().map(|t| t.join().expect("no panic")).sum();
    f64::from(count) / began.elapsed().as_secs_f64()
}

/// What stands behind a figure that has a goal.
pub(crate) const fn verdict(met: bool) -> &'static str {
    if met { "met" } else { "MISSED" }
}

/// Times of requests.
#[derive(Default)]
pub(crate) struct Latencies(Vec<Duration>);

impl Latencies {
    pub(crate) fn add(&mut self, took: Duration) {
        self.0.push(took);
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// The time that `percent` of the requests stayed under.
    pub(crate) fn at(&self, percent: usize) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort();
        let at = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
        sorted.get(at).copied().unwrap_or_default()
    }
}
