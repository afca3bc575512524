//! What a new password must be: long enough, not listed, not made of what everybody knows (R004 to
//! R008). No composition rules.
//!
//! Matching with the list is simple and says what it does: the text itself; its folded form (NFKC,
//! lower case); that without the digits and signs at its end, when at least half is left; that with
//! the usual substitutes (`@` for a, `0` for o, …) undone; and a text that is repeated.

use model::user::User;
use secrecy::SecretString;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use super::{MAX_CHARS, listed::PasswordList, normal_form, pattern};

/// No setting goes below this (R004).
const SHORTEST: usize = 8;
/// A word this long is guessed wherever it stands; a shorter one only when it stands alone.
const LONG_WORD: usize = 5;
const SHORTEST_WORD: usize = 3;
const SHORTEST_BASE: usize = 4;
const PRODUCT: &[&str] = &["gatehouse", "microsoft", "office", "office365", "outlook"];
const SUBSTITUTES: &[(char, char)] = &[
    ('@', 'a'),
    ('4', 'a'),
    ('3', 'e'),
    ('1', 'i'),
    ('!', 'i'),
    ('0', 'o'),
    ('5', 's'),
    ('$', 's'),
    ('7', 't'),
];

/// What a new password is judged by.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    /// The shortest allowed, in characters; never under 8.
    pub min_length: usize,
    /// Words that anybody would guess for this person; see [`context_words`].
    pub context: &'a [String],
}

/// Why a password is refused, as a sentence for the person who typed it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Weakness {
    /// It has too few characters.
    #[error("Use at least {min} characters. A few unrelated words make a good password.")]
    TooShort {
        /// The shortest allowed.
        min: usize,
    },
    /// It has too many characters.
    #[error("Use at most {MAX_CHARS} characters.")]
    TooLong,
    /// It is on the list of leaked and common passwords, or a simple variation of one that is.
    #[error(
        "This password, or one much like it, is on the list of leaked and common passwords. Choose one that nobody else uses."
    )]
    Listed,
    /// It holds a word that anybody would try for this person.
    #[error("Leave out “{word}”: it is one of the first things that somebody would try for you.")]
    Context {
        /// The word.
        word: String,
    },
    /// It is a keyboard row, a run of letters or digits, or a repeat.
    #[error(
        "Keyboard rows, runs like “abcd” or “1234” and repeats are among the first guesses. Choose unrelated words instead."
    )]
    Pattern,
}

/// Judges a new password. Takes no time to speak of, and hashes nothing.
pub fn check_new(password: &SecretString, rules: &Rules<'_>) -> Result<(), Weakness> {
    let text = normal_form(password).ok_or(Weakness::TooLong)?;
    let folded = fold(&text);
    let list = PasswordList::shipped();
    if is_listed(&list, &text, &folded) {
        return Err(Weakness::Listed);
    }
    let min = rules.min_length.max(SHORTEST);
    if text.chars().count() < min {
        return Err(Weakness::TooShort { min });
    }
    if pattern::is_pattern(&folded) {
        return Err(Weakness::Pattern);
    }
    match guessable_word(&folded, rules.context) {
        Some(word) => Err(Weakness::Context { word }),
        None => Ok(()),
    }
}

/// The words that anybody would guess for this person: names, the parts of the UPN and the mail
/// address, the organisation, its domain and the product.
#[must_use]
pub fn context_words(user: &User, organisation: &str) -> Vec<String> {
    let profile = &user.profile;
    let texts = [
        Some(user.upn.as_str()),
        Some(organisation),
        Some(profile.display_name.as_str()),
        profile.given_name.as_deref(),
        profile.surname.as_deref(),
        profile.mail.as_deref(),
    ];
    let top_level = user.upn.domain().rsplit('.').next().map(str::to_owned);
    let mut words: Vec<String> = texts.into_iter().flatten().flat_map(words_of).collect();
    words.extend(PRODUCT.iter().map(|word| (*word).to_owned()));
    words.retain(|word| word.chars().count() >= SHORTEST_WORD && Some(word) != top_level.as_ref());
    words.sort_unstable();
    words.dedup();
    words
}

/// The form in which passwords are listed and compared: NFKC, lower case.
#[must_use]
pub fn fold(text: &str) -> Zeroizing<String> {
    collect(text, text.nfkc().flat_map(char::to_lowercase))
}

fn words_of(text: &str) -> Vec<String> {
    fold(text).split(|c: char| !c.is_alphanumeric()).map(str::to_owned).collect()
}

fn is_listed(list: &PasswordList<'_>, text: &str, folded: &str) -> bool {
    let base = base(folded);
    let unit = pattern::repeated_unit(folded);
    let candidates = [Some(text), Some(folded), base, unit];
    candidates
        .into_iter()
        .flatten()
        .any(|candidate| list.contains(candidate) || list.contains(&without_substitutes(candidate)))
}

/// The text without the digits and signs at its end, when that leaves at least half of it.
fn base(folded: &str) -> Option<&str> {
    let base = folded.trim_end_matches(|c: char| !c.is_alphabetic());
    let (kept, all) = (base.chars().count(), folded.chars().count());
    (kept >= SHORTEST_BASE && 2 * kept >= all).then_some(base)
}

fn without_substitutes(text: &str) -> Zeroizing<String> {
    let plain =
        |c| SUBSTITUTES.iter().find(|(sign, _)| *sign == c).map_or(c, |(_, letter)| *letter);
    collect(text, text.chars().map(plain))
}

/// With room for everything at once: a growing string would leave copies behind.
fn collect(text: &str, chars: impl Iterator<Item = char>) -> Zeroizing<String> {
    let mut collected = Zeroizing::new(String::with_capacity(4 * text.len()));
    collected.extend(chars);
    collected
}

fn guessable_word(folded: &str, context: &[String]) -> Option<String> {
    let plain = without_substitutes(folded);
    let words = context.iter().map(|word| fold(word));
    words
        .filter(|word| word.chars().count() >= SHORTEST_WORD)
        .find(|word| holds(folded, word) || holds(&plain, word))
        .map(|word| word.as_str().to_owned())
}

fn holds(text: &str, word: &str) -> bool {
    if word.chars().count() >= LONG_WORD {
        return text.contains(word);
    }
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        ![before, after].into_iter().flatten().any(char::is_alphabetic)
    })
}

#[cfg(test)]
mod tests;
