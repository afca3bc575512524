//! Nobody learns from the time of an answer whether a name exists (R023). Takes minutes, so
//! `scripts/bench` runs it: a sample of 2,000 each, one after the other.

use std::time::Instant;

use crate::{
    browser::{Browser, Page},
    support::World,
};

const SAMPLES: usize = 2_000;

/// How long the answer to a wrong password takes, in microseconds.
async fn wrong_password(world: &World, browser: &Browser, name: &str) -> f64 {
    // Else the limits would answer in the password's place.
    let forget = |tx: &mut store::Tx| store::testing::execute(tx, "DELETE FROM guess_counters");
    world.store.write(forget).await.unwrap();
    let page: Page = browser.follow("/portal").await;
    let address = format!("{name}@contoso.com");
    let page = browser.fill(&page, "/sign-in/address", &[("address", &address)]).await;
    let began = Instant::now();
    let answer = browser.fill(&page, "/sign-in/password", &[("password", "not the one")]).await;
    let took = began.elapsed();
    assert_eq!((answer.status, answer.text("h1").as_str()), (200, "Enter your password"));
    assert!(answer.body.contains("That name and password don"), "{}", answer.body);
    took.as_secs_f64() * 1e6
}

fn median(times: &[f64]) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

/// How likely samples of one distribution differ as much as these (Mann-Whitney, two-sided, by the
/// normal approximation; equal times share their rank).
fn likelihood(one: &[f64], other: &[f64]) -> f64 {
    let mut all: Vec<(f64, bool)> = one.iter().map(|time| (*time, true)).collect();
    all.extend(other.iter().map(|time| (*time, false)));
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut ranks, mut at) = (0.0, 0);
    while at < all.len() {
        let end = at + all[at..].iter().take_while(|entry| entry.0 <= all[at].0).count();
        let rank = count(at + end + 1) / 2.0;
        ranks += count(all[at..end].iter().filter(|entry| entry.1).count()) * rank;
        at = end;
    }
    let (n, m) = (count(one.len()), count(other.len()));
    let u = ranks - n * (n + 1.0) / 2.0;
    let z = (u - n * m / 2.0) / (n * m * (n + m + 1.0) / 12.0).sqrt();
    2.0 * tail(z.abs())
}

/// How much of the normal distribution lies above `z` (Abramowitz and Stegun, 26.2.17).
fn tail(z: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * z);
    let factors = [0.319_381_530, -0.356_563_782, 1.781_477_937, -1.821_255_978, 1.330_274_429];
    let sum = factors.iter().rev().fold(0.0, |sum, factor| (sum + factor) * t);
    (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt() * sum
}

#[expect(clippy::cast_precision_loss, reason = "a few thousand samples")]
fn count(number: usize) -> f64 {
    number as f64
}

#[test]
fn the_likelihood_of_two_samples_is_that_of_the_books() {
    let one: Vec<f64> = (0..100).map(f64::from).collect();
    let shifted = |by: f64| one.iter().map(|time| time + by).collect::<Vec<_>>();
    assert!(likelihood(&one, &one) > 0.999);
    // 1.645 standard deviations leave five percent above, 2.326 one percent.
    assert!((tail(1.645) - 0.05).abs() < 1e-4 && (tail(2.326) - 0.01).abs() < 1e-4);
    assert!(likelihood(&one, &shifted(2.0)) > 0.3 && likelihood(&one, &shifted(30.0)) < 1e-5);
}

/// R023
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes; scripts/bench runs it"]
async fn a_name_that_nobody_has_takes_as_long_as_one_that_exists() {
    let world = World::new().await;
    let browser = Browser::new(&world.url);
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for _ in 0..SAMPLES {
        known.push(wrong_password(&world, &browser, "alice").await);
        unknown.push(wrong_password(&world, &browser, "nobody").await);
    }
    let (gap, p) = ((median(&known) - median(&unknown)).abs(), likelihood(&known, &unknown));
    let (known, unknown) = (median(&known), median(&unknown));
    let figures = format!("known {known:.0} us, unknown {unknown:.0} us, p {p:.3}");
    println!("{SAMPLES} wrong passwords each: {figures}");
    assert!(gap < 1_000.0 && p > 0.01, "{figures}");
}
