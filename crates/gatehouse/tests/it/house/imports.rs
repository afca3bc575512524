//! Who may import whom: the table of `docs/architecture.md` against the manifests.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

use super::{crates, quoted, read, root, table};

type Names = BTreeSet<String>;

/// What one crate lists.
#[derive(Default)]
struct Manifest {
    ours: Names,
    outside: Names,
    ours_in_tests: Names,
}

/// Each heavy thing, and the rooms that may hold it.
const HEAVY: &[(&str, &[&str])] = &[
    ("diesel", &["store"]),
    ("diesel_migrations", &["store"]),
    ("libsqlite3-sys", &["store"]),
    ("pq-sys", &["store"]),
    ("actix-web", &["server", "simulator"]),
    ("tera", &["server"]),
    // A rehearsal plays browsers and programs that come to the house.
    ("reqwest", &["graph", "hooks", "rehearsal"]),
    ("uppsala", &["federation", "simulator"]),
    ("bergshamra-dsig", &["simulator"]),
    ("bergshamra-c14n", &["federation"]),
    ("bergshamra-xml", &["federation"]),
    ("miniz_oxide", &["federation", "simulator"]),
    // Ids and secrets are drawn by the clockwork of `app`; the master key before there is one.
    ("getrandom", &["app", "gatehouse"]),
    ("rand", &[]),
    // The directory of the tests needs an authority of its own.
    ("rcgen", &["federation", "directory"]),
    ("ldap3", &["directory"]),
    ("cryptoki", &["federation"]),
    ("argon2", &["authn"]),
    ("bcrypt", &["authn"]),
    ("csv", &["sources"]),
    ("multer", &["server"]),
    ("totp-rs", &["authn"]),
    ("webauthn-rs-core", &["authn"]),
    ("tokio-cron-scheduler", &["gatehouse"]),
    ("anyhow", &["gatehouse", "simulator"]),
];

/// Walks a browser through the product; it is a test from end to end.
const BROWSER_WALKS: &str = "e2e";

#[test]
fn every_crate_imports_exactly_what_the_architecture_says() {
    let document = read("docs/architecture.md");
    let rows = table(&document, "## Who may import whom");
    let says: BTreeMap<String, Names> = rows
        .iter()
        .map(|row| (quoted(&row[0])[0].clone(), quoted(&row[1]).into_iter().collect()))
        .collect();
    let does: BTreeMap<String, Names> =
        manifests().into_iter().map(|(name, manifest)| (name, manifest.ours)).collect();
    assert_eq!(does, says, "left: the manifests, right: docs/architecture.md");
}

#[test]
fn in_tests_a_crate_sees_no_more_than_the_architecture_says() {
    let document = read("docs/architecture.md");
    let rows = table(&document, "## Who may import whom");
    let manifests = manifests();
    for row in rows {
        let name = &quoted(&row[0])[0];
        let may: Names = quoted(&row[2]).into_iter().chain([name.clone()]).collect();
        let more: Names = manifests[name].ours_in_tests.difference(&may).cloned().collect();
        assert!(more.is_empty(), "the tests of {name} see {more:?}");
    }
}

/// R099
#[test]
fn heavy_things_stay_in_their_rooms() {
    for (name, manifest) in manifests() {
        for (thing, rooms) in HEAVY {
            let may = rooms.contains(&name.as_str()) || name == BROWSER_WALKS;
            assert!(may || !manifest.outside.contains(*thing), "{name} may not use {thing}");
        }
    }
}

/// R135
#[test]
fn the_ground_floor_and_the_pure_experts_can_do_no_io() {
    for name in ["model", "authn", "federation", "provisioning", "sources"] {
        let manifest = &manifests()[name];
        for thing in &["tokio", "reqwest", "diesel", "actix-web", "hyper", "getrandom", "rand"] {
            assert!(!manifest.outside.contains(*thing), "{name} may not use {thing}");
        }
    }
}

/// What cargo reads in the manifests: plain dependencies count, those of tests are kept apart.
fn manifests() -> BTreeMap<String, Manifest> {
    let ours = crates();
    metadata()["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|package| {
            let mut manifest = Manifest::default();
            for dependency in package["dependencies"].as_array().unwrap() {
                let name = dependency["name"].as_str().unwrap().to_owned();
                let in_tests = dependency["kind"] == "dev";
                match (ours.contains(&name), in_tests) {
                    (true, false) => manifest.ours.insert(name),
                    (true, true) => manifest.ours_in_tests.insert(name),
                    (false, false) => manifest.outside.insert(name),
                    (false, true) => false,
                };
            }
            (package["name"].as_str().unwrap().to_owned(), manifest)
        })
        .collect()
}

fn metadata() -> serde_json::Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--offline", "--locked", "--no-deps", "--format-version", "1"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}
