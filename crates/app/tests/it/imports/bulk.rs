//! How long an import takes; `scripts/bench` is not needed for it: the command stands in
//! `docs/benchmarks.md`.

use std::time::Instant;

use model::import::RowOutcome;

use super::{applied, brought, from, tally};
use crate::support::{Bench, both};

const PEOPLE: usize = 5_000;

async fn measure(bench: Bench) {
    let admin = bench.admin().await;
    let group = bench.house.create_group(&admin, "Road crew", &from()).await.unwrap();
    super::assigned(&bench, &admin, group).await.unwrap();
    let lines: Vec<String> =
        (0..PEOPLE).map(|n| format!("p{n}@contoso.com,P {n},Sales,Road crew")).collect();
    let file = format!("upn,name,department,groups\n{}", lines.join("\n"));
    let began = Instant::now();
    let id = brought(&bench, &admin, &file).await.unwrap();
    let kept = began.elapsed();
    let began = Instant::now();
    bench.house.import(&admin, id).await.unwrap();
    let looked = began.elapsed();
    let began = Instant::now();
    applied(&bench, &admin, id).await.unwrap();
    let written = began.elapsed();
    let done = bench.house.import(&admin, id).await.unwrap();
    assert_eq!(tally(&done, RowOutcome::Created), 5_000);
    eprintln!(
        "{:?}: kept in {kept:?}, looked at in {looked:?}, written in {written:?}",
        bench.store.database()
    );
}

#[test]
#[ignore = "it measures; see docs/benchmarks.md"]
fn five_thousand_people_are_imported() {
    both(measure);
}
