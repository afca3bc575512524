//! The binary `entra-simulator`.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::support::client;

#[tokio::test]
async fn the_binary_says_where_it_listens_and_keeps_its_tenant() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("tenant.json");
    let mut child = Command::new(env!("CARGO_BIN_EXE_entra-simulator"))
        .args(["--listen", "127.0.0.1:0", "--seed", "contoso", "--data"])
        .arg(&data)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let response = client().get(format!("{}/outlook", line.trim())).send().await;
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(response.unwrap().status(), 200);
    assert!(std::fs::read_to_string(&data).unwrap().contains("break.glass.1"));
}
