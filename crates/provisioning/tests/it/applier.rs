//! The applier against a scripted directory.

use std::time::Duration;

use model::plan::{StepOutcome, Verdict};

use crate::{
    given::{EXO, Given, SPB, given},
    tenant::Tenant,
};

fn busy() -> Given {
    given()
        .person("amy")
        .assigned(&[SPB])
        .person("bob")
        .assigned(&[EXO])
        .there(&[])
        .with(|there| there.usage_location = None)
        .person("cid")
        .assigned(&[])
        .there(&[])
        .linked()
        .with(|there| there.account_enabled = false)
        .person("erin")
        .left(0, &[SPB])
        .there(&[SPB])
        .linked()
}

const IN_ORDER: [&str; 9] = [
    "block erin",
    "revoke erin",
    "create amy",
    "link amy",
    "license amy",
    "link bob",
    "place bob",
    "license bob",
    "unblock cid",
];

fn scripted(given: &Given, call: usize, verdict: Verdict) -> Tenant {
    let tenant = Tenant::of(given);
    tenant.lock().script.insert(call, verdict);
    tenant
}

/// Y12
#[test]
fn steps_are_taken_in_the_plans_order_and_each_is_in_the_journal_first() {
    let tenant = Tenant::of(&busy());
    let summary = tenant.apply(&busy().steps());
    let state = tenant.lock();
    assert_eq!(state.calls, IN_ORDER);
    assert_eq!((summary.done, summary.failed, summary.stopped), (8, 0, None));
    let expected =
        |n: usize| if n.is_multiple_of(2) { StepOutcome::Sending } else { StepOutcome::Done };
    assert!(state.journal.iter().enumerate().all(|(n, (_, outcome))| *outcome == expected(n)));
}

/// Y20
#[test]
fn after_a_skipped_step_the_rest_of_that_person_waits_and_others_go_on() {
    let tenant = scripted(&busy(), 2, Verdict::SkipObject("no".to_owned()));
    let summary = tenant.apply(&busy().steps());
    let expected: Vec<&str> =
        IN_ORDER.into_iter().filter(|call| !["link amy", "license amy"].contains(call)).collect();
    assert_eq!(tenant.lock().calls, expected);
    assert_eq!((summary.done, summary.skipped), (6, 2));
}

#[test]
fn a_wait_is_obeyed_exactly_and_the_step_tried_again() {
    let tenant = scripted(&busy(), 0, Verdict::RetryAfter(Duration::from_secs(17)));
    let summary = tenant.apply(&busy().steps());
    let state = tenant.lock();
    assert_eq!(state.slept, [Duration::from_secs(17)]);
    assert_eq!(state.calls[..2], ["block erin", "block erin"]);
    assert_eq!(summary.done, 8);
}

/// Y17, Y20
#[test]
fn after_eight_attempts_the_person_is_parked() {
    let tenant = Tenant::of(&busy());
    let again = Verdict::RetryAfter(Duration::from_secs(1));
    tenant.lock().script.extend((0..100).map(|call| (call, again.clone())));
    let summary = tenant.apply(&busy().steps());
    assert_eq!((summary.failed, summary.skipped), (4, 4));
    assert_eq!(tenant.lock().calls.iter().filter(|call| *call == "block erin").count(), 8);
}

/// Y16: whoever must be kept out waits behind nobody who was told to wait for long.
#[test]
fn what_asks_for_longer_than_is_waited_for_is_left_to_the_next_run() {
    let tenant = Tenant::of(&busy());
    tenant.lock().most = Some(Duration::from_secs(30));
    tenant.lock().script.extend([
        (0, Verdict::RetryAfter(Duration::from_secs(30))),
        (1, Verdict::RetryAfter(Duration::from_secs(31))),
    ]);
    let summary = tenant.apply(&busy().steps());
    assert_eq!(tenant.lock().slept, [Duration::from_secs(30)]);
    assert_eq!(tenant.lock().calls.iter().filter(|call| *call == "block erin").count(), 2);
    assert_eq!((summary.failed, summary.stopped), (1, None));
}

#[test]
fn a_verdict_to_stop_ends_the_run_at_once() {
    let tenant = scripted(&busy(), 2, Verdict::StopRun("grant User.ReadWrite.All".to_owned()));
    let summary = tenant.apply(&busy().steps());
    assert_eq!(tenant.lock().calls, IN_ORDER[..3]);
    assert_eq!(summary.stopped.as_deref(), Some("grant User.ReadWrite.All"));
}

/// Y33
#[test]
fn when_the_journal_says_stop_nothing_more_is_sent() {
    let tenant = Tenant::of(&busy());
    tenant.lock().stop_at = Some(4);
    let summary = tenant.apply(&busy().steps());
    assert_eq!(tenant.lock().calls, IN_ORDER[..2]);
    assert_eq!(summary.stopped.as_deref(), Some("writes were stopped"));
}

/// Y12, Y13
#[test]
fn wherever_a_run_breaks_the_next_one_converges() {
    let untroubled = Tenant::of(&busy());
    untroubled.apply(&busy().steps());
    let verdicts = [
        Verdict::SkipObject("no".to_owned()),
        Verdict::Relink,
        Verdict::StopRun("away".to_owned()),
    ];
    for verdict in verdicts {
        for call in 0..IN_ORDER.len() {
            for lost_answers in [false, true] {
                let mut given = busy();
                let tenant = scripted(&given, call, verdict.clone());
                tenant.lock().lost_answers = lost_answers;
                let first = given.steps();
                tenant.apply(&first);
                tenant.observe(&mut given);
                given.observed.revoke_again.extend(tenant.revoke_again(&first));
                tenant.lock().script.clear();
                tenant.apply(&given.steps());
                let (there, wanted) = (tenant.lock(), untroubled.lock());
                assert_eq!(there.users, wanted.users, "call {call}, {verdict:?}");
                // Whoever was made by a call whose answer was lost counts as found.
                assert_eq!(there.objects(), wanted.objects(), "call {call}, {verdict:?}");
                assert!(there.calls.contains(&"revoke erin".to_owned()));
            }
        }
    }
}
