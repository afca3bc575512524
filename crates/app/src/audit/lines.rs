//! A row of the audit log as a line for other systems: JSON in plain ASCII. Everything else is escaped,
//! so neither a line break nor a letter that turns others around reaches whoever reads it (R154).

use std::fmt::Write as _;

use model::audit_chain::ChainedRow;
use serde_json::{Value, json};

/// The line, without its end.
pub(super) fn of_row(row: &ChainedRow) -> String {
    let actor: Value =
        serde_json::from_str(&row.actor).unwrap_or_else(|_| Value::String(row.actor.clone()));
    let line = json!({
        "number": row.number,
        "hash": row.hash,
        "id": row.id,
        "at": row.at.datetime().format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string(),
        "actor": actor,
        "kind": row.kind,
        "subject": row.subject,
        "outcome": row.outcome,
        "detail": row.detail,
        "address": row.client_address,
        "correlation_id": row.correlation_id,
    });
    ascii(&line.to_string())
}

/// JSON with everything escaped that is not printable ASCII: outside of texts there is nothing else.
pub(super) fn ascii(json: &str) -> String {
    let mut line = String::with_capacity(json.len());
    for c in json.chars() {
        if c == ' ' || c.is_ascii_graphic() {
            line.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            write!(line, "\\u{unit:04x}").expect("a string takes any text");
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use model::Ts;

    use super::*;

    /// R154
    #[test]
    fn no_text_breaks_a_line_or_turns_it_around() {
        let hostile = "a\r\nb\u{0}\u{1b}[2J\u{7f}\u{85}\u{2028}\u{202e}\u{2066}\u{200b}ü😀\"\\";
        let text = str::to_owned;
        let row = ChainedRow {
            number: 7,
            hash: text("ab"),
            id: text("1"),
            at: Ts(1_764_147_600_123_456),
            actor: text("{not json\n"),
            kind: text("sign_in.password"),
            subject: text(hostile),
            outcome: text("refused"),
            detail: text(hostile),
            client_address: text("198.51.100.9"),
            correlation_id: text("c"),
        };
        let line = of_row(&row);
        assert!(line.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{line}");
        let read: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(
            (read["subject"].as_str(), read["detail"].as_str()),
            (Some(hostile), Some(hostile))
        );
        assert_eq!(read["at"], "2025-11-26T09:00:00.123456Z");
        assert_eq!(read["actor"], "{not json\n");
    }
}
