//! One row and its hash: SHA-256 over the hash before, the number, and every column, each with its
//! length, so that no two rows have the same bytes.

use diesel::{ExpressionMethods, QueryDsl, Queryable, RunQueryDsl};
use model::{Ts, audit_chain::ChainedRow};
use sha2::{Digest as _, Sha256};

use crate::{Error, Tx, schema::audit_log};

/// What comes before the first row.
pub(super) const NOTHING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Every column as it lies there.
#[derive(Queryable)]
pub(super) struct LinkRow {
    pub(super) id: String,
    at: i64,
    actor: String,
    kind: String,
    subject: String,
    subject_fold: String,
    outcome: String,
    detail: String,
    client_address: String,
    correlation_id: String,
    pub(super) number: Option<i64>,
    pub(super) hash: Option<String>,
}

impl LinkRow {
    /// The hash that this row has in this place.
    pub(super) fn hash_after(&self, before: &str, number: i64) -> String {
        let mut digest = Sha256::new();
        let mut add = |bytes: &[u8]| {
            digest.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
            digest.update(bytes);
        };
        add(b"gatehouse audit row 1");
        add(before.as_bytes());
        add(&number.to_be_bytes());
        add(&self.at.to_be_bytes());
        for text in [
            &self.id,
            &self.actor,
            &self.kind,
            &self.subject,
            &self.subject_fold,
            &self.outcome,
            &self.detail,
            &self.client_address,
            &self.correlation_id,
        ] {
            add(text.as_bytes());
        }
        hex::encode(digest.finalize())
    }

    pub(super) fn chained(self) -> Option<ChainedRow> {
        Some(ChainedRow {
            number: self.number?,
            hash: self.hash.unwrap_or_default(),
            id: self.id,
            at: Ts(self.at),
            actor: self.actor,
            kind: self.kind,
            subject: self.subject,
            outcome: self.outcome,
            detail: self.detail,
            client_address: self.client_address,
            correlation_id: self.correlation_id,
        })
    }
}

/// Rows after a number, in order.
pub(super) fn after(tx: &mut Tx, number: i64, limit: i64) -> Result<Vec<LinkRow>, Error> {
    let rows = audit_log::table
        .filter(audit_log::number.gt(number))
        .order(audit_log::number)
        .limit(limit)
        .load(&mut tx.conn)?;
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(subject: &str, detail: &str) -> LinkRow {
        let text = str::to_owned;
        LinkRow {
            id: text("1"),
            at: 5,
            actor: text("\"schedule\""),
            kind: text("sync.run"),
            subject: text(subject),
            subject_fold: text(subject),
            outcome: text("done"),
            detail: text(detail),
            client_address: text(""),
            correlation_id: text("c"),
            number: None,
            hash: None,
        }
    }

    /// R153
    #[test]
    fn place_hash_before_and_every_border_count() {
        let hash = row("ab", "c").hash_after(NOTHING, 1);
        assert_eq!(hash, row("ab", "c").hash_after(NOTHING, 1));
        assert_ne!(hash, row("a", "bc").hash_after(NOTHING, 1));
        assert_ne!(hash, row("ab", "c").hash_after(NOTHING, 2));
        assert_ne!(hash, row("ab", "c").hash_after(&hash, 1));
    }
}
