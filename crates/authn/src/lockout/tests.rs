//! Guesses by script, against a clock that the script moves.

use uuid::Uuid;

use super::*;

/// A counter as the store would keep it, and a clock.
#[derive(Default)]
struct Script {
    counter: GuessCounter,
    now: Ts,
}

impl Script {
    fn at(secs: i64) -> Self {
        Self { counter: GuessCounter::default(), now: Ts::from_secs(secs) }
    }

    /// One wrong guess now.
    fn fail(&mut self, limit: Limit) -> Verdict {
        let verdict = count(self.counter, limit, self.now);
        if let Verdict::Allowed(counter, _) = &verdict {
            self.counter = *counter;
        }
        verdict
    }

    fn is_checked(&mut self, limit: Limit) -> bool {
        matches!(self.fail(limit), Verdict::Allowed(..))
    }

    fn pass(&mut self, limit: Limit) {
        assert!(self.is_checked(limit), "the right guess is checked");
        self.counter = succeed(self.counter, limit);
    }

    fn after(&mut self, span: Duration) -> &mut Self {
        self.now = self.now + span;
        self
    }
}

fn user(last: u128) -> UserId {
    UserId(Uuid::from_u128(last))
}

/// R013
#[test]
fn after_three_failures_the_waits_grow_to_ten_seconds() {
    let mut script = Script::at(1_000);
    for _ in 0..3 {
        assert!(script.is_checked(Limit::PASSWORD));
    }
    for wait in [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 10] {
        let until = script.now + Duration::from_secs(wait);
        assert_eq!(script.fail(Limit::PASSWORD), Verdict::Wait { until });
        script.after(Duration::from_micros(1_000_000 * wait - 1));
        assert_eq!(script.fail(Limit::PASSWORD), Verdict::Wait { until });
        script.after(Duration::from_micros(1));
        assert!(script.is_checked(Limit::PASSWORD), "after {wait} s");
    }
}

/// R013
#[test]
fn after_a_hundred_failures_in_a_row_no_wait_helps() {
    let mut script = Script::at(1_000);
    let checked = (0..500)
        .filter(|_| script.after(Duration::from_secs(10)).is_checked(Limit::PASSWORD))
        .count();
    assert_eq!(checked, 100);
    script.after(Duration::from_hours(24 * 365));
    assert_eq!(script.fail(Limit::PASSWORD), Verdict::Exhausted);
}

#[test]
fn a_right_password_ends_the_row() {
    let mut script = Script::at(1_000);
    for _ in 0..50 {
        script.after(Duration::from_secs(10)).fail(Limit::PASSWORD);
    }
    script.after(Duration::from_secs(10)).pass(Limit::PASSWORD);
    for _ in 0..3 {
        assert!(script.is_checked(Limit::PASSWORD));
    }
}

#[test]
fn guesses_at_the_same_moment_are_counted_before_any_is_checked() {
    let mut script = Script::at(1_000);
    let checked = (0..500).filter(|_| script.is_checked(Limit::PASSWORD)).count();
    assert_eq!((checked, script.counter.failures), (3, 3));
}

/// R016
#[test]
fn a_code_can_be_guessed_five_times_while_it_lasts_and_twenty_times_a_day() {
    let (mut code, mut day) = (Script::at(90_000), Script::at(90_000));
    let mut checked = 0;
    for _ in 0..10 {
        for guess in 0..10 {
            let may = code.is_checked(Limit::SECOND_FACTOR);
            assert_eq!(may, guess < 5);
            checked += usize::from(may && day.is_checked(Limit::SECOND_FACTOR_DAY));
        }
        code.after(Duration::from_mins(1));
        day.after(Duration::from_mins(1));
    }
    assert_eq!(checked, 20);
    // The 21st guess is refused although the clock has moved, until the day is over.
    let until = Ts::from_secs(90_000) + Duration::from_hours(24);
    day.after(Duration::from_hours(20));
    assert_eq!(day.fail(Limit::SECOND_FACTOR_DAY), Verdict::Wait { until });
    day.now = until;
    assert!(day.is_checked(Limit::SECOND_FACTOR_DAY));
    assert_eq!(day.counter.failures, 1);
}

