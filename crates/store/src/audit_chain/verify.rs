//! Walks the chain from one end to the other, in one snapshot, and notes whatever is not as it was
//! written.

use std::collections::BTreeMap;

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, dsl::min};
use model::audit_chain::{Checkpoint, Finding, Head, Report};

use super::{find, link, signer::Signer};
use crate::{Error, Tx, schema::audit_log};

/// How many rows are in memory at once.
const PORTION: i64 = 1_000;

/// What was signed elsewhere, by the row that it was made of.
type Signed = BTreeMap<i64, Vec<Head>>;

/// Checks every row after `after` (0: all of them) against its hash, the end against its signature, and
/// both against checkpoints that were kept elsewhere, each with the line that it stands in.
pub fn verify(
    tx: &mut Tx,
    after: i64,
    checkpoints: &[(usize, Option<Checkpoint>)],
) -> Result<Report, Error> {
    let mut report = Report { last: after, ..Report::default() };
    let chain = find(tx)?;
    let signer = match &chain {
        Some(chain) => open(tx, chain, &mut report)?,
        None => None,
    };
    let mut anchors = sort(checkpoints, signer.as_ref(), &mut report);
    walk(tx, after, &mut anchors, &mut report)?;
    for head in anchors.into_values().flatten() {
        report.note(Finding::Lost { number: head.number, signed_at: head.at });
    }
    match chain {
        Some(chain) => end(tx, &chain.head(), after, &mut report)?,
        None if report.rows > 0 => report.note(Finding::Endless),
        None => {}
    }
    report.waiting =
        audit_log::table.filter(audit_log::number.is_null()).count().get_result(&mut tx.conn)?;
    Ok(report)
}

/// The key, and whether the end of the chain carries its signature.
fn open(tx: &Tx, chain: &super::ChainRow, report: &mut Report) -> Result<Option<Signer>, Error> {
    let signer = match Signer::open(tx, chain) {
        Ok(signer) => signer,
        Err(Error::Corrupt { .. } | Error::UnknownMasterKey { .. }) => {
            report.note(Finding::Keyless);
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    if !signer.has_signed(chain) {
        report.note(Finding::Forged);
    } else if let Some(number) = chain.broken_at {
        report.note(Finding::Broken { number });
    }
    Ok(Some(signer))
}

/// The checkpoints that are ours; the others are findings.
fn sort(
    checkpoints: &[(usize, Option<Checkpoint>)],
    signer: Option<&Signer>,
    report: &mut Report,
) -> Signed {
    let mut anchors = Signed::new();
    for (line, checkpoint) in checkpoints {
        match checkpoint {
            None => report.note(Finding::Unreadable { line: *line }),
            Some(it) if signer.is_none_or(|signer| signer.has_made(it)) => {
                let head = it.audit_checkpoint.clone();
                anchors.entry(head.number).or_default().push(head);
                report.checkpoints += 1;
            }
            Some(_) => report.note(Finding::Foreign { line: *line }),
        }
    }
    anchors
}

fn walk(tx: &mut Tx, after: i64, anchors: &mut Signed, report: &mut Report) -> Result<(), Error> {
    let mut before = first_hash(tx, after)?;
    if before.is_none() {
        report.note(Finding::Missing { from: after, to: after });
    }
    loop {
        let rows = link::after(tx, report.last, PORTION)?;
        let full = i64::try_from(rows.len()) == Ok(PORTION);
        for row in rows {
            let number = row.number.unwrap_or_default();
            if number != report.last + 1 {
                report.note(Finding::Missing { from: report.last + 1, to: number - 1 });
                before = None;
            }
            let hash = row.hash.clone().unwrap_or_default();
            if before.is_some_and(|before| row.hash_after(&before, number) != hash) {
                report.note(Finding::Changed { number });
            }
            for head in anchors.remove(&number).unwrap_or_default() {
                if head.hash != hash {
                    report.note(Finding::Rewritten { number, signed_at: head.at });
                }
            }
            (before, report.last) = (Some(hash), number);
            report.rows += 1;
        }
        if !full {
            return Ok(());
        }
    }
}

/// The hash before the first row that is looked at.
fn first_hash(tx: &mut Tx, after: i64) -> Result<Option<String>, Error> {
    if after == 0 {
        return Ok(Some(link::NOTHING.to_owned()));
    }
    let row = link::after(tx, after - 1, 1)?.pop().filter(|row| row.number == Some(after));
    Ok(row.and_then(|row| row.hash))
}

/// What the end says against what is there.
fn end(tx: &mut Tx, head: &Head, after: i64, report: &mut Report) -> Result<(), Error> {
    let below: Option<i64> = audit_log::table
        .filter(audit_log::number.lt(1))
        .select(min(audit_log::number))
        .first(&mut tx.conn)?;
    if let Some(number) = below {
        report.note(Finding::Beyond { number });
    }
    let last = report.last;
    if last < head.number {
        report.note(Finding::Cut { last, head: head.number });
    } else if last > head.number {
        let beyond = link::after(tx, head.number.max(after), 1)?.pop().and_then(|row| row.number);
        report.note(Finding::Beyond { number: beyond.unwrap_or(last) });
    } else if ending_hash(tx, last)? != head.hash {
        report.note(Finding::Ends { number: last });
    }
    Ok(())
}

fn ending_hash(tx: &mut Tx, last: i64) -> Result<String, Error> {
    Ok(first_hash(tx, last)?.unwrap_or_default())
}
