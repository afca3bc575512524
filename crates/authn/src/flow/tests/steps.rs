//! The step that comes next, case by case.

use super::*;

fn account() -> Account {
    Account {
        standing: Standing::Active,
        factors: Factors::Enrolled(Devices::App),
        enrollment: Enrollment::Again,
        must_change_before: None,
        console: Console::Closed,
    }
}

/// A request made at second 1,000 by a browser that proved these at these seconds.
fn asked(proved: &[(Method, i64)], account: Account) -> FlowState {
    let event = |&(method, secs)| FactorEvent { method, at: Ts::from_secs(secs) };
    FlowState {
        audience: SessionAudience::Employee,
        demand: Demand::default(),
        began_at: Ts::from_secs(1_000),
        events: proved.iter().map(event).collect(),
        resetting: false,
        account: Some(account),
    }
}

fn step(state: &FlowState, policy: &Policy) -> Step {
    next(state, policy, Ts::from_secs(1_030))
}

const FIRST: Step = Step::FirstFactor { passkey: true, microsoft: true };
const CODE: Step = Step::SecondFactor { with: Devices::App };
const BOTH: &[(Method, i64)] = &[(Method::Password, 900), (Method::Totp, 910)];

#[test]
fn a_live_session_shows_no_page() {
    let state = asked(BOTH, account());
    assert!(matches!(step(&state, &Policy::default()), Step::Granted(_)));
}

#[test]
fn a_demand_for_freshness_asks_again() {
    let policy = Policy::default();
    let mut state = asked(BOTH, account());
    state.demand.max_age = Some(130);
    assert!(matches!(step(&state, &policy), Step::Granted(_)));
    // The password is 130 s old, the code 120 s.
    state.demand.max_age = Some(129);
    assert_eq!(step(&state, &policy), Step::FirstFactor { passkey: true, microsoft: false });
    state.demand.max_age = Some(0);
    state.events.push(FactorEvent { method: Method::Password, at: Ts::from_secs(1_005) });
    assert_eq!(step(&state, &policy), CODE);
    state.events.push(FactorEvent { method: Method::Totp, at: Ts::from_secs(1_010) });
    let Step::Granted(proof) = step(&state, &policy) else { panic!("both are new") };
    // What was too old is no part of the proof.
    assert_eq!(proof.events().len(), 2);
}

/// R146
#[test]
fn the_console_always_needs_a_second_factor_and_a_role() {
    let policy = Policy { mfa: MfaPolicy::OnDemand, ..Policy::default() };
    let mut state = asked(&[(Method::Password, 1_005)], account());
    assert!(matches!(step(&state, &policy), Step::Granted(_)));
    state.audience = SessionAudience::Admin;
    assert_eq!(step(&state, &policy), Step::Denied(Reason::NoRole));
    state.account = Some(Account { console: Console::Allowed, ..account() });
    assert_eq!(step(&state, &policy), CODE);
}

#[test]
fn before_the_password_a_blocked_account_looks_like_any_other() {
    let blocked = Account { standing: Standing::Blocked, ..account() };
    assert_eq!(step(&asked(&[], blocked), &Policy::default()), FIRST);
    let state = asked(&[(Method::Password, 1_005)], blocked);
    assert_eq!(step(&state, &Policy::default()), Step::Denied(Reason::Blocked));
}

/// R033
#[test]
fn enrolling_needs_the_code_the_grace_or_nothing_of_the_kind_once_done() {
    let granted =
        Policy { enrollment_grace_until: Some(Ts::from_secs(2_000)), ..Policy::default() };
    let over = Policy { enrollment_grace_until: Some(Ts::from_secs(1_030)), ..Policy::default() };
    for (policy, enrollment, needs_code) in [
        (Policy::default(), Enrollment::First, true),
        (granted.clone(), Enrollment::First, false),
        (over, Enrollment::First, true),
        (granted.clone(), Enrollment::Again, true),
        (granted, Enrollment::Begun { again: true }, false),
        (Policy::default(), Enrollment::Begun { again: true }, false),
    ] {
        let bare = Account { factors: Factors::None, enrollment, ..account() };
        let state = asked(&[(Method::Password, 1_005)], bare);
        let (only_key, may_wait) = (false, false);
        assert_eq!(step(&state, &policy), Step::Enroll { needs_code, only_key, may_wait });
        let strict = Policy { mfa: MfaPolicy::PhishingResistant, ..policy };
        assert_eq!(step(&state, &strict), Step::Enroll { needs_code, only_key: true, may_wait });
    }
}

