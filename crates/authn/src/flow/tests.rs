//! Random walks through the sign-in, watched by a witness that keeps its own books (R040).

use proptest::prelude::*;

use super::*;

/// Everything that may happen to one browser and one account.
#[derive(Debug, Clone, Copy)]
enum Move {
    Password { right: bool },
    Passkey { right: bool },
    Key { right: bool, verifies: bool },
    Code { right: bool },
    RecoveryCode { right: bool },
    EnrollmentCode { right: bool },
    BeginEnrollment,
    ConfirmEnrollment { right: bool },
    EnrollKey { right: bool, verifies: bool },
    ChangePassword,
    Wait { secs: i64 },
    NewRequest { audience: SessionAudience, demand: Demand },
    SignOut,
    AdminResetsFactors,
    AdminBlocks(Standing),
    AdminSetsFirstPassword { secs: i64 },
    AdminSetsRole(Console),
}

/// A server that knows nothing but the rows and `next`, and a witness that knows the truth.
struct World {
    policy: Policy,
    now: Ts,
    state: FlowState,
    account: Account,
    enrolled_before: bool,
    pending_secret: bool,
    /// The witness's books: what was really proved in this session.
    truth: Vec<FactorEvent>,
    /// The witness's books: the enrolment code was given for this request.
    code_given: bool,
}

impl World {
    fn new(policy: Policy, account: Account) -> Self {
        let now = Ts::from_secs(1_000_000);
        let state = FlowState {
            audience: SessionAudience::Employee,
            demand: Demand::default(),
            began_at: now,
            events: Vec::new(),
            account: None,
        };
        Self {
            policy,
            now,
            state,
            enrolled_before: account.factors != Factors::None
                || account.enrollment == Enrollment::Again,
            account,
            pending_secret: false,
            truth: Vec::new(),
            code_given: false,
        }
    }

    /// The rows change under the request, as they do in the store.
    fn step(&mut self) -> Step {
        if self.state.account.is_some() {
            self.state.account = Some(self.account);
        }
        next(&self.state, &self.policy, self.now)
    }

    fn prove(&mut self, method: Method) {
        let event = FactorEvent { method, at: self.now };
        self.truth.push(event);
        self.state.events.push(event);
    }

    /// Every entrance asks for the step first and does nothing at the wrong one.
    fn play(&mut self, what: Move) {
        let step = self.step();
        match (what, step) {
            (Move::Password { right: true }, Step::FirstFactor { .. }) => {
                self.prove(Method::Password);
                self.state.account = Some(self.account);
            }
            (Move::Passkey { right: true }, Step::FirstFactor { passkey: true })
                if self.has(Devices::has_keys) =>
            {
                self.prove(Method::Passkey);
                self.state.account = Some(self.account);
            }
            (Move::Key { right: true, verifies }, Step::SecondFactor { with, .. })
                if with.has_keys() =>
            {
                self.prove(if verifies { Method::Passkey } else { Method::SecurityKey });
            }
            (Move::Code { right: true }, Step::SecondFactor { with, .. }) if with.has_app() => {
                self.prove(Method::Totp);
            }
            (
                Move::RecoveryCode { right: true },
                Step::SecondFactor { recovery_codes: 1.., .. },
            ) => {
                self.use_recovery_code();
            }
            (Move::EnrollmentCode { right: true }, Step::Enroll { needs_code: true }) => {
                self.code_given = true;
                self.account.enrollment = Enrollment::CodeRedeemed;
            }
            (Move::BeginEnrollment, Step::Enroll { needs_code: false }) => {
                self.pending_secret = true;
            }
            (Move::ConfirmEnrollment { right: true }, Step::Enroll { needs_code: false })
                if self.pending_secret =>
            {
                self.enroll(Devices::App, Method::Totp);
            }
            (Move::EnrollKey { right: true, verifies }, Step::Enroll { needs_code: false })
                if self.pending_secret =>
            {
                let method = if verifies { Method::Passkey } else { Method::SecurityKey };
                self.enroll(Devices::Keys, method);
            }
            (Move::ChangePassword, Step::ChangePassword) => self.account.must_change_before = None,
            (outside, _) => self.happen(outside),
        }
    }

