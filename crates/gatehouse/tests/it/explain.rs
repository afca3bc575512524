//! `gatehouse explain`: an answer without configuration and database, and an exit code.

use std::{
    io::Write as _,
    process::{Command, Output, Stdio},
};

fn explain(words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gatehouse"));
    // Nowhere near a configuration.
    command.arg("explain").args(words).current_dir(std::env::temp_dir()).stdin(Stdio::null());
    command.output().unwrap()
}

fn said(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn a_code_is_explained_with_cause_fix_and_place() {
    let text = said(&explain(&["AADSTS51004"]));
    assert!(text.starts_with("AADSTS51004: The person isn't in the directory\n"), "{text}");
    for part in [
        "  Means          Nobody in the tenant",
        "  Likely cause   ",
        "  Mend it        ",
        "  Who can        An admin here\n",
        "  Where          Console: People\n",
        "  Microsoft      https://login.microsoftonline.com/error?code=51004\n",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(text.lines().all(|line| line.chars().count() <= 88), "{text}");
    assert_eq!(said(&explain(&["51004"])), text);
    assert!(!said(&explain(&["Authorization_RequestDenied"])).contains("Microsoft   "));
}

#[test]
fn a_message_is_read_from_words_or_from_standard_input() {
    let message = "AADSTS7000222: The provided client secret keys for app 'x' are expired.\r\n\
                   Trace ID: 255d1aef-8c98-452f-ac51-23d051240864 Correlation ID: \
                   fb3d2015-bc17-4bb9-bb85-30c5cf1aaaa7\r\nTimestamp: 2026-11-09 02:02:12Z";
    let text = said(&explain(&message.split(' ').collect::<Vec<_>>()));
    assert!(text.starts_with("AADSTS7000222: The client secret has expired\n"), "{text}");
    assert!(text.contains("  Correlation id fb3d2015-bc17-4bb9-bb85-30c5cf1aaaa7\n"), "{text}");
    assert!(text.contains("  Time           2026-11-09 02:02:12Z\n"), "{text}");

    let mut command = Command::new(env!("CARGO_BIN_EXE_gatehouse"));
    let command = command.arg("explain").stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(message.as_bytes()).unwrap();
    assert_eq!(said(&child.wait_with_output().unwrap()), text);
}

#[test]
fn cases_and_words_are_listed() {
    let text = said(&explain(&["Request_BadRequest"]));
    assert!(text.contains("\nTold apart by the rest of the message:\n"), "{text}");
    assert!(text.contains("  Request_BadRequest Another object with the same value: "), "{text}");
    let text = said(&explain(&["secret", "expired"]));
    assert!(text.contains("  AADSTS7000222: The client secret has expired\n"), "{text}");
}

#[test]
fn what_nobody_explained_is_an_error_that_says_where_to_look() {
    for (typed, says) in [
        ("AADSTS99999999", "https://login.microsoftonline.com/error?code=99999999"),
        ("Directory_SomethingElse", "is not in the catalogue; the message beside it"),
        ("xyzzy", "no code and no word of the catalogue"),
        ("", "no code and no word of the catalogue"),
    ] {
        let output = explain(&[typed]);
        assert_eq!(output.status.code(), Some(1), "{typed}");
        assert!(output.stdout.is_empty());
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(error.starts_with("gatehouse: ") && error.contains(says), "{typed}: {error}");
    }
}
