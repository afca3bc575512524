//! The only place that puts values into scripts. A value is either [`Plain`], of characters that no
//! shell treats as anything but themselves, or free text, which is written as base64.

use base64::{Engine as _, engine::general_purpose::STANDARD};

/// Text of letters, digits and a few marks, none of which ends a quoted string, starts an
/// expansion or an escape, in PowerShell, in sh or in JSON. PowerShell takes typographic quotes and
/// dashes for plain ones, so nothing beyond ASCII is plain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plain<'v>(&'v str);

impl<'v> Plain<'v> {
    /// `value`, if it is plain.
    pub(super) fn new(value: &'v str) -> Option<Self> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?&=%+".contains(&byte);
        value.bytes().all(plain).then_some(Self(value))
    }

    /// A single-quoted string, in PowerShell and in sh alike.
    pub(super) fn single_quoted(&self) -> String {
        format!("'{}'", self.0)
    }

    /// A JSON string.
    pub(super) fn json(&self) -> String {
        format!("\"{}\"", self.0)
    }
}

/// Free text as base64, which is plain.
pub(super) fn base64_text(text: &str) -> String {
    STANDARD.encode(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_shell_could_act_upon_is_plain() {
        for byte in 0..=0x7f_u8 {
            let text = char::from(byte).to_string();
            let harmless = byte.is_ascii_alphanumeric() || "-._~:/?&=%+".contains(&text);
            assert_eq!(Plain::new(&text).is_some(), harmless, "{text:?}");
        }
        for quote in ['\u{2018}', '\u{2019}', '\u{201a}', '\u{201b}', '\u{201c}', '\u{2013}'] {
            assert_eq!(Plain::new(&quote.to_string()), None);
        }
        assert!(Plain::new(&base64_text("x'; Remove-Item C:\\; \u{2019}")).is_some());
    }
}
