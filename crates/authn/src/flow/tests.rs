//! Random walks through the sign-in, watched by a witness that keeps its own books (R040).

mod moves;
mod steps;

use moves::{any_account, any_move, any_policy};
use proptest::prelude::*;

use super::*;

/// Everything that may happen to one browser and one account.
#[derive(Debug, Clone, Copy)]
enum Move {
    Password { right: bool },
    ResetLink,
    Passkey { right: bool },
    Microsoft { mfa: bool },
    Key { right: bool, verifies: bool },
    Code { right: bool },
    RecoveryCode { right: bool },
    AccessPass { right: bool },
    EnrollmentCode { right: bool },
    BeginEnrollment,
    ConfirmEnrollment { right: bool },
    EnrollKey { right: bool, verifies: bool },
    ChangePassword,
    Wait { secs: i64 },
    NewRequest { audience: SessionAudience, demand: Demand },
    SignOut,
    HelpDeskGivesPass,
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
    recovery_codes: usize,
    passes: usize,
    pending_secret: bool,
    /// The witness's books: what was really proved in this session.
    truth: Vec<FactorEvent>,
    /// The witness's books: the enrolment code was given for this request.
    code_given: bool,
    /// The witness's books: when the request came by a mailed link, until a password was chosen.
    link_used_at: Option<Ts>,
}