#[test]
fn a_right_code_is_taken_back_but_forgives_no_wrong_ones() {
    let mut day = Script::at(90_000);
    for _ in 0..7 {
        day.fail(Limit::SECOND_FACTOR_DAY);
    }
    for _ in 0..100 {
        day.pass(Limit::SECOND_FACTOR_DAY);
    }
    assert_eq!(day.counter.failures, 7);
}

#[test]
fn a_stranger_who_fails_a_thousand_times_cannot_stop_the_victim() {
    let (victim, device) = (user(1), [7; 32]);
    let mut counters = std::collections::HashMap::from([(password(victim), Script::at(0))]);
    let stranger = counters.get_mut(&password(victim)).unwrap();
    for _ in 0..1_000 {
        stranger.after(Duration::from_secs(10)).fail(Limit::PASSWORD);
    }
    assert_eq!(stranger.fail(Limit::PASSWORD), Verdict::Exhausted);
    let now = stranger.now;
    let own = counters.entry(familiar(victim, &device)).or_default();
    own.now = now;
    own.pass(Limit::PASSWORD);
}

/// R014
#[test]
fn one_address_is_stopped_before_its_hundredth_account() {
    let mut script = Script::at(1_000);
    let checked = (0..1_000)
        .filter(|_| script.after(Duration::from_millis(100)).is_checked(Limit::ADDRESS))
        .count();
    assert!(checked < 100, "{checked}");
    script.after(Duration::from_mins(15));
    assert!(script.is_checked(Limit::ADDRESS));
}

#[test]
fn a_clock_that_was_set_back_keeps_nobody_waiting() {
    let mut script = Script::at(100_000);
    for _ in 0..3 {
        script.fail(Limit::PASSWORD);
    }
    // Another node is a little behind: the wait holds.
    script.now = Ts::from_secs(99_995);
    assert!(!script.is_checked(Limit::PASSWORD));
    script.now = Ts::from_secs(50_000);
    assert!(script.is_checked(Limit::PASSWORD));
}

#[test]
fn keys_name_the_account_and_never_the_typed_text() {
    assert_eq!(password(user(1)), password(user(1)));
    let keys = [
        password(user(1)),
        password(user(2)),
        familiar(user(1), &[0; 32]),
        familiar(user(1), &[1; 32]),
        second_factor(user(1), Method::Totp),
        second_factor(user(1), Method::RecoveryCode),
        second_factor_day(user(1), Method::Totp),
        enrollment_code(user(1)),
        unknown_name("mallory@contoso.com"),
        unknown_name("hunter2hunter2"),
        address("192.0.2.1"),
    ];
    let different: std::collections::HashSet<_> = keys.iter().collect();
    assert_eq!(different.len(), keys.len());
    assert!(!unknown_name("hunter2hunter2").0.contains("hunter2"));
}

/// R014
#[test]
fn an_address_is_one_of_ipv4_or_a_network_of_ipv6() {
    assert_eq!(address("192.0.2.1"), address("::ffff:192.0.2.1"));
    assert_ne!(address("192.0.2.1"), address("192.0.2.2"));
    assert_eq!(address("2001:db8:1:2::1"), address("[2001:db8:1:2:ffff::9]"));
    assert_ne!(address("2001:db8:1:2::1"), address("2001:db8:1:3::1"));
    assert_eq!(site("2001:db8:1:2::1"), site("2001:db8:1:3::1"));
    assert_ne!(site("2001:db8:1:2::1"), site("2001:db8:2:2::1"));
    assert_eq!(site("192.0.2.1"), None);
    assert_eq!(address("fe80::1%eth0"), address("fe80::2"));
    assert_eq!(address("nonsense"), address(""));
}

#[test]
fn a_directory_gets_five_wrong_passwords_and_then_a_pause() {
    let mut script = Script::at(1_000);
    for _ in 0..5 {
        assert!(script.is_checked(Limit::AT_DIRECTORY));
        script.after(Duration::from_mins(29));
    }
    // However slowly they came: the directory's own counter did not begin anew either.
    assert!(!script.is_checked(Limit::AT_DIRECTORY));
    script.after(Duration::from_mins(1));
    assert!(script.is_checked(Limit::AT_DIRECTORY));
    script.counter = give_back(script.counter);
    assert_eq!(script.counter.failures, 0);
}
