//! Countries by name (ISO 3166).

use std::sync::LazyLock;

use crate::pages::parts::Choice;

/// Code and name, by name.
static COUNTRIES: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| {
    let lines = include_str!("../data/countries.csv").lines();
    let mut all: Vec<_> = lines.filter_map(|line| line.split_once(',')).collect();
    all.sort_by_key(|(_, name)| *name);
    all
});

/// The choices of a form, "Not known" first.
pub(crate) fn choices(chosen: &str) -> Vec<Choice> {
    let all = COUNTRIES.iter().map(|(code, name)| Choice::new(code, name, chosen));
    std::iter::once(Choice::new("", "Not known", chosen)).chain(all).collect()
}

/// Every code.
pub(crate) fn codes() -> Vec<&'static str> {
    COUNTRIES.iter().map(|(code, _)| *code).collect()
}

/// "Germany (DE)".
pub(crate) fn name(code: &str) -> String {
    let found = COUNTRIES.iter().find(|(known, _)| *known == code);
    found.map_or_else(|| code.to_owned(), |(code, name)| format!("{name} ({code})"))
}
