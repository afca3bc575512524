//! An office comes to work: password, code and token, one after the other and everybody at once, all
//! from one address; and somebody's session while strangers guess.

use std::{
    ops::Range,
    path::Path,
    rc::Rc,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use app::{Clock as _, SystemClock};
use model::{
    ImmutableId, Upn,
    application::Assignment,
    credential::Credential,
    factor::TotpFactor,
    ids::{AssignmentId, FactorId, UserId},
    user::User,
};
use store::{MasterKey, Store, Tx, assignments, credentials, factors, users};
use uuid::Uuid;

use crate::{
    browser::Browser,
    measure::{Latencies, argon2_per_second, verdict},
    server::{Account, Server},
};

/// How many people sign in at once; as many do one after the other.
const PEOPLE: usize = 1_000;
/// How many of them at a time, where it is one after the other.
const AT_A_TIME: usize = 16;
/// Wrong passwords a second, and for how long.
const GUESSES: (u32, u32) = (500, 10);

/// Everything here, over the demo's database; `model` is an enrolled account of it.
pub(crate) fn run(binary: &Path, folder: &Path, like: &Account) {
    let people = hire(&folder.join("demo"), like, 1_000..1_000 + 2 * PEOPLE);
    let server = Rc::new(Server::serve(binary, folder).0);
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let argon2 = || argon2_per_second(&folder.join("demo/gatehouse.db"), Duration::from_secs(5));
    let (first, second) = people.split_at(PEOPLE);
    let before = argon2();
    let (rate, latencies) = runtime.block_on(in_turn(&server, first));
    let after = argon2();
    let share = rate / f64::midpoint(before, after);
    println!(
        "password and code, to the token: {rate:.0}/s = {:.0} % of argon2 alone ({before:.0}/s before, {after:.0}/s after; goal 90 %: {}), p50 {:?}, p99 {:?} (goal 500 ms: {})",
        share * 100.0,
        verdict(share >= 0.9),
        latencies.at(50),
        latencies.at(99),
        verdict(latencies.at(99) < Duration::from_millis(500))
    );
    let (took, latencies) = runtime.block_on(at_once(&server, second));
    println!(
        "{PEOPLE} at once from one address: {} have a token, the others were told to try again, after {took:?} (goal 25 s for all: {}), p50 {:?}, p99 {:?}",
        latencies.count(),
        verdict(latencies.count() == PEOPLE && took < Duration::from_secs(25)),
        latencies.at(50),
        latencies.at(99)
    );
    runtime.block_on(guesses(&server, &first[0]));
}

/// Each of these people signs in once.
async fn in_turn(server: &Server, people: &[Account]) -> (f64, Latencies) {
    let left = Arc::new(Mutex::new(people.to_vec()));
    let latencies = Arc::new(Mutex::new(Latencies::default()));
    let (began, local) = (Instant::now(), tokio::task::LocalSet::new());
    let mut browsers = Vec::new();
    for _ in 0..AT_A_TIME {
        let mut browser = Browser::new(server).await;
        let (left, latencies) = (Arc::clone(&left), Arc::clone(&latencies));
        browsers.push(local.spawn_local(async move {
            loop {
                let next = left.lock().expect("no panic before").pop();
                let Some(account) = next else { break };
                browser.begin_anew();
                let asked = Instant::now();
                browser.walk(&account).await.expect("so few are not too many");
                latencies.lock().expect("no panic before").add(asked.elapsed());
            }
        }));
    }
    local.await;
    join(browsers).await;
    #[expect(clippy::cast_precision_loss, reason = "a count of people")]
    let rate = people.len() as f64 / began.elapsed().as_secs_f64();
    (rate, std::mem::take(&mut *latencies.lock().expect("no panic before")))
}

/// All of these people sign in at the same moment.
async fn at_once(server: &Server, people: &[Account]) -> (Duration, Latencies) {
    let latencies = Arc::new(Mutex::new(Latencies::default()));
    let mut browsers = Vec::new();
    for account in people {
        browsers.push((Browser::new(server).await, account.clone()));
    }
    let (began, local) = (Instant::now(), tokio::task::LocalSet::new());
    let mut walks = Vec::new();
    for (mut browser, account) in browsers {
        let latencies = Arc::clone(&latencies);
        walks.push(local.spawn_local(async move {
            if browser.walk(&account).await.is_some() {
                latencies.lock().expect("no panic before").add(began.elapsed());
            }
        }));
    }
    local.await;
    join(walks).await;
    let took = began.elapsed();
    (took, std::mem::take(&mut *latencies.lock().expect("no panic before")))
}

/// What somebody with a session feels while strangers guess, each guess for another name and from
/// another address, so that each one has to be hashed.
async fn guesses(server: &Rc<Server>, account: &Account) {
    // The code of the sign-in before is used up; a connection would not wait for so long.
    tokio::time::sleep(Duration::from_secs(31)).await;
    let mut beside = Browser::new(server).await;
    beside.walk(account).await.expect("nobody else signs in");
    let (a_second, seconds) = GUESSES;
    let mut prepared = Vec::new();
    let mut stranger = Browser::new(server).await;
    for n in 0..a_second * seconds {
        let form = stranger.password_page(&format!("nobody{n}@contoso.com")).await;
        prepared.push((n, stranger.begin_anew(), form));
    }
    let (wrong, busy) = (Arc::new(Mutex::new(0_u32)), Arc::new(Mutex::new(0_u32)));
    let sessions = Arc::new(Mutex::new(Latencies::default()));
    let (began, local) = (Instant::now(), tokio::task::LocalSet::new());
    let mut tasks = Vec::new();
    for (n, cookies, form) in prepared {
        let (wrong, busy) = (Arc::clone(&wrong), Arc::clone(&busy));
        let server = Rc::clone(server);
        tasks.push(local.spawn_local(async move {
            tokio::time::sleep(Duration::from_secs(n.into()) / a_second).await;
            // No server waits long for the first request of a connection.
            let mut browser = Browser::with_cookies(&server, cookies).await.from(&address(n));
            let answer = browser.send_password(form, "wrong+horse").await;
            assert!([200, 503].contains(&answer.status), "{} {}", answer.status, answer.body);
            let counter = if answer.status == 200 { wrong } else { busy };
            *counter.lock().expect("no panic before") += 1;
        }));
    }
    let (watched, until) = (Arc::clone(&sessions), began + Duration::from_secs(seconds.into()));
    tasks.push(local.spawn_local(async move {
        *watched.lock().expect("no panic before") = beside.steadily(until).await;
    }));
    local.await;
    join(tasks).await;
    let sessions = sessions.lock().expect("no panic before");
    println!(
        "session traffic during {a_second} wrong passwords a second: p50 {:?}, p99 {:?} (goal 100 ms: {}); {} were answered as wrong, {} with \"try again\"",
        sessions.at(50),
        sessions.at(99),
        verdict(sessions.at(99) < Duration::from_millis(100)),
        wrong.lock().expect("no panic before"),
        busy.lock().expect("no panic before"),
    );
}

/// A panic of a task is one of the run.
async fn join(tasks: Vec<tokio::task::JoinHandle<()>>) {
    for task in tasks {
        task.await.expect("every answer is the right one");
    }
}

fn address(n: u32) -> String {
    let [_, a, b, c] = n.to_be_bytes();
    format!("10.{a}.{b}.{c}")
}

/// Writes people with these numbers into the database, assigned and enrolled as `like` is, with the
/// same password and the same authenticator.
pub(crate) fn hire(demo: &Path, like: &Account, numbers: Range<usize>) -> Vec<Account> {
    let settings = store::Settings {
        url: format!("sqlite://{}", demo.join("gatehouse.db").display()),
        master_keys: MasterKey::read_file(&demo.join("master.key")).expect("the key").into(),
        pool_size: 1,
    };
    let names: Vec<(u128, Upn)> = numbers
        .map(|n| (n as u128, n))
        .map(|(id, n)| (id, Upn::parse(&format!("worker{n}@contoso.com")).expect("a name")))
        .collect();
    let accounts = names.iter().map(|(_, upn)| Account { upn: upn.to_string(), ..like.clone() });
    let accounts = accounts.collect();
    let like = like.upn.clone();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let store = Store::open(&settings).expect("the demo's database");
        let write = move |tx: &mut Tx| {
            let like = Employee::read(tx, &like)?;
            names.iter().try_for_each(|(n, upn)| like.again(tx, upn, *n))
        };
        store.write(write).await.expect("they are hired");
    });
    accounts
}

