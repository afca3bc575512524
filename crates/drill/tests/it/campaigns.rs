//! Every invariant after every fault: nothing may be broken, whatever happened. A failure says its case, or
//! its seed: `scripts/soak` plays it again.

use std::collections::HashMap;

use drill::{
    campaign::{self, Task},
    case,
    fault::{FAULTS, Step},
    schedule::Size,
};

/// Of the single cases of each fault one of so many, and each that once found something.
fn some_of_each_fault() -> Vec<Task> {
    let mut places: HashMap<u8, usize> = HashMap::new();
    let mut tasks = campaign::single();
    tasks.retain(|task| {
        let Task::Single(case) = task else { return false };
        let place = places.entry(case.fault.number).or_default();
        *place += 1;
        *place % SINGLE == 1 || FOUND.contains(&task.to_string().as_str())
    });
    tasks
}

/// As many cases as a test run has time for, spread over all of them.
fn one_of(many: usize, tasks: Vec<Task>) -> Vec<Task> {
    tasks.into_iter().step_by(many).collect()
}

fn nothing_breaks(tasks: &[Task]) {
    let broken = campaign::play_all(tasks, 2, |task, broken| {
        for what in broken {
            eprintln!("{task}: {what}");
        }
    });
    assert_eq!(broken, 0, "of {}", tasks.len());
}

/// Y03, Y11, Y12, Y14, Y19, Y20, Y22, Y25, Y29, Y31, Y32: each fault at some steps of some operations.
#[test]
fn whatever_goes_wrong_once_is_right_again_after_three_runs() {
    nothing_breaks(&some_of_each_fault());
}

/// Y12, Y13: killed in one run and again in the next.
#[test]
fn whoever_is_killed_twice_in_a_row_loses_nothing() {
    nothing_breaks(&one_of(KILLED, campaign::killed_twice()));
}

/// Y07, Y17, Y27: some things at once, by chance.
#[test]
fn what_goes_wrong_by_chance_breaks_nothing() {
    nothing_breaks(&campaign::by_chance(1, CHANCE, Size::QUICK));
}

/// Of so many single cases of a fault one is played.
const SINGLE: usize = 29;
/// What found something once.
const FOUND: [&str; 5] = [
    "F30@P0/2 create_user",
    "F12@P5/1 create_user",
    "F29@P4/0 update_attributes",
    "F36@P7/0 match_existing",
    "F21@P2/0 remove_license",
];
/// Of so many pairs one is played.
const KILLED: usize = 61;
/// How many schedules are played.
const CHANCE: u64 = 12;

#[test]
fn the_matrix_has_as_many_pairs_as_it_says_and_each_left_out_has_a_reason() {
    let pairs: usize = FAULTS.iter().map(|fault| fault.at.len()).sum();
    assert_eq!(pairs, 125);
    let every = case::every();
    let ways: usize = FAULTS.iter().map(|f| f.at.len() * usize::from(f.ways)).sum();
    assert_eq!(every.len(), 12 * ways);
    let left = every.iter().filter_map(case::left_out);
    assert!(left.clone().count() > 0 && left.clone().all(|why| !why.is_empty()));
    let played: Vec<String> = some_of_each_fault().iter().map(Task::to_string).collect();
    assert!(FOUND.iter().all(|found| played.iter().any(|task| task == found)), "{played:?}");
    assert_eq!(campaign::killed_twice().len(), 12 * Step::ALL.len() * Step::ALL.len());
}
