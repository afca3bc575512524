//! `scim2-tester`, a program that others wrote.

use std::{path::Path, process::Command};

use serde_json::Value;

use super::let_in;
use crate::support::World;

#[tokio::test(flavor = "multi_thread")]
async fn scim2_tester_finds_nothing_wrong() {
    let world = World::new().await;
    let admin = world.signed_in("olivia", "/admin").await;
    let program = let_in(&world, &admin).await;
    // It removes everybody whom it made: far more than a program may without an admin's word.
    let id = program.here.rsplit('/').next().unwrap().parse().unwrap();
    let let_on = model::program::LetOn { at: world.house.now(), people: 10_000 };
    world
        .store
        .write(move |tx| {
            let mut program = store::programs::by_id(tx, id)?.unwrap();
            program.let_on = Some(let_on);
            store::programs::update(tx, &program)
        })
        .await
        .unwrap();
    world.pass(std::time::Duration::from_secs(1));
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let python = top.join("target/tools/scim/bin/python");
    let arguments = [program.root.clone(), program.token.clone(), "contoso.com".to_owned()];
    let script = top.join("crates/server/tests/sp/scim_tester.py");
    let ran = tokio::task::spawn_blocking(move || {
        Command::new(&python).arg(script).args(arguments).output().unwrap_or_else(|wrong| {
            panic!("scripts/test makes {}, which is not there: {wrong}", python.display())
        })
    });
    let ran = ran.await.unwrap();
    let errors = String::from_utf8_lossy(&ran.stderr);
    let said: Value = serde_json::from_slice(&ran.stdout).unwrap_or_else(|_| panic!("{errors}"));
    let wrong: Vec<&str> =
        said["wrong"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Looking for people and groups at once is not offered, and nothing else is left out.
    let skipped = ["search_with_attributes User", "search_with_attributes Group"];
    assert_eq!(said["skipped"], serde_json::json!(skipped));
    assert!(said["count"].as_u64().unwrap() >= 60, "{said}");
    let passed = said["passed"].as_array().unwrap();
    for check in [
        "object_creation",
        "object_replacement",
        "object_deletion",
        "object_list_with_attributes",
        "check_add_attribute",
        "check_remove_attribute",
        "check_replace_attribute",
    ] {
        assert!(passed.iter().any(|it| it == check), "{check}: {said}");
    }
}
