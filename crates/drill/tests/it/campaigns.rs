//! Every invariant after every fault: nothing may be broken, whatever happened. A failure says its case, or
//! its seed: `scripts/soak` plays it again.

use drill::{
    campaign::{self, Task},
    case,
    fault::{FAULTS, Step},
    schedule::Size,
};

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

/// Y03, Y11, Y12, Y14, Y19, Y22, Y25, Y29, Y31, Y32: each way of each fault at some of the operations.
#[test]
fn whatever_goes_wrong_once_is_right_again_after_three_runs() {
    nothing_breaks(&one_of(SINGLE, campaign::single()));
}

/// Y12, Y13: killed in one run and again in the next.
#[test]
fn whoever_is_killed_twice_in_a_row_loses_nothing() {
    nothing_breaks(&one_of(KILLED, campaign::killed_twice()));
}

/// Y07, Y10, Y15, Y16, Y17, Y20, Y27, Y34: some things at once, by chance.
#[test]
fn what_goes_wrong_by_chance_breaks_nothing() {
    nothing_breaks(&campaign::by_chance(1, CHANCE, Size::QUICK));
}

/// Of so many single cases one is played; none of the numbers of the matrix divides it.
const SINGLE: usize = 7;
/// Of so many pairs one is played.
const KILLED: usize = 11;
/// How many schedules are played.
const CHANCE: u64 = 60;

#[test]
fn the_matrix_has_as_many_pairs_as_it_says_and_each_left_out_has_a_reason() {
    let pairs: usize = FAULTS.iter().map(|fault| fault.at.len()).sum();
    assert_eq!(pairs, 125);
    let every = case::every();
    let ways: usize = FAULTS.iter().map(|f| f.at.len() * usize::from(f.ways)).sum();
    assert_eq!(every.len(), 12 * ways);
    let left = every.iter().filter_map(case::left_out);
    assert!(left.clone().count() > 0 && left.clone().all(|why| !why.is_empty()));
    assert_eq!(campaign::killed_twice().len(), 12 * Step::ALL.len() * Step::ALL.len());
}
