//! `gatehouse master-key` as an operator uses it: the server is restarted with both keys, the
//! rotation runs beside it and is killed, again and again (R130).

use std::{
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use app::{Clock as _, SystemClock};
use aws_lc_rs::{hmac, rand};
use model::{Ts, factor::TotpFactor, ids::UserId};
use store::{
    MasterKey, MasterKeys, Settings, Store, factors,
    sealed_columns::{self, SealedColumn},
    testing::Throwaway,
    users,
};

use crate::serve::{Guesser, Node, OWNER, client, configure, gatehouse};

/// Authenticator apps, so that a rotation takes a while.
const SEEDS: usize = 8_000;
const KILLS: usize = 25;
const CONFIG: &str = "gatehouse.toml";
const FORMER: &str = "master.key";
const NEXT: &str = "next.key";
/// What the owner's app holds.
const SEED: &[u8] = b"a seed of twenty bytes";

struct Operator {
    database: Throwaway,
    folder: tempfile::TempDir,
    password: String,
}

impl Operator {
    /// Sets everything up with the former key.
    async fn begin(database: Throwaway) -> Self {
        let (folder, config) = configure(&database.settings.url);
        let made = done(&mut gatehouse(&config, &["user", "create-owner", OWNER, "--name", "O"]));
        let password = made.lines().find_map(|line| line.strip_prefix("initial password  "));
        let password = password.unwrap().to_owned();
        let store = database.open();
        let owner = store.read_blocking(|tx| users::by_upn(tx, OWNER)).unwrap().unwrap().id;
        let fill = move |tx: &mut store::Tx| {
            factors::put_totp(tx, &app(1, owner, SEED, Some(SystemClock.now())))?;
            (2..=SEEDS).try_for_each(|number| factors::put_totp(tx, &app(number, owner, b"", None)))
        };
        store.write(fill).await.unwrap();
        Self { database, folder, password }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Names the keys that a process knows.
    fn with_keys(&self, command: &mut Command, current: &str, additional: &[&str]) {
        let files: Vec<String> =
            additional.iter().map(|name| self.path(name).display().to_string()).collect();
        command.env("GATEHOUSE__KEYS__MASTER_KEY_FILE", self.path(current));
        if !files.is_empty() {
            command.env("GATEHOUSE__KEYS__ADDITIONAL_MASTER_KEY_FILES", files.join(","));
        }
    }

    fn run(&self, verb: &[&str], current: &str, additional: &[&str]) -> Command {
        let mut command = gatehouse(&self.path(CONFIG), verb);
        self.with_keys(&mut command, current, additional);
        command
    }

    async fn serve(&self, current: &str, additional: &[&str]) -> Node {
        let keys = |command: &mut Command| self.with_keys(command, current, additional);
        Node::start_with(&self.path(CONFIG), keys).await
    }

    /// The owner signs in at the server, with the code of a step before or after this one.
    async fn signs_in(&self, node: &Node, offset: i64) {
        let client = client();
        let browser = Guesser::before_the_password(&client, node, "192.0.2.77".to_owned()).await;
        let typed = [("username", OWNER), ("password", self.password.as_str())];
        let page = browser.send(&client, node, "password", &typed).await;
        assert!(page.contains("Enter your code"), "{page}");
        while SystemClock.now().secs() % 30 > 25 {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let code = code(SystemClock.now(), offset);
        let page = browser.send(&client, node, "second-factor", &[("code", &code)]).await;
        assert!(page.contains("Choose your password"), "{page}");
    }

    /// A look at the database with both keys.
    fn store(&self) -> Store {
        let key = |name| MasterKey::read_file(&self.path(name)).unwrap();
        let master_keys = MasterKeys { current: key(NEXT), additional: vec![key(FORMER)] };
        Store::open(&Settings { master_keys, ..self.database.settings.clone() }).unwrap()
    }
}

fn id(number: usize) -> String {
    format!("00000000-0000-0000-0000-{number:012x}")
}

fn app(number: usize, user_id: UserId, secret: &[u8], confirmed_at: Option<Ts>) -> TotpFactor {
    TotpFactor {
        id: id(number).parse().unwrap(),
        user_id,
        secret: secret.to_vec().into(),
        last_step: None,
        confirmed_at,
        created_at: SystemClock.now(),
    }
}

/// What the owner's app shows at that time (RFC 6238), `offset` steps away.
fn code(now: Ts, offset: i64) -> String {
    let step = u64::try_from(now.secs() / 30 + offset).unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, SEED);
    let digest = hmac::sign(&key, &step.to_be_bytes());
    let at = usize::from(digest.as_ref()[19] & 15);
    let number = u32::from_be_bytes(digest.as_ref()[at..at + 4].try_into().unwrap());
    format!("{:06}", (number & 0x7fff_ffff) % 1_000_000)
}

/// Runs a command that must succeed; what it says.
fn done(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Runs a command that must fail; why it does.
fn refused(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stderr).unwrap()
}

fn moved(store: &Store) -> usize {
    let survey = |tx: &mut store::Tx| {
        sealed_columns::survey(tx, SealedColumn::TotpSeed, "", i64::MAX).map(|seeds| seeds.current)
    };
    store.read_blocking(survey).unwrap()
}

/// Every value opens with one key or the other.
fn everything_opens(store: &Store) {
    for column in SealedColumn::ALL.iter().copied() {
        let survey = |tx: &mut store::Tx| sealed_columns::survey(tx, column, "", i64::MAX);
        let found = store.read_blocking(survey).unwrap();
        assert!(found.unopened.is_empty(), "{:?}", found.unopened);
        let expected = if column == SealedColumn::TotpSeed { SEEDS } else { 0 };
        assert!(found.current + found.behind >= expected);
    }
}

fn random_below(limit: usize) -> usize {
    let mut bytes = [0; 2];
    rand::fill(&mut bytes).unwrap();
    usize::from(u16::from_le_bytes(bytes)) % limit
}

/// The same command, which yields the processor to whoever is to kill it.
fn after_its_killer(command: &Command) -> Command {
    let mut nice = Command::new("nice");
    nice.args(["-n", "19"]).arg(command.get_program()).args(command.get_args());
    nice.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    nice
}

/// `kill -9` once so many more values have moved; false when the rotation was faster. Values move in
/// the order of their ids.
fn kill_in_the_middle(mut rotation: Child, store: &Store, more: usize) -> bool {
    let last = id(moved(store) + more - 1);
    let next = |tx: &mut store::Tx| sealed_columns::survey(tx, SealedColumn::TotpSeed, &last, 1);
    while store.read_blocking(next).unwrap().current == 0 && rotation.try_wait().unwrap().is_none()
    {
        thread::sleep(Duration::from_millis(1));
    }
    rotation.kill().unwrap();
    !rotation.wait().unwrap().success()
}

async fn goes_through_it(database: Throwaway) {
    let operator = Operator::begin(database).await;
    let next = operator.path(NEXT).display().to_string();
    let new = || {
        Command::new(env!("CARGO_BIN_EXE_gatehouse")).args(["master-key", "new", &next]).output()
    };
    assert!(new().unwrap().status.success());
    assert!(!new().unwrap().status.success(), "a key is never replaced");

    drop(operator.serve(FORMER, &[NEXT]).await);
    let node = operator.serve(NEXT, &[FORMER]).await;
    let store = operator.store();
    let mut killed = 0;
    let mut stood_at = Vec::new();
    for round in 0..KILLS {
        if round == KILLS - 1 {
            let early = refused(&mut operator.run(&["master-key", "check"], NEXT, &[]));
            let why = "sealed with a master key that is not configured here";
            assert!(early.contains(why), "{early}");
        }
        let mut command =
            after_its_killer(&operator.run(&["master-key", "rotate"], NEXT, &[FORMER]));
        let rotation = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        if round == KILLS - 1 {
            // Meanwhile it goes on, and may be done before it is killed.
            operator.signs_in(&node, -1).await;
        }
        killed += usize::from(kill_in_the_middle(rotation, &store, 1 + random_below(100)));
        everything_opens(&store);
        stood_at.push(moved(&store));
    }
    eprintln!("killed at {stood_at:?}");
    assert!(killed >= KILLS - 1, "one was faster than its killer: {stood_at:?}");
    let said = done(&mut operator.run(&["master-key", "rotate"], NEXT, &[FORMER]));
    assert!(said.contains("totp_factors.secret: 8000 with it, "), "{said}");
    assert!(said.contains("no value that opens needs another master key"), "{said}");
    drop((node, store));
    let node = operator.serve(NEXT, &[]).await;
    operator.signs_in(&node, 0).await;
    let said = done(&mut operator.run(&["master-key", "check"], NEXT, &[]));
    assert!(said.contains("totp_factors.secret: 8000 with it, 0 with another"), "{said}");
    let late = refused(&mut operator.run(&["serve"], FORMER, &[]));
    assert!(late.contains("sealed with a master key that is not configured here"), "{late}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_that_is_killed_again_and_again_ends_well_on_sqlite() {
    goes_through_it(Throwaway::sqlite()).await;
}

/// R130
#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_that_is_killed_again_and_again_ends_well_on_postgres() {
    goes_through_it(Throwaway::postgres()).await;
}
