//! The catalogue against the simulator: every code that it can answer is explained.

use std::{collections::BTreeSet, fs, path::Path};

use app::explain::{CATALOGUE, explain};

/// The codes for which the simulator has a cause that provokes them. A code that is new there, or
/// gone, changes this list.
const PROVOKED: [&str; 52] = [
    "AADSTS1002012",
    "AADSTS20001",
    "AADSTS20012",
    "AADSTS28003",
    "AADSTS500011",
    "AADSTS50006",
    "AADSTS50008",
    "AADSTS5000811",
    "AADSTS500082",
    "AADSTS5000820",
    "AADSTS50013",
    "AADSTS500133",
    "AADSTS50027",
    "AADSTS50057",
    "AADSTS50059",
    "AADSTS50076",
    "AADSTS50079",
    "AADSTS50089",
    "AADSTS50107",
    "AADSTS50173",
    "AADSTS51004",
    "AADSTS700016",
    "AADSTS700021",
    "AADSTS7000215",
    "AADSTS7000218",
    "AADSTS7000222",
    "AADSTS700023",
    "AADSTS700024",
    "AADSTS700027",
    "AADSTS70003",
    "AADSTS750054",
    "AADSTS90002",
    "AADSTS900023",
    "AADSTS900144",
    "AADSTS90020",
    "AADSTS90055",
    "AADSTS90107",
    "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
    "Authorization_RequestDenied",
    "BadRequest",
    "Directory_ExpiredPageToken",
    "Directory_QuotaExceeded",
    "FailedDependency",
    "InvalidAuthenticationToken",
    "Request_BadRequest",
    "Request_MultipleObjectsWithSameKeyValue",
    "Request_ResourceNotFound",
    "Request_UnsupportedQuery",
    "Service_InternalServerError",
    "TooManyRequests",
    "UnknownError",
    "serviceNotAvailable",
];

/// The cases of Graph's messages for which it has one.
const PROVOKED_CASES: usize = 17;

/// The simulator's sources without blanks, and with the lines of its texts joined.
fn sources(folder: &Path, into: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push_str(&fs::read_to_string(&path).unwrap());
        }
    }
}

fn simulator() -> String {
    let mut all = String::new();
    sources(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../simulator/src")), &mut all);
    all
}

fn leading(text: &str, fits: impl Fn(char) -> bool) -> &str {
    &text[..text.find(|c| !fits(c)).unwrap_or(text.len())]
}

/// Every code behind one of the ways in which the simulator refuses.
fn answered(source: &str) -> BTreeSet<String> {
    let source: String = source.chars().filter(|c| !c.is_whitespace()).collect();
    let mut codes = BTreeSet::new();
    let number = |text: &str| leading(text, |c| c.is_ascii_digit() || c == '_').replace('_', "");
    for piece in source.split("Denial::new(").skip(1) {
        codes.insert(format!("AADSTS{}", number(piece)));
    }
    for piece in source.split("AADSTS").skip(1) {
        codes.insert(format!("AADSTS{}", number(piece)));
    }
    for piece in source.split("failure(").skip(1) {
        codes.extend(piece.split(',').nth(2).map(|code| format!("AADSTS{}", number(code))));
    }
    for piece in source.split("new(").chain(source.split("bad(")).skip(1) {
        let piece = piece.trim_start_matches(|c: char| c.is_ascii_digit() || c == ',');
        codes.extend(piece.strip_prefix('"').map(|text| leading(text, |c| c != '"').to_owned()));
    }
    codes.retain(|code| code != "AADSTS" && is_code(code));
    codes
}

/// Formed like a code, and not like a word of a message, a path or a name.
fn is_code(text: &str) -> bool {
    let words = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    words && text.len() > 9
}

#[test]
fn every_code_that_the_simulator_answers_is_explained_and_listed() {
    let codes = answered(&simulator());
    let unexplained: Vec<_> =
        codes.iter().filter(|code| explain(code).entries.is_empty()).collect();
    assert!(unexplained.is_empty(), "write entries for {unexplained:?}");
    let listed: BTreeSet<String> = PROVOKED.iter().map(|code| (*code).to_owned()).collect();
    assert_eq!(codes, listed, "left: the simulator, right: this list");
}

#[test]
fn the_cases_that_the_simulator_tells_in_words_are_counted() {
    let texts = simulator().replace("\\\n", "");
    let texts = texts.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let cases = CATALOGUE.iter().filter_map(|entry| entry.says.as_ref());
    let told = cases.filter(|says| texts.contains(&says.to_lowercase())).count();
    assert_eq!(told, PROVOKED_CASES);
}
