//! `gatehouse audit verify` beside a running server, and after somebody was in its database.

use std::{
    path::Path,
    process::Output,
    time::{Duration, Instant},
};

use store::testing::{Throwaway, execute};

use crate::serve::{Node, configure, gatehouse};

fn verify(config: &Path, checkpoints: &Path) -> (Option<i32>, String) {
    let mut command = gatehouse(config, &["audit", "verify"]);
    let output = command.arg("--checkpoints").arg(checkpoints).output().unwrap();
    let Output { status, stdout, stderr } = output;
    let text = [stdout, stderr].concat();
    (status.code(), String::from_utf8(text).unwrap())
}

/// R153
#[tokio::test]
async fn the_command_names_what_was_changed_and_its_end_says_so() {
    let database = Throwaway::sqlite();
    let (folder, config) = configure(&database.settings.url);
    let file = folder.path().join("checkpoints.jsonl");
    let node = Node::start_with(&config, |command| {
        command.env("GATEHOUSE__AUDIT__CHECKPOINT_FILE", &file);
    })
    .await;
    let made = gatehouse(&config, &["user", "create-owner", "olivia@contoso.com", "--name", "O"]);
    assert!({ made }.output().unwrap().status.success());
    let began = Instant::now();
    while std::fs::metadata(&file).map_or(0, |file| file.len()) == 0 {
        assert!(began.elapsed() < Duration::from_mins(1), "no checkpoint came");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let (code, text) = verify(&config, &file);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("1 checkpoints of") && text.contains("as it was written"), "{text}");
    drop(node);

    let (code, text) = verify(&config, Path::new("/nowhere"));
    assert!(code == Some(1) && text.contains("/nowhere can't be read"), "{text}");
    let change = "UPDATE audit_log SET detail = detail || 'x' WHERE number = 1";
    database.open().write(move |tx| execute(tx, change)).await.unwrap();
    let (code, text) = verify(&config, &file);
    assert_eq!(code, Some(3), "{text}");
    assert!(text.contains("CHANGED: row 1 is not as it was written"), "{text}");
}