#[test]
fn a_second_factor_is_put_off_while_the_campaign_runs_and_nothing_demands_one() {
    let until = Some(Ts::from_secs(2_000));
    let running = Policy { enrollment_grace_until: until, may_put_off: true, ..Policy::default() };
    let new = Account {
        factors: Factors::None,
        enrollment: Enrollment::First,
        console: Console::Closed,
        ..account()
    };
    let may_wait = |policy: &Policy, account: Account, change: fn(&mut FlowState)| {
        let mut state = asked(&[(Method::Password, 1_005)], account);
        change(&mut state);
        matches!(step(&state, policy), Step::Enroll { may_wait: true, .. })
    };
    assert!(may_wait(&running, new, |_| ()));
    let begun = Account { enrollment: Enrollment::Begun { again: false }, ..new };
    assert!(may_wait(&running, begun, |_| ()), "the page that shows the new secret");
    assert!(!may_wait(&running, new, |state| state.demand.mfa = true), "Microsoft asks for one");
    assert!(!may_wait(&running, new, |state| state.resetting = true), "by a mailed link");
    let strict = Policy { mfa: MfaPolicy::PhishingResistant, ..running.clone() };
    let over = Policy { enrollment_grace_until: Some(Ts::from_secs(1_010)), ..running.clone() };
    let firm = Policy { may_put_off: false, ..running.clone() };
    for policy in [strict, over, firm] {
        assert!(!may_wait(&policy, new, |_| ()), "{policy:?}");
    }
    let admin = Account { console: Console::Allowed, ..new };
    let again = Account { enrollment: Enrollment::Again, ..new };
    let by_code = Account { enrollment: Enrollment::Begun { again: true }, ..new };
    for account in [admin, again, by_code] {
        assert!(!may_wait(&running, account, |_| ()), "{account:?}");
    }
}

/// R010
#[test]
fn a_first_password_is_changed_last_and_in_time() {
    let policy = Policy { mfa: MfaPolicy::OnDemand, ..Policy::default() };
    let due = Account { must_change_before: Some(Ts::from_secs(2_000)), ..account() };
    let state = asked(&[(Method::Password, 1_005)], due);
    assert_eq!(step(&state, &policy), CODE);
    let state = asked(&[(Method::Password, 1_005), (Method::Totp, 1_010)], due);
    assert_eq!(step(&state, &policy), Step::ChangePassword);
    let bare = Account { factors: Factors::None, enrollment: Enrollment::First, ..due };
    let state = asked(&[(Method::Password, 1_005)], bare);
    assert_eq!(step(&state, &policy), Step::ChangePassword);
    let late = Account { must_change_before: Some(Ts::from_secs(1_030)), ..account() };
    let state = asked(&[(Method::Password, 1_005)], late);
    assert_eq!(step(&state, &policy), Step::Denied(Reason::FirstPasswordExpired));
}

#[test]
fn a_passkey_is_both_factors_and_a_security_key_is_the_second() {
    let policy = Policy::default();
    let with_keys = Account { factors: Factors::Enrolled(Devices::Keys), ..account() };
    let state = asked(&[(Method::Passkey, 1_005)], with_keys);
    let Step::Granted(proof) = step(&state, &policy) else { panic!("a passkey suffices") };
    assert!(proof.mfa().is_some());
    let state = asked(&[(Method::SecurityKey, 1_005)], with_keys);
    assert_eq!(step(&state, &policy), FIRST, "nobody verified who touched it");
    let state = asked(&[(Method::Password, 1_005)], with_keys);
    let key = Step::SecondFactor { with: Devices::Keys };
    assert_eq!(step(&state, &policy), key);
    let state = asked(&[(Method::Password, 1_005), (Method::SecurityKey, 1_010)], with_keys);
    assert!(matches!(step(&state, &policy), Step::Granted(_)));
}

#[test]
fn where_nothing_may_be_given_away_a_key_is_asked_for_and_no_code() {
    let policy = Policy { mfa: MfaPolicy::PhishingResistant, ..Policy::default() };
    let (typed, coded) = ((Method::Password, 1_005), (Method::Totp, 1_010));
    let with = |with| Factors::Enrolled(with);
    for (devices, expected) in [
        (Devices::Keys, Step::Key),
        (Devices::Both, Step::Key),
        (Devices::App, Step::Denied(Reason::NoPasskey)),
    ] {
        let account = Account { factors: with(devices), ..account() };
        assert_eq!(step(&asked(&[], account), &policy), FIRST, "nobody learns it before");
        assert_eq!(step(&asked(&[typed], account), &policy), expected);
        assert_eq!(step(&asked(&[typed, coded], account), &policy), expected, "no code will do");
    }
    let account = Account { factors: with(Devices::Both), ..account() };
    for proved in [&[(Method::Passkey, 1_005)][..], &[typed, coded, (Method::SecurityKey, 1_015)]] {
        let Step::Granted(proof) = step(&asked(proved, account), &policy) else {
            panic!("a key suffices")
        };
        assert!(proof.resists_phishing());
    }
}

