//! `docs/requirements.md` speaks of every requirement once, and what it says can be looked up.

use super::{quoted, read, root};

const DOCUMENT: &str = "docs/requirements.md";

/// A row: its number, its state, what proves it, and what is missing.
struct Row {
    number: String,
    state: String,
    proofs: Vec<String>,
    missing: String,
}

fn rows() -> Vec<Row> {
    let document = read(DOCUMENT);
    let lines = document.lines().filter(|line| line.starts_with("| R") || line.starts_with("| Y"));
    lines
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
            let [number, _, state, proof, missing] = cells[..] else {
                panic!("not five cells: {line}")
            };
            let (number, state) = (number.to_owned(), state.to_owned());
            Row { number, state, proofs: quoted(proof), missing: missing.to_owned() }
        })
        .collect()
}

/// What stands above a function up to the next empty line, when it is a test.
fn head_of_test(proof: &str) -> Option<String> {
    let (file, function) = proof.split_once("::")?;
    let text = std::fs::read_to_string(root().join("crates").join(file)).ok()?;
    let at = text.find(&format!("fn {function}("))?;
    let head = text[..at].rsplit("\n\n").next()?;
    let is_test = |line: &str| line.trim_start().starts_with("#[") && line.contains("test");
    head.lines().any(is_test).then(|| head.to_owned())
}

#[test]
fn every_requirement_has_one_row() {
    let wanted = (1..=175).map(|n| format!("R{n:03}")).chain((1..=34).map(|n| format!("Y{n:02}")));
    let found: Vec<String> = rows().into_iter().map(|row| row.number).collect();
    assert_eq!(found, wanted.collect::<Vec<_>>(), "left: {DOCUMENT}");
}

#[test]
fn a_state_is_one_of_three_and_the_counts_are_right() {
    let (rows, document) = (rows(), read(DOCUMENT));
    let count = |state: &str| rows.iter().filter(|row| row.state == state).count();
    let [holds, in_part, not_yet] = ["holds", "in part", "not yet"].map(count);
    assert_eq!(holds + in_part + not_yet, rows.len(), "another state");
    let said = format!("{holds} hold, {in_part} hold in part, {not_yet} do not yet.");
    assert!(document.contains(&said), "{said}");
    let silent = rows.iter().filter(|row| row.state != "holds" && row.missing == "-");
    let silent: Vec<_> = silent.map(|row| &row.number).collect();
    assert!(silent.is_empty(), "what do they lack? {silent:?}");
}

#[test]
fn what_holds_is_held_by_tests_that_name_it() {
    let mut wrong = Vec::new();
    for Row { number, state, proofs, .. } in rows() {
        let tests: Vec<_> = proofs.iter().map(|proof| (proof, head_of_test(proof))).collect();
        if state == "holds" && tests.iter().all(|(_, head)| head.is_none()) {
            wrong.push(format!("{number} is held by no test"));
        }
        for (proof, head) in tests {
            let named = proof.contains(&format!("::{}_", number.to_lowercase()));
            if head.is_some_and(|head| !head.contains(&number) && !named) {
                wrong.push(format!("{proof} does not name {number}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
