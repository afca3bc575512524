//! Writes XML that is its own exclusive canonical form (xml-exc-c14n), so that what is hashed is
//! what is sent. It escapes every value and has no way to write one unescaped; names and prefixes
//! are ours, hence `'static`.
//!
//! The caller declares a prefix where it is first used and gives attributes in canonical order;
//! debug builds check the order, and a test canonicalises every kind of document that we write.

use crate::{Error, Result};

/// A document in the making.
pub(crate) struct Writer {
    out: String,
    open: Vec<&'static str>,
    unwritable: Option<char>,
}

/// A start tag that still takes attributes.
pub(crate) struct Tag<'w> {
    writer: &'w mut Writer,
    name: &'static str,
    last: &'static str,
}

impl Writer {
    /// An empty document with room for `capacity` bytes.
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self {
            out: String::with_capacity(capacity),
            open: Vec::with_capacity(12),
            unwritable: None,
        }
    }

    /// Begins an element.
    pub(crate) fn start(&mut self, name: &'static str) -> Tag<'_> {
        self.out.push('<');
        self.out.push_str(name);
        Tag { writer: self, name, last: "" }
    }

    /// Ends the innermost open element.
    pub(crate) fn end(&mut self) {
        let name = self.open.pop().expect("the caller ends only what it began");
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
    }

    /// An element that holds nothing but text, without attributes.
    pub(crate) fn leaf(&mut self, name: &'static str, text: &str) {
        self.start(name).text(text);
    }

    /// Takes in a document that this writer wrote before, such as a signed assertion.
    pub(crate) fn embed(&mut self, written: &str) {
        self.out.push_str(written);
    }

    /// How many bytes are written so far.
    pub(crate) fn position(&self) -> usize {
        self.out.len()
    }

    /// The document, unless a value held a character that XML 1.0 can't carry.
    pub(crate) fn finish(self) -> Result<String> {
        debug_assert!(self.open.is_empty(), "unclosed: {:?}", self.open);
        self.unwritable.map_or(Ok(self.out), |c| Err(Error::Character(c)))
    }

    fn escape(&mut self, value: &str, escaped: fn(u8) -> Option<&'static str>) {
        let bytes = value.as_bytes();
        let (mut copied, mut at) = (0, 0);
        while let Some(found) = bytes[at..].iter().position(|&byte| SPECIAL[usize::from(byte)]) {
            at += found;
            if let Some(entity) = escaped(bytes[at]) {
                self.out.push_str(&value[copied..at]);
                self.out.push_str(entity);
                copied = at + 1;
            } else if is_unwritable(&bytes[at..]) {
                self.unwritable = value[at..].chars().next();
            }
            at += 1;
        }
        self.out.push_str(&value[copied..]);
    }
}

/// The bytes that have to be looked at: markup, control characters, and the first byte of the
/// characters that XML 1.0 excludes. All others stand for themselves.
const SPECIAL: [bool; 256] = {
    let mut special = [false; 256];
    let mut control = 0;
    while control < 0x20 {
        special[control] = true;
        control += 1;
    }
    special[b'&' as usize] = true;
    special[b'<' as usize] = true;
    special[b'>' as usize] = true;
    special[b'"' as usize] = true;
    special[0xef] = true;
    special
};

/// Control characters, and U+FFFE and U+FFFF.
fn is_unwritable(bytes: &[u8]) -> bool {
    match bytes {
        [b'\t' | b'\n' | b'\r', ..] => false,
        [control, ..] if *control < b' ' => true,
        [0xef, 0xbf, 0xbe | 0xbf, ..] => true,
        _ => false,
    }
}

fn escaped_in_text(byte: u8) -> Option<&'static str> {
    match byte {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'>' => Some("&gt;"),
        b'\r' => Some("&#xD;"),
        _ => None,
    }
}

fn escaped_in_attribute(byte: u8) -> Option<&'static str> {
    match byte {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'"' => Some("&quot;"),
        b'\t' => Some("&#x9;"),
        b'\n' => Some("&#xA;"),
        b'\r' => Some("&#xD;"),
        _ => None,
    }
}

impl Tag<'_> {
    /// Declares a prefix; before the attributes, prefixes in alphabetical order.
    pub(crate) fn declare(mut self, name: &'static str, uri: &'static str) -> Self {
        debug_assert!(name.starts_with("xmlns:") && self.last < name, "{name} is out of order");
        self.last = name;
        self.put(name, uri);
        self
    }

    /// An attribute; after the declarations, in canonical order.
    pub(crate) fn attribute(mut self, name: &'static str, value: &str) -> Self {
        let unordered = self.last.starts_with("xmlns:") || name.contains(':');
        debug_assert!(unordered || self.last < name, "{name} is out of order");
        self.last = name;
        self.put(name, value);
        self
    }

    /// Ends the tag; what is written next goes into the element.
    pub(crate) fn open(self) {
        self.writer.out.push('>');
        self.writer.open.push(self.name);
    }

    /// Ends the tag and the element around `text`.
    pub(crate) fn text(self, text: &str) {
        let (writer, name) = (self.writer, self.name);
        writer.out.push('>');
        writer.escape(text, escaped_in_text);
        writer.out.push_str("</");
        writer.out.push_str(name);
        writer.out.push('>');
    }

    /// Ends the element right away. Canonical XML has no `<empty/>`.
    pub(crate) fn empty(self) {
        self.text("");
    }

    fn put(&mut self, name: &'static str, value: &str) {
        let writer = &mut *self.writer;
        writer.out.push(' ');
        writer.out.push_str(name);
        writer.out.push_str("=\"");
        writer.escape(value, escaped_in_attribute);
        writer.out.push('"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> Result<String> {
        let mut writer = Writer::with_capacity(64);
        writer.start("a").declare("xmlns:b", "urn:b").attribute("c", text).text(text);
        writer.finish()
    }

    #[test]
    fn every_value_is_escaped_as_canonical_xml_wants_it() {
        let xml = written("&<>\"'\t\n\r\u{7f}é😀").expect("all of it can be written");
        let text = "&amp;&lt;&gt;\"'\t\n&#xD;\u{7f}é😀";
        let attribute = "&amp;&lt;>&quot;'&#x9;&#xA;&#xD;\u{7f}é😀";
        assert_eq!(xml, format!("<a xmlns:b=\"urn:b\" c=\"{attribute}\">{text}</a>"));
    }

    #[test]
    fn what_xml_cannot_carry_is_an_error() {
        for bad in ['\0', '\u{1}', '\u{b}', '\u{1b}', '\u{1f}', '\u{fffe}', '\u{ffff}'] {
            assert_eq!(written(&format!("a{bad}b")), Err(Error::Character(bad)), "{bad:?}");
        }
        for fine in ['\u{85}', '\u{202e}', '\u{ffef}', '\u{fffd}', '\u{10ffff}', '\u{d7ff}'] {
            assert!(written(&format!("a{fine}b")).is_ok(), "{fine:?}");
        }
    }
}
