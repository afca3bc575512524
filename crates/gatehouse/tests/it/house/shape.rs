//! What a file looks like: its size, its name, its first line.

use super::{crates, files, read, root};

const LONGEST: usize = 600;
const LONGEST_WITHOUT_TESTS: usize = 400;

/// Names that say nothing.
const FORBIDDEN: &[&str] = &[
    "util", "utils", "helper", "helpers", "common", "misc", "manager", "handler", "handlers",
    "service", "services", "base", "types", "mod",
];

fn sources() -> Vec<String> {
    files("crates", ".rs")
}

/// How many lines come before the inline tests.
fn lines_without_tests(text: &str) -> usize {
    text.lines().take_while(|line| *line != "#[cfg(test)]").count()
}

#[test]
fn no_file_is_too_long() {
    let long: Vec<String> = sources()
        .into_iter()
        .chain(files("web", ".html"))
        .chain(files("web", ".css"))
        .chain(files("web", ".js"))
        .map(|path| (read(&path), path))
        .filter(|(text, path)| {
            let tests = path.contains("/tests/") || path.ends_with("/tests.rs");
            text.lines().count() > LONGEST
                || (!tests && lines_without_tests(text) > LONGEST_WITHOUT_TESTS)
        })
        .map(|(text, path)| format!("{path}: {} lines", text.lines().count()))
        .collect();
    assert!(long.is_empty(), "split: {long:#?}");
}

#[test]
fn no_file_has_a_name_that_says_nothing() {
    let named: Vec<String> = sources()
        .into_iter()
        .filter(|path| {
            let stem = path.rsplit('/').next().unwrap().trim_end_matches(".rs");
            FORBIDDEN.contains(&stem) || stem.ends_with("_v2")
        })
        .collect();
    assert!(named.is_empty(), "rename: {named:#?}");
}

#[test]
fn every_module_says_what_it_is_for() {
    let silent: Vec<String> =
        sources().into_iter().filter(|path| !read(path).starts_with("//! ")).collect();
    assert!(silent.is_empty(), "begin with //!: {silent:#?}");
}

#[test]
fn every_crate_introduces_itself() {
    let without: Vec<String> = crates()
        .into_iter()
        .filter(|name| !root().join("crates").join(name).join("README.md").exists())
        .collect();
    assert!(without.is_empty(), "write README.md for {without:?}");
}
