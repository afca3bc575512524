//! Text of one line that people see: names of people, applications and connections.

/// Whether a text hides nothing: no control character, which breaks lines, logs and XML, and none
/// that turns the direction of what stands around it (R154).
#[must_use]
pub fn is_plain(text: &str) -> bool {
    let turns = |c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    !text.chars().any(|c| c.is_control() || turns(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R154
    #[test]
    fn what_is_seen_is_all_there_is() {
        for plain in ["", "Zoë O'Hara", "\u{5e9}\u{5dc}\u{5d5}\u{5dd}", "😀", "a\u{200f}b"] {
            assert!(is_plain(plain), "{plain:?}");
        }
        for odd in ["a\0b", "a\nb", "\tb", "\u{1b}[2J", "\u{85}", "\u{202e}gnp.exe", "\u{2067}a"] {
            assert!(!is_plain(odd), "{odd:?}");
        }
    }
}
