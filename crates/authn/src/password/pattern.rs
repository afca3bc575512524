//! Passwords that fingers type by themselves: repeats, runs of letters and digits, keyboard rows.

/// Neighbours on these strings, in either direction, follow each other without a thought.
const ROWS: &[&str] = &[
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    // Columns.
    "1qaz",
    "2wsx",
    "3edc",
    "4rfv",
    "5tgb",
    "6yhn",
    "7ujm",
    "8ik",
    "9ol",
    // German and French rows, where they differ.
    "qwertzuiop",
    "yxcvbnm",
    "azertyuiop",
    "qsdfghjklm",
    "wxcvbn",
];

/// Fewer characters than this that were thought of, and it is a pattern.
const FEW: usize = 6;
/// A whole password that is a shorter text than this over and over is a pattern.
const SHORT_UNIT: usize = 8;

/// Whether a folded password is made of runs and repeats alone.
pub(super) fn is_pattern(folded: &str) -> bool {
    if folded.is_empty() {
        return false;
    }
    let pairs = folded.chars().zip(folded.chars().skip(1));
    let thought_of = 1 + pairs.filter(|&(a, b)| !follows(a, b)).count();
    thought_of < FEW || repeated_unit(folded).is_some_and(|u| u.chars().count() < SHORT_UNIT)
}

/// The shortest text that, written two or more times, makes the whole.
pub(super) fn repeated_unit(text: &str) -> Option<&str> {
    let ends = text.char_indices().skip(1).map(|(at, _)| at).take_while(|at| 2 * at <= text.len());
    ends.filter(|at| text.len().is_multiple_of(*at))
        .map(|at| &text[..at])
        .find(|unit| text.as_bytes().chunks(unit.len()).all(|part| part == unit.as_bytes()))
}

fn follows(a: char, b: char) -> bool {
    a == b || ROWS.iter().any(|row| are_neighbours(row, a, b))
}

fn are_neighbours(row: &str, a: char, b: char) -> bool {
    row.chars().zip(row.chars().skip(1)).any(|pair| pair == (a, b) || pair == (b, a))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_rows_and_repeats_are_patterns() {
        for text in [
            "aaaaaaaaaaaaaaa",
            "abcdefghijklmno",
            "123456789012345",
            "987654321098765",
            "qwertyuiopasdfghjkl",
            "1qaz2wsx3edc4rfv",
            "qazwsxedcrfvtgb",
            "aaabbbcccdddeee",
            "xkcdxkcdxkcdxkcd",
            "qwertzuiopyxcvbnm",
        ] {
            assert!(is_pattern(text), "{text}");
        }
    }

    #[test]
    fn what_somebody_thought_of_is_none() {
        for text in ["", "correct horse battery staple", "zuqobnkdwimvtla", "hagelstorm hagelstorm"]
        {
            assert!(!is_pattern(text), "{text}");
        }
    }

    #[test]
    fn the_shortest_unit_is_found() {
        assert_eq!(repeated_unit("abababab"), Some("ab"));
        assert_eq!(repeated_unit("passwordpassword"), Some("password"));
        assert_eq!(repeated_unit("éaéa"), Some("éa"));
        assert_eq!(repeated_unit("abcabcab"), None);
        assert_eq!(repeated_unit(""), None);
    }
}