    /// What needs no permission of the flow.
    fn happen(&mut self, what: Move) {
        match what {
            Move::Wait { secs } => self.now = self.now + Duration::from_secs(secs.unsigned_abs()),
            Move::NewRequest { audience, demand } => self.new_request(audience, demand),
            Move::SignOut => {
                self.truth.clear();
                self.state.events.clear();
                self.state.account = None;
                self.new_request(self.state.audience, Demand::default());
            }
            Move::AdminResetsFactors => {
                self.account.factors = Factors::None;
                self.forget_code();
            }
            Move::AdminBlocks(standing) => self.account.standing = standing,
            Move::AdminSetsFirstPassword { secs } => {
                let until = self.now + Duration::from_secs(secs.unsigned_abs());
                self.account.must_change_before = Some(until);
            }
            Move::AdminSetsRole(console) => self.account.console = console,
            _ => {}
        }
    }

    fn new_request(&mut self, audience: SessionAudience, demand: Demand) {
        self.state.audience = audience;
        self.state.demand = demand;
        self.state.began_at = self.now;
        self.forget_code();
    }

    fn forget_code(&mut self) {
        self.code_given = false;
        self.pending_secret = false;
        self.account.enrollment =
            if self.enrolled_before { Enrollment::Again } else { Enrollment::First };
    }

    fn use_recovery_code(&mut self) {
        if let Factors::Enrolled { recovery_codes, .. } = &mut self.account.factors {
            *recovery_codes -= 1;
        }
        self.prove(Method::RecoveryCode);
    }

    fn enroll(&mut self, with: Devices, method: Method) {
        self.account.factors = Factors::Enrolled { with, recovery_codes: 2 };
        self.enrolled_before = true;
        self.forget_code();
        self.prove(method);
    }

    fn has(&self, what: impl Fn(Devices) -> bool) -> bool {
        matches!(self.account.factors, Factors::Enrolled { with, .. } if what(with))
    }

    /// The witness's own idea of "proved, and new enough".
    fn really(&self, is_it: impl Fn(Method) -> bool) -> bool {
        self.truth.iter().any(|event| {
            let age = (self.now.0 - event.at.0) / 1_000_000;
            let of_this_request = event.at.0 >= self.state.began_at.0;
            let allowed = self.state.demand.max_age;
            let new_enough = allowed.is_none_or(|max| {
                let (whole, part) = (age.unsigned_abs(), (self.now.0 - event.at.0) % 1_000_000);
                whole < max || (whole == max && part == 0)
            });
            is_it(event.method) && (of_this_request || new_enough)
        })
    }

    /// What must hold whatever has happened so far.
    fn witness(&mut self) {
        let step = self.step();
        let typed = self.really(|m| m == Method::Password);
        let alone = self.really(|m| m == Method::Passkey);
        let has = self.really(|m| m != Method::Password);
        let begun = typed || (alone && !self.state.demand.password);
        let at_the_door = matches!(step, Step::FirstFactor { .. });
        assert!(begun || at_the_door, "{step:?} without a password or passkey");
        let demanded = self.policy.mfa == MfaPolicy::Always
            || self.state.demand.mfa
            || self.state.audience == SessionAudience::Admin;
        match step {
            Step::Granted(proof) => {
                assert!(has || !demanded, "granted without a second factor");
                assert!(proof.mfa().is_some() || !demanded, "granted without the claim");
                let two = alone || (typed && has);
                assert_eq!(proof.mfa().is_some(), two, "the claim says what was proved");
                assert!(typed || !self.state.demand.password, "granted without the password");
                assert!(proof.events().iter().all(|e| self.truth.contains(e)), "invented proof");
                assert_eq!(self.account.standing, Standing::Active);
                assert!(!typed || self.account.must_change_before.is_none());
                let console = self.state.audience == SessionAudience::Admin;
                assert!(!console || self.account.console == Console::Allowed);
            }
            Step::Enroll { needs_code } => {
                let grace = self.policy.enrollment_grace_until.is_some_and(|g| self.now.0 < g.0);
                let free = self.code_given || (grace && !self.enrolled_before);
                assert_eq!(needs_code, !free, "a password alone enrols nothing again");
                assert_eq!(self.account.factors, Factors::None);
            }
            Step::ChangePassword => {
                let weak = !typed || (self.account.factors != Factors::None && !has);
                assert!(!weak, "a first password was made to last without the second factor");
            }
            Step::Denied(_) | Step::FirstFactor { .. } | Step::SecondFactor { .. } => {}
        }
    }

