//! Explains what Microsoft says: a code, or a whole message in which codes stand. Needs no database;
//! what is known here of the person or domain is added by `here`.

mod catalogue;
mod clues;
mod codes;
mod here;

use model::explanation::Explanation;

pub use catalogue::CATALOGUE;
pub use clues::Clues;
pub use here::{ConnectionHere, DomainHere, Here, IssuerHere, OurPerson, PersonHere, TheirObjects};

/// More of a text isn't read.
const LONGEST: usize = 8_000;

/// What is found by words alone is cut off here.
const MOST: usize = 40;

/// What a text comes to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Explained {
    /// The entries of the codes in it, in the order in which they stand there.
    pub entries: Vec<&'static Explanation>,
    /// Further cases of those codes, told apart by the rest of the message.
    pub cases: Vec<&'static Explanation>,
    /// Entries that hold all of its words, when there is no code in it.
    pub alike: Vec<&'static Explanation>,
    /// Codes that nobody has explained.
    pub unknown: Vec<String>,
    /// What else the message names.
    pub clues: Clues,
}

/// Explains a code, a message, or words.
#[must_use]
pub fn explain(text: &str) -> Explained {
    let text = beginning(text.trim());
    let found = codes::find(text);
    let mut explained = Explained { clues: clues::find(text), ..Explained::default() };
    for code in found {
        let (general, cases) = catalogue::of_code(&code);
        let told: Vec<_> = cases.iter().copied().filter(|case| is_told(case, text)).collect();
        match (told.is_empty(), general) {
            (false, _) => explained.entries.extend(told),
            (true, Some(general)) => {
                explained.entries.push(general);
                explained.cases.extend(cases);
            }
            (true, None) => explained.unknown.push(code),
        }
    }
    if explained.entries.is_empty() && explained.unknown.is_empty() {
        explained.entries = CATALOGUE.iter().filter(|entry| is_told(entry, text)).collect();
    }
    if explained.entries.is_empty() && explained.unknown.is_empty() {
        explained.alike = alike(text);
    }
    explained
}

/// The beginning of a text, as far as it is read.
fn beginning(text: &str) -> &str {
    let end = text.char_indices().nth(LONGEST).map_or(text.len(), |(at, _)| at);
    &text[..end]
}

/// Whether the message tells that it is this case.
fn is_told(entry: &Explanation, text: &str) -> bool {
    let text = text.to_lowercase();
    entry.says.as_ref().is_some_and(|says| text.contains(&says.to_lowercase()))
}

/// Entries that hold every word of the text; those whose title does come first.
fn alike(text: &str) -> Vec<&'static Explanation> {
    let text = text.to_lowercase();
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).collect();
    let words: Vec<&str> = words.into_iter().filter(|word| word.chars().count() > 2).collect();
    if words.is_empty() {
        return Vec::new();
    }
    let holds = |in_it: &str| words.iter().all(|word| in_it.contains(word));
    let (first, rest): (Vec<_>, Vec<_>) = CATALOGUE
        .iter()
        .filter(|entry| holds(&all_of(entry)))
        .partition(|entry| holds(&entry.title.to_lowercase()));
    first.into_iter().chain(rest).take(MOST).collect()
}

fn all_of(entry: &Explanation) -> String {
    let Explanation { code, says, title, means, cause, fix, .. } = entry;
    let says = says.as_deref().unwrap_or_default();
    [code.as_str(), says, title, means, cause, fix].join(" ").to_lowercase()
}

#[cfg(test)]
mod tests;
