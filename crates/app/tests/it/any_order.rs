//! Whatever is sent, in whatever order, by whomever: a session opens only after every step was right
//! (R040). Steps are drawn at random over the real verbs and a real database; beside them stand books
//! of what was right, which know nothing of how the product decides.

use std::{collections::HashSet, time::Duration};

use app::{
    Visitor,
    sign_in::{Outcome, Screen},
    visitor::Secret,
};
use model::{Role, pending_request::Purpose};
use proptest::{
    prelude::*,
    strategy::ValueTree as _,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use secrecy::{ExposeSecret as _, SecretString};

use crate::support::{Bench, base32, both, visitor};

/// Who takes part: two employees, one of whom may open the console.
const PEOPLE: [&str; 2] = ["alice", "erin"];

#[derive(Debug, Clone, Copy)]
enum What {
    Begin,
    Address,
    Password,
    Code,
    RecoveryCode,
    AccessPass,
    EnrollmentCode,
    FirstCode,
    NewPassword,
    Complete,
    /// All that it takes to come in, one after the other.
    Whole,
    ResetFactors,
    InitialPassword,
    GivePass,
    Block,
    Wait,
}

/// One thing that is sent, and how far it is what it should be.
#[derive(Debug, Clone, Copy)]
struct Step {
    what: What,
    /// Which of the sign-ins that are under way, the newest first.
    sign_in: usize,
    person: usize,
    /// It comes from the other browser.
    astray: bool,
    /// What is typed is wrong, or somebody else's.
    wrong: bool,
    console: bool,
}

fn steps() -> impl Strategy<Value = Step> {
    let what = prop_oneof![
        6 => Just(What::Begin), 8 => Just(What::Address), 8 => Just(What::Password),
        8 => Just(What::Code), 3 => Just(What::RecoveryCode), 3 => Just(What::AccessPass),
        4 => Just(What::EnrollmentCode), 4 => Just(What::FirstCode), 4 => Just(What::NewPassword),
        10 => Just(What::Complete), 6 => Just(What::Whole), 1 => Just(What::ResetFactors),
        1 => Just(What::InitialPassword), 2 => Just(What::GivePass), 1 => Just(What::Block),
        4 => Just(What::Wait),
    ];
    let rarely = || prop::bool::weighted(0.15);
    (what, 0..3_usize, 0..2_usize, rarely(), rarely(), rarely()).prop_map(
        |(what, sign_in, person, astray, wrong, console)| Step {
            what,
            sign_in,
            person,
            astray,
            wrong,
            console,
        },
    )
}

/// What the books say of a person.
struct Person {
    upn: String,
    password: SecretString,
    /// The key of their app, in base 32.
    key: Option<String>,
    paper: Vec<String>,
    pass: Option<String>,
    enrollment_code: Option<String>,
    blocked: bool,
    must_change: bool,
}

/// What the books say of a sign-in.
#[expect(clippy::struct_excessive_bools, reason = "they are books, not states")]
struct SignIn {
    handle: Secret,
    browser: usize,
    console: bool,
    begun: model::Ts,
    person: Option<usize>,
    password: bool,
    second: bool,
    may_enroll: bool,
    over: bool,
}

struct Walk {
    bench: Bench,
    browsers: [Visitor; 2],
    people: Vec<Person>,
    sign_ins: Vec<SignIn>,
    used: HashSet<(usize, String)>,
    opened: u32,
    admins: u32,
}

impl Walk {
    async fn begin(bench: Bench) -> Self {
        let now = bench.house.now();
        let id = bench.user_id(PEOPLE[1]).await;
        let set =
            move |tx: &mut store::Tx| store::users::set_role(tx, id, Some(Role::Auditor), now);
        bench.store.write(set).await.unwrap();
        let people = PEOPLE.map(|name| {
            let account = bench.account(name);
            Person {
                upn: account.upn.clone(),
                password: account.password.clone(),
                key: account.totp_secret.as_ref().map(|key| key.expose_secret().to_owned()),
                paper: Vec::new(),
                pass: None,
                enrollment_code: None,
                blocked: false,
                must_change: false,
            }
        });
        let browsers = ["198.51.100.7", "203.0.113.9"].map(visitor);
        let people = people.into();
        let (sign_ins, used) = (Vec::new(), HashSet::new());
        Self { bench, browsers, people, sign_ins, used, opened: 0, admins: 0 }
    }

    /// The sign-in that a step is about, the browser it comes from, and the person that it names.
    fn aim(&self, step: Step) -> Option<(usize, Visitor, Secret, usize)> {
        let at = self.sign_ins.len().checked_sub(1 + step.sign_in)?;
        let sign_in = &self.sign_ins[at];
        let browser = if step.astray { 1 - sign_in.browser } else { sign_in.browser };
        let person = sign_in.person.unwrap_or(step.person);
        let person = if step.wrong { 1 - person } else { person };
        Some((at, self.browsers[browser].clone(), sign_in.handle.clone(), person))
    }

    /// Whether what was typed is right for whom the sign-in is.
    fn is_right(&self, at: usize, step: Step, of: usize) -> bool {
        !step.astray && self.sign_ins[at].person == Some(of)
    }

    fn code(&self, person: usize) -> String {
        let key = self.people[person].key.as_deref();
        key.map_or_else(
            || "000000".to_owned(),
            |key| authn::totp::code_at(&base32(key).into(), self.bench.house.now()),
        )
    }

    async fn take(&mut self, step: Step) {
        match step.what {
            What::Begin => self.start(step).await,
            What::Whole => {
                let step = Step { sign_in: 0, astray: false, wrong: false, ..step };
                self.bench.pass(Duration::from_secs(31));
                for what in self.whole(step.person) {
                    Box::pin(self.take(Step { what, ..step })).await;
                }
            }
            What::Wait => self.bench.pass(Duration::from_secs([31, 360, 90_000][step.sign_in])),
            What::ResetFactors | What::InitialPassword | What::GivePass | What::Block => {
                self.help(step).await;
            }
            _ => self.send(step).await,
        }
    }

    /// All that it takes for somebody to come in now.
    fn whole(&self, person: usize) -> Vec<What> {
        let holder = &self.people[person];
        let mut all = if holder.blocked { vec![What::Block] } else { Vec::new() };
        // What was handed out may have run out.
        let helped = [
            (holder.must_change, What::InitialPassword),
            (holder.key.is_none(), What::ResetFactors),
        ];
        all.extend(helped.into_iter().filter_map(|(needs, what)| needs.then_some(what)));
        all.extend([What::Begin, What::Address, What::Password]);
        if holder.key.is_some() {
            all.push(What::Code);
        } else {
            all.extend([What::EnrollmentCode, What::FirstCode]);
        }
        if holder.must_change {
            all.push(What::NewPassword);
        }
        all.push(What::Complete);
        all
    }

    async fn start(&mut self, step: Step) {
        let browser = usize::from(step.astray);
        let purpose = if step.console { Purpose::Console } else { Purpose::Portal };
        let begun = self.bench.house.begin_sign_in(purpose, &self.browsers[browser]).await;
        self.sign_ins.push(SignIn {
            handle: begun.unwrap(),
            browser,
            console: step.console,
            begun: self.bench.house.now(),
            person: None,
            password: false,
            second: false,
            may_enroll: false,
            over: false,
        });
    }

    async fn send(&mut self, step: Step) {
        let Some((at, from, handle, person)) = self.aim(step) else { return };
        let house = self.bench.house.clone();
        match step.what {
            What::Address => {
                let upn = self.people[person].upn.clone();
                let answer = house.sign_in_address(&handle, &from, &upn).await.unwrap();
                let sign_in = &mut self.sign_ins[at];
                if answer != Outcome::Expired && sign_in.person != Some(person) {
                    sign_in.person = Some(person);
                    (sign_in.password, sign_in.second) = (false, false);
                    sign_in.may_enroll = false;
                }
            }
            What::Password => {
                let typed = self.people[person].password.clone();
                house.sign_in_password(&handle, &from, typed).await.unwrap();
                self.sign_ins[at].password |= self.is_right(at, step, person);
            }
            What::Code => {
                let typed = self.code(person);
                let answer = house.sign_in_code(&handle, &from, &typed).await.unwrap();
                let fresh = !self.used.contains(&(person, typed.clone()));
                let has_app = self.people[person].key.is_some();
                let right = self.is_right(at, step, person) && has_app && fresh;
                self.sign_ins[at].second |= right;
                if right && matches!(answer, Outcome::Next(_)) {
                    self.used.insert((person, typed));
                }
            }
            What::RecoveryCode | What::AccessPass => {
                self.paper((at, step), (&from, &handle), person).await;
            }
            What::EnrollmentCode => {
                let typed = self.people[person].enrollment_code.clone().unwrap_or_default();
                house.sign_in_enrollment_code(&handle, &from, &typed).await.unwrap();
                let right = self.is_right(at, step, person) && !typed.is_empty();
                self.sign_ins[at].may_enroll |= right;
            }
            What::FirstCode => self.enroll((at, step), (&from, &handle), person).await,
            What::NewPassword => self.choose((at, step), (&from, &handle)).await,
            _ => self.complete((at, step), (&from, &handle)).await,
        }
    }

    /// A recovery code or a pass: each is good once.
    async fn paper(
        &mut self,
        (at, step): (usize, Step),
        (from, handle): (&Visitor, &Secret),
        person: usize,
    ) {
        let holder = &self.people[person];
        let typed = match step.what {
            What::AccessPass => holder.pass.clone(),
            _ => holder.paper.first().cloned(),
        };
        let Some(typed) = typed else { return };
        let answer = self.bench.house.sign_in_recovery_code(handle, from, &typed).await.unwrap();
        let right = self.is_right(at, step, person);
        self.sign_ins[at].second |= right;
        if right && matches!(answer, Outcome::Next(_)) {
            let holder = &mut self.people[person];
            match step.what {
                What::AccessPass => holder.pass = None,
                _ => holder.paper.retain(|code| *code != typed),
            }
        }
    }

    async fn enroll(
        &mut self,
        (at, step): (usize, Step),
        (from, handle): (&Visitor, &Secret),
        person: usize,
    ) {
        let house = self.bench.house.clone();
        let shown = house.sign_in_screen(handle, from).await.unwrap();
        let Some(Screen::Enroll { authenticator, .. }) = shown else {
            house.sign_in_enroll(handle, from, &self.code(person)).await.unwrap();
            return;
        };
        let key = authenticator.key_text.replace(' ', "");
        let typed = authn::totp::code_at(&base32(&key).into(), house.now());
        let answer = house.sign_in_enroll(handle, from, &typed).await.unwrap();
        if let Outcome::RecoveryCodes { codes, .. } = answer {
            let owner = self.sign_ins[at].person.unwrap();
            assert!(
                self.sign_ins[at].may_enroll,
                "{step:?} enrolled without a code of the help desk"
            );
            let owner = &mut self.people[owner];
            (owner.key, owner.paper, owner.enrollment_code) = (Some(key), codes, None);
            self.sign_ins[at].second = true;
        }
    }

    async fn choose(&mut self, (at, _): (usize, Step), (from, handle): (&Visitor, &Secret)) {
        let new: SecretString = format!("four unrelated words, number {}", self.opened).into();
        let house = self.bench.house.clone();
        let before = house.sign_in_screen(handle, from).await.unwrap();
        let answer = house.sign_in_new_password(handle, from, new.clone()).await.unwrap();
        let asked = matches!(before, Some(Screen::NewPassword { .. }));
        if asked && matches!(answer, Outcome::Next(_)) {
            let owner = self.sign_ins[at].person.unwrap();
            let owner = &mut self.people[owner];
            (owner.password, owner.must_change) = (new, false);
        }
    }

    async fn complete(&mut self, (at, step): (usize, Step), (from, handle): (&Visitor, &Secret)) {
        let house = self.bench.house.clone();
        let Some(done) = house.complete_sign_in(handle, from).await.unwrap() else { return };
        let sign_in = &self.sign_ins[at];
        let person = sign_in.person.expect("nobody was named");
        let holder = &self.people[person];
        assert!(!step.astray, "another browser's");
        assert!(!sign_in.over, "it was over");
        assert!(house.now().since(sign_in.begun) < Duration::from_mins(10), "it had run out");
        assert!(sign_in.password, "no right password");
        assert!(sign_in.second, "no right second factor");
        assert!(!holder.blocked && !holder.must_change, "blocked, or with a first password");
        assert!(!sign_in.console || PEOPLE[person] == PEOPLE[1], "no role");
        let opened = if sign_in.console {
            house.admin(&done.token).await.unwrap().unwrap().user().upn.to_string()
        } else {
            house.employee(&done.token).await.unwrap().unwrap().user().upn.to_string()
        };
        assert_eq!(opened, holder.upn, "somebody else's session");
        self.sign_ins[at].over = true;
        self.opened += 1;
    }

    /// What the help desk does; it ends whatever was proved.
    async fn help(&mut self, step: Step) {
        let (admin, from) = (self.bench.admin().await, visitor("192.0.2.200"));
        self.admins += 1;
        let (house, id) = (&self.bench.house, self.bench.user_id(PEOPLE[step.person]).await);
        let person = &mut self.people[step.person];
        match step.what {
            What::ResetFactors => {
                let code = house.reset_factors(&admin, id, &from).await.unwrap();
                person.enrollment_code = Some(code.expose_secret().to_owned());
                (person.key, person.pass) = (None, None);
                person.paper.clear();
            }
            What::InitialPassword => {
                person.password = house.give_initial_password(&admin, id, &from).await.unwrap();
                person.must_change = true;
            }
            What::GivePass => {
                let (hours, reason) = (1, "a phone at home".to_owned());
                let new = app::accounts::NewAccessPass { hours, reason };
                if let Ok(pass) = house.give_access_pass(&admin, id, new, &from).await {
                    person.pass = Some(pass.expose_secret().to_owned());
                }
                return;
            }
            _ if person.blocked => {
                house.unblock(&admin, id, &from).await.unwrap();
                person.blocked = false;
                return;
            }
            _ => {
                house.block(&admin, id, &from).await.unwrap();
                (person.blocked, person.pass) = (true, None);
            }
        }
        for sign_in in self.sign_ins.iter_mut().filter(|it| it.person == Some(step.person)) {
            (sign_in.password, sign_in.second) = (false, false);
            sign_in.may_enroll = false;
        }
    }
}

/// So many random steps; no more sessions than were opened rightly.
async fn walk(bench: Bench, many: usize) {
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let mut walk = Walk::begin(bench).await;
    for number in 0..many {
        let step = steps().new_tree(&mut runner).unwrap().current();
        eprintln!("{number}: {step:?}");
        walk.take(step).await;
    }
    let count = "SELECT CAST(count(*) AS TEXT) AS value FROM sessions";
    let rows = walk.bench.store.read(move |tx| store::testing::text(tx, count)).await.unwrap();
    assert_eq!(rows, (walk.opened + walk.admins).to_string(), "sessions that nobody opened");
    eprintln!("{} of {many} steps opened a session", walk.opened);
    assert!(walk.opened as usize > many / 50, "{} is too few to have tried anything", walk.opened);
}

/// R040
#[test]
fn no_order_of_requests_opens_a_session_without_every_step() {
    both(|bench| walk(bench, 1_200));
}

/// R040: as many as it asks for, which takes an hour.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes an hour"]
async fn nor_do_a_hundred_thousand_steps() {
    walk(Bench::new(store::Database::Sqlite).await, 100_000).await;
}
