//! The server as a process of its own: this test binary, started once more, on the same database
//! and by the same clock.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::TcpListener,
    path::PathBuf,
    process::{Child, ChildStdin, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use app::{Clock, Mode};
use model::Ts;
use serde::{Deserialize, Serialize};
use store::{MasterKey, Store, testing};

use crate::support;

/// What the process is told on its first line.
#[derive(Debug, Serialize, Deserialize)]
struct Told {
    database: String,
    clock: PathBuf,
    url: String,
}

/// A clock that somebody else moves: the time stands in a file.
#[derive(Debug, Clone)]
pub(crate) struct FileClock(pub(crate) PathBuf);

impl FileClock {
    pub(crate) fn set(&self, now: Ts) {
        let draft = self.0.with_extension("draft");
        std::fs::write(&draft, now.0.to_string()).unwrap();
        std::fs::rename(draft, &self.0).unwrap();
    }
}

impl Clock for FileClock {
    fn now(&self) -> Ts {
        Ts(std::fs::read_to_string(&self.0).unwrap().parse().unwrap())
    }
}

/// The process; it ends with this.
pub(crate) struct Process {
    child: Child,
    /// The process ends when this closes, whatever becomes of us.
    _into: ChildStdin,
    /// Where it listens.
    pub(crate) door: String,
}

impl Process {
    pub(crate) fn start(database: &str, clock: &FileClock, url: &str) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["attacks::process::serve", "--exact", "--ignored", "--nocapture"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut into = child.stdin.take().unwrap();
        let (database, clock) = (database.to_owned(), clock.0.clone());
        let told = Told { database, clock, url: url.to_owned() };
        writeln!(into, "{}", serde_json::to_string(&told).unwrap()).unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let door = lines.find_map(|line| Some(line.unwrap().strip_prefix("door ")?.to_owned()));
        Self { child, _into: into, door: door.expect("the process opens its door") }
    }

    fn proc(&self, name: &str) -> String {
        std::fs::read_to_string(format!("/proc/{}/{name}", self.child.id())).unwrap()
    }

    /// A line of `status`, in bytes.
    fn memory(&self, line: &str) -> u64 {
        let status = self.proc("status");
        let found = status.lines().find(|text| text.starts_with(line)).unwrap();
        found.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
    }

    fn cpu(&self) -> Duration {
        let stat = self.proc("stat");
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        let ticks: u64 = fields[11..13].iter().map(|text| text.parse::<u64>().unwrap()).sum();
        // Linux counts these in hundredths of a second.
        Duration::from_millis(ticks * 10)
    }

    /// Begins a measurement: the highest mark of its memory is set back to what it holds now.
    pub(crate) fn gauge(&self) -> Gauge<'_> {
        std::fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5").unwrap();
        let held = self.memory("VmRSS");
        Gauge { process: self, held, cpu: self.cpu(), began: Instant::now() }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// A measurement under way.
pub(crate) struct Gauge<'p> {
    process: &'p Process,
    held: u64,
    cpu: Duration,
    began: Instant,
}

/// What a request cost the server.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Cost {
    /// From the first byte sent to the last one received.
    pub(crate) took: Duration,
    /// Processor time, in steps of 10 ms.
    pub(crate) cpu: Duration,
    /// How far its memory rose above what it held before, at the worst moment.
    pub(crate) grown: u64,
}

impl Cost {
    /// The cost of this and of what follows it.
    pub(crate) fn and(self, next: Self) -> Self {
        let grown = self.grown.max(next.grown);
        Self { took: self.took + next.took, cpu: self.cpu + next.cpu, grown }
    }
}

impl Gauge<'_> {
    pub(crate) fn read(self) -> Cost {
        let took = self.began.elapsed();
        let cpu = self.process.cpu().saturating_sub(self.cpu);
        let grown = self.process.memory("VmHWM").saturating_sub(self.held);
        Cost { took, cpu, grown }
    }
}

/// What the process does.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "the attack tests start it, and tell it on its standard input what to serve"]
async fn serve() {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap();
    let Ok(told) = serde_json::from_str::<Told>(&line) else { return };
    let master_keys = MasterKey::from_bytes(testing::MASTER_KEY).into();
    let settings = store::Settings { url: told.database, master_keys, pool_size: 4 };
    let store = Store::open(&settings).unwrap();
    let clock = Arc::new(FileClock(told.clock));
    let house =
        support::open(&store, (Mode::Production, &told.url), clock, support::Outside::default())
            .await;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let running = server::start(house, server::Settings::default(), listener).unwrap();
    println!("\ndoor http://localhost:{port}");
    let closed = || std::io::stdin().read_line(&mut String::new());
    tokio::task::spawn_blocking(closed).await.unwrap().unwrap();
    running.stop().await;
}