    /// An honest person, with an admin at hand for the enrolment code, gets through.
    fn honest_moves_to_the_end(&mut self) -> Vec<Move> {
        let mut moves = Vec::new();
        while moves.len() < 10 {
            let what = match self.step() {
                Step::FirstFactor { .. } => Move::Password { right: true },
                Step::SecondFactor { with, .. } if with.has_app() => Move::Code { right: true },
                Step::SecondFactor { .. } => Move::Key { right: true, verifies: false },
                Step::Enroll { needs_code: true } => Move::EnrollmentCode { right: true },
                Step::Enroll { .. } if !self.pending_secret => Move::BeginEnrollment,
                Step::Enroll { .. } => Move::ConfirmEnrollment { right: true },
                Step::ChangePassword => Move::ChangePassword,
                Step::Granted(_) | Step::Denied(_) => break,
            };
            self.play(what);
            moves.push(what);
        }
        moves
    }
}

fn any_demand() -> impl Strategy<Value = Demand> {
    let max_age = prop_oneof![Just(None), (0..600_u64).prop_map(Some)];
    (any::<bool>(), max_age, any::<bool>()).prop_map(|(mfa, max_age, password)| Demand {
        mfa,
        max_age,
        password,
    })
}

fn any_audience() -> impl Strategy<Value = SessionAudience> {
    prop_oneof![Just(SessionAudience::Employee), Just(SessionAudience::Admin)]
}

fn any_move() -> impl Strategy<Value = Move> {
    let standing = prop_oneof![3 => Just(Standing::Active), 1 => Just(Standing::Blocked)];
    let console = prop_oneof![2 => Just(Console::Allowed), 1 => Just(Console::Closed)];
    prop_oneof![
        6 => any::<bool>().prop_map(|right| Move::Password { right }),
        3 => any::<bool>().prop_map(|right| Move::Passkey { right }),
        3 => any::<(bool, bool)>().prop_map(|(right, verifies)| Move::Key { right, verifies }),
        4 => any::<bool>().prop_map(|right| Move::Code { right }),
        1 => any::<bool>().prop_map(|right| Move::RecoveryCode { right }),
        2 => any::<bool>().prop_map(|right| Move::EnrollmentCode { right }),
        3 => Just(Move::BeginEnrollment),
        3 => any::<bool>().prop_map(|right| Move::ConfirmEnrollment { right }),
        2 => any::<(bool, bool)>()
            .prop_map(|(right, verifies)| Move::EnrollKey { right, verifies }),
        3 => Just(Move::ChangePassword),
        2 => (0..900_i64).prop_map(|secs| Move::Wait { secs }),
        2 => (any_audience(), any_demand())
            .prop_map(|(audience, demand)| Move::NewRequest { audience, demand }),
        1 => Just(Move::SignOut),
        1 => Just(Move::AdminResetsFactors),
        2 => standing.prop_map(Move::AdminBlocks),
        1 => (0..3_600_i64).prop_map(|secs| Move::AdminSetsFirstPassword { secs }),
        1 => console.prop_map(Move::AdminSetsRole),
    ]
}

fn any_policy() -> impl Strategy<Value = Policy> {
    let mfa = prop_oneof![Just(MfaPolicy::Always), Just(MfaPolicy::OnDemand)];
    let grace =
        prop_oneof![Just(None), (999_000..1_060_000_i64).prop_map(|s| Some(Ts::from_secs(s)))];
    (mfa, grace).prop_map(|(mfa, enrollment_grace_until)| Policy {
        mfa,
        enrollment_grace_until,
        ..Policy::default()
    })
}

