//! Documents that would rot: each is compared with what it speaks of.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use super::{crates, files, quoted, read, root, table};

#[test]
fn every_error_code_is_explained_and_no_other() {
    let document = read("docs/errors.md");
    let explained = codes_in(&document);
    let used: BTreeSet<String> = files("crates", ".rs")
        .iter()
        .filter(|path| path.contains("/src/"))
        .flat_map(|path| codes_in(&read(path)))
        .collect();
    assert_eq!(used, explained, "left: the code, right: docs/errors.md");
}

#[test]
fn the_counters_codes_mean_what_the_list_says() {
    let document = read("docs/errors.md");
    let says: BTreeMap<String, String> = table(&document, "## Codes of the pages")
        .into_iter()
        .map(|row| (quoted(&row[0])[0].clone(), row[1].clone()))
        .collect();
    let does = server::error::CODES
        .iter()
        .map(|(code, meaning)| ((*code).to_owned(), (*meaning).to_owned()))
        .collect();
    assert_eq!(says, does, "left: docs/errors.md, right: server::error::CODES");
}

#[test]
fn the_configuration_is_described_as_it_is() {
    let expected = configuration_table();
    let document = read("docs/configuration.md");
    assert!(document.contains(&expected), "docs/configuration.md should hold\n\n{expected}");
}

#[test]
fn the_documents_name_only_files_and_functions_that_exist() {
    let mut wrong = Vec::new();
    for path in files("docs", ".md").into_iter().chain(["README.md".to_owned()]) {
        // Decisions speak of their day.
        if path.starts_with("docs/decisions/") {
            continue;
        }
        for name in quoted(&read(&path)) {
            if !exists(&name) {
                wrong.push(format!("{path}: {name}"));
            }
        }
    }
    assert!(wrong.is_empty(), "not there: {wrong:#?}");
}

#[test]
fn no_link_leads_nowhere() {
    let mut broken = Vec::new();
    let folders = ["docs", "crates", "web", "migrations"];
    let top = ["README.md", "CHANGELOG.md", "SECURITY.md"].map(str::to_owned);
    let below = folders.iter().flat_map(|folder| files(folder, ".md"));
    for path in below.chain(top) {
        let folder = root().join(&path).parent().unwrap().to_owned();
        let text = read(&path);
        for target in text.split("](").skip(1).filter_map(|rest| rest.split_once(')')) {
            let target = target.0.split('#').next().unwrap();
            let outside = target.is_empty() || target.contains("://");
            if !outside && !folder.join(target).exists() {
                broken.push(format!("{path}: {target}"));
            }
        }
    }
    assert!(broken.is_empty(), "broken: {broken:#?}");
}

/// Every `GH-AREA-00` in a text.
fn codes_in(text: &str) -> BTreeSet<String> {
    text.match_indices("GH-")
        .filter_map(|(at, _)| {
            let code: String = text[at..]
                .chars()
                .take_while(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || *c == '-')
                .collect();
            code.ends_with(|c: char| c.is_ascii_digit()).then_some(code)
        })
        .collect()
}

/// Whether `name` is no file name, or that file exists, with that function if one is named
/// (`app/src/assign.rs::assign`).
fn exists(name: &str) -> bool {
    let (file, function) = name.split_once("::").unwrap_or((name, ""));
    let folder = file.split('/').next().unwrap_or_default();
    let ours = crates().iter().any(|known| known == folder) && file.contains('/');
    let top = ["crates", "docs", "scripts", "web", "migrations", ".ci", ".config"];
    if !(ours || top.contains(&folder) && file.contains('/')) || file.contains(['<', '*', ' ', '{'])
    {
        return true;
    }
    let path = if ours { root().join("crates").join(file) } else { root().join(file) };
    if function.is_empty() {
        return path.exists();
    }
    std::fs::read_to_string(path).is_ok_and(|text| {
        let last = function.rsplit("::").next().unwrap_or_default();
        [format!("fn {last}("), format!("fn {last}<"), format!("struct {last}")]
            .iter()
            .any(|definition| text.contains(definition))
    })
}

/// The keys of `gatehouse.toml` as a table, from the structs that read it.
fn configuration_table() -> String {
    let mut rows = String::from("| key | needed | meaning |\n| --- | --- | --- |\n");
    let mut section = String::new();
    let (mut meaning, mut needed) = (String::new(), true);
    let sources = ["config.rs", "config/mail.rs", "config/audit.rs"];
    let text = sources.map(|file| read(&format!("crates/gatehouse/src/{file}"))).concat();
    for line in text.lines().map(str::trim) {
        if let Some(text) = line.strip_prefix("/// ") {
            if let Some(name) = text.strip_prefix("`[").and_then(|rest| rest.split(']').next()) {
                section = name.to_owned();
            }
            meaning = [meaning.as_str(), text].join(" ").trim().to_owned();
        } else if line.starts_with("#[serde(default") {
            needed = false;
        } else if let Some(field) = line.strip_prefix("pub(crate) ").filter(|_| line.ends_with(','))
        {
            let key = field.split(':').next().unwrap();
            if !section.is_empty() {
                let needed = if needed { "yes" } else { "no" };
                writeln!(rows, "| `{section}.{key}` | {needed} | {meaning} |").unwrap();
            }
            (meaning, needed) = (String::new(), true);
        } else {
            meaning.clear();
        }
    }
    rows
}
