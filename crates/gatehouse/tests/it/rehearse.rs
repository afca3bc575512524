//! `gatehouse rehearse` as a process of its own: what it prints, and its exit code.

use std::process::{Command, Output};

use serde_json::Value;

fn rehearse(more: &[&str], path: Option<&std::path::Path>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gatehouse"));
    // Nowhere near a configuration.
    command.args(["rehearse", "--sample"]).args(more).current_dir(std::env::temp_dir());
    command.env("RUST_LOG", "error");
    if let Some(path) = path {
        command.env("PATH", path);
    }
    command.output().unwrap()
}

#[test]
fn the_sample_goes_there_and_back_and_the_command_says_so() {
    let output = rehearse(&[], None);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
    for line in ["passed     Federate the domain (", "not used   Sign in with a browser, SAML 2.0"]
    {
        assert!(text.contains(line), "{line}: {text}");
    }
    assert!(text.ends_with("everything went as it should.\n"), "{text}");
}

#[test]
fn a_step_that_fails_fails_the_command_and_the_rest_was_not_tried() {
    let empty = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/bin/sh", empty.path().join("sh")).unwrap();
    let output = rehearse(&["--json"], Some(empty.path()));
    assert_eq!(output.status.code(), Some(1));
    let seen: Value = serde_json::from_slice(&output.stdout).unwrap();
    let verdicts: Vec<&str> =
        seen["steps"].as_array().unwrap().iter().filter_map(|it| it["verdict"].as_str()).collect();
    assert_eq!(verdicts[..4], ["passed", "passed", "failed", "not_tried"], "{seen:#}");
    assert!(verdicts[4..].iter().all(|it| *it == "not_tried"), "{seen:#}");
    assert!(seen["steps"][2]["evidence"][1].as_str().unwrap().contains("needs curl"), "{seen:#}");
}
