//! The real binary as a child process, and what `/proc` says of it.

use std::{
    io::{BufRead as _, BufReader},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Mutex,
    time::{Duration, Instant},
};

use app::{Clock as _, SystemClock};
use serde_json::Value;

/// A running server.
pub(crate) struct Server {
    child: Child,
    port: u16,
    host: String,
    ready: Value,
}

/// Where Microsoft sends people of the sample's domain.
const PASSIVE: &str = "/d/contoso-com/adfs/ls/";
/// What `serve` calls itself here.
const PUBLIC: &str = "sts.contoso.com";

/// Somebody who signs in.
#[derive(Clone)]
pub(crate) struct Account {
    pub(crate) upn: String,
    pub(crate) password: String,
    pub(crate) totp_secret: Option<String>,
}

impl Server {
    /// The demo and its simulator at these ports: its folder keeps them from one start to the next.
    pub(crate) fn demo(binary: &Path, folder: &Path, ports: [u16; 2]) -> Self {
        let [own, simulator] = ports.map(|port| format!("127.0.0.1:{port}"));
        let mut child = Command::new(binary)
            .args(["--log", "text", "demo", "--json", "--listen", &own])
            .args(["--simulator-listen", &simulator, "--data"])
            .arg(folder.join("demo"))
            .env("RUST_LOG", "warn")
            .stdout(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("a pipe");
        BufReader::new(stdout).read_line(&mut line).expect("the ready line");
        let ready: Value = serde_json::from_str(&line).expect("one line of JSON");
        let url: url::Url = ready["url"].as_str().and_then(|u| u.parse().ok()).expect("a url");
        let port = url.port().expect("a port");
        Self { child, port, host: format!("localhost:{port}"), ready }
    }

    /// `serve` over the demo's database; gives the time until it was ready.
    pub(crate) fn serve(binary: &Path, folder: &Path) -> (Self, Duration) {
        let port = free_port();
        let config = Self::config(folder, port);
        let began = Instant::now();
        let child = Command::new(binary)
            .args(["serve", "--config"])
            .arg(&config)
            .env("RUST_LOG", "warn")
            .stdout(Stdio::null())
            .spawn()
            .expect("the binary starts");
        while !is_ready(port) {
            assert!(began.elapsed() < Duration::from_secs(20), "serve never became ready");
            std::thread::sleep(Duration::from_millis(2));
        }
        (Self { child, port, host: PUBLIC.to_owned(), ready: Value::Null }, began.elapsed())
    }

    /// A configuration of `serve` and of the other commands over the demo's database.
    pub(crate) fn config(folder: &Path, port: u16) -> PathBuf {
        let config = folder.join("gatehouse.toml");
        let demo = folder.join("demo");
        let text = format!(
            "[server]\npublic_url = \"https://{PUBLIC}\"\nlisten = \"127.0.0.1:{port}\"\n\
             trusted_proxies = [\"127.0.0.1\"]\n\
             [database]\nurl = \"sqlite://{}\"\n[keys]\nmaster_key_file = \"{}\"\n",
            demo.join("gatehouse.db").display(),
            demo.join("master.key").display()
        );
        std::fs::write(&config, text).expect("the configuration");
        config
    }

    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub(crate) fn host(&self) -> String {
        self.host.clone()
    }

    /// The address that Microsoft sends people to, with a query of its shape.
    pub(crate) fn entry() -> String {
        let context = "LoginOptions%3D3%26estsredirect%3d2%26estsrequest%3drQQIARAA".to_owned()
            + &"x".repeat(1200);
        format!(
            "{PASSIVE}?client-request-id=5d5e0b86-93f5-4a0a-a5a0-3f1f0a7c5b11&wa=wsignin1.0\
             &wtrealm=urn%3afederation%3aMicrosoftOnline&wctx={context}"
        )
    }

    /// How many people are assigned.
    pub(crate) fn assigned(&self) -> usize {
        self.accounts(|user| user["assigned"] == true).len()
    }

    pub(crate) fn account(&self, nth: usize) -> Account {
        self.accounts(|user| user["assigned"] == true)[nth].clone()
    }

    /// Somebody who is assigned and has an authenticator.
    pub(crate) fn enrolled(&self, nth: usize) -> Account {
        self.accounts(|user| user["assigned"] == true && user["totp_secret"].is_string())[nth]
            .clone()
    }

    fn accounts(&self, wanted: impl Fn(&Value) -> bool) -> Vec<Account> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let users = self.ready["users"].as_array().expect("users");
        let chosen = users.iter().filter(|user| wanted(user));
        chosen
            .map(|user| Account {
                upn: text(&user["upn"]).expect("a name"),
                password: text(&user["password"]).expect("a password"),
                totp_secret: text(&user["totp_secret"]),
            })
            .collect()
    }

    /// The account's code, by a program that nobody here wrote; asked once for those who share a secret,
    /// as starting it would be part of the load.
    pub(crate) fn code(account: &Account) -> String {
        static LAST: Mutex<Option<(String, i64, String)>> = Mutex::new(None);
        let secret = account.totp_secret.as_ref().expect("an authenticator");
        let step = SystemClock.now().secs() / 30;
        let mut last = LAST.lock().expect("no panic before");
        if let Some((_, _, code)) = last.as_ref().filter(|it| it.0 == *secret && it.1 == step) {
            return code.clone();
        }
        let output =
            Command::new("oathtool").args(["--totp", "-b", secret]).output().expect("oathtool");
        let code = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        *last = Some((secret.clone(), step, code.clone()));
        code
    }

    /// CPU time that the process has used.
    pub(crate) fn cpu(&self) -> Duration {
        let stat =
            std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).expect("/proc");
        let fields: Vec<&str> =
            stat.rsplit(')').next().expect("fields").split_whitespace().collect();
        let ticks: u64 =
            fields[11..13].iter().map(|text| text.parse::<u64>().expect("ticks")).sum();
        // Linux counts these in hundredths of a second.
        Duration::from_millis(ticks * 10)
    }

    /// Resident memory, in bytes.
    pub(crate) fn resident(&self) -> u64 {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("/proc");
        let line = status.lines().find(|line| line.starts_with("VmRSS")).expect("VmRSS");
        line.split_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok()).expect("kB") * 1024
    }

    /// kill -9.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("the process was there");
        self.child.wait().expect("the process ends");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.child.kill().is_ok() {
            self.child.wait().ok();
        }
    }
}

/// Journal rows, counted by a program that nobody here wrote.
pub(crate) fn rows(database: &Path) -> u64 {
    ask(database, "SELECT COUNT(*) FROM issued_tokens").parse().expect("a count")
}

/// The kind of file system that a folder is on.
pub(crate) fn filesystem(folder: &Path) -> String {
    let output = Command::new("stat").args(["-f", "-c", "%T"]).arg(folder).output().expect("stat");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// What a database says, by that same program.
pub(crate) fn ask(database: &Path, question: &str) -> String {
    let output = Command::new("sqlite3").arg(database).arg(question).output().expect("sqlite3");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("its address").port()
}

fn is_ready(port: u16) -> bool {
    use std::io::{Read as _, Write as _};
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) else { return false };
    let request = b"GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let mut answer = String::new();
    stream.write_all(request).is_ok()
        && stream.read_to_string(&mut answer).is_ok()
        && answer.starts_with("HTTP/1.1 200")
}