fn any_devices() -> impl Strategy<Value = Devices> {
    prop_oneof![Just(Devices::App), Just(Devices::Keys), Just(Devices::Both)]
}

fn any_account() -> impl Strategy<Value = Account> {
    let factors = prop_oneof![
        Just(Factors::None),
        (any_devices(), 0..3_usize)
            .prop_map(|(with, recovery_codes)| Factors::Enrolled { with, recovery_codes })
    ];
    let enrollment = prop_oneof![Just(Enrollment::First), Just(Enrollment::Again)];
    (factors, enrollment).prop_map(|(factors, enrollment)| Account {
        standing: Standing::Active,
        factors,
        enrollment: if factors == Factors::None { enrollment } else { Enrollment::Again },
        must_change_before: None,
        console: Console::Allowed,
    })
}

proptest! {
    // 500 walks of 200 moves: 100,000 steps.
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_order_of_requests_skips_a_step(
        policy in any_policy(),
        account in any_account(),
        moves in prop::collection::vec(any_move(), 200),
    ) {
        let mut world = World::new(policy, account);
        for what in moves {
            world.play(what);
            world.witness();
        }
        let honest = world.honest_moves_to_the_end();
        prop_assert!(honest.len() <= 5, "an honest person is stuck: {honest:?}");
    }
}

fn account() -> Account {
    Account {
        standing: Standing::Active,
        factors: Factors::Enrolled { with: Devices::App, recovery_codes: 3 },
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
        account: Some(account),
    }
}

fn step(state: &FlowState, policy: &Policy) -> Step {
    next(state, policy, Ts::from_secs(1_030))
}

const FIRST: Step = Step::FirstFactor { passkey: true };
const CODE: Step = Step::SecondFactor { with: Devices::App, recovery_codes: 3 };
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
    assert_eq!(step(&state, &policy), FIRST);
    state.demand.max_age = Some(0);
    state.events.push(FactorEvent { method: Method::Password, at: Ts::from_secs(1_005) });
    assert_eq!(step(&state, &policy), CODE);
    state.events.push(FactorEvent { method: Method::Totp, at: Ts::from_secs(1_010) });
    let Step::Granted(proof) = step(&state, &policy) else { panic!("both are new") };
    // What was too old is no part of the proof.
    assert_eq!(proof.events().len(), 2);
}

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
        (granted, Enrollment::CodeRedeemed, false),
        (Policy::default(), Enrollment::CodeRedeemed, false),
    ] {
        let bare = Account { factors: Factors::None, enrollment, ..account() };
        let state = asked(&[(Method::Password, 1_005)], bare);
        assert_eq!(step(&state, &policy), Step::Enroll { needs_code }, "{enrollment:?}");
    }
}

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
    let with_keys = Account {
        factors: Factors::Enrolled { with: Devices::Keys, recovery_codes: 3 },
        ..account()
    };
    let state = asked(&[(Method::Passkey, 1_005)], with_keys);
    let Step::Granted(proof) = step(&state, &policy) else { panic!("a passkey suffices") };
    assert!(proof.mfa().is_some());
    let state = asked(&[(Method::SecurityKey, 1_005)], with_keys);
    assert_eq!(step(&state, &policy), FIRST, "nobody verified who touched it");
    let state = asked(&[(Method::Password, 1_005)], with_keys);
    let key = Step::SecondFactor { with: Devices::Keys, recovery_codes: 3 };
    assert_eq!(step(&state, &policy), key);
    let state = asked(&[(Method::Password, 1_005), (Method::SecurityKey, 1_010)], with_keys);
    assert!(matches!(step(&state, &policy), Step::Granted(_)));
}

#[test]
fn who_demands_a_typed_password_gets_no_passkey_instead() {
    let mut state = asked(&[(Method::Passkey, 1_005)], account());
    state.demand.password = true;
    assert_eq!(step(&state, &Policy::default()), Step::FirstFactor { passkey: false });
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
