//! Finds the codes in a text: `AADSTS51004` in a message of the sign-in page, a bare number that
//! somebody typed, Graph's codes in an answer or in a sync run.

use super::CATALOGUE;

/// The codes in a text, each once, in the order in which they stand there.
pub(super) fn find(text: &str) -> Vec<String> {
    let words: Vec<&str> = text.split(is_between).filter(|word| !word.is_empty()).collect();
    let alone = words.len() == 1;
    let sure = words.iter().filter_map(|word| named(word, alone));
    let mut found = once(sure);
    if found.is_empty() {
        found = once(words.iter().filter_map(|word| bare_number(word, alone)));
    }
    if found.is_empty() {
        found = once(words.iter().filter_map(|word| foreign(word)));
    }
    found
}

/// Dashes hold GUIDs and dates together, so that no number is seen in them.
fn is_between(c: char) -> bool {
    !(c.is_alphanumeric() || c == '_' || c == '-')
}

fn once(codes: impl Iterator<Item = String>) -> Vec<String> {
    let mut found = Vec::new();
    for code in codes {
        if !found.contains(&code) {
            found.push(code);
        }
    }
    found
}

/// A code that says itself what it is.
fn named(word: &str, alone: bool) -> Option<String> {
    let is_aadsts = word.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("AADSTS"));
    if is_aadsts {
        return digits(&word[6..]).map(|number| format!("AADSTS{number}"));
    }
    // Some of Graph's codes are plain words ("Forbidden"), which a sentence may hold by chance.
    let loosely = alone || word.contains('_');
    let same = |code: &str| code == word || loosely && code.eq_ignore_ascii_case(word);
    CATALOGUE.iter().find(|entry| same(&entry.code)).map(|entry| entry.code.clone())
}

/// A number of the catalogue; any number, when nothing else was typed.
fn bare_number(word: &str, alone: bool) -> Option<String> {
    let code = format!("AADSTS{}", digits(word)?);
    (alone || CATALOGUE.iter().any(|entry| entry.code == code)).then_some(code)
}

fn digits(word: &str) -> Option<&str> {
    let number = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    (number && (4..=9).contains(&word.len())).then_some(word)
}

/// What is formed like a code of Graph's and isn't in the catalogue: `Directory_SomethingElse`.
fn foreign(word: &str) -> Option<String> {
    let (area, rest) = word.split_once('_')?;
    let is_name = |part: &str| {
        part.len() > 3
            && part.starts_with(|c: char| c.is_ascii_uppercase())
            && part.chars().all(|c| c.is_ascii_alphabetic())
    };
    (is_name(area) && is_name(rest)).then(|| word.to_owned())
}
