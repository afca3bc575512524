//! `gatehouse demo` as a process of its own: its one line, and what it keeps.

use std::{
    io::{BufRead as _, BufReader},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;

struct Demo {
    child: Child,
    ready: Value,
}

impl Demo {
    fn start(data: &Path, [listen, simulator]: &[String; 2], more: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_gatehouse"))
            .args(["demo", "--json", "--listen", listen, "--simulator-listen", simulator, "--data"])
            .arg(data)
            .args(more)
            .env("RUST_LOG", "warn")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { child, ready: serde_json::from_str(&line).unwrap() }
    }

    /// Everybody, with what they need to sign in.
    fn people(&self) -> (&Value, &Value) {
        (&self.ready["admin"], &self.ready["users"])
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        self.child.kill().and_then(|()| self.child.wait()).ok();
    }
}

fn free_addresses() -> [String; 2] {
    let listeners = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    listeners.map(|listener| listener.local_addr().unwrap().to_string())
}

#[test]
fn the_demo_says_all_in_one_line_keeps_everything_and_begins_anew_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("demo");
    let at = free_addresses();
    let first = Demo::start(&data, &at, &[]);
    let ready = &first.ready;
    for name in [
        "url",
        "simulator_url",
        "outlook_url",
        "domain",
        "issuer_uri",
        "passive_sign_in_uri",
        "metadata_url",
        "signing_certificate_file",
        "deployment",
    ] {
        assert!(ready[name].is_string(), "{name}: {ready}");
    }
    assert_eq!((&ready["domain"], &ready["deployment"]), (&"contoso.com".into(), &"demo".into()));
    for name in ["username", "password", "totp_secret"] {
        assert!(ready["admin"][name].is_string(), "{name}");
    }
    let users = ready["users"].as_array().unwrap();
    assert_eq!(users.len(), 12);
    for user in users {
        assert!(user["upn"].is_string() && user["password"].is_string());
        assert!(user["immutable_id"].is_string() && user["assigned"].is_boolean());
        assert!(user["totp_secret"].is_string() || user["totp_secret"].is_null());
    }
    let pem = std::fs::read_to_string(ready["signing_certificate_file"].as_str().unwrap());
    let pem = pem.unwrap();
    assert!(pem.starts_with("-----BEGIN CERTIFICATE-----"), "{pem}");

    let people = (first.people().0.clone(), first.people().1.clone());
    let script = data.join("federate.sh");
    let ran = std::fs::metadata(&script).unwrap().modified().unwrap();
    let tenant = tenant(&first.ready);
    drop(first);
    let began = Instant::now();
    let again = Demo::start(&data, &at, &[]);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!(again.people(), (&people.0, &people.1), "everything is kept");
    let signs = std::fs::read_to_string(again.ready["signing_certificate_file"].as_str().unwrap());
    assert_eq!(signs.unwrap(), pem, "the same key signs");
    let kept = std::fs::metadata(&script).unwrap().modified().unwrap();
    assert_eq!(kept, ran, "what is federated is not federated again");
    assert_eq!(self::tenant(&again.ready), tenant);
    drop(again);
    let anew = Demo::start(&data, &at, &["--reset"]);
    assert_ne!(anew.people().0["password"], people.0["password"], "new accounts");
}

/// How the domain is federated at the simulator.
fn tenant(ready: &Value) -> Value {
    let url = format!("{}/simulator/state", ready["simulator_url"].as_str().unwrap());
    let answer = Command::new("curl").args(["--silent", "--fail", &url]).output().unwrap();
    let state: Value = serde_json::from_slice(&answer.stdout).unwrap();
    assert!(state["domains"].is_array() || state["domains"].is_object(), "{state}");
    state["domains"].clone()
}

#[test]
fn the_demo_listens_to_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let refused = Command::new(env!("CARGO_BIN_EXE_gatehouse"))
        .args(["demo", "--listen", "0.0.0.0:0", "--data"])
        .arg(folder.path())
        .output()
        .unwrap();
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("loopback"));
}
