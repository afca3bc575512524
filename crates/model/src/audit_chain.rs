//! The chain that proves of the audit log that nothing in it was changed (R153): numbered rows, each
//! with the hash of itself and of all before it, an end that is signed, and checkpoints of it that
//! are kept elsewhere.

mod finding;

pub use finding::Finding;
use serde::{Deserialize, Serialize};

use crate::Ts;

/// How many findings of one check are told; the others are counted.
pub const TOLD: usize = 50;

/// The end of the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The number of the last row.
    pub number: i64,
    /// The hash of the last row, in hex.
    pub hash: String,
    /// When this end was signed.
    pub at: Ts,
    /// The row before which the end was once found forged. It is signed, so nobody takes it back.
    pub broken_at: Option<i64>,
}

impl Head {
    /// What is signed: what it is for, and every field.
    #[must_use]
    pub fn statement(&self, purpose: Purpose) -> String {
        let Self { number, hash, at, broken_at } = self;
        let purpose = match purpose {
            Purpose::Head => "head",
            Purpose::Checkpoint => "checkpoint",
        };
        let broken = broken_at.map_or_else(|| "never".to_owned(), |number| number.to_string());
        format!("gatehouse audit {purpose} 1\n{number}\n{hash}\n{}\n{broken}\n", at.0)
    }
}

/// What a signature is good for; one for the other is worth nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The end of the chain, in the database.
    Head,
    /// A checkpoint, elsewhere.
    Checkpoint,
}

/// An end of the chain that was signed to be kept elsewhere: a line of JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// The end as it was.
    pub audit_checkpoint: Head,
    /// The public key that the signature is of (Ed25519), in hex.
    pub key: String,
    /// The signature, in hex.
    pub signature: String,
}

/// What a file of checkpoints holds: each line with its number, as far as it can be read.
#[must_use]
pub fn read_checkpoints(text: &str) -> Vec<(usize, Option<Checkpoint>)> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(index, line)| (index + 1, serde_json::from_str(line).ok())).collect()
}

/// A row as it lies in the database, word for word: what was changed can't be read as a noun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainedRow {
    /// Its place in the chain.
    pub number: i64,
    /// Its hash, in hex.
    pub hash: String,
    /// Its id.
    pub id: String,
    /// When it happened.
    pub at: Ts,
    /// Who did it, in JSON.
    pub actor: String,
    /// What, a dotted name.
    pub kind: String,
    /// Whom or what it was done to.
    pub subject: String,
    /// How it ended.
    pub outcome: String,
    /// Why, or what changed.
    pub detail: String,
    /// From which address.
    pub client_address: String,
    /// Joins it with the log.
    pub correlation_id: String,
}

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// How many rows were looked at.
    pub rows: u64,
    /// The number of the last one.
    pub last: i64,
    /// How many rows have no number yet.
    pub waiting: i64,
    /// How many checkpoints were compared.
    pub checkpoints: u64,
    /// What is not as it was written; the first ones.
    pub findings: Vec<Finding>,
    /// How many findings there are besides.
    pub more: u64,
}

impl Report {
    /// Notes a finding.
    pub fn note(&mut self, finding: Finding) {
        if self.findings.len() < TOLD {
            self.findings.push(finding);
        } else {
            self.more += 1;
        }
    }

    /// Whether everything is as it was written.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.findings.is_empty()
    }
}

/// How far the house itself has checked the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// When it last did.
    pub at: Ts,
    /// Up to which row.
    pub number: i64,
    /// When it last began at the first row.
    pub whole_at: Option<Ts>,
    /// What was found, in a sentence; `None`: nothing.
    pub finding: Option<String>,
}

/// A place that the log is brought to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sink {
    /// Which: `checkpoints FILE`, `file FILE` or `syslog HOST:PORT`.
    pub name: String,
    /// Up to which row it has the log.
    pub number: i64,
    /// When it was last tried.
    pub tried_at: Ts,
    /// When it last took something.
    pub delivered_at: Option<Ts>,
    /// Since when it takes nothing.
    pub failing_since: Option<Ts>,
    /// Why; empty when it takes what it is given.
    pub trouble: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R153
    #[test]
    fn each_field_and_the_purpose_are_in_what_is_signed() {
        let head = Head { number: 7, hash: "ab".to_owned(), at: Ts(5), broken_at: None };
        let statement = head.statement(Purpose::Head);
        for other in [
            head.statement(Purpose::Checkpoint),
            Head { number: 8, ..head.clone() }.statement(Purpose::Head),
            Head { hash: "ac".to_owned(), ..head.clone() }.statement(Purpose::Head),
            Head { at: Ts(6), ..head.clone() }.statement(Purpose::Head),
            Head { broken_at: Some(1), ..head }.statement(Purpose::Head),
        ] {
            assert_ne!(statement, other);
        }
    }

    #[test]
    fn a_line_that_is_no_checkpoint_is_told_by_its_number() {
        let head = Head { number: 7, hash: "ab".to_owned(), at: Ts(5), broken_at: None };
        let [key, signature] = ["k", "s"].map(str::to_owned);
        let checkpoint = Checkpoint { audit_checkpoint: head, key, signature };
        let line = serde_json::to_string(&checkpoint).unwrap();
        let read = read_checkpoints(&format!("{line}\n\n{{\"number\":7\n{line}\n"));
        let expected = [(1, Some(checkpoint.clone())), (3, None), (4, Some(checkpoint))];
        assert_eq!(read, expected);
    }

    #[test]
    fn no_report_grows_without_end() {
        let mut report = Report::default();
        assert!(report.is_whole());
        for number in 0..60 {
            report.note(Finding::Changed { number });
        }
        assert_eq!((report.findings.len(), report.more), (50, 10));
    }
}