/// Everything that makes somebody able to sign in.
struct Employee {
    user: User,
    credential: Credential,
    totp: TotpFactor,
    assignment: Assignment,
}

impl Employee {
    fn read(tx: &mut Tx, upn: &str) -> Result<Self, store::Error> {
        let user = users::by_upn(tx, upn)?.expect("somebody of the sample");
        Ok(Self {
            credential: credentials::by_user(tx, user.id)?.expect("a password"),
            totp: factors::totp_of(tx, user.id)?.pop().expect("an authenticator"),
            assignment: assignments::active_of_user(tx, user.id)?.pop().expect("assigned"),
            user,
        })
    }

    /// The same again under another name, the `n`th.
    fn again(&self, tx: &mut Tx, upn: &Upn, n: u128) -> Result<(), store::Error> {
        let id = Uuid::from_u128(u128::MAX - n);
        let user_id = UserId(id);
        let immutable_id = ImmutableId::parse(&id.simple().to_string()).expect("an id");
        users::create(
            tx,
            &User { id: user_id, upn: upn.clone(), immutable_id, ..self.user.clone() },
        )?;
        credentials::put(tx, &Credential { user_id, ..self.credential.clone() })?;
        let confirmed_at = Some(SystemClock.now());
        let totp = TotpFactor {
            id: FactorId(id),
            user_id,
            last_step: None,
            confirmed_at,
            ..self.totp.clone()
        };
        factors::put_totp(tx, &totp)?;
        factors::mark_enrolled(tx, user_id)?;
        let assignment = Assignment { id: AssignmentId(id), user_id, ..self.assignment.clone() };
        assignments::add(tx, &assignment)
    }
}