#[test]
fn who_demands_a_typed_password_gets_no_passkey_instead() {
    let mut state = asked(&[(Method::Passkey, 1_005)], account());
    state.demand.password = true;
    let typed_only = Step::FirstFactor { passkey: false, microsoft: false };
    assert_eq!(step(&state, &Policy::default()), typed_only);
    state.events.push(FactorEvent { method: Method::Password, at: Ts::from_secs(1_010) });
    assert!(matches!(step(&state, &Policy::default()), Step::Granted(_)));
}

#[test]
fn a_first_password_that_was_not_typed_neither_expires_nor_changes() {
    let late = Account { must_change_before: Some(Ts::from_secs(1_030)), ..account() };
    let state = asked(&[(Method::Passkey, 1_005)], late);
    assert!(matches!(step(&state, &Policy::default()), Step::Granted(_)));
    let blocked = Account { standing: Standing::Blocked, ..late };
    let state = asked(&[(Method::Passkey, 1_005)], blocked);
    assert_eq!(step(&state, &Policy::default()), Step::Denied(Reason::Blocked));
}

#[test]
fn a_mailed_link_stands_for_the_password_alone() {
    // No policy and no session spares the second factor, nor the new password (R042).
    let policy = Policy { mfa: MfaPolicy::OnDemand, ..Policy::default() };
    let mut state = FlowState { resetting: true, ..asked(&[], account()) };
    assert_eq!(step(&state, &policy), CODE);
    state.events.push(FactorEvent { method: Method::Totp, at: Ts::from_secs(1_010) });
    assert_eq!(step(&state, &policy), Step::ChangePassword);
    // Even the password from before doesn't: a new one is chosen.
    state.events.push(FactorEvent { method: Method::Password, at: Ts::from_secs(1_011) });
    assert_eq!(step(&state, &policy), Step::ChangePassword);
    state.resetting = false;
    assert!(matches!(step(&state, &policy), Step::Granted(_)));
}

#[test]
fn a_mailed_link_enrols_nobody() {
    let bare = Account { factors: Factors::None, ..account() };
    let state = FlowState { resetting: true, ..asked(&[], bare) };
    assert_eq!(
        step(&state, &Policy::default()),
        Step::Enroll { needs_code: true, only_key: false, may_wait: false }
    );
}

#[test]
fn a_mailed_link_opens_nothing_for_who_is_blocked() {
    let blocked = Account { standing: Standing::Blocked, ..account() };
    let state = FlowState { resetting: true, ..asked(&[], blocked) };
    assert_eq!(step(&state, &Policy::default()), Step::Denied(Reason::Blocked));
}

#[test]
fn a_microsoft_account_stands_for_the_password_and_not_for_the_second_factor() {
    let state = asked(&[(Method::Microsoft, 1_005)], account());
    assert_eq!(step(&state, &Policy::default()), CODE);
    let state = asked(&[(Method::Microsoft, 1_005), (Method::Totp, 1_010)], account());
    let Step::Granted(proof) = step(&state, &Policy::default()) else { panic!("both are there") };
    assert!(proof.mfa().is_some());
    let blocked = Account { standing: Standing::Blocked, ..account() };
    let state = asked(&[(Method::MicrosoftMfa, 1_005)], blocked);
    assert_eq!(step(&state, &Policy::default()), Step::Denied(Reason::Blocked));
}

#[test]
fn microsofts_second_factor_opens_applications_and_not_the_console() {
    let person = Account { console: Console::Allowed, ..account() };
    let mut state = asked(&[(Method::MicrosoftMfa, 1_005)], person);
    assert!(matches!(step(&state, &Policy::default()), Step::Granted(_)));
    state.audience = SessionAudience::Admin;
    assert_eq!(step(&state, &Policy::default()), CODE);
    state.audience = SessionAudience::Employee;
    let strict = Policy { mfa: MfaPolicy::PhishingResistant, ..Policy::default() };
    assert_eq!(step(&state, &strict), Step::Denied(Reason::NoPasskey));
}

#[test]
fn who_demands_a_fresh_sign_in_is_not_sent_to_microsoft() {
    let mut state = asked(&[(Method::MicrosoftMfa, 1_005)], account());
    state.demand.max_age = Some(3_600);
    let here = Step::FirstFactor { passkey: true, microsoft: false };
    assert_eq!(step(&state, &Policy::default()), here, "how fresh it is nobody knows");
    state.events.push(FactorEvent { method: Method::Password, at: Ts::from_secs(1_010) });
    assert_eq!(step(&state, &Policy::default()), CODE, "and it is no second factor, either");
}