impl World {
    fn new(policy: Policy, account: Account) -> Self {
        let now = Ts::from_secs(1_000_000);
        let state = FlowState {
            audience: SessionAudience::Employee,
            demand: Demand::default(),
            began_at: now,
            events: Vec::new(),
            resetting: false,
            account: None,
        };
        Self {
            policy,
            now,
            state,
            enrolled_before: account.factors != Factors::None
                || account.enrollment == Enrollment::Again,
            recovery_codes: if account.factors == Factors::None { 0 } else { 2 },
            passes: 0,
            account,
            pending_secret: false,
            truth: Vec::new(),
            code_given: false,
            link_used_at: None,
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

    fn begin(&mut self, method: Method) {
        self.prove(method);
        self.state.account = Some(self.account);
    }

    /// Every entrance asks for the step first and does nothing at the wrong one.
    fn play(&mut self, what: Move) {
        let step = self.step();
        match (what, step) {
            (Move::Password { right: true }, Step::FirstFactor { .. }) => {
                self.begin(Method::Password);
            }
            (Move::ResetLink, Step::FirstFactor { .. }) => {
                self.use_link();
            }
            (Move::Passkey { right: true }, Step::FirstFactor { passkey: true, .. })
                if self.has(Devices::has_keys) =>
            {
                self.begin(Method::Passkey);
            }
            (Move::Microsoft { mfa }, Step::FirstFactor { microsoft: true, .. }) => {
                self.begin(if mfa { Method::MicrosoftMfa } else { Method::Microsoft });
            }
            (Move::Key { right: true, verifies }, Step::SecondFactor { with, .. })
                if with.has_keys() =>
            {
                self.prove(if verifies { Method::Passkey } else { Method::SecurityKey });
            }
            (Move::Key { right: true, verifies }, Step::Key) => {
                assert!(self.has(Devices::has_keys), "asked for what is not there");
                self.prove(if verifies { Method::Passkey } else { Method::SecurityKey });
            }
            (Move::Code { right: true }, Step::SecondFactor { with, .. }) if with.has_app() => {
                self.prove(Method::Totp);
            }
            (Move::RecoveryCode { right: true }, Step::SecondFactor { .. }) => {
                self.use_up(Method::RecoveryCode);
            }
            (Move::AccessPass { right: true }, Step::SecondFactor { .. }) => {
                self.use_up(Method::AccessPass);
            }
            (Move::EnrollmentCode { right: true }, Step::Enroll { needs_code: true, .. }) => {
                self.code_given = true;
                self.account.enrollment = Enrollment::Begun { again: self.enrolled_before };
            }
            (Move::BeginEnrollment, Step::Enroll { needs_code: false, .. }) => {
                self.pending_secret = true;
            }
            (
                Move::ConfirmEnrollment { right: true },
                Step::Enroll { needs_code: false, only_key: false, .. },
            ) if self.pending_secret => {
                self.enroll(Devices::App, Method::Totp);
            }
            (Move::EnrollKey { right: true, verifies }, Step::Enroll { needs_code: false, .. })
                if self.pending_secret =>
            {
                let method = if verifies { Method::Passkey } else { Method::SecurityKey };
                self.enroll(Devices::Keys, method);
            }
            (Move::ChangePassword, Step::ChangePassword) => {
                self.change_password();
            }
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
                self.passes = 0;
                self.forget_code();
            }
            Move::HelpDeskGivesPass => self.passes = usize::from(self.has(|_| true)),
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
        self.state.resetting = false;
        self.link_used_at = None;
        self.forget_code();
    }

    fn forget_code(&mut self) {
        self.code_given = false;
        self.pending_secret = false;
        self.account.enrollment =
            if self.enrolled_before { Enrollment::Again } else { Enrollment::First };
    }

    fn use_link(&mut self) {
        self.new_request(SessionAudience::Employee, Demand::default());
        self.state.resetting = true;
        self.link_used_at = Some(self.now);
        self.state.account = Some(self.account);
    }

    /// Whoever comes by a mailed link proves the password that they have just chosen.
    fn change_password(&mut self) {
        self.account.must_change_before = None;
        self.link_used_at = None;
        if std::mem::take(&mut self.state.resetting) {
            self.prove(Method::Password);
        }
    }

    fn use_up(&mut self, method: Method) {
        let left = match method {
            Method::AccessPass => &mut self.passes,
            _ => &mut self.recovery_codes,
        };
        if let Some(fewer) = left.checked_sub(1) {
            *left = fewer;
            self.prove(method);
        }
    }

    fn enroll(&mut self, with: Devices, method: Method) {
        self.account.factors = Factors::Enrolled(with);
        self.recovery_codes = 2;
        self.enrolled_before = true;
        self.forget_code();
        self.prove(method);
    }

    fn has(&self, what: impl Fn(Devices) -> bool) -> bool {
        matches!(self.account.factors, Factors::Enrolled(with) if what(with))
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
        let by_link = self.link_used_at.is_some();
        let inside = self.state.audience == SessionAudience::Admin;
        // Nobody knows how fresh that is.
        let there = self.state.demand.max_age.is_none() && self.really(Method::is_elsewhere);
        let twice_there = there && self.really(|m| m == Method::MicrosoftMfa);
        let has_here = self.really(|m| m != Method::Password && !m.is_elsewhere());
        let has = has_here || (twice_there && !inside && !by_link);
        let first = typed || there;
        let begun = by_link || typed || ((alone || there) && !self.state.demand.password);
        assert!(begun || matches!(step, Step::FirstFactor { .. }), "{step:?} without a first");
        let keys_only = self.policy.mfa == MfaPolicy::PhishingResistant;
        let demanded = self.policy.mfa != MfaPolicy::OnDemand
            || self.state.demand.mfa
            || by_link
            || self.state.audience == SessionAudience::Admin;
        match step {
            Step::Granted(proof) => {
                assert!(!by_link, "granted by a link, without a new password");
                assert!(has || !demanded, "granted without a second factor");
                assert!(proof.mfa().is_some() || !demanded, "granted without the claim");
                let two = alone || twice_there || (first && has_here);
                assert_eq!(proof.mfa().is_some(), two, "the claim says what was proved");
                let key = alone || (first && self.really(|m| m == Method::SecurityKey));
                assert!(key || !keys_only, "granted without a key");
                assert_eq!(proof.resists_phishing(), key);
                assert!(typed || !self.state.demand.password, "granted without the password");
                assert!(proof.events().iter().all(|e| self.truth.contains(e)), "invented proof");
                assert_eq!(self.account.standing, Standing::Active);
                assert!(!typed || self.account.must_change_before.is_none());
                let console = self.state.audience == SessionAudience::Admin;
                assert!(!console || self.account.console == Console::Allowed);
            }
            Step::Enroll { needs_code, only_key, may_wait } => {
                let grace = self.policy.enrollment_grace_until.is_some_and(|g| self.now.0 < g.0);
                let free = self.code_given || (grace && !self.enrolled_before);
                assert_eq!(needs_code, !free, "a password alone enrols nothing again");
                assert_eq!(only_key, keys_only, "what would not do is not enrolled");
                assert_eq!(self.account.factors, Factors::None);
                let closed = self.account.console == Console::Closed;
                let spared = grace && !self.enrolled_before && self.policy.may_put_off && closed;
                assert!(spared || !may_wait, "put off by somebody who may not");
                let asked = self.state.demand.mfa || by_link || keys_only;
                assert!(!may_wait || !(asked || inside), "put off where one is demanded");
            }
            Step::ChangePassword => {
                let weak = !(typed || by_link)
                    || (by_link && !has)
                    || (self.account.factors != Factors::None && !has);
                assert!(!weak, "a first password was made to last without the second factor");
            }
            Step::Denied(Reason::NoPasskey) => {
                assert!(keys_only && self.has(|with| with == Devices::App), "nothing is missing");
            }
            Step::Key => assert!(keys_only && !alone, "asked for a key without need"),
            Step::SecondFactor { .. } => assert!(!keys_only, "a code would not do"),
            Step::Confirmed(_) => panic!("a sign-in is granted"),
            Step::Denied(_) | Step::FirstFactor { .. } => {}
        }
    }

    /// An honest person, with an admin at hand for the enrolment code, gets through.
    fn honest_moves_to_the_end(&mut self) -> Vec<Move> {
        let mut moves = Vec::new();
        while moves.len() < 10 {
            let what = match self.step() {
                Step::FirstFactor { .. } => Move::Password { right: true },
                Step::SecondFactor { with, .. } if with.has_app() => Move::Code { right: true },
                Step::SecondFactor { .. } | Step::Key => Move::Key { right: true, verifies: false },
                Step::Enroll { needs_code: true, .. } => Move::EnrollmentCode { right: true },
                Step::Enroll { .. } if !self.pending_secret => Move::BeginEnrollment,
                Step::Enroll { only_key: true, .. } => {
                    Move::EnrollKey { right: true, verifies: false }
                }
                Step::Enroll { .. } => Move::ConfirmEnrollment { right: true },
                Step::ChangePassword => Move::ChangePassword,
                Step::Granted(_) | Step::Confirmed(_) | Step::Denied(_) => break,
            };
            self.play(what);
            moves.push(what);
        }
        moves
    }
}

proptest! {
    // 500 walks of 200 moves: 100,000 steps.
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    /// R040
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
